"""Functions that Databricks has and open-source Spark has not, by their documented types, so that Spark can analyse what calls them.

They compute nothing: every one answers NULL of its type. GEOGRAPHY(4326) is GEOMETRY(4326) here, because a SQL function has one
type for each parameter. docs.databricks.com/sql/language-manual/sql-ref-st-geospatial-functions-alpha (2026-11).
Spark itself has st_asbinary, st_geomfromwkb, st_geogfromwkb, st_setsrid and st_srid.
"""
import re

GEO = "GEOMETRY(ANY)"
# Result: functions and their parameters; g is a geometry, ? what has a default.
FUNCTIONS = {
    "DOUBLE": "st_area(g) st_length(g) st_perimeter(g) st_x(g) st_y(g) st_z(g) st_m(g) st_xmin(g) st_xmax(g) st_ymin(g) st_ymax(g) "
              "st_zmin(g) st_zmax(g) st_distance(g,g) st_distancesphere(g,g) st_distancespheroid(g,g) st_azimuth(g,g)",
    "INT": "st_dimension(g) st_ndims(g) st_npoints(g) st_numgeometries(g) st_numinteriorrings(g) st_nrings(g)",
    "BOOLEAN": "st_contains(g,g) st_covers(g,g) st_disjoint(g,g) st_equals(g,g) st_intersects(g,g) st_touches(g,g) st_within(g,g) "
               "st_dwithin(g,g,DOUBLE) st_isempty(g) st_isvalid(g)",
    "STRING": "st_astext(g) st_asewkt(g) st_asgeojson(g) st_geometrytype(g) st_geohash(g,INT?)",
    "BINARY": "st_asewkb(g)",
    f"ARRAY<{GEO}>": "st_dump(g)",
    "BIGINT": "h3_longlatash3(DOUBLE,DOUBLE,INT)",
    GEO: "st_geomfromtext(STRING,INT?) st_geomfromewkt(STRING) st_geomfromewkb(BINARY) st_geomfromgeojson(STRING) st_geomfromgeohash(STRING) "
         "st_geogfromtext(STRING) st_point(DOUBLE,DOUBLE,INT?) st_makeline(ARRAY<GEOMETRY(ANY)>) st_collect(ARRAY<GEOMETRY(ANY)>) st_makepolygon(g,ARRAY<GEOMETRY(ANY)>?) "
         "st_boundary(g) st_buffer(g,DOUBLE) st_centroid(g) st_convexhull(g) st_envelope(g) st_force2d(g) st_multi(g) st_reverse(g) "
         "st_simplify(g,DOUBLE) st_transform(g,INT) st_intersection(g,g) st_union(g,g) st_geometryn(g,INT) st_pointn(g,INT) st_startpoint(g) "
         "st_endpoint(g) st_exteriorring(g) st_interiorringn(g,INT) st_addpoint(g,g,INT?) st_removepoint(g,INT) st_setpoint(g,INT,g)",
}


def statements():
    """A CREATE TEMPORARY FUNCTION each."""
    for result, functions in FUNCTIONS.items():
        for name, inside in re.findall(r"(\w+)\((.*?)\)(?= |$)", functions):
            parameters = []
            for number, kind in enumerate(re.findall(r"ARRAY<[^>]*>\??|[^,]+", inside)):
                spelled = GEO if kind == "g" else kind.rstrip("?")
                parameters.append(f"p{number} {spelled}" + (" DEFAULT NULL" if kind.endswith("?") else ""))
            yield f"CREATE OR REPLACE TEMPORARY FUNCTION {name}({', '.join(parameters)}) RETURNS {result} RETURN CAST(NULL AS {result})"


def make(session):
    for statement in statements():
        session.sql(statement)


def spelled(text):
    """Spark's own st_geogfromwkb makes a GEOGRAPHY, which the functions here do not take."""
    text = re.sub(r"\bGEOGRAPHY\(4326\)", "GEOMETRY(4326)", text)
    at = text.lower().find("st_geogfromwkb(")
    if at < 0:
        return text
    end = at + len("st_geogfromwkb(")
    begin, depth = end, 1
    while depth and end < len(text):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return f"{text[:at]}st_geomfromwkb({spelled(text[begin:end - 1])}, 4326){spelled(text[end:])}" if not depth else text


def stored(text):
    """A table with geometries, whose columns open-source Delta refuses and Parquet takes."""
    text = spelled(text)
    if not re.match(r"(?i)\s*CREATE\b", text) or not re.search(r"\bGEOMETRY\(\d+\)", text) or re.search(r"\bUSING\b", text):
        return text
    text = re.sub(r"(?i)\s+GENERATED\s+(?:ALWAYS|BY\s+DEFAULT)\s+AS\s+IDENTITY\s*\([^()]*\)", "", text)  # nor does Parquet number rows
    return re.sub(r"(?s)^(.*\))(.*)$", r"\1 USING PARQUET\2", text, count=1)

// Spatial functions that ask for parts of geometries and how two of them lie. Sources: spatial.cc.
// Where Redshift has NULL for a geometry of another kind, Databricks raises an error.
#include "sql/functions/function.h"

namespace lakeshift::sql::functions::spatial_parts {
namespace {

constexpr std::string_view kSpheroid =
    "areas and lengths on the ellipsoid need not agree in their last digits";
constexpr std::string_view kNotEmpty = "geometries that are compared or united are not empty";
// Later than Databricks Runtime 17.1, with which the others came.
constexpr std::string_view kRuntime172 = "the runtime is Databricks Runtime 17.2 or later";
constexpr std::string_view kRuntime18 = "the runtime is Databricks Runtime 18.1 or later";
constexpr std::string_view kAngle =
    "the runtime is Databricks Runtime 18.1 or later, points given to ST_Angle are not empty, and "
    "its last digits do not matter";

constexpr Function kRows[] = {
    {.name = "st_x", .arguments = "g", .result = "double", .spelling = "st_x($1)"},
    {.name = "st_y", .arguments = "g", .result = "double", .spelling = "st_y($1)"},
    {.name = "st_z", .arguments = "g", .result = "double", .spelling = "st_z($1)"},
    {.name = "st_m", .arguments = "g", .result = "double", .spelling = "st_m($1)"},
    {.name = "st_xmin", .arguments = "g", .result = "double", .spelling = "st_xmin($1)"},
    {.name = "st_xmax", .arguments = "g", .result = "double", .spelling = "st_xmax($1)"},
    {.name = "st_ymin", .arguments = "g", .result = "double", .spelling = "st_ymin($1)"},
    {.name = "st_ymax", .arguments = "g", .result = "double", .spelling = "st_ymax($1)"},
    {.name = "st_zmin", .arguments = "g", .result = "double", .spelling = "st_zmin($1)"},
    {.name = "st_zmax", .arguments = "g", .result = "double", .spelling = "st_zmax($1)"},
    {.name = "st_mmin",
     .arguments = "g",
     .refusal = "has no equivalent; take the least st_m of its points"},
    {.name = "st_mmax",
     .arguments = "g",
     .refusal = "has no equivalent; take the greatest st_m of its points"},
    {.name = "st_srid", .arguments = "g", .result = "int", .spelling = "st_srid($1)"},
    {.name = "st_dimension", .arguments = "g", .result = "int", .spelling = "st_dimension($1)"},
    {.name = "st_ndims", .arguments = "g", .result = "int", .spelling = "st_ndims($1)"},
    {.name = "st_npoints", .arguments = "g", .result = "int", .spelling = "st_npoints($1)"},
    {.name = "st_npoints", .arguments = "y", .result = "int", .spelling = "st_npoints($1)"},
    {.name = "st_numpoints",
     .arguments = "g",
     .result = "int",
     .spelling = "CASE WHEN st_geometrytype($1) = 'ST_LineString' THEN st_npoints($1) END"},
    {.name = "st_numgeometries",
     .arguments = "g",
     .result = "int",
     .spelling =
         "CASE WHEN st_geometrytype($1) IN ('ST_Point', 'ST_LineString', 'ST_Polygon') THEN "
         "CAST(NOT st_isempty($1) AS INT) ELSE st_numgeometries($1) END"},
    {.name = "st_numinteriorrings",
     .arguments = "g",
     .result = "int",
     .spelling = "CASE WHEN st_geometrytype($1) = 'ST_Polygon' THEN st_numinteriorrings($1) END",
     .caveat = kRuntime172},
    {.name = "st_nrings",
     .arguments = "g",
     .result = "int",
     .spelling = "CASE WHEN st_geometrytype($1) IN ('ST_Polygon', 'ST_MultiPolygon') THEN "
                 "st_nrings($1) WHEN st_geometrytype($1) = 'ST_GeometryCollection' THEN "
                 "raise_error('rings of a collection are not counted') WHEN $1 IS NOT NULL THEN 0 "
                 "END",
     .caveat = kRuntime18},
    {.name = "st_geometrytype",
     .arguments = "g",
     .result = "varchar(21)",
     .spelling = "st_geometrytype($1)"},
    {.name = "geometrytype",
     .arguments = "g",
     .result = "varchar(19)",
     .spelling = "upper(substring(st_geometrytype($1), 4))",
     .caveat = "geometries given to GeometryType have no m coordinate without z"},
    {.name = "st_geometryn",
     .arguments = "gi",
     .result = "geometry",
     .spelling =
         "CASE WHEN st_geometrytype($1) IN ('ST_Point', 'ST_LineString', 'ST_Polygon') THEN "
         "CASE WHEN $2 = 1 THEN $1 END WHEN $2 < 1 THEN raise_error('index out of range') "
         "ELSE st_geometryn($1, $2) END"},
    {.name = "st_pointn",
     .arguments = "gi",
     .result = "geometry",
     .spelling = "CASE WHEN st_geometrytype($1) = 'ST_LineString' AND abs($2) BETWEEN 1 AND "
                 "st_npoints($1) THEN st_pointn($1, $2) END",
     .caveat = "the result of ST_PointN has the SRID of the line, as in the reference's example"},
    {.name = "st_startpoint",
     .arguments = "g",
     .result = "geometry",
     .spelling = "CASE WHEN st_geometrytype($1) = 'ST_LineString' AND NOT st_isempty($1) THEN "
                 "st_startpoint($1) END"},
    {.name = "st_endpoint",
     .arguments = "g",
     .result = "geometry",
     .spelling = "CASE WHEN st_geometrytype($1) = 'ST_LineString' AND NOT st_isempty($1) THEN "
                 "st_endpoint($1) END"},
    {.name = "st_exteriorring",
     .arguments = "g",
     .result = "geometry",
     .spelling = "CASE WHEN st_geometrytype($1) = 'ST_Polygon' THEN st_exteriorring($1) END",
     .caveat = "the runtime is Databricks Runtime 17.2 or later, and polygons given to "
               "ST_ExteriorRing are not empty"},
    {.name = "st_interiorringn",
     .arguments = "gi",
     .result = "geometry",
     .spelling = "CASE WHEN st_geometrytype($1) = 'ST_Polygon' AND $2 BETWEEN 1 AND "
                 "st_numinteriorrings($1) THEN st_interiorringn($1, $2) END",
     .caveat = kRuntime172},
    {.name = "st_points",
     .arguments = "g",
     .refusal = "has no equivalent; take the points by st_pointn"},
    {.name = "st_addpoint",
     .arguments = "gg",
     .result = "geometry",
     .spelling = "st_addpoint($1, $2)"},
    {.name = "st_addpoint",
     .arguments = "ggi",
     .result = "geometry",
     .spelling = "st_addpoint($1, $2, CASE WHEN $3 >= 0 THEN $3 + 1 WHEN $3 = -1 THEN -1 WHEN $3 < "
                 "-1 THEN raise_error('index out of range') END)"},
    {.name = "st_removepoint",
     .arguments = "gi",
     .result = "geometry",
     .spelling = "st_removepoint($1, CASE WHEN $2 >= 0 THEN $2 + 1 WHEN $2 < 0 THEN "
                 "raise_error('index out of range') END)"},
    {.name = "st_setpoint",
     .arguments = "gig",
     .result = "geometry",
     .spelling = "st_setpoint($1, CASE WHEN $2 >= 0 THEN $2 + 1 ELSE $2 END, $3)"},
    {.name = "st_lineinterpolatepoint",
     .arguments = "gn",
     .refusal = "has no equivalent; compute the point from the line's points"},
    {.name = "st_linefrommultipoint",
     .arguments = "g",
     .result = "geometry",
     .spelling =
         "CASE st_geometrytype($1) WHEN 'ST_MultiPoint' THEN st_makeline(array($1)) ELSE "
         "CASE WHEN $1 IS NOT NULL THEN raise_error('the geometry is no multipoint') END END"},
    {.name = "st_contains",
     .arguments = "gg",
     .result = "boolean",
     .spelling = "st_contains($1, $2)"},
    {.name = "st_containsproperly",
     .arguments = "gg",
     .result = "boolean",
     .spelling = "st_contains($1, $2) AND NOT st_intersects(st_boundary($1), $2)"},
    {.name = "st_within", .arguments = "gg", .result = "boolean", .spelling = "st_within($1, $2)"},
    {.name = "st_covers", .arguments = "gg", .result = "boolean", .spelling = "st_covers($1, $2)"},
    {.name = "st_coveredby",
     .arguments = "gg",
     .result = "boolean",
     .spelling = "st_covers($2, $1)"},
    {.name = "st_disjoint",
     .arguments = "gg",
     .result = "boolean",
     .spelling = "st_disjoint($1, $2)"},
    {.name = "st_intersects",
     .arguments = "gg",
     .result = "boolean",
     .spelling = "st_intersects($1, $2)"},
    {.name = "st_touches",
     .arguments = "gg",
     .result = "boolean",
     .spelling = "st_touches($1, $2)"},
    {.name = "st_equals",
     .arguments = "gg",
     .result = "boolean",
     .spelling = "st_equals($1, $2)",
     .caveat = kNotEmpty},
    // By the definition of OGC: insides meet, and a part of the one that has fewer dimensions lies
    // outside of the other; of two lines, insides meet in points alone.
    {.name = "st_crosses",
     .arguments = "gg",
     .result = "boolean",
     .spelling =
         "CASE WHEN $1 IS NULL OR $2 IS NULL THEN raise_error('ST_Crosses of NULL') WHEN "
         "'ST_GeometryCollection' IN (st_geometrytype($1), st_geometrytype($2)) THEN "
         "raise_error('ST_Crosses of a collection') WHEN NOT st_intersects($1, $2) OR "
         "st_touches($1, $2) THEN FALSE WHEN st_dimension($1) < st_dimension($2) THEN NOT "
         "st_covers($2, $1) WHEN st_dimension($1) > st_dimension($2) THEN NOT st_covers($1, $2) "
         "ELSE st_dimension($1) = 1 AND st_dimension(st_intersection($1, $2)) = 0 END"},
    {.name = "st_dwithin",
     .arguments = "ggn",
     .result = "boolean",
     .spelling = "st_dwithin($1, $2, $3)"},
    {.name = "st_distance",
     .arguments = "gg",
     .result = "double",
     .spelling = "st_distance($1, $2)"},
    {.name = "st_distance",
     .arguments = "yy",
     .result = "double",
     .spelling = "st_distancespheroid(st_geomfromwkb(st_asbinary($1), 4326), "
                 "st_geomfromwkb(st_asbinary($2), 4326))",
     .caveat = kSpheroid},
    {.name = "st_distancesphere",
     .arguments = "gg",
     .result = "double",
     .spelling = "st_distancesphere($1, $2)"},
    {.name = "st_distancesphere",
     .arguments = "ggn",
     .result = "double",
     .spelling = "CASE WHEN $3 < 0 THEN raise_error('the radius is negative') ELSE "
                 "st_distancesphere($1, $2) / 6371008.771415059D * $3 END",
     .caveat = kSpheroid},
    {.name = "st_azimuth",
     .arguments = "gg",
     .result = "double",
     .spelling = "CASE WHEN NOT st_equals($1, $2) THEN st_azimuth($1, $2) END",
     .caveat = kRuntime18},
    // Azimuths go clockwise, as angles do in Redshift.
    {.name = "st_angle",
     .arguments = "ggg",
     .result = "double",
     .spelling = "CASE WHEN NOT st_equals($1, $2) AND NOT st_equals($2, $3) THEN "
                 "pmod(st_azimuth($2, $3) - st_azimuth($2, $1), 2 * pi()) END",
     .caveat = kAngle},
    {.name = "st_angle",
     .arguments = "gggg",
     .result = "double",
     .spelling = "CASE WHEN NOT st_equals($1, $2) AND NOT st_equals($3, $4) THEN "
                 "pmod(st_azimuth($3, $4) - st_azimuth($1, $2), 2 * pi()) END",
     .caveat = kAngle},
    {.name = "st_isempty", .arguments = "g", .result = "boolean", .spelling = "st_isempty($1)"},
    {.name = "st_isvalid",
     .arguments = "g",
     .result = "boolean",
     .spelling = "st_isvalid($1)",
     .caveat = "geometries given to ST_IsValid are valid or not by the rules of OGC"},
    {.name = "st_iscollection",
     .arguments = "g",
     .result = "boolean",
     .spelling = "st_geometrytype($1) IN ('ST_MultiPoint', 'ST_MultiLineString', "
                 "'ST_MultiPolygon', 'ST_GeometryCollection')"},
    {.name = "st_isclosed",
     .arguments = "g",
     .result = "boolean",
     .spelling = "CASE st_geometrytype($1) WHEN 'ST_LineString' THEN NOT st_isempty($1) AND "
                 "st_equals(st_startpoint($1), st_endpoint($1)) WHEN 'ST_MultiLineString' THEN "
                 "raise_error('ST_IsClosed of several lines is not translated') WHEN "
                 "'ST_GeometryCollection' THEN raise_error('ST_IsClosed of a collection is not "
                 "translated') ELSE NOT st_isempty($1) END"},
    {.name = "st_issimple", .arguments = "g", .refusal = "has no equivalent; use Apache Sedona"},
    {.name = "st_isring", .arguments = "g", .refusal = "has no equivalent; use Apache Sedona"},
    {.name = "st_ispolygonccw",
     .arguments = "g",
     .refusal = "has no equivalent; use Apache Sedona"},
    {.name = "st_ispolygoncw", .arguments = "g", .refusal = "has no equivalent; use Apache Sedona"},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "Spatial functions: parts and relations",
                                     .rows = kRows};

}  // namespace lakeshift::sql::functions::spatial_parts

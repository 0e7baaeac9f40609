// Spatial functions that make, write and compute geometries; spatial_parts.cc has those that ask.
// docs.aws.amazon.com/redshift/latest/dg/geospatial-functions.html; what they become:
// docs.databricks.com/sql/language-manual/sql-ref-st-geospatial-functions-alpha and the page of
// each, …/functions/st_…: every name that is written here or in spatial_parts.cc has one (2026-11).
// Open-source Spark has none of them: what is said of these statements is the documented rule.
#include <charconv>
#include <optional>

#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::spatial {
namespace {

constexpr std::string_view kText =
    "texts of geometries are read as geometries: Redshift writes coordinates with 15 digits, "
    "Databricks with all they have";
constexpr std::string_view kOrder =
    "it does not matter where the points of a computed geometry begin, and which way they go";
// Later than Databricks Runtime 17.1, with which the others came.
constexpr std::string_view kRuntime173 = "the runtime is Databricks Runtime 17.3 or later";
constexpr std::string_view kRuntime181 = "the runtime is Databricks Runtime 18.1 or later";
constexpr std::string_view kRuntime18Lts =
    "the runtime is Databricks Runtime 18 LTS, which is later than 18.2";
constexpr std::string_view kBoundary =
    "the runtime is Databricks Runtime 18.0 or later, and it does not matter where the points of a "
    "boundary begin, and which way they go";
constexpr std::string_view kFlat = "geometries written as EWKB have two dimensions";
constexpr std::string_view kSpheroid =
    "areas and lengths on the ellipsoid need not agree in their last digits";

// Of 'SRID=4326;POINT(1 2)' the number; what is behind the semicolon stays in `text`.
std::optional<int> cut_srid(std::string& text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == text.npos || !same_word(std::string_view(text).substr(begin, 5), "SRID="))
    return std::nullopt;
  const auto end = text.find(';', begin);
  if (end == text.npos) return std::nullopt;
  int number = 0;
  const char* last = text.data() + end;
  const auto read = std::from_chars(text.data() + begin + 5, last, number);
  if (read.ec != std::errc() || read.ptr != last) return std::nullopt;
  text.erase(0, end + 1);
  return number;
}

// Redshift keeps any number as SRID, Databricks those of a registry: EPSG's begin at 1024, ESRI's
// above them. EPSG Dataset: codes of 1024 to 32767.
constexpr int kLeastSrid = 1024;

void check_srid(Rewriter& rewriter, const Call& call, int srid) {
  if (srid > 0 && srid < kLeastSrid)
    rewriter.refuse(call.source, "sql-geometry-srid",
                    "Databricks takes no SRID that is in no registry, as " + std::to_string(srid),
                    "use the code that EPSG has for the coordinates, or 0");
}

// Functions that take an SRID as their last argument and keep their name.
Expr with_srid(Rewriter& rewriter, const Call& call) {
  const Node* last = call.arguments.back().node;
  int srid = 0;
  if (last->kind == Kind::number)
    std::from_chars(last->text().data(), last->text().data() + last->text().size(), srid);
  check_srid(rewriter, call, srid);
  if (same_word(call.name, "st_transform"))
    rewriter.assume("coordinates of ST_Transform need not agree in their last digits");
  return {rewriter.call(call.name, {call.arguments[0].node, call.arguments[1].node}),
          type_of(Base::geometry)};
}

// A constant tells its SRID, so that the type has it: GEOMETRY(4326), which can be stored.
Expr geometry_from_ewkt(Rewriter& rewriter, const Call& call) {
  std::string text;
  const Type type = type_of(Base::geometry);
  if (!read_string(call.arguments[0].node, text)) {
    rewriter.assume("the runtime is Databricks Runtime 18.0 or later, which has st_geomfromewkt");
    return {rewriter.call("st_geomfromewkt", {call.arguments[0].node}), type};
  }
  rewriter.applied("ewkt-constant");
  const auto srid = cut_srid(text);
  if (!srid) return {rewriter.call("st_geomfromtext", {rewriter.string(text)}), type};
  check_srid(rewriter, call, *srid);
  return {rewriter.call("st_geomfromtext", {rewriter.string(text), rewriter.number(*srid)}), type};
}

Expr geography_from_text(Rewriter& rewriter, const Call& call) {
  std::string text;
  const Type type = type_of(Base::geography);
  if (!read_string(call.arguments[0].node, text)) {
    rewriter.assume("texts given to ST_GeogFromText have no SRID, which is 4326 then");
    return {rewriter.call("st_geogfromtext", {call.arguments[0].node}), type};
  }
  const auto srid = cut_srid(text);
  if (srid) rewriter.applied("ewkt-constant");
  if (srid && *srid != 4326)
    rewriter.refuse(call.source, "sql-geography-srid",
                    "a GEOGRAPHY has the SRID 4326 in Databricks, and no other",
                    "transform the coordinates to WGS 84 first");
  return {rewriter.call("st_geogfromtext", {rewriter.string(text)}), type};
}

// The precision can be the default only.
Expr as_text(Rewriter& rewriter, const Call& call) {
  if (call.arguments.size() > 1 &&
      (call.arguments[1].node->kind != Kind::number || call.arguments[1].node->text() != "15"))
    rewriter.refuse(call.source, "sql-no-equivalent",
                    std::string(call.name) + " with a precision has no equivalent",
                    "leave the precision out, and round the coordinates where they are made");
  rewriter.assume(std::string(kText));
  return {rewriter.call(call.name, {call.arguments[0].node}), varchar_of(65535)};
}

Expr buffer(Rewriter& rewriter, const Call& call) {
  if (call.arguments.size() > 2)
    rewriter.refuse(call.source, "sql-no-equivalent",
                    "ST_Buffer with a number of segments has no equivalent",
                    "leave the number out where any approximation of the circle will do");
  rewriter.warn(call.source, "sql-geometry-buffer",
                "a quarter of a circle has 8 segments in Redshift; how many in Databricks is not "
                "documented, so areas of buffers may differ",
                "compare the buffers that matter");
  return {rewriter.call("st_buffer", {call.arguments[0].node, call.arguments[1].node}),
          type_of(Base::geometry)};
}

// Of all geometries of a group; NULLs are left out, and nothing but NULLs gives NULL.
Expr collect(Rewriter& rewriter, const Call& call) {
  rewriter.assume(std::string(kRuntime18Lts));
  if (call.arguments.size() == 2) {
    rewriter.assume("geometries given to ST_Collect have as many dimensions as each other");
    return {rewriter.fill("CASE WHEN $1 IS NULL THEN $2 WHEN $2 IS NULL THEN $1 ELSE "
                          "st_collect(array($1, $2)) END",
                          {call.arguments[0].node, call.arguments[1].node}),
            type_of(Base::geometry)};
  }
  if (call.source->get(Role::within) || call.source->has(kDistinct))
    rewriter.refuse(call.source, "sql-no-equivalent",
                    "ST_Collect of ordered or distinct geometries has no equivalent",
                    "leave the order out where it is no matter");
  rewriter.assume(
      "the order of the geometries in ST_Collect, which is not determined without "
      "WITHIN GROUP, is no matter");
  return {rewriter.fill("CASE WHEN count($1) > 0 THEN st_collect(collect_list($1)) END",
                        {call.arguments[0].node}),
          type_of(Base::geometry)};
}

Expr geohash(Rewriter& rewriter, const Call& call) {
  const Node* digits = call.arguments.size() > 1 ? call.arguments[1].node : nullptr;
  int count = 0;
  if (digits && digits->kind == Kind::number)
    std::from_chars(digits->text().data(), digits->text().data() + digits->text().size(), count);
  if (count < 1 || count > 12)
    rewriter.refuse(call.source, "sql-function-arguments",
                    "ST_GeoHash is translated with a precision of 1 to 12 only",
                    "write the precision: Redshift's default is 20");
  return {rewriter.call("st_geohash", {call.arguments[0].node, rewriter.number(count)}),
          varchar_of(20)};
}

constexpr Function kRows[] = {
    {.name = "st_geomfromtext",
     .arguments = "s",
     .result = "geometry",
     .spelling = "st_geomfromtext($1)"},
    {.name = "st_geomfromtext", .arguments = "si", .hook = with_srid},
    {.name = "st_geomfromewkt", .arguments = "s", .hook = geometry_from_ewkt},
    {.name = "st_geomfromwkb",
     .arguments = "s",
     .result = "geometry",
     .spelling = "st_geomfromwkb(unhex($1))"},
    {.name = "st_geomfromwkb",
     .arguments = "si",
     .result = "geometry",
     .spelling = "st_geomfromwkb(unhex($1), $2)"},
    {.name = "st_geomfromewkb",
     .arguments = "s",
     .result = "geometry",
     .spelling = "st_geomfromewkb(unhex($1))"},
    {.name = "st_geomfromgeojson",
     .arguments = "s",
     .result = "geometry",
     .spelling = "st_geomfromgeojson($1)"},
    {.name = "st_geomfromgeohash",
     .arguments = "s",
     .result = "geometry",
     .spelling = "st_setsrid(st_geomfromgeohash($1), 0)",
     .caveat = kOrder},
    {.name = "st_geomfromgeohash",
     .arguments = "si",
     .result = "geometry",
     .spelling =
         "st_setsrid(st_geomfromgeohash(CASE WHEN $2 > 0 THEN left($1, $2) WHEN $2 < 0 THEN "
         "$1 WHEN $2 = 0 THEN raise_error('the precision of a geohash is 0') END), 0)",
     .caveat = kOrder},
    {.name = "st_geogfromtext", .arguments = "s", .hook = geography_from_text},
    {.name = "st_geogfromwkb",
     .arguments = "s",
     .result = "geography",
     .spelling = "st_geogfromwkb(unhex($1))",
     .caveat = "texts given to ST_GeogFromWKB have no SRID, which is 4326 then"},
    {.name = "st_point", .arguments = "nn", .result = "geometry", .spelling = "st_point($1, $2)"},
    {.name = "st_makepoint",
     .arguments = "nn",
     .result = "geometry",
     .spelling = "st_point($1, $2)"},
    {.name = "st_makepoint",
     .arguments = "nnn",
     .result = "geometry",
     .spelling = "st_geomfromtext(concat('POINT Z (', CAST($1 AS DOUBLE), ' ', CAST($2 AS DOUBLE), "
                 "' ', CAST($3 AS DOUBLE), ')'))"},
    {.name = "st_makepoint",
     .arguments = "nnnn",
     .result = "geometry",
     .spelling = "st_geomfromtext(concat('POINT ZM (', CAST($1 AS DOUBLE), ' ', CAST($2 AS "
                 "DOUBLE), ' ', CAST($3 AS DOUBLE), ' ', CAST($4 AS DOUBLE), ')'))"},
    {.name = "st_makeenvelope",
     .arguments = "nnnn",
     .result = "geometry",
     .spelling = "st_envelope(st_makeline(array(st_point($1, $2), st_point($3, $4))))",
     .caveat = kOrder},
    {.name = "st_makeenvelope",
     .arguments = "nnnni",
     .result = "geometry",
     .spelling = "st_envelope(st_makeline(array(st_point($1, $2, $5), st_point($3, $4, $5))))",
     .caveat = kOrder},
    {.name = "st_makeline",
     .arguments = "gg",
     .result = "geometry",
     .spelling = "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN st_makeline(array($1, $2)) END"},
    {.name = "st_makepolygon",
     .arguments = "g",
     .result = "geometry",
     .spelling = "st_makepolygon($1)"},
    {.name = "st_makepolygon",
     .arguments = "gg",
     .result = "geometry",
     .spelling = "CASE WHEN st_numgeometries($2) = 0 THEN st_makepolygon($1) WHEN $2 IS NOT NULL "
                 "THEN st_makepolygon($1, st_dump($2)) END",
     .caveat = kRuntime173},
    {.name = "st_polygon",
     .arguments = "gi",
     .result = "geometry",
     .spelling = "st_setsrid(st_makepolygon($1), $2)"},
    {.name = "st_collect", .arguments = "g", .hook = collect, .aggregate = true},
    {.name = "st_collect", .arguments = "gg", .hook = collect},
    {.name = "h3_fromlonglat",
     .arguments = "nni",
     .result = "bigint",
     .spelling = "h3_longlatash3($1, $2, $3)"},
    {.name = "h3_frompoint",
     .arguments = "gi",
     .result = "bigint",
     .spelling = "h3_longlatash3(st_x($1), st_y($1), $2)"},
    {.name = "h3_polyfill",
     .arguments = "gi",
     .refusal = "has no equivalent whose order is known; use h3_polyfillash3 and explode"},
    {.name = "st_astext", .arguments = "gi?", .hook = as_text},
    {.name = "st_astext", .arguments = "yi?", .hook = as_text},
    {.name = "st_asewkt", .arguments = "gi?", .hook = as_text},
    {.name = "st_asewkt", .arguments = "yi?", .hook = as_text},
    {.name = "st_asgeojson", .arguments = "gi?", .hook = as_text},
    {.name = "st_asgeojson", .arguments = "yi?", .hook = as_text},
    {.name = "st_asbinary", .arguments = "g", .result = "varbyte", .spelling = "st_asbinary($1)"},
    {.name = "st_asewkb",
     .arguments = "g",
     .result = "varbyte",
     .spelling = "st_asewkb($1)",
     .caveat = kFlat},
    {.name = "st_ashexwkb",
     .arguments = "g",
     .result = "varchar(65535)",
     .spelling = "hex(st_asbinary($1))"},
    {.name = "st_ashexwkb",
     .arguments = "y",
     .result = "varchar(65535)",
     .spelling = "hex(st_asbinary($1))"},
    {.name = "st_ashexewkb",
     .arguments = "g",
     .result = "varchar(65535)",
     .spelling = "hex(st_asewkb($1))",
     .caveat = kFlat},
    {.name = "st_ashexewkb",
     .arguments = "y",
     .result = "varchar(65535)",
     .spelling = "hex(st_asewkb(st_geomfromwkb(st_asbinary($1), 4326)))",
     .caveat = kFlat},
    {.name = "st_geohash", .arguments = "gi?", .hook = geohash},
    {.name = "st_memsize",
     .arguments = "g",
     .refusal = "tells of the form in which Redshift keeps it; use octet_length(st_asbinary(…))"},
    {.name = "addbbox", .arguments = "g", .result = "geometry", .spelling = "$1"},
    {.name = "dropbbox", .arguments = "g", .result = "geometry", .spelling = "$1"},
    {.name = "supportsbbox",
     .arguments = "g",
     .refusal = "tells of the form in which Redshift keeps it; leave it out"},
    {.name = "st_area", .arguments = "g", .result = "double", .spelling = "st_area($1)"},
    {.name = "st_area",
     .arguments = "y",
     .result = "double",
     .spelling = "st_area($1)",
     .caveat = kSpheroid},
    {.name = "st_length", .arguments = "g", .result = "double", .spelling = "st_length($1)"},
    {.name = "st_length",
     .arguments = "y",
     .result = "double",
     .spelling = "st_length($1)",
     .caveat = kSpheroid},
    {.name = "st_length2d", .arguments = "g", .result = "double", .spelling = "st_length($1)"},
    {.name = "st_lengthsphere",
     .arguments = "g",
     .refusal = "has no equivalent; add st_distancesphere of its points, or use st_length of a "
                "GEOGRAPHY, which is on the ellipsoid"},
    {.name = "st_perimeter", .arguments = "g", .result = "double", .spelling = "st_perimeter($1)"},
    {.name = "st_perimeter",
     .arguments = "y",
     .result = "double",
     .spelling = "st_perimeter($1)",
     .caveat = kSpheroid},
    {.name = "st_perimeter2d",
     .arguments = "g",
     .result = "double",
     .spelling = "st_perimeter($1)"},
    {.name = "st_boundary",
     .arguments = "g",
     .result = "geometry",
     .spelling = "st_boundary($1)",
     .caveat = kBoundary},
    {.name = "st_buffer", .arguments = "gnn?", .hook = buffer},
    {.name = "st_centroid",
     .arguments = "g",
     .result = "geometry",
     .spelling = "CASE WHEN NOT st_isempty($1) THEN st_centroid($1) END"},
    {.name = "st_convexhull",
     .arguments = "g",
     .result = "geometry",
     .spelling = "st_convexhull($1)",
     .caveat = kOrder},
    {.name = "st_envelope",
     .arguments = "g",
     .result = "geometry",
     .spelling = "st_envelope($1)",
     .caveat = kOrder},
    {.name = "st_force2d",
     .arguments = "g",
     .result = "geometry",
     .spelling = "st_force2d($1)",
     .caveat = kRuntime181},
    {.name = "st_force3d", .arguments = "g", .refusal = "has no equivalent; use Apache Sedona"},
    {.name = "st_force3dz", .arguments = "g", .refusal = "has no equivalent; use Apache Sedona"},
    {.name = "st_force3dm", .arguments = "g", .refusal = "has no equivalent; use Apache Sedona"},
    {.name = "st_force4d", .arguments = "g", .refusal = "has no equivalent; use Apache Sedona"},
    {.name = "st_intersection",
     .arguments = "gg",
     .result = "geometry",
     .spelling = "st_intersection($1, $2)",
     .caveat = kOrder},
    {.name = "st_union",
     .arguments = "gg",
     .result = "geometry",
     .spelling =
         "CASE WHEN st_isempty($1) OR st_isempty($2) THEN raise_error('ST_Union of an empty "
         "geometry is not translated') ELSE st_union($1, $2) END",
     .caveat = kOrder},
    {.name = "st_multi", .arguments = "g", .result = "geometry", .spelling = "st_multi($1)"},
    {.name = "st_reverse", .arguments = "g", .result = "geometry", .spelling = "st_reverse($1)"},
    {.name = "st_setsrid", .arguments = "gi", .hook = with_srid},
    {.name = "st_simplify",
     .arguments = "gn",
     .result = "geometry",
     .spelling = "st_simplify($1, greatest($2, 0))",
     .caveat = "lines and polygons that ST_Simplify takes together are left as a line, a point or "
               "nothing alike, and what it is given has no m coordinates, which Databricks drops"},
    {.name = "st_transform", .arguments = "gi", .hook = with_srid},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "Spatial functions: making and computing",
                                     .rows = kRows};

}  // namespace lakeshift::sql::functions::spatial

// JSON and SUPER functions. docs.aws.amazon.com/redshift/latest/dg/json-functions.html,
// c_Array_Functions.html, c_Type_Info_Functions.html (2026-11).
#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::document {
namespace {

bool is_true(const Expr& one) { return one.node->kind == Kind::boolean && one.node->code != 0; }
bool is_flag(const Expr& one) { return one.node->kind == Kind::boolean; }

// What is not there is NULL; what is no JSON is an error, or NULL when that is asked for.
// docs.aws.amazon.com/redshift/latest/dg/JSON_EXTRACT_PATH_TEXT.html (2026-11): "returns NULL";
// editions before 2023 said "an empty string": docs/decisions/0004.
Expr found(Rewriter& rewriter, Node* text, Node* path, bool lenient) {
  const std::string_view pattern =
      lenient ? "CASE WHEN try_parse_json($1) IS NOT NULL THEN get_json_object($1, $2) END"
              : "CASE WHEN try_parse_json($1) IS NOT NULL THEN get_json_object($1, $2) WHEN $1 IS "
                "NOT NULL THEN raise_error('invalid JSON') END";
  return {rewriter.fill(pattern, {text, path}), varchar_of(65535)};
}

Expr extract_path(Rewriter& rewriter, const Call& call) {
  rewriter.applied("json-path");
  auto arguments = call.arguments;
  const bool flagged = arguments.size() > 2 && is_flag(arguments.back());
  const bool lenient = flagged && is_true(arguments.back());
  if (flagged) arguments = arguments.subspan(0, arguments.size() - 1);
  std::string path = "$";
  Node* dynamic = nullptr;
  for (const Expr& step : arguments.subspan(1)) {
    std::string key;
    if (read_string(step.node, key)) {
      if (key.find('\'') != key.npos) {
        rewriter.refuse(step.node, "sql-json-path", "a key with a quote has no path in Databricks",
                        "use parse_json and variant_get");
        continue;
      }
      path += "['" + key + "']";
      continue;
    }
    Node* before = dynamic ? rewriter.fill("concat($1, $2)", {dynamic, rewriter.string(path)})
                           : rewriter.string(path);
    dynamic = rewriter.fill("concat($1, '[\\'', $2, '\\']')", {before, step.node});
    path.clear();
  }
  Node* whole =
      dynamic ? (path.empty() ? dynamic
                              : rewriter.fill("concat($1, $2)", {dynamic, rewriter.string(path)}))
              : rewriter.string(path);
  return found(rewriter, arguments[0].node, whole, lenient);
}

Expr extract_element(Rewriter& rewriter, const Call& call) {
  rewriter.applied("json-path");
  const bool lenient = call.arguments.size() > 2 && is_true(call.arguments[2]);
  Node* index = call.arguments[1].node;
  Node* path = index->kind == Kind::number
                   ? rewriter.string("$[" + std::string(index->text()) + "]")
                   : rewriter.fill("concat('$[', $1, ']')", {index});
  return found(rewriter, call.arguments[0].node, path, lenient);
}

Expr array_length(Rewriter& rewriter, const Call& call) {
  rewriter.applied("json-array-length");
  if (call.arguments.size() > 1 && is_true(call.arguments[1]))
    return {rewriter.call("json_array_length", {call.arguments[0].node}), type_of(Base::integer)};
  return {rewriter.fill("CASE WHEN json_array_length($1) IS NULL AND $1 IS NOT NULL THEN "
                        "raise_error('invalid JSON array') ELSE json_array_length($1) END",
                        {call.arguments[0].node}),
          type_of(Base::integer)};
}

Expr array(Rewriter& rewriter, const Call& call) {
  if (call.arguments.empty()) {
    rewriter.applied("array-to-variant");
    return {rewriter.fill("parse_json('[]')", {}), type_of(Base::super)};
  }
  std::vector<Node*> kids{rewriter.as(Role::name, rewriter.ident("array"))};
  Type common;
  bool first = true, mixed = false;
  for (const Expr& one : call.arguments) {
    const Type own = one.type.is(Base::literal) ? varchar_of(65535) : one.type;
    common = first ? own : common_type(common, own);
    first = false;
    kids.push_back(rewriter.as(Role::args, one.node));
    mixed = mixed || (!common.known() && one.type.known());
  }
  if (mixed) {  // each element is a VARIANT of its own type
    rewriter.applied("mixed-array");
    for (std::size_t i = 0; i < call.arguments.size(); ++i)
      if (!call.arguments[i].type.is(Base::super))
        kids[i + 1] = rewriter.as(Role::args, rewriter.cast(call.arguments[i].node, "VARIANT"));
  }
  rewriter.applied("array-to-variant");
  return {rewriter.cast(rewriter.make(Kind::call, kids), "VARIANT"), type_of(Base::super)};
}

Expr object(Rewriter& rewriter, const Call& call) {
  std::string key;
  bool constant = true;
  for (std::size_t i = 0; i < call.arguments.size(); i += 2)
    constant = constant && read_string(call.arguments[i].node, key);
  std::vector<Node*> kids{
      rewriter.as(Role::name, rewriter.ident(constant ? "named_struct" : "map"))};
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const Expr& one = call.arguments[i];
    const bool of_own_type = !constant && i % 2 == 1 && !one.type.is(Base::super);
    kids.push_back(
        rewriter.as(Role::args, of_own_type ? rewriter.cast(one.node, "VARIANT") : one.node));
  }
  rewriter.applied("object-to-variant");
  return {rewriter.call("to_variant_object", {rewriter.make(Kind::call, kids)}),
          type_of(Base::super)};
}

constexpr std::string_view kBits =
    "array_join(transform(slice(sequence(0, octet_length($1)), 2, octet_length($1)), i -> "
    "lpad(conv(hex(substring($1, i, 1)), 16, 2), 8, '0')), '')";

Expr from_varbyte(Rewriter& rewriter, const Call& call) {
  std::string format;
  const bool constant = read_string(call.arguments[1].node, format);
  format = lower_case(format);
  Node* bytes = call.arguments[0].type.is_text()
                    ? rewriter.call("to_binary", {call.arguments[0].node, rewriter.string("UTF-8")})
                    : call.arguments[0].node;
  const Type type = varchar_of(65535);
  rewriter.applied("from_varbyte");
  if (format == "hex") return {rewriter.fill("lower(hex($1))", {bytes}), type};
  if (format == "base64") return {rewriter.call("base64", {bytes}), type};
  if (format == "utf-8" || format == "utf8")
    return {rewriter.fill("decode($1, 'UTF-8')", {bytes}), type};
  if (format == "binary") return {rewriter.fill(kBits, {bytes}), type};
  rewriter.refuse(call.source, "sql-format",
                  constant ? "FROM_VARBYTE has no format '" + format + "'"
                           : std::string("the format of FROM_VARBYTE is no constant"),
                  "write 'hex', 'binary', 'base64' or 'utf-8'");
  return {bytes, type};
}

// The format must be a constant there.
Expr to_varbyte(Rewriter& rewriter, const Call& call) {
  std::string format;
  const bool constant = read_string(call.arguments[1].node, format);
  format = lower_case(format);
  if (constant && format == "binary") {
    rewriter.applied("to_varbyte");
    return {
        rewriter.fill("CASE WHEN $1 RLIKE '^([01]{8})*\\\\z' THEN unhex(array_join(transform("
                      "slice(sequence(0, length($1) DIV 8), 2, CAST(length($1) DIV 8 AS INT)), i "
                      "-> lpad(conv(substring($1, CAST(8 * i - 7 AS INT), 8), 2, 16), 2, '0')), "
                      "'')) WHEN $1 IS NOT NULL THEN raise_error('the text has no eights of 0 "
                      "and 1') END",
                      {call.arguments[0].node}),
        type_of(Base::varbyte)};
  }
  if (!constant || (format != "hex" && format != "base64" && format != "utf-8" && format != "utf8"))
    rewriter.refuse(call.source, "sql-format",
                    "TO_VARBYTE with another format than hex, base64 or utf-8",
                    "convert the text to hex first");
  return {rewriter.call("to_binary", {call.arguments[0].node, call.arguments[1].node}),
          type_of(Base::varbyte)};
}

Expr split(Rewriter& rewriter, const Call& call) {
  std::string delimiter = ",";
  if (call.arguments.size() > 1 && !read_string(call.arguments[1].node, delimiter))
    rewriter.refuse(call.source, "sql-no-equivalent",
                    "SPLIT_TO_ARRAY with a delimiter that is no constant has no equivalent",
                    "write the delimiter as a constant");
  rewriter.applied("split_to_array");
  return {rewriter.fill("CAST(split($1, $2) AS VARIANT)",
                        {call.arguments[0].node, rewriter.string("\\Q" + delimiter + "\\E")}),
          type_of(Base::super)};
}

constexpr std::string_view kTypeOf =
    "CASE WHEN schema_of_variant($1) LIKE 'OBJECT%' THEN 'object' WHEN schema_of_variant($1) LIKE "
    "'ARRAY%' THEN 'array' WHEN "
    "schema_of_variant($1) = 'STRING' THEN 'string' WHEN schema_of_variant($1) = 'BOOLEAN' THEN "
    "'boolean' WHEN schema_of_variant($1) = "
    "'VOID' THEN 'null' WHEN $1 IS NOT NULL THEN 'number' END";

constexpr Function kRows[] = {
    {.name = "json_extract_path_text", .arguments = "sa*", .hook = extract_path},
    {.name = "json_extract_array_element_text", .arguments = "sib?", .hook = extract_element},
    {.name = "json_array_length", .arguments = "sb?", .hook = array_length},
    {.name = "is_valid_json",
     .arguments = "s",
     .result = "boolean",
     .spelling = "CASE WHEN $1 IS NOT NULL THEN try_parse_json($1) IS NOT NULL AND ltrim($1) LIKE "
                 "'{%' END"},
    {.name = "is_valid_json_array",
     .arguments = "s",
     .result = "boolean",
     .spelling = "CASE WHEN $1 IS NOT NULL THEN try_parse_json($1) IS NOT NULL AND ltrim($1) LIKE "
                 "'[%' END"},
    {.name = "json_parse", .arguments = "s", .result = "super", .spelling = "parse_json($1)"},
    {.name = "can_json_parse",
     .arguments = "s",
     .result = "boolean",
     .spelling = "CASE WHEN $1 IS NOT NULL THEN try_parse_json($1) IS NOT NULL END"},
    {.name = "json_serialize",
     .arguments = "j",
     .result = "varchar(65535)",
     .spelling = "to_json($1)",
     .caveat = "the order of the fields of an object does not count"},
    {.name = "json_serialize_to_varbyte",
     .arguments = "j",
     .result = "varbyte",
     .spelling = "encode(to_json($1), 'UTF-8')",
     .caveat = "the order of the fields of an object does not count"},
    {.name = "json_size",
     .arguments = "j",
     .result = "bigint",
     .spelling = "octet_length(to_json($1))"},
    {.name = "json_typeof", .arguments = "j", .result = "varchar(10)", .spelling = kTypeOf},
    {.name = "array", .arguments = "a*", .hook = array},
    {.name = "object", .arguments = "a*", .hook = object},
    {.name = "array_concat",
     .arguments = "jj",
     .result = "super",
     .spelling = "CAST(concat(CAST($1 AS ARRAY<VARIANT>), CAST($2 AS ARRAY<VARIANT>)) AS VARIANT)"},
    {.name = "array_flatten",
     .arguments = "j",
     .result = "super",
     .spelling = "CAST(flatten(transform(CAST($1 AS ARRAY<VARIANT>), e -> CASE WHEN "
                 "schema_of_variant(e) LIKE 'ARRAY%' THEN CAST(e AS ARRAY<VARIANT>) ELSE array(e) "
                 "END)) AS VARIANT)"},
    {.name = "get_array_length",
     .arguments = "j",
     .result = "int",
     .spelling = "size(CAST($1 AS ARRAY<VARIANT>))"},
    {.name = "split_to_array", .arguments = "ss?", .hook = split},
    {.name = "subarray",
     .arguments = "ji",
     .result = "super",
     .spelling = "CAST(slice(CAST($1 AS ARRAY<VARIANT>), $2 + 1, greatest(size(CAST($1 AS "
                 "ARRAY<VARIANT>)) - $2, 0)) AS VARIANT)"},
    {.name = "subarray",
     .arguments = "jii",
     .result = "super",
     .spelling = "CAST(slice(CAST($1 AS ARRAY<VARIANT>), $2 + 1, $3) AS VARIANT)"},
    {.name = "is_array",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) LIKE 'ARRAY%'"},
    {.name = "is_object",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) LIKE 'OBJECT%'"},
    {.name = "is_scalar",
     .arguments = "j",
     .result = "boolean",
     .spelling =
         "schema_of_variant($1) NOT LIKE 'ARRAY%' AND schema_of_variant($1) NOT LIKE 'OBJECT%'"},
    {.name = "is_boolean",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) = 'BOOLEAN'"},
    {.name = "is_varchar",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) = 'STRING'"},
    {.name = "is_char",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) = 'STRING'"},
    {.name = "is_decimal",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) LIKE 'DECIMAL%'"},
    {.name = "is_float",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) IN ('FLOAT', 'DOUBLE')"},
    {.name = "is_bigint",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) = 'BIGINT'"},
    {.name = "is_integer",
     .arguments = "j",
     .result = "boolean",
     .spelling = "schema_of_variant($1) = 'BIGINT' AND CAST($1 AS BIGINT) BETWEEN -2147483648 AND "
                 "2147483647"},
    {.name = "is_smallint",
     .arguments = "j",
     .result = "boolean",
     .spelling =
         "schema_of_variant($1) = 'BIGINT' AND CAST($1 AS BIGINT) BETWEEN -32768 AND 32767"},
    {.name = "lower_attribute_names",
     .arguments = "j",
     .refusal = "has no equivalent; lower the names before parsing"},
    {.name = "upper_attribute_names",
     .arguments = "j",
     .refusal = "has no equivalent; raise the names before parsing"},
    {.name = "to_varbyte", .arguments = "sa", .result = "varbyte", .hook = to_varbyte},
    {.name = "from_varbyte", .arguments = "va", .hook = from_varbyte},
    {.name = "from_varbyte", .arguments = "sa", .hook = from_varbyte},
    {.name = "getbit",
     .arguments = "vi",
     .result = "int",
     .spelling =
         "CASE WHEN $2 < 0 OR $2 >= 8 * octet_length($1) THEN raise_error('the index is out "
         "of range') ELSE CAST(shiftright(CAST(conv(hex(substring($1, octet_length($1) - "
         "CAST($2 DIV 8 AS INT), 1)), 16, 10) AS INT), CAST($2 % 8 AS INT)) & 1 AS INT) END"},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "JSON and SUPER functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::document

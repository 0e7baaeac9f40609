// String functions. docs.aws.amazon.com/redshift/latest/dg/String_functions_header.html (2026-11).
#include <algorithm>

#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::text {
namespace {

std::optional<long long> constant_integer(const Node* node) {
  if (node->kind == Kind::paren) return constant_integer(node->at(0));
  if (node->kind == Kind::unary && static_cast<Op>(node->code) == Op::kMinus) {
    const auto value = constant_integer(node->at(0));
    return value ? std::optional(-*value) : std::nullopt;
  }
  if (node->kind != Kind::number || node->text().size() > 9 ||
      node->text().find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::stoll(std::string(node->text()));
}

// Positions before the first count, but hold nothing: substring('cat', 0, 2) is 'c'. In Spark they
// count from the end.
Expr substring(Rewriter& rewriter, const Call& call) {
  const Type type =
      call.arguments[0].type.is(Base::varbyte) ? call.arguments[0].type : varchar_of(65535);
  Node* value = call.arguments[0].node;
  Node* start = call.arguments[1].node;
  Node* length = call.arguments.size() > 2 ? call.arguments[2].node : nullptr;
  const auto from = constant_integer(start);
  if (from && *from >= 1)
    return {length ? rewriter.call("substring", {value, start, length})
                   : rewriter.call("substring", {value, start}),
            type};
  rewriter.applied("substring-start");
  if (from) {
    if (!length) return {rewriter.call("substring", {value, rewriter.number(1)}), type};
    const auto count = constant_integer(length);
    if (count)
      return {rewriter.call("substring", {value, rewriter.number(1),
                                          rewriter.number(std::max(0LL, *count + *from - 1))}),
              type};
    return {rewriter.fill("substring($1, 1, greatest($2 + $3, 0))",
                          {value, length, rewriter.number(*from - 1)}),
            type};
  }
  if (!length) return {rewriter.fill("substring($1, greatest($2, 1))", {value, start}), type};
  return {rewriter.fill("CASE WHEN $2 >= 1 THEN substring($1, $2, $3) ELSE substring($1, 1, "
                        "greatest($3 + $2 - 1, 0)) END",
                        {value, start, length}),
          type};
}

Expr split_part(Rewriter& rewriter, const Call& call) {
  const auto index = constant_integer(call.arguments[2].node);
  std::vector<Node*> nodes{call.arguments[0].node, call.arguments[1].node, call.arguments[2].node};
  if (index && *index >= 1)
    return {rewriter.fill("split_part($1, $2, $3)", nodes), varchar_of(65535)};
  rewriter.applied("split-part-position");
  return {rewriter.fill("CASE WHEN $3 > 0 THEN split_part($1, $2, $3) WHEN $3 IS NOT NULL THEN "
                        "raise_error('field position must be greater than zero') END",
                        nodes),
          varchar_of(65535)};
}

// LEFT('abc', -1) is all but the last character in PostgreSQL; Redshift's reference wants positive
// numbers.
Expr edge(Rewriter& rewriter, const Call& call) {
  const auto count = constant_integer(call.arguments[1].node);
  if (count && *count < 0)
    rewriter.refuse(
        call.source, "sql-function-arguments",
        std::string(call.name) + " with a negative count is not described by the reference",
        "use SUBSTRING");
  return {rewriter.call(call.name, {call.arguments[0].node, call.arguments[1].node}),
          varchar_of(65535)};
}

Expr concat(Rewriter& rewriter, const Call& call) {
  if (call.arguments[0].type.is(Base::varbyte))
    return {rewriter.call("concat", {call.arguments[0].node, call.arguments[1].node}),
            call.arguments[0].type};
  return {rewriter.call("concat",
                        {rewriter.text_of(call.arguments[0]), rewriter.text_of(call.arguments[1])}),
          varchar_of(65535)};
}

Expr collate(Rewriter& rewriter, const Call& call) {
  std::string name;
  if (!read_string(call.arguments[1].node, name)) name.clear();
  name = lower_case(name);
  if (name != "case_insensitive" && name != "ci" && name != "case_sensitive" && name != "cs")
    rewriter.refuse(call.source, "sql-collation", "the collation is not known",
                    "Redshift has case_sensitive and case_insensitive");
  const bool insensitive = name == "case_insensitive" || name == "ci";
  return {rewriter.call("collate", {call.arguments[0].node,
                                    rewriter.string(insensitive ? "UTF8_LCASE" : "UTF8_BINARY")}),
          varchar_of(65535)};
}

// How many of the four characters of two SOUNDEX codes agree.
Expr difference(Rewriter& rewriter, const Call& call) {
  rewriter.assume("texts given to DIFFERENCE have only ASCII letters");
  std::vector<Node*> codes;
  for (const Expr& one : call.arguments)
    codes.push_back(rewriter.fill("soundex(regexp_replace($1, '^[^A-Za-z]+', ''))", {one.node}));
  std::string pattern;
  for (const char* at : {"1", "2", "3", "4"})
    pattern += std::string(pattern.empty() ? "" : " + ") + "CAST(substring($1, " + at +
               ", 1) = substring($2, " + at + ", 1) AS INT)";
  return {rewriter.fill(pattern, codes), type_of(Base::integer)};
}

// Redshift's CRC32 is CRC-32C (Castagnoli): the guide's example, 'Amazon Redshift', is f2726906.
// Databricks' crc32 has the polynomial of zip files.
Expr crc32(Rewriter& rewriter, const Call& call) {
  rewriter.applied("crc32c");
  rewriter.note(call.source, "sql-slow-function",
                "CRC32 is computed byte by byte: Databricks has no CRC-32C",
                "keep the checksums in a column where many are needed");
  return {rewriter.fill(
              "lpad(lower(hex(aggregate(slice(sequence(0, octet_length($1)), 2, "
              "octet_length($1)), 4294967295L, (c, i) -> aggregate(sequence(1, 8), c ^ "
              "CAST(conv(hex(substring(encode($1, 'UTF-8'), i, 1)), 16, 10) AS BIGINT), (x, j) -> "
              "shiftright(x, 1) ^ ((x & 1L) * 2197175160L))) ^ 4294967295L)), 8, '0')",
              {call.arguments[0].node}),
          varchar_of(8)};
}

// FNV-1a of 64 bits over the bytes of a value: integers have those of their type, the lowest first.
// h * (2^40 + 435) in two halves, none of which leaves BIGINT.
Expr fnv_hash(Rewriter& rewriter, const Call& call) {
  const Type& type = call.arguments[0].type;
  const char* bytes = type.is(Base::smallint)  ? "array(1, 2)"
                      : type.is(Base::integer) ? "array(1, 2, 3, 4)"
                      : type.is(Base::bigint)  ? "array(1, 2, 3, 4, 5, 6, 7, 8)"
                                               : nullptr;
  std::string pattern;
  if (bytes)
    pattern = std::string("transform(") + bytes +
              ", i -> shiftright(CAST($1 AS BIGINT), 8 * (i - 1)) & 255L)";
  else if (type.is_text() || type.is(Base::varbyte))
    pattern =
        "transform(slice(sequence(0, octet_length($1)), 2, octet_length($1)), i -> CAST(conv(hex("
        "substring(CAST($1 AS BINARY), i, 1)), 16, 10) AS BIGINT))";
  else
    rewriter.refuse(call.source, "sql-function-arguments",
                    "FNV_HASH is translated for integers, texts and VARBYTE whose type is known",
                    "cast the value, or add the table's DDL to the input");
  if (pattern.empty()) return {call.arguments[0].node, type_of(Base::bigint)};
  rewriter.applied("fnv-1a");
  rewriter.assume("values given to FNV_HASH are not NULL");
  rewriter.note(call.source, "sql-slow-function",
                "FNV_HASH is computed byte by byte: Databricks has no FNV-1a",
                "keep the hashes in a column where many are needed");
  Node* seed = call.arguments.size() > 1 ? call.arguments[1].node
                                         : rewriter.fill("-3750763034362895579L", {});
  return {rewriter.fill(
              "aggregate(" + pattern +
                  ", CAST($2 AS BIGINT), (h, b) -> aggregate(array(h ^ b), 0L, (z, x) -> shiftleft"
                  "((shiftrightunsigned(x, 32) * 435L + shiftright((x & 4294967295L) * 435L, 32) + "
                  "shiftleft(x & 4294967295L, 8)) & 4294967295L, 32) | (((x & 4294967295L) * 435L) "
                  "& 4294967295L)))",
              {call.arguments[0].node, seed}),
          type_of(Base::bigint)};
}

constexpr Function kRows[] = {
    {.name = "len", .arguments = "s", .result = "int", .spelling = "length($1)"},
    {.name = "len", .arguments = "v", .result = "int", .spelling = "octet_length($1)"},
    {.name = "length", .arguments = "s", .result = "int", .spelling = "length($1)"},
    {.name = "length", .arguments = "v", .result = "int", .spelling = "octet_length($1)"},
    {.name = "char_length", .arguments = "s", .result = "int", .spelling = "length($1)"},
    {.name = "character_length", .arguments = "s", .result = "int", .spelling = "length($1)"},
    {.name = "textlen", .arguments = "s", .result = "int", .spelling = "length($1)"},
    {.name = "octet_length", .arguments = "s", .result = "int", .spelling = "octet_length($1)"},
    {.name = "octet_length", .arguments = "v", .result = "int", .spelling = "octet_length($1)"},
    {.name = "ascii", .arguments = "s", .result = "int", .spelling = "ascii($1)"},
    {.name = "chr",
     .arguments = "i",
     .result = "varchar(4)",
     .spelling = "chr($1)",
     .caveat = "numbers given to CHR are below 256"},
    {.name = "upper", .arguments = "s", .result = "=1", .spelling = "upper($1)"},
    {.name = "lower", .arguments = "s", .result = "=1", .spelling = "lower($1)"},
    {.name = "initcap",
     .arguments = "s",
     .result = "varchar(65535)",
     .spelling = "array_join(transform(regexp_extract_all(lower($1), "
                 "'[\\\\p{L}\\\\p{N}]+|[^\\\\p{L}\\\\p{N}]+', 0), w -> "
                 "concat(upper(left(w, 1)), substring(w, 2))), '')"},
    {.name = "trim", .arguments = "s", .result = "varchar(65535)", .spelling = "trim($1)"},
    {.name = "btrim", .arguments = "s", .result = "varchar(65535)", .spelling = "trim($1)"},
    {.name = "btrim",
     .arguments = "ss",
     .result = "varchar(65535)",
     .spelling = "TRIM(BOTH $2 FROM $1)"},
    {.name = "trim",
     .arguments = "ss",
     .result = "varchar(65535)",
     .spelling = "TRIM(BOTH $2 FROM $1)"},
    {.name = "ltrim", .arguments = "s", .result = "varchar(65535)", .spelling = "ltrim($1)"},
    {.name = "ltrim",
     .arguments = "ss",
     .result = "varchar(65535)",
     .spelling = "TRIM(LEADING $2 FROM $1)"},
    {.name = "rtrim", .arguments = "s", .result = "varchar(65535)", .spelling = "rtrim($1)"},
    {.name = "rtrim",
     .arguments = "ss",
     .result = "varchar(65535)",
     .spelling = "TRIM(TRAILING $2 FROM $1)"},
    {.name = "replace",
     .arguments = "sss",
     .result = "varchar(65535)",
     .spelling = "replace($1, $2, $3)"},
    {.name = "translate",
     .arguments = "sss",
     .result = "varchar(65535)",
     .spelling = "translate($1, $2, $3)"},
    {.name = "reverse", .arguments = "s", .result = "=1", .spelling = "reverse($1)"},
    {.name = "repeat", .arguments = "si", .result = "varchar(65535)", .spelling = "repeat($1, $2)"},
    {.name = "replicate",
     .arguments = "si",
     .result = "varchar(65535)",
     .spelling = "repeat($1, $2)"},
    {.name = "left", .arguments = "si", .hook = edge},
    {.name = "right", .arguments = "si", .hook = edge},
    {.name = "substring", .arguments = "sii?", .hook = substring},
    {.name = "substring", .arguments = "vii?", .hook = substring},
    {.name = "substr", .arguments = "sii?", .hook = substring},
    {.name = "strpos", .arguments = "ss", .result = "int", .spelling = "instr($1, $2)"},
    {.name = "position", .arguments = "ss", .result = "int", .spelling = "instr($2, $1)"},
    {.name = "charindex", .arguments = "ss", .result = "int", .spelling = "instr($2, $1)"},
    {.name = "octetindex",
     .arguments = "ss",
     .result = "int",
     .spelling = "CASE WHEN instr($2, $1) = 0 THEN 0 ELSE octet_length(left($2, instr($2, $1) - "
                 "1)) + 1 END"},
    {.name = "split_part", .arguments = "ssi", .hook = split_part},
    {.name = "lpad",
     .arguments = "si",
     .result = "varchar(65535)",
     .spelling = "lpad($1, $2, ' ')"},
    {.name = "lpad",
     .arguments = "sis",
     .result = "varchar(65535)",
     .spelling = "lpad($1, $2, $3)"},
    {.name = "rpad",
     .arguments = "si",
     .result = "varchar(65535)",
     .spelling = "rpad($1, $2, ' ')"},
    {.name = "rpad",
     .arguments = "sis",
     .result = "varchar(65535)",
     .spelling = "rpad($1, $2, $3)"},
    {.name = "concat", .arguments = "aa", .hook = concat},
    {.name = "collate", .arguments = "sc", .hook = collate},
    {.name = "quote_ident",
     .arguments = "s",
     .result = "varchar(65535)",
     .spelling = "CASE WHEN $1 RLIKE '^[a-z_][a-z0-9_]*\\\\z' THEN $1 ELSE concat('\"', "
                 "replace($1, '\"', '\"\"'), '\"') END",
     .caveat = "names given to QUOTE_IDENT are no reserved words"},
    {.name = "quote_literal",
     .arguments = "s",
     .result = "varchar(65535)",
     .spelling = "concat('\\'', replace(replace($1, '\\\\', '\\\\\\\\'), '\\'', '\\'\\''), '\\'')"},
    {.name = "soundex",
     .arguments = "s",
     .result = "varchar(4)",
     .spelling = "soundex(regexp_replace($1, '^[^A-Za-z]+', ''))",
     .caveat = "texts given to SOUNDEX have only ASCII letters"},
    {.name = "difference", .arguments = "ss", .hook = difference},
    {.name = "bpcharcmp",
     .arguments = "ss",
     .result = "int",
     .spelling = "CASE WHEN rtrim($1) < rtrim($2) THEN -1 WHEN rtrim($1) > rtrim($2) THEN 1 WHEN "
                 "rtrim($1) = rtrim($2) THEN 0 END"},
    {.name = "bttext_pattern_cmp",
     .arguments = "ss",
     .result = "int",
     .spelling = "CASE WHEN $1 < $2 THEN -1 WHEN $1 > $2 THEN 1 WHEN $1 = $2 THEN 0 END"},
    {.name = "crc32", .arguments = "s", .hook = crc32},
    {.name = "md5", .arguments = "s", .result = "varchar(32)", .spelling = "md5($1)"},
    {.name = "sha", .arguments = "s", .result = "varchar(40)", .spelling = "sha1($1)"},
    {.name = "sha1", .arguments = "s", .result = "varchar(40)", .spelling = "sha1($1)"},
    {.name = "func_sha1", .arguments = "s", .result = "varchar(40)", .spelling = "sha1($1)"},
    {.name = "sha2", .arguments = "si", .result = "varchar(128)", .spelling = "sha2($1, $2)"},
    {.name = "fnv_hash", .arguments = "ae?", .hook = fnv_hash},
    {.name = "farmfingerprint64",
     .arguments = "a",
     .refusal = "has no equivalent; use xxhash64 where the value need not be the same"},
    {.name = "murmur3_32_hash",
     .arguments = "a*",
     .refusal =
         "is not known to equal Spark's hash(); use hash() where the value need not be the same"},
    {.name = "checksum",
     .arguments = "a",
     .refusal = "has no equivalent; use crc32 or xxhash64 where the value need not be the same"},
    {.name = "strtol",
     .arguments = "si",
     .result = "bigint",
     .spelling = "CASE WHEN $1 RLIKE '^[-+]?(0[xX])?[0-9A-Za-z]+\\\\z' THEN "
                 "CAST(conv(regexp_replace($1, '^([-+]?)0[xX]', '$1'), $2, -10) AS "
                 "BIGINT) WHEN $1 IS NOT NULL THEN raise_error('the input is not valid to be "
                 "converted') END",
     .caveat = "texts given to STRTOL have only digits of its base"},
    {.name = "to_hex",
     .arguments = "e",
     .result = "varchar(16)",
     .spelling = "lower(hex($1))",
     .caveat = "numbers given to TO_HEX are not negative"},
    {.name = "to_hex", .arguments = "v", .result = "varchar(65535)", .spelling = "lower(hex($1))"},
    {.name = "from_hex", .arguments = "s", .result = "varbyte", .spelling = "unhex($1)"},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "String and hash functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::text

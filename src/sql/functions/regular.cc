// Regular expressions. docs.aws.amazon.com/redshift/latest/dg/REGEXP_COUNT.html, REGEXP_INSTR,
// REGEXP_REPLACE, REGEXP_SUBSTR (2026-11). POSIX by default, Perl's with 'p'.
#include "sql/functions/function.h"
#include "sql/translate/patterns.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::regular {
namespace {

struct Pattern {
  Node* regex = nullptr;
  bool perl = false, groups = false;
};

// The pattern with the flags: i without case, c with it, p Perl's, e the first group.
Pattern pattern(Rewriter& rewriter, const Call& call, std::size_t flags_at) {
  Pattern out;
  std::string flags;
  if (call.arguments.size() > flags_at) {
    if (!read_string(call.arguments[flags_at].node, flags))
      rewriter.refuse(call.source, "sql-regex",
                      "the parameters of " + std::string(call.name) + " are no constant",
                      "write them as a constant");
    if (flags.find_first_not_of("ceip") != flags.npos)
      rewriter.refuse(call.source, "sql-regex", "the parameters '" + flags + "' are not known",
                      "use c, e, i and p");
  }
  out.perl = flags.find('p') != flags.npos;
  out.groups = flags.find('e') != flags.npos;
  const bool insensitive = flags.find('i') != flags.npos;
  const Expr& given = call.arguments[1];
  std::string text, fault;
  if (!read_string(given.node, text)) {
    rewriter.assume("the regular expression means the same to Java as to POSIX");
    out.regex = insensitive ? rewriter.fill("'(?i)' || $1", {given.node}) : given.node;
    return out;
  }
  const auto java = out.perl ? std::optional(text) : java_regex(text, fault);
  if (!java)
    rewriter.refuse(given.node, "sql-regex", "the regular expression " + fault,
                    "write it with constructs that POSIX and Java share");
  out.regex = rewriter.string((insensitive ? "(?i)" : "") + java.value_or(text));
  return out;
}

bool is_one(const Expr& value) {
  return value.node->kind == Kind::number && value.node->text() == "1";
}

// The text from the start position on.
Node* from(Rewriter& rewriter, const Call& call, std::size_t at) {
  if (call.arguments.size() <= at || is_one(call.arguments[at])) return call.arguments[0].node;
  return rewriter.call("substring", {call.arguments[0].node, call.arguments[at].node});
}

Expr count(Rewriter& rewriter, const Call& call) {
  const Pattern one = pattern(rewriter, call, 3);
  rewriter.applied("regexp");
  return {rewriter.call("regexp_count", {from(rewriter, call, 2), one.regex}),
          type_of(Base::integer)};
}

// REGEXP_SUBSTR(source, pattern [, position [, occurrence [, parameters]]]): '' where there is
// none.
Expr substr(Rewriter& rewriter, const Call& call) {
  const Pattern one = pattern(rewriter, call, 4);
  rewriter.applied("regexp");
  Node* text = from(rewriter, call, 2);
  Node* group = rewriter.number(one.groups ? 1 : 0);
  if (call.arguments.size() <= 3 || is_one(call.arguments[3]))
    return {rewriter.fill("regexp_extract($1, $2, $3)", {text, one.regex, group}),
            varchar_of(65535)};
  return {rewriter.fill("CASE WHEN $1 IS NOT NULL THEN "
                        "coalesce(try_element_at(regexp_extract_all($1, $2, $3), $4), '') END",
                        {text, one.regex, group, call.arguments[3].node}),
          varchar_of(65535)};
}

Expr instr(Rewriter& rewriter, const Call& call) {
  const Pattern one = pattern(rewriter, call, 5);
  const bool first = call.arguments.size() <= 3 || is_one(call.arguments[3]);
  const bool begin = call.arguments.size() <= 4 || (call.arguments[4].node->kind == Kind::number &&
                                                    call.arguments[4].node->text() == "0");
  const bool whole = call.arguments.size() <= 2 || is_one(call.arguments[2]);
  if (!first || !whole)
    rewriter.refuse(call.source, "sql-no-equivalent",
                    "REGEXP_INSTR with a position or occurrence other than 1 has no equivalent",
                    "cut the text before");
  rewriter.applied("regexp");
  std::vector<Node*> nodes{call.arguments[0].node, one.regex};
  if (begin) return {rewriter.fill("regexp_instr($1, $2)", nodes), type_of(Base::integer)};
  return {rewriter.fill("CASE WHEN regexp_instr($1, $2) = 0 THEN 0 ELSE regexp_instr($1, $2) + "
                        "length(regexp_extract($1, $2, 0)) END",
                        nodes),
          type_of(Base::integer)};
}

// Redshift replaces all matches.
Expr replace(Rewriter& rewriter, const Call& call) {
  const Pattern one = pattern(rewriter, call, 4);
  rewriter.applied("regexp");
  Node* with = rewriter.string("");
  if (call.arguments.size() > 2) {
    std::string text;
    if (read_string(call.arguments[2].node, text))
      with = rewriter.string(java_replacement(text, one.perl));
    else
      with = call.arguments[2].node,
      rewriter.assume("replacements that are no constants have no $ and no backslash");
  }
  Node* value = call.arguments[0].node;
  if (call.arguments.size() > 3 && !is_one(call.arguments[3]))
    return {rewriter.fill("regexp_replace($1, $2, $3, $4)",
                          {value, one.regex, with, call.arguments[3].node}),
            varchar_of(65535)};
  return {rewriter.fill("regexp_replace($1, $2, $3)", {value, one.regex, with}), varchar_of(65535)};
}

constexpr Function kRows[] = {
    {.name = "regexp_count", .arguments = "ssi?s?", .hook = count},
    {.name = "regexp_substr", .arguments = "ssi?i?s?", .hook = substr},
    {.name = "regexp_instr", .arguments = "ssi?i?i?s?", .hook = instr},
    {.name = "regexp_replace", .arguments = "sss?i?s?", .hook = replace},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "Regular expression functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::regular

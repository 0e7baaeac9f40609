// The functions of the Redshift reference, one row a meaning: what Databricks spells instead, or
// why nothing there means the same. A file of functions/ defines a set; the build finds it.
// docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html (2026-11).
#pragma once

#include <span>
#include <string_view>

#include "sql/types/type.h"

namespace lakeshift::sql {

class Rewriter;
struct Expr {
  Node* node = nullptr;
  Type type{};
};

// A call being translated: the source, and its arguments, already translated.
struct Call {
  const Node* source = nullptr;
  std::string_view name{};  // in lower case
  std::span<Expr> arguments{};
};

using FunctionHook = Expr (*)(Rewriter&, const Call&);

struct Function {
  std::string_view name{};  // in lower case
  // One letter an argument; the first row whose letters fit the arguments' types is taken, and what
  // is of unknown type fits all:
  //   s text   n number   i integer (cast to INT where it is BIGINT)   e exact number   f float
  //   d made a DATE       t made a TIMESTAMP_NTZ       z TIMESTAMP with time zone      m date or
  //   timestamp   D only a date   b boolean   j SUPER   v VARBYTE   k interval   a anything
  //   g GEOMETRY   y GEOGRAPHY   c a constant   '?' behind a letter: may be missing; '*': any
  //   number of them
  std::string_view arguments{};
  // Of the source: a type's name, "=1" for that of argument 1, "+" for the common type.
  std::string_view result{};
  // Databricks SQL over $1, $2, …, $0 for all arguments that are not named. Empty: `hook`, or no
  // equivalent.
  std::string_view spelling{};
  // Where the meaning is the same only with a condition: it becomes an assumption.
  std::string_view caveat{};
  // Why there is no equivalent, and what to do instead; only without spelling and hook.
  std::string_view refusal{};
  FunctionHook hook = nullptr;
  bool aggregate = false;  // DISTINCT, FILTER, WITHIN GROUP and OVER go to the aggregates inside
};

struct FunctionSet {
  std::string_view title{};
  std::span<const Function> rows{};
};

// Generated: every kDefinition of functions/*.cc.
namespace functions {
std::span<const FunctionSet* const> all_function_sets();
}

// The rows of that name, in order of files and lines.
std::span<const Function* const> find_functions(std::string_view lower_name);

}  // namespace lakeshift::sql

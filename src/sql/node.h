// The IR: one compact node for queries, statements and procedures of every dialect. A node has a
// kind, the role it plays for its parent, its place in the source, a text (names, literals) and
// children in source order. A part that is absent is simply not there: find it by role.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lakeshift::sql {

// clang-format off
#define LS_SQL_KINDS(X) \
  X(list) X(ident) X(name) X(star) X(number) X(string) X(null) X(boolean) X(parameter) X(templated) X(default_value) \
  X(unary) X(binary) X(is_test) X(between) X(in) X(like) X(exists) X(subquery) X(quantified) X(case_) X(when) X(cast) \
  X(call) X(argument) X(special_call) X(window) X(frame) X(bound) X(row) X(array) X(paren) X(at_time_zone) X(collate) \
  X(subscript) X(slice) X(field) X(outer_mark) X(prior) X(typed_literal) X(interval) X(type) X(order_item) X(grouping) \
  X(select_item) X(exclude) X(with) X(cte) X(query) X(select) X(set_operation) X(values) X(alias) X(table) X(derived) \
  X(function_table) X(join) X(pivot) X(unpivot) X(sample) X(limit) X(locking) X(window_definition) X(object_transform) \
  X(statement) X(clause) X(words) X(assignment) X(body) X(block) X(option)

#define LS_SQL_ROLES(X) \
  X(none) X(with) X(quantifier) X(top) X(items) X(into) X(from) X(where) X(start_with) X(connect_by) X(group_by) X(having) \
  X(qualify) X(windows) X(order_by) X(limit) X(offset) X(locking) X(body) X(left) X(right) X(condition) X(using_) X(alias) \
  X(columns) X(name) X(args) X(filter) X(within) X(over) X(partition) X(frame) X(type) X(value) X(target) X(source) \
  X(otherwise) X(then) X(when) X(default_value) X(escape) X(zone) X(collation) X(base) X(index) X(upper) X(unit) X(table) \
  X(element) X(at) X(sample) X(names) X(aggregates) X(for_) X(attributes) X(constraint) X(references) X(options) X(query) \
  X(set) X(branches) X(file) X(credentials) X(format) X(to) X(schema) X(database) X(user) X(privileges) X(grantees) \
  X(objects) X(action) X(returns) X(language) X(declarations) X(statements) X(handlers) X(variable) X(label) X(message) \
  X(expression) X(key) X(policy) X(share) X(role) X(properties) X(location) X(comment) X(cursor) X(direction) X(count) \
  X(percent) X(prefix) X(exclude) X(step) X(from_pos) X(length) X(account) X(region) X(function) X(library) X(model)
// clang-format on

enum class Kind : std::uint8_t {
#define LS_KIND(id) id,
  LS_SQL_KINDS(LS_KIND)
#undef LS_KIND
};
enum class Role : std::uint8_t {
#define LS_ROLE(id) id,
  LS_SQL_ROLES(LS_ROLE)
#undef LS_ROLE
};
std::string_view spell_kind(Kind kind);
std::string_view spell_role(Role role);
// The role of that name, or Role::none.
Role find_role(std::string_view name);

// Bits of Node::flags; which apply is a matter of the kind.
enum Flag : std::uint16_t {
  kNegated = 1,     // NOT IN, IS NOT NULL …
  kDistinct = 2,    // DISTINCT
  kAll = 4,         // ALL, spelled
  kSymmetric = 8,   // BETWEEN SYMMETRIC
  kLateral = 16,    // LATERAL
  kRecursive = 32,  // WITH RECURSIVE
  kIgnoreNulls = 64,
  kRespectNulls = 128,
  kNullsInside = 256,    // IGNORE NULLS stands inside the parentheses
  kApproximate = 512,    // APPROXIMATE COUNT(…)
  kNoParens = 1024,      // CURRENT_DATE: a call without parentheses
  kTry = 2048,           // TRY_CAST
  kOperatorForm = 4096,  // x::t, x ISNULL
  kConvertForm = 8192,   // CONVERT(t, x)
  kVariadic = 16384,
  kAmbiguous = 32768,  // PostgreSQL 8 and PostgreSQL 9.5 read the operators in different orders
};

struct Node {
  Kind kind = Kind::list;
  Role role = Role::none;
  std::uint16_t code = 0;  // Op, Quote, or one of the enums below, by kind
  std::uint16_t flags = 0;
  std::uint16_t depth = 1;  // of the tree below, at least 1
  std::uint32_t begin = 0;  // bytes of the source, [begin, end); 0, 0 for nodes a translator made
  std::uint32_t end = 0;
  std::uint32_t count = 0;
  std::uint32_t text_size = 0;
  const char* text_data = nullptr;
  Node** kids = nullptr;

  std::string_view text() const { return {text_data, text_size}; }
  void set_text(std::string_view text) {
    text_data = text.data();
    text_size = static_cast<std::uint32_t>(text.size());
  }
  bool has(Flag flag) const { return (flags & flag) != 0; }
  std::span<Node* const> children() const { return {kids, count}; }
  // The first child of that role, or null.
  Node* get(Role wanted) const {
    for (std::uint32_t i = 0; i < count; ++i)
      if (kids[i]->role == wanted) return kids[i];
    return nullptr;
  }
  Node* at(std::uint32_t i) const { return kids[i]; }
  // A statement or clause: whether these keywords are among its children ("IF NOT EXISTS").
  bool says(std::string_view words) const;
};

enum class IsKind : std::uint8_t { null, true_, false_, unknown, distinct_from, json, document };
enum class LikeKind : std::uint8_t { like, ilike, similar, rlike };
enum class JoinKind : std::uint8_t { comma, inner, left, right, full, cross, semi, anti };
enum class SetKind : std::uint8_t { union_, intersect, except };
enum class SpecialForm : std::uint8_t {
  extract,
  trim,
  trim_leading,
  trim_trailing,
  trim_both,
  substring,
  position,
  overlay
};
enum class GroupingKind : std::uint8_t { rollup, cube, sets, group };
enum class BoundKind : std::uint8_t {
  unbounded_preceding,
  preceding,
  current_row,
  following,
  unbounded_following
};
enum class FrameUnit : std::uint8_t { rows, range, groups };
enum class Order : std::uint8_t {
  none = 0,
  ascending = 1,
  descending = 2,
  nulls_first = 4,
  nulls_last = 8
};
// Code of a list that is printed in parentheses.
inline constexpr std::uint16_t kInParentheses = 1;
// Bit for "NATURAL" in a join's code, above JoinKind.
inline constexpr std::uint16_t kNaturalJoin = 256;

// What stands in parentheses; null stays null.
inline const Node* without_parens(const Node* node) {
  while (node && node->kind == Kind::paren) node = node->at(0);
  return node;
}

// Whether it is a query, or one is below it.
bool has_query(const Node* node);

// Equal in everything but places. Unquoted names and keywords compare without case.
bool equal(const Node* a, const Node* b);

// An indented listing, for tests and people: kind role text flags.
std::string dump(const Node* node);

}  // namespace lakeshift::sql

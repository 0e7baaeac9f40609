#include "sql/node.h"

#include <array>

#include "sql/token.h"

namespace lakeshift::sql {
namespace {

constexpr std::string_view kKindNames[] = {
#define LS_KIND(id) #id,
    LS_SQL_KINDS(LS_KIND)
#undef LS_KIND
};
constexpr std::string_view kRoleNames[] = {
#define LS_ROLE(id) #id,
    LS_SQL_ROLES(LS_ROLE)
#undef LS_ROLE
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equal_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (!a.empty() && (a.front() == '"' || a.front() == '`' || a.front() == '\'')) return a == b;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

std::string_view without_underscore(std::string_view name) {
  return name.ends_with('_') ? name.substr(0, name.size() - 1) : name;
}

void dump_into(const Node* node, std::size_t indent, std::string& out) {
  out.append(indent * 2, ' ');
  if (node->role != Role::none) {
    out += spell_role(node->role);
    out += ": ";
  }
  out += spell_kind(node->kind);
  if (node->kind == Kind::unary || node->kind == Kind::binary || node->kind == Kind::quantified) {
    out += ' ';
    out += spell_op(static_cast<Op>(node->code));
  } else if (node->code != 0) {
    out += " #" + std::to_string(node->code);
  }
  if (node->text_size > 0) {
    out += ' ';
    out += node->text();
  }
  static constexpr std::pair<Flag, std::string_view> kNames[] = {{kNegated, "not"},
                                                                 {kDistinct, "distinct"},
                                                                 {kAll, "all"},
                                                                 {kSymmetric, "symmetric"},
                                                                 {kLateral, "lateral"},
                                                                 {kRecursive, "recursive"},
                                                                 {kIgnoreNulls, "ignore"},
                                                                 {kRespectNulls, "respect"},
                                                                 {kNullsInside, "inside"},
                                                                 {kApproximate, "approximate"},
                                                                 {kNoParens, "bare"},
                                                                 {kTry, "try"},
                                                                 {kOperatorForm, "operator"},
                                                                 {kConvertForm, "convert"},
                                                                 {kVariadic, "variadic"},
                                                                 {kAmbiguous, "ambiguous"}};
  for (const auto& [flag, name] : kNames)
    if (node->has(flag)) (out += " +") += name;
  out += '\n';
  for (const Node* kid : node->children()) dump_into(kid, indent + 1, out);
}

}  // namespace

std::string_view spell_kind(Kind kind) {
  return without_underscore(kKindNames[static_cast<std::size_t>(kind)]);
}
std::string_view spell_role(Role role) {
  return without_underscore(kRoleNames[static_cast<std::size_t>(role)]);
}

Role find_role(std::string_view name) {
  for (std::size_t i = 1; i < std::size(kRoleNames); ++i)
    if (without_underscore(kRoleNames[i]) == name) return static_cast<Role>(i);
  return Role::none;
}

bool Node::says(std::string_view words) const {
  for (std::uint32_t i = 0; i < count; ++i)
    if (kids[i]->kind == Kind::words && kids[i]->text() == words) return true;
  return false;
}

bool has_query(const Node* node) {
  if (node->kind == Kind::query) return true;
  for (const Node* kid : node->children())
    if (has_query(kid)) return true;
  return false;
}

bool equal(const Node* a, const Node* b) {
  if (a == b) return true;
  if (!a || !b || a->kind != b->kind || a->role != b->role || a->code != b->code ||
      a->flags != b->flags || a->count != b->count)
    return false;
  // What a string says depends on every byte.
  if (a->kind == Kind::string ? a->text() != b->text() : !equal_text(a->text(), b->text()))
    return false;
  for (std::uint32_t i = 0; i < a->count; ++i)
    if (!equal(a->kids[i], b->kids[i])) return false;
  return true;
}

std::string dump(const Node* node) {
  std::string out;
  if (node) dump_into(node, 0, out);
  return out;
}

}  // namespace lakeshift::sql

#include "sql/translate/replace.h"

#include <algorithm>

namespace lakeshift::sql {
namespace {

bool is_column(const Node* node) { return node->kind == Kind::ident || node->kind == Kind::name; }

// Names that are no columns: of functions, types, units, windows, aliases.
bool is_other_name(const Node* parent, std::uint32_t i) {
  const Node* kid = parent->at(i);
  if (parent->kind == Kind::call && kid->role == Role::args && kid->kind == Kind::ident &&
      takes_date_part(plain_name(parent->get(Role::name))))
    return std::none_of(parent->kids, parent->kids + i,
                        [](const Node* before) { return before->role == Role::args; });
  switch (kid->role) {
    case Role::name:
    case Role::unit:
    case Role::type:
    case Role::collation:
    case Role::alias:
      return true;
    case Role::over:
      return kid->kind == Kind::ident;
    case Role::base:
      return parent->kind == Kind::window || parent->kind == Kind::star;
    case Role::exclude:
      return true;
    default:
      return false;
  }
}

void look_below(const Node* node, bool inside,
                const std::function<void(const Node* column, bool inside)>& look) {
  if (is_column(node)) return look(node, inside);
  if (node->kind == Kind::table || node->kind == Kind::alias) return;
  inside = inside || node->kind == Kind::query;
  for (std::uint32_t i = 0; i < node->count; ++i)
    if (!is_other_name(node, i)) look_below(node->at(i), inside, look);
}

}  // namespace

bool takes_date_part(std::string_view function) {
  for (const std::string_view one : {"dateadd", "date_add", "datediff", "date_diff", "date_trunc",
                                     "date_part", "pgdate_part", "datepart"})
    if (one == function) return true;
  return false;
}

const Node* replaced(Draft& draft, const Node* expression,
                     const std::function<const Node*(const Node* part)>& replace) {
  if (const Node* other = replace(expression)) return other;
  if (is_column(expression) || expression->kind == Kind::query) return expression;
  bool changed = false;
  std::vector<Node*> kids;
  for (std::uint32_t i = 0; i < expression->count; ++i) {
    Node* kid = expression->kids[i];
    const Node* other =
        is_other_name(expression, i) ? kid : replaced(draft, expression->at(i), replace);
    changed = changed || other != kid;
    kids.push_back(other == kid ? kid : draft.as(kid->role, other));
  }
  return changed ? draft.rebuilt(expression, kids) : expression;
}

void each_column(const Node* node,
                 const std::function<void(const Node* column, bool inside)>& look) {
  look_below(node, false, look);
}

std::vector<const Node*> conjuncts(const Node* condition) {
  const bool in_parentheses = condition->kind == Kind::paren && condition->count == 1;
  if (in_parentheses) return conjuncts(condition->at(0));
  if (condition->kind != Kind::binary || static_cast<Op>(condition->code) != Op::kAnd)
    return {condition};
  std::vector<const Node*> all;
  for (const Node* kid : condition->children()) {
    const std::vector<const Node*> parts = conjuncts(kid);
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return all;
}

Node* conjunction(Draft& draft, std::span<const Node* const> conditions) {
  std::vector<Node*> kids;
  for (const Node* one : conditions) {
    const bool either =
        one->kind == Kind::binary && static_cast<Op>(one->code) == Op::kOr && conditions.size() > 1;
    Node* plain = draft.as(Role::none, one);
    kids.push_back(either ? draft.make(Kind::paren, {plain}) : plain);
  }
  if (kids.empty()) return nullptr;
  return kids.size() == 1 ? kids[0]
                          : draft.make(Kind::binary, kids, static_cast<std::uint16_t>(Op::kAnd));
}

}  // namespace lakeshift::sql

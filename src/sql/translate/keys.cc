// Values that queries compare without an operator: GROUP BY, DISTINCT, UNION, PARTITION BY, IN.
// Redshift ignores trailing blanks there too, so keys are trimmed wherever they stand.
#include <algorithm>
#include <utility>

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {
namespace {

const Node* bare(const Node* node) {
  while (node->kind == Kind::paren && node->count == 1) node = node->at(0);
  return node;
}

bool is_column(const Node* node) { return node->kind == Kind::ident || node->kind == Kind::name; }

std::string last_name(const Node* column) {
  return plain_ident((column->kind == Kind::name ? column->at(column->count - 1) : column)->text());
}

// a.x and x are one column, a.x and b.x are two.
bool same_column(const Node* a, const Node* b) {
  if (last_name(a) != last_name(b)) return false;
  if (a->kind != Kind::name || b->kind != Kind::name) return true;
  return plain_ident(a->at(a->count - 2)->text()) == plain_ident(b->at(b->count - 2)->text());
}

bool same_key(const Node* a, const Node* b) {
  a = bare(a);
  b = bare(b);
  if (a == b) return true;
  return is_column(a) && is_column(b) ? same_column(a, b) : equal_expression(a, b);
}

bool has_column(const Scope& scope, std::string_view name) {
  for (const Relation& relation : scope.relations)
    for (const OutputColumn& column : relation.columns)
      if (same_word(column.name, name)) return true;
  return false;
}

const Node* item_named(const Node* items, const std::string& name) {
  for (const Node* item : items->children()) {
    const Node* alias = item->kind == Kind::select_item ? item->get(Role::alias) : nullptr;
    if (alias && alias->kind == Kind::ident && plain_ident(alias->text()) == name)
      return item->at(0);
  }
  return nullptr;
}

const Node* item_at(const Node* items, std::string_view position) {
  const std::size_t wanted = static_cast<std::size_t>(std::atoi(std::string(position).c_str()));
  if (wanted == 0 || wanted > items->count) return nullptr;
  for (std::uint32_t i = 0; i < wanted; ++i)
    if (items->at(i)->kind == Kind::star) return nullptr;
  const Node* item = items->at(static_cast<std::uint32_t>(wanted - 1));
  return item->kind == Kind::select_item ? item->at(0) : item;
}

}  // namespace

bool equal_expression(const Node* a, const Node* b) {
  if (!a || !b || a->kind != b->kind || a->count != b->count || a->code != b->code ||
      !same_word(a->text(), b->text()))
    return false;
  for (std::uint32_t i = 0; i < a->count; ++i)
    if (!equal_expression(a->at(i), b->at(i))) return false;
  return true;
}

void Rewriter::collect_keys(const Node* group, const Node* items) {
  for (const Node* key : group->children()) {
    if (key->kind == Kind::grouping || key->kind == Kind::row) {
      collect_keys(key, items);
      continue;
    }
    const Node* found = nullptr;
    if (items && key->kind == Kind::number) found = item_at(items, key->text());
    if (items && key->kind == Kind::ident && !has_column(*scope, plain_ident(key->text())))
      found = item_named(items, plain_ident(key->text()));
    scope->keys.push_back(found ? found : key);
  }
}

bool Rewriter::is_key(const Node* node) const {
  if (!scope || !scope->keys_count || aggregates_ > 0) return false;
  return std::any_of(scope->keys.begin(), scope->keys.end(),
                     [&](const Node* key) { return same_key(key, node); });
}

// SELECT DISTINCT * of one table: its columns one by one, where some must be trimmed.
void Rewriter::star(const Node* item, QueryResult& result, std::vector<Node*>& kids) {
  const std::vector<OutputColumn> columns = scope->relations[0].columns;
  for (const OutputColumn& one : columns) {
    Node* value = ident(quote_name(one.name));
    Node* trimmed = comparable({value, one.type});
    kids.push_back(
        trimmed == value
            ? at(item, value)
            : at(item, make(Kind::select_item, {as(Role::none, trimmed),
                                                as(Role::alias, ident(quote_name(one.name)))})));
    result.columns.push_back(one);
  }
}

Node* Rewriter::group_key(const Node* key) {
  if (key->kind == Kind::grouping || key->kind == Kind::row) {
    std::vector<Node*> parts;
    for (const Node* part : key->children()) parts.push_back(group_key(part));
    return rebuilt(key, parts);
  }
  if (key->kind == Kind::number) return as(Role::none, key);
  return expression(key).node;
}

}  // namespace lakeshift::sql

#include "sql/translate/nested.h"

namespace lakeshift::sql {
bool is_nested_path(const Rewriter& rewriter, const Node* path) {
  while (path->kind == Kind::subscript || path->kind == Kind::field) path = path->at(0);
  std::span<const Node* const> parts(&path, 1);
  if (path->kind == Kind::name) parts = path->children();
  const std::string first = plain_ident(parts[0]->text());
  const std::string second = parts.size() > 1 ? plain_ident(parts[1]->text()) : "";
  for (const Scope* scope = rewriter.scope; scope; scope = scope->outer) {
    for (const Relation& relation : scope->relations) {
      if (!same_word(relation.alias, first)) continue;
      if (relation.element) return relation.nested;
      const OutputColumn* column = second.empty() ? nullptr : relation.find(second);
      return column && column->type.is_nested();
    }
    for (const Relation& relation : scope->relations)
      if (const OutputColumn* column = relation.find(first)) return column->type.is_nested();
  }
  return false;
}

Expr nested_path(Rewriter& rewriter, const Node* node, const Expr& base) {
  if (node->kind != Kind::field) {
    rewriter.refuse(node, "sql-path", "an index stands behind an ARRAY of an external table",
                    "unnest the array in FROM");
    return base;
  }
  rewriter.applied("nested-path");
  Node* const name = rewriter.ident(quote_name(node->get(Role::name)->text()));
  Node* const kids[] = {base.node, rewriter.as(Role::name, name)};
  Node* out = rewriter.rebuilt(node, kids);
  out->code = 0;
  return {out, {}};
}

Node* explode(Rewriter& rewriter, const Node* node, const Expr& value, Relation relation) {
  const bool map = value.type.is(Base::map);
  if (!relation.position.empty())
    rewriter.refuse(node, "sql-path",
                    "AT stands behind an ARRAY of an external table, which has none",
                    "number the elements with posexplode");
  relation.element = relation.nested = !map;
  if (map) relation.columns = {{"key", {}}, {"value", {}}};
  rewriter.applied("nested-unnest", value.type.known());
  if (!value.type.known())
    rewriter.assume("what is unnested in an external table is an array, or NULL");
  std::vector<Node*> columns{rewriter.ident("value")};
  if (map) columns.insert(columns.begin(), rewriter.ident("key"));
  Node* named = rewriter.make(Kind::alias,
                              {rewriter.as(Role::name, rewriter.ident(quote_name(relation.alias))),
                               rewriter.as(Role::columns, rewriter.list(columns, true))});
  rewriter.scope->relations.push_back(std::move(relation));
  Node* generator = rewriter.call("explode", {value.node});
  Node* out = rewriter.make(Kind::function_table, {rewriter.as(Role::function, generator),
                                                   rewriter.as(Role::alias, named)});
  out->flags = kLateral;
  return out;
}

}  // namespace lakeshift::sql

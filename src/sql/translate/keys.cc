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

bool same_ident(std::string_view a, std::string_view b) {
  const auto quoted = [](std::string_view text) {
    return text.starts_with('"') || text.starts_with('`');
  };
  return quoted(a) || quoted(b) ? plain_ident(a) == plain_ident(b) : same_word(a, b);
}

std::string_view last_name(const Node* column) {
  return (column->kind == Kind::name ? column->at(column->count - 1) : column)->text();
}

// a.x and x are one column, a.x and b.x are two.
bool same_column(const Node* a, const Node* b) {
  if (!same_ident(last_name(a), last_name(b))) return false;
  if (a->kind != Kind::name || b->kind != Kind::name) return true;
  return same_ident(a->at(a->count - 2)->text(), b->at(b->count - 2)->text());
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

// What a recursive query begins with says what its columns are where it reads itself.
void tell(Relation& itself, const QueryResult& first) {
  if (itself.columns.empty()) {
    itself.columns = first.columns;
    itself.complete = first.complete;
  }
  for (std::size_t i = 0; i < itself.columns.size() && i < first.columns.size(); ++i)
    itself.columns[i].type = first.columns[i].type;
}

// No aggregate, no window, no subquery.
bool is_plain(const Node* node) {
  if (node->kind == Kind::subquery || node->kind == Kind::exists || node->kind == Kind::window ||
      node->kind == Kind::quantified)
    return false;
  if (node->kind == Kind::call) {
    const auto rows = find_functions(plain_name(node->get(Role::name)));
    if (rows.empty() || rows[0]->aggregate) return false;
  }
  for (const Node* kid : node->children())
    if (!is_plain(kid)) return false;
  return true;
}

}  // namespace

const Node* item_at(const Node* items, std::string_view position) {
  if (!items) return nullptr;
  const std::size_t wanted = static_cast<std::size_t>(std::atoi(std::string(position).c_str()));
  if (wanted == 0 || wanted > items->count) return nullptr;
  for (std::uint32_t i = 0; i < wanted; ++i)
    if (items->at(i)->kind == Kind::star) return nullptr;
  const Node* item = items->at(static_cast<std::uint32_t>(wanted - 1));
  return item->kind == Kind::select_item ? item->at(0) : item;
}

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
      if (key->kind == Kind::grouping && !scope->key_sets)
        assume("ROLLUP, CUBE and GROUPING SETS are given rows: of none, Redshift yields the total");
      scope->key_sets = scope->key_sets || key->kind == Kind::grouping;
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
  if (!scope || !scope->keys_count || aggregates_ > 0 || node->kind == Kind::paren) return false;
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

// A key in the select list: one of the texts that are equal but for trailing blanks. Which, the
// source leaves open.
Expr Rewriter::whole_key(const Node* node) {
  if (is_key(bare(node))) node = bare(node);
  Expr trimmed = expression(node);
  if (!is_key(node) || !trimmed.type.is(Base::varchar) || !options.exact_blanks) return trimmed;
  if (scope->key_sets) {
    assume("keys of GROUPING SETS are shown without trailing blanks");
    return trimmed;
  }
  scope->keys_count = false;
  Expr raw = expression(node);
  scope->keys_count = true;
  if (equal_expression(raw.node, trimmed.node)) return raw;
  return {call("max", {raw.node}), raw.type};
}

Node* Rewriter::group_key(const Node* key) {
  if (key->kind == Kind::grouping || key->kind == Kind::row) {
    std::vector<Node*> parts;
    for (const Node* part : key->children()) parts.push_back(group_key(part));
    return rebuilt(key, parts);
  }
  // a position or name of an item that is shown by max(): the key itself
  const Node* items = group_items_;
  const Node* item = nullptr;
  if (items && key->kind == Kind::number) item = item_at(items, key->text());
  if (items && key->kind == Kind::ident && !has_column(*scope, plain_ident(key->text())))
    item = item_named(items, plain_ident(key->text()));
  if (item) {
    const Expr value = expression(item);
    if (value.type.is(Base::varchar) && options.exact_blanks) return value.node;
  }
  return key->kind == Kind::number ? as(Role::none, key) : expression(key).node;
}

// SELECT DISTINCT of plain columns and expressions, some of them texts, is GROUP BY of them.
bool Rewriter::distinct_as_group(const Node* select) {
  const Node* items = select->get(Role::items);
  for (const Role role : {Role::group_by, Role::having, Role::qualify, Role::windows})
    if (select->get(role)) return false;
  if (!items || !options.exact_blanks) return false;
  bool texts = false;
  for (const Node* item : items->children()) {
    if (item->kind == Kind::star || !is_plain(item)) return false;
    const Node* value = item->kind == Kind::select_item ? item->at(0) : item;
    texts = texts || expression(value).type.is(Base::varchar);
  }
  if (!texts) return false;
  for (const Node* item : items->children())
    scope->keys.push_back(item->kind == Kind::select_item ? item->at(0) : item);
  return true;
}

Node* Rewriter::distinct_keys(const Node* items) {
  applied("distinct-to-group-by");
  std::vector<Node*> keys;
  for (const Node* item : items->children()) {
    const Node* value = item->kind == Kind::select_item ? item->at(0) : item;
    if (value->kind == Kind::number || value->kind == Kind::string) continue;
    keys.push_back(expression(value).node);
  }
  return list(keys);
}

QueryResult Rewriter::set_operation(const Node* node, bool named) {
  QueryResult result;
  const bool outer = std::exchange(trim_output_, false);
  const bool distinct = !node->has(kAll);
  const bool rows = distinct && !outer && options.exact_blanks &&
                    static_cast<SetKind>(node->code) == SetKind::union_;
  std::vector<Node*> kids;
  for (const Node* kid : node->children()) {
    ScopeGuard guard(*this);
    Node* outer_top = std::exchange(top_, nullptr);
    trim_output_ = outer || (distinct && !rows);
    QueryResult part = query_body(kid, (named || rows) && kids.empty());
    if (Node* top = std::exchange(top_, outer_top)) {
      applied("top-to-limit");
      Node* limited =
          make(Kind::query, {as(Role::body, part.node), as(Role::limit, make(Kind::limit, {top}))});
      part.node = make(Kind::paren, {limited});
    }
    if (kids.empty()) {
      result.columns = part.columns;
      result.complete = part.complete;
      if (recursion_.second == node) tell(*std::exchange(recursion_, {}).first, part);
    } else {
      for (std::size_t i = 0; i < result.columns.size() && i < part.columns.size(); ++i)
        result.columns[i].type = common_type(result.columns[i].type, part.columns[i].type);
    }
    if (rows) trim_constants(part.node);
    kids.push_back(as(Role::none, part.node));
  }
  trim_output_ = false;
  result.node = rebuilt(node, kids);
  const bool texts =
      std::any_of(result.columns.begin(), result.columns.end(),
                  [](const OutputColumn& one) { return one.type.is(Base::varchar); });
  if (texts && distinct && !rows && !outer)
    assume("texts that INTERSECT and EXCEPT yield are shown without trailing blanks");
  if (texts && rows && result.complete) result.node = distinct_rows(result.node, result);
  for (const OutputColumn& one : result.columns)
    scope->aliases.push_back({one.name, {nullptr, one.type}});
  return result;
}

// SELECT max(c1) AS name, … FROM (… UNION ALL …) AS u(c1, …) GROUP BY rtrim(c1), …
Node* Rewriter::distinct_rows(Node* all, const QueryResult& rows) {
  applied("union-to-group-by");
  all->flags = static_cast<std::uint16_t>(all->flags | kAll);
  std::vector<Node*> columns, items, keys;
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    const OutputColumn& one = rows.columns[i];
    const std::string name = "c" + std::to_string(i + 1);
    const bool text = one.type.is(Base::varchar);
    columns.push_back(ident(name));
    keys.push_back(text ? call("rtrim", {ident(name)}) : ident(name));
    items.push_back(make(
        Kind::select_item,
        {text ? call("max", {ident(name)}) : ident(name),
         as(Role::alias, ident(quote_name(one.name == "?column?" ? "\"?column?\"" : one.name)))}));
  }
  Node* alias = make(Kind::alias, {as(Role::name, ident("u")),
                                   as(Role::columns, make(Kind::list, columns, kInParentheses))});
  Node* query = make(Kind::query, {as(Role::body, all)});
  Node* derived = make(Kind::derived, {as(Role::query, query), as(Role::alias, alias)});
  return make(Kind::select,
              {as(Role::items, list(items)), as(Role::from, list(std::vector{derived})),
               as(Role::group_by, list(keys))});
}

void Rewriter::trim_constants(Node* part) {
  Node* items = nullptr;
  if (part->kind == Kind::select)
    for (Node* kid : part->children())
      if (kid->role == Role::items) items = kid;
  if (!items) return;
  for (std::uint32_t i = 0; i < items->count; ++i) {
    Node* item = items->kids[i];
    const bool aliased = item->kind == Kind::select_item;
    Node*& value = aliased ? item->kids[0] : items->kids[i];
    if (value->kind == Kind::string)
      value = as(value->role, comparable({value, type_of(Base::literal)}));
  }
}

}  // namespace lakeshift::sql

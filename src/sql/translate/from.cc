// What stands behind FROM.
#include "sql/translate/nested.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql {
namespace {

// The schema of a relation of the leader node and of the system, whose columns are not those of
// Databricks; empty for all others. Without a schema they are found in pg_catalog.
std::string_view system_schema(std::string_view name) {
  const auto dot = name.rfind('.');
  const std::string_view last = dot == name.npos ? name : name.substr(dot + 1);
  const std::string_view schema = dot == name.npos ? std::string_view{} : name.substr(0, dot);
  for (const std::string_view known : {"pg_catalog", "pg_internal", "information_schema"})
    if (schema.ends_with(known)) return known;
  if (!schema.empty()) return {};
  for (const std::string_view prefix : {"stl_", "stv_", "svv_", "svl_", "svcs_", "sys_", "pg_"})
    if (last.starts_with(prefix)) return "pg_catalog";
  return last == "padb_config_harvest" ? "pg_catalog" : std::string_view{};
}

}  // namespace

const Relation* Rewriter::find_cte(std::string_view name) const {
  for (const Scope* s = scope; s; s = s->outer) {
    const auto found = s->ctes.find(name);
    if (found != s->ctes.end()) return &found->second;
  }
  return nullptr;
}

Relation Rewriter::relation_of(const Node* table_name, std::string_view alias) {
  Relation relation;
  const std::string name = plain_name(table_name);
  const auto dot = name.rfind('.');
  relation.alias =
      copy(alias.empty() ? std::string_view(name).substr(dot == name.npos ? 0 : dot + 1) : alias);
  if (relation.alias.starts_with('#')) relation.alias.remove_prefix(1);
  if (alias.empty() && dot != name.npos) relation.schema = copy(name.substr(0, dot));
  if (const Relation* cte = dot == name.npos ? find_cte(name) : nullptr) {
    relation.columns = cte->columns;
    relation.complete = cte->complete;
  } else if (const Table* table = catalog.find(name)) {
    for (const Column& one : table->columns) relation.columns.push_back({copy(one.name), one.type});
    relation.complete = !table->columns.empty();
  } else {
    assume("the columns of " + name + " are unknown");
  }
  return relation;
}

void Rewriter::add_target(const Node* table) {
  const Node* alias = table->get(Role::alias);
  const std::string named =
      alias ? plain_name(alias->kind == Kind::alias ? alias->get(Role::name) : alias) : "";
  scope->relations.push_back(relation_of(table->get(Role::name), named));
}

Node* Rewriter::from_list(const Node* node) {
  std::vector<Node*> kids;
  for (const Node* kid : node->children()) kids.push_back(from_item(kid, kids.empty()));
  return rebuilt(node, kids);
}

Node* Rewriter::from_item(const Node* node, bool first) {
  Node* out = nullptr;
  switch (node->kind) {
    case Kind::table:
      out = base_table(node);
      break;
    case Kind::derived:
      out = derived(node);
      break;
    case Kind::function_table:
      out = function_table(node);
      break;
    case Kind::join:
      out = join(node);
      break;
    case Kind::paren: {
      std::vector<Node*> kids{from_item(node->at(0), first)};
      if (node->get(Role::alias))
        refuse(node, "sql-no-equivalent",
               "an alias for joined tables in parentheses has no equivalent",
               "write (SELECT * FROM … JOIN …) AS alias");
      out = rebuilt(node, kids);
      break;
    }
    case Kind::pivot:
      out = pivot(node);
      break;
    case Kind::unpivot:
      out = unpivot(node);
      break;
    default:
      refuse(node, "sql-no-equivalent", "this item of FROM has no equivalent",
             "rewrite it as a subquery");
      out = as(Role::none, node);
      break;
  }
  return at(node, as(Role::none, out));
}

Node* Rewriter::alias_of(const Node* alias) {
  std::vector<Node*> kids;
  if (const Node* name = alias->get(Role::name)) kids.push_back(as(Role::name, output_name(name)));
  if (const Node* columns = alias->get(Role::columns)) {
    std::vector<Node*> names;
    for (const Node* one : columns->children())
      names.push_back(output_name(one->kind == Kind::option ? one->get(Role::name) : one));
    kids.push_back(rebuilt(columns, names));
  }
  Node* out = rebuilt(alias, kids);
  out->role = Role::alias;
  return out;
}

// Tables of Redshift itself stay behind, unless the caller says in which schema what they held is
// kept.
Node* Rewriter::table_name(const Node* name) {
  const std::string plain = plain_name(name);
  const std::string_view system = system_schema(plain);
  const Table* known = system.empty() ? nullptr : catalog.find(plain);
  const bool own = known && !known->name.starts_with(system);
  if (system.empty() || own) return object_name(name);
  const auto kept = options.schemas.find(system);
  if (kept == options.schemas.end()) {
    if (!known)
      refuse(name, "sql-system-table",
             plain + " is a table of Redshift itself, which Databricks does not have",
             "query system.information_schema, system.query.history or DESCRIBE instead; or keep "
             "a copy of it, and map the schema " +
                 std::string(system) + " to that of the copy");
    return object_name(name);
  }
  applied("system-table");
  assume(kept->second + " holds a copy of Redshift's " + plain);
  std::vector<Node*> parts;
  push_parts(kept->second, parts);
  parts.push_back(ident(quote_name(last_part(plain))));
  return at(name, make(Kind::name, parts));
}

Node* Rewriter::base_table(const Node* node) {
  const Node* name = node->get(Role::name);
  const Node* alias = node->get(Role::alias);
  const std::string named =
      alias && alias->get(Role::name) ? plain_ident(alias->get(Role::name)->text()) : "";
  // a path whose first name is something of FROM unnests an array
  const bool path = name->kind == Kind::subscript || name->kind == Kind::field;
  const Node* head = name;
  while (head->kind == Kind::subscript || head->kind == Kind::field) head = head->at(0);
  if (head->kind == Kind::name || path) {
    const std::string first =
        plain_ident(head->kind == Kind::name ? head->at(0)->text() : head->text());
    for (const Relation& relation : scope->relations)
      if (same_word(relation.alias, first)) return unnest(node, name);
  }
  if (path) {
    refuse(node, "sql-path", "a path stands where a table is expected",
           "name the table it comes from before it");
    return as(Role::none, node);
  }
  const std::string plain = plain_name(name);
  Relation relation = relation_of(name, named);
  std::vector<Node*> kids{as(Role::name, find_cte(plain) ? output_name(name) : table_name(name))};
  for (const Node* kid : node->children()) {
    if (kid->role == Role::alias) {
      kids.push_back(alias_of(kid));
      if (const Node* columns = kid->get(Role::columns))
        for (std::size_t i = 0; i < columns->count && i < relation.columns.size(); ++i)
          relation.columns[i].name =
              copy(plain_ident(columns->at(static_cast<std::uint32_t>(i))->text()));
    } else if (kid->role == Role::sample) {
      refuse(kid, "sql-no-equivalent", "TABLESAMPLE is no part of Redshift's SQL", "leave it out");
    } else if (kid->role == Role::at) {
      refuse(kid, "sql-path", "AT stands behind a table, not a SUPER array",
             "unnest an array of SUPER");
    }
  }
  scope->relations.push_back(std::move(relation));
  Node* out = rebuilt(node, kids);
  out->flags = 0;
  return out;
}

// FROM t, t.items AS x AT i
Node* Rewriter::unnest(const Node* node, const Node* path) {
  Expr document = expression(path);
  const Node* alias = node->get(Role::alias);
  Relation relation;
  relation.element = true;
  relation.alias = copy(alias ? plain_name(alias->get(Role::name))
                              : std::string("element") + std::to_string(++names_made_));
  if (const Node* position = node->get(Role::at)) relation.position = copy(plain_name(position));
  relation.complete = true;
  if (is_nested_path(*this, path)) return explode(*this, node, document, std::move(relation));
  scope->relations.push_back(relation);
  applied("super-unnest", document.type.known());
  assume("what is unnested is an array, or NULL");
  Node* generator = call("variant_explode", {document.node});
  Node* named = make(Kind::alias, {as(Role::name, ident(quote_name(relation.alias)))});
  Node* out = make(Kind::function_table, {as(Role::function, generator), as(Role::alias, named)});
  out->flags = kLateral;
  return out;
}

Node* Rewriter::derived(const Node* node) {
  const Node* alias = node->get(Role::alias);
  const Node* columns = alias ? alias->get(Role::columns) : nullptr;
  // a derived table does not see its neighbours unless LATERAL says so
  std::vector<Relation> hidden;
  if (!node->has(kLateral)) hidden.swap(scope->relations);
  QueryResult inner = query(node->get(Role::query), true);
  if (!node->has(kLateral)) hidden.swap(scope->relations);
  Relation relation;
  relation.alias =
      copy(alias && alias->get(Role::name) ? plain_ident(alias->get(Role::name)->text()) : "");
  relation.columns = inner.columns;
  relation.complete = inner.complete;
  if (columns)
    for (std::uint32_t i = 0; i < columns->count && i < relation.columns.size(); ++i)
      relation.columns[i].name = copy(plain_ident(columns->at(i)->text()));
  scope->relations.push_back(relation);
  std::vector<Node*> kids{as(Role::query, inner.node)};
  if (alias) kids.push_back(alias_of(alias));
  return rebuilt(node, kids);
}

Node* Rewriter::function_table(const Node* node) {
  const Node* function = node->get(Role::function);
  const Node* alias = node->get(Role::alias);
  const std::string name = plain_name(function->get(Role::name));
  Relation relation;
  relation.alias = copy(alias ? plain_ident(alias->get(Role::name)->text()) : name);
  if (name != "generate_series" || function->code == 1) {
    const Type* known = catalog.find_function(name);
    if (!known && name.find('.') == name.npos)
      refuse(node, "sql-function-unknown",
             "the table function " + name + " has no equivalent that is known",
             "create a table function of that name and name its schema");
    std::vector<Node*> kids{as(Role::function, rewrite(function))};
    if (alias) kids.push_back(alias_of(alias));
    scope->relations.push_back(relation);
    return rebuilt(node, kids);
  }
  Expr series = expression(function);
  std::vector<Node*> kids{as(Role::function, series.node)};
  const Node* columns = alias ? alias->get(Role::columns) : nullptr;
  const std::string column = columns ? plain_ident(columns->at(0)->text())
                             : alias ? std::string(relation.alias)
                                     : name;
  Node* named =
      make(Kind::alias,
           {as(Role::name, ident(quote_name(relation.alias))),
            as(Role::columns, make(Kind::list, {ident(quote_name(column))}, kInParentheses))});
  kids.push_back(as(Role::alias, named));
  relation.columns = {{copy(column), series.type}};
  relation.complete = true;
  scope->relations.push_back(relation);
  return rebuilt(node, kids);
}

Node* Rewriter::join(const Node* node) {
  std::vector<Node*> kids{as(Role::left, from_item(node->get(Role::left)))};
  kids.push_back(as(Role::right, from_item(node->get(Role::right))));
  if (const Node* condition = node->get(Role::condition)) {
    scope->aliases_visible = false;
    kids.push_back(as(Role::condition, rewrite(condition)));
  }
  if (const Node* columns = node->get(Role::using_)) {
    std::vector<Node*> names;
    for (const Node* one : columns->children()) names.push_back(output_name(one));
    kids.push_back(rebuilt(columns, names));
  }
  if ((node->get(Role::using_) || (node->code & kNaturalJoin) != 0) && options.exact_blanks)
    assume("strings joined by USING or NATURAL have no trailing blanks");
  return rebuilt(node, kids);
}

Node* Rewriter::pivot(const Node* node) {
  std::vector<Node*> kids{as(Role::source, from_item(node->get(Role::source)))};
  std::vector<Node*> aggregates;
  for (const Node* one : node->get(Role::aggregates)->children()) {
    const bool aliased = one->kind == Kind::select_item;
    Expr value = expression(aliased ? one->at(0) : one);
    if (aliased)
      aggregates.push_back(
          make(Kind::select_item,
               {as(Role::none, value.node), as(Role::alias, output_name(one->get(Role::alias)))}));
    else
      aggregates.push_back(value.node);
  }
  kids.push_back(as(Role::aggregates, rebuilt(node->get(Role::aggregates), aggregates)));
  kids.push_back(as(Role::for_, rewrite(node->get(Role::for_))));
  std::vector<Node*> values;
  for (const Node* one : node->get(Role::items)->children()) {
    const bool aliased = one->kind == Kind::select_item;
    Expr value = expression(aliased ? one->at(0) : one);
    if (aliased)
      values.push_back(
          make(Kind::select_item,
               {as(Role::none, value.node), as(Role::alias, output_name(one->get(Role::alias)))}));
    else
      values.push_back(value.node);
  }
  kids.push_back(as(Role::items, rebuilt(node->get(Role::items), values)));
  if (const Node* alias = node->get(Role::alias)) kids.push_back(alias_of(alias));
  Relation relation;
  if (const Node* alias = node->get(Role::alias))
    relation.alias = copy(plain_name(alias->get(Role::name)));
  if (!scope->relations.empty()) scope->relations.back() = relation;
  assume("the columns that PIVOT makes are named as in Redshift");
  return rebuilt(node, kids);
}

Node* Rewriter::unpivot(const Node* node) {
  if (node->code == 1) {
    // FROM t, UNPIVOT t.object AS value AT name
    Expr object = expression(node->get(Role::base));
    const Node* alias = node->get(Role::alias);
    Relation relation;
    relation.alias = copy(alias ? plain_name(alias->get(Role::name))
                                : "element" + std::to_string(++names_made_));
    relation.element = true;
    relation.complete = true;
    if (const Node* key = node->get(Role::at)) relation.key = copy(plain_name(key));
    scope->relations.push_back(relation);
    applied("super-unpivot", object.type.known());
    Node* named = make(Kind::alias, {as(Role::name, ident(quote_name(relation.alias)))});
    Node* out =
        make(Kind::function_table,
             {as(Role::function, call("variant_explode", {object.node})), as(Role::alias, named)});
    out->flags = kLateral;
    return out;
  }
  std::vector<Node*> kids{as(Role::source, from_item(node->get(Role::source)))};
  const Node* value = node->get(Role::value);
  kids.push_back(as(Role::value, output_name(value)));
  kids.push_back(as(Role::for_, output_name(node->get(Role::for_))));
  std::vector<Node*> items;
  Relation relation;
  Type type;
  for (const Node* one : node->get(Role::items)->children()) {
    const bool aliased = one->kind == Kind::select_item;
    Expr column = expression(aliased ? one->at(0) : one);
    type = items.empty() ? column.type : common_type(type, column.type);
    if (!aliased) {
      items.push_back(column.node);
      continue;
    }
    items.push_back(make(Kind::select_item, {as(Role::none, column.node),
                                             as(Role::alias, output_name(one->get(Role::alias)))}));
  }
  kids.push_back(as(Role::items, rebuilt(node->get(Role::items), items)));
  if (const Node* alias = node->get(Role::alias)) {
    kids.push_back(alias_of(alias));
    relation.alias = copy(plain_name(alias->get(Role::name)));
  }
  relation.columns = {{copy(plain_name(value)), type},
                      {copy(plain_name(node->get(Role::for_))), varchar_of(256)}};
  if (!scope->relations.empty()) scope->relations.back() = relation;
  return rebuilt(node, kids);
}

}  // namespace lakeshift::sql

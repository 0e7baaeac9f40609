// A query's row into variables: SELECT … INTO, and PERFORM, which only runs it.
#include <algorithm>

#include "sql/procedures/script.h"

namespace lakeshift::sql {
namespace {

Node* item_slot(Node* item) { return item->kind == Kind::select_item ? item->kids[0] : item; }

}  // namespace

// Gives each column of the query a name of its own; where its items cannot be reached, it is
// wrapped. Afterwards query.columns have those names.
void Script::name_columns(QueryResult& query) {
  std::vector<std::string> names;
  bool fine = query.complete;
  for (const OutputColumn& one : query.columns) {
    std::string name(one.name);
    fine = fine && !name.empty() && name != "?column?" &&
           std::find(names.begin(), names.end(), name) == names.end();
    names.push_back(std::move(name));
  }
  if (fine) return;
  Node* body = query.node->get(Role::body);
  Node* items = body && body->kind == Kind::select ? body->get(Role::items) : nullptr;
  if (!items || items->count != query.columns.size()) return;
  std::vector<std::string> seen;
  for (std::uint32_t i = 0; i < items->count; ++i) {
    if (items->kids[i]->kind == Kind::star) return;
    std::string name = names[i];
    if (name.empty() || name == "?column?" ||
        std::find(seen.begin(), seen.end(), name) != seen.end()) {
      name = "column" + std::to_string(i + 1);
      items->kids[i] =
          rewriter_.make(Kind::select_item, {rewriter_.as(Role::none, item_slot(items->kids[i])),
                                             rewriter_.as(Role::alias, ident(name))});
      query.columns[i].name = rewriter_.copy(name);
    }
    seen.push_back(name);
  }
}

// The query's items as expressions over it: themselves, or columns of the query as a table.
std::vector<Expr> Script::items_of(QueryResult& query, bool& inside) {
  Node* body = query.node->get(Role::body);
  Node* items = body && body->kind == Kind::select ? body->get(Role::items) : nullptr;
  inside = items && items->count == query.columns.size() && !query.node->get(Role::limit) &&
           !query.node->get(Role::offset) && !body->has(kDistinct);
  std::vector<Expr> out;
  for (std::uint32_t i = 0; inside && i < items->count; ++i) {
    if (items->kids[i]->kind == Kind::star) inside = false;
    if (inside) out.push_back({item_slot(items->kids[i]), query.columns[i].type});
  }
  if (inside) return out;
  out.clear();
  name_columns(query);
  for (const OutputColumn& one : query.columns)
    out.push_back({rewriter_.name({"q", quote_name(one.name)}), one.type});
  return out;
}

// SELECT `values` FROM the query, its first row only.
Node* Script::first_row(QueryResult& query, const std::vector<Node*>& values, bool inside) {
  Node* limit = rewriter_.as(Role::limit, rewriter_.make(Kind::limit, {rewriter_.number(1)}));
  Node* items = rewriter_.as(Role::items, rewriter_.list(values));
  std::vector<Node*> kids;
  if (inside) {
    for (Node* kid : query.node->children()) {
      if (kid->role != Role::body) {
        kids.push_back(kid);
        continue;
      }
      std::vector<Node*> parts;
      for (Node* part : kid->children()) parts.push_back(part->role == Role::items ? items : part);
      kids.push_back(rewriter_.rebuilt(kid, parts));
    }
    const Node* body = query.node->get(Role::body);
    if (body->get(Role::from)) kids.push_back(limit);
    return rewriter_.rebuilt(query.node, kids);
  }
  Node* alias = rewriter_.make(Kind::alias, {rewriter_.as(Role::name, ident("q"))});
  Node* derived = rewriter_.make(
      Kind::derived, {rewriter_.as(Role::query, query.node), rewriter_.as(Role::alias, alias)});
  Node* from = rewriter_.as(Role::from, rewriter_.list(std::vector<Node*>{derived}));
  Node* select = rewriter_.make(Kind::select, {items, from});
  return rewriter_.make(Kind::query, {rewriter_.as(Role::body, select), limit});
}

void Script::select_into(const Node* source, const Node* targets, Lines& out) {
  if (targets->text() == "STRICT") {
    rewriter_.refuse(targets, "sql-not-redshift", "INTO STRICT is PostgreSQL's, not Redshift's",
                     "check FOUND behind the query");
    return;
  }
  const Node* body = source->get(Role::body);
  const bool wrapped = source->get(Role::limit) || source->get(Role::offset) ||
                       body->kind != Kind::select || body->has(kDistinct);
  QueryResult query = rewriter_.query(source, wrapped);
  store_row(source, targets, query, out);
}

// The first row into variables or a record; without a row they become NULL.
void Script::store_row(const Node* place, const Node* targets, QueryResult& query, Lines& out) {
  const bool counts = status_wanted();
  bool inside = false;
  const std::vector<Expr> items = items_of(query, inside);
  std::vector<Node*> values, into;
  Lines checks;
  const Located first = assignable(targets->at(0));
  if (!first.variable) return;
  if (first.variable->record && targets->at(0)->kind != Kind::name) {
    if (!fill_record(place, first, query, items, values)) return;
    into.push_back(reference(first, false));
  } else {
    if (!query.complete || items.size() != targets->count) {
      rewriter_.refuse(
          targets, "sql-into-columns",
          query.complete ? "the query has " + std::to_string(items.size()) + " columns for " +
                               std::to_string(targets->count) + " variables"
                         : "the columns of the query are not known",
          query.complete ? "select one value for each variable" : "name the columns one by one");
      return;
    }
    for (std::uint32_t i = 0; i < targets->count; ++i) {
      const Located found = assignable(targets->at(i));
      if (!found.variable) return;
      if (found.variable->record) {
        rewriter_.refuse(targets->at(i), "sql-record-shape",
                         "a record or its field stands among other variables",
                         "use a variable, and assign it to the field");
        return;
      }
      values.push_back(
          converted(items[i], found.variable->type, found.variable->sized, targets->at(i)));
      into.push_back(reference(found, false));
      if (found.variable->not_null)
        checks.push_back(set_line(
            nullptr, reference(found, false),
            converted({reference(found, false), found.variable->type}, *found.variable, place)));
    }
  }
  if (counts) {
    values.push_back(rewriter_.number(1));
    into.push_back(reference({row_count_, status_frame_}, false));
  }
  rewriter_.applied("select-into");
  Node* row =
      rewriter_.make(Kind::subquery, {rewriter_.as(Role::query, first_row(query, values, inside))});
  const Node* body = query.node->get(Role::body);
  const bool constant = inside && !body->get(Role::from) && !body->get(Role::where);
  if (into.size() == 1 && constant) row = values[0];
  Node* target = into.size() == 1 ? into[0] : rewriter_.list(into, true);
  out.push_back(set_line(place, target, row));
  out.insert(out.end(), checks.begin(), checks.end());
  if (!counts) return;
  Node* count = reference({row_count_, status_frame_}, false);
  set_row_count(nullptr, rewriter_.fill("coalesce($1, 0)", {count}), out);
  found_from_count(out);
}

// The record takes the query's shape, once and for all.
bool Script::fill_record(const Node* place, const Located& record, QueryResult& query,
                         const std::vector<Expr>& items, std::vector<Node*>& values) {
  Variable& variable = *record.variable;
  if (!query.complete || query.columns.empty()) {
    rewriter_.refuse(place, "sql-record-shape",
                     "the columns of the query that fills " + variable.name + " are not known",
                     "name the columns, or add the tables' DDL to the input");
    return false;
  }
  if (variable.fields.empty()) {
    variable.fields = query.columns;
    for (std::size_t i = 0; i < variable.fields.size(); ++i)
      if (variable.fields[i].name.empty() || variable.fields[i].name == "?column?")
        variable.fields[i].name = rewriter_.copy("column" + std::to_string(i + 1));
    shape_record(variable, place);
  }
  bool same = variable.fields.size() == query.columns.size();
  std::vector<Node*> parts;
  for (std::size_t i = 0; same && i < items.size(); ++i) {
    const OutputColumn& field = variable.fields[i];
    parts.push_back(rewriter_.string(field.name));
    parts.push_back(
        rewriter_.cast(converted(items[i], field.type, false, place), element_type(field)));
  }
  if (!same) {
    rewriter_.refuse(place, "sql-record-shape",
                     variable.name + " is filled by queries with different columns",
                     "use a record of its own for each query");
    return false;
  }
  values.push_back(call_of("named_struct", parts));
  rewriter_.applied("record-to-struct");
  return true;
}

// PERFORM runs a query for what it may raise, and for FOUND.
void Script::perform(const Node* node, Lines& out) {
  Node* select = rewriter_.as(Role::body, node);
  select->kind = Kind::select;
  select->set_text("");
  std::vector<Node*> kids{select};
  for (const Role role : {Role::order_by})
    if (Node* one = node->get(role)) kids.push_back(one);
  if (const Node* limit = node->get(Role::limit))
    kids.push_back(
        rewriter_.as(Role::limit, rewriter_.make(Kind::limit, {rewriter_.as(Role::none, limit)})));
  QueryResult query = rewriter_.query(rewriter_.make(Kind::query, kids), true);
  name_columns(query);
  rewriter_.applied("perform");
  Node* alias = rewriter_.make(Kind::alias, {rewriter_.as(Role::name, ident("q"))});
  Node* derived = rewriter_.make(
      Kind::derived, {rewriter_.as(Role::query, query.node), rewriter_.as(Role::alias, alias)});
  const auto over = [&](std::string_view pattern) {
    Node* items =
        rewriter_.as(Role::items, rewriter_.list(std::vector<Node*>{rewriter_.fill(pattern, {})}));
    Node* from = rewriter_.as(Role::from, rewriter_.list(std::vector<Node*>{derived}));
    Node* whole = rewriter_.make(
        Kind::query, {rewriter_.as(Role::body, rewriter_.make(Kind::select, {items, from}))});
    return rewriter_.make(Kind::subquery, {rewriter_.as(Role::query, whole)});
  };
  Variable& kept = own_variable("performed", type_of(Base::bigint), "BIGINT");
  out.push_back(set_line(node, reference({&kept, own_frame_}, false), over("max(xxhash64(*))")));
  if (!status_wanted()) return;
  set_row_count(nullptr, over("count(*)"), out);
  found_from_count(out);
}

}  // namespace lakeshift::sql

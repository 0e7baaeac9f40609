// SELECT and what is built of it.
#include <algorithm>
#include <utility>

#include "sql/translate/hierarchy.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql {
namespace {

// The name Redshift gives a column that has none: that of the function, or "?column?".
std::string own_name(const Node* item) {
  switch (item->kind) {
    case Kind::ident:
      return plain_ident(item->text());
    case Kind::name:
      return plain_ident(item->at(item->count - 1)->text());
    case Kind::field:
      return plain_ident(item->get(Role::name)->text());
    case Kind::call:
      return last_part(plain_name(item->get(Role::name)));
    case Kind::case_:
      return "case";
    case Kind::cast: {
      const std::string inner = own_name(item->at(0));
      return inner == "?column?" ? lower_case(item->get(Role::type)->text()) : inner;
    }
    case Kind::paren:
    case Kind::subscript:
      return own_name(item->at(0));
    default:
      return "?column?";
  }
}

bool has_own_name(const Node* item) {
  return item->kind == Kind::ident || item->kind == Kind::name || item->kind == Kind::star;
}

// SELECT *, b EXCLUDE (a): whether the columns are those of the one *, and of no other item.
bool is_of_one_star(const Node* items, const Node* excluded) {
  std::size_t stars = 0;
  for (const Node* item : items->children()) {
    if (item->kind == Kind::star) {
      if (++stars > 1 || item->get(Role::exclude)) return false;
      continue;
    }
    const Node* alias = item->kind == Kind::select_item ? item->get(Role::alias) : nullptr;
    const std::string name = alias ? plain_ident(alias->text()) : own_name(item);
    for (const Node* one : excluded->children())
      if (plain_name(one) == name) return false;
  }
  return stars == 1;
}

}  // namespace

QueryResult Rewriter::query(const Node* node, bool named) {
  ScopeGuard guard(*this);
  const bool trim = std::exchange(trim_output_, false);
  const int aggregates = std::exchange(aggregates_, 0);
  std::vector<Node*> kids;
  if (const Node* own = node->get(Role::with)) kids.push_back(as(Role::with, with(own)));
  Node* outer_top = std::exchange(top_, nullptr);
  const Node* body = node->get(Role::body);
  trim_output_ = trim;
  QueryResult result = query_body(body, named);
  trim_output_ = false;
  Node* top = std::exchange(top_, outer_top);
  kids.push_back(as(Role::body, result.node));
  scope->aliases_visible = true;
  if (const Node* order = node->get(Role::order_by)) {
    const Node* const own = body->kind == Kind::select ? body->get(Role::items) : nullptr;
    const Node* const outer = std::exchange(output_items_, own);
    kids.push_back(as(Role::order_by, order_items(order)));
    output_items_ = outer;
  }
  if (top) {
    applied("top-to-limit");
    kids.push_back(as(Role::limit, make(Kind::limit, {top})));
  }
  for (const Role role : {Role::limit, Role::offset}) {
    const Node* own = node->get(role);
    if (!own || own->code == 3) continue;  // LIMIT ALL
    if (own->code == 2)
      refuse(own, "sql-no-equivalent", "FETCH FIRST … WITH TIES has no equivalent",
             "use QUALIFY rank() OVER (ORDER BY …) <= n");
    kids.push_back(rebuilt(own, std::vector<Node*>{rewrite(own->at(0))}));
    kids.back()->code = 0;
  }
  if (node->get(Role::locking))
    note(node->get(Role::locking), "sql-locking", "FOR UPDATE is left out: Delta has no row locks",
         "concurrent writers are told of conflicts when they commit");
  aggregates_ = aggregates;
  result.node = rebuilt(node, kids);
  return result;
}

Node* Rewriter::with(const Node* node) {
  std::vector<Node*> kids;
  for (const Node* cte : node->children()) {
    const Node* inner = cte->get(Role::query);
    Relation relation;
    relation.alias = copy(plain_ident(cte->get(Role::name)->text()));
    const Node* columns = cte->get(Role::columns);
    std::vector<std::string_view> names;
    if (columns)
      for (const Node* one : columns->children()) names.push_back(copy(plain_name(one)));
    if (node->has(kRecursive)) {
      for (const std::string_view one : names) relation.columns.push_back({one, {}});
      relation.complete = !names.empty();
      scope->ctes[std::string(relation.alias)] = relation;
      recursion_ = {&scope->ctes[std::string(relation.alias)], inner->get(Role::body)};
    }
    if (inner->kind != Kind::query) {
      refuse(inner, "sql-no-equivalent", "a WITH clause that changes data has no equivalent",
             "run the statements one after the other");
      continue;
    }
    QueryResult result = query(inner, columns == nullptr);
    relation.columns = result.columns;
    relation.complete = result.complete;
    for (std::size_t i = 0; i < names.size() && i < relation.columns.size(); ++i)
      relation.columns[i].name = names[i];
    scope->ctes[std::string(relation.alias)] = relation;
    std::vector<Node*> parts{as(Role::name, output_name(cte->get(Role::name)))};
    if (columns) {
      std::vector<Node*> spelled;
      for (const Node* one : columns->children()) spelled.push_back(output_name(one));
      parts.push_back(rebuilt(columns, spelled));
    }
    parts.push_back(as(Role::query, result.node));
    Node* out = rebuilt(cte, parts);
    out->code = 0;
    kids.push_back(out);
  }
  return rebuilt(node, kids);
}

QueryResult Rewriter::query_body(const Node* node, bool named) {
  QueryResult result;
  switch (node->kind) {
    case Kind::select:
      return select(node, named);
    case Kind::query:
      return query(node, named);
    case Kind::paren: {
      result = query(node->at(0), named);
      result.node = rebuilt(node, std::vector<Node*>{as(Role::none, result.node)});
      return result;
    }
    case Kind::values: {
      const bool trim = std::exchange(trim_output_, false);
      std::vector<Node*> rows;
      for (const Node* row : node->children()) {
        std::vector<Node*> values;
        for (const Node* value : row->children()) {
          Expr one = expression(value);
          const std::size_t i = values.size();
          values.push_back(trim ? as(Role::none, comparable(one)) : one.node);
          if (rows.empty())
            result.columns.push_back({copy("column" + std::to_string(i + 1)), one.type});
          else if (i < result.columns.size())
            result.columns[i].type = common_type(result.columns[i].type, one.type);
        }
        rows.push_back(rebuilt(row, values));
      }
      result.complete = true;
      result.node = rebuilt(node, rows);
      return result;
    }
    case Kind::set_operation:
      return set_operation(node, named);
    case Kind::table:
      result.node = fill("(SELECT 1)", {});
      refuse(node, "sql-no-equivalent", "TABLE name is no query in Redshift",
             "write SELECT * FROM");
      return result;
    default:
      refuse(node, "sql-no-equivalent", "this query has no equivalent", "rewrite it as SELECT");
      result.node = as(Role::none, node);
      return result;
  }
}

Node* Rewriter::select_items(const Node* select, bool named, bool distinct, QueryResult& result) {
  const Node* items = select->get(Role::items);
  const Node* excluded_at_end = select->get(Role::exclude);
  if (excluded_at_end && !is_of_one_star(items, excluded_at_end))
    refuse(excluded_at_end, "sql-no-equivalent",
           "EXCLUDE behind a list that is more than one * and other columns has no equivalent",
           "name the columns that are wanted");
  std::vector<Node*> kids;
  scope->aliases_visible = true;
  for (const Node* item : items->children()) {
    if (item->kind == Kind::star) {
      std::vector<Node*> parts;
      const Node* base = item->get(Role::base);
      std::string qualifier = base ? plain_name(base) : "";
      const auto is_text = [](const OutputColumn& one) { return one.type.is(Base::varchar); };
      if (distinct && options.exact_blanks) {
        const bool one_table = scope->relations.size() == 1 && scope->relations[0].complete;
        bool texts = false;
        for (const Relation& relation : scope->relations)
          texts = texts || std::any_of(relation.columns.begin(), relation.columns.end(), is_text);
        if (texts && one_table && !item->get(Role::exclude) && !excluded_at_end) {
          star(item, result, kids);
          continue;
        }
        if (texts) assume("values of * that are compared have no trailing blanks");
      }
      if (base) parts.push_back(as(Role::base, object_name(base)));
      std::vector<std::string> excluded;
      const Node* exclude = item->get(Role::exclude) ? item->get(Role::exclude) : excluded_at_end;
      if (exclude) {
        applied("exclude-to-except");
        std::vector<Node*> names;
        for (const Node* one : exclude->children()) {
          names.push_back(output_name(one));
          excluded.push_back(plain_name(one));
        }
        parts.push_back(as(Role::exclude, rebuilt(exclude, names)));
      }
      for (const Relation& relation : scope->relations) {
        if (!qualifier.empty() && !same_word(relation.alias, qualifier)) continue;
        result.complete = result.complete && relation.complete;
        for (const OutputColumn& one : relation.columns)
          if (std::find(excluded.begin(), excluded.end(), one.name) == excluded.end())
            result.columns.push_back(one);
      }
      kids.push_back(rebuilt(item, parts));
      continue;
    }
    const bool aliased = item->kind == Kind::select_item;
    const Node* value = aliased ? item->at(0) : item;
    Expr one = whole_key(value);
    if (distinct) one.node = as(Role::none, comparable(one));
    if (const Node* alias = aliased ? item->get(Role::alias) : nullptr) {
      const std::vector<Node*> parts{as(Role::none, one.node), as(Role::alias, output_name(alias))};
      kids.push_back(rebuilt(item, parts));
      std::string text;
      if (!read_string(alias, text)) text = plain_ident(alias->text());
      result.columns.push_back({copy(lower_case(text)), one.type});
      scope->aliases.push_back({result.columns.back().name, one});
      continue;
    }
    const std::string name = own_name(value);
    const bool changed =
        one.node->kind != value->kind || (value->kind == Kind::name && own_name(one.node) != name);
    if ((named || (changed && has_own_name(value))) && (changed || !has_own_name(value))) {
      kids.push_back(at(
          item,
          make(Kind::select_item,
               {as(Role::none, one.node),
                as(Role::alias, ident(quote_name(name == "?column?" ? "\"?column?\"" : name)))})));
      applied("column-name");
    } else {
      kids.push_back(as(Role::none, one.node));
    }
    result.columns.push_back({copy(name), one.type});
  }
  return rebuilt(items, kids);
}

QueryResult Rewriter::select(const Node* node, bool named) {
  if (node->get(Role::connect_by) || node->get(Role::start_with))
    node = without_connect_by(*this, node);
  const bool trim = std::exchange(trim_output_, false);
  QueryResult result;
  result.complete = true;
  std::vector<Node*> from;
  if (const Node* own = node->get(Role::from)) {
    Node* list = from_list(own);
    from.assign(list->children().begin(), list->children().end());
  }
  std::vector<Node*> kids;
  const Node* source_items = node->get(Role::items);
  if (const Node* group = node->get(Role::group_by)) collect_keys(group, source_items);
  scope->keys_count = true;
  const bool as_group = !trim && node->has(kDistinct) && distinct_as_group(node);
  const bool compared = trim || (node->has(kDistinct) && !as_group);
  Node* items = source_items ? select_items(node, named, compared, result) : nullptr;
  scope->keys_count = false;
  if (node->get(Role::quantifier))
    refuse(node->get(Role::quantifier), "sql-no-equivalent", "DISTINCT ON has no equivalent",
           "use QUALIFY row_number() OVER (PARTITION BY … ORDER BY …) = 1");
  if (items) kids.push_back(items);
  scope->aliases_visible = false;
  Node* where = nullptr;
  const Node* source_where = node->get(Role::where);
  if (source_where && has_outer_mark(source_where))
    convert_outer_marks(source_where, from, where);
  else if (source_where)
    where = as(Role::where, rewrite(source_where));
  if (!from.empty()) {
    Node* list = rebuilt(node->get(Role::from), from);
    kids.push_back(as(Role::from, list));
  }
  if (where) kids.push_back(as(Role::where, where));
  scope->aliases_visible = true;
  scope->keys_count = true;
  if (const Node* group = node->get(Role::group_by)) {
    std::vector<Node*> keys;
    group_items_ = source_items;
    for (const Node* key : group->children()) keys.push_back(group_key(key));
    group_items_ = nullptr;
    kids.push_back(rebuilt(group, keys));
  }
  if (as_group) kids.push_back(as(Role::group_by, distinct_keys(source_items)));
  if (const Node* having = node->get(Role::having))
    kids.push_back(as(Role::having, rewrite(having)));
  if (const Node* qualify = node->get(Role::qualify))
    kids.push_back(as(Role::qualify, rewrite(qualify)));
  if (const Node* windows = node->get(Role::windows)) {
    std::vector<Node*> definitions;
    for (const Node* one : windows->children()) {
      const std::vector<Node*> parts{as(Role::name, output_name(one->get(Role::name))),
                                     as(Role::over, window(one->get(Role::over), ""))};
      definitions.push_back(rebuilt(one, parts));
    }
    kids.push_back(rebuilt(windows, definitions));
  }
  if (const Node* top = node->get(Role::top)) {
    if (top->code == 1)
      refuse(top, "sql-no-equivalent", "TOP … PERCENT has no equivalent",
             "use QUALIFY percent_rank()");
    top_ = rewrite(top->at(0));
    if (top_->kind == Kind::paren) top_ = top_->kids[0];
  }
  result.into = node->get(Role::into);
  result.node = rebuilt(node, kids);
  if (as_group) result.node->flags = static_cast<std::uint16_t>(result.node->flags & ~kDistinct);
  return result;
}

}  // namespace lakeshift::sql

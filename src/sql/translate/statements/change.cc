// UPDATE, DELETE and MERGE. Delta's UPDATE and DELETE know no second table: MERGE does it. Where
// several rows match one, Redshift takes any of them and MERGE raises an error: that is the guard.
#include <algorithm>

#include "sql/translate/joined_source.h"
#include "sql/translate/replace.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::change {
namespace {

constexpr std::string_view kRows[] = {"update", "delete", "merge"};

Node* target_of(Rewriter& rewriter, const Node* target, std::string& alias) {
  const Node* given = target->get(Role::alias);
  const Node* name = target->get(Role::name) ? target->get(Role::name) : target;
  alias = given ? plain_name(given->kind == Kind::alias ? given->get(Role::name) : given) : "";
  std::vector<Node*> kids{rewriter.as(Role::name, rewriter.object_name(name))};
  if (given) {
    const Node* word = given->kind == Kind::alias ? given->get(Role::name) : given;
    kids.push_back(rewriter.as(
        Role::alias,
        rewriter.make(Kind::alias, {rewriter.as(Role::name, rewriter.output_name(word))})));
  }
  return rewriter.as(Role::target, rewriter.make(Kind::table, kids));
}

std::string last_name(const Node* name) { return last_part(plain_name(name)); }

// A value as a column of that type holds it.
Node* stored(Rewriter& rewriter, Expr value, const Type& type) {
  value = rewriter.coerce(value, type);
  std::string text;
  if (type.is(Base::char_) && read_string(value.node, text) && text.ends_with(' '))
    return rewriter.call("rtrim", {value.node});
  if (type.is(Base::char_) && value.type.is(Base::varchar))
    return rewriter.call("rtrim", {value.node});
  if (type.is_integer() && (value.type.is(Base::decimal) || value.type.is_float()))
    return rewriter.call(value.type.is_float() ? "bround" : "round", {value.node});
  if (type.is_string() && value.type.known() && !value.type.is_text() && !value.type.is(Base::null))
    return rewriter.text_of(value);
  return value.node;
}

// SET column = value. The target's name before a column is left out.
Node* assignments(Rewriter& rewriter, const Node* list, const Node* target) {
  const Table* table =
      rewriter.catalog.find(plain_name(target->get(Role::name) ? target->get(Role::name) : target));
  std::vector<Node*> out;
  for (const Node* one : list->children()) {
    const Node* column = one->get(Role::target);
    if (column->kind == Kind::list) {
      rewriter.refuse(one, "sql-no-equivalent", "SET (a, b) = … has no equivalent",
                      "set the columns one by one");
      continue;
    }
    const Node* last = column->kind == Kind::name ? column->at(column->count - 1) : column;
    const Column* known = table ? table->find(plain_ident(last->text())) : nullptr;
    const Expr value = rewriter.expression(one->get(Role::value));
    Node* held = known ? stored(rewriter, value, known->type) : value.node;
    out.push_back(rewriter.make(
        Kind::assignment,
        {rewriter.as(Role::target, rewriter.output_name(last)), rewriter.as(Role::value, held)}));
  }
  return rewriter.list(out);
}

bool single_source(const Node* from) {
  return from->count == 1 &&
         (from->at(0)->kind == Kind::table || from->at(0)->kind == Kind::derived);
}

// Whether the target is named again there, and has no other name there.
bool names_again(const Node* from, const Node* target) {
  if (from->kind == Kind::query) return false;
  const Node* name = from->kind == Kind::table ? from->get(Role::name) : nullptr;
  if (name && !from->get(Role::alias))
    return last_name(name) == last_name(target->get(Role::name)) && !target->get(Role::alias);
  return std::any_of(from->kids, from->kids + from->count,
                     [&](const Node* kid) { return names_again(kid, target); });
}

// A join yields the same row many times, which is no reason for MERGE to fail. To the byte: blanks
// at the end count here.
void leave_out_copies(const Node* derived) {
  Node* select = derived->get(Role::query)->get(Role::body);
  select->flags = static_cast<std::uint16_t>(select->flags | kDistinct);
}

Node* update(Rewriter& rewriter, const Node* node) {
  ScopeGuard guard(rewriter);
  const Node* target = node->get(Role::target);
  const Node* from = node->get(Role::from);
  const Node* where = node->get(Role::where);
  std::string alias;
  Node* into = target_of(rewriter, target, alias);
  rewriter.add_target(target);
  if (node->get(Role::items))
    rewriter.refuse(node, "sql-no-equivalent", "RETURNING is no part of Redshift's SQL",
                    "leave it out");
  if (!from) {
    Node* set = assignments(rewriter, node->get(Role::set), target);
    Node* condition = where ? rewriter.rewrite(where) : nullptr;
    return assemble(rewriter, node, "update",
                    {rewriter.words("UPDATE"), into, rewriter.words("SET"),
                     rewriter.as(Role::set, set), condition ? rewriter.words("WHERE") : nullptr,
                     condition ? rewriter.as(Role::where, condition) : nullptr});
  }
  // UPDATE t … FROM t, s: the target named again is joined with itself
  if (names_again(from, target))
    rewriter.refuse(from, "sql-update-joins", "the target stands in FROM without an alias",
                    "give it an alias");
  JoinedSource joined{from, where, node->get(Role::set)};
  if (!single_source(from)) {
    joined = join_sources(rewriter, target, from, where, node->get(Role::set));
    if (!joined.obstacle.empty()) {
      rewriter.refuse(from, "sql-update-joins", joined.obstacle, joined.remedy);
      return nullptr;
    }
    rewriter.applied("joined-source");
  }
  Node* source = rewriter.from_item(joined.from->at(0), true);
  if (joined.comparable) leave_out_copies(source);
  if (joined.where && has_outer_mark(joined.where))
    rewriter.refuse(where, "sql-outer-mark", "(+) in UPDATE is not translated",
                    "join in a subquery");
  Node* on = joined.where ? rewriter.rewrite(joined.where) : rewriter.fill("TRUE", {});
  Node* set = assignments(rewriter, joined.set, target);
  rewriter.applied("update-from-to-merge");
  rewriter.warn(
      node, "sql-several-matches",
      "where several source rows match one row, Redshift takes any of them; MERGE raises an error",
      "make the source unique by the columns it is joined on");
  return assemble(
      rewriter, node, "merge",
      {rewriter.words("MERGE INTO"), into, rewriter.words("USING"),
       rewriter.as(Role::source, source), rewriter.words("ON"), rewriter.as(Role::condition, on),
       rewriter.make(Kind::clause, {rewriter.words("WHEN MATCHED THEN UPDATE SET"),
                                    rewriter.as(Role::set, set)})});
}

// DELETE … USING where the tables cannot be joined apart from the target.
Node* remove_where_exists(Rewriter& rewriter, const Node* node, Node* from) {
  ScopeGuard inner(rewriter);
  std::vector<Node*> items;
  for (const Node* one : node->get(Role::using_)->children())
    items.push_back(rewriter.from_item(one));
  std::vector<Node*> parts{
      rewriter.as(Role::items, rewriter.list(std::vector<Node*>{rewriter.number(1)})),
      rewriter.as(Role::from, rewriter.list(items))};
  if (const Node* where = node->get(Role::where))
    parts.push_back(rewriter.as(Role::where, rewriter.rewrite(where)));
  Node* select = rewriter.make(Kind::select, parts);
  Node* query = rewriter.make(Kind::query, {rewriter.as(Role::body, select)});
  Node* condition = rewriter.make(Kind::exists, {rewriter.as(Role::query, query)});
  rewriter.applied("delete-using-to-exists");
  return assemble(rewriter, node, "delete",
                  {rewriter.words("DELETE FROM"), from, rewriter.words("WHERE"),
                   rewriter.as(Role::where, condition)});
}

// DELETE … USING: any match deletes, however many there are.
Node* remove(Rewriter& rewriter, const Node* node) {
  ScopeGuard guard(rewriter);
  const Node* target = node->get(Role::target);
  const Node* using_list = node->get(Role::using_);
  const Node* where = node->get(Role::where);
  std::string alias;
  Node* from = target_of(rewriter, target, alias);
  rewriter.add_target(target);
  if (node->get(Role::items))
    rewriter.refuse(node, "sql-no-equivalent", "RETURNING is no part of Redshift's SQL",
                    "leave it out");
  if (!using_list) {
    Node* condition = where ? rewriter.rewrite(where) : nullptr;
    return assemble(
        rewriter, node, "delete",
        {rewriter.words("DELETE FROM"), from, condition ? rewriter.words("WHERE") : nullptr,
         condition ? rewriter.as(Role::where, condition) : nullptr});
  }
  JoinedSource joined{using_list, where};
  if (!single_source(using_list)) {
    joined = join_sources(rewriter, target, using_list, where, nullptr);
    if (!joined.obstacle.empty()) return remove_where_exists(rewriter, node, from);
    rewriter.applied("joined-source");
  }
  Node* source = rewriter.from_item(joined.from->at(0), true);
  if (joined.where && has_outer_mark(joined.where))
    rewriter.refuse(where, "sql-outer-mark", "(+) in DELETE is not translated",
                    "join in a subquery");
  Node* on = joined.where ? rewriter.rewrite(joined.where) : rewriter.fill("TRUE", {});
  rewriter.applied("delete-using-to-merge");
  return assemble(rewriter, node, "merge",
                  {rewriter.words("MERGE INTO"), from, rewriter.words("USING"),
                   rewriter.as(Role::source, source), rewriter.words("ON"),
                   rewriter.as(Role::condition, on), rewriter.words("WHEN MATCHED THEN DELETE")});
}

// Redshift fails when several rows of the source match one of the target. So does Delta, but for a
// deletion without a condition; repeating the condition of the match changes nothing else.
void guard_several_matches(Rewriter& rewriter, const Node* on, std::vector<Node*>& kids) {
  rewriter.applied("merge-delete-guard");
  kids.push_back(rewriter.words("AND"));
  kids.push_back(rewriter.as(Role::condition, rewriter.rewrite(on)));
}

Node* branch(Rewriter& rewriter, const Node* one, const Node* target, const Node* on) {
  const bool matched = !one->says("WHEN NOT MATCHED") && !one->says("NOT MATCHED");
  std::vector<Node*> kids;
  const bool not_matched = !matched;
  kids.push_back(rewriter.words(not_matched ? "WHEN NOT MATCHED" : "WHEN MATCHED"));
  if (const Node* condition = one->get(Role::condition)) {
    kids.push_back(rewriter.words("AND"));
    kids.push_back(rewriter.as(Role::condition, rewriter.rewrite(condition)));
  } else if (one->says("DELETE") || one->says("THEN DELETE")) {
    guard_several_matches(rewriter, on, kids);
  }
  kids.push_back(rewriter.words("THEN"));
  if (const Node* set = one->get(Role::set)) {
    kids.push_back(rewriter.words("UPDATE SET"));
    kids.push_back(rewriter.as(Role::set, assignments(rewriter, set, target)));
  } else if (one->says("DELETE") || one->says("THEN DELETE")) {
    kids.push_back(rewriter.words("DELETE"));
  } else if (const Node* source = one->get(Role::source)) {
    kids.push_back(rewriter.words("INSERT"));
    const Node* columns = one->get(Role::columns);
    const Table* table = rewriter.catalog.find(plain_name(target->get(Role::name)));
    std::vector<Node*> names, values;
    std::vector<Type> types;
    if (columns) {
      for (const Node* column : columns->children()) {
        const Node* last = column->kind == Kind::name ? column->at(column->count - 1) : column;
        names.push_back(rewriter.output_name(last));
        const Column* known = table ? table->find(plain_ident(last->text())) : nullptr;
        types.push_back(known ? known->type : Type{});
      }
    } else if (table) {
      for (const Column& known : table->columns) {
        names.push_back(rewriter.ident(quote_name(known.name)));
        types.push_back(known.type);
        if (names.size() == source->count) break;
      }
    } else {
      rewriter.refuse(one, "sql-type-unknown",
                      "INSERT without columns needs those of the table, which are not known",
                      "name the columns, or add the table's DDL to the input");
    }
    for (std::uint32_t i = 0; i < source->count; ++i) {
      const Expr value = rewriter.expression(source->at(i));
      values.push_back(i < types.size() ? stored(rewriter, value, types[i]) : value.node);
    }
    kids.push_back(rewriter.as(Role::columns, rewriter.list(names, true)));
    kids.push_back(rewriter.words("VALUES"));
    kids.push_back(rewriter.as(Role::value, rewriter.list(values, true)));
  } else {
    rewriter.refuse(one, "sql-no-equivalent", "this branch of MERGE is no part of Redshift's SQL",
                    "leave it out");
  }
  return rewriter.make(Kind::clause, kids);
}

// The source twice: once to delete what matches it, once to be inserted. One statement, so that no
// other sees the target between the two, and nothing is lost when it fails.
Node* doubled(Rewriter& rewriter, const Node* source, std::string_view alias,
              std::string_view mark) {
  Node* all = rewriter.make(Kind::star, {rewriter.as(Role::base, rewriter.ident(alias))});
  Node* both = rewriter.make(Kind::select_item, {rewriter.fill("explode(array(FALSE, TRUE))", {}),
                                                 rewriter.as(Role::alias, rewriter.ident(mark))});
  Node* select = rewriter.make(
      Kind::select,
      {rewriter.as(Role::items, rewriter.list(std::vector<Node*>{all, both})),
       rewriter.as(Role::from,
                   rewriter.list(std::vector<Node*>{rewriter.as(Role::none, source)}))});
  Node* query = rewriter.make(Kind::query, {rewriter.as(Role::body, select)});
  Node* name = rewriter.make(Kind::alias, {rewriter.as(Role::name, rewriter.ident(alias))});
  return rewriter.make(Kind::derived,
                       {rewriter.as(Role::query, query), rewriter.as(Role::alias, name)});
}

// Of schema.table.column, where the table is now a subquery of its name, the last two.
const Node* without_schema(Rewriter& rewriter, const Node* expression, const Relation& relation) {
  return replaced(rewriter, expression, [&](const Node* part) -> const Node* {
    if (part->kind != Kind::name || part->count < 3 || relation.schema.empty() ||
        plain_ident(part->at(part->count - 2)->text()) != relation.alias ||
        plain_name(part) != std::string(relation.schema) + "." + std::string(relation.alias) + "." +
                                plain_ident(part->at(part->count - 1)->text()))
      return nullptr;
    return rewriter.make(Kind::name, {part->kids[part->count - 2], part->kids[part->count - 1]});
  });
}

// Whether the columns of both are known, and there are as many.
bool go_together(Rewriter& rewriter, const Node* place, const Relation& into,
                 const Relation& from) {
  if (!into.complete || !from.complete) {
    rewriter.refuse(place, "sql-type-unknown",
                    "REMOVE DUPLICATES goes by the columns of both tables, which are not known",
                    "add the tables' DDL to the input");
    return false;
  }
  if (into.columns.size() == from.columns.size()) return true;
  rewriter.refuse(place, "sql-merge-duplicates",
                  "REMOVE DUPLICATES wants tables with as many columns: " +
                      std::string(into.alias) + " has " + std::to_string(into.columns.size()) +
                      ", " + std::string(from.alias) + " " + std::to_string(from.columns.size()),
                  "write the branches WHEN MATCHED and WHEN NOT MATCHED");
  return false;
}

// MERGE … REMOVE DUPLICATES. docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html (2026-11): rows of
// the target that match a row of the source are updated to it, and of several that match one, one
// is kept; rows of the source that match none are inserted; columns go by their place. So each row
// of the source is in the target once, and of the target what matches none of them. "Rows in
// target_table can't match multiple rows in source_table": that fails, as with branches.
Node* remove_duplicates(Rewriter& rewriter, const Node* node, Node* into, Node* source) {
  const Relation into_rows = rewriter.scope->relations[0];
  const Relation rows = rewriter.scope->relations[1];
  if (!go_together(rewriter, node, into_rows, rows)) return nullptr;
  std::string mark = "is_new";
  for (const OutputColumn& one : rows.columns)
    if (same_word(one.name, mark)) mark += '_';
  const std::string alias = quote_name(rows.alias);
  const auto of_source = [&](std::string_view column) {
    return rewriter.name({alias, quote_name(column)});
  };
  const Node* match = without_schema(rewriter, node->get(Role::condition), rows);
  std::vector<Node*> names, values;
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    names.push_back(rewriter.ident(quote_name(into_rows.columns[i].name)));
    values.push_back(stored(rewriter, {of_source(rows.columns[i].name), rows.columns[i].type},
                            into_rows.columns[i].type));
  }
  const auto is_new = [&] { return rewriter.name({alias, mark}); };
  const Node* const both_hold[] = {rewriter.rewrite(match), rewriter.fill("NOT $1", {is_new()})};
  Node* both = doubled(rewriter, source, alias, mark);
  rewriter.applied("merge-remove-duplicates");
  return assemble(
      rewriter, node, "merge",
      {rewriter.words("MERGE INTO"), into, rewriter.words("USING"), rewriter.as(Role::source, both),
       rewriter.words("ON"), rewriter.as(Role::condition, conjunction(rewriter, both_hold)),
       rewriter.as(
           Role::branches,
           rewriter.make(Kind::clause, {rewriter.words("WHEN MATCHED AND"),
                                        rewriter.as(Role::condition, rewriter.rewrite(match)),
                                        rewriter.words("THEN DELETE")})),
       rewriter.as(
           Role::branches,
           rewriter.make(
               Kind::clause,
               {rewriter.words("WHEN NOT MATCHED AND"), rewriter.as(Role::condition, is_new()),
                rewriter.words("THEN INSERT"),
                rewriter.as(Role::columns, rewriter.list(names, true)), rewriter.words("VALUES"),
                rewriter.as(Role::value, rewriter.list(values, true))}))});
}

Node* merge(Rewriter& rewriter, const Node* node) {
  ScopeGuard guard(rewriter);
  const Node* target = node->get(Role::target);
  std::string alias;
  Node* into = target_of(rewriter, target, alias);
  rewriter.add_target(target);
  Node* source = rewriter.from_item(node->get(Role::source), true);
  if (node->says("REMOVE DUPLICATES")) return remove_duplicates(rewriter, node, into, source);
  const Node* condition = node->get(Role::condition);
  Node* on = rewriter.rewrite(condition);
  std::vector<Node*> branches;
  for (const Node* kid : node->children()) {
    if (kid->role != Role::branches) continue;
    if (kid->kind == Kind::list)
      for (const Node* one : kid->children())
        branches.push_back(branch(rewriter, one, target, condition));
    else
      branches.push_back(branch(rewriter, kid, target, condition));
  }
  rewriter.applied("merge");
  std::vector<Node*> kids{rewriter.words("MERGE INTO"), into,
                          rewriter.words("USING"),      rewriter.as(Role::source, source),
                          rewriter.words("ON"),         rewriter.as(Role::condition, on)};
  for (Node* one : branches) kids.push_back(rewriter.as(Role::branches, one));
  Node* out = rewriter.make(Kind::statement, kids);
  out->set_text("merge");
  return rewriter.at(node, out);
}

Node* translate(Rewriter& rewriter, const Node* node) {
  if (node->text() == "update") return update(rewriter, node);
  if (node->text() == "delete") return remove(rewriter, node);
  return merge(rewriter, node);
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::change

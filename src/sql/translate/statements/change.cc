// UPDATE, DELETE and MERGE. Delta's UPDATE and DELETE know no second table: MERGE does it. Where
// several rows match one, Redshift takes any of them and MERGE raises an error: that is the guard.
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

std::string last_name(const Node* name) {
  const std::string plain = plain_name(name);
  return plain.substr(plain.rfind('.') + 1);
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
    Expr value = rewriter.expression(one->get(Role::value));
    if (known) {
      value = rewriter.coerce(value, known->type);
      std::string text;
      if (known->type.is(Base::char_) && read_string(value.node, text) && text.ends_with(' '))
        value.node = rewriter.call("rtrim", {value.node});
      if (known->type.is_integer() && (value.type.is(Base::decimal) || value.type.is_float()))
        value.node = rewriter.call(value.type.is_float() ? "bround" : "round", {value.node});
    }
    out.push_back(
        rewriter.make(Kind::assignment, {rewriter.as(Role::target, rewriter.output_name(last)),
                                         rewriter.as(Role::value, value.node)}));
  }
  return rewriter.list(out);
}

// FROM a, b WHERE …: what MERGE joins with, and on what. One plain table stays itself.
Node* merged_source(Rewriter& rewriter, const Node* from) {
  if (from->count == 1) return rewriter.from_item(from->at(0), true);
  Node* left = rewriter.from_item(from->at(0), true);
  for (std::uint32_t i = 1; i < from->count; ++i)
    left = rewriter.make(
        Kind::join,
        {rewriter.as(Role::left, left), rewriter.as(Role::right, rewriter.from_item(from->at(i)))},
        static_cast<std::uint16_t>(JoinKind::cross));
  return left;
}

bool single_source(const Node* from) {
  return from->count == 1 &&
         (from->at(0)->kind == Kind::table || from->at(0)->kind == Kind::derived);
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
  if (!single_source(from)) {
    rewriter.refuse(from, "sql-update-joins", "UPDATE … FROM with several tables is not translated",
                    "join the tables in a subquery with an alias: FROM (SELECT …) AS s");
    return nullptr;
  }
  // UPDATE t … FROM t, s: the target named again is joined with itself
  const Node* source_name = from->at(0)->get(Role::name);
  if (source_name && !from->at(0)->get(Role::alias) &&
      last_name(source_name) == last_name(target->get(Role::name)))
    rewriter.refuse(from, "sql-update-joins", "the target stands in FROM without an alias",
                    "give it an alias");
  Node* source = merged_source(rewriter, from);
  if (where && has_outer_mark(where))
    rewriter.refuse(where, "sql-outer-mark", "(+) in UPDATE is not translated",
                    "join in a subquery");
  Node* on = where ? rewriter.rewrite(where) : rewriter.fill("TRUE", {});
  Node* set = assignments(rewriter, node->get(Role::set), target);
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
  Node* condition = nullptr;
  if (!using_list) {
    condition = where ? rewriter.rewrite(where) : nullptr;
  } else if (single_source(using_list)) {
    Node* source = merged_source(rewriter, using_list);
    Node* on = where ? rewriter.rewrite(where) : rewriter.fill("TRUE", {});
    rewriter.applied("delete-using-to-merge");
    return assemble(rewriter, node, "merge",
                    {rewriter.words("MERGE INTO"), from, rewriter.words("USING"),
                     rewriter.as(Role::source, source), rewriter.words("ON"),
                     rewriter.as(Role::condition, on), rewriter.words("WHEN MATCHED THEN DELETE")});
  } else {
    ScopeGuard inner(rewriter);
    std::vector<Node*> items;
    for (const Node* one : using_list->children()) items.push_back(rewriter.from_item(one));
    std::vector<Node*> parts{
        rewriter.as(Role::items, rewriter.list(std::vector<Node*>{rewriter.number(1)})),
        rewriter.as(Role::from, rewriter.list(items))};
    if (where) parts.push_back(rewriter.as(Role::where, rewriter.rewrite(where)));
    Node* select = rewriter.make(Kind::select, parts);
    Node* query = rewriter.make(Kind::query, {rewriter.as(Role::body, select)});
    condition = rewriter.make(Kind::exists, {rewriter.as(Role::query, query)});
    rewriter.applied("delete-using-to-exists");
  }
  return assemble(
      rewriter, node, "delete",
      {rewriter.words("DELETE FROM"), from, condition ? rewriter.words("WHERE") : nullptr,
       condition ? rewriter.as(Role::where, condition) : nullptr});
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
      Expr value = rewriter.expression(source->at(i));
      if (i < types.size()) value = rewriter.coerce(value, types[i]);
      values.push_back(value.node);
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

// REMOVE DUPLICATES: rows of the target that match are replaced by the source's, each once; so are
// rows of the source that do not match.
Node* remove_duplicates(Rewriter& rewriter, const Node* node, Node* into, Node* source, Node* on) {
  rewriter.applied("merge-remove-duplicates");
  rewriter.refuse(node, "sql-merge-duplicates",
                  "MERGE … REMOVE DUPLICATES is not translated: it rewrites matching rows without "
                  "their duplicates",
                  "write DELETE … USING and INSERT … SELECT DISTINCT");
  (void)into;
  (void)source;
  (void)on;
  return nullptr;
}

Node* merge(Rewriter& rewriter, const Node* node) {
  ScopeGuard guard(rewriter);
  const Node* target = node->get(Role::target);
  std::string alias;
  Node* into = target_of(rewriter, target, alias);
  rewriter.add_target(target);
  Node* source = rewriter.from_item(node->get(Role::source), true);
  const Node* condition = node->get(Role::condition);
  Node* on = rewriter.rewrite(condition);
  if (node->says("REMOVE DUPLICATES")) return remove_duplicates(rewriter, node, into, source, on);
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

#include "sql/procedures/row_loop.h"

#include <algorithm>

#include "sql/functions/function.h"
#include "sql/procedures/routine.h"

namespace lakeshift::sql {
namespace {

bool is_volatile(const Node* node) {
  if (node->kind == Kind::call && node->get(Role::name)) {
    const std::string name = plain_name(node->get(Role::name));
    for (const std::string_view one : {"random", "nextval", "timeofday"})
      if (name == one) return true;
    if (find_functions(name).empty()) return true;  // of a user: who knows
  }
  for (const Node* kid : node->children())
    if (is_volatile(kid)) return true;
  return false;
}

bool assigns(const Node* body, std::set<std::string>& names) {
  if (body->kind == Kind::assignment && body->code == 1) {
    const Node* target = body->get(Role::target);
    if (target->kind != Kind::ident) return false;
    names.insert(plain_ident(target->text()));
  }
  for (const Node* kid : body->children())
    if (!assigns(kid, names)) return false;
  return true;
}

}  // namespace

bool RowLoop::name_columns() {
  // what it says is said again when the statement is translated
  Rewriter quiet(rewriter_.catalog, rewriter_.options, rewriter_.arena(), rewriter_.patterns(),
                 rewriter_.source());
  quiet.locals = rewriter_.locals;
  const QueryResult query = quiet.query(query_, true);
  if (!query.complete || query.columns.empty()) {
    reason = "the columns of its query are not known";
    return false;
  }
  std::set<std::string_view> seen;
  for (const OutputColumn& one : query.columns) {
    if (one.name.empty() || one.name == "?column?" || !seen.insert(one.name).second) {
      reason = "a column of its query has no name of its own";
      return false;
    }
  }
  columns_ = query.columns;
  if (record.empty() && columns_.size() != targets.size()) {
    reason = "its query has other columns than variables";
    return false;
  }
  return true;
}

bool RowLoop::read() {
  if (!name_columns()) return false;
  if (!assigns(body_, assigned)) {
    reason = "it assigns to a record or an array";
    return false;
  }
  alias_ = record.empty() ? "loop_row" : record;
  Environment values;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    assigned.insert(targets[i].name);
    const Type& from = columns_[i].type;
    const Type& to = targets[i].type;
    const bool same =
        from == to || (from.is_integer() && to.is_integer()) ||
        (from.is_string() && to.is_string() && from.base == to.base && from.length <= to.length);
    if (!same) {
      reason = "the value of " + targets[i].name + " changes its type when it is fetched";
      return false;
    }
    values[targets[i].name] = rewriter_.name({alias_, quote_name(columns_[i].name)});
  }
  std::vector<Node*> guards;
  if (!run(body_, values, guards)) return false;
  if (!change_) reason = "it changes no table";
  return change_ != nullptr;
}

bool RowLoop::run(const Node* statements, Environment& values, std::vector<Node*>& guards) {
  for (const Node* one : statements->children())
    if (!run_one(one, values, guards)) return false;
  return true;
}

bool RowLoop::run_one(const Node* statement, Environment& values, std::vector<Node*>& guards) {
  if (statement->kind == Kind::assignment) {
    const std::string name = plain_ident(statement->get(Role::target)->text());
    Node* value = nullptr;
    if (!expression(statement->get(Role::value), values, value)) return false;
    if (!fits(value, name)) return false;
    values[name] = value;
    return true;
  }
  const std::string_view row = statement->kind == Kind::statement ? statement->text() : "";
  if (row == "if") return run_if(statement, values, guards);
  if (row == "null") return true;
  if (row == "insert" || row == "update" || row == "delete")
    return take_change(statement, values, guards);
  if (row == "raise" && !statement->says("EXCEPTION") && statement->get(Role::message)) return true;
  if (row == "exit" || row == "continue" || row == "return")
    reason = "it is left early";
  else if (row == "raise")
    reason = "it raises an error";
  else if (row == "commit" || row == "rollback" || row == "truncate")
    reason = "it commits row by row";
  else if (row == "call" || row == "execute_string")
    reason = "it calls or runs other statements";
  else
    reason = "its body is more than assignments, IF and one change of a table";
  return false;
}

bool RowLoop::run_if(const Node* statement, Environment& values, std::vector<Node*>& guards) {
  struct Arm {
    Node* condition = nullptr;  // null: ELSE
    Environment values{};
  };
  std::vector<Arm> arms;
  std::vector<Node*> refused;
  const Environment before = values;
  const auto arm = [&](const Node* condition, const Node* then) {
    Arm one{nullptr, before};
    std::vector<Node*> inside = guards;
    for (Node* earlier : refused) inside.push_back(earlier);
    if (condition) {
      if (!expression(condition, before, one.condition)) return false;
      inside.push_back(one.condition);
      Node* test = rewriter_.make(Kind::is_test, {rewriter_.make(Kind::paren, {one.condition})},
                                  static_cast<std::uint16_t>(IsKind::true_));
      test->flags = kNegated;
      refused.push_back(test);
    }
    if (!run(then, one.values, inside)) return false;
    arms.push_back(std::move(one));
    return true;
  };
  if (!arm(statement->get(Role::condition), statement->get(Role::then))) return false;
  for (const Node* kid : statement->children()) {
    if (kid->role != Role::branches) continue;
    if (kid->kind != Kind::list) {
      if (!arm(kid->get(Role::condition), kid->get(Role::then))) return false;
      continue;
    }
    for (const Node* one : kid->children())
      if (!arm(one->get(Role::condition), one->get(Role::then))) return false;
  }
  if (const Node* otherwise = statement->get(Role::otherwise)) {
    if (!arm(nullptr, otherwise)) return false;
  } else {
    arms.push_back({nullptr, before});
  }
  std::set<std::string> names;
  for (const Arm& one : arms)
    for (const auto& [name, value] : one.values) names.insert(name);
  for (const std::string& name : names) {
    const auto held = [&](const Arm& one) -> Node* {
      const auto found = one.values.find(name);
      return found == one.values.end() ? nullptr : found->second;
    };
    Node* first = held(arms[0]);
    if (std::all_of(arms.begin(), arms.end(), [&](const Arm& one) { return held(one) == first; }))
      continue;
    std::vector<Node*> whens;
    bool known = true;
    for (const Arm& one : arms) {
      Node* value = held(one);
      known = known && value;
      if (!value) break;
      if (one.condition)
        whens.push_back(rewriter_.as(
            Role::when, rewriter_.make(Kind::when, {rewriter_.as(Role::condition, one.condition),
                                                    rewriter_.as(Role::then, value)})));
      else
        whens.push_back(rewriter_.as(Role::otherwise, value));
    }
    // not assigned on every way: what it holds then is of an earlier row
    if (known)
      values[name] = rewriter_.make(Kind::case_, whens);
    else
      values.erase(name);
  }
  return true;
}

// The expression with what the body assigned put in for its variables.
bool RowLoop::expression(const Node* node, const Environment& values, Node*& out) {
  if (has_query(node)) {
    reason = "it reads tables row by row";
    return false;
  }
  if (is_volatile(node)) {
    reason = "it calls a function that may answer differently each time";
    return false;
  }
  bool fine = true;
  const auto replace = [&](const auto& self, const Node* one) -> Node* {
    if (one->kind == Kind::ident) {
      const std::string name = plain_ident(one->text());
      if (const auto found = values.find(name); found != values.end()) {
        Node* value = rewriter_.make(Kind::paren, {rewriter_.as(Role::none, found->second)});
        if (found->second->kind == Kind::name || found->second->kind == Kind::string)
          value = rewriter_.as(Role::none, found->second);
        value->role = one->role;
        return value;
      }
      if (assigned.contains(name)) {
        if (fine) reason = "the value of " + name + " is carried from row to row";
        fine = false;
      }
      return rewriter_.as(one->role, one);
    }
    std::vector<Node*> kids;
    for (const Node* kid : one->children())
      kids.push_back(one->kind == Kind::name || (one->kind == Kind::call && kid->role == Role::name)
                         ? rewriter_.as(kid->role, kid)
                         : self(self, kid));
    return rewriter_.rebuilt(one, kids);
  };
  out = rewriter_.as(Role::none, replace(replace, node));
  return fine;
}

// Whether the variable holds the value as it is.
bool RowLoop::fits(const Node* value, std::string_view variable) {
  const Type* type = variable_type ? variable_type(variable) : nullptr;
  if (!type) {
    reason = "it assigns to a record";
    return false;
  }
  std::string text;
  if (read_string(value, text) && type->is_string() && text.size() <= type->length &&
      (!type->is(Base::char_) || !text.ends_with(' ')))
    return true;
  if (value->kind == Kind::null) return true;
  if (value->kind == Kind::boolean && type->is(Base::boolean)) return true;
  if (value->kind == Kind::number && type_of_number(value->text()).is_integer() &&
      type->is_integer())
    return true;
  Rewriter quiet(rewriter_.catalog, rewriter_.options, rewriter_.arena(), rewriter_.patterns(),
                 rewriter_.source());
  quiet.locals = rewriter_.locals;
  ScopeGuard guard(quiet);
  guard.own.relations.push_back({rewriter_.copy(alias_), {}, columns_, true});
  const Type given = quiet.expression(value).type;
  if (given == *type || (given.is_integer() && type->is_integer()) ||
      (given.is_string() && given.base == type->base && given.length <= type->length))
    return true;
  reason = "the value of " + std::string(variable) + " changes its type when it is assigned";
  return false;
}

bool RowLoop::take_change(const Node* statement, const Environment& values,
                          const std::vector<Node*>& guards) {
  if (change_) {
    reason = "it changes tables more than once a row";
    return false;
  }
  change_ = statement;
  at_change_ = values;
  guards_ = guards;
  const Node* target = statement->get(Role::target);
  const Node* name = target->get(Role::name) ? target->get(Role::name) : target;
  target_ = tables_.find(plain_name(name));
  const Node* alias = target->get(Role::alias);
  target_name_ = alias ? plain_name(alias->kind == Kind::alias ? alias->get(Role::name) : alias)
                       : last_part(plain_name(name));
  if (!target_ || target_->columns.empty()) {
    reason = "the columns of " + plain_name(name) + " are not known";
    return false;
  }
  if (statement->get(Role::items) || statement->get(Role::from) || statement->get(Role::using_)) {
    reason = "its change of a table joins another";
    return false;
  }
  return true;
}

const Node* RowLoop::one_statement() {
  if (change_->text() == "insert") return insert();
  if (change_->text() == "update") return update();
  return remove();
}

// (query) AS alias
Node* RowLoop::rows(Node* source) {
  Node* alias = rewriter_.make(Kind::alias, {rewriter_.as(Role::name, rewriter_.ident(alias_))});
  Node* derived = rewriter_.make(
      Kind::derived, {rewriter_.as(Role::query, source), rewriter_.as(Role::alias, alias)});
  return rewriter_.list(std::vector<Node*>{derived});
}

Node* RowLoop::select(std::vector<Node*> items, Node* source, const std::vector<Node*>& where) {
  std::vector<Node*> parts{rewriter_.as(Role::items, rewriter_.list(items)),
                           rewriter_.as(Role::from, rows(source))};
  std::vector<Node*> all;
  for (Node* one : where)
    all.push_back(rewriter_.make(Kind::paren, {rewriter_.as(Role::none, one)}));
  if (!all.empty()) {
    Node* condition = all.size() == 1
                          ? all[0]->kids[0]
                          : rewriter_.make(Kind::binary, all, static_cast<std::uint16_t>(Op::kAnd));
    parts.push_back(rewriter_.as(Role::where, condition));
  }
  Node* body = rewriter_.make(Kind::select, parts);
  return rewriter_.make(Kind::query, {rewriter_.as(Role::body, body)});
}

Node* RowLoop::insert() {
  const Node* source = change_->get(Role::source);
  const Node* values = source ? source->get(Role::body) : nullptr;
  if (!values || values->kind != Kind::values || values->count != 1)
    return fail("its INSERT is not of one row of values");
  if (change_->get(Role::action) || change_->get(Role::options))
    return fail("its INSERT has more than values");
  for (const Column& one : target_->columns)
    if (one.identity) return fail("the table numbers its rows as they come");
  std::vector<Node*> items;
  for (const Node* one : values->at(0)->children()) {
    if (one->kind == Kind::default_value) return fail("its INSERT has DEFAULT among its values");
    Node* value = nullptr;
    if (!expression(one, at_change_, value)) return nullptr;
    items.push_back(value);
  }
  Node* query = select(items, clone(query_, rewriter_.arena()), guards_);
  std::vector<Node*> kids;
  for (Node* kid : change_->children())
    kids.push_back(kid->role == Role::source ? rewriter_.as(Role::source, query) : kid);
  return rewriter_.rebuilt(change_, kids);
}

bool RowLoop::reads_target(const Node* node) const {
  if (node->kind == Kind::name) return plain_ident(node->at(0)->text()) == target_name_;
  if (node->kind == Kind::ident) return target_->find(plain_ident(node->text())) != nullptr;
  for (const Node* kid : node->children())
    if (!(node->kind == Kind::call && kid->role == Role::name) && reads_target(kid)) return true;
  return false;
}

// Columns of the target with its name before them.
Node* RowLoop::qualified(const Node* node) {
  if (node->kind == Kind::ident && target_->find(plain_ident(node->text()))) {
    Node* out = rewriter_.name({target_name_, node->text()});
    out->role = node->role;
    return out;
  }
  if (node->kind == Kind::name) return rewriter_.as(node->role, node);
  std::vector<Node*> kids;
  for (const Node* kid : node->children())
    kids.push_back(node->kind == Kind::call && kid->role == Role::name
                       ? rewriter_.as(kid->role, kid)
                       : qualified(kid));
  return rewriter_.rebuilt(node, kids);
}

// WHERE as pairs (column of the target, value of the row), and conditions on the row alone.
bool RowLoop::split_where(std::vector<std::pair<Node*, Node*>>& keys, std::vector<Node*>& own) {
  const Node* where = change_->get(Role::where);
  if (!where) return false;
  std::vector<const Node*> parts;
  const auto split = [&](const auto& self, const Node* node) -> void {
    node = without_parens(node);
    if (node->kind == Kind::binary && static_cast<Op>(node->code) == Op::kAnd)
      for (const Node* kid : node->children()) self(self, kid);
    else
      parts.push_back(node);
  };
  split(split, where);
  for (const Node* part : parts) {
    Node* value = nullptr;
    if (!reads_target(part)) {
      if (!expression(part, at_change_, value)) return false;
      own.push_back(value);
      continue;
    }
    const bool equals =
        part->kind == Kind::binary && part->count == 2 && static_cast<Op>(part->code) == Op::kEq;
    if (!equals) return false;
    const Node* left = without_parens(part->at(0));
    const Node* right = without_parens(part->at(1));
    if (!reads_target(left)) std::swap(left, right);
    const bool column = left->kind == Kind::ident || left->kind == Kind::name;
    if (!column || reads_target(right)) return false;
    if (!expression(right, at_change_, value)) return false;
    keys.emplace_back(qualified(left), value);
  }
  return !keys.empty();
}

// Puts the row's position, by the query's ORDER BY, into the query.
bool RowLoop::add_position(Node*& source, std::vector<Node*>& order) {
  const Node* by = source->get(Role::order_by);
  Node* body = source->get(Role::body);
  if (!by) {
    assumption = "the loop's query has no order: of rows for the same key any could be the last";
    return true;
  }
  if (body->kind != Kind::select || body->has(kDistinct)) return false;
  ordered_ = true;
  std::vector<Node*> window_parts{rewriter_.as(Role::order_by, clone(by, rewriter_.arena()))};
  Node* window = rewriter_.make(Kind::window, window_parts);
  Node* call = rewriter_.call("row_number", {});
  std::vector<Node*> call_parts(call->children().begin(), call->children().end());
  call_parts.push_back(rewriter_.as(Role::over, window));
  Node* numbered = rewriter_.make(Kind::select_item,
                                  {rewriter_.rebuilt(call, call_parts),
                                   rewriter_.as(Role::alias, rewriter_.ident("loop_position"))});
  std::vector<Node*> items(body->get(Role::items)->children().begin(),
                           body->get(Role::items)->children().end());
  items.push_back(numbered);
  std::vector<Node*> parts, kids;
  for (Node* part : body->children())
    parts.push_back(part->role == Role::items ? rewriter_.rebuilt(part, items) : part);
  const bool limited = source->get(Role::limit) || source->get(Role::offset);
  for (Node* kid : source->children()) {
    if (kid->role == Role::order_by && !limited) continue;
    kids.push_back(kid->role == Role::body ? rewriter_.rebuilt(kid, parts) : kid);
  }
  source = rewriter_.rebuilt(source, kids);
  order.push_back(rewriter_.make(Kind::order_item, {rewriter_.name({alias_, "loop_position"})},
                                 static_cast<std::uint16_t>(Order::descending)));
  return true;
}

Node* RowLoop::update() {
  std::vector<std::pair<Node*, Node*>> keys;
  std::vector<Node*> where = guards_;
  if (!split_where(keys, where)) {
    if (reason.empty()) reason = "its rows are not found by equality with values of the row alone";
    return nullptr;
  }
  std::vector<Node*> items, partition, order, on, set;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string name = "loop_key" + std::to_string(i + 1);
    items.push_back(
        rewriter_.make(Kind::select_item, {rewriter_.as(Role::none, keys[i].second),
                                           rewriter_.as(Role::alias, rewriter_.ident(name))}));
    const Column* column = target_->find(plain_ident(
        keys[i].first->kind == Kind::name ? keys[i].first->at(1)->text() : keys[i].first->text()));
    const bool text = column && column->type.is_string();
    partition.push_back(text ? rewriter_.call("rtrim", {keys[i].second})
                             : rewriter_.as(Role::none, keys[i].second));
    on.push_back(rewriter_.binary(Op::kEq, {keys[i].first, rewriter_.name({"loop_rows", name})}));
  }
  std::vector<Node*> values;
  for (const Node* one : change_->get(Role::set)->children()) {
    Node* value = nullptr;
    const Node* given = one->get(Role::value);
    if (one->get(Role::target)->kind == Kind::list) return fail("it sets several columns at once");
    if (reads_target(given)) return fail("the new value depends on the one before it");
    if (!expression(given, at_change_, value)) return nullptr;
    const std::string name = "loop_value" + std::to_string(values.size() + 1);
    values.push_back(value);
    items.push_back(rewriter_.make(
        Kind::select_item,
        {rewriter_.as(Role::none, value), rewriter_.as(Role::alias, rewriter_.ident(name))}));
    set.push_back(rewriter_.make(Kind::assignment,
                                 {rewriter_.as(Role::target, one->get(Role::target)),
                                  rewriter_.as(Role::value, rewriter_.name({"loop_rows", name}))}));
  }
  Node* source = clone(query_, rewriter_.arena());
  if (!add_position(source, order)) return fail("its query is ordered, and DISTINCT or a union");
  if (order.empty())
    for (Node* value : values)
      order.push_back(rewriter_.make(Kind::order_item, {rewriter_.as(Role::none, value)}));
  Node* query = select(items, source, where);
  Node* window =
      rewriter_.make(Kind::window, {rewriter_.as(Role::partition, rewriter_.list(partition)),
                                    rewriter_.as(Role::order_by, rewriter_.list(order))});
  Node* call = rewriter_.call("row_number", {});
  std::vector<Node*> call_parts(call->children().begin(), call->children().end());
  call_parts.push_back(rewriter_.as(Role::over, window));
  Node* first =
      rewriter_.binary(Op::kEq, {rewriter_.rebuilt(call, call_parts), rewriter_.number(1)});
  Node* body = query->get(Role::body);
  std::vector<Node*> parts(body->children().begin(), body->children().end());
  parts.push_back(rewriter_.as(Role::qualify, first));
  query = rewriter_.make(Kind::query, {rewriter_.as(Role::body, rewriter_.rebuilt(body, parts))});
  Node* alias =
      rewriter_.make(Kind::alias, {rewriter_.as(Role::name, rewriter_.ident("loop_rows"))});
  Node* derived = rewriter_.make(
      Kind::derived, {rewriter_.as(Role::query, query), rewriter_.as(Role::alias, alias)});
  Node* condition = on.size() == 1
                        ? on[0]
                        : rewriter_.make(Kind::binary, on, static_cast<std::uint16_t>(Op::kAnd));
  Node* branch = rewriter_.make(Kind::clause, {rewriter_.words("WHEN MATCHED THEN UPDATE SET"),
                                               rewriter_.as(Role::set, rewriter_.list(set))});
  return assemble(
      rewriter_, change_, "merge",
      {rewriter_.words("MERGE INTO"), change_->get(Role::target), rewriter_.words("USING"),
       rewriter_.as(Role::source, derived), rewriter_.words("ON"),
       rewriter_.as(Role::condition, condition), rewriter_.as(Role::branches, branch)});
}

// DELETE … USING the rows: any match deletes, as any turn of the loop does.
Node* RowLoop::remove() {
  std::vector<Node*> all = guards_;
  if (const Node* where = change_->get(Role::where)) {
    Node* value = nullptr;
    if (!expression(where, at_change_, value)) return nullptr;
    all.push_back(qualified(value));
  }
  std::vector<Node*> parts;
  for (Node* one : all)
    parts.push_back(rewriter_.make(Kind::paren, {rewriter_.as(Role::none, one)}));
  Node* source = clone(query_, rewriter_.arena());
  std::vector<Node*> kids{rewriter_.words("DELETE FROM"), change_->get(Role::target),
                          rewriter_.words("USING"), rewriter_.as(Role::using_, rows(source))};
  if (!parts.empty()) {
    Node* condition = parts.size() == 1 ? parts[0]->kids[0]
                                        : rewriter_.make(Kind::binary, parts,
                                                         static_cast<std::uint16_t>(Op::kAnd));
    kids.push_back(rewriter_.words("WHERE"));
    kids.push_back(rewriter_.as(Role::where, condition));
  }
  Node* out = rewriter_.make(Kind::statement, kids);
  out->set_text("delete");
  return rewriter_.at(change_, out);
}

std::string RowLoop::conditions() const {
  std::string words = "its body changes " + target_->name +
                      " by the row's own values, keeps nothing from row to row, is never left "
                      "early, and reads no table";
  if (change_->text() == "update")
    words += ordered_ ? "; of rows with the same key the last one wins, by the query's order"
                      : "; of rows with the same key one wins";
  return words;
}

}  // namespace lakeshift::sql

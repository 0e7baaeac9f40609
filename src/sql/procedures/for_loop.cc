// FOR over a range and over a query.
#include "sql/procedures/script.h"

namespace lakeshift::sql {

// The bounds are taken once; the variable is the loop's own. It is moved at the head of the body,
// so that CONTINUE moves it too.
void Script::for_range(const Node* node, Lines& out) {
  const bool reverse = node->says("REVERSE");
  const Node* label = node->get(Role::label);
  const Node* name = node->get(Role::variable);
  const auto bound = [&](const Node* given, std::string_view which) {
    Expr value = rewriter_.expression(given);
    Node* number = converted(value, type_of(Base::integer), false, given);
    if (number->kind == Kind::number || (number->kind == Kind::unary && given->kind != Kind::ident))
      return number;
    return rewriter_.fill(
        "coalesce($1, raise_error('" + std::string(which) + " of FOR loop cannot be null'))",
        {number});
  };
  Node* first = bound(node->get(Role::from_pos), "lower bound");
  Node* last = bound(node->get(Role::to), "upper bound");
  const Node* given_step = node->get(Role::step);
  Node* step = given_step ? bound(given_step, "BY value") : rewriter_.number(1);

  Frame& around = scopes_.enter(FrameKind::block, "", "block");
  Variable& end = made(around, "loop_end", type_of(Base::integer), "INT");
  Variable* by = nullptr;
  Lines all{declare_line(nullptr, end, last)};
  if (given_step && step->kind != Kind::number) {
    by = &made(around, "loop_step", type_of(Base::integer), "INT");
    all.push_back(declare_line(nullptr, *by, step));
  }
  const auto step_of = [&]() { return by ? ident(by->spelled) : step; };
  auto counter = std::make_unique<Variable>();
  counter->name = plain_ident(name->text());
  counter->spelled = quote_name(name->text());
  counter->type = type_of(Base::integer);
  counter->declared = "INT";
  // where the body changes the variable, the loop counts by another one
  const bool changed = is_assigned(node->get(Role::body), counter->name);
  around.variables.push_back(std::move(counter));
  const Located variable{around.variables.back().get(), &around};
  Located counting = variable;
  if (changed) {
    counting = {&made(around, "loop_next", type_of(Base::integer), "INT"), &around};
    all.push_back(declare_line(nullptr, *variable.variable, nullptr));
  }
  all.push_back(declare_line(node, *counting.variable,
                             rewriter_.fill(reverse ? "$1 + $2" : "$1 - $2", {first, step_of()})));
  Frame& frame = scopes_.enter(FrameKind::loop, label ? plain_ident(label->text()) : "", "loop");
  const auto counter_name = [&] { return reference(counting, false); };
  Node* test = rewriter_.fill(reverse ? "$1 - $2 >= $3" : "$1 + $2 <= $3",
                              {counter_name(), step_of(), reference({&end, &around}, false)});
  Lines body{
      set_line(nullptr, counter_name(),
               rewriter_.fill(reverse ? "$1 - $2" : "$1 + $2", {counter_name(), step_of()}))};
  if (changed) body.push_back(set_line(nullptr, reference(variable, false), counter_name()));
  statements_of(node->get(Role::body), body);
  scopes_.leave();
  all.push_back(made_of(
      nullptr,
      {frame.labelled ? words(frame.label + ":") : nullptr, words("WHILE"), test, words("DO"),
       lines(body), words("END WHILE"), frame.labelled ? ident(frame.label) : nullptr}));
  scopes_.leave();
  rewriter_.applied("for-range");
  out.push_back(
      line(nullptr, {around.labelled ? words(around.label + ":") : nullptr, words("BEGIN"),
                     lines(all), words("END"), around.labelled ? ident(around.label) : nullptr}));
  if (found_ && status_wanted()) set_found_by_range(node, first, last, reverse, out);
}

void Script::set_found_by_range(const Node* node, Node* first, Node* last, bool reverse,
                                Lines& out) {
  rewriter_.assume("the bounds of the loop at byte " + std::to_string(node->begin) +
                   " are the same behind it");
  out.push_back(set_line(nullptr, reference({found_, status_frame_}, false),
                         rewriter_.fill(reverse ? "$1 >= $2" : "$1 <= $2", {first, last})));
}

// FOR record IN query, FOR a, b IN query, FOR record IN cursor, FOR record IN EXECUTE text.
void Script::for_query(const Node* node, Lines& out) {
  const Node* source = node->get(Role::query);
  if (node->text() == "for_execute") {
    source = query_of_text(node, node->get(Role::expression));
  } else if (node->text() == "for_cursor") {
    const Located cursor = cursor_named(node->get(Role::cursor));
    source = cursor.variable ? cursor.variable->query : nullptr;
    if (cursor.variable && cursor.variable->arguments)
      source = with_arguments(*cursor.variable, node->get(Role::cursor));
  }
  if (!source) return;
  const Node* variables = node->get(Role::variable);
  if (variables->kind != Kind::list)
    variables = rewriter_.list(std::vector<Node*>{rewriter_.as(Role::none, variables)});
  if (as_one_statement(node, variables, source, node->get(Role::body), out)) return;
  rewriter_.applied("for-query");
  rows_loop(node, variables, source, node->get(Role::body), out);
}

// Whether the body gives the name a value.
bool Script::is_assigned(const Node* body, std::string_view name) const {
  if (body->kind == Kind::assignment && body->code == 1) {
    const Node* target = body->get(Role::target);
    const Node* head = target && target->kind == Kind::name ? target->at(0) : target;
    if (head && plain_ident(head->text()) == name) return true;
  }
  for (const Node* kid : body->children()) {
    if (kid->role == Role::into && mentions(kid, name)) return true;
    if (kid->kind == Kind::clause && kid->text() == "diagnostic" && mentions(kid, name))
      return true;
    if (body->kind == Kind::statement && body->text() == "call" && mentions(kid, name)) return true;
    if (is_assigned(kid, name)) return true;
  }
  return false;
}

// FOR row AS query DO variables := row; body END FOR
void Script::rows_loop(const Node* node, const Node* variables, const Node* source,
                       const Node* statements, Lines& out) {
  QueryResult query = rewriter_.query(source, true);
  name_columns(query);
  const Node* label = node->get(Role::label);
  const Node* only = variables->count == 1 ? variables->at(0) : nullptr;
  const std::string record = only && only->kind == Kind::ident ? plain_ident(only->text()) : "";
  const Located target = record.empty() ? Located{} : scopes_.find(record);
  const bool is_record = !record.empty() && (!target.variable || target.variable->record);
  // a record that is used behind the loop, or changed in it, is a variable beside the row
  const bool copied = is_record && target.variable &&
                      (used_outside(node, record) || is_assigned(statements, record));
  Variable* any = found_ && status_wanted()
                      ? &own_variable("loop_found", type_of(Base::boolean), "BOOLEAN")
                      : nullptr;
  if (any)
    out.push_back(
        set_line(nullptr, reference({any, status_frame_}, false), rewriter_.fill("FALSE", {})));
  Frame& frame = scopes_.enter(FrameKind::loop, label ? plain_ident(label->text()) : "", "loop");
  Frame& row = scopes_.enter(FrameKind::row, is_record && !copied ? record : "", "row");
  row.open = !query.complete;
  for (const OutputColumn& one : query.columns) {
    auto column = std::make_unique<Variable>();
    column->name = one.name;
    column->spelled = quote_name(one.name);
    column->type = one.type;
    row.variables.push_back(std::move(column));
  }
  Lines body;
  if (any)
    body.push_back(
        set_line(nullptr, reference({any, status_frame_}, false), rewriter_.fill("TRUE", {})));
  if (!is_record || copied) take_row(node, variables, query, row, body);
  statements_of(statements, body);
  if (body.empty()) body.push_back(nothing());
  scopes_.leave();
  scopes_.leave();
  out.push_back(made_of(node, {frame.labelled ? words(frame.label + ":") : nullptr, words("FOR"),
                               ident(row.label), quiet("AS"), query.node, words("DO"), lines(body),
                               words("END FOR"), frame.labelled ? ident(frame.label) : nullptr}));
  if (any) {
    out.push_back(set_line(nullptr, reference({found_, status_frame_}, false),
                           reference({any, status_frame_}, false)));
  }
}

// The row's columns into the variables, or into the record.
void Script::take_row(const Node* place, const Node* variables, QueryResult& query, Frame& row,
                      Lines& out) {
  std::vector<Expr> items;
  for (const OutputColumn& one : query.columns)
    items.push_back({rewriter_.name({row.label, quote_name(one.name)}), one.type});
  const Located first = assignable(variables->at(0));
  if (!first.variable) return;
  if (first.variable->record) {
    std::vector<Node*> values;
    if (!fill_record(place, first, query, items, values)) return;
    out.push_back(set_line(nullptr, reference(first, false), values[0]));
    return;
  }
  if (!query.complete || items.size() != variables->count) {
    rewriter_.refuse(variables, "sql-into-columns",
                     "the query's columns and the loop's variables are not equally many",
                     "select one value for each variable");
    return;
  }
  for (std::uint32_t i = 0; i < variables->count; ++i)
    assign(variables->at(i), variables->at(i), items[i], out);
  for (Node* one : out) one->begin = one->end = 0;
}

// Whether the record is read outside of this loop.
bool Script::used_outside(const Node* loop, std::string_view name) const {
  const auto visit = [&](const auto& self, const Node* node) -> bool {
    if (node == loop) return false;
    if (node->kind == Kind::ident && node->role != Role::variable &&
        plain_ident(node->text()) == name)
      return true;
    for (const Node* kid : node->children()) {
      // another loop over the same record fills it anew
      if (kid != loop && kid->kind == Kind::statement && kid->text().starts_with("for_") &&
          kid->get(Role::variable) && mentions(kid->get(Role::variable), name))
        continue;
      if (self(self, kid)) return true;
    }
    return false;
  };
  return visit(visit, routine_->block);
}

}  // namespace lakeshift::sql

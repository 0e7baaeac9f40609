// CREATE PROCEDURE: its head, its parameters, and the two forms of what it becomes.
#include "sql/procedures/script.h"
#include "sql/translate/layout.h"

namespace lakeshift::sql {
namespace {

const Node* find_body(const Node* node) {
  for (const Node* kid : node->children()) {
    if (kid->kind == Kind::body) return kid;
    if (kid->kind == Kind::clause)
      if (const Node* found = find_body(kid)) return found;
  }
  return nullptr;
}

void read_parameters(const Node* list, std::vector<Parameter>& out) {
  if (!list) return;
  for (const Node* one : list->children()) {
    Parameter parameter;
    const Node* name = one->get(Role::name);
    parameter.name = name ? plain_ident(name->text()) : "";
    parameter.type = one->get(Role::type);
    parameter.default_value = one->get(Role::value);
    if (const Node* direction = one->get(Role::direction)) {
      const bool both = direction->says("INOUT") || direction->says("IN OUT");
      parameter.direction = both                     ? Direction::inout
                            : direction->says("OUT") ? Direction::out
                                                     : Direction::in;
    }
    out.push_back(parameter);
  }
}

void collect_names(const Node* node, Scopes& scopes) {
  if (node->kind == Kind::ident && node->role != Role::label)
    if (const std::string name = plain_ident(node->text()); name != "found") scopes.reserve(name);
  for (const Node* kid : node->children()) collect_names(kid, scopes);
}

}  // namespace

Routine read_routine(const Node* statement) {
  Routine routine;
  routine.statement = statement;
  routine.name = plain_name(statement->get(Role::name));
  read_parameters(statement->get(Role::args), routine.parameters);
  const Node* body = find_body(statement);
  const Node* block = body && body->count > 0 ? body->at(0) : nullptr;
  if (block && block->kind == Kind::clause && block->text() == "routine_block")
    routine.block = block;
  for (const Node* option : statement->children()) {
    if (option->role != Role::attributes) continue;
    if (option->says("NONATOMIC")) routine.atomic = false;
    if (option->says("SECURITY DEFINER") || option->says("DEFINER")) routine.definer = true;
  }
  return routine;
}

void Script::begin_routine(const Routine& routine) {
  routine_ = &routine;
  const std::string last = last_part(routine.name);
  collect_names(routine.statement, scopes_);
  Frame& frame = scopes_.enter(FrameKind::block, last, last);
  parameters_ = &frame;
  for (const Parameter& one : routine.parameters) {
    auto variable = std::make_unique<Variable>();
    variable->name = one.name;
    variable->spelled = one.name.empty()
                            ? scopes_.unused("arg" + std::to_string(frame.variables.size() + 1))
                            : quote_name(one.name);
    read_declared_type(one.type, *variable);
    variable->sized = false;  // lengths of parameters are not enforced
    if (variable->cursor) variable->declared = "STRING";
    if (variable->record)
      rewriter_.refuse(one.type, "sql-record-value", "a parameter that is a record",
                       "pass its fields one by one");
    frame.variables.push_back(std::move(variable));
  }
}

// The body, with the variables of ours before its own.
void Script::routine_body(const Routine& routine, Lines& out) {
  BlockParts parts;
  parts.outermost = true;
  parts.begin = [&](Frame& frame, Declared& declared) {
    status_variables(routine.block);
    if (!databricks()) return;
    // what comes in is only read in a procedure: a copy takes the changes
    for (std::size_t i = 0; i < routine.parameters.size(); ++i) {
      Variable& parameter = *parameters_->variables[i];
      if (routine.parameters[i].direction != Direction::in || parameter.name.empty() ||
          !is_assigned(routine.block, parameter.name))
        continue;
      auto copy = std::make_unique<Variable>();
      copy->name = parameter.name;
      copy->spelled = parameter.spelled;
      copy->type = parameter.type;
      copy->declared = parameter.declared;
      Node* value = rewriter_.name({parameters_->label, parameter.spelled});
      declared.variables.push_back(declare_line(nullptr, *copy, value));
      frame.variables.push_back(std::move(copy));
      rewriter_.applied("parameter-copied");
    }
  };
  warn_of_atomicity(routine);
  compound(routine.block, parts, out);
}

Node* Script::procedure(const Routine& routine) {
  begin_routine(routine);
  std::vector<Node*> parameters;
  for (std::size_t i = 0; i < routine.parameters.size(); ++i) {
    const Parameter& one = routine.parameters[i];
    const Variable& variable = *parameters_->variables[i];
    const std::string_view direction = one.direction == Direction::in    ? "IN"
                                       : one.direction == Direction::out ? "OUT"
                                                                         : "INOUT";
    std::vector<Node*> parts{words(direction), ident(variable.spelled), words(variable.declared)};
    if (one.default_value) {
      parts.push_back(words("DEFAULT"));
      parts.push_back(rewriter_.as(
          Role::value, converted(rewriter_.expression(one.default_value), variable, one.type)));
    }
    parameters.push_back(rewriter_.make(Kind::clause, parts));
  }
  Lines body;
  if (!databricks()) own_frame_ = parameters_;  // read for its findings only
  routine_body(routine, body);
  rewriter_.applied("procedure");
  Node* security = words(routine.definer ? "SQL SECURITY DEFINER" : "SQL SECURITY INVOKER");
  return line(routine.statement,
              {words(routine.statement->says("OR REPLACE") ? "CREATE OR REPLACE PROCEDURE"
                                                           : "CREATE PROCEDURE"),
               rewriter_.as(Role::name, rewriter_.object_name(routine.statement->get(Role::name))),
               rewriter_.as(Role::args, rewriter_.list(parameters, true)), words("LANGUAGE SQL"),
               security, words("AS"), body.front()});
}

// label: BEGIN parameters; body; outputs END
Node* Script::block_of_call(const Routine& routine, const std::vector<Node*>& values,
                            const std::vector<Node*>& targets, const Node* place, bool shows) {
  begin_routine(routine);
  Lines all;
  for (std::size_t i = 0; i < routine.parameters.size(); ++i)
    all.push_back(declare_line(nullptr, *parameters_->variables[i], values[i]));
  own_frame_ = parameters_;
  routine_body(routine, all);
  std::vector<Node*> outputs;
  for (std::size_t i = 0; i < routine.parameters.size(); ++i) {
    const Variable& variable = *parameters_->variables[i];
    if (routine.parameters[i].direction == Direction::in || variable.cursor) continue;
    parameters_->labelled = true;
    Node* value = rewriter_.name({parameters_->label, variable.spelled});
    if (i < targets.size() && targets[i]) all.push_back(set_line(nullptr, targets[i], value));
    outputs.push_back(rewriter_.make(Kind::select_item,
                                     {value, rewriter_.as(Role::alias, ident(variable.spelled))}));
  }
  if (shows && !outputs.empty()) {
    Node* items = rewriter_.as(Role::items, rewriter_.list(outputs));
    all.push_back(rewriter_.make(
        Kind::query, {rewriter_.as(Role::body, rewriter_.make(Kind::select, {items}))}));
  }
  own_declarations(all);
  Node* out = line(place, {parameters_->labelled ? words(parameters_->label + ":") : nullptr,
                           words("BEGIN"), lines(all), words("END")});
  scopes_.leave();
  return out;
}

Node* Script::script(const Routine& routine, const std::vector<const Node*>& arguments,
                     const Node* place) {
  std::vector<Node*> values;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    Variable held;
    read_declared_type(routine.parameters[i].type, held);
    const bool in = routine.parameters[i].direction != Direction::out;
    values.push_back(in && arguments[i]
                         ? converted(rewriter_.expression(arguments[i]), held, arguments[i])
                         : nullptr);
  }
  rewriter_.locals = this;
  Node* out = block_of_call(routine, values, {}, place, true);
  rewriter_.locals = nullptr;
  rewriter_.applied("procedure-script");
  // a script begins with BEGIN, without a label
  if (!parameters_->labelled) return out;
  return line(place, {words("BEGIN"), lines({out}), words("END")});
}

}  // namespace lakeshift::sql

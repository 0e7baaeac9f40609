// CALL inside a routine: of a Databricks procedure, or the called procedure itself inside the
// script.
#include "sql/procedures/script.h"

namespace lakeshift::sql {

namespace {

// Redshift nests calls 16 levels deep.
constexpr int kMostCalls = 16;

std::vector<const Node*> arguments_of(const Node* call) {
  std::vector<const Node*> all;
  for (const Node* kid : call->children())
    if (kid->role == Role::args) all.push_back(kid);
  return all;
}

}  // namespace

std::vector<const Node*> matched_arguments(const Routine& routine,
                                           const std::vector<const Node*>& given) {
  std::vector<const Node*> out;
  std::size_t next = 0;
  const bool all = given.size() == routine.parameters.size();
  for (const Parameter& one : routine.parameters) {
    const bool takes = one.direction != Direction::out || all;
    if (takes && next < given.size())
      out.push_back(given[next++]);
    else
      out.push_back(takes ? one.default_value : nullptr);
  }
  return out;
}

bool takes_arguments(const Routine& routine, std::size_t given) {
  std::size_t inputs = 0, required = 0;
  for (const Parameter& one : routine.parameters) {
    if (one.direction == Direction::out) continue;
    ++inputs;
    if (!one.default_value) ++required;
  }
  return given == routine.parameters.size() || (given >= required && given <= inputs);
}

// The procedure of that name that takes so many arguments, read from its text; null when there is
// none.
std::optional<Routine> find_routine(Rewriter& rewriter, const Catalog& catalog,
                                    std::string_view name, std::size_t given, const Node* place) {
  const std::vector<std::string_view> texts = catalog.find_procedures(name);
  for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
    StatementReader reader(*text, *find_dialect("redshift"));
    Statement statement;
    if (!reader.next(statement) || !statement.root) continue;
    Node* copy = placed(clone(statement.root, rewriter.arena()), place);
    Routine routine = read_routine(copy);
    if (routine.block && takes_arguments(routine, given)) return routine;
  }
  return {};
}

void Script::call(const Node* node, Lines& out) {
  const Node* call = node->get(Role::expression);
  if (call->kind != Kind::call) {
    rewriter_.refuse(node, "sql-call", "CALL names no procedure", "write CALL name(values)");
    return;
  }
  const std::string name = plain_name(call->get(Role::name));
  const std::vector<const Node*> given = arguments_of(call);
  const std::optional<Routine> routine = find_routine(rewriter_, local_, name, given.size(), node);
  if (!databricks()) {
    if (!routine) {
      rewriter_.refuse(node, "sql-procedure-unknown",
                       "the procedure " + name + " with " + std::to_string(given.size()) +
                           " arguments is not in the input",
                       "add its CREATE PROCEDURE to the input");
      return;
    }
    inline_call(node, *routine, matched_arguments(*routine, given), out);
    return;
  }
  std::vector<Node*> values;
  if (routine) {
    const std::vector<const Node*> matched = matched_arguments(*routine, given);
    for (std::size_t i = 0; i < matched.size(); ++i) {
      const Parameter& parameter = routine->parameters[i];
      if (parameter.direction == Direction::in) {
        Variable held;
        read_declared_type(parameter.type, held);
        values.push_back(matched[i] ? converted(rewriter_.expression(matched[i]), held, matched[i])
                                    : rewriter_.make(Kind::null));
        continue;
      }
      Located target;
      if (matched[i] && (matched[i]->kind == Kind::ident || matched[i]->kind == Kind::name))
        target = assignable(matched[i]);
      if (target.variable && !target.variable->record) {
        values.push_back(reference(target, false));
        continue;
      }
      Variable held;
      read_declared_type(parameter.type, held);
      Variable& kept = own_variable("output_" + parameter.name, held.type,
                                    held.declared.empty() ? "STRING" : held.declared);
      if (matched[i])
        out.push_back(set_line(nullptr, reference({&kept, own_frame_}, false),
                               converted(rewriter_.expression(matched[i]), held, matched[i])));
      values.push_back(reference({&kept, own_frame_}, false));
    }
  } else {
    rewriter_.assume("the procedure " + name + ", which is not in the input, only takes values");
    for (const Node* one : given) values.push_back(rewriter_.rewrite(one));
  }
  rewriter_.applied("call");
  std::vector<Node*> parts{words("CALL"), rewriter_.object_name(call->get(Role::name)),
                           rewriter_.list(values, true)};
  out.push_back(made_of(node, parts));
}

// The called procedure as a block: its parameters are variables, its outputs are copied back.
void Script::inline_call(const Node* node, const Routine& routine,
                         const std::vector<const Node*>& arguments, Lines& out) {
  if (calls_deep_ >= kMostCalls) {
    raise_error(node, rewriter_.string("procedures are nested more than 16 levels deep"), "", out);
    return;
  }
  if (++*calls_ > 200) {
    rewriter_.refuse(node, "sql-script-form",
                     "the procedures call each other more than 200 times in one script",
                     "translate to the form of Databricks");
    return;
  }
  std::vector<Node*> values;
  std::vector<Node*> targets;
  qualified_ = true;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Parameter& parameter = routine.parameters[i];
    Variable held;
    read_declared_type(parameter.type, held);
    const bool in = parameter.direction != Direction::out;
    values.push_back(in && arguments[i]
                         ? converted(rewriter_.expression(arguments[i]), held, arguments[i])
                         : nullptr);
    Node* target = nullptr;
    if (parameter.direction != Direction::in && arguments[i] &&
        (arguments[i]->kind == Kind::ident || arguments[i]->kind == Kind::name)) {
      if (const Located found = assignable(arguments[i]); found.variable)
        target = reference(found, true);
    }
    targets.push_back(target);
  }
  qualified_ = false;
  Script callee(rewriter_, local_, form_);
  callee.calls_deep_ = calls_deep_ + 1;
  callee.calls_ = calls_;
  callee.scopes_.inherit(scopes_);
  rewriter_.locals = &callee;
  Node* inside = callee.block_of_call(routine, values, targets, node, false);
  rewriter_.locals = this;
  scopes_.inherit(callee.scopes_);
  rewriter_.applied("call-inlined");
  out.push_back(inside);
}

}  // namespace lakeshift::sql

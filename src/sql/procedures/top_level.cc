// CREATE PROCEDURE and CALL as statements of a text.
#include "sql/procedures/call.h"
#include "sql/procedures/script.h"

namespace lakeshift::sql {
namespace {

// Tables that a procedure creates are known inside it only.
template <typename Write>
Node* written(Rewriter& rewriter, const Write& write) {
  Catalog local(&rewriter.catalog);
  Rewriter inner(local, rewriter.options, rewriter.arena(), rewriter.patterns(), rewriter.source());
  Script script(inner, local, rewriter.options.procedures);
  inner.locals = &script;
  Node* out = write(script, inner);
  inner.locals = nullptr;
  rewriter.adopt(inner);
  return out;
}

// DECLARE OR REPLACE VARIABLE …; CALL …; SELECT …: what comes out is shown as Redshift shows it.
Node* call_with_outputs(Rewriter& rewriter, const Node* node, const Routine& routine,
                        const std::vector<const Node*>& arguments) {
  const std::string name = last_part(routine.name);
  std::vector<Node*> values, shown;
  for (std::size_t i = 0; i < routine.parameters.size(); ++i) {
    const Parameter& parameter = routine.parameters[i];
    Expr given{rewriter.make(Kind::null), type_of(Base::null)};
    const Type type = read_type(parameter.type);
    if (arguments[i] && parameter.direction != Direction::out)
      given = rewriter.coerce(rewriter.expression(arguments[i]), type);
    if (parameter.direction == Direction::in) {
      values.push_back(given.node);
      continue;
    }
    const std::string spelled = name + "_" + parameter.name;
    const std::string declared =
        type.is_string() || !type.known() ? "STRING" : spell_databricks(type);
    rewriter.before.push_back(
        assemble(rewriter, nullptr, "declare_variable",
                 {rewriter.words("DECLARE OR REPLACE VARIABLE"),
                  rewriter.ident(quote_name(spelled)), rewriter.words(declared),
                  rewriter.words("DEFAULT"), rewriter.as(Role::value, given.node)}));
    values.push_back(rewriter.ident(quote_name(spelled)));
    shown.push_back(rewriter.make(
        Kind::select_item, {rewriter.ident(quote_name(spelled)),
                            rewriter.as(Role::alias, rewriter.ident(quote_name(parameter.name)))}));
  }
  if (!shown.empty()) {
    Node* items = rewriter.as(Role::items, rewriter.list(shown));
    rewriter.after.push_back(rewriter.make(
        Kind::query, {rewriter.as(Role::body, rewriter.make(Kind::select, {items}))}));
    rewriter.applied("call-outputs");
  }
  const Node* call = node->get(Role::expression);
  return assemble(rewriter, node, "call",
                  {rewriter.words("CALL"), rewriter.object_name(call->get(Role::name)),
                   rewriter.list(values, true)});
}

}  // namespace

Node* create_procedure(Rewriter& rewriter, const Node* node) {
  const Routine routine = read_routine(node);
  if (!routine.block) {
    rewriter.refuse(node, "sql-procedure-body", "the body of " + routine.name + " is not PL/pgSQL",
                    "write the procedure LANGUAGE plpgsql, its body between $$ and $$");
    return nullptr;
  }
  Node* out =
      written(rewriter, [&](Script& script, Rewriter&) { return script.procedure(routine); });
  if (rewriter.options.procedures == ProcedureForm::databricks) return out;
  rewriter.note(node, "sql-script-form",
                "a script has no procedures: " + routine.name + " stands where it is called", "");
  return nullptr;
}

Node* call_procedure(Rewriter& rewriter, const Node* node) {
  const Node* call = node->get(Role::expression);
  if (call->kind != Kind::call) {
    rewriter.refuse(node, "sql-call", "CALL names no procedure", "write CALL name(values)");
    return nullptr;
  }
  std::vector<const Node*> given;
  for (const Node* kid : call->children())
    if (kid->role == Role::args) given.push_back(kid);
  const std::string name = plain_name(call->get(Role::name));
  const std::optional<Routine> routine =
      find_routine(rewriter, rewriter.catalog, name, given.size(), node);
  rewriter.applied("call");
  if (rewriter.options.procedures == ProcedureForm::script) {
    if (routine)
      return written(rewriter, [&](Script& script, Rewriter&) {
        return script.script(*routine, matched_arguments(*routine, given), node);
      });
    rewriter.refuse(node, "sql-procedure-unknown",
                    "the procedure " + name + " with " + std::to_string(given.size()) +
                        " arguments is not in the input",
                    "add its CREATE PROCEDURE to the input");
    return nullptr;
  }
  if (routine)
    return call_with_outputs(rewriter, node, *routine, matched_arguments(*routine, given));
  rewriter.assume("the procedure " + name + ", which is not in the input, only takes values");
  std::vector<Node*> values;
  for (const Node* one : given) values.push_back(rewriter.rewrite(one));
  return assemble(rewriter, node, "call",
                  {rewriter.words("CALL"), rewriter.object_name(call->get(Role::name)),
                   rewriter.list(values, true)});
}

}  // namespace lakeshift::sql

// PREPARE, EXECUTE, DEALLOCATE: the translated text in a variable of the session, run by EXECUTE
// IMMEDIATE. docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-execute-immediate,
// sql-ref-syntax-ddl-declare-variable (2026-11).
#include <algorithm>
#include <utility>

#include "sql/dialect.h"
#include "sql/render.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::prepare {
namespace {

constexpr std::string_view kRows[] = {"prepare", "execute", "deallocate"};

// $1 as a named marker of the parameter's type: :p1 may stand at several places.
Node* marked(Rewriter& rewriter, Node* node) {
  if (node->kind == Kind::parameter && node->text().starts_with('$')) {
    const std::string digits(node->text().substr(1));
    const auto index = static_cast<std::size_t>(std::max(1, std::atoi(digits.c_str())));
    Node* mark = rewriter.text(Kind::parameter, ":p" + digits);
    const Type type =
        index <= rewriter.parameter_types.size() ? rewriter.parameter_types[index - 1] : Type{};
    const std::string spelled = type.is_text() ? "STRING" : spell_databricks(type);
    return rewriter.as(node->role, spelled.empty() ? mark : rewriter.cast(mark, spelled));
  }
  if (node->count == 0) return node;
  std::vector<Node*> kids;
  for (Node* kid : node->children()) kids.push_back(marked(rewriter, kid));
  return rewriter.rebuilt(node, kids);
}

Node* prepare(Rewriter& rewriter, const Node* node) {
  std::vector<Type> types;
  if (const Node* given = node->get(Role::args))
    for (const Node* type : given->children()) types.push_back(read_type(type));
  const std::size_t others = rewriter.before.size() + rewriter.after.size();
  rewriter.parameter_types = std::move(types);
  Node* inner = rewriter.statement(node->get(Role::target));
  if (!inner || rewriter.before.size() + rewriter.after.size() != others) {
    rewriter.refuse(node, "sql-not-translated",
                    "a prepared statement that becomes several, or none",
                    "write the statement where it is executed");
    return nullptr;
  }
  const std::string text = render(marked(rewriter, inner), rewriter.source(), {},
                                  *find_dialect("databricks"), {.pretty = false});
  rewriter.parameter_types.clear();
  rewriter.applied("prepare-to-variable");
  return assemble(
      rewriter, node, "declare_variable",
      {rewriter.words("DECLARE OR REPLACE VARIABLE"), rewriter.output_name(node->get(Role::name)),
       rewriter.words("STRING DEFAULT"), rewriter.string(text)});
}

Node* execute(Rewriter& rewriter, const Node* node) {
  std::vector<Node*> values;
  if (const Node* given = node->get(Role::args))
    for (const Node* one : given->children())
      values.push_back(
          rewriter.make(Kind::clause, {rewriter.rewrite(one), rewriter.words("AS"),
                                       rewriter.ident("p" + std::to_string(values.size() + 1))}));
  rewriter.applied("execute-immediate");
  rewriter.assume("what EXECUTE runs was prepared in the same session, by the translated PREPARE");
  return assemble(rewriter, node, "execute_immediate",
                  {rewriter.words("EXECUTE IMMEDIATE"), rewriter.output_name(node->get(Role::name)),
                   values.empty() ? nullptr : rewriter.words("USING"),
                   values.empty() ? nullptr : rewriter.list(values)});
}

Node* translate(Rewriter& rewriter, const Node* node) {
  if (node->text() == "prepare") return prepare(rewriter, node);
  if (node->text() == "execute") return execute(rewriter, node);
  const Node* name = node->get(Role::name);
  if (!name) {
    rewriter.refuse(node, "sql-no-equivalent", "DEALLOCATE ALL has no equivalent",
                    "drop the variables of the prepared statements by name");
    return nullptr;
  }
  rewriter.applied("prepare-to-variable");
  return assemble(rewriter, node, "drop_variable",
                  {rewriter.words("DROP TEMPORARY VARIABLE"), rewriter.output_name(name)});
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::prepare

// Procedures and functions of users. A body is never copied unread.
#include <algorithm>

#include "sql/procedures/call.h"
#include "sql/procedures/python_body.h"
#include "sql/translate/layout.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql::statements::procedure {
namespace {

constexpr std::string_view kRows[] = {"create_procedure", "call",
                                      "create_function",  "create_external_function",
                                      "create_library",   "create_model"};

const Node* find_kind(const Node* node, Kind kind) {
  if (node->kind == kind) return node;
  for (const Node* kid : node->children())
    if (const Node* found = find_kind(kid, kind)) return found;
  return nullptr;
}

const Node* find_role_below(const Node* node, Role role) {
  for (const Node* kid : node->children()) {
    if (kid->role == role) return kid;
    if (kid->kind == Kind::clause)
      if (const Node* found = find_role_below(kid, role)) return found;
  }
  return nullptr;
}

// $1 in a SQL function's body is its first argument, which has no name there.
Node* with_names(Rewriter& rewriter, Node* node, const std::vector<std::string>& names) {
  if (node->kind == Kind::parameter && node->text().starts_with('$')) {
    const auto index =
        static_cast<std::size_t>(std::atoi(std::string(node->text().substr(1)).c_str()));
    if (index >= 1 && index <= names.size()) {
      Node* out = rewriter.ident(names[index - 1]);
      out->role = node->role;
      return out;
    }
  }
  std::vector<Node*> kids;
  for (Node* kid : node->children()) kids.push_back(with_names(rewriter, kid, names));
  return rewriter.rebuilt(node, kids);
}

void collect_parameters(const Node* node, std::vector<const Node*>& types) {
  const Node* arguments = node->get(Role::args);
  if (!arguments) return;
  for (const Node* one : arguments->children()) types.push_back(one->get(Role::type));
}

Node* sql_function(Rewriter& rewriter, const Node* node, const Node* body) {
  std::vector<const Node*> types;
  collect_parameters(node, types);
  std::vector<std::string> names;
  std::vector<Node*> parameters;
  for (const Node* type : types) {
    names.push_back("arg" + std::to_string(names.size() + 1));
    parameters.push_back(
        rewriter.make(Kind::clause, {rewriter.as(Role::name, rewriter.ident(names.back())),
                                     rewriter.as(Role::type, column_type(rewriter, type))}));
  }
  const Node* block = body->count > 0 ? body->at(0) : nullptr;
  const Node* query =
      block && block->kind == Kind::block && block->count == 1 ? block->at(0) : block;
  const Node* returns = node->get(Role::returns);
  if (!query || query->kind != Kind::query || !returns) {
    rewriter.refuse(node, "sql-function-body", "the function's body is not one SELECT",
                    "write a SQL function of one query");
    return nullptr;
  }
  // arguments are columns of no table while the body is read: their types are those declared
  const Node* select = query->get(Role::body);
  const bool plain = select->kind == Kind::select && !select->get(Role::from) &&
                     select->get(Role::items) && select->get(Role::items)->count == 1;
  rewriter.parameter_types.clear();
  for (const Node* type : types) rewriter.parameter_types.push_back(read_type(type));
  Node* value = nullptr;
  if (plain) {
    const Node* item = select->get(Role::items)->at(0);
    value = rewriter
                .coerce(rewriter.expression(item->kind == Kind::select_item ? item->at(0) : item),
                        read_type(returns))
                .node;
  } else {
    QueryResult result = rewriter.query(query, false);
    value = rewriter.make(Kind::subquery, {rewriter.as(Role::query, result.node)});
  }
  rewriter.parameter_types.clear();
  value = with_names(rewriter, value, names);
  rewriter.applied("sql-function");
  return assemble(
      rewriter, node, "create_function",
      {rewriter.words(node->says("OR REPLACE") ? "CREATE OR REPLACE FUNCTION" : "CREATE FUNCTION"),
       rewriter.as(Role::name, rewriter.object_name(node->get(Role::name))), rewriter.words("("),
       rewriter.as(Role::args, rewriter.list(parameters)), rewriter.words(")"),
       rewriter.words("RETURNS"), rewriter.as(Role::returns, column_type(rewriter, returns)),
       rewriter.words("RETURN"), rewriter.as(Role::value, value)});
}

// What is between the quotes of a body that was not read.
std::optional<std::string_view> text_of_body(const Node* body) {
  const std::string_view whole = body->text();
  if (whole.starts_with('$')) {
    const std::size_t quote = whole.find('$', 1) + 1;
    return whole.substr(quote, whole.size() - 2 * quote);
  }
  const std::string_view inner = whole.substr(1, whole.size() - 2);
  if (!whole.starts_with('\'') || inner.find_first_of("'\\") != std::string_view::npos)
    return std::nullopt;
  return inner;
}

bool says_below(const Node* node, std::string_view words) {
  return node->says(words) ||
         std::any_of(node->children().begin(), node->children().end(), [&](const Node* kid) {
           return (kid->kind == Kind::clause || kid->kind == Kind::list) && says_below(kid, words);
         });
}

Node* python_function(Rewriter& rewriter, const Node* node, const Node* body) {
  std::vector<PythonArgument> arguments;
  std::vector<Node*> parameters;
  const auto refuse = [&](std::string message, std::string remedy) {
    rewriter.refuse(node, "sql-function-body", std::move(message), std::move(remedy));
  };
  if (const Node* list = node->get(Role::args))
    for (const Node* one : list->children()) {
      const Node* name = one->get(Role::name);
      if (!name) {
        refuse("an argument of a function in Python has no name", "name it");
        return nullptr;
      }
      const Node* type = one->get(Role::type);
      arguments.push_back({lower_case(name->text()), read_type(type)});
      parameters.push_back(rewriter.make(
          Kind::clause, {rewriter.as(Role::name, rewriter.ident(arguments.back().name)),
                         rewriter.as(Role::type, column_type(rewriter, type))}));
    }
  const Node* returns = node->get(Role::returns);
  const auto text = text_of_body(body);
  if (!returns || !text) {
    refuse(returns ? "the function's body is in plain quotes, with quotes inside"
                   : "a function in Python returns one value",
           returns ? "write the body between $$ and $$" : "say what it returns");
    return nullptr;
  }
  const PythonBody made = python3_body(*text, arguments, read_type(returns));
  for (const PythonRefusal& refusal : made.refusals)
    refuse((refusal.line > 0 ? "line " + std::to_string(refusal.line) + " of the function's body: "
                             : "the function: ") +
               refusal.reason,
           refusal.remedy);
  if (!made.refusals.empty()) return nullptr;
  for (const std::string& assumption : made.assumptions) rewriter.assume(assumption);
  rewriter.applied("sql-python-function", made.assumptions.empty());
  Node* code = rewriter.text(Kind::body, rewriter.copy("$$\n" + made.text + "$$"));
  return assemble(
      rewriter, node, "create_function",
      {rewriter.words(node->says("OR REPLACE") ? "CREATE OR REPLACE FUNCTION" : "CREATE FUNCTION"),
       rewriter.as(Role::name, rewriter.object_name(node->get(Role::name))), rewriter.words("("),
       rewriter.as(Role::args, rewriter.list(parameters)), rewriter.words(")"),
       rewriter.words("RETURNS"), rewriter.as(Role::returns, column_type(rewriter, returns)),
       rewriter.words("LANGUAGE PYTHON"),
       says_below(node, "VOLATILE") ? rewriter.words("NOT DETERMINISTIC") : nullptr,
       rewriter.words("AS"), rewriter.as(Role::body, code)});
}

Node* translate(Rewriter& rewriter, const Node* node) {
  const std::string_view row = node->text();
  const std::string name = node->get(Role::name) ? plain_name(node->get(Role::name)) : "";
  if (row == "create_procedure") return create_procedure(rewriter, node);
  if (row == "call") return call_procedure(rewriter, node);
  if (row != "create_function") {
    rewriter.refuse(node, "sql-not-translated",
                    "external functions, libraries and models have no equivalent statement",
                    "use a Python function, a library of the cluster, or a registered model");
    return nullptr;
  }
  const Node* language = find_role_below(node, Role::language);
  std::string spoken;
  if (language && !read_string(language, spoken)) spoken = language->text();
  spoken = lower_case(spoken);
  const Node* body = find_kind(node, Kind::body);
  if (spoken == "sql" && body) return sql_function(rewriter, node, body);
  if ((spoken == "plpythonu" || spoken == "plpython2u") && body)
    return python_function(rewriter, node, body);
  rewriter.refuse(node, "sql-function-body",
                  "the function " + name + " is in " + spoken + ", whose code is not translated",
                  "create a Python function in Unity Catalog and compare its results");
  return nullptr;
}

}  // namespace

extern const StatementRule kDefinition{.rows = kRows, .translate = translate};

}  // namespace lakeshift::sql::statements::procedure

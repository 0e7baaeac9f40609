#include <unordered_map>

#include "sql/translate/statement_rule.h"

namespace lakeshift::sql {
namespace {

using Index = std::unordered_map<std::string_view, const StatementRule*>;

Index build_index() {
  Index index;
  for (const StatementRule* rule : statements::all_statement_rules())
    for (const std::string_view row : rule->rows) index.emplace(row, rule);
  return index;
}

}  // namespace

Node* Rewriter::statement(const Node* node) {
  static const Index index = build_index();
  const std::string_view row = node->kind == Kind::statement ? node->text() : "query";
  const auto found = index.find(row);
  if (found != index.end()) return found->second->translate(*this, node);
  std::string name(row);
  for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  refuse(node, "sql-not-translated", name + " is not translated",
         "do by hand what the statement does, or leave it out");
  return nullptr;
}

Node* assemble(Draft& draft, const Node* place, std::string_view row,
               std::initializer_list<Node*> parts) {
  std::vector<Node*> kids;
  for (Node* part : parts)
    if (part) kids.push_back(part);
  Node* out = draft.make(Kind::statement, kids);
  out->set_text(row);
  return place ? draft.at(place, out) : out;
}

Node* object_names(Rewriter& rewriter, const Node* list) {
  std::vector<Node*> names;
  for (const Node* one : list->children())
    names.push_back(rewriter.object_name(one->kind == Kind::table ? one->get(Role::name) : one));
  return rewriter.list(names);
}

}  // namespace lakeshift::sql

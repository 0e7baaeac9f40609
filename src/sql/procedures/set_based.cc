// A loop over rows as one statement, where that cannot be told from the loop: its body changes one
// table by what the row says, keeps nothing from one row to the next, and reads nothing that it
// writes. Several rows for one key are reduced to the last one, as the loop leaves it.
#include <algorithm>

#include "sql/procedures/row_loop.h"
#include "sql/procedures/script.h"

namespace lakeshift::sql {

void Script::keep_loop(const Node* loop, const std::string& reason) {
  rewriter_.note(loop, "sql-loop-kept", "the loop over rows stays a loop: " + reason,
                 "where each row can be handled by itself, write one statement");
}

bool Script::as_one_statement(const Node* loop, const Node* variables, const Node* query,
                              const Node* body, Lines& out) {
  std::string changing;
  for (const std::string_view row : {"insert", "update", "delete"})
    if (has_statement(body, row)) changing = row;
  if (changing.empty()) return false;
  RowLoop found(rewriter_, local_, query, body);
  found.variable_type = [this](std::string_view name) { return type_of_variable(name); };
  const auto keep = [&](const std::string& reason) {
    keep_loop(loop, reason);
    return false;
  };
  if (!row_variables(variables, found)) return keep(found.reason);
  if (row_count_ && (status_wanted() || status_use(body, 0) >= 0)) {
    if (status_wanted()) return keep("FOUND or ROW_COUNT is read behind it");
    if (mentions_found(body)) return keep("FOUND is read in it");
  }
  if (!found.read()) return keep(found.reason);
  for (const std::string& name : found.assigned)
    if (used_outside(loop, name)) return keep("the value of " + name + " is used behind it");
  if (!found.record.empty() && scopes_.find(found.record).variable &&
      used_outside(loop, found.record))
    return keep("the record " + found.record + " is used behind it");
  const Node* statement = found.one_statement();
  if (!statement) return keep(found.reason);
  rewriter_.applied(changing == "insert"   ? "loop-to-insert"
                    : changing == "update" ? "cursor-loop-to-merge"
                                           : "loop-to-delete");
  rewriter_.note(loop, "sql-loop-set-based",
                 "the loop over rows is one statement: " + found.conditions(), "");
  if (!found.assumption.empty()) rewriter_.assume(found.assumption);
  plain(statement, out);
  return true;
}

// The names that the row's columns have in the body, and the types they are held as.
bool Script::row_variables(const Node* variables, RowLoop& loop) {
  const Node* only = variables->count == 1 ? variables->at(0) : nullptr;
  const std::string name = only && only->kind == Kind::ident ? plain_ident(only->text()) : "";
  const Located target = name.empty() ? Located{} : scopes_.find(name);
  if (!name.empty() && (!target.variable || target.variable->record)) {
    loop.record = name;
    return true;
  }
  for (const Node* one : variables->children()) {
    const Located held =
        one->kind == Kind::ident ? scopes_.find(plain_ident(one->text())) : Located{};
    if (!held.variable || held.variable->record) {
      loop.reason = "it fetches into a record's field";
      return false;
    }
    loop.targets.push_back({held.variable->name, held.variable->type});
  }
  return true;
}

// What a variable is held as, for the values that the body gives it.
const Type* Script::type_of_variable(std::string_view name) const {
  const Located found = scopes_.find(name);
  return found.variable && !found.variable->record ? &found.variable->type : nullptr;
}

}  // namespace lakeshift::sql

// COMMIT and ROLLBACK. Each statement of a script commits by itself.
#include "sql/procedures/script.h"

namespace lakeshift::sql {
namespace {

bool writes(const Node* node) {
  for (const std::string_view row :
       {"insert", "update", "delete", "merge", "truncate", "call", "execute_string", "create_table",
        "create_table_as", "drop_table", "alter_table", "copy", "unload"})
    if (has_statement(node, row)) return true;
  return false;
}

}  // namespace

std::size_t times_written(const Node* node) {
  if (node->kind == Kind::statement && !has_statement(node, "if") && writes(node) &&
      node->text() != "loop" && node->text() != "while" && !node->text().starts_with("for_"))
    return 1;
  std::size_t times = 0;
  for (const Node* kid : node->children()) times += times_written(kid);
  return times;
}

void Script::transaction(const Node* node, Lines& out) {
  (void)out;
  if (node->text() == "commit") {
    rewriter_.applied("commit-left-out");
    rewriter_.note(node, "sql-transaction", "COMMIT is left out: each statement commits by itself",
                   "");
    return;
  }
  // nothing to take back where nothing was changed since the last COMMIT of the same block
  std::size_t at = current_index_;
  bool clean = false;
  while (current_block_ && at > 0 && !clean) {
    const Node* before = current_block_->kids[--at];
    if (before->kind == Kind::statement &&
        (before->text() == "commit" || before->text() == "rollback" ||
         before->text() == "truncate"))
      clean = true;
    else if (writes(before))
      break;
  }
  clean = clean ||
          (at == 0 && current_block_ == routine_->block->get(Role::statements) &&
           (current_block_->count == 0 || current_index_ == 0 || !writes(current_block_->kids[0])));
  if (clean) {
    rewriter_.applied("rollback-of-nothing");
    rewriter_.note(node, "sql-transaction",
                   "ROLLBACK is left out: nothing was changed since the last COMMIT", "");
    return;
  }
  rewriter_.refuse(node, "sql-transaction",
                   "ROLLBACK has no equivalent: each statement has committed by itself",
                   "check before the change, or write to a table that is swapped in at the end");
}

// An error leaves what was changed before it, where Redshift takes all of it back.
void Script::warn_of_atomicity(const Routine& routine) {
  if (!routine.atomic) return;
  const bool handlers = [&] {
    const auto visit = [&](const auto& self, const Node* node) -> bool {
      if (node->role == Role::handlers) return true;
      for (const Node* kid : node->children())
        if (self(self, kid)) return true;
      return false;
    };
    return visit(visit, routine.block);
  }();
  if (times_written(routine.block) < 2 && !(handlers && writes(routine.block))) return;
  rewriter_.warn(routine.statement, "sql-procedure-atomicity",
                 "an error in " + routine.name +
                     " leaves what was changed before it: in Redshift all of it is taken back",
                 "write the changes in BEGIN ATOMIC … END where the tables allow it, or make the "
                 "procedure repeatable");
}

}  // namespace lakeshift::sql

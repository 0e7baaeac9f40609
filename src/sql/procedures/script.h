// A routine of PL/pgSQL as SQL scripting of Databricks. One Script writes one routine: as the body
// of CREATE PROCEDURE, or as a script that open-source Spark runs, where a called procedure stands
// inside its caller. What has no equivalent is refused with a code; docs/procedures.md has the
// table.
#pragma once

#include <functional>
#include <set>
#include <utility>

#include "sql/procedures/routine.h"
#include "sql/procedures/scope.h"

namespace lakeshift::sql {

class RowLoop;

class Script : public Names {
 public:
  Script(Rewriter& rewriter, Catalog& local, ProcedureForm form)
      : rewriter_(rewriter), local_(local), form_(form) {}
  // procedure.cc
  // CREATE OR REPLACE PROCEDURE …
  Node* procedure(const Routine& routine);
  // BEGIN … END with the parameters as variables; behind it the outputs as a row.
  Node* script(const Routine& routine, const std::vector<const Node*>& arguments,
               const Node* place);
  // names.cc
  std::optional<Expr> find(const Node* place, std::span<const std::string> parts, bool hidden,
                           std::size_t& used) override;
  Node* table(const Node* name) override;

 private:
  using Lines = std::vector<Node*>;
  // Values that Databricks cannot take as a DEFAULT are set behind the declarations.
  struct Declared {
    Lines variables{};
    Lines values{};
  };
  // What is ours in a block beside what the source has there.
  struct BlockParts {
    bool outermost = false;
    std::function<void(Frame&, Declared&)> begin{};
  };
  // procedure.cc
  void begin_routine(const Routine& routine);
  void routine_body(const Routine& routine, Lines& out);
  Node* block_of_call(const Routine& routine, const std::vector<Node*>& values,
                      const std::vector<Node*>& targets, const Node* place, bool shows);
  // names.cc
  Node* reference(const Located& found, bool hidden);
  Located assignable(const Node* target);  // what can be assigned to; refuses others
  // declaration.cc
  void declarations(const Node* list, Frame& frame, Declared& out);
  void declare(const Node* one, Frame& frame, Declared& out);
  void read_declared_type(const Node* type, Variable& variable);
  std::string declared_type(const Type& type, const Node* place);
  Node* declare_line(const Node* place, const Variable& variable, Node* value);
  Node* record_line(const Node* place, Variable& record);
  void shape_record(Variable& record, const Node* place);
  Located parameter(std::string_view name);
  // A variable that the source does not have, of that block.
  Variable& made(Frame& frame, std::string_view wanted, Type type, std::string_view declared);
  // control.cc
  Node* block(const Node* statements);
  void statements_of(const Node* statements, Lines& out);
  void statement(const Node* node, Lines& out);
  void plain(const Node* node, Lines& out);
  void query(const Node* node, Lines& out);
  void compound(const Node* routine_block, const BlockParts& parts, Lines& out);
  Node* condition(const Node* node);
  void branch(const Node* node, Lines& out);
  void choice(const Node* node, Lines& out);
  void loop(const Node* node, Lines& out);
  void leave(const Node* node, Lines& out);
  void jump(const Node* place, Frame* target, bool exits, Lines& out);
  void return_(const Node* node, Lines& out);
  Node* lines(const Lines& all);
  Node* nothing();
  Node* made_of(const Node* place, const std::vector<Node*>& parts);
  // for_loop.cc
  void for_range(const Node* node, Lines& out);
  void set_found_by_range(const Node* node, Node* first, Node* last, bool reverse, Lines& out);
  void for_query(const Node* node, Lines& out);
  void rows_loop(const Node* node, const Node* variables, const Node* source,
                 const Node* statements, Lines& out);
  void take_row(const Node* place, const Node* variables, QueryResult& query, Frame& row,
                Lines& out);
  bool is_assigned(const Node* body, std::string_view name) const;
  bool used_outside(const Node* loop, std::string_view name) const;
  // assign.cc, select_into.cc
  Node* set_line(const Node* place, Node* target, Node* value);
  Node* converted(Expr value, const Variable& variable, const Node* place);
  Node* converted(Expr value, const Type& type, bool sized, const Node* place);
  void assignment(const Node* node, Lines& out);
  void assign(const Node* place, const Node* target, Expr value, Lines& out);
  Node* call_of(std::string_view function, const std::vector<Node*>& arguments);
  std::string element_type(const OutputColumn& field);
  void name_columns(QueryResult& query);
  std::vector<Expr> items_of(QueryResult& query, bool& inside);
  Node* first_row(QueryResult& query, const std::vector<Node*>& values, bool inside);
  void select_into(const Node* query, const Node* targets, Lines& out);
  void store_row(const Node* place, const Node* targets, QueryResult& query, Lines& out);
  bool fill_record(const Node* place, const Located& record, QueryResult& query,
                   const std::vector<Expr>& items, std::vector<Node*>& values);
  void perform(const Node* node, Lines& out);
  // status.cc
  Variable& own_variable(std::string_view wanted, const Type& type, std::string_view declared);
  void own_declarations(Lines& all);
  bool status_wanted() const;
  void status_variables(const Node* block);
  void set_row_count(const Node* place, Node* value, Lines& out);
  void found_from_count(Lines& out);
  void status_before(const Node* statement, Lines& out);
  void status_after(const Node* statement, Lines& out);
  void diagnostics(const Node* node, Lines& out);
  // raise.cc
  Node* message_of(const Node* place, std::string_view format, const Node* arguments);
  void raise_error(const Node* place, Node* message, std::string_view state, Lines& out);
  void raise(const Node* node, Lines& out);
  void reraise(const Node* node, Lines& out);
  void assertion(const Node* node, Lines& out);
  Node* handler(const Node* handlers);
  void errors_caught(const Node* statements, Lines& out);
  std::optional<Expr> error_value(const Node* place, std::string_view name, std::size_t& used);
  // cursor.cc
  bool fetch_loop(const Node* statements, std::size_t at, std::size_t& used, Lines& out);
  Located cursor_named(const Node* expression);
  const Node* with_arguments(const Variable& cursor, const Node* opened);
  const Node* opened_query(const Node* open, const Located& cursor);
  void open(const Node* node, Lines& out);
  void fetch(const Node* node, Lines& out);
  void close(const Node* node, Lines& out);
  void declare_cursors(Frame& frame, Lines& cursors);
  // dynamic.cc
  void execute(const Node* node, Lines& out);
  void run_text(const Node* place, const Node* statement, const Node* targets, Lines& out);
  void read_template(const Node* expression, Template& out);
  const Node* last_assigned(std::string_view name);
  const Node* declared_value(std::string_view name);
  bool changes_any(const Node* statement, const Node* expression) const;
  std::vector<const Node*> statements_of_text(const Node* place, const Node* expression,
                                              const Node* arguments);
  Node* with_holes(Node* node, const Node* arguments);
  std::optional<Expr> hole_value(const Node* place, std::string_view name);
  Node* concatenated(std::string_view text, Hole inside);
  Node* dynamic_table(const Node* name);
  void name_holes();
  const Node* query_of_text(const Node* place, const Node* expression);
  // call.cc
  void call(const Node* node, Lines& out);
  void inline_call(const Node* node, const Routine& routine,
                   const std::vector<const Node*>& arguments, Lines& out);
  // transaction.cc
  void transaction(const Node* node, Lines& out);
  void warn_of_atomicity(const Routine& routine);
  // set_based.cc
  void keep_loop(const Node* loop, const std::string& reason);
  bool row_variables(const Node* variables, RowLoop& loop);
  const Type* type_of_variable(std::string_view name) const;
  bool as_one_statement(const Node* loop, const Node* variables, const Node* query,
                        const Node* body, Lines& out);

  Node* line(const Node* place, std::initializer_list<Node*> parts) {
    return assemble(rewriter_, place, "script", parts);
  }
  Node* words(std::string_view text) { return rewriter_.words(text); }
  Node* quiet(std::string_view text);  // keywords that stay on their line
  Node* ident(std::string_view text) { return rewriter_.ident(text); }
  bool databricks() const { return form_ == ProcedureForm::databricks; }

  Rewriter& rewriter_;
  Catalog& local_;
  ProcedureForm form_;
  Scopes scopes_{};
  const Routine* routine_ = nullptr;
  Frame* parameters_ = nullptr;
  Frame* outermost_ = nullptr;  // the block that RETURN leaves
  Frame* own_frame_ = nullptr;  // where variables that the source does not have are declared
  std::vector<std::pair<std::string, Variable*>> own_{};
  Variable* found_ = nullptr;
  Variable* row_count_ = nullptr;
  Frame* status_frame_ = nullptr;
  const Node* current_block_ = nullptr;  // the statements around the one being written
  std::size_t current_index_ = 0;
  std::vector<std::pair<const Node*, std::size_t>> around_{};  // the same, from the outermost
  Frame* handler_frame_ = nullptr;  // the block whose handler is being written
  std::string handler_label_{};
  bool handler_labelled_ = false;
  std::vector<Jump> jumps_{};  // out of handlers, made behind their blocks
  int handlers_around_ = 0;
  int calls_deep_ = 0;
  int calls_here_ = 0;
  int* calls_ = &calls_here_;  // how many procedures were put into the script
  bool qualified_ = false;     // names are for a block that may hide them
  bool put_together_ = false;  // the statement becomes a text: values stay marks
  std::vector<Template::Part> holes_{};
};

}  // namespace lakeshift::sql

// Prints nodes. Widths are counted on the IR, never on the source, so that formatting is stable.
#pragma once

#include "sql/parse/grammar.h"
#include "sql/render.h"

namespace lakeshift::sql {

class Renderer {
 public:
  Renderer(std::string_view source, std::span<const Comment> comments, const Dialect& dialect,
           const RenderOptions& options)
      : source_(source),
        comments_(comments),
        dialect_(compile(dialect)),
        rules_(dialect),
        options_(options) {}

  std::string run(const Node* node);

 private:
  // Layout.
  void put(std::string_view text);   // with a blank before it where one is due
  void glue(std::string_view text);  // with none
  void newline();
  void trim_indentation();
  void break_line();
  bool has_own_line(const Comment& comment) const;
  void flush_comments(std::uint32_t before);
  void put_comment(const Comment& comment);
  void put_trailing_comments();
  bool has_comment_inside(const Node* node) const;
  bool fits(const Node* node, std::uint32_t extra = 0) const;
  static int measure(const Node* node, int budget);
  bool broken(const Node* node) const { return options_.pretty && !fits(node); }

  // Nodes.
  void node(const Node* n);
  void leaf(const Node* n);
  void in_parentheses(const Node* n);
  void operand(const Node* n, std::uint8_t least);
  std::uint8_t level(const Node* n) const;
  std::uint8_t binary_level(const Node* n) const;
  void list(const Node* n, std::string_view separator = ",");
  void items(const Node* n);  // a list that may take a line for each item
  void name(const Node* n);
  void alias(const Node* n);
  void tail(const Node* n);

  // render_expression.cc
  bool expression(const Node* n);
  void binary(const Node* n);
  void logical(const Node* n);
  void unary(const Node* n);
  void is_test(const Node* n);
  void between(const Node* n);
  void in(const Node* n);
  void like(const Node* n);
  void quantified(const Node* n);
  void case_when(const Node* n);
  void cast(const Node* n);
  void call(const Node* n);
  void special_call(const Node* n);
  void window(const Node* n);
  void frame(const Node* n);
  void interval(const Node* n);
  void type(const Node* n);
  void order_item(const Node* n);
  void array(const Node* n);
  void grouping(const Node* n);
  void object_transform(const Node* n);
  void subscript(const Node* n);

  // render_query.cc
  bool query_part(const Node* n);
  void put_exclude(const Node* names);
  void query(const Node* n);
  void with(const Node* n);
  void select(const Node* n);
  void set_operation(const Node* n);
  void clause(std::string_view word, const Node* n, bool lines);
  void table(const Node* n);
  void join(const Node* n);
  void pivot(const Node* n);
  void unpivot(const Node* n);
  void sample(const Node* n);
  void limit(std::string_view word, const Node* n);

  // render_statement.cc
  bool statement_part(const Node* n);
  void row(const Node* n);
  void block(const Node* n);
  void routine_block(const Node* n);
  void body(const Node* n);
  static bool starts_line(std::string_view words);

  std::string_view source_;
  std::span<const Comment> comments_;
  const CompiledDialect& dialect_;
  const Dialect& rules_;
  const RenderOptions& options_;
  std::string out_{};
  std::size_t next_comment_ = 0;
  std::uint32_t last_end_ = 0;  // of the source text printed last
  std::uint32_t depth_ = 0;
  bool glued_ = true;  // no blank is due
  bool ends_with_line_comment_ = false;
  bool join_lines_ = false;  // the query around has a line for each clause
};

}  // namespace lakeshift::sql

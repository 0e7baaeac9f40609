// The recursive-descent and Pratt parser of one statement. Every function returns the node it read,
// or null after noting an error; the furthest error wins, so that trying alternatives does not blur
// the message. Recursion is bounded: beyond kMaxNesting the statement is refused with a finding.
#pragma once

#include <vector>

#include "sql/parse/parser_base.h"

namespace lakeshift::sql {

class Parser : public ParserBase {
 public:
  Parser(std::string_view source, const CompiledDialect& dialect, Arena& arena)
      : ParserBase(source, dialect, arena) {}

  // The statement in `tokens`, or null with error() set; null without an error when there is no
  // token. Comments found in a routine's body are appended to tokens.comments.
  Node* parse_statement(Tokens& tokens);
  // One expression that spans all tokens.
  Node* parse_only_expression(Tokens& tokens);

 private:
  // names.cc
  bool can_be_name(const Token& token) const;
  bool can_be_alias(const Token& token) const;
  Node* parse_ident();
  Node* parse_any_ident();
  Node* parse_name();
  Node* parse_principal();
  Node* parse_placeholder();
  Node* parse_columns();
  Node* parse_alias_clause(bool with_columns);
  Node* parse_string();
  Node* parse_number();
  Node* parse_value();

  // type.cc
  Node* parse_type();
  bool push_type_arguments();
  bool starts_typed_literal() const;
  Node* parse_nested_type(Token first);
  void split_token(std::size_t index, std::uint32_t length, Op op);

  // expression.cc
  Node* parse_expression(std::uint8_t level = 0);
  Node* parse_prefix(std::uint8_t level);
  Node* parse_prefix_operator(Op op, std::uint8_t own, std::uint8_t level);
  Node* continue_expression(Node* left, std::uint8_t level, bool& done);
  Node* parse_is(Node* left);
  Node* parse_predicate(Node* left, bool& done);
  Node* enclose(Node* left, std::uint8_t level);
  bool after_prefix_ = false;  // the operand of a prefix operator comes next
  Node* parse_in(Node* left, bool negated);
  Node* parse_between(Node* left, bool negated);
  Node* parse_like(Node* left, LikeKind kind, bool negated);
  Node* parse_binary(Node* left, Op op, std::uint8_t level);
  Node* parse_postfix(Node* left, bool& done);
  Node* parse_subscript(Node* left);
  Node* parse_path(Node* left);
  std::uint8_t level_of(const Token& token) const;
  void mark_ambiguity(Node* node) const;
  std::uint8_t old_level(const Node* node) const;
  bool push_expression_list();

  // primary.cc
  Node* parse_primary();
  Node* parse_word_primary();
  Node* parse_parenthesised();
  Node* parse_case();
  Node* parse_cast(bool is_try);
  Node* parse_convert();
  Node* parse_special(Word which);
  Node* parse_trim();
  Node* parse_substring();
  Node* parse_exists();
  Node* parse_interval();
  Node* parse_array();
  Node* parse_row();
  Node* parse_star(Node* qualifier);
  bool at_exclude() const;
  Node* parse_exclude();
  Node* parse_object_transform();
  Node* parse_grouping_function(GroupingKind kind);

  // call.cc
  Node* parse_call(Node* name, std::uint16_t flags = 0);
  bool push_call_arguments(std::uint16_t& flags);
  Node* parse_argument();
  bool push_call_tail(std::uint16_t& flags);
  Node* parse_window_spec();
  Node* parse_frame();
  Node* parse_bound();
  Node* parse_order_item();
  Node* parse_order_list();

  // query.cc
  Node* parse_query();
  bool starts_query(std::size_t ahead = 0) const;
  Node* parse_with();
  Node* parse_set_operation(int level);
  Node* parse_query_primary();
  Node* parse_select();
  bool push_select_head(std::uint16_t& flags);
  bool push_select_tail();
  Node* parse_select_items();
  Node* parse_select_item();
  Node* parse_group_by();
  Node* parse_values();
  Node* parse_values_row();
  bool push_query_tail();
  Node* parse_limit();
  Node* parse_into();
  bool holds_only_a_query(std::size_t open) const;
  Node* finish_query(Node* with, std::uint32_t begin);
  Node* parse_locking();
  Node* parse_windows();

  // from.cc
  Node* parse_from_list();
  Node* parse_from_item();
  Node* parse_from_primary();
  Node* parse_joins(Node* left);
  bool read_join(std::uint16_t& code);
  Node* parse_table(bool with_alias);
  bool push_table_tail();
  Node* parse_pivot(Node* source);
  Node* parse_unpivot(Node* source);
  Node* parse_sample();

  // statement.cc
  Node* parse_one_statement();
  Node* parse_by_rows(const std::vector<CompiledRow>& rows,
                      const std::vector<std::vector<std::uint16_t>>& index, Node* prefix);
  Node* parse_row(const CompiledRow& row, Kind kind, Node* prefix);
  void take_leading_templates();
  bool match(const Element& element);
  bool match_sequence(const Element& element);
  bool match_words(const Element& element);
  bool match_mark(const Element& element);
  bool match_capture(const Element& element);
  bool match_repeat(const Element& element);
  Node* parse_rule(const Element& element);

  // routine.cc
  Node* parse_body();
  Node* parse_block();
  Node* parse_routine_block();
  Node* parse_declarations();
  Node* parse_routine_statement();
  Node* parse_assignment_statement();
  Node* parse_assignment();
  Node* parse_loose();
  bool ends_block() const;
  bool read_routine_body(Node* statement);
  bool read_body(Node* body, bool plpgsql);
  Node* parse_names_list();
  Node* parse_inside(Tokens& tokens, bool plpgsql);
  Node* parse_label();
};

}  // namespace lakeshift::sql

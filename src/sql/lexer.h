// Cuts SQL text into tokens without losing a byte, statement by statement. Never recurses, never
// allocates per token. Thread safe in that lexers share nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "sql/lexical.h"
#include "sql/token.h"

namespace lakeshift::sql {

class Lexer {
 public:
  // Reads source[begin, end). `source` outlives the lexer and is smaller than 4 GiB; positions in
  // tokens are offsets in the whole of `source`.
  Lexer(std::string_view source, std::uint32_t begin, std::uint32_t end, const Lexical& rules);

  bool at_end() const { return position_ >= end_; }
  std::uint32_t position() const { return position_; }

  // Replaces `out` by the tokens of the next statement, up to and including its ';'. Trailing
  // blanks on the line of the ';' and a comment there belong to the statement; so every byte
  // belongs to exactly one. After an unterminated string or comment the statement ends at the first
  // ';' that ends a line after the opening, so that the statements behind it are still read.
  void next_statement(Tokens& out);

  // The same, but of a statement that begins with another word than CREATE only some tokens come
  // out: it is passed over several times faster. True when it begins with CREATE.
  bool next_create(Tokens& out);

  // All tokens up to the end; ';' does not end anything.
  void all(Tokens& out);

 private:
  void scan_token();
  void scan_word();
  void scan_number();
  void scan_operator();
  void scan_string(std::uint32_t open, Quote quote, bool backslash);
  void scan_quoted_name(char mark);
  void scan_dollar();
  void scan_colon();
  void scan_line_comment();
  void scan_block_comment();
  void scan_meta();
  void scan_template(std::string_view close, bool is_comment);
  bool scan_prefixed_string();
  void scan_bad_character();
  void skip_ascii_blanks();
  void take_rest_of_line();
  void begin_statement(Tokens& out);
  void scan_rest_of_statement();
  void end_statement(std::uint32_t begin);
  void pass_over_rest();
  void pass_over_word();
  void extend_word(std::uint32_t begin);

  void push(TokenKind kind, std::uint32_t begin, std::uint16_t code = 0, std::uint8_t flags = 0);
  void fail_unterminated(std::uint32_t open, std::string_view what, std::string_view closing);
  void track_blocks(const Token& token);
  bool previous_is_operand() const;
  bool names_temporary_table() const;
  char at(std::uint32_t i) const { return i < end_ ? text_[i] : '\0'; }

  const char* text_;
  std::uint32_t position_;
  std::uint32_t end_;
  const Lexical& rules_;
  Tokens* out_ = nullptr;
  std::uint32_t brackets_ = 0;
  // Open BEGIN and CASE of a compound statement; -1 while the statement is not one.
  int blocks_ = -1;
  bool creates_routine_ = false;
  bool done_ = false;
};

}  // namespace lakeshift::sql

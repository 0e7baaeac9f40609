// Where statements end.
#include "sql/char_class.h"
#include "sql/encoding.h"
#include "sql/lexer.h"

namespace lakeshift::sql {

void Lexer::next_statement(Tokens& out) {
  out.clear();
  out_ = &out;
  const std::uint32_t begin = position_;
  brackets_ = 0;
  blocks_ = -1;
  creates_routine_ = false;
  done_ = false;
  while (!done_) {
    skip_ascii_blanks();
    if (position_ >= end_) break;
    scan_token();
    if (out.tokens.empty()) continue;
    const Token& last = out.tokens.back();
    if (last.kind == TokenKind::semicolon && blocks_ <= 0) done_ = true;
    if (last.kind == TokenKind::word && (rules_.compound || rules_.only_atomic)) track_blocks(last);
  }
  if (done_) take_rest_of_line();
  out.tokens.push_back({position_, position_, 0, TokenKind::end, 0});
  const std::uint32_t bad = find_invalid(text_, begin, position_);
  if (bad < position_ && out.error.code.empty())
    out.error = {"sql-bad-encoding", bad, bad + 1,
                 text_[bad] == '\0' ? "a NUL byte: this is no text" : "the text is not UTF-8 here",
                 "save the file as UTF-8"};
}

void Lexer::all(Tokens& out) {
  out.clear();
  out_ = &out;
  brackets_ = 0;
  done_ = false;
  while (!done_) {
    skip_ascii_blanks();
    if (position_ >= end_) break;
    scan_token();
  }
  out.tokens.push_back({position_, position_, 0, TokenKind::end, 0});
}

// After the ';': blanks and one comment on the same line, and the line's end.
void Lexer::take_rest_of_line() {
  std::uint32_t i = position_;
  while (i < end_ && (text_[i] == ' ' || text_[i] == '\t')) ++i;
  if (at(i) == '-' && at(i + 1) == '-') {
    position_ = i;
    scan_line_comment();
    i = position_;
  }
  if (at(i) == '\r') ++i;
  if (at(i) == '\n') position_ = i + 1;
  bool only_blanks = true;
  for (std::uint32_t k = position_; k < end_ && only_blanks; ++k)
    only_blanks = class_of(text_[k]) == kBlank;
  if (only_blanks) position_ = end_;
}

void Lexer::fail_unterminated(std::uint32_t open, std::string_view what, std::string_view closing) {
  // The end of a line that ends with ';', or of the text.
  std::uint32_t i = open + 1;
  for (; i < end_; ++i) {
    if (text_[i] != ';') continue;
    std::uint32_t k = i + 1;
    while (k < end_ && (text_[k] == ' ' || text_[k] == '\t' || text_[k] == '\r')) ++k;
    if (k >= end_ || text_[k] == '\n') break;
  }
  position_ = i < end_ ? i + 1 : end_;
  if (out_->error.code.empty())
    out_->error = {"sql-unterminated", open, position_,
                   std::string(what) + " is opened here and never closed",
                   "close it with " + std::string(closing)};
  push(TokenKind::error, open);
  done_ = true;
}

// In SQL scripting, ';' ends the statement only outside BEGIN … END. CASE … END counts too: its END
// must not close a block. END IF, END LOOP and so on close what we do not count.
void Lexer::track_blocks(const Token& token) {
  const auto& tokens = out_->tokens;
  const std::size_t count = tokens.size();
  const Word previous = count > 1 ? tokens[count - 2].word() : Word::none;
  switch (token.word()) {
    case Word::kPROCEDURE:
    case Word::kFUNCTION:
      if (tokens[0].word() == Word::kCREATE) creates_routine_ = true;
      break;
    case Word::kATOMIC:
      if (rules_.only_atomic && creates_routine_ && previous == Word::kBEGIN) blocks_ = 1;
      break;
    case Word::kBEGIN:
      if (rules_.only_atomic && blocks_ < 0) break;
      if (blocks_ >= 0)
        ++blocks_;
      else if (count == 1 || creates_routine_)
        blocks_ = 1;
      break;
    case Word::kTRANSACTION:
    case Word::kWORK:
      if (count == 2 && previous == Word::kBEGIN) blocks_ = -1;
      break;
    case Word::kCASE:
      if (blocks_ > 0 && previous != Word::kEND) ++blocks_;
      break;
    case Word::kEND: {
      if (blocks_ <= 0) break;
      std::uint32_t i = position_;
      while (i < end_ && class_of(text_[i]) == kBlank) ++i;
      const std::uint32_t start = i;
      while (i < end_ && is_word(text_[i])) ++i;
      const Word next = find_word({text_ + start, i - start});
      if (next != Word::kIF && next != Word::kLOOP && next != Word::kWHILE && next != Word::kFOR &&
          next != Word::kREPEAT)
        --blocks_;
      break;
    }
    default:
      break;
  }
}

}  // namespace lakeshift::sql

// Where statements end.
#include "sql/char_class.h"
#include "sql/encoding.h"
#include "sql/lexer.h"

namespace lakeshift::sql {

void Lexer::next_statement(Tokens& out) {
  const std::uint32_t begin = position_;
  begin_statement(out);
  scan_rest_of_statement();
  end_statement(begin);
}

bool Lexer::next_create(Tokens& out) {
  const std::uint32_t begin = position_;
  if (rules_.compound) {
    next_statement(out);
    return true;
  }
  begin_statement(out);
  // templates and psql's variables before a statement are like comments of it
  const auto is_head = [](const Token& token) {
    return token.kind != TokenKind::template_ && token.kind != TokenKind::parameter;
  };
  while (!done_ && (out.tokens.empty() || !is_head(out.tokens.back()))) {
    skip_ascii_blanks();
    if (position_ >= end_) break;
    scan_token();
  }
  const bool creates = !done_ && !out.tokens.empty() && out.tokens.back().word() == Word::kCREATE;
  if (creates)
    scan_rest_of_statement();
  else if (!out.tokens.empty() && out.tokens.back().kind == TokenKind::semicolon)
    done_ = true;
  else if (!done_)
    pass_over_rest();
  end_statement(begin);
  return creates;
}

void Lexer::begin_statement(Tokens& out) {
  out.clear();
  out_ = &out;
  brackets_ = 0;
  blocks_ = -1;
  creates_routine_ = false;
  done_ = false;
}

void Lexer::scan_rest_of_statement() {
  while (!done_) {
    skip_ascii_blanks();
    if (position_ >= end_) break;
    scan_token();
    if (out_->tokens.empty()) continue;
    const Token& last = out_->tokens.back();
    if (last.kind == TokenKind::semicolon && blocks_ <= 0) done_ = true;
    if (last.kind == TokenKind::word && (rules_.compound || rules_.only_atomic)) track_blocks(last);
  }
}

void Lexer::end_statement(std::uint32_t begin) {
  Tokens& out = *out_;
  if (done_) take_rest_of_line();
  out.tokens.push_back({position_, position_, 0, TokenKind::end, 0});
  const std::uint32_t bad = find_invalid(text_, begin, position_);
  if (bad < position_ && out.error.code.empty())
    out.error = {"sql-bad-encoding", bad, bad + 1,
                 text_[bad] == '\0' ? "a NUL byte: this is no text" : "the text is not UTF-8 here",
                 "save the file as UTF-8"};
}

// To the ';': what opens a quote, a comment or a template is scanned, the rest is looked at once.
void Lexer::pass_over_rest() {
  while (position_ < end_) {
    const char c = text_[position_];
    switch (class_of(c)) {
      case kBlank:
        ++position_;
        continue;
      case kLetter:
        pass_over_word();
        continue;
      case kOperator:
        if (c == '-' || c == '/') break;
        ++position_;
        continue;
      case kDigit:
        break;
      case kOther:
        if (c != '(' && c != ')' && c != ',' && c != '.') break;
        ++position_;
        continue;
    }
    scan_token();
    if (done_) return;
    done_ = !out_->tokens.empty() && out_->tokens.back().kind == TokenKind::semicolon;
    if (done_) return;
  }
}

void Lexer::pass_over_word() {
  const char c = static_cast<char>(text_[position_] & ~0x20);
  const char next = at(position_ + 1);
  if (next == '\'' || (c == 'U' && next == '&')) return scan_token();
  while (position_ < end_) {
    if (!is_word(text_[position_]) && (text_[position_] != '$' || at(position_ + 1) == '{')) return;
    ++position_;
  }
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

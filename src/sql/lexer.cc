#include "sql/lexer.h"

#include "sql/char_class.h"
#include "sql/encoding.h"

namespace lakeshift::sql {
namespace {

Op find_operator(std::string_view text) {
  static constexpr std::string_view kTexts[] = {
#define LS_OP(id, spelled) spelled,
      LS_SQL_OPERATORS(LS_OP)
#undef LS_OP
  };
  if (text == "!=") return Op::kNe;
  for (std::size_t i = 1; i < kOpCount; ++i)
    if (kTexts[i] == text) return static_cast<Op>(i);
  return Op::kCustom;
}

Op find_single_operator(char c) {
  switch (c) {
    case '+':
      return Op::kPlus;
    case '-':
      return Op::kMinus;
    case '*':
      return Op::kStar;
    case '/':
      return Op::kSlash;
    case '=':
      return Op::kEq;
    case '<':
      return Op::kLt;
    case '>':
      return Op::kGt;
    case '%':
      return Op::kPercent;
    default:
      return find_operator({&c, 1});
  }
}

}  // namespace

std::string_view spell_op(Op op) {
  static constexpr std::string_view kTexts[] = {
#define LS_OP(id, spelled) spelled,
      LS_SQL_OPERATORS(LS_OP)
#undef LS_OP
  };
  return kTexts[static_cast<std::size_t>(op)];
}

Lexer::Lexer(std::string_view source, std::uint32_t begin, std::uint32_t end, const Lexical& rules)
    : text_(source.data()), position_(begin), end_(end), rules_(rules) {
  // A byte order mark is a blank.
  if (begin == 0 && source.substr(0, end).starts_with("\xEF\xBB\xBF")) position_ = 3;
}

void Lexer::push(TokenKind kind, std::uint32_t begin, std::uint16_t code, std::uint8_t flags) {
  out_->tokens.push_back({begin, position_, code, kind, flags});
}

void Lexer::skip_ascii_blanks() {
  while (position_ < end_ && class_of(text_[position_]) == kBlank) ++position_;
}

void Lexer::scan_token() {
  const std::uint32_t begin = position_;
  const char c = text_[begin];
  const char next = at(begin + 1);
  const auto single = [&](TokenKind kind) {
    ++position_;
    push(kind, begin);
  };
  switch (c) {
    case '(':
      return single(TokenKind::left_paren);
    case ')':
      return single(TokenKind::right_paren);
    case ',':
      return single(TokenKind::comma);
    case ';':
      return single(TokenKind::semicolon);
    case '[':
      ++brackets_;
      return single(TokenKind::left_bracket);
    case ']':
      if (brackets_ > 0) --brackets_;
      return single(TokenKind::right_bracket);
    case '\'':
      ++position_;
      return scan_string(begin, Quote::plain, rules_.backslash_escapes);
    case '"':
      if (rules_.double_quotes_names) return scan_quoted_name('"');
      ++position_;
      return scan_string(begin, Quote::doubled, rules_.backslash_escapes);
    case '`':
      if (rules_.backticks) return scan_quoted_name('`');
      return scan_bad_character();
    case '-':
      if (next == '-') return scan_line_comment();
      return scan_operator();
    case '/':
      if (next == '*') return scan_block_comment();
      return scan_operator();
    case '.':
      if (is_digit(next)) return scan_number();
      if (next == '.') {
        position_ += 2;
        return push(TokenKind::op, begin, static_cast<std::uint16_t>(Op::kDotDot));
      }
      return single(TokenKind::dot);
    case '{':
      if (next == '{') return scan_template("}}", false);
      if (next == '%') return scan_template("%}", true);
      if (next == '#') return scan_template("#}", true);
      return single(TokenKind::left_brace);
    case '}':
      return single(TokenKind::right_brace);
    case '$':
      return scan_dollar();
    case ':':
      return scan_colon();
    case '\\':
      return scan_meta();
    default:
      break;
  }
  switch (class_of(c)) {
    case kLetter:
      return scan_word();
    case kDigit:
      return scan_number();
    case kOperator:
      return scan_operator();
    default:
      return scan_bad_character();
  }
}

void Lexer::scan_word() {
  const std::uint32_t begin = position_;
  if (at(begin + 1) == '\'' || at(begin + 1) == '&' || at(begin + 1) == '"')
    if (scan_prefixed_string()) return;
  if (at(begin) == '\xC2' && at(begin + 1) == '\xA0') return scan_bad_character();
  extend_word(begin);
}

// Letters, digits, '$', and templates glued to them: one word from `begin`.
void Lexer::extend_word(std::uint32_t begin) {
  bool templated = false;
  while (position_ < end_) {
    const char c = text_[position_];
    if (is_word(c)) {
      ++position_;
    } else if (c == '$' && at(position_ + 1) != '{' && position_ > begin) {
      ++position_;
    } else if ((c == '$' && at(position_ + 1) == '{') || (c == '{' && at(position_ + 1) == '{')) {
      const std::string_view close = c == '$' ? "}" : "}}";
      const auto found = std::string_view(text_, end_).find(close, position_ + 2);
      if (found == std::string_view::npos) break;
      position_ = static_cast<std::uint32_t>(found + close.size());
      templated = true;
    } else {
      break;
    }
  }
  if (templated) return push(TokenKind::word, begin, 0, kTemplated);
  const Word word = find_word({text_ + begin, position_ - begin});
  push(TokenKind::word, begin, static_cast<std::uint16_t>(word));
}

// E'…', B'…', X'…', N'…', U&'…', U&"…", r'…'. False when the letter is just a word.
bool Lexer::scan_prefixed_string() {
  const std::uint32_t begin = position_;
  const char letter = static_cast<char>(text_[begin] & ~0x20);
  const char next = at(begin + 1);
  Quote quote = Quote::plain;
  if (next == '\'') {
    if (letter == 'E' && rules_.dollar_quotes)
      quote = Quote::escaped;
    else if (letter == 'B' && rules_.dollar_quotes)
      quote = Quote::bits;
    else if (letter == 'X')
      quote = Quote::hex;
    else if (letter == 'N' && rules_.dollar_quotes)
      quote = Quote::national;
    else if (letter == 'R' && rules_.raw_strings)
      quote = Quote::raw;
    else
      return false;
    position_ += 2;
    scan_string(begin, quote,
                quote == Quote::escaped || (quote == Quote::national && rules_.backslash_escapes));
    return true;
  }
  if (next == '&' && letter == 'U' && rules_.dollar_quotes &&
      (at(begin + 2) == '\'' || at(begin + 2) == '"')) {
    position_ += 2;
    if (text_[position_] == '"') {
      scan_quoted_name('"');
      if (!out_->tokens.empty()) out_->tokens.back().begin = begin;
      return true;
    }
    ++position_;
    scan_string(begin, Quote::unicode, false);
    return true;
  }
  return false;
}

// position_ is behind the opening quote, which is text_[position_ - 1].
void Lexer::scan_string(std::uint32_t open, Quote quote, bool backslash) {
  const char mark = text_[position_ - 1];
  while (position_ < end_) {
    const char c = text_[position_];
    if (c == '\\' && backslash) {
      position_ += 2;
    } else if (c == mark) {
      ++position_;
      if (at(position_) != mark || quote == Quote::raw)
        return push(TokenKind::string, open, 0, static_cast<std::uint8_t>(quote));
      ++position_;
    } else {
      ++position_;
    }
  }
  fail_unterminated(open, "string", quote == Quote::doubled ? "\"" : "'");
}

void Lexer::scan_quoted_name(char mark) {
  const std::uint32_t open = position_++;
  while (position_ < end_) {
    if (text_[position_++] != mark) continue;
    if (at(position_) != mark) return push(TokenKind::quoted_name, open);
    ++position_;
  }
  fail_unterminated(open, "quoted name", std::string_view(&mark, 1));
}

// $1, $tag$ … $tag$, ${…}.
void Lexer::scan_dollar() {
  const std::uint32_t begin = position_;
  if (at(begin + 1) == '{') return scan_template("}", false);
  if (is_digit(at(begin + 1))) {
    ++position_;
    while (is_digit(at(position_))) ++position_;
    return push(TokenKind::parameter, begin);
  }
  std::uint32_t i = begin + 1;
  while (is_word(at(i))) ++i;
  if (!rules_.dollar_quotes || at(i) != '$') return scan_bad_character();
  const std::string_view tag(text_ + begin, i + 1 - begin);
  const auto close = std::string_view(text_, end_).find(tag, i + 1);
  if (close == std::string_view::npos) return fail_unterminated(begin, "dollar-quoted text", tag);
  position_ = static_cast<std::uint32_t>(close + tag.size());
  push(TokenKind::string, begin, 0, static_cast<std::uint8_t>(Quote::dollar));
}

// ::, :=, :name, :'name', :"name", and ':' on its own.
void Lexer::scan_colon() {
  const std::uint32_t begin = position_++;
  const char next = at(position_);
  const auto push_op = [&](Op op) { push(TokenKind::op, begin, static_cast<std::uint16_t>(op)); };
  if (next == ':' || next == '=') {
    ++position_;
    return push_op(next == ':' ? Op::kCast : Op::kAssign);
  }
  const bool glued =
      !out_->tokens.empty() && out_->tokens.back().end == begin && previous_is_operand();
  if ((rules_.colon_paths && glued) || (brackets_ > 0 && previous_is_operand()))
    return push_op(Op::kColon);
  if (is_letter(next)) {
    while (is_word(at(position_))) ++position_;
    return push(TokenKind::parameter, begin);
  }
  if ((next == '\'' || next == '"') && is_word(at(position_ + 1))) {
    std::uint32_t i = position_ + 1;
    while (is_word(at(i))) ++i;
    if (at(i) == next) {
      position_ = i + 1;
      return push(TokenKind::parameter, begin);
    }
  }
  push_op(Op::kColon);
}

void Lexer::scan_number() {
  const std::uint32_t begin = position_;
  if (at(begin) == '0' && (at(begin + 1) | 0x20) == 'x') {
    std::uint32_t i = begin + 2;
    const auto is_hex = [&](char c) {
      return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    };
    while (is_hex(at(i))) ++i;
    if (i > begin + 2 && !is_word(at(i))) {
      position_ = i;
      return push(TokenKind::number, begin);
    }
  }
  while (is_digit(at(position_)) || (at(position_) == '_' && is_digit(at(position_ + 1))))
    ++position_;
  // 1..10 is a range of a loop, not the number "1." and ".10".
  if (at(position_) == '.' && at(position_ + 1) != '.') {
    ++position_;
    while (is_digit(at(position_))) ++position_;
  }
  if ((at(position_) | 0x20) == 'e') {
    std::uint32_t i = position_ + 1;
    if (at(i) == '+' || at(i) == '-') ++i;
    if (is_digit(at(i))) {
      while (is_digit(at(i))) ++i;
      position_ = i;
    }
  }
  if (rules_.number_suffixes) {
    std::uint32_t i = position_;
    const char c = static_cast<char>(at(i) | 0x20);
    if (c == 'b' && (at(i + 1) | 0x20) == 'd')
      i += 2;
    else if (c == 'l' || c == 's' || c == 'y' || c == 'd' || c == 'f')
      i += 1;
    if (i > position_ && !is_word(at(i))) position_ = i;
  }
  push(TokenKind::number, begin);
}

// The longest run of operator characters that PostgreSQL's rules make one operator: comment
// openings end it, and a run of several characters ends in + or - only if it holds one of ~ ! @ # %
// ^ & | ?.
void Lexer::scan_operator() {
  const std::uint32_t begin = position_;
  if (text_[begin] == '#' && rules_.hash_temporary && is_letter(at(begin + 1)) &&
      names_temporary_table()) {
    ++position_;
    return extend_word(begin);
  }
  std::uint32_t i = begin + 1;
  while (class_of(at(i)) == kOperator && i < end_) {
    if ((text_[i] == '-' && at(i + 1) == '-') || (text_[i] == '/' && at(i + 1) == '*')) break;
    ++i;
  }
  if (i == begin + 1) {
    position_ = i;
    if (text_[begin] == '?' && !previous_is_operand()) return push(TokenKind::parameter, begin);
    return push(TokenKind::op, begin,
                static_cast<std::uint16_t>(find_single_operator(text_[begin])));
  }
  std::string_view run(text_ + begin, i - begin);
  const bool special = run.find_first_of("~!@#%^&|?") != std::string_view::npos;
  while (run.size() > 1 && (run.back() == '+' || run.back() == '-') && !special)
    run.remove_suffix(1);
  // "=-1", "*?", "<@x" written without blanks: the longest prefix we know, but a run of
  // special characters stays whole, as users may have defined it.
  Op op = find_operator(run);
  const bool may_be_custom = rules_.dollar_quotes && run.back() != '?';
  while (op == Op::kCustom && run.size() > 1 && !may_be_custom) {
    run.remove_suffix(1);
    op = run.size() == 1 ? find_single_operator(run[0]) : find_operator(run);
  }
  position_ = begin + static_cast<std::uint32_t>(run.size());
  push(TokenKind::op, begin, static_cast<std::uint16_t>(op));
}

void Lexer::scan_line_comment() {
  const std::uint32_t begin = position_;
  while (position_ < end_ && text_[position_] != '\n' && text_[position_] != '\r') ++position_;
  out_->comments.push_back({begin, position_, Comment::Kind::line});
}

void Lexer::scan_block_comment() {
  const std::uint32_t begin = position_;
  std::uint32_t depth = 0;
  while (position_ < end_) {
    if (text_[position_] == '/' && at(position_ + 1) == '*') {
      ++depth;
      position_ += 2;
    } else if (text_[position_] == '*' && at(position_ + 1) == '/') {
      position_ += 2;
      if (--depth == 0) {
        out_->comments.push_back({begin, position_, Comment::Kind::block});
        return;
      }
    } else {
      ++position_;
    }
  }
  fail_unterminated(begin, "comment", "*/");
}

// \command of psql: before a statement it is like a comment; behind one it ends the statement.
void Lexer::scan_meta() {
  const std::uint32_t begin = position_;
  if (!rules_.meta_commands || (!is_letter(at(begin + 1)) && at(begin + 1) != '!'))
    return scan_bad_character();
  while (position_ < end_ && text_[position_] != '\n' && text_[position_] != '\r') ++position_;
  out_->comments.push_back({begin, position_, Comment::Kind::meta});
  if (!out_->tokens.empty()) done_ = true;
}

void Lexer::scan_template(std::string_view close, bool is_comment) {
  const std::uint32_t begin = position_;
  const auto found = std::string_view(text_, end_).find(close, begin + 2);
  if (found == std::string_view::npos) return fail_unterminated(begin, "template", close);
  position_ = static_cast<std::uint32_t>(found + close.size());
  if (is_comment) {
    out_->comments.push_back({begin, position_, Comment::Kind::template_});
    return;
  }
  const char next = at(position_);
  if (is_word(next) || (next == '{' && at(position_ + 1) == '{') ||
      (next == '$' && at(position_ + 1) == '{')) {
    extend_word(begin);
    out_->tokens.back().flags = kTemplated;
    out_->tokens.back().code = 0;
    return;
  }
  push(TokenKind::template_, begin);
}

void Lexer::scan_bad_character() {
  const std::uint32_t begin = position_;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text_ + begin);
  std::size_t length = utf8_length(bytes, end_ - begin);
  position_ += static_cast<std::uint32_t>(length == 0 ? 1 : length);
  if (out_->error.code.empty()) {
    out_->error = {"sql-bad-character", begin, position_, "",
                   "remove it, or quote the name it is part of"};
    static constexpr char kHex[] = "0123456789ABCDEF";
    if (bytes[0] == 0xC2 && length == 2)
      out_->error.message = "a no-break space is no blank of SQL";
    else if (bytes[0] >= 0x20 && bytes[0] < 0x7F)
      out_->error.message =
          "the character '" + std::string(1, text_[begin]) + "' means nothing here";
    else
      out_->error.message = std::string("the byte 0x") + kHex[bytes[0] >> 4] + kHex[bytes[0] & 15] +
                            " means nothing here";
  }
  push(TokenKind::error, begin);
}

bool Lexer::previous_is_operand() const {
  if (out_->tokens.empty()) return false;
  switch (out_->tokens.back().kind) {
    case TokenKind::word:
    case TokenKind::quoted_name:
    case TokenKind::number:
    case TokenKind::string:
    case TokenKind::parameter:
    case TokenKind::template_:
    case TokenKind::right_paren:
    case TokenKind::right_bracket:
      return true;
    default:
      return false;
  }
}

// '#' before a letter opens a temporary table's name where a name can stand, and is an operator
// behind an operand.
bool Lexer::names_temporary_table() const {
  if (!previous_is_operand()) return true;
  switch (out_->tokens.back().word()) {
    case Word::kFROM:
    case Word::kJOIN:
    case Word::kINTO:
    case Word::kTABLE:
    case Word::kUPDATE:
    case Word::kEXISTS:
    case Word::kTRUNCATE:
    case Word::kVACUUM:
    case Word::kANALYZE:
    case Word::kLIKE:
    case Word::kUSING:
    case Word::kONLY:
    case Word::kON:
    case Word::kCOPY:
    case Word::kAS:
    case Word::kSELECT:
      return true;
    default:
      return false;
  }
}

}  // namespace lakeshift::sql

#include "sql/parse/parser_base.h"

#include <algorithm>

namespace lakeshift::sql {

bool ParserBase::accept(Word wanted) {
  if (word() != wanted) return false;
  advance();
  return true;
}

bool ParserBase::accept(TokenKind wanted) {
  if (kind() != wanted) return false;
  advance();
  return true;
}

bool ParserBase::accept_op(Op wanted) {
  if (!is_op(wanted)) return false;
  advance();
  return true;
}

bool ParserBase::expect(Word wanted) {
  if (accept(wanted)) return true;
  fail(spell_word(wanted));
  return false;
}

bool ParserBase::expect(TokenKind wanted, std::string_view spelled) {
  if (accept(wanted)) return true;
  fail(spelled);
  return false;
}

std::string ParserBase::describe(const Token& token) const {
  if (token.kind == TokenKind::end) return "the end";
  std::string_view shown = text(token);
  const bool cut = shown.size() > 40;
  if (cut) {
    shown = shown.substr(0, 40);
    // not in the middle of a character
    while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0) == 0x80)
      shown.remove_suffix(1);
    if (!shown.empty() && static_cast<unsigned char>(shown.back()) >= 0xC0) shown.remove_suffix(1);
  }
  return "'" + std::string(shown) + (cut ? "…'" : "'");
}

// Trying alternatives fails all the time, so nothing is put into words here.
std::nullptr_t ParserBase::fail(std::string_view wanted) {
  if (fatal_ || position_ < furthest_) return nullptr;
  if (position_ > furthest_) wanted_count_ = 0;
  furthest_ = position_;
  if (wanted_count_ == kMostWanted) return nullptr;
  for (std::size_t i = 0; i < wanted_count_; ++i)
    if (wanted_[i] == wanted) return nullptr;
  wanted_[wanted_count_++] = wanted;
  return nullptr;
}

void ParserBase::forget_wanted() {
  furthest_ = 0;
  wanted_count_ = 0;
  error_ = {};
}

std::nullptr_t ParserBase::fail_with(std::string code, const Token& where, std::string message,
                                     std::string remedy) {
  if (fatal_) return nullptr;
  fatal_ = true;
  error_ = {std::move(code), Severity::error,    where.begin,
            where.end,       std::move(message), std::move(remedy)};
  return nullptr;
}

Node* ParserBase::leaf(Kind kind, const Token& token, std::uint16_t code) {
  Node* node = arena_.make<Node>();
  node->kind = kind;
  node->code = code;
  node->begin = token.begin;
  node->end = token.end;
  node->set_text(text(token));
  return node;
}

Node* ParserBase::build(Kind kind, std::size_t mark, std::uint32_t begin, std::uint16_t code,
                        std::uint16_t flags) {
  Node* node = arena_.make<Node>();
  node->kind = kind;
  node->code = code;
  node->flags = flags;
  node->begin = begin;
  node->end = last_end();
  node->count = static_cast<std::uint32_t>(stack_.size() - mark);
  node->kids = arena_.make_array<Node*>(node->count);
  std::uint16_t depth = 0;
  for (std::uint32_t i = 0; i < node->count; ++i) {
    node->kids[i] = stack_[mark + i];
    depth = std::max(depth, node->kids[i]->depth);
  }
  node->depth = static_cast<std::uint16_t>(depth + 1);
  stack_.resize(mark);
  if (node->depth > kMaxDepth)
    return fail_with("sql-too-deep", token(),
                     "a chain of more than " + std::to_string(kMaxDepth) + " operators",
                     "split it with parentheses, or split the statement");
  return node;
}

Node* ParserBase::wrap(Kind kind, Node* kid, std::uint32_t begin, std::uint16_t code,
                       std::uint16_t flags) {
  if (!kid) return nullptr;
  const std::size_t at = mark();
  push(kid);
  return build(kind, at, begin, code, flags);
}

void ParserBase::explain_error() {
  if (!error_.message.empty()) return;
  const Token& found = tokens_[std::min(furthest_, count_ - 1)];
  error_.code = "sql-syntax";
  error_.begin = found.begin;
  error_.end = found.end;
  if (wanted_count_ == 0 || wanted_count_ == kMostWanted) {
    error_.message = "did not expect " + describe(found) + " here";
  } else {
    error_.message = "expected ";
    for (std::size_t i = 0; i < wanted_count_; ++i) {
      if (i > 0) error_.message += i + 1 < wanted_count_ ? ", " : " or ";
      error_.message += wanted_[i];
    }
    error_.message += ", found " + describe(found);
  }
  error_.remedy = "correct the statement, or report it if the warehouse accepts it";
}

}  // namespace lakeshift::sql

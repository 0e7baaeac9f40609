#include "sql/render/renderer.h"

#include <algorithm>

namespace lakeshift::sql {

std::string render(const Node* node, std::string_view source, std::span<const Comment> comments,
                   const Dialect& dialect, const RenderOptions& options) {
  return Renderer(source, comments, dialect, options).run(node);
}

std::string render_flat(const Node* node, const Dialect& dialect) {
  return render(node, {}, {}, dialect, {.pretty = false});
}

std::string Renderer::run(const Node* root) {
  if (root) node(root);
  for (; next_comment_ < comments_.size(); ++next_comment_) put_comment(comments_[next_comment_]);
  trim_indentation();
  // the line end behind a line comment stays: what the caller appends must not become part of it
  if (out_.ends_with('\n') && !ends_with_line_comment_) out_.pop_back();
  return std::move(out_);
}

void Renderer::put(std::string_view text) {
  if (!glued_) out_ += ' ';
  out_ += text;
  glued_ = false;
  ends_with_line_comment_ = false;
}

void Renderer::glue(std::string_view text) {
  out_ += text;
  glued_ = false;
  ends_with_line_comment_ = false;
}

void Renderer::newline() {
  if (!options_.pretty) return;
  put_trailing_comments();
  trim_indentation();
  if (!out_.empty() && out_.back() != '\n') out_ += '\n';
  if (out_.empty()) return;
  out_.append(static_cast<std::size_t>(depth_) * options_.indent, ' ');
  glued_ = true;
}

// A comment on the line of what was printed last stays on its line.
void Renderer::put_trailing_comments() {
  while (next_comment_ < comments_.size()) {
    const Comment& comment = comments_[next_comment_];
    if (comment.begin < last_end_ || last_end_ == 0) return;
    for (std::uint32_t i = last_end_; i < comment.begin; ++i) {
      const char c = source_[i];
      if (c != ' ' && c != '\t' && c != ',' && c != ';') return;
    }
    ++next_comment_;
    put_comment(comment);
    last_end_ = comment.end;
  }
}

void Renderer::put_comment(const Comment& comment) {
  // a blank even where none is due: - and -- must not become ---
  glued_ = out_.empty() || out_.ends_with(' ') || out_.ends_with('\n');
  const std::string_view text = source_.substr(comment.begin, comment.end - comment.begin);
  if (comment.kind == Comment::Kind::meta && !rules_.lexical.meta_commands)
    put("-- " + std::string(text));
  else
    put(text);
  if (comment.kind == Comment::Kind::line || comment.kind == Comment::Kind::meta) {
    out_ += '\n';
    ends_with_line_comment_ = true;
    if (options_.pretty) out_.append(static_cast<std::size_t>(depth_) * options_.indent, ' ');
    glued_ = true;
  }
}

// Whether the comment shares its line with nothing before it and, unless it ends the line anyway,
// nothing behind.
bool Renderer::has_own_line(const Comment& comment) const {
  std::uint32_t i = comment.begin;
  while (i > 0 && (source_[i - 1] == ' ' || source_[i - 1] == '\t')) --i;
  if (i > 0 && source_[i - 1] != '\n') return false;
  i = comment.end;
  while (i < source_.size() && (source_[i] == ' ' || source_[i] == '\t' || source_[i] == '\r')) ++i;
  return i >= source_.size() || source_[i] == '\n';
}

void Renderer::flush_comments(std::uint32_t before) {
  while (next_comment_ < comments_.size() && comments_[next_comment_].begin < before) {
    const Comment& comment = comments_[next_comment_++];
    const bool own_line = options_.pretty && has_own_line(comment);
    const bool at_line_start =
        out_.find_last_not_of(' ') == std::string::npos || out_[out_.find_last_not_of(' ')] == '\n';
    if (own_line && !at_line_start) break_line();
    put_comment(comment);
    if (own_line && !out_.ends_with('\n') && !glued_) break_line();
  }
}

// Takes the blanks of a line that has nothing else; a comment may end with blanks that are its own.
void Renderer::trim_indentation() {
  const std::size_t last = out_.find_last_not_of(' ');
  if (last == std::string::npos)
    out_.clear();
  else if (out_[last] == '\n')
    out_.resize(last + 1);
}

void Renderer::break_line() {
  trim_indentation();
  if (!out_.ends_with('\n')) out_ += '\n';
  out_.append(static_cast<std::size_t>(depth_) * options_.indent, ' ');
  glued_ = true;
}

bool Renderer::has_comment_inside(const Node* n) const {
  if (next_comment_ >= comments_.size() || n->end == 0) return false;
  const auto first = std::lower_bound(
      comments_.begin() + static_cast<std::ptrdiff_t>(next_comment_), comments_.end(), n->begin,
      [](const Comment& c, std::uint32_t at) { return c.begin < at; });
  return first != comments_.end() && first->begin < n->end;
}

// What is left of `budget` columns when `n` is printed on one line; stops counting when nothing is.
int Renderer::measure(const Node* n, int budget) {
  budget -= static_cast<int>(n->text_size) + 2;
  if (n->kind == Kind::binary || n->kind == Kind::unary)
    budget -= 3 * static_cast<int>(n->count) - 2;
  if (n->kind == Kind::body || n->kind == Kind::block) return -1;
  for (std::uint32_t i = 0; i < n->count && budget >= 0; ++i) budget = measure(n->kids[i], budget);
  return budget;
}

bool Renderer::fits(const Node* n, std::uint32_t extra) const {
  const int room =
      static_cast<int>(options_.width) - static_cast<int>(depth_ * options_.indent + extra);
  return measure(n, std::max(room, 20)) >= 0 && !has_comment_inside(n);
}

void Renderer::node(const Node* n) {
  // the statements of a block bring their own comments, behind the line break
  if (n->end > 0 && n->kind != Kind::block) flush_comments(n->begin);
  if (!expression(n) && !query_part(n) && !statement_part(n)) leaf(n);
  if (n->end > last_end_) last_end_ = n->end;
}

void Renderer::leaf(const Node* n) {
  switch (n->kind) {
    case Kind::list:
      if (n->code == kInParentheses) return in_parentheses(n);
      return list(n);
    case Kind::name:
      return name(n);
    case Kind::alias:
      return alias(n);
    case Kind::null:
      return put("NULL");
    case Kind::boolean:
      return put(n->code != 0 ? "TRUE" : "FALSE");
    case Kind::default_value:
      return put("DEFAULT");
    case Kind::string:
      if (n->count == 0) return put(n->text());
      for (std::uint32_t i = 0; i < n->count; ++i) {
        if (i > 0) {
          out_ += '\n';
          glued_ = true;
        }
        node(n->kids[i]);
      }
      return;
    default:
      return put(n->text());
  }
}

void Renderer::in_parentheses(const Node* n) {
  put("(");
  glued_ = true;
  list(n);
  glue(")");
}

void Renderer::list(const Node* n, std::string_view separator) {
  for (std::uint32_t i = 0; i < n->count; ++i) {
    if (i > 0) glue(separator);
    node(n->kids[i]);
  }
}

void Renderer::items(const Node* n) {
  if (n->count < 2 || !broken(n)) return list(n);
  ++depth_;
  for (std::uint32_t i = 0; i < n->count; ++i) {
    if (i > 0) glue(",");
    newline();
    node(n->kids[i]);
  }
  --depth_;
}

void Renderer::name(const Node* n) {
  for (std::uint32_t i = 0; i < n->count; ++i) {
    if (i > 0) {
      glue(".");
      glued_ = true;
    }
    put(n->kids[i]->text());
  }
}

// AS name (columns)
void Renderer::alias(const Node* n) {
  if (const Node* own = n->get(Role::name)) {
    put("AS");
    node(own);
  }
  if (const Node* columns = n->get(Role::columns)) {
    put("(");
    glued_ = true;
    for (std::uint32_t i = 0; i < columns->count; ++i) {
      if (i > 0) glue(",");
      const Node* column = columns->kids[i];
      node(column->kind == Kind::option ? column->get(Role::name) : column);
      if (column->kind == Kind::option) node(column->get(Role::type));
    }
    glue(")");
  }
}

void Renderer::operand(const Node* n, std::uint8_t least) {
  if (level(n) >= least) return node(n);
  put("(");
  glued_ = true;
  ++depth_;
  node(n);
  --depth_;
  glue(")");
}

std::uint8_t Renderer::binary_level(const Node* n) const {
  const Op op = static_cast<Op>(n->code);
  if (op == Op::kOr) return rules_.levels.or_;
  if (op == Op::kAnd) return rules_.levels.and_;
  const std::uint8_t own = dialect_.operator_level[n->code];
  return own == 0 ? rules_.levels.other : own;
}

// How tightly the operator at the top of `n` binds in the dialect we print; 255 for what needs no
// parentheses.
std::uint8_t Renderer::level(const Node* n) const {
  switch (n->kind) {
    case Kind::binary:
    case Kind::quantified:
      return binary_level(n);
    case Kind::unary:
      switch (static_cast<Op>(n->code)) {
        case Op::kNot:
          return rules_.levels.not_;
        case Op::kPlus:
        case Op::kMinus:
          return rules_.levels.unary;
        default:
          return rules_.custom_operators ? rules_.levels.other : rules_.levels.unary;
      }
    case Kind::prior:
      return rules_.levels.unary;
    case Kind::is_test:
      return rules_.levels.is;
    case Kind::like:
    case Kind::in:
    case Kind::between:
      return rules_.levels.predicate;
    case Kind::at_time_zone:
      return rules_.levels.zone;
    case Kind::collate:
      return rules_.levels.collate;
    case Kind::cast:
      return n->has(kOperatorForm) && rules_.double_colon ? rules_.levels.postfix : 255;
    case Kind::subscript:
    case Kind::slice:
    case Kind::field:
      return rules_.levels.postfix;
    default:
      return 255;
  }
}

}  // namespace lakeshift::sql

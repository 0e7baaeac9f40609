// Statements of rows of grammar: their children in order. And the blocks of routines.
#include <algorithm>

#include "sql/render/renderer.h"

namespace lakeshift::sql {

bool Renderer::statement_part(const Node* n) {
  switch (n->kind) {
    case Kind::statement:
      row(n);
      return true;
    case Kind::clause:
      if (n->text() == "routine_block")
        routine_block(n);
      else
        row(n);
      return true;
    case Kind::assignment:
      node(n->get(Role::target));
      put(n->code == 1 ? ":=" : "=");
      node(n->get(Role::value));
      return true;
    case Kind::body:
      body(n);
      return true;
    case Kind::block:
      block(n);
      return true;
    default:
      return false;
  }
}

// Words that begin a line of a long statement.
bool Renderer::starts_line(std::string_view words) {
  static constexpr std::string_view kWords[] = {"FROM",
                                                "WHERE",
                                                "USING",
                                                "ON",
                                                "SET",
                                                "RETURNING",
                                                "WHEN",
                                                "AS",
                                                "TO",
                                                "VALUES",
                                                "REMOVE DUPLICATES"};
  return std::find(std::begin(kWords), std::end(kWords), words) != std::end(kWords);
}

void Renderer::row(const Node* n) {
  const bool statement = n->kind == Kind::statement;
  const bool lines = statement && broken(n);
  std::string_view previous;
  for (std::uint32_t i = 0; i < n->count; ++i) {
    const Node* kid = n->kids[i];
    if (kid->end > 0 && kid->kind != Kind::block) flush_comments(kid->begin);
    if (kid->kind == Kind::words && kid->role == Role::none) {
      const std::string_view text = kid->text();
      const bool closes = text == ")" || text == "," || text == "." || text == ";";
      if (lines && i > 0 && kid->code == 0 && starts_line(text)) newline();
      if (closes)
        glue(text);
      else
        put(text);
      if (text == "(" || text == ".") glued_ = true;
      previous = text;
      if (kid->end > last_end_) last_end_ = kid->end;
      continue;
    }
    if (kid->role == Role::label) {
      put("<<");
      node(kid);
      put(">>");
      newline();
      continue;
    }
    const bool of_loop = kid->role == Role::query && n->text().starts_with("for") && !broken(kid);
    const bool own_line =
        !of_loop && lines && i > 0 &&
        (kid->role == Role::attributes || kid->role == Role::branches || kid->role == Role::query ||
         (kid->role == Role::source && kid->kind == Kind::query));
    if (own_line && previous != "(") newline();
    if (kid->kind == Kind::block) {
      ++depth_;
      node(kid);
      --depth_;
      newline();
    } else if (kid->kind == Kind::list && kid->code != kInParentheses)
      items(kid);
    else
      node(kid);
    // the closing parenthesis of a list that took lines stands on its own
    const bool closing_next =
        i + 1 < n->count && n->kids[i + 1]->kind == Kind::words && n->kids[i + 1]->text() == ")";
    if (closing_next && kid->kind == Kind::list && kid->count > 0 && broken(kid)) newline();
    previous = {};
  }
}

void Renderer::block(const Node* n) {
  for (std::uint32_t i = 0; i < n->count; ++i) {
    if (i > 0 || n->role != Role::none) {
      if (options_.pretty) newline();
    }
    node(n->kids[i]);
    glue(";");
  }
}

void Renderer::routine_block(const Node* n) {
  const auto indented = [&](const Node* inner) {
    ++depth_;
    node(inner);
    --depth_;
  };
  for (const Node* kid : n->children()) {
    switch (kid->role) {
      case Role::label:
        put("<<");
        node(kid);
        put(">>");
        newline();
        break;
      case Role::declarations:
        put("DECLARE");
        indented(kid);
        newline();
        break;
      case Role::statements:
        put("BEGIN");
        indented(kid);
        newline();
        break;
      case Role::handlers:
        put("EXCEPTION");
        ++depth_;
        for (const Node* when : kid->children()) {
          newline();
          put("WHEN");
          node(when->get(Role::condition));
          put("THEN");
          indented(when->get(Role::then));
        }
        --depth_;
        newline();
        break;
      default:
        break;
    }
  }
  put("END");
  if (const Node* own = n->get(Role::name)) node(own);
}

void Renderer::body(const Node* n) {
  if (n->count == 0) return put(n->text());
  put(n->text());
  out_ += '\n';
  glued_ = true;
  const std::uint32_t depth = depth_;
  depth_ = 0;
  const Node* inner = n->kids[0];
  node(inner);
  if (inner->kind == Kind::clause) glue(";");
  if (n->end > 0) flush_comments(n->end);
  depth_ = depth;
  if (!out_.ends_with('\n')) out_ += '\n';
  glued_ = true;
  put(n->text());
}

}  // namespace lakeshift::sql

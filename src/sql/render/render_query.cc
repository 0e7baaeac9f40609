#include <utility>

#include "sql/render/renderer.h"

namespace lakeshift::sql {

bool Renderer::query_part(const Node* n) {
  switch (n->kind) {
    case Kind::query:
      query(n);
      return true;
    case Kind::with:
      with(n);
      return true;
    case Kind::select:
      select(n);
      return true;
    case Kind::set_operation:
      set_operation(n);
      return true;
    case Kind::join:
      join(n);
      return true;
    case Kind::pivot:
      pivot(n);
      return true;
    case Kind::unpivot:
      unpivot(n);
      return true;
    case Kind::sample:
      sample(n);
      return true;
    case Kind::table:
      table(n);
      return true;
    case Kind::values:
      put("VALUES");
      items(n);
      return true;
    case Kind::subquery:
      put("(");
      glued_ = true;
      tail(n->get(Role::query));
      return true;
    case Kind::derived:
      if (n->has(kLateral)) put("LATERAL");
      put("(");
      glued_ = true;
      tail(n->get(Role::query));
      for (const Node* kid : n->children())
        if (kid->role != Role::query) node(kid);
      return true;
    case Kind::function_table:
      if (n->has(kLateral)) put("LATERAL");
      for (const Node* kid : n->children()) {
        if (kid->role == Role::at) put("AT");
        node(kid);
        if (kid->role == Role::function && kid->code == 1) put("WITH ORDINALITY");
      }
      return true;
    case Kind::select_item:
      node(n->kids[0]);
      put("AS");
      node(n->get(Role::alias));
      return true;
    case Kind::star:
      if (const Node* base = n->get(Role::base)) {
        node(base);
        glue(".");
        glued_ = true;
      }
      put("*");
      if (const Node* exclude = n->get(Role::exclude)) put_exclude(exclude);
      return true;
    case Kind::window_definition:
      node(n->get(Role::name));
      put("AS");
      node(n->get(Role::over));
      return true;
    default:
      return false;
  }
}

void Renderer::put_exclude(const Node* names) {
  put(rules_.lexical.raw_strings ? "EXCEPT (" : "EXCLUDE (");
  glued_ = true;
  list(names);
  glue(")");
}

void Renderer::query(const Node* n) {
  const bool lines = broken(n);
  if (const Node* own = n->get(Role::with)) {
    node(own);
    if (lines) newline();
  }
  node(n->get(Role::body));
  if (const Node* order = n->get(Role::order_by)) {
    clause("ORDER BY", order, lines);
    items(order);
  }
  for (const auto& [role, word] :
       {std::pair{Role::limit, "LIMIT"}, std::pair{Role::offset, "OFFSET"}}) {
    const Node* own = n->get(role);
    if (!own) continue;
    if (lines) newline();
    limit(word, own);
  }
  if (const Node* own = n->get(Role::locking)) {
    if (lines) newline();
    put("FOR");
    put(own->text());
    if (own->count > 0) {
      put("OF");
      list(own->kids[0]);
    }
    if (own->code == 1) put("NOWAIT");
  }
}

void Renderer::limit(std::string_view word, const Node* n) {
  if (n->code == 2) {
    put("FETCH FIRST");
    operand(n->kids[0], rules_.levels.postfix);
    return put("ROWS WITH TIES");
  }
  put(word);
  if (n->code == 3) return put("ALL");
  node(n->kids[0]);
}

void Renderer::with(const Node* n) {
  const bool lines = broken(n);
  put(n->has(kRecursive) ? "WITH RECURSIVE" : "WITH");
  for (std::uint32_t i = 0; i < n->count; ++i) {
    if (i > 0) {
      glue(",");
      if (lines) newline();
    }
    const Node* cte = n->kids[i];
    if (cte->end > 0) flush_comments(cte->begin);
    node(cte->get(Role::name));
    if (const Node* columns = cte->get(Role::columns)) node(columns);
    put("AS");
    if (cte->code == 1) put("MATERIALIZED");
    if (cte->code == 2) put("NOT MATERIALIZED");
    put("(");
    glued_ = true;
    if (lines) {
      ++depth_;
      newline();
    }
    node(cte->get(Role::query));
    if (lines) {
      --depth_;
      newline();
    }
    glue(")");
  }
}

void Renderer::select(const Node* n) {
  const bool lines = broken(n);
  const bool outer = std::exchange(join_lines_, lines);
  put("SELECT");
  if (n->has(kDistinct)) put("DISTINCT");
  if (n->has(kAll)) put("ALL");
  if (const Node* on = n->get(Role::quantifier)) {
    put("ON (");
    glued_ = true;
    list(on);
    glue(")");
  }
  if (const Node* top = n->get(Role::top)) {
    put("TOP");
    node(top->kids[0]);
    if (top->code == 1) put("PERCENT");
  }
  if (const Node* own = n->get(Role::items)) items(own);
  if (const Node* exclude = n->get(Role::exclude)) put_exclude(exclude);
  if (const Node* into = n->get(Role::into)) {
    if (lines) newline();
    put("INTO");
    if (into->text_size > 0) put(into->text());
    if (into->kind == Kind::option && into->text_size > 0) put("TABLE");
    list(into);
  }
  if (const Node* from = n->get(Role::from)) {
    clause("FROM", from, lines);
    items(from);
  }
  const auto part = [&](Role role, std::string_view word) {
    const Node* own = n->get(role);
    if (!own) return;
    clause(word, own, lines);
    node(own);
  };
  part(Role::where, "WHERE");
  for (const Node* kid : n->children()) {
    if (kid->role != Role::start_with && kid->role != Role::connect_by) continue;
    if (lines) newline();
    put(kid->role == Role::start_with ? "START WITH" : "CONNECT BY");
    if (kid->text_size > 0) put(kid->text());
    node(kid->kids[0]);
  }
  if (const Node* group = n->get(Role::group_by)) {
    clause("GROUP BY", group, lines);
    if (group->kind == Kind::grouping)
      node(group);
    else
      items(group);
  }
  part(Role::having, "HAVING");
  part(Role::qualify, "QUALIFY");
  if (const Node* windows = n->get(Role::windows)) {
    if (lines) newline();
    put("WINDOW");
    items(windows);
  }
  join_lines_ = outer;
}

// The word that opens a clause; comments in front of what it is about stay in front of the word.
void Renderer::clause(std::string_view word, const Node* n, bool lines) {
  if (lines) newline();
  if (n->end > 0) flush_comments(n->begin);
  put(word);
}

void Renderer::set_operation(const Node* n) {
  static constexpr std::string_view kWords[] = {"UNION", "INTERSECT", "EXCEPT"};
  const bool lines = broken(n);
  for (std::uint32_t i = 0; i < n->count; ++i) {
    if (i > 0) {
      if (lines) newline();
      put(kWords[n->code]);
      if (n->has(kAll)) put("ALL");
      if (n->has(kDistinct)) put("DISTINCT");
      if (lines) newline();
    }
    node(n->kids[i]);
  }
}

void Renderer::table(const Node* n) {
  if (n->code == 1) put("TABLE");
  if (n->has(kLateral)) put("LATERAL");
  if (n->has(kAll)) put("ONLY");
  for (const Node* kid : n->children()) {
    if (kid->role == Role::at) put("AT");
    node(kid);
  }
}

void Renderer::join(const Node* n) {
  static constexpr std::string_view kWords[] = {
      "",          "JOIN",       "LEFT JOIN",      "RIGHT JOIN",
      "FULL JOIN", "CROSS JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"};
  node(n->get(Role::left));
  if (join_lines_ && options_.pretty) newline();
  if ((n->code & kNaturalJoin) != 0) put("NATURAL");
  put(kWords[n->code & 255]);
  node(n->get(Role::right));
  if (const Node* condition = n->get(Role::condition)) {
    put("ON");
    node(condition);
  }
  if (const Node* columns = n->get(Role::using_)) {
    put("USING");
    node(columns);
  }
}

void Renderer::pivot(const Node* n) {
  node(n->get(Role::source));
  put("PIVOT (");
  glued_ = true;
  list(n->get(Role::aggregates));
  put("FOR");
  node(n->get(Role::for_));
  put("IN (");
  glued_ = true;
  list(n->get(Role::items));
  glue("))");
  if (const Node* own = n->get(Role::alias)) node(own);
}

void Renderer::unpivot(const Node* n) {
  if (n->code == 1) {
    put("UNPIVOT");
    for (const Node* kid : n->children()) {
      if (kid->role == Role::at) put("AT");
      node(kid);
    }
    return;
  }
  node(n->get(Role::source));
  put("UNPIVOT");
  if (n->has(kRespectNulls)) put("INCLUDE NULLS");
  if (n->has(kIgnoreNulls)) put("EXCLUDE NULLS");
  put("(");
  glued_ = true;
  node(n->get(Role::value));
  put("FOR");
  node(n->get(Role::for_));
  put("IN (");
  glued_ = true;
  list(n->get(Role::items));
  glue("))");
  if (const Node* own = n->get(Role::alias)) node(own);
}

void Renderer::sample(const Node* n) {
  put("TABLESAMPLE");
  if (const Node* method = n->get(Role::name)) node(method);
  put("(");
  glued_ = true;
  node(n->get(Role::value));
  if (n->code == 1) put("PERCENT");
  if (n->code == 2) put("ROWS");
  glue(")");
  if (const Node* seed = n->get(Role::count)) {
    put("REPEATABLE (");
    glued_ = true;
    node(seed);
    glue(")");
  }
}

}  // namespace lakeshift::sql

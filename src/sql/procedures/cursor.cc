// Cursors: OPEN, FETCH, CLOSE. The usual loop over a cursor becomes FOR; a cursor that nobody
// fetches from is a result of the call; what is left are cursors of SQL scripting.
#include "sql/procedures/script.h"

namespace lakeshift::sql {
namespace {

bool is_not_found(const Node* condition) {
  condition = without_parens(condition);
  if (!condition || condition->kind != Kind::unary || static_cast<Op>(condition->code) != Op::kNot)
    return false;
  const Node* inner = without_parens(condition->at(0));
  return inner->kind == Kind::ident && plain_ident(inner->text()) == "found";
}

// EXIT WHEN NOT FOUND, or IF NOT FOUND THEN EXIT; END IF
bool leaves_at_end(const Node* node) {
  if (node->kind != Kind::statement) return false;
  if (node->text() == "exit")
    return !node->get(Role::name) && is_not_found(node->get(Role::condition));
  if (node->text() != "if" || !is_not_found(node->get(Role::condition))) return false;
  const Node* then = node->get(Role::then);
  return !node->get(Role::branches) && !node->get(Role::otherwise) && then->count == 1 &&
         then->at(0)->kind == Kind::statement && then->at(0)->text() == "exit" &&
         !then->at(0)->get(Role::condition) && !then->at(0)->get(Role::name);
}

bool is_of(const Node* node, std::string_view row, std::string_view cursor) {
  if (node->kind != Kind::statement || !node->text().starts_with(row)) return false;
  const Node* named = node->get(Role::cursor);
  return named && plain_ident(named->text()) == cursor;
}

bool touches(const Node* node, std::string_view cursor) {
  for (const std::string_view row : {"fetch", "open", "close", "move"})
    if (is_of(node, row, cursor)) return true;
  for (const Node* kid : node->children())
    if (touches(kid, cursor)) return true;
  return false;
}

std::size_t times_fetched(const Node* node, std::string_view cursor) {
  std::size_t times = is_of(node, "fetch", cursor) ? 1 : 0;
  for (const Node* kid : node->children()) times += times_fetched(kid, cursor);
  return times;
}

// The query with the cursor's parameters replaced by what it is opened with.
Node* replaced(Rewriter& rewriter, const Node* node, std::string_view name, const Node* value) {
  if (node->kind == Kind::ident && node->role != Role::alias && plain_ident(node->text()) == name) {
    Node* out = rewriter.make(Kind::paren, {rewriter.as(Role::none, value)});
    out->role = node->role;
    return out;
  }
  std::vector<Node*> kids;
  for (const Node* kid : node->children()) kids.push_back(replaced(rewriter, kid, name, value));
  return rewriter.rebuilt(node, kids);
}

}  // namespace

// OPEN c; LOOP FETCH c INTO …; EXIT WHEN NOT FOUND; … END LOOP; [CLOSE c;] at that statement.
std::optional<FetchLoop> match_fetch_loop(const Node* statements, std::size_t at) {
  if (at + 1 >= statements->count) return {};
  const Node* open = statements->kids[at];
  const Node* loop = statements->kids[at + 1];
  if (open->kind != Kind::statement || !open->text().starts_with("open")) return {};
  if (loop->kind != Kind::statement || loop->text() != "loop") return {};
  FetchLoop found;
  found.open = open;
  found.loop = loop;
  found.cursor = plain_ident(open->get(Role::cursor)->text());
  const Node* body = loop->get(Role::body);
  if (body->count < 2 || !is_of(body->at(0), "fetch_into", found.cursor) ||
      body->at(0)->get(Role::direction) || !leaves_at_end(body->at(1)))
    return {};
  for (std::uint32_t i = 2; i < body->count; ++i)
    if (touches(body->at(i), found.cursor)) return {};
  found.targets = body->at(0)->get(Role::into);
  found.leaves = body->at(1);
  found.used = 2;
  if (at + 2 < statements->count && is_of(statements->kids[at + 2], "close", found.cursor))
    found.used = 3;
  return found;
}

// FOUND as the source reads it, but for the test that ends such a loop.
bool mentions_found(const Node* node) {
  if (node->kind == Kind::ident && plain_ident(node->text()) == "found") return true;
  for (std::size_t i = 0; i < node->count; ++i) {
    const Node* kid = node->kids[i];
    if (node->kind == Kind::block && i > 0) {
      if (const auto loop = match_fetch_loop(node, i - 1)) {
        const Node* body = loop->loop->get(Role::body);
        for (std::uint32_t k = 2; k < body->count; ++k)
          if (mentions_found(body->at(k))) return true;
        continue;
      }
    }
    if (mentions_found(kid)) return true;
  }
  return false;
}

bool Script::fetch_loop(const Node* statements, std::size_t at, std::size_t& used, Lines& out) {
  const auto match = match_fetch_loop(statements, at);
  if (!match) return false;
  const Located cursor = scopes_.find(match->cursor);
  if (!cursor.variable || !cursor.variable->cursor) return false;
  const auto usable = [&] {
    if (status_use(match->loop->get(Role::body), 2) == 1) return false;
    around_.back().second = at + match->used - 1;
    const bool wanted = status_wanted();  // FOUND behind the loop would be another one
    around_.back().second = at;
    if (wanted) return false;
    for (const Node* target : match->targets->children()) {
      const Node* head = target->kind == Kind::name ? target->at(0) : target;
      if (target->kind == Kind::name || used_outside(match->loop, plain_ident(head->text())))
        return false;
    }
    return true;
  };
  if (!usable()) return false;
  const Node* query = opened_query(match->open, cursor);
  if (!query) return false;
  const Node* body = match->loop->get(Role::body);
  std::vector<Node*> rest;
  for (std::uint32_t i = 2; i < body->count; ++i) rest.push_back(body->kids[i]);
  Node* statements_left = rewriter_.make(Kind::block, rest);
  statements_left->role = Role::body;
  used = match->used;
  if (!as_one_statement(match->loop, match->targets, query, statements_left, out)) {
    rewriter_.applied("fetch-loop-to-for");
    rows_loop(match->loop, match->targets, query, statements_left, out);
  }
  return true;
}

Located Script::cursor_named(const Node* expression) {
  const Node* name = expression->kind == Kind::call ? expression->get(Role::name) : expression;
  const Located found = scopes_.find(plain_name(name));
  if (found.variable && found.variable->cursor) return found;
  rewriter_.refuse(expression, "sql-variable-unknown", plain_name(name) + " is no cursor",
                   "declare it");
  return {};
}

const Node* Script::with_arguments(const Variable& cursor, const Node* opened) {
  std::vector<const Node*> values;
  if (opened->kind == Kind::call) {
    for (const Node* kid : opened->children())
      if (kid->role == Role::args) values.push_back(kid);
  } else if (const Node* list = opened->get(Role::args)) {
    for (const Node* kid : list->children()) values.push_back(kid);
  }
  const Node* query = cursor.query;
  if (values.size() != cursor.arguments->count) {
    rewriter_.refuse(opened, "sql-cursor-arguments", "the cursor has other parameters",
                     "open it with one value for each of its parameters");
    return nullptr;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Node* parameter = cursor.arguments->at(static_cast<std::uint32_t>(i));
    query = replaced(rewriter_, query, plain_ident(parameter->get(Role::name)->text()), values[i]);
  }
  return query;
}

// The query that an OPEN runs, in the source's words.
const Node* Script::opened_query(const Node* open, const Located& cursor) {
  if (const Node* query = open->get(Role::query)) return query;
  if (open->text() == "open_execute") return query_of_text(open, open->get(Role::expression));
  if (cursor.variable->arguments) return with_arguments(*cursor.variable, open);
  if (!cursor.variable->query)
    rewriter_.refuse(open, "sql-cursor-unbound",
                     "the cursor " + cursor.variable->name + " has no query",
                     "open it FOR a query, or declare it with one");
  return cursor.variable->query;
}

void Script::open(const Node* node, Lines& out) {
  const Located cursor = cursor_named(node->get(Role::cursor));
  if (!cursor.variable) return;
  const Node* query = opened_query(node, cursor);
  if (!query) return;
  if (times_fetched(routine_->block, cursor.variable->name) == 0) {
    rewriter_.applied("cursor-to-result");
    rewriter_.note(node, "sql-cursor-result",
                   "the rows of the cursor " + cursor.variable->name +
                       " are the result of the CALL: nobody fetches them by name",
                   "read the result of the CALL");
    out.push_back(rewriter_.query(query, true).node);
    return;
  }
  if (cursor.variable->opened && cursor.variable->opened != node) {
    rewriter_.refuse(node, "sql-cursor-reopened",
                     "the cursor " + cursor.variable->name + " is opened in two places",
                     "use a cursor for each query");
    return;
  }
  cursor.variable->opened = node;
  cursor.variable->query = query;
  out.push_back(line(node, {words("OPEN"), ident(cursor.variable->spelled)}));
}

// Behind the last row the targets are NULL; Spark leaves them and reports NOT FOUND.
void Script::fetch(const Node* node, Lines& out) {
  const Node* direction = node->get(Role::direction);
  if (node->text() != "fetch_into" || (direction && !direction->says("NEXT"))) {
    rewriter_.refuse(node, "sql-fetch-direction",
                     "only FETCH of the next row INTO variables is translated", "fetch row by row");
    return;
  }
  const Located cursor = cursor_named(node->get(Role::cursor));
  if (!cursor.variable) return;
  cursor.variable->fetched = true;
  Variable& fetched = own_variable("fetched", type_of(Base::boolean), "BOOLEAN");
  const auto flag = [&] { return reference({&fetched, own_frame_}, false); };
  std::vector<Node*> targets, cleared;
  for (const Node* one : node->get(Role::into)->children()) {
    const Located target = assignable(one);
    if (!target.variable) return;
    if (target.variable->record) {
      rewriter_.refuse(one, "sql-fetch-record",
                       "FETCH into a record is translated only in a loop that becomes FOR",
                       "fetch into variables, or write FOR record IN query");
      return;
    }
    targets.push_back(reference(target, false));
    cleared.push_back(set_line(nullptr, reference(target, false), rewriter_.make(Kind::null)));
  }
  out.push_back(set_line(nullptr, flag(), rewriter_.fill("TRUE", {})));
  out.push_back(line(node, {words("FETCH"), ident(cursor.variable->spelled), quiet("INTO"),
                            rewriter_.list(targets)}));
  out.push_back(
      made_of(nullptr, {words("IF NOT"), flag(), words("THEN"), lines(cleared), words("END IF")}));
  if (!status_wanted()) return;
  set_row_count(nullptr, rewriter_.fill("CAST($1 AS BIGINT)", {flag()}), out);
  found_from_count(out);
}

void Script::close(const Node* node, Lines& out) {
  const Located cursor = cursor_named(node->get(Role::cursor));
  if (!cursor.variable) return;
  if (times_fetched(routine_->block, cursor.variable->name) == 0) return;
  out.push_back(line(node, {words("CLOSE"), ident(cursor.variable->spelled)}));
}

// The cursors of a block that are opened and fetched one by one, once its body is written.
void Script::declare_cursors(Frame& frame, Lines& cursors) {
  Lines declared;
  for (const auto& one : frame.variables) {
    if (!one->cursor || !one->query || !one->fetched) continue;
    QueryResult query = rewriter_.query(one->query, true);
    rewriter_.applied("cursor");
    declared.push_back(line(nullptr, {words("DECLARE"), ident(one->spelled), words("CURSOR FOR"),
                                      rewriter_.as(Role::none, query.node)}));
  }
  if (declared.empty()) return;
  rewriter_.note(nullptr, "sql-cursor", "cursors need Databricks Runtime 18.1", "");
  Variable& fetched = own_variable("fetched", type_of(Base::boolean), "BOOLEAN");
  Node* missed =
      set_line(nullptr, reference({&fetched, own_frame_}, false), rewriter_.fill("FALSE", {}));
  declared.push_back(line(nullptr, {words("DECLARE CONTINUE HANDLER FOR NOT FOUND"), words("BEGIN"),
                                    lines({missed}), words("END")}));
  cursors.insert(cursors.end(), declared.begin(), declared.end());
}

}  // namespace lakeshift::sql

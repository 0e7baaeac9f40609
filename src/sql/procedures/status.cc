// FOUND and ROW_COUNT. Spark tells a script of no statement how many rows it changed, so they are
// counted before, by the statement's own conditions; only where the routine asks for them.
#include "sql/procedures/script.h"

namespace lakeshift::sql {

Variable& Script::own_variable(std::string_view wanted, const Type& type,
                               std::string_view declared) {
  for (const auto& [name, variable] : own_)
    if (name == wanted && variable->declared == declared) return *variable;
  auto variable = std::make_unique<Variable>();
  variable->spelled = scopes_.unused(wanted);
  variable->type = type;
  variable->declared = declared;
  own_frame_->variables.push_back(std::move(variable));
  own_.emplace_back(wanted, own_frame_->variables.back().get());
  return *own_.back().second;
}

// Their declarations, before all others of their block: the outermost one of a procedure, or the
// one of the parameters in a script.
void Script::own_declarations(Lines& all) {
  Lines declared;
  for (const auto& [name, variable] : own_) {
    Node* value = variable == found_       ? rewriter_.fill("FALSE", {})
                  : variable == row_count_ ? rewriter_.number(0)
                                           : nullptr;
    declared.push_back(declare_line(nullptr, *variable, value));
  }
  all.insert(all.begin(), declared.begin(), declared.end());
}

// Asks once whether the routine reads FOUND or ROW_COUNT.
void Script::status_variables(const Node* block) {
  const bool declared = scopes_.find("found").variable != nullptr;
  const bool found = !declared && mentions_found(block);
  if (!found && !has_statement(block, "get_diagnostics")) return;
  row_count_ = &own_variable("row_count", type_of(Base::bigint), "BIGINT");
  if (found) found_ = &own_variable("found", type_of(Base::boolean), "BOOLEAN");
  status_frame_ = own_frame_;
}

namespace {

bool reads_status(const Node* node) {
  return mentions_found(node) || has_statement(node, "get_diagnostics");
}

// Whether the statement, once run, has set FOUND and ROW_COUNT anew.
bool sets_status(const Node* node) {
  if (node->kind == Kind::query) return true;
  if (node->kind != Kind::statement) return false;
  for (const std::string_view row : {"insert", "update", "delete", "perform", "fetch_into"})
    if (node->text() == row) return true;
  return false;
}

bool in_handlers(const Node* node) {
  if (node->role == Role::handlers) return reads_status(node);
  for (const Node* kid : node->children())
    if (in_handlers(kid)) return true;
  return false;
}

}  // namespace

// 1: read before it is set again, 0: set before it is read, -1: neither, from that statement on.
int status_use(const Node* block, std::size_t from) {
  for (std::size_t i = from; i < block->count; ++i) {
    if (reads_status(block->kids[i])) return 1;
    if (sets_status(block->kids[i])) return 0;
  }
  return -1;
}

// Whether anything can read what the statement being written says of FOUND and ROW_COUNT.
bool Script::status_wanted() const {
  if (!row_count_) return false;
  if (in_handlers(routine_->block)) return true;
  for (std::size_t level = around_.size(); level-- > 0;) {
    const auto& [block, index] = around_[level];
    const int use = status_use(block, index + 1);
    if (use >= 0) return use == 1;
    if (level == 0) return false;
    const Node* outer = around_[level - 1].first->kids[around_[level - 1].second];
    const std::string_view row = outer->kind == Kind::statement ? outer->text() : "";
    const bool loops =
        row == "loop" || row == "while" || row.starts_with("for_") || row.starts_with("open");
    if (loops && reads_status(outer)) return true;
    if (row.starts_with("open") && reads_status(block)) return true;
  }
  return false;
}

void Script::set_row_count(const Node* place, Node* value, Lines& out) {
  out.push_back(set_line(place, reference({row_count_, status_frame_}, false), value));
}

void Script::found_from_count(Lines& out) {
  if (!found_) return;
  out.push_back(
      set_line(nullptr, reference({found_, status_frame_}, false),
               rewriter_.fill("$1 > 0", {reference({row_count_, status_frame_}, false)})));
}

namespace {

Node* part(Rewriter& rewriter, Role role, const Node* node) { return rewriter.as(role, node); }

// SELECT count(*) FROM `from` [WHERE where], in the source's words.
Node* counting(Rewriter& rewriter, Node* from, const Node* where) {
  Node* count = rewriter.call("count", {rewriter.make(Kind::star)});
  std::vector<Node*> parts{part(rewriter, Role::items, rewriter.list(std::vector<Node*>{count})),
                           part(rewriter, Role::from, from)};
  if (where) parts.push_back(part(rewriter, Role::where, where));
  return rewriter.make(Kind::query,
                       {part(rewriter, Role::body, rewriter.make(Kind::select, parts))});
}

Node* exists(Rewriter& rewriter, const Node* from, const Node* where) {
  std::vector<Node*> parts{
      part(rewriter, Role::items, rewriter.list(std::vector<Node*>{rewriter.number(1)})),
      part(rewriter, Role::from, from)};
  if (where) parts.push_back(part(rewriter, Role::where, where));
  Node* query =
      rewriter.make(Kind::query, {part(rewriter, Role::body, rewriter.make(Kind::select, parts))});
  return rewriter.make(Kind::exists, {part(rewriter, Role::query, query)});
}

}  // namespace

// Counts what the statement is about to change.
void Script::status_before(const Node* node, Lines& out) {
  if (!status_wanted() || node->kind != Kind::statement) return;
  const std::string_view row = node->text();
  const auto count_of = [&](const Node* query) {
    QueryResult counted = rewriter_.query(query, false);
    set_row_count(nullptr,
                  rewriter_.make(Kind::subquery, {rewriter_.as(Role::query, counted.node)}), out);
    rewriter_.applied("row-count");
  };
  if (row == "insert") {
    const Node* source = node->get(Role::source);
    const Node* body = source ? source->get(Role::body) : nullptr;
    if (!source || (body && body->kind == Kind::values)) {
      set_row_count(nullptr, rewriter_.number(source ? body->count : 1), out);
      return;
    }
    Node* alias = rewriter_.make(Kind::alias, {rewriter_.as(Role::name, ident("q"))});
    Node* derived = rewriter_.make(
        Kind::derived, {rewriter_.as(Role::query, source), rewriter_.as(Role::alias, alias)});
    return count_of(counting(rewriter_, rewriter_.list(std::vector<Node*>{derived}), nullptr));
  }
  if (row == "update" || row == "delete") {
    const Node* target = node->get(Role::target);
    const Node* others = node->get(row == "update" ? Role::from : Role::using_);
    const Node* where = node->get(Role::where);
    Node* from = rewriter_.list(std::vector<Node*>{rewriter_.as(Role::none, target)});
    return count_of(counting(rewriter_, from, others ? exists(rewriter_, others, where) : where));
  }
  if (row == "merge")
    rewriter_.refuse(node, "sql-row-count", "FOUND or ROW_COUNT behind MERGE is not translated",
                     "count the rows in a query before it");
}

void Script::status_after(const Node* node, Lines& out) {
  if (!status_wanted() || node->kind != Kind::statement) return;
  const std::string_view row = node->text();
  if (row == "insert" || row == "update" || row == "delete") found_from_count(out);
}

// GET DIAGNOSTICS variable = ROW_COUNT
void Script::diagnostics(const Node* node, Lines& out) {
  for (const Node* one : node->children()) {
    if (one->role != Role::set) continue;
    for (const Node* each : one->children()) {
      const std::string item = plain_ident(each->get(Role::value)->text());
      if (item != "row_count") {
        rewriter_.refuse(each, "sql-diagnostics", "GET DIAGNOSTICS of " + item,
                         "Redshift knows ROW_COUNT only");
        return;
      }
      assign(node, each->get(Role::target),
             {reference({row_count_, status_frame_}, false), type_of(Base::bigint)}, out);
    }
  }
  rewriter_.applied("get-diagnostics");
}

}  // namespace lakeshift::sql

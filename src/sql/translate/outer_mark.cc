// WHERE a.x = b.y(+): Oracle's outer join, which Redshift keeps, as LEFT JOIN … ON.
// docs.aws.amazon.com/redshift/latest/dg/r_WHERE_oracle_outer.html (2026-11).
#include <algorithm>
#include <set>

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {
namespace {

// The names in front of columns: those marked, and the others.
void qualifiers(const Node* node, bool marked, std::set<std::string>& with,
                std::set<std::string>& without) {
  if (node->kind == Kind::outer_mark) return qualifiers(node->at(0), true, with, without);
  if (node->kind == Kind::name && node->count >= 2) {
    (marked ? with : without).insert(plain_ident(node->at(node->count - 2)->text()));
    return;
  }
  if (node->kind == Kind::ident && marked) with.insert("");
  for (const Node* kid : node->children())
    if (kid->kind != Kind::query) qualifiers(kid, marked, with, without);
}

const Node* unmarked(const Node* node, Draft& draft) {
  if (node->kind == Kind::outer_mark) return node->at(0);
  std::vector<Node*> kids;
  bool changed = false;
  for (Node* kid : node->children()) {
    const Node* inner = unmarked(kid, draft);
    changed = changed || inner != kid;
    kids.push_back(draft.as(kid->role, inner));
  }
  return changed ? draft.rebuilt(node, kids) : node;
}

std::string alias_of_item(const Node* item) {
  if (const Node* alias = item->get(Role::alias))
    if (const Node* name = alias->get(Role::name)) return plain_ident(name->text());
  const Node* name = item->get(Role::name);
  if (!name) return {};
  return plain_ident(name->kind == Kind::name ? name->at(name->count - 1)->text() : name->text());
}

}  // namespace

bool has_outer_mark(const Node* node) {
  if (node->kind == Kind::outer_mark) return true;
  for (const Node* kid : node->children())
    if (kid->kind != Kind::query && has_outer_mark(kid)) return true;
  return false;
}

bool Rewriter::convert_outer_marks(const Node* node, std::vector<Node*>& from, Node*& where) {
  std::vector<const Node*> conditions;
  if (node->kind == Kind::binary && static_cast<Op>(node->code) == Op::kAnd)
    conditions.assign(node->children().begin(), node->children().end());
  else
    conditions.push_back(node);
  std::vector<Node*> kept;
  std::map<std::string, std::vector<Node*>> joined;  // conditions by the optional table
  std::map<std::string, std::set<std::string>> needs;
  for (const Node* condition : conditions) {
    if (!has_outer_mark(condition)) {
      kept.push_back(as(Role::none, rewrite(condition)));
      continue;
    }
    std::set<std::string> optional, others;
    qualifiers(condition, false, optional, others);
    if (optional.size() != 1 || optional.contains("") || others.contains(*optional.begin())) {
      refuse(condition, "sql-outer-mark",
             "(+) stands with columns of more than one table, or with a column without its table's "
             "name",
             "write LEFT JOIN … ON");
      return false;
    }
    joined[*optional.begin()].push_back(as(Role::none, rewrite(unmarked(condition, *this))));
    needs[*optional.begin()].insert(others.begin(), others.end());
  }
  std::vector<Node*> rest, optional_items;
  for (Node* item : from)
    (joined.contains(alias_of_item(item)) ? optional_items : rest).push_back(item);
  if (optional_items.size() != joined.size() || rest.empty()) {
    refuse(node, "sql-outer-mark", "the table that (+) makes optional is not found in FROM",
           "write LEFT JOIN … ON");
    return false;
  }
  // what an optional table is joined to must come before it; all others come first
  Node* left = rest[0];
  for (std::size_t i = 1; i < rest.size(); ++i) {
    Node* cross = make(Kind::join, {as(Role::left, left), as(Role::right, rest[i])},
                       static_cast<std::uint16_t>(JoinKind::cross));
    left = cross;
  }
  std::set<std::string> pending;
  for (const auto& [name, unused] : joined) pending.insert(name);
  while (!pending.empty()) {
    std::string next;
    for (const std::string& candidate : pending) {
      const bool ready =
          std::none_of(needs[candidate].begin(), needs[candidate].end(),
                       [&](const std::string& one) { return pending.contains(one); });
      if (ready) {
        next = candidate;
        break;
      }
    }
    if (next.empty()) {
      refuse(node, "sql-outer-mark", "tables are optional to each other", "write FULL JOIN … ON");
      return false;
    }
    pending.erase(next);
    const auto item = std::find_if(optional_items.begin(), optional_items.end(),
                                   [&](const Node* one) { return alias_of_item(one) == next; });
    std::vector<Node*>& on = joined[next];
    Node* condition =
        on.size() == 1 ? on[0] : make(Kind::binary, on, static_cast<std::uint16_t>(Op::kAnd));
    left = make(Kind::join,
                {as(Role::left, left), as(Role::right, *item), as(Role::condition, condition)},
                static_cast<std::uint16_t>(JoinKind::left));
  }
  applied("outer-mark-to-left-join");
  from = {left};
  if (!kept.empty())
    where =
        kept.size() == 1 ? kept[0] : make(Kind::binary, kept, static_cast<std::uint16_t>(Op::kAnd));
  return true;
}

}  // namespace lakeshift::sql

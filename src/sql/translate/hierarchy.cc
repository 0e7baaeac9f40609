#include "sql/translate/hierarchy.h"

#include <algorithm>

#include "sql/translate/replace.h"

namespace lakeshift::sql {
namespace {

constexpr std::string_view kLevel = "level";

bool is_level(const Node* node) {
  return node->kind == Kind::ident && same_word(plain_ident(node->text()), kLevel);
}

bool has_prior(const Node* node) {
  return node->kind == Kind::prior || std::any_of(node->kids, node->kids + node->count,
                                                  [](const Node* kid) { return has_prior(kid); });
}

class Hierarchy {
 public:
  Hierarchy(Rewriter& rewriter, const Node* select)
      : rewriter_(rewriter),
        select_(select),
        start_(select->get(Role::start_with)),
        connect_(select->get(Role::connect_by)) {}

  const Node* run() {
    if (!read()) return without_clauses(select_->get(Role::from), false);
    Node* roots = step(list({item_}), start_ ? roots_only() : nullptr, rewriter_.number(1));
    Node* rest = step(list({joined()}), nullptr, deeper());
    Node* all = rewriter_.make(Kind::set_operation, {roots, rest},
                               static_cast<std::uint16_t>(SetKind::union_));
    all->flags = kAll;
    Node* cte = rewriter_.make(
        Kind::cte, {as(Role::name, rewriter_.ident(walk_)),
                    as(Role::query, rewriter_.make(Kind::query, {as(Role::body, all)}))});
    Node* with = rewriter_.make(Kind::with, {cte});
    with->flags = kRecursive;
    Node* everything = rewriter_.make(Kind::select, {as(Role::items, list({star(nullptr)})),
                                                     as(Role::from, list({table(walk_, {})}))});
    Node* query = rewriter_.make(Kind::query, {as(Role::with, with), as(Role::body, everything)});
    Node* walked =
        rewriter_.make(Kind::derived, {as(Role::query, query), as(Role::alias, alias(alias_))});
    rewriter_.applied("connect-by-to-recursion", relation_.complete);
    rewriter_.assume(
        "no row is above itself, and none is deeper than 100 levels: Databricks fails "
        "there");
    return without_clauses(list({walked}), true);
  }

 private:
  Node* as(Role role, const Node* node) { return rewriter_.as(role, node); }
  Node* list(std::initializer_list<const Node*> items) {
    std::vector<Node*> kids;
    for (const Node* one : items) kids.push_back(as(Role::none, one));
    return rewriter_.list(kids);
  }
  Node* alias(std::string_view name) {
    return rewriter_.make(Kind::alias, {as(Role::name, rewriter_.ident(name))});
  }
  Node* table(std::string_view name, std::string_view named) {
    std::vector<Node*> kids{as(Role::name, rewriter_.ident(name))};
    if (!named.empty()) kids.push_back(as(Role::alias, alias(named)));
    return rewriter_.make(Kind::table, kids);
  }
  Node* star(const Node* base) {
    std::vector<Node*> kids;
    if (base) kids.push_back(as(Role::base, base));
    return rewriter_.make(Kind::star, kids);
  }

  bool refuse(const Node* place, std::string message, std::string remedy) {
    rewriter_.refuse(place, "sql-connect-by", std::move(message), std::move(remedy));
    return false;
  }

  // What the hierarchy is of, and whether it can be walked by a join.
  bool read() {
    const Node* from = select_->get(Role::from);
    if (!connect_)
      return refuse(start_, "START WITH needs CONNECT BY", "say how the rows are connected");
    item_ = from && from->count == 1 ? from->at(0) : nullptr;
    const bool named = item_ && (item_->kind == Kind::table ||
                                 (item_->kind == Kind::derived && item_->get(Role::alias)));
    if (!named)
      return refuse(connect_, "CONNECT BY over joined tables is not translated",
                    "join them in a subquery with an alias: FROM (SELECT …) AS t");
    if (!connect_->text().empty())
      return refuse(connect_, "NOCYCLE is no part of Redshift's SQL", "leave it out");
    if (has_query(connect_))
      return refuse(connect_, "a subquery in the condition of CONNECT BY has no equivalent",
                    "join what it reads in FROM (SELECT …) AS t");
    if (!has_prior(connect_))
      return refuse(connect_, "CONNECT BY needs PRIOR", "say which column is the parent row's");
    if (start_ && has_prior(start_))
      return refuse(start_, "the rows of START WITH have none before them: PRIOR has no value",
                    "leave it out");
    read_names();
    const auto own = [](const OutputColumn& one) { return same_word(one.name, kLevel); };
    if (std::any_of(relation_.columns.begin(), relation_.columns.end(), own))
      return refuse(connect_, "the table has a column LEVEL of its own",
                    "rename it in a subquery: FROM (SELECT … AS …) AS t");
    return true;
  }

  void read_names() {
    const Node* given = item_->get(Role::alias);
    const Node* name = item_->get(Role::name);
    const Node* spelled = given ? given->get(Role::name) : name;
    if (spelled->kind == Kind::name) spelled = spelled->at(spelled->count - 1);
    alias_ = spelled->text();
    if (alias_.starts_with('#')) alias_.remove_prefix(1);
    {
      ScopeGuard guard(rewriter_);
      rewriter_.from_item(item_);
      if (!guard.own.relations.empty()) relation_ = guard.own.relations[0];
    }
    const std::string own = plain_ident(alias_);
    const std::string read = name ? plain_name(name) : "";
    const auto unlike = [&](std::string word) {
      while (word == own || word == read || rewriter_.find_cte(word)) word += '_';
      return rewriter_.copy(word);
    };
    walk_ = unlike("hierarchy");
    parent_ = unlike("parent");
  }

  Node* of_parent(const Node* column) {
    const Node* last = column->kind == Kind::name ? column->at(column->count - 1) : column;
    return rewriter_.name({parent_, last->text()});
  }
  Node* deeper() {
    return rewriter_.binary(Op::kPlus, {rewriter_.name({parent_, kLevel}), rewriter_.number(1)});
  }

  // SELECT t.*, … AS level
  Node* step(Node* from, const Node* where, Node* level) {
    Node* depth =
        rewriter_.make(Kind::select_item, {level, as(Role::alias, rewriter_.ident(kLevel))});
    std::vector<Node*> kids{as(Role::items, list({star(rewriter_.ident(alias_)), depth})),
                            as(Role::from, from)};
    if (where) kids.push_back(as(Role::where, where));
    return rewriter_.make(Kind::select, kids);
  }

  const Node* roots_only() {
    return replaced(rewriter_, start_->at(0), [this](const Node* part) -> const Node* {
      return is_level(part) ? rewriter_.number(1) : nullptr;
    });
  }

  // hierarchy AS parent JOIN t ON the condition: LEVEL is that of the row reached
  Node* joined() {
    const Node* on = replaced(rewriter_, connect_->at(0), [this](const Node* part) -> const Node* {
      if (part->kind == Kind::prior)
        return replaced(rewriter_, part->at(0), [this](const Node* inner) -> const Node* {
          return is_own(inner) ? of_parent(inner) : nullptr;
        });
      if (is_level(part)) return rewriter_.make(Kind::paren, {deeper()});
      return part->kind == Kind::ident && is_own(part) ? rewriter_.name({alias_, part->text()})
                                                       : nullptr;
    });
    return rewriter_.make(
        Kind::join,
        {as(Role::left, table(walk_, parent_)), as(Role::right, item_), as(Role::condition, on)},
        static_cast<std::uint16_t>(JoinKind::inner));
  }

  // A column of the table, or LEVEL; else a variable of the procedure, or of a query around.
  bool is_own(const Node* node) const {
    if (node->kind == Kind::name)
      return same_word(plain_ident(node->at(node->count - 2)->text()), plain_ident(alias_));
    if (node->kind != Kind::ident) return false;
    const std::string name = plain_ident(node->text());
    return is_level(node) || !relation_.complete ||
           std::any_of(relation_.columns.begin(), relation_.columns.end(),
                       [&](const OutputColumn& one) { return same_word(one.name, name); });
  }

  // The SELECT with that FROM; its * are without LEVEL.
  const Node* without_clauses(const Node* from, bool walked) {
    std::vector<Node*> kids;
    for (Node* kid : select_->children()) {
      if (kid->role == Role::start_with || kid->role == Role::connect_by) continue;
      if (kid->role == Role::from)
        kids.push_back(as(Role::from, from));
      else if (kid->role == Role::items && walked)
        kids.push_back(items(kid));
      else if (kid->role == Role::exclude && walked)
        kids.push_back(without_level(kid));
      else
        kids.push_back(kid);
    }
    return rewriter_.rebuilt(select_, kids);
  }

  Node* without_level(const Node* exclude) {
    std::vector<Node*> names;
    if (exclude) names.assign(exclude->kids, exclude->kids + exclude->count);
    names.push_back(rewriter_.ident(kLevel));
    return as(Role::exclude, rewriter_.make(Kind::exclude, names));
  }

  Node* items(const Node* all) {
    std::vector<Node*> kids;
    for (Node* one : all->children()) {
      if (one->kind != Kind::star || select_->get(Role::exclude)) {
        kids.push_back(one);
        continue;
      }
      std::vector<Node*> parts;
      if (Node* base = one->get(Role::base)) parts.push_back(base);
      parts.push_back(without_level(one->get(Role::exclude)));
      kids.push_back(rewriter_.rebuilt(one, parts));
    }
    return rewriter_.rebuilt(all, kids);
  }

  Rewriter& rewriter_;
  const Node* select_;
  const Node* start_;
  const Node* connect_;
  const Node* item_ = nullptr;  // of FROM
  std::string_view alias_{}, walk_{}, parent_{};
  Relation relation_{};
};

}  // namespace

const Node* without_connect_by(Rewriter& rewriter, const Node* select) {
  return Hierarchy(rewriter, select).run();
}

}  // namespace lakeshift::sql

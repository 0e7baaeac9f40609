#include "sql/translate/joined_source.h"

#include <algorithm>

#include "sql/translate/replace.h"

namespace lakeshift::sql {
namespace {

enum class Owner { none, target, source, unknown };

struct Owned {
  Owner owner = Owner::none;
  const Relation* relation = nullptr;
  std::uint32_t at = 0;  // which of the name's parts is the column
};

std::span<const Node* const> parts_of(const Node* column) {
  if (column->kind == Kind::name) return {column->kids, column->count};
  return {};
}

// Before part `at` stands the relation's name, with its schema before it or without.
bool is_qualified_by(const Node* column, std::uint32_t at, const Relation& relation) {
  if (at == 0 || !same_word(plain_ident(column->at(at - 1)->text()), relation.alias)) return false;
  if (at == 1) return true;
  const std::string schema = plain_ident(column->at(at - 2)->text());
  return !relation.schema.empty() && relation.schema.ends_with(schema);
}

// VARIANT and the spatial types cannot be compared.
bool can_be_compared(const Relation& relation, std::string_view name) {
  return std::none_of(relation.columns.begin(), relation.columns.end(), [&](const auto& one) {
    return same_word(one.name, name) && (one.type.is(Base::super) || one.type.is(Base::geometry) ||
                                         one.type.is(Base::geography) || one.type.is(Base::sketch));
  });
}

class SourceJoin {
 public:
  SourceJoin(Rewriter& rewriter, const Node* target, const Node* from)
      : rewriter_(rewriter), from_(from) {
    ScopeGuard guard(rewriter);
    rewriter.add_target(target);
    target_ = std::move(rewriter.scope->relations[0]);
    rewriter.scope->relations.clear();
    rewriter.from_list(from);
    sources_ = std::move(rewriter.scope->relations);
    while (alias_is_taken()) alias_ += '_';
  }

  JoinedSource run(const Node* where, const Node* set) {
    JoinedSource joined;
    std::vector<const Node*> on;
    for (const Node* one : where ? conjuncts(where) : std::vector<const Node*>())
      (names(one, Owner::target) ? on : inside_).push_back(one);
    for (const Node*& one : on) one = outside(one);
    joined.where = conjunction(rewriter_, on);
    if (set) joined.set = assignments(set);
    joined.from = rewriter_.list(std::vector<Node*>{subquery()});
    joined.comparable = comparable_;
    joined.obstacle = obstacle_;
    joined.remedy = remedy_;
    return joined;
  }

 private:
  bool alias_is_taken() const {
    return same_word(target_.alias, alias_) ||
           std::any_of(sources_.begin(), sources_.end(),
                       [&](const Relation& one) { return same_word(one.alias, alias_); });
  }

  void give_up(std::string why, std::string_view remedy) {
    if (!obstacle_.empty()) return;
    obstacle_ = std::move(why);
    remedy_ = remedy;
  }

  void give_up_on(const Node* column) {
    give_up("of which table " + plain_name(column) + " is a column is not known",
            "write the table's name before it, or add the tables' DDL to the input");
  }

  Owned find(const Node* column) const {
    const std::string first =
        plain_ident((column->kind == Kind::name ? column->at(0) : column)->text());
    for (const Relation& one : sources_)  // an unnested array is no column that a subquery yields
      if (one.element && (same_word(one.alias, first) || same_word(one.position, first) ||
                          same_word(one.key, first)))
        return {Owner::unknown};
    for (std::uint32_t at = 1; at < parts_of(column).size(); ++at) {
      if (is_qualified_by(column, at, target_)) return {Owner::target, &target_, at};
      for (const Relation& one : sources_)
        if (is_qualified_by(column, at, one)) return {Owner::source, &one, at};
    }
    std::vector<const Relation*> have, open;
    std::vector<const Relation*> all{&target_};
    for (const Relation& one : sources_) all.push_back(&one);
    for (const Relation* one : all) {
      if (one->find(first)) have.push_back(one);
      if (!one->complete) open.push_back(one);
    }
    if (have.empty() && open.empty()) return {};
    const bool sure = have.size() == 1 && open.empty();
    const bool only = have.empty() && open.size() == 1 && !rewriter_.locals;
    if (!sure && !only && have.size() != 1) return {Owner::unknown};
    const Relation* one = have.size() == 1 ? have[0] : open[0];
    if (have.size() == 1 && !open.empty())
      rewriter_.assume("only " + std::string(one->alias) + " has a column " + first);
    return {one == &target_ ? Owner::target : Owner::source, one, 0};
  }

  // Tables of queries below; what their columns are called is theirs.
  static void tables_below(const Node* node, bool inside, std::vector<const Node*>& tables) {
    inside = inside || node->kind == Kind::query;
    if (inside && (node->kind == Kind::table || node->kind == Kind::derived))
      tables.push_back(node);
    for (const Node* kid : node->children()) tables_below(kid, inside, tables);
  }

  // Whether a column of the target, or of the sources, is named below, or may be.
  bool names(const Node* node, Owner wanted) {
    std::vector<const Node*> tables;
    tables_below(node, false, tables);
    std::vector<Relation> inner;
    for (const Node* one : tables) {
      const Node* alias = one->get(Role::alias);
      const std::string named =
          alias && alias->get(Role::name) ? plain_ident(alias->get(Role::name)->text()) : "";
      if (one->kind == Kind::table) {
        inner.push_back(rewriter_.relation_of(one->get(Role::name), named));
      } else {
        inner.emplace_back();
        inner.back().alias = rewriter_.copy(named);
      }
    }
    bool found = false;
    each_column(node, [&](const Node* column, bool inside) {
      const bool theirs =
          inside && std::any_of(inner.begin(), inner.end(), [&](const Relation& one) {
            for (std::uint32_t at = 1; at < parts_of(column).size(); ++at)
              if (is_qualified_by(column, at, one)) return true;
            return column->kind == Kind::ident &&
                   (!one.complete || one.find(plain_ident(column->text())));
          });
      if (theirs) return;
      const Owned owner = find(column);
      if (owner.owner == Owner::unknown) give_up_on(column);
      found = found || owner.owner == wanted;
    });
    return found;
  }

  // What stays outside of the subquery names its columns.
  const Node* outside(const Node* expression) {
    const auto replace = [this](const Node* part) -> const Node* {
      if (part->kind == Kind::query) {
        if (names(part, Owner::source))
          give_up("a subquery names the target and one of the joined tables",
                  "join the subquery's tables in FROM");
        return nullptr;
      }
      if (part->kind != Kind::ident && part->kind != Kind::name) return nullptr;
      const Owned found = find(part);
      if (found.owner == Owner::unknown) give_up_on(part);
      return found.owner == Owner::source ? yielded(part, found) : nullptr;
    };
    return replaced(rewriter_, expression, replace);
  }

  const Node* assignments(const Node* set) {
    std::vector<Node*> all;
    for (const Node* one : set->children()) {
      std::vector<Node*> kids;
      for (Node* kid : one->children())
        kids.push_back(kid->role == Role::value ? rewriter_.as(Role::value, outside(kid)) : kid);
      all.push_back(rewriter_.rebuilt(one, kids));
    }
    return rewriter_.rebuilt(set, all);
  }

  struct Yielded {
    const Relation* relation = nullptr;
    std::string column{};
    std::string_view name{};  // as the subquery calls it
  };

  std::string_view spelled(std::string_view plain) {
    return rewriter_.copy(is_plain_name(plain) ? std::string(plain)
                                               : "\"" + std::string(plain) + "\"");
  }

  // alias.column, and the path into it that stood behind the column
  const Node* yielded(const Node* column, const Owned& found) {
    const Node* last = column->kind == Kind::name ? column->at(found.at) : column;
    const std::string plain = plain_ident(last->text());
    std::string_view name{};
    for (const Yielded& one : yields_)
      if (one.relation == found.relation && one.column == plain) name = one.name;
    if (name.empty()) {
      name = last->text();
      const auto taken = [&] {
        return std::any_of(yields_.begin(), yields_.end(), [&](const Yielded& one) {
          return plain_ident(one.name) == plain_ident(name);
        });
      };
      for (std::string other = std::string(found.relation->alias) + "_" + plain; taken();
           other += '_')
        name = spelled(other);
      yields_.push_back({found.relation, plain, name});
      Node* whole = found.relation->alias.empty()
                        ? rewriter_.ident(last->text())
                        : rewriter_.name({spelled(found.relation->alias), last->text()});
      const bool same = name == last->text();
      comparable_ = comparable_ && can_be_compared(*found.relation, plain);
      items_.push_back(
          same ? whole
               : rewriter_.make(Kind::select_item,
                                {whole, rewriter_.as(Role::alias, rewriter_.ident(name))}));
    }
    std::vector<Node*> parts{rewriter_.ident(alias_), rewriter_.ident(name)};
    if (column->kind == Kind::name)
      parts.insert(parts.end(), column->kids + found.at + 1, column->kids + column->count);
    return rewriter_.at(column, rewriter_.make(Kind::name, parts));
  }

  Node* subquery() {
    if (items_.empty())
      items_.push_back(rewriter_.make(
          Kind::select_item,
          {rewriter_.number(1), rewriter_.as(Role::alias, rewriter_.ident("found"))}));
    std::vector<Node*> kids{rewriter_.as(Role::items, rewriter_.list(items_)),
                            rewriter_.as(Role::from, from_)};
    if (Node* where = conjunction(rewriter_, inside_))
      kids.push_back(rewriter_.as(Role::where, where));
    Node* select = rewriter_.make(Kind::select, kids);
    Node* query = rewriter_.make(Kind::query, {rewriter_.as(Role::body, select)});
    Node* alias = rewriter_.make(Kind::alias, {rewriter_.as(Role::name, rewriter_.ident(alias_))});
    return rewriter_.make(Kind::derived,
                          {rewriter_.as(Role::query, query), rewriter_.as(Role::alias, alias)});
  }

  Rewriter& rewriter_;
  const Node* from_;
  Relation target_{};
  std::vector<Relation> sources_{};
  std::string alias_ = "source";
  std::vector<const Node*> inside_{};
  std::vector<Yielded> yields_{};
  std::vector<Node*> items_{};
  bool comparable_ = true;
  std::string obstacle_{}, remedy_{};
};

}  // namespace

JoinedSource join_sources(Rewriter& rewriter, const Node* target, const Node* from,
                          const Node* where, const Node* set) {
  return SourceJoin(rewriter, target, from).run(where, set);
}

}  // namespace lakeshift::sql

#include "stages/prove_idle.h"

#include <algorithm>
#include <set>
#include <string>

#include "core/base/strings.h"
#include "sql/catalog.h"
#include "sql/parser.h"

namespace lakeshift::stages {
namespace {

using sql::Kind;
using sql::Node;
using sql::Role;

using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view name, Names names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view op_of(const Node* node) {
  return node->kind == Kind::binary ? sql::spell_op(static_cast<sql::Op>(node->code))
                                    : std::string_view();
}

bool compares(const Node* node) {
  return is_one_of(op_of(node), {"=", "<>", "!=", "<", "<=", ">", ">="});
}

bool calculates(const Node* node) {
  return is_one_of(to_lower(op_of(node)), {"+", "-", "*", "/", "%", "||", "div"});
}

bool is_column(const Node* node) { return node->kind == Kind::name || node->kind == Kind::ident; }

std::string called(const Node* node) {
  const Node* name = node->kind == Kind::call ? node->get(Role::name) : nullptr;
  return name == nullptr ? std::string() : to_lower(name->text());
}

std::vector<const Node*> args_of(const Node* node) {
  std::vector<const Node*> args;
  for (const Node* child : node->children())
    if (child->role == Role::args) args.push_back(child);
  return args;
}

// NULL in, NULL out.
bool is_strict(const std::string& function) {
  static const std::set<std::string> kStrict = {
      "rtrim", "ltrim", "trim", "lower",     "upper",  "length",     "abs",
      "year",  "month", "day",  "substring", "left",   "right",      "floor",
      "ceil",  "round", "hour", "minute",    "second", "date_trunc", "dayofweek"};
  return kStrict.contains(function);
}

// What is known of the rows of one SELECT.
struct Scope {
  const Node* select = nullptr;
  std::set<std::string> known;  // expressions that are no NULL, as they are written
  bool outer = false;           // an outer join makes NULLs of any column
};

class Finder {
 public:
  Finder(std::string_view statement, const std::vector<ProveTable>& tables)
      : statement_(statement), tables_(tables) {}

  std::vector<IdlePlace> find(const Node* root) {
    visit(root, Scope());
    return std::move(places_);
  }

 private:
  std::string text(const Node* node) const {
    return to_lower(statement_.substr(node->begin, node->end - node->begin));
  }
  // As written, whatever role they play.
  bool same(const Node* a, const Node* b) const { return text(a) == text(b); }
  void add(const Node* node, std::string_view reason) {
    if (node->end > node->begin) places_.push_back({node->begin, node->end, {}, reason});
  }
  void add(std::uint32_t begin, std::uint32_t end, std::string_view words,
           std::string_view reason) {
    places_.push_back({begin, end, words, reason});
  }

  void visit(const Node* node, const Scope& scope) {
    if (node->kind == Kind::query) return visit_query(node);
    if (node->kind == Kind::select) return visit_parts(node, scope_of(node));
    look(node, scope);
    visit_parts(node, scope);
  }
  void visit_parts(const Node* node, const Scope& scope) {
    for (const Node* child : node->children()) visit(child, scope);
  }
  // ORDER BY stands beside the SELECT that it belongs to.
  void visit_query(const Node* query) {
    const Node* body = query->get(Role::body);
    const Scope scope = body != nullptr && body->kind == Kind::select ? scope_of(body) : Scope();
    visit_parts(query, scope);
  }

  Scope scope_of(const Node* select) const {
    Scope scope;
    scope.select = select;
    const Node* group = select->get(Role::group_by);
    // ROLLUP, CUBE and GROUPING SETS make NULLs of what was none.
    if (group != nullptr)
      for (const Node* one : group->children())
        if (one->kind == Kind::grouping) return scope;
    if (const Node* where = select->get(Role::where)) learn(where, scope);
    if (const Node* from = select->get(Role::from)) scope.outer = joins_outer(from);
    return scope;
  }
  static bool joins_outer(const Node* node) {
    if (node->kind == Kind::join && (node->code & 255) >= 2 && (node->code & 255) <= 4) return true;
    for (const Node* child : node->children())
      if (child->kind != Kind::query && joins_outer(child)) return true;
    return false;
  }

  // A row passes only when each part is true, and no comparison with NULL is.
  void learn(const Node* node, Scope& scope) const {
    if (node->kind == Kind::paren) return learn(node->at(0), scope);
    if (op_of(node) == "AND" || op_of(node) == "and") {
      learn(node->at(0), scope);
      learn(node->at(1), scope);
      return;
    }
    if (node->kind == Kind::unary && node->count == 1 && to_lower(text(node)).starts_with("not") &&
        (compares(sql::without_parens(node->at(0)))))
      node = sql::without_parens(node->at(0));
    const bool rejects_null =
        node->kind == Kind::between || node->kind == Kind::like ||
        (node->kind == Kind::in && (!node->has(sql::kNegated) || !has_query(node))) ||
        (node->kind == Kind::is_test && node->has(sql::kNegated) &&
         node->code == static_cast<std::uint16_t>(sql::IsKind::null));
    if (compares(node)) {
      for (std::uint32_t i = 0; i < 2; ++i) strict_names(node->at(i), scope.known);
    } else if (rejects_null) {
      strict_names(node->at(0), scope.known);
    }
  }
  static bool has_query(const Node* node) {
    for (const Node* child : node->children())
      if (child->kind == Kind::query || child->kind == Kind::subquery || has_query(child))
        return true;
    return false;
  }
  // Columns that make the whole NULL when they are.
  void strict_names(const Node* node, std::set<std::string>& names) const {
    node = sql::without_parens(node);
    if (is_column(node)) {
      names.insert(text(node));
    } else if (node->kind == Kind::cast) {
      strict_names(node->at(0), names);
    } else if (calculates(node)) {
      for (const Node* child : node->children()) strict_names(child, names);
    } else if (is_strict(called(node))) {
      for (const Node* arg : args_of(node)) strict_names(arg, names);
    }
  }

  bool declared_not_null(const Node* column) const {
    const std::string name = text(column), last = sql::last_part(name);
    bool found = false;
    for (const ProveTable& table : tables_)
      for (const ProveColumn& one : table.columns)
        if (one.name == last) {
          if (!one.not_null) return false;
          found = true;
        }
    return found;
  }

  // `named`: names may be those that the select list gives.
  bool never_null(const Node* node, const Scope& scope, bool named = false, int depth = 0) const {
    node = sql::without_parens(node);
    if (depth > 8) return false;
    const auto all = [&](const std::vector<const Node*>& nodes) {
      return !nodes.empty() && std::all_of(nodes.begin(), nodes.end(), [&](const Node* one) {
        return never_null(one, scope, named, depth + 1);
      });
    };
    if (node->kind == Kind::number || node->kind == Kind::string || node->kind == Kind::boolean ||
        node->kind == Kind::exists || node->kind == Kind::is_test)
      return true;
    if (is_column(node)) {
      const Node* item = named ? aliased(text(node), scope) : nullptr;
      if (item != nullptr && !never_null(item, scope, false, depth + 1)) return false;
      if (item != nullptr && !is_a_column(text(node))) return true;
      return scope.known.contains(text(node)) || (!scope.outer && declared_not_null(node));
    }
    if (node->kind == Kind::cast) return never_null(node->at(0), scope, named, depth + 1);
    if (calculates(node)) return all({node->at(0), node->at(1)});
    const std::string name = called(node);
    if (is_one_of(name, {"count", "row_number", "rank", "dense_rank", "ntile"})) return true;
    const auto args = args_of(node);
    if (name == "coalesce")
      return std::any_of(args.begin(), args.end(),
                         [&](const Node* one) { return never_null(one, scope, named, depth + 1); });
    const bool grouped = scope.select != nullptr && scope.select->get(Role::group_by) != nullptr;
    if (grouped && is_one_of(name, {"max", "min", "sum", "avg", "any_value"})) return all(args);
    return is_strict(name) && all(args);
  }
  bool is_a_column(const std::string& name) const {
    for (const ProveTable& table : tables_)
      for (const ProveColumn& one : table.columns)
        if (one.name == name) return true;
    return false;
  }
  // The expression that the select list gives this name to.
  static const Node* aliased(const std::string& name, const Scope& scope) {
    const Node* items = scope.select == nullptr ? nullptr : scope.select->get(Role::items);
    if (items != nullptr)
      for (const Node* item : items->children())
        if (item->kind == Kind::select_item && item->get(Role::alias) != nullptr &&
            to_lower(item->get(Role::alias)->text()) == name)
          return item->at(0);
    return nullptr;
  }
  static const Node* ordinal(const Node* key, const Scope& scope) {
    const Node* items = scope.select == nullptr ? nullptr : scope.select->get(Role::items);
    if (key->kind != Kind::number || items == nullptr || key->text().size() > 3) return key;
    const auto index = static_cast<std::uint32_t>(std::stoul(std::string(key->text())));
    if (index == 0 || index > items->count) return nullptr;
    const Node* item = items->at(index - 1);
    return item->kind == Kind::select_item ? item->at(0) : item;
  }

  void look(const Node* node, const Scope& scope) {
    if (node->kind == Kind::order_item) look_at_order(node, scope);
    if (node->kind == Kind::call) look_at_call(node, scope);
    if (node->kind == Kind::exists) look_at_exists(node);
    if (node->kind == Kind::case_) look_at_case(node);
    if (node->kind == Kind::when && node->get(Role::condition) != nullptr &&
        node->get(Role::condition)->kind == Kind::null && node->get(Role::then) != nullptr)
      add(node->get(Role::then), "nothing equals NULL: this branch is never taken");
    if (calculates(node) && node->count == 2 &&
        (node->at(0)->kind == Kind::null || node->at(1)->kind == Kind::null))
      add(node, "whatever is calculated with NULL is NULL");
    if (compares(node)) look_at_bounds(node);
    if (scope.select != nullptr && node->role == Role::where) look_at_not_in(node);
  }

  void look_at_order(const Node* item, const Scope& scope) {
    const Node* key = item->count > 0 ? ordinal(item->at(0), scope) : nullptr;
    if (key != nullptr && never_null(key, scope, true))
      add(item->at(0)->end, item->end, "first last",
          "no NULL comes so far: where NULLs stand does not matter");
  }

  void look_at_call(const Node* call, const Scope& scope) {
    const std::string name = called(call);
    const auto args = args_of(call);
    if (args.empty()) return;
    if (name == "raise_error") add(args[0], "errors are compared as such, not by their words");
    if (name == "count" && args[0]->kind == Kind::number)
      add(args[0], "count() of a constant counts rows, whatever the constant");
    if (name == "coalesce" && never_null(args[0], scope))
      for (std::size_t i = 1; i < args.size(); ++i)
        add(args[i], "what stands before it is never NULL");
    const Node* group = scope.select == nullptr ? nullptr : scope.select->get(Role::group_by);
    if (is_one_of(name, {"max", "min"}) && group != nullptr && call->get(Role::over) == nullptr)
      for (const Node* key : group->children())
        if (called(key) == "rtrim" && args_of(key).size() == 1 && same(args_of(key)[0], args[0]))
          add(call->begin, args[0]->begin, "max min",
              "of a group's texts, equal but for blanks behind, SQL may give any");
    if (name == "listagg" && call->get(Role::within) != nullptr)
      for (const Node* item : call->get(Role::within)->children())
        if (item->kind == Kind::order_item && null_with(args[0], item->at(0)))
          add(item->at(0)->end, item->end, "first last",
              "LISTAGG leaves out what is NULL, and only that has this key NULL");
  }
  // Whether the value is NULL when the key is.
  bool null_with(const Node* value, const Node* key) const {
    value = sql::without_parens(value);
    if (same(value, sql::without_parens(key))) return true;
    if (value->kind == Kind::cast) return null_with(value->at(0), key);
    const auto args = args_of(value);
    if (args.empty()) return false;
    if (called(value) == "nullif") return null_with(args[0], key);
    return is_strict(called(value)) && std::any_of(args.begin(), args.end(), [&](const Node* one) {
             return null_with(one, key);
           });
  }

  void look_at_exists(const Node* exists) {
    const Node* query = exists->get(Role::query);
    const Node* body = query == nullptr ? nullptr : query->get(Role::body);
    if (body != nullptr && body->kind == Kind::select && body->get(Role::items) != nullptr &&
        body->get(Role::group_by) == nullptr)
      for (const Node* item : body->get(Role::items)->children())
        if (item->kind == Kind::number || item->kind == Kind::string)
          add(item, "EXISTS asks for rows, not for what stands in them");
  }

  // CASE WHEN x >= 0 THEN floor(x) ELSE ceil(x) END: at 0, both are 0.
  void look_at_case(const Node* node) {
    const Node* when = node->get(Role::when);
    const Node* otherwise = node->get(Role::otherwise);
    if (when == nullptr || otherwise == nullptr) return;
    const Node *condition = when->get(Role::condition), *then = when->get(Role::then);
    if (condition == nullptr || then == nullptr || op_of(condition) != ">=" ||
        text(condition->at(1)) != "0" || called(then) != "floor" || called(otherwise) != "ceil")
      return;
    const auto up = args_of(otherwise), down = args_of(then);
    if (!up.empty() && !down.empty() && same(up[0], down[0]) && same(up[0], condition->at(0)))
      add(condition->at(0)->end, condition->at(1)->begin, ">=", "at 0, both branches give 0");
  }

  // A bound with more digits than the column has: no value lies on it.
  void look_at_bounds(const Node* node) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      const Node *column = node->at(i), *bound = node->at(1 - i);
      if (!is_column(column) || bound->kind != Kind::number) continue;
      const std::string_view number = bound->text();
      const std::size_t point = number.find('.'), last = number.find_last_not_of('0');
      if (point == number.npos || last <= point || number.find_first_of("eE") != number.npos)
        continue;
      if (static_cast<int>(last - point) > digits_of(column))
        add(node->at(0)->end, node->at(1)->begin,
            "< <= > >=", "the column cannot hold a value on this bound");
    }
  }
  // Digits behind the point that the column can hold at most; many when that is not known.
  int digits_of(const Node* column) const {
    const std::string name = text(column), last = sql::last_part(name);
    int digits = -1;
    for (const ProveTable& table : tables_)
      for (const ProveColumn& one : table.columns)
        if (one.name == last)
          digits = std::max(digits, one.domain == Domain::integer   ? 0
                                    : one.domain == Domain::decimal ? one.scale
                                                                    : 1000);
    return digits < 0 ? 1000 : digits;
  }

  // x NOT IN (…, NULL) is never true, whatever else the list holds.
  void look_at_not_in(const Node* where) {
    const Node* node = sql::without_parens(where);
    if (op_of(node) == "AND") {
      look_at_not_in(node->at(0));
      look_at_not_in(node->at(1));
      return;
    }
    const Node* items = node->kind == Kind::in ? node->get(Role::items) : nullptr;
    if (items == nullptr || !node->has(sql::kNegated)) return;
    for (const Node* item : items->children())
      if (item->kind == Kind::null) add(items, "NOT IN a list with NULL is never true");
  }

  std::string_view statement_;
  const std::vector<ProveTable>& tables_;
  std::vector<IdlePlace> places_;
};

}  // namespace

std::vector<IdlePlace> find_idle_places(std::string_view statement,
                                        const std::vector<ProveTable>& tables) {
  sql::StatementReader reader(statement, *sql::find_dialect("databricks"));
  sql::Statement one;
  if (!reader.next(one) || one.failed() || one.root == nullptr) return {};
  return Finder(statement, tables).find(one.root);
}

}  // namespace lakeshift::stages

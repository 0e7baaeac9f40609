// What a translation is made with: new nodes, patterns of Databricks SQL to fill, and the report of
// what was done.
#pragma once

#include <deque>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/arena.h"
#include "sql/node.h"
#include "sql/translate.h"

namespace lakeshift::sql {

// Expressions of Databricks SQL with holes $1, $2, … ($0 stands for all arguments not named),
// parsed once.
class Patterns {
 public:
  const Node* find(std::string_view pattern);

 private:
  Arena arena_{};
  std::map<std::string, const Node*, std::less<>> parsed_{};
};

class Draft {
 public:
  Draft(Arena& arena, Patterns& patterns, std::string_view source)
      : arena_(arena), patterns_(patterns), source_(source) {}

  // Nodes. `at` gives the place of what the new node stands for.
  Node* make(Kind kind, std::span<Node* const> kids = {}, std::uint16_t code = 0);
  Node* make(Kind kind, std::initializer_list<Node*> kids, std::uint16_t code = 0) {
    return make(kind, std::span(kids.begin(), kids.size()), code);
  }
  Node* as(Role role, const Node* node);  // a copy of the top node with that role
  Node* at(const Node* place, Node* node);
  Node* rebuilt(const Node* like, std::span<Node* const> kids);  // `like` with other children
  Node* text(Kind kind, std::string_view text, Role role = Role::none);
  Node* text_node(std::string_view type) { return text(Kind::type, type, Role::type); }
  Node* ident(std::string_view name) { return text(Kind::ident, name); }
  Node* number(long long value) { return text(Kind::number, std::to_string(value)); }
  Node* words(std::string_view keywords) { return text(Kind::words, keywords); }
  Node* string(std::string_view value);  // quoted for Databricks
  Node* name(std::initializer_list<std::string_view> parts);
  Node* list(std::span<Node* const> kids, bool parentheses = false) {
    return make(Kind::list, kids, parentheses ? kInParentheses : 0);
  }
  Node* binary(Op op, std::initializer_list<Node*> kids) {
    return make(Kind::binary, kids, static_cast<std::uint16_t>(op));
  }
  Node* call(std::string_view function, std::initializer_list<Node*> arguments);
  Node* cast(Node* value, std::string_view type);
  Node* fill(std::string_view pattern, std::span<Node* const> arguments);
  Node* fill(std::string_view pattern, std::initializer_list<Node*> arguments) {
    return fill(pattern, std::span(arguments.begin(), arguments.size()));
  }

  // The report.
  void refuse(const Node* place, std::string_view code, std::string message, std::string remedy);
  void warn(const Node* place, std::string_view code, std::string message, std::string remedy);
  void note(const Node* place, std::string_view code, std::string message, std::string remedy);
  void applied(std::string_view rule, bool typed = true);
  void assume(std::string assumption);
  bool refused() const { return refused_; }
  void adopt(Draft& other);  // takes over what another draft reported

  std::string_view copy(std::string_view text) { return arena_.copy(text); }
  std::string_view source() const { return source_; }
  Arena& arena() { return arena_; }
  Patterns& patterns() { return patterns_; }

  Translation translation{};

 private:
  void report(const Node* place, std::string_view code, Severity severity, std::string message,
              std::string remedy);
  Node* instantiate(const Node* pattern, std::span<Node* const> arguments);

  Arena& arena_;
  Patterns& patterns_;
  std::string_view source_;
  bool refused_ = false;
};

// A deep copy.
Node* clone(const Node* node, Arena& arena);
// The tree itself, all of it at the place of that other node.
Node* placed(Node* node, const Node* place);

// What a string constant says. False when that cannot be known (templates in it).
bool read_string(const Node* node, std::string& value);
// A name that is written as it is: no keyword, and nothing that needs quotes.
bool is_plain_name(std::string_view spelling);
// A name as Databricks must spell it: with backticks where needed.
std::string quote_name(std::string_view source_spelling);

}  // namespace lakeshift::sql

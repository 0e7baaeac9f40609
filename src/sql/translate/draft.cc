#include "sql/translate/draft.h"

#include <algorithm>

#include "sql/dialect.h"

namespace lakeshift::sql {
namespace {

bool is_hole(const Node* node) {
  return node->kind == Kind::parameter && node->text().starts_with('$');
}

std::size_t hole_number(const Node* node) {
  std::size_t number = 0;
  for (const char c : node->text().substr(1))
    number = number * 10 + static_cast<std::size_t>(c - '0');
  return number;
}

std::size_t highest_hole(const Node* node) {
  std::size_t most = is_hole(node) ? hole_number(node) : 0;
  for (const Node* kid : node->children()) most = std::max(most, highest_hole(kid));
  return most;
}

}  // namespace

Node* clone(const Node* node, Arena& arena) {
  Node* copy = arena.make<Node>(*node);
  copy->set_text(arena.copy(node->text()));
  copy->begin = copy->end = 0;
  copy->kids = arena.make_array<Node*>(node->count);
  for (std::uint32_t i = 0; i < node->count; ++i) copy->kids[i] = clone(node->kids[i], arena);
  return copy;
}

Node* placed(Node* node, const Node* place) {
  node->begin = place->begin;
  node->end = place->end;
  for (std::uint32_t i = 0; i < node->count; ++i) placed(node->kids[i], place);
  return node;
}

const Node* Patterns::find(std::string_view pattern) {
  const auto found = parsed_.find(pattern);
  if (found != parsed_.end()) return found->second;
  const std::string query = "SELECT " + std::string(pattern);
  StatementReader reader(query, *find_dialect("databricks"));
  Statement statement;
  const Node* expression = nullptr;
  if (reader.next(statement) && statement.root && statement.root->kind == Kind::query) {
    const Node* select = statement.root->get(Role::body);
    const Node* items = select ? select->get(Role::items) : nullptr;
    if (items && items->count == 1) expression = clone(items->at(0), arena_);
  }
  parsed_.emplace(pattern, expression);
  return expression;
}

Node* Draft::make(Kind kind, std::span<Node* const> kids, std::uint16_t code) {
  Node* node = arena_.make<Node>();
  node->kind = kind;
  node->code = code;
  node->count = static_cast<std::uint32_t>(kids.size());
  node->kids = arena_.make_array<Node*>(kids.size());
  std::copy(kids.begin(), kids.end(), node->kids);
  return node;
}

Node* Draft::as(Role role, const Node* node) {
  Node* copy = arena_.make<Node>(*node);
  copy->role = role;
  return copy;
}

Node* Draft::at(const Node* place, Node* node) {
  if (node->end != 0 || place->end == 0) return node;
  node->begin = place->begin;
  node->end = place->end;
  return node;
}

Node* Draft::rebuilt(const Node* like, std::span<Node* const> kids) {
  Node* node = arena_.make<Node>(*like);
  node->count = static_cast<std::uint32_t>(kids.size());
  node->kids = arena_.make_array<Node*>(kids.size());
  std::copy(kids.begin(), kids.end(), node->kids);
  return node;
}

Node* Draft::text(Kind kind, std::string_view text, Role role) {
  Node* node = make(kind);
  node->role = role;
  node->set_text(arena_.copy(text));
  return node;
}

// Characters that cannot be seen are written by their number; line ends as they are.
Node* Draft::string(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = "'";
  for (const char c : value) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '\t') {
      quoted += "\\t";
    } else if (code < 32 && c != '\n' && c != '\r') {
      quoted += "\\u00";
      quoted += {kDigits[code >> 4U], kDigits[code & 15U]};
    } else {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  quoted += '\'';
  return text(Kind::string, quoted);
}

Node* Draft::name(std::initializer_list<std::string_view> parts) {
  std::vector<Node*> kids;
  for (const std::string_view part : parts) kids.push_back(ident(part));
  return kids.size() == 1 ? kids[0] : make(Kind::name, kids);
}

Node* Draft::call(std::string_view function, std::initializer_list<Node*> arguments) {
  std::vector<Node*> kids{as(Role::name, ident(function))};
  for (const Node* argument : arguments) kids.push_back(as(Role::args, argument));
  return make(Kind::call, kids);
}

Node* Draft::cast(Node* value, std::string_view type) {
  return make(Kind::cast, {as(Role::none, value), text(Kind::type, type, Role::type)});
}

Node* Draft::instantiate(const Node* pattern, std::span<Node* const> arguments) {
  if (is_hole(pattern)) {
    const std::size_t number = hole_number(pattern);
    Node* filled = number >= 1 && number <= arguments.size()
                       ? as(pattern->role, arguments[number - 1])
                       : text(Kind::null, "", pattern->role);
    return filled;
  }
  std::vector<Node*> kids;
  kids.reserve(pattern->count);
  for (const Node* kid : pattern->children()) {
    if (is_hole(kid) && hole_number(kid) == 0) {
      for (std::size_t i = highest_hole(pattern); i < arguments.size(); ++i)
        kids.push_back(as(kid->role, arguments[i]));
    } else {
      kids.push_back(instantiate(kid, arguments));
    }
  }
  return rebuilt(pattern, kids);
}

Node* Draft::fill(std::string_view pattern, std::span<Node* const> arguments) {
  const Node* parsed = patterns_.find(pattern);
  if (!parsed) {  // a fault of a row, which the test of all rows finds
    refuse(nullptr, "sql-internal", "the pattern \"" + std::string(pattern) + "\" cannot be read",
           "report this statement");
    return text(Kind::null, "");
  }
  Node* node = instantiate(parsed, arguments);
  node->role = Role::none;
  return node;
}

void Draft::report(const Node* place, std::string_view code, Severity severity, std::string message,
                   std::string remedy) {
  Finding finding{std::string(code), severity, 0, 0, std::move(message), std::move(remedy)};
  if (place) {
    finding.begin = place->begin;
    finding.end = place->end;
  }
  for (const Finding& one : translation.findings)
    if (one.code == finding.code && one.begin == finding.begin && one.message == finding.message)
      return;
  translation.findings.push_back(std::move(finding));
}

void Draft::refuse(const Node* place, std::string_view code, std::string message,
                   std::string remedy) {
  refused_ = true;
  report(place, code, Severity::error, std::move(message), std::move(remedy));
}
void Draft::warn(const Node* place, std::string_view code, std::string message,
                 std::string remedy) {
  report(place, code, Severity::warning, std::move(message), std::move(remedy));
}
void Draft::note(const Node* place, std::string_view code, std::string message,
                 std::string remedy) {
  report(place, code, Severity::note, std::move(message), std::move(remedy));
}

void Draft::applied(std::string_view rule, bool typed) {
  for (AppliedRule& one : translation.rules) {
    if (one.name != rule) continue;
    one.typed = one.typed && typed;
    return;
  }
  translation.rules.push_back({std::string(rule), typed});
}

void Draft::adopt(Draft& other) {
  refused_ = refused_ || other.refused_;
  for (Finding& one : other.translation.findings) translation.findings.push_back(std::move(one));
  for (const AppliedRule& one : other.translation.rules) applied(one.name, one.typed);
  for (std::string& one : other.translation.assumptions) assume(std::move(one));
  other.translation = {};
}

void Draft::assume(std::string assumption) {
  if (std::find(translation.assumptions.begin(), translation.assumptions.end(), assumption) ==
      translation.assumptions.end())
    translation.assumptions.push_back(std::move(assumption));
}

}  // namespace lakeshift::sql

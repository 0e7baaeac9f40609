#include "sql/render.h"
#include "sql/translate.h"
#include "sql/translate/statement_rule.h"

namespace lakeshift::sql {
namespace {

// Deeper trees would need more stack than a thread may have.
constexpr std::uint16_t kDeepest = 1500;

std::string_view trimmed(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

void learn_procedure(const Statement& statement, std::string_view source, Catalog& catalog) {
  if (statement.root && statement.root->kind == Kind::statement &&
      statement.root->text() == "create_procedure")
    catalog.learn_procedure(
        plain_name(statement.root->get(Role::name)),
        source.substr(statement.first_token, statement.end - statement.first_token));
}

// How many of the comments stand before the statement's ';'.
std::size_t count_before_end(const Statement& statement, std::string_view source) {
  std::size_t inside = 0;
  std::uint32_t at = statement.root->end;
  for (; inside < statement.comments.size(); ++inside) {
    const Comment& comment = statement.comments[inside];
    if (comment.begin < at) continue;
    if (source.substr(at, comment.begin - at).find(';') != std::string_view::npos) break;
    at = comment.end;
  }
  return inside;
}

}  // namespace

std::string_view spell_outcome(Outcome outcome) {
  switch (outcome) {
    case Outcome::empty:
      return "empty";
    case Outcome::translated:
      return "translated";
    default:
      return "refused";
  }
}

struct Translator::State {
  Catalog& catalog;
  TranslateOptions options;
  Arena arena{};
  Patterns patterns{};
};

Translator::Translator(Catalog& catalog, TranslateOptions options)
    : state_(new State{catalog, std::move(options)}) {}
Translator::~Translator() = default;

Translation Translator::translate(const Statement& statement, std::string_view source) {
  State& state = *state_;
  state.arena.reset();
  if (statement.empty) return {};
  if (!statement.root || statement.root->depth > kDeepest) {
    Translation refused;
    refused.outcome = Outcome::refused;
    refused.findings.push_back(
        statement.failed()
            ? statement.finding
            : Finding{"sql-too-deep", Severity::error, statement.first_token, statement.end,
                      "the statement is nested too deeply to translate", "split it"});
    return refused;
  }
  Rewriter rewriter(state.catalog, state.options, state.arena, state.patterns, source);
  Node* root = rewriter.statement(statement.root);
  Translation result = std::move(rewriter.translation);
  if (rewriter.refused()) {
    result.outcome = Outcome::refused;
  } else {
    result.outcome = Outcome::translated;
    const Dialect& target = *find_dialect("databricks");
    const RenderOptions look{.pretty = state.options.pretty};
    const auto append = [&](const std::string& text) {
      if (trimmed(text).empty()) return;
      if (!result.output.empty()) result.output += ";\n";
      result.output += trimmed(text);
      if (text.ends_with('\n')) result.output += '\n';
    };
    for (const Node* one : rewriter.before) append(render(one, {}, {}, target, look));
    const std::size_t inside = count_before_end(statement, source);
    if (root) append(render(root, source, statement.comments.first(inside), target, look));
    for (const Comment& comment : statement.comments.subspan(inside)) {
      if (!result.trailing.empty()) result.trailing += ' ';
      result.trailing += trimmed(source.substr(comment.begin, comment.end - comment.begin));
    }
    for (const Node* one : rewriter.after) append(render(one, {}, {}, target, look));
  }
  state.catalog.learn(statement.root);
  learn_procedure(statement, source, state.catalog);
  for (Table& table : rewriter.created) state.catalog.put(std::move(table));
  return result;
}

void learn_all(std::string_view source, Catalog& catalog) {
  StatementReader reader(source, *find_dialect("redshift"));
  Statement statement;
  while (reader.next_create(statement)) {
    if (!statement.root || statement.root->kind != Kind::statement) continue;
    const std::string_view row = statement.root->text();
    // changes are learned where they happen
    if (row.starts_with("create_")) catalog.learn(statement.root);
    learn_procedure(statement, source, catalog);
  }
}

}  // namespace lakeshift::sql

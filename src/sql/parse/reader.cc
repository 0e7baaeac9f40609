#include "sql/lexer.h"
#include "sql/parse/parser.h"
#include "sql/parser.h"

namespace lakeshift::sql {

struct StatementReader::State {
  State(std::string_view text, const Dialect& d)
      : source(text), dialect(compile(d)), parser(text, dialect, arena) {}

  static constexpr std::size_t kLargest = 0xFFFFFFF0u;

  std::string_view source;
  const CompiledDialect& dialect;
  Arena arena{};
  Tokens tokens{};
  Parser parser;
  std::unique_ptr<Lexer> lexer{};
  bool done = false;
};

StatementReader::StatementReader(std::string_view source, const Dialect& dialect)
    : state_(std::make_unique<State>(source, dialect)) {
  if (source.size() < State::kLargest)
    state_->lexer = std::make_unique<Lexer>(source, 0, static_cast<std::uint32_t>(source.size()),
                                            dialect.lexical);
}
StatementReader::~StatementReader() = default;

std::string_view StatementReader::source() const { return state_->source; }

bool StatementReader::next(Statement& out) { return next(out, false); }
bool StatementReader::next_create(Statement& out) { return next(out, true); }

bool StatementReader::next(Statement& out, bool only_create) {
  State& state = *state_;
  if (state.done) return false;
  out = {};
  if (!state.lexer) {
    state.done = true;
    out.finding = {"sql-too-large", Severity::error, 0, 0, "the text has 4 GiB or more",
                   "split the file"};
    return true;
  }
  const bool first = state.lexer->position() == 0 ||
                     (state.lexer->position() == 3 && state.source.starts_with("\xEF\xBB\xBF") &&
                      state.tokens.tokens.empty());
  out.begin = first ? 0 : state.lexer->position();
  if (state.lexer->at_end()) {
    state.done = true;
    // a byte order mark and nothing else
    if (!first || state.source.empty()) return false;
    out.end = state.lexer->position();
    out.empty = true;
    return true;
  }
  state.arena.reset();
  bool parses = true;
  if (only_create)
    parses = state.lexer->next_create(state.tokens);
  else
    state.lexer->next_statement(state.tokens);
  out.end = state.lexer->position();
  out.first_token = state.tokens.tokens.front().begin;
  if (!parses) return true;
  out.root = state.parser.parse_statement(state.tokens);
  out.comments = state.tokens.comments;
  out.finding = state.parser.error();
  out.empty = !out.root && out.finding.code.empty();
  return true;
}

}  // namespace lakeshift::sql

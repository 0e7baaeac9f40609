#include "stages/prove_names.h"

#include <algorithm>

#include "core/base/strings.h"
#include "sql/dialect.h"
#include "sql/lexer.h"

namespace lakeshift::stages {
namespace {

struct Part {
  std::uint32_t begin = 0, end = 0;
  std::string name{};
};

std::string bare(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '`'))
    text = text.substr(1, text.size() - 2);
  return to_lower(text);
}

// Where the table's own name begins in a.b.c, or 0 when no known table is named with its schema.
std::size_t table_in(const std::vector<Part>& parts, const std::vector<ProveTable>& tables) {
  for (std::size_t i = 1; i < parts.size() && i < 3; ++i)
    for (const ProveTable& table : tables)
      if (!table.schema.empty() && parts[i].name == table.name && parts[i - 1].name == table.schema)
        return i;
  return 0;
}

}  // namespace

std::string without_schemas(const std::string& statement, std::string_view dialect,
                            const std::vector<ProveTable>& tables) {
  if (std::all_of(tables.begin(), tables.end(),
                  [](const ProveTable& table) { return table.schema.empty(); }))
    return statement;
  sql::Lexer lexer(statement, 0, static_cast<std::uint32_t>(statement.size()),
                   sql::find_dialect(dialect)->lexical);
  sql::Tokens tokens;
  lexer.all(tokens);
  std::string out;
  std::uint32_t copied = 0;
  std::vector<Part> parts;
  const auto finish = [&] {
    if (const std::size_t own = table_in(parts, tables); own > 0) {
      out += statement.substr(copied, parts[0].begin - copied);
      copied = parts[own].begin;
    }
    parts.clear();
  };
  bool dot = false;
  for (const sql::Token& token : tokens.tokens) {
    const std::string_view text =
        std::string_view(statement).substr(token.begin, token.end - token.begin);
    const bool name =
        token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_name;
    if (text == "." && !parts.empty()) {
      dot = true;
      continue;
    }
    if (!(name && dot)) finish();
    dot = false;
    if (name) parts.push_back({token.begin, token.end, bare(text)});
  }
  finish();
  return out + statement.substr(copied);
}

}  // namespace lakeshift::stages

#include "stages/translate_redact.h"

#include <algorithm>

#include "core/base/strings.h"
#include "sql/dialect.h"
#include "sql/lexer.h"

namespace lakeshift::stages {
namespace {

constexpr std::string_view kBefore[] = {"credentials",   "password",
                                        "access_key_id", "secret_access_key",
                                        "session_token", "master_symmetric_key"};
constexpr std::string_view kInside[] = {"aws_secret_access_key", "aws_access_key_id",
                                        "master_symmetric_key", "aws_session_token"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::any_of(words,
                             [&](std::string_view one) { return equals_ignoring_case(one, word); });
}

bool holds_key(std::string_view text) {
  const std::string lower = to_lower(text);
  return std::ranges::any_of(
      kInside, [&](std::string_view key) { return lower.find(key) != std::string::npos; });
}

}  // namespace

std::string redact_sql(std::string_view source) {
  const std::string lower = to_lower(source);
  if (std::ranges::none_of(
          kBefore, [&](std::string_view word) { return lower.find(word) != std::string::npos; }))
    return std::string(source);
  sql::Tokens tokens;
  sql::Lexer lexer(source, 0, static_cast<std::uint32_t>(source.size()),
                   sql::find_dialect("redshift")->lexical);
  lexer.all(tokens);
  std::string shown;
  std::size_t done = 0;
  bool armed = false;  // a string here is a secret
  for (const sql::Token& token : tokens.tokens) {
    const std::string_view text = source.substr(token.begin, token.end - token.begin);
    if (token.kind == sql::TokenKind::word && is_one_of(text, kBefore)) {
      armed = true;
    } else if (token.kind == sql::TokenKind::string && (armed || holds_key(text))) {
      shown += source.substr(done, token.begin - done);
      shown += "'(redacted)'";
      done = token.end;
      armed = false;
    } else {
      armed = armed && (token.op() == sql::Op::kEq || equals_ignoring_case(text, "as") ||
                        equals_ignoring_case(text, "to"));
    }
  }
  // what the lexer could not read may hold anything
  if (!tokens.error.code.empty() && holds_key(source.substr(done))) return shown + "(redacted)";
  shown += source.substr(done);
  return shown;
}

}  // namespace lakeshift::stages

// SQL statements on a warehouse: /api/2.0/sql/statements. The twin knows tables by their names
// only: CREATE TABLE, DROP TABLE and SELECT, with the errors of a name that is there, or is not.
// States and members: SDK, sql.StatementExecutionAPI.
#include <algorithm>

#include "core/base/strings.h"
#include "twin/service.h"

namespace lakeshift::twin::services::statements {
namespace {

constexpr std::string_view kStatement = "statement";
constexpr std::string_view kTable = "sql_table";

Json status_failed(const std::string& code, const std::string& message) {
  return {{"state", "FAILED"}, {"error", {{"error_code", code}, {"message", message}}}};
}

// The words of the statement, without what stands between them.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string& word : split(replace_all(replace_all(text, "\n", " "), ";", " "), ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

bool are(const std::vector<std::string>& words, std::size_t at,
         std::initializer_list<std::string_view> wanted) {
  for (const std::string_view word : wanted) {
    if (at >= words.size() || !equals_ignoring_case(words[at], word)) return false;
    ++at;
  }
  return true;
}

Json create_table(Context& context, const std::vector<std::string>& words) {
  const bool softly = are(words, 2, {"if", "not", "exists"});
  const std::size_t at = softly ? 5 : 2;
  const std::string name = to_lower(at < words.size() ? words[at] : "");
  if (name.empty()) return status_failed("BAD_REQUEST", "[PARSE_SYNTAX_ERROR] a name is missing");
  if (context.store.get(kTable, name) != nullptr && !softly)
    return status_failed("ALREADY_EXISTS", "[TABLE_OR_VIEW_ALREADY_EXISTS] " + name);
  context.store.put(std::string(kTable), name, name, {{"name", name}});
  return {{"state", "SUCCEEDED"}};
}

Json drop_table(Context& context, const std::vector<std::string>& words) {
  const bool softly = are(words, 2, {"if", "exists"});
  const std::size_t at = softly ? 4 : 2;
  const std::string name = to_lower(at < words.size() ? words[at] : "");
  if (!context.store.erase(std::string(kTable), name) && !softly)
    return status_failed("NOT_FOUND", "[TABLE_OR_VIEW_NOT_FOUND] " + name);
  return {{"state", "SUCCEEDED"}};
}

Result<Answer> execute(Context& context, const Call& call) {
  const std::string warehouse = text_at(call.body, "warehouse_id");
  if (context.store.get("sql_warehouse", warehouse) == nullptr)
    return invalid(warehouse + " is not a valid endpoint id.");
  const std::vector<std::string> words = words_of(text_at(call.body, "statement"));
  Json status;
  if (are(words, 0, {"create", "table"}))
    status = create_table(context, words);
  else if (are(words, 0, {"drop", "table"}))
    status = drop_table(context, words);
  else if (are(words, 0, {"select"}))
    status = {{"state", "SUCCEEDED"}};
  else
    status = status_failed("BAD_REQUEST", "the twin runs CREATE TABLE, DROP TABLE and SELECT only");
  const std::string id = uuid_id(context, kStatement);
  const Json body = {{"statement_id", id}, {"status", std::move(status)}};
  context.store.put(std::string(kStatement), id, "", body);
  return Answer(body);
}

Result<Answer> get(Context& context, const Call& call) {
  const Row* row = context.store.get(kStatement, call.parameter("statement_id"));
  if (row == nullptr) return missing("The statement does not exist");
  return Answer(row->document);
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.0/sql/statements", execute},
                                   {"GET", "/api/2.0/sql/statements/{statement_id}", get}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"statements", kEndpoints};

}  // namespace lakeshift::twin::services::statements

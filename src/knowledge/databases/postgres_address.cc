#include "knowledge/databases/postgres_address.h"

#include <libpq-fe.h>

#include <memory>
#include <set>

namespace lakeshift::databases {
namespace {

// Ours to say: what they would change is pinned, or is said elsewhere.
bool is_reserved(std::string_view word) {
  static const std::set<std::string_view> kReserved = {
      "replication", "options", "client_encoding", "application_name", "fallback_application_name"};
  return kReserved.contains(word);
}

void put(PostgresAddress& address, const std::string& word, const char* value) {
  if (word == "host")
    address.host = value;
  else if (word == "port")
    address.port = value;
  else if (word == "dbname")
    address.database = value;
  else if (word == "user")
    address.user = value;
  else if (word == "password")
    address.password = world::Secret(value);
  else if (!is_reserved(word))
    address.words[word] = value;
}

}  // namespace

std::string PostgresAddress::to_text() const {
  std::string text = user.empty() ? "" : user + "@";
  text += host.empty() ? "localhost" : host;
  return text + ":" + (port.empty() ? "5432" : port) + "/" + database;
}

Result<PostgresAddress> parse_postgres_address(std::string_view text) {
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(std::string(text).c_str(), &complaint), PQconninfoFree);
  PQfreemem(complaint);  // it repeats the text
  if (!options)
    return fail("bad-connection", "this is no address of a PostgreSQL database", "address",
                "write it as postgresql://user@host:5432/database?sslmode=verify-full");
  PostgresAddress address;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr) put(address, option->keyword, option->val);
  return address;
}

}  // namespace lakeshift::databases

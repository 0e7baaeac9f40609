// Where a PostgreSQL server is and who we are there.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/world/secret.h"

namespace lakeshift::databases {

struct PostgresAddress {
  std::string host, port, database, user;
  world::Secret password;  // empty: libpq looks for it in its password file
  // Other words of libpq: sslmode, sslrootcert, sslcert, sslkey, target_session_attrs, …
  std::map<std::string, std::string> words;
  std::string application = "lakeshift";
  bool replication = false;  // replication=database: only simple queries and the stream
  // Errors of its sessions leave out what a server says of rows: details, places, and the text of
  // what is wrong with a value.
  bool withholds_values = false;
  // Session settings beside the pinned ones, for example session_replication_role.
  std::map<std::string, std::string> settings;
  std::string to_text() const;  // "ana@db.example.com:5432/shop", no secret
};

// Reads "postgresql://…" or "host=… dbname=…" as libpq does. Error "bad-connection" (never its
// text, which may hold a password).
Result<PostgresAddress> parse_postgres_address(std::string_view text);

}  // namespace lakeshift::databases

// What managed PostgreSQL services do otherwise than a server of one's own.
#pragma once

#include <string>
#include <vector>

#include "knowledge/databases/postgres_catalog.h"

namespace lakeshift::databases {

struct ManagedFact {
  std::string service, fact, name, value, source;  // data/postgres_managed.csv
};

struct AllowList {
  std::string parameter;
  std::vector<std::string> extensions;
  bool takes_all = false;
};

// A service that runs the server; empty name: nobody does, it is one's own.
struct ManagedService {
  std::string name;  // "rds", "flexible-server"
  std::vector<ManagedFact> facts;
  bool managed() const { return !name.empty(); }
  // How people set a server parameter there: a sentence. Empty when it is a server of one's own.
  std::string parameter_remedy(std::string_view parameter) const;
  // The role whose members may replicate; empty: ALTER ROLE … REPLICATION.
  std::string replication_role() const;
  // The role whose members may make subscriptions; empty: the server's own rule.
  std::string subscription_role() const;
  bool refuses(std::string_view what) const;
  bool reserves_role(std::string_view role) const;
  std::vector<AllowList> allow_lists(const PostgresCatalog& catalog) const;
};

// Error "bad-table".
Result<ManagedService> managed_service(const PostgresCatalog& catalog);
// Settings that only some service knows, which pg_settings may hide: their names.
Result<std::vector<std::string>> managed_settings();
// The library that must be preloaded for an extension; "" when none.
Result<std::map<std::string, std::string>> preloaded_libraries();

}  // namespace lakeshift::databases

// What stands in the way of moving a PostgreSQL database, and what to do about it. Reads only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/model/finding.h"
#include "knowledge/databases/postgres_catalog.h"
#include "knowledge/databases/postgres_managed.h"
#include "knowledge/databases/postgres_subscription.h"

namespace lakeshift::databases {

struct Obstacle {
  std::string code;  // "pg-no-identity"
  model::Severity severity = model::Severity::blocking;
  std::string side;       // "source", "target": where `sql` is run, and whose fault it is
  std::string kind, key;  // the thing: "table", "public.orders"
  std::string reason, remedy;
  std::string sql;  // the remedy as statements to run there, as they stand; empty: none could be
  bool restart = false;  // it works after a restart of that server
};
model::Finding to_finding(const Obstacle& obstacle);

struct PreflightOptions {
  std::set<std::string> accept;        // codes that the user has accepted: warnings only
  int parallel = 4;                    // sessions of the copy on each side
  std::int64_t headroom = 100000;      // how far sequences are moved at the switch
  std::int64_t target_disk_bytes = 0;  // free space there, which SQL does not tell; 0: not known
  std::int64_t now_ms = 0;             // our clock; 0: clocks are not compared
  int dump_version = 0;                // of the pg_dump found, as 170010; 0: there is none
  int long_transaction_seconds = 300;
  bool reverse = true;  // the target must be able to replicate back
  // Of a move that follows by subscription: where each side is for the other server. Then making
  // one is tried on both, and undone.
  struct Doors {
    PostgresAddress source_for_target, target_for_source;
  };
  std::optional<Doors> doors;
  // The move's own: no finding of the source, and what the other server would subscribe to.
  std::string own_subscription, own_publication;
};

// Facts that are no part of the catalogue.
struct PreflightProbe {
  struct Activity {
    std::int64_t pid = 0, seconds = 0;
    std::string user, state;
  };
  std::vector<Activity> long_transactions;
  std::vector<std::string> unreadable_tables;  // quoted
  int used_slots = 0, used_senders = 0, used_connections = 0;
  bool replica_role = true;  // session_replication_role can be set
  bool read_only = false;    // default_transaction_read_only, as a new session gets it
  std::optional<SubscriptionProbe> subscription;
};

struct PreflightInput {
  const PostgresCatalog& source;
  const PostgresCatalog& target;
  const PreflightProbe& source_probe;
  const PreflightProbe& target_probe;
  const ManagedService& source_service;
  const ManagedService& target_service;
  const PreflightOptions& options;
};
using Obstacles = std::vector<Obstacle>;

// The parts, each over what was read (postgres_preflight_*.cc).
void check_source_server(const PreflightInput& input, Obstacles& found);
void check_tables(const PreflightInput& input, Obstacles& found);
Status check_objects(const PreflightInput& input, Obstacles& found);
void check_target(const PreflightInput& input, Obstacles& found);
void check_following(const PreflightInput& input, Obstacles& found);

// A parameter of the server that should be so: ALTER SYSTEM on a server of one's own, the service's
// way elsewhere.
Obstacle parameter_obstacle(const std::string& code, const std::string& side,
                            const ManagedService& service, const std::string& name,
                            const std::string& value, bool restart);
std::int64_t setting_number(const PostgresCatalog& catalog, const std::string& setting,
                            std::int64_t fallback);

Result<PreflightProbe> probe_server(PostgresSession& session, const PreflightOptions& options);

struct Preflight {
  PostgresCatalog source, target;
  std::string source_service, target_service;
  Obstacles obstacles;  // by severity (blocking first), code, side, thing
  bool blocked() const;
};
Result<Preflight> run_preflight(PostgresSession& source, PostgresSession& target,
                                const PreflightOptions& options);

}  // namespace lakeshift::databases

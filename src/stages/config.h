// lakeshift.yaml: what the user says about a migration.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/world/world.h"
#include "knowledge/clouds/mapper.h"
#include "knowledge/credentials/credential.h"

namespace lakeshift::transfers {
struct MaskRules;
}

namespace lakeshift::stages {

struct Connection {
  std::string name;  // the side's name
  std::string
      profile;  // of ~/.databrickscfg; empty: host below, or the environment LAKESHIFT_<NAME>_…
  std::string host;
  std::string cloud;  // empty: found out
  std::string account_id;
  std::string rate_limits;  // "documented", "learned"; empty: documented, but learned on loopback
};

using Tags = std::map<std::string, std::string>;

struct Selection {
  // "kind", "kind/name-pattern", "*/name-pattern", "tag:name" or "tag:name=value-pattern" with
  // shell patterns; empty include = everything.
  std::vector<std::string> include, exclude;
  // With an include: what its objects need, as (kind, key).
  std::set<std::pair<std::string, std::string>> needed = {};
  bool with_needs = false;  // a wave: `needed` is found out when a plan is made
  bool takes(std::string_view kind, std::string_view key, std::string_view name,
             const Tags& tags = {}) const;
  bool takes(engine::KindSet kinds, const model::Object& object) const;  // by its tags too
  bool takes_all() const { return include.empty() && exclude.empty(); }
};

enum class OnClash { adopt, block, rename };

struct Route {
  std::string from, to;  // sides
  std::string name() const { return from + ":" + to; }
  Selection select;
  OnClash on_clash =
      OnClash::adopt;  // an object of the same natural key that lakeshift did not make
  std::string prefix;  // for rename: put before the name
};

// What an acceptance run of the target uses. Empty members mean: not named, that step is skipped
// with its reason.
struct AcceptanceOptions {
  std::string cluster_id;  // a cluster to start; empty: the steps on a cluster use `node_type` and
                           // `runtime`
  std::string
      node_type;  // for the runs' own cluster; empty: the smallest of the target's reference data
  std::string runtime;  // empty: the newest long term support version of the reference data
  std::string warehouse_id;
  std::string job_id;  // a job to run once; empty: one is made for it and removed again
  std::string package = "simplejson==3.19.2";
  std::string folder = "/Shared/lakeshift-acceptance";
  std::string table = "default.lakeshift_acceptance";
  std::vector<std::string> databases;  // "host:port", reached from a run on the cluster
  std::vector<std::string> buckets;    // storage URLs, listed from a run on the cluster
  int timeout_seconds = 1800;          // of one step
  int poll_seconds = 5;
};

// A live move of a database: docs/guide/move.md.
struct MoveConfig {
  std::string name;
  // Addresses as libpq reads them, without password; empty: LAKESHIFT_<NAME>_SOURCE_URL. Passwords:
  // LAKESHIFT_<NAME>_SOURCE_PASSWORD, or the file that `passfile=` names.
  std::string source, target;
  std::vector<std::string> applications;  // roles that write; they own no table
  std::vector<std::string> leave_out;     // tables, "schema.name" with shell patterns
  std::vector<std::string> accept;        // codes of findings that are known and accepted
  int workers = 4;
  int pause_budget_ms = 5000;  // a switch that takes longer goes back by itself
  int lag_limit_ms = 1000;     // a switch does not begin while the target is further behind
  int headroom = 1000;         // steps that sequences are moved ahead at a switch
  bool rehearsed = false;      // gate: a cutover and its rollback were done before
  // A masked staging copy of another move's source, which it shares: docs/guide/rehearsal.md.
  std::string staging_of;
  std::shared_ptr<const transfers::MaskRules> masks;  // of a staging copy, never null there
  std::string mask_key_file;  // outside the work directory; else LAKESHIFT_<NAME>_MASK_KEY
  // Where this move is rehearsed: from this staging copy's target to this database.
  std::string rehearsal_staging, rehearsal_target;
  std::string rehearsal_of;  // of a rehearsal itself: the move whose plan it runs
  bool is_staging() const { return !staging_of.empty(); }
  // How changes are followed. PostgreSQL: stream (our own apply) or subscription (the following
  // server's own, between verbs). Redis: auto, psync, notifications.
  std::string follow = "stream";
  bool by_subscription() const { return follow == "subscription"; }
  // Of a subscription: where the other server reaches this side; empty: where we do.
  std::string source_for_target, target_for_source;
  // Of Redis only: how writers are kept off at a switch (acl, pause), what counts as a big key, and
  // whether nothing is to be carried.
  std::string fence = "acl";
  int big_key_mb = 64;
  bool cold = false;
  // Of objects only: who writes, as each side's store knows them (principals of a bucket policy,
  // stored access policies of a container). `fence` is policy, hooks or read-only there.
  std::vector<std::string> source_writers, target_writers;
  // "before-fence" and such (docs/guide/move.md): a command and its arguments.
  std::map<std::string, std::vector<std::string>> hooks;
  int verify_rows_per_second = 0;   // of verify, on each side; 0: as fast as it goes
  int verify_chunk_rows = 500'000;  // so many are compared at once: the fewer, the fewer move in it
};

struct Config {
  std::vector<Connection> connections;
  std::vector<Route> routes;
  std::string mapping_file;          // relative to the configuration
  std::string secrets_file;          // user's values, outside the work directory
  std::string secrets_from = "api";  // api | file | cluster
  std::string secrets_cluster;       // of the source; empty: one is made and removed again
  int parallel = 8;
  bool allow_source_runs = false;                         // opt-in effects on the source
  std::map<std::string, std::vector<std::string>> waves;  // name -> patterns of a Selection
  AcceptanceOptions accept;
  std::vector<std::string> gates;  // of cutover, besides those always checked: "accept"
  std::map<std::string, MoveConfig> moves;
  const Connection* connection(std::string_view name) const;
};

// Errors: "bad-config" with file, line, the unknown name and the closest valid one.
Result<Config> config_from_yaml(std::string_view text, std::string_view file_name);
// Reads <root>/lakeshift.yaml. Errors: "not-initialised" (says to run init), "bad-config".
Result<Config> load_config(world::World& world, const std::string& root);
// The text `lakeshift init` writes: every setting with its meaning, the optional ones commented
// out.
std::string config_template(std::string_view from_profile, std::string_view to_profile);
// The patterns of a wave. Error "bad-selection" with the closest name of one.
Result<std::vector<std::string>> patterns_of_wave(const Config& config, const std::string& name);
// Kinds named in patterns must exist: error "bad-selection" with the closest kind name.
Status check_selection(const Selection& selection, engine::KindSet kinds);

}  // namespace lakeshift::stages

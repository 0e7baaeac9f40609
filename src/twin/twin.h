// The simulated workspace: a server that plays one cloud's platform. It reads nothing of
// knowledge/: routes, fields and enums are data/databricks_api.json (from the official SDK); the
// clouds' rules are the files of twin/rules.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/world/http.h"
#include "core/world/world.h"

namespace lakeshift::twin {

// Where a call is hurt. The n-th call (counted from 1 over all mutating or all calls) fails before
// or after its effect.
struct Fault {
  enum class Kind { none, status, cut_connection, html, truncated, kill_process, expired_token };
  Kind kind = Kind::none;
  long long at_call = 0;  // 0 = never
  bool mutating_only = true;
  bool after_effect = false;
  int status = 500;
  int times = 1;
  int process = 0;                // kill_process: whom to kill; 0 = the twin's own process
  std::function<void()> on_kill;  // kill_process in tests: called instead of killing
  std::string retry_after;        // header of a status fault
  // Only calls whose path ends so and whose body holds this text are counted and hurt, from when
  // the fault is set.
  std::string path;
  std::string containing;
};

struct TwinOptions {
  std::string cloud = "azure";       // azure, aws, gcp
  std::string workspace_id;          // "" = derived from cloud and seed
  std::string state_path;            // SQLite file; "" = in memory
  std::string request_log;           // JSON lines, one per call; "" = none
  std::string token = "twin-token";  // accepted bearer token
  std::string tier = "premium";
  std::string limits = "off";  // rate limit profile: off, documented, tight
  int latency_ms = 0;
  int page_size = 0;         // greatest page; 0 = the API's own
  int staleness_ms = 0;      // lists lag behind writes by this (eventual consistency)
  bool strict = true;        // unknown fields are refused
  bool empty_pages = false;  // lists of Unity Catalog open with an empty page that has a token
  std::string client_id = "twin-client";  // OAuth client that the token endpoints know
  std::string client_secret = "twin-secret";
  long long token_lifetime_ms = 3'600'000;  // of OAuth tokens
  long long run_lasts_ms = 60'000;          // how long a run of a job takes
  long long cluster_starts_ms = 30'000;     // PENDING, then RUNNING
  // Planned failures, shell patterns: names of runs or notebooks that end FAILED; packages that do
  // not install. "" = none.
  std::string failing_runs, failing_packages;
  // Python interpreter that runs commands of the command execution API; "" = they end in an error.
  std::string python;
  bool secrets_by_notebooks_only = false;  // secrets/get is refused outside of a run
  Fault fault;
};

// Thread safe. handle() is the whole server; the network front of serve() only carries bytes.
class Twin {
 public:
  static Result<std::unique_ptr<Twin>> create(world::World& world, const TwinOptions& options);
  virtual ~Twin() = default;
  virtual world::HttpResponse handle(const world::HttpRequest& request) = 0;
  // Loads a tree as `workspace export-dir` writes it and job, cluster, policy … JSON as the API
  // returns it, or a twin dump.
  virtual Status load(const std::string& directory) = 0;
  // Everything the twin holds, as {"kind": [documents]}, ids included, for rehearse and tests.
  virtual Json dump() = 0;
  virtual Status restore(const Json& dump) = 0;
};

// HttpTransports without sockets, for rehearse and fault tests: every request to one twin, or by
// host name
// ("adb-1.azuredatabricks.net", with port when the URL has one). A cut connection is the error
// "connection-lost".
std::unique_ptr<world::HttpTransport> make_twin_transport(Twin& twin);
std::unique_ptr<world::HttpTransport> make_twin_transport(
    const std::map<std::string, Twin*>& twins);

// Serves on 127.0.0.1:port (0 = any). `ready` is called with the port that was bound; returns when
// stopped.
Status serve(Twin& twin, int port, std::stop_token stop, const std::function<void(int)>& ready);

}  // namespace lakeshift::twin

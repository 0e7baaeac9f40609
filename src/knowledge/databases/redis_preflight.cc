#include "knowledge/databases/redis_preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::databases {
namespace {

using model::Severity;

constexpr std::int64_t kSmallBacklog = 16 << 20;
constexpr std::int64_t kClocksApart = 1000;
constexpr int kOldest = 50000;  // RESTORE … ABSTTL

class Checker {
 public:
  Checker(RedisPreflight& found, const RedisNodes& source, const RedisNodes& target,
          const RedisPreflightOptions& options)
      : found_(found), source_(source), target_(target), options_(options) {}

  void check() {
    check_servers();
    if (!options_.cold) {
      check_rights();
      check_following();
      check_payloads();
      check_data();
    }
    std::stable_sort(found_.findings.begin(), found_.findings.end(),
                     [](const auto& a, const auto& b) { return a.severity > b.severity; });
  }

 private:
  const RedisServerFacts& source() const { return found_.source; }
  const RedisServerFacts& target() const { return found_.target; }

  void add(const char* code, Severity severity, bool at_source, const std::string& cause,
           const std::string& remedy) {
    model::Finding finding;
    finding.code = code;
    finding.severity = severity == Severity::blocking && options_.accept.contains(code)
                           ? Severity::warning
                           : severity;
    finding.kind = "server";
    finding.key = (at_source ? source_ : target_).address().to_text();
    finding.where = at_source ? "source" : "target";
    finding.cause = cause;
    finding.remedy = remedy;
    found_.findings.push_back(std::move(finding));
  }

  void check_servers() {
    for (const bool at_source : {true, false}) {
      const RedisServerFacts& side = at_source ? source() : target();
      if (side.version != 0 && side.version < kOldest)
        add("redis-too-old", Severity::blocking, at_source,
            "version " + side.version_text + " cannot keep times to live exactly",
            "move from and to version 5.0 or later");
      if (side.role != "master")
        add("redis-is-replica", Severity::blocking, at_source, "this server is a replica",
            "name its primary in the address");
    }
    if (std::abs(source().time_ms - target().time_ms) > kClocksApart)
      add("redis-clocks-apart", Severity::warning, false,
          fmt::format(
              "the clocks of the two servers are {} ms apart: keys expire at another moment",
              std::abs(source().time_ms - target().time_ms)),
          "set both by the same time server");
    if (options_.target_empty && target().keys > 0)
      add("redis-target-not-empty", Severity::blocking, false,
          fmt::format("the target holds {} keys; what the source does not have would be deleted",
                      target().keys),
          target_.address().database < 0
              ? "redis-cli FLUSHALL there when nobody needs them, or name another server"
              : fmt::format("redis-cli -n {} FLUSHDB there when nobody needs them",
                            target_.address().database));
  }

  void refuse(bool at_source, std::initializer_list<const char*> commands) {
    std::vector<std::string> missing;
    for (const char* command : commands)
      if ((at_source ? source() : target()).refused.contains(command)) missing.push_back(command);
    if (missing.empty()) return;
    std::string rights;
    for (const std::string& command : missing) rights += " +" + to_lower(command);
    const RedisAddress& address = (at_source ? source_ : target_).address();
    add("redis-command-refused", Severity::blocking, at_source,
        "the move's user cannot use " + join(missing, ", "),
        "ACL SETUSER " + (address.user.empty() ? "default" : address.user) + rights +
            " there; a command that was renamed must get its name back");
  }

  void check_rights() {
    refuse(true, {"SCAN", "PTTL", "TYPE", "INFO", "UNLINK"});
    refuse(false, {"SCAN", "PTTL", "TYPE", "INFO", "UNLINK"});
  }

  void check_following() {
    const bool can = !source().refused.contains("PSYNC") && !target().refused.contains("PSYNC");
    found_.psync = options_.follow != "notifications" && can;
    if (options_.follow == "psync" && !can)
      add("redis-psync-refused", Severity::blocking, source().refused.contains("PSYNC"),
          "the move's user may not follow as a replica (PSYNC, REPLCONF)",
          "ACL SETUSER … +psync +replconf +info, or say follow: notifications (managed services "
          "refuse PSYNC)");
    if (found_.psync) {
      for (const bool at_source : {true, false})
        if ((at_source ? source() : target()).backlog_bytes < kSmallBacklog)
          add("redis-backlog-small", Severity::info, at_source,
              fmt::format("its replication backlog is {} KB: after a longer break all keys are "
                          "compared anew",
                          (at_source ? source() : target()).backlog_bytes >> 10),
              "CONFIG SET repl-backlog-size 268435456");
      return;
    }
    for (const bool at_source : {true, false}) {
      const RedisServerFacts& side = at_source ? source() : target();
      if (!side.notifications_known)
        add("redis-notifications-unknown", Severity::blocking, at_source,
            "PSYNC is not to be had, and whether the server tells keyspace events cannot be read",
            "set notify-keyspace-events to KA in its parameters, then accept: "
            "[redis-notifications-unknown]");
      else if (!contains(side.notifications, "K") || !contains(side.notifications, "A"))
        add("redis-notifications-off", Severity::blocking, at_source,
            "PSYNC is not to be had, and keyspace events are '" + side.notifications + "'",
            "CONFIG SET notify-keyspace-events KA (or in the service's parameters)");
    }
  }

  void check_payloads() {
    const int here = source().version / 100, there = target().version / 100;
    const bool refused = source().refused.contains("DUMP") || target().refused.contains("RESTORE");
    found_.payloads = !refused;
    if (refused)
      add("redis-payload-refused", Severity::warning, source().refused.contains("DUMP"),
          "DUMP or RESTORE may not be used: keys go by the commands of their types, slower",
          "give the move's user +dump at the source and +restore at the target");
    else if (here > there)
      add("redis-older-target", Severity::warning, false,
          fmt::format("the target has version {}, the source {}: keys whose payload it refuses go "
                      "by the commands of their types, slower; times to live of hash fields do not",
                      target().version_text, source().version_text),
          "move to the same version or a later one");
    found_.measures =
        source().data_bytes > options_.big_bytes && !source().refused.contains("MEMORY");
    if (source().data_bytes > options_.big_bytes && source().refused.contains("MEMORY"))
      add("redis-sizes-unknown", Severity::warning, true,
          "MEMORY USAGE may not be used: a very big key is read in one piece, and holds the server "
          "up meanwhile",
          "give the move's user +memory|usage");
  }

  void check_data() {
    if (target().limit_bytes > 0 && target().policy != "noeviction")
      add("redis-target-evicts", Severity::blocking, false,
          "maxmemory-policy is '" + target().policy + "': the target may throw keys away unseen",
          "CONFIG SET maxmemory-policy noeviction until the move is completed (or in the "
          "service's parameters)");
    if (target().limit_bytes > 0 && target().limit_bytes < source().used_bytes)
      add("redis-target-small", Severity::blocking, false,
          fmt::format("its maxmemory is {} MB, the source uses {} MB", target().limit_bytes >> 20,
                      source().used_bytes >> 20),
          "give the target more memory");
    for (const std::string& module : source().modules)
      if (!target().modules.contains(module))
        add("redis-module-missing", Severity::blocking, false,
            "the source has module '" + module +
                "', the target has not: keys of its types cannot "
                "be carried",
            "load it there; or leave its keys out and accept: [redis-module-missing]");
    if (source().has_functions && target().version < 70000)
      add("redis-functions-unknown", Severity::blocking, false,
          "the source has functions; the target's version knows none",
          "move to version 7.0 or later, or accept: [redis-functions-unknown]");
    const auto& list = source().databases;
    if (target_.clustered() && (list.size() > 1 || (list.size() == 1 && list[0] != 0)))
      add("redis-databases-cluster", Severity::blocking, false,
          "the source uses several databases, a cluster has only database 0",
          "name one database in the source's address (…/0), or move to a server that is no "
          "cluster");
    if (source_.address().database != target_.address().database)
      add("redis-database-differs", Severity::blocking, false,
          "source and target name different databases", "name the same one in both addresses");
  }

  RedisPreflight& found_;
  const RedisNodes& source_;
  const RedisNodes& target_;
  const RedisPreflightOptions& options_;
};

}  // namespace

bool RedisPreflight::blocked() const {
  return std::any_of(findings.begin(), findings.end(), [](const model::Finding& finding) {
    return finding.severity == Severity::blocking;
  });
}

Result<RedisPreflight> run_redis_preflight(RedisNodes& source, RedisNodes& target,
                                           const RedisPreflightOptions& options) {
  RedisPreflight found;
  LS_ASSIGN(found.source, read_redis_facts(source));
  LS_ASSIGN(found.target, read_redis_facts(target));
  Checker(found, source, target, options).check();
  return found;
}

}  // namespace lakeshift::databases

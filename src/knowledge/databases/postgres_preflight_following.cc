// What a move that follows by subscription needs of the servers beside: each must be able to follow
// the other, the target before a switch and the source after it.
#include "knowledge/databases/postgres_preflight.h"

namespace lakeshift::databases {
namespace {

constexpr int kOwnOrigins = 18'00'00;  // from here on origins have a parameter of their own

struct FollowingSide {
  std::string name, other, door;  // "target", "source", "source_for_target"
  const PostgresCatalog& catalog;
  const ManagedService& service;
  const SubscriptionProbe& probe;
  std::string role() const { return text_at(catalog.server, "role"); }
  std::string database() const { return text_at(catalog.server, "database"); }
};

void check_subscription_right(const FollowingSide& side, Obstacles& found) {
  if (!side.probe.refused) return;
  Obstacle obstacle{.code = "pg-subscription-right",
                    .side = side.name,
                    .kind = "role",
                    .key = side.role(),
                    .reason = "it can make no subscription: " + side.probe.refused->message};
  const std::string group = side.service.subscription_role();
  if (!group.empty()) {
    obstacle.remedy = "as an administrator";
    obstacle.sql = "GRANT " + quote_name(group) + " TO " + quote_name(side.role()) + ";";
  } else if (side.catalog.version >= 160000) {
    obstacle.remedy = "as an administrator";
    obstacle.sql = "GRANT pg_create_subscription TO " + quote_name(side.role()) +
                   "; GRANT CREATE ON DATABASE " + quote_name(side.database()) + " TO " +
                   quote_name(side.role()) + ";";
  } else {
    obstacle.remedy =
        "before version 16 only superusers make subscriptions: let the move connect as one, or "
        "write follow: stream";
  }
  found.push_back(std::move(obstacle));
}

void check_origin_right(const FollowingSide& side, Obstacles& found) {
  if (side.probe.origin_rights) return;
  Obstacle obstacle{.code = "pg-origin-right",
                    .side = side.name,
                    .kind = "role",
                    .key = side.role(),
                    .reason =
                        "it may not set and see how far a subscription has applied: without "
                        "that, changes would be repeated or passed over"};
  if (side.catalog.version >= 140000) {
    const std::string to = " TO " + quote_name(side.role()) + "; ";
    obstacle.remedy = "as an administrator; where the service refuses that, write follow: stream";
    obstacle.sql =
        "GRANT EXECUTE ON FUNCTION "
        "pg_catalog.pg_replication_origin_advance(text, pg_lsn)" +
        to + "GRANT EXECUTE ON FUNCTION pg_catalog.pg_show_replication_origin_status()" + to +
        "GRANT SELECT ON pg_catalog.pg_replication_origin_status TO " + quote_name(side.role()) +
        ";";
  } else {
    obstacle.remedy =
        "before version 14 only superusers may: let the move connect as one, or write follow: "
        "stream";
  }
  found.push_back(std::move(obstacle));
}

void check_reach(const FollowingSide& side, Obstacles& found) {
  if (!side.probe.unreachable) return;
  found.push_back(
      {.code = "pg-subscription-unreachable",
       .side = side.name,
       .kind = "server",
       .key = side.database(),
       .reason = "it does not reach the " + side.other + ": " + side.probe.unreachable->message,
       .remedy = "open the way from there, and let pg_hba.conf of the " + side.other +
                 " take its password; when the address is another from there, write " + side.door +
                 ": postgresql://user@host/database; or follow: stream"});
}

void check_workers(const FollowingSide& side, Obstacles& found) {
  const int needed = side.probe.subscriptions + 1;
  const auto add = [&](const char* code, const char* name, int least, const std::string& what) {
    const std::int64_t value = setting_number(side.catalog, name, least);
    if (value >= least) return;
    Obstacle obstacle =
        parameter_obstacle(code, side.name, side.service, name, std::to_string(least + 4), true);
    obstacle.reason =
        std::to_string(value) + " allowed, " + std::to_string(least) + " needed: " + what;
    found.push_back(std::move(obstacle));
  };
  const std::string others = std::to_string(side.probe.subscriptions) +
                             " subscriptions are at work there, and this one comes to them";
  add("pg-apply-workers", "max_logical_replication_workers", needed, others);
  // One of them starts the others.
  add("pg-worker-processes", "max_worker_processes", needed + 1, others);
  const char* origins = side.catalog.version >= kOwnOrigins ? "max_active_replication_origins"
                                                            : "max_replication_slots";
  add("pg-origins-full", origins, side.probe.origins + 1,
      "each subscription needs one, to remember how far it has applied");
}

}  // namespace

void check_following(const PreflightInput& input, Obstacles& found) {
  const auto check = [&](const FollowingSide& side) {
    check_subscription_right(side, found);
    check_origin_right(side, found);
    check_reach(side, found);
    check_workers(side, found);
  };
  if (input.target_probe.subscription)
    check({"target", "source", "source_for_target", input.target, input.target_service,
           *input.target_probe.subscription});
  if (input.source_probe.subscription && input.options.reverse)
    check({"source", "target", "target_for_source", input.source, input.source_service,
           *input.source_probe.subscription});
}

}  // namespace lakeshift::databases

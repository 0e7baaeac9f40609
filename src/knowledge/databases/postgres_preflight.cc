#include "knowledge/databases/postgres_preflight.h"

#include <algorithm>
#include <tuple>

namespace lakeshift::databases {
namespace {

// Placeholders of services are not in pg_settings.
Status add_managed_settings(PostgresSession& session, PostgresCatalog& catalog) {
  LS_ASSIGN(const auto names, managed_settings());
  for (const std::string& name : names) {
    LS_ASSIGN(const PostgresRows rows, session.query("SELECT current_setting($1, true)", {name}));
    if (const auto value = rows.cell(0, 0)) catalog.settings[name] = *value;
  }
  return {};
}

Result<bool> can_be_replica(PostgresSession& session) {
  LS_TRY(session.exec("BEGIN"));
  const Status set = session.exec("SET LOCAL session_replication_role = replica");
  if (!session.alive()) return fail(set.error());
  LS_TRY(session.exec("ROLLBACK"));
  return set.has_value();
}

Result<SubscriptionProbe> probe_other(PostgresSession& side, const PostgresAddress& other,
                                      const PostgresSession& there, const PostgresCatalog& catalog,
                                      const std::string& publication) {
  const auto publications = catalog.of("publication");
  const bool is_there =
      std::any_of(publications.begin(), publications.end(),
                  [&](const PostgresThing* one) { return one->name == publication; });
  return probe_subscription(side, there.with_password(other), is_there ? publication : "");
}

}  // namespace

Result<PreflightProbe> probe_server(PostgresSession& session, const PreflightOptions& options) {
  PreflightProbe probe;
  LS_ASSIGN(
      const PostgresRows activity,
      session.query("SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::bigint, "
                    "coalesce(usename, ''), coalesce(state, '') FROM pg_stat_activity WHERE "
                    "backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = "
                    "current_database() AND xact_start < clock_timestamp() - make_interval(secs => "
                    "$1::int) ORDER BY 2 DESC",
                    {std::to_string(options.long_transaction_seconds)}));
  for (int r = 0; r < activity.size(); ++r)
    probe.long_transactions.push_back(
        {activity.integer(r, 0), activity.integer(r, 1), activity.text(r, 2), activity.text(r, 3)});
  LS_ASSIGN(
      const PostgresRows tables,
      session.query("SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM "
                    "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind "
                    "= 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname "
                    "<> 'information_schema' AND NOT (has_table_privilege(c.oid, 'SELECT') AND "
                    "has_schema_privilege(n.oid, 'USAGE')) ORDER BY 1"));
  for (int r = 0; r < tables.size(); ++r) probe.unreadable_tables.push_back(tables.text(r, 0));
  LS_ASSIGN(
      const PostgresRows used,
      session.query("SELECT (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM "
                    "pg_stat_replication), (SELECT count(*) FROM pg_stat_activity WHERE "
                    "backend_type = 'client backend')"));
  probe.used_slots = static_cast<int>(used.integer(0, 0));
  probe.used_senders = static_cast<int>(used.integer(0, 1));
  probe.used_connections = static_cast<int>(used.integer(0, 2));
  LS_ASSIGN(probe.replica_role, can_be_replica(session));
  LS_ASSIGN(const std::string read_only, session.value("SHOW default_transaction_read_only"));
  probe.read_only = read_only == "on";
  return probe;
}

model::Finding to_finding(const Obstacle& obstacle) {
  model::Finding finding;
  finding.code = obstacle.code;
  finding.severity = obstacle.severity;
  finding.kind = obstacle.kind;
  finding.key = obstacle.key;
  finding.where = obstacle.side;
  finding.cause = obstacle.reason;
  finding.remedy = obstacle.remedy;
  if (!obstacle.sql.empty())
    finding.remedy += (finding.remedy.empty() ? "run on the " : "; run on the ") + obstacle.side +
                      ": " + obstacle.sql + (obstacle.restart ? " and restart it" : "");
  return finding;
}

bool Preflight::blocked() const {
  return std::any_of(obstacles.begin(), obstacles.end(), [](const Obstacle& obstacle) {
    return obstacle.severity == model::Severity::blocking;
  });
}

Result<Preflight> run_preflight(PostgresSession& source, PostgresSession& target,
                                const PreflightOptions& options) {
  Preflight preflight;
  LS_ASSIGN(preflight.source, read_catalog(source));
  LS_ASSIGN(preflight.target, read_catalog(target));
  LS_TRY(add_managed_settings(source, preflight.source));
  LS_TRY(add_managed_settings(target, preflight.target));
  LS_ASSIGN(const ManagedService source_service, managed_service(preflight.source));
  LS_ASSIGN(const ManagedService target_service, managed_service(preflight.target));
  preflight.source_service = source_service.name;
  preflight.target_service = target_service.name;
  LS_ASSIGN(PreflightProbe source_probe, probe_server(source, options));
  LS_ASSIGN(PreflightProbe target_probe, probe_server(target, options));
  if (options.doors) {
    LS_ASSIGN(target_probe.subscription,
              probe_other(target, options.doors->source_for_target, source, preflight.source,
                          options.own_publication));
    LS_ASSIGN(source_probe.subscription,
              probe_other(source, options.doors->target_for_source, target, preflight.target,
                          options.own_publication));
  }
  const PreflightInput input{preflight.source, preflight.target, source_probe, target_probe,
                             source_service,   target_service,   options};
  Obstacles& found = preflight.obstacles;
  check_source_server(input, found);
  check_tables(input, found);
  LS_TRY(check_objects(input, found));
  check_target(input, found);
  check_following(input, found);
  std::erase_if(found, [&](const Obstacle& obstacle) {
    return obstacle.severity != model::Severity::blocking && options.accept.contains(obstacle.code);
  });
  std::stable_sort(found.begin(), found.end(), [](const Obstacle& a, const Obstacle& b) {
    const auto weight = [](const Obstacle& o) { return -static_cast<int>(o.severity); };
    return std::tuple(weight(a), a.code, a.side, a.key) <
           std::tuple(weight(b), b.code, b.side, b.key);
  });
  return preflight;
}

}  // namespace lakeshift::databases

#include "knowledge/transfers/postgres_switch.h"

#include <fmt/format.h>

#include <algorithm>

#include "knowledge/databases/postgres_slot.h"
#include "knowledge/databases/postgres_stream.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

using databases::Lsn;
using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_literal;
using databases::quote_name;

namespace {

constexpr int kEndAttempts = 100;
constexpr world::Millis kEndPause{20};
constexpr const char* kRefused = "42501";

constexpr const char* kTaken = R"(
CREATE TABLE IF NOT EXISTS lakeshift.taken_grants (object text, privilege text, role text,
  PRIMARY KEY (object, privilege, role));
CREATE TABLE IF NOT EXISTS lakeshift.taken_logins (role text PRIMARY KEY);
)";

// Grants of writing to the roles themselves, to groups they are in and to everybody, of whole
// relations and of columns: object, privilege, grantee, and grantee as GRANT gives it back.
// Revoking a relation's right takes that of its columns with it.
constexpr const char* kGrants = R"(
WITH relation AS (
  SELECT c.oid, c.relkind, c.relowner, c.relacl, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'lakeshift') AND n.nspname !~ '^pg_'
    AND c.relkind IN ('r', 'p', 'v', 'S')),
granted AS (
  SELECT r.*, '' AS part, a.* FROM relation r, LATERAL pg_catalog.aclexplode(r.relacl) a
  UNION ALL
  SELECT r.*, pg_catalog.format(' (%I)', t.attname), a.* FROM relation r JOIN pg_catalog.pg_attribute t
    ON t.attrelid = r.oid AND NOT t.attisdropped, LATERAL pg_catalog.aclexplode(t.attacl) a),
named AS (
  SELECT g.*, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END AS role
  FROM granted g LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
  WHERE g.grantee <> g.relowner AND (g.grantee = 0 OR EXISTS (SELECT FROM pg_catalog.pg_roles m
    WHERE m.rolname = ANY ($1::text[]) AND pg_catalog.pg_has_role(m.oid, g.grantee, 'USAGE')))
  AND g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'USAGE'))
SELECT DISTINCT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || name, privilege_type || part, role,
  role || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END FROM named ORDER BY 1, 2, 3, 4)";

// Writes that the fence must not let through, of roles $1: what has_…_privilege still says.
constexpr const char* kRightsLeft = R"(
SELECT r.rolname, pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, pg_catalog.pg_roles r
WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lakeshift')
  AND (pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')) AND {} ORDER BY 1, 2)";

// Transactions of others that have written and are not over: they would commit behind the mark.
constexpr const char* kOpenWrites = R"(
SELECT 'process ' || pid || ' of ' || usename FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database()
  AND backend_type = 'client backend' AND backend_xid IS NOT NULL AND pid <> pg_catalog.pg_backend_pid()
  AND application_name !~ '^lakeshift'
UNION ALL
SELECT 'prepared transaction ' || gid || ' of ' || owner FROM pg_catalog.pg_prepared_xacts
WHERE database = pg_catalog.current_database() ORDER BY 1)";

std::string array_of(const std::vector<std::string>& values) {
  std::string text = "{";
  for (const std::string& value : values) {
    text += text.size() > 1 ? ",\"" : "\"";
    for (const char c : value)
      text += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    text += '"';
  }
  return text + "}";
}

Status refuse_owners(PostgresSession& side, const std::string& roles) {
  LS_ASSIGN(
      const PostgresRows owners,
      side.query(
          "SELECT DISTINCT r.rolname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r "
          "ON pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE') JOIN pg_catalog.pg_namespace n "
          "ON n.oid = c.relnamespace WHERE r.rolname = ANY ($1::text[]) AND c.relkind IN "
          "('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1",
          {roles}));
  if (owners.size() == 0) return {};
  return fail(
      "fence-owner", "the role owns tables, and an owner can give itself every right again",
      "role " + owners.text(0, 0),
      "let the application use a role that owns nothing (ALTER TABLE … OWNER TO, REASSIGN OWNED)");
}

Status take_rights(PostgresSession& side, const std::vector<std::string>& roles) {
  LS_ASSIGN(const PostgresRows grants, side.query(kGrants, {array_of(roles)}));
  std::string sql = "BEGIN;";
  for (int row = 0; row < grants.size(); ++row)
    sql += fmt::format(
        "INSERT INTO lakeshift.taken_grants VALUES ({0}, {1}, {2}) ON CONFLICT DO NOTHING;"
        "REVOKE {3} ON {4} FROM {5};",
        quote_literal(grants.text(row, 0)), quote_literal(grants.text(row, 1)),
        quote_literal(grants.text(row, 3)), grants.text(row, 1), grants.text(row, 0),
        grants.text(row, 2));
  for (const std::string& role : roles)
    sql += fmt::format(
        "INSERT INTO lakeshift.taken_logins SELECT rolname FROM pg_catalog.pg_roles WHERE "
        "rolname = {} AND rolcanlogin ON CONFLICT DO NOTHING; ALTER ROLE {} NOLOGIN;",
        quote_literal(role), quote_name(role));
  return side.exec(sql + "COMMIT");
}

Result<std::int64_t> end_sessions(PostgresSession& side, const std::string& roles,
                                  world::Clock& clock) {
  std::int64_t ended = 0;
  for (int attempt = 0; attempt < kEndAttempts; ++attempt) {
    LS_ASSIGN(
        const PostgresRows rows,
        side.query("SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
                   "WHERE datname = pg_catalog.current_database() AND usename = ANY ($1::text[])",
                   {roles}));
    if (rows.size() == 0) return ended;
    if (attempt == 0) ended = rows.size();
    clock.sleep(kEndPause, {});
  }
  return fail("fence-open", "sessions of the application do not end", side.address().to_text(),
              "end them by hand, then run again");
}

Status find_rights_left(PostgresSession& side, const std::string& roles) {
  LS_ASSIGN(const PostgresRows left,
            side.query(fmt::format(kRightsLeft, "r.rolname = ANY ($1::text[])"), {roles}));
  if (left.size() == 0) return {};
  return fail("fence-open", "the role can still write",
              "role " + left.text(0, 0) + " on " + left.text(0, 1),
              "take the right away by hand (it came from another grantor or a superuser role), "
              "then run again");
}

// In the role's place until ROLLBACK. A role's maker who may not act as it may let himself.
Status act_as(PostgresSession& side, const std::string& role) {
  const std::string act = "SET LOCAL ROLE " + quote_name(role);
  LS_TRY(side.exec("BEGIN"));
  Status acts = side.exec(act);
  if (acts || acts.error().code != kRefused) return acts;
  LS_TRY(side.exec("ROLLBACK; BEGIN"));
  const Status granted = side.exec("GRANT " + quote_name(role) + " TO CURRENT_USER");
  if (granted) acts = side.exec(act);
  if (acts) return {};
  LS_TRY(side.exec("ROLLBACK"));
  return fail_because(acts.error(), "role " + role,
                      "the fence cannot be tried: give " + side.address().user +
                          " membership in the role (GRANT role TO user)");
}

// A DELETE that concerns no row is refused all the same when the right is missing.
Status attempt_writes(PostgresSession& side, const std::string& roles, FenceReport& report) {
  LS_ASSIGN(
      const PostgresRows tables,
      side.query(
          "SELECT r.rolname, pg_catalog.format('%I.%I', n.nspname, c.relname) FROM "
          "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, "
          "pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[]) AND c.relkind IN ('r', 'p') "
          "AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lakeshift') "
          "ORDER BY 1, 2",
          {roles}));
  for (int row = 0; row < tables.size(); ++row) {
    LS_TRY(act_as(side, tables.text(row, 0)));
    const Status written = side.exec("DELETE FROM " + tables.text(row, 1) + " WHERE false");
    LS_TRY(side.exec("ROLLBACK"));
    const std::string what = "role " + tables.text(row, 0) + " on " + tables.text(row, 1);
    if (written)
      return fail("fence-open", "an attempted write was not refused", what,
                  "take the right away by hand (it came from another grantor or a superuser role), "
                  "then run again");
    if (written.error().code != kRefused) return fail(written.error());
    report.refused.push_back(what + ": " + kRefused);
  }
  return {};
}

Status wait_for_open_writes(PostgresSession& side, world::Clock& clock) {
  for (int attempt = 1;; ++attempt) {
    LS_ASSIGN(const PostgresRows open, side.query(kOpenWrites));
    if (open.size() == 0) return {};
    if (attempt == kEndAttempts)
      return fail("fence-open", "a transaction that wrote is not over and could commit later",
                  open.text(0, 0),
                  "end it (COMMIT, ROLLBACK PREPARED, pg_terminate_backend), or name its role in "
                  "'applications', then run again");
    clock.sleep(kEndPause, {});
  }
}

}  // namespace

Result<FenceReport> fence_writers(PostgresSession& side, const std::vector<std::string>& roles,
                                  world::Clock& clock) {
  FenceReport report;
  report.roles = roles;
  const std::string list = array_of(roles);
  LS_TRY(create_ledger(side));
  LS_TRY(side.exec(kTaken));
  LS_TRY(refuse_owners(side, list));
  LS_TRY(take_rights(side, roles));
  LS_ASSIGN(report.sessions_ended, end_sessions(side, list, clock));
  LS_TRY(find_rights_left(side, list));
  LS_TRY(attempt_writes(side, list, report));
  LS_TRY(wait_for_open_writes(side, clock));
  LS_ASSIGN(const PostgresRows others,
            side.query(
                "SELECT DISTINCT a.usename FROM pg_catalog.pg_stat_activity a JOIN "
                "pg_catalog.pg_roles r ON r.rolname = a.usename WHERE r.rolsuper AND a.datname = "
                "pg_catalog.current_database() AND a.application_name !~ '^lakeshift' ORDER BY 1"));
  for (int row = 0; row < others.size(); ++row) report.not_fenced.push_back(others.text(row, 0));
  return report;
}

Result<std::vector<std::string>> unnamed_writers(PostgresSession& side,
                                                 const std::vector<std::string>& roles) {
  LS_ASSIGN(const PostgresRows left,
            side.query(fmt::format(kRightsLeft,
                                   "c.relkind <> 'v' AND r.rolcanlogin AND NOT r.rolsuper AND "
                                   "r.rolname <> current_user AND r.rolname <> ALL ($1::text[])"),
                       {array_of(roles)}));
  std::vector<std::string> found;
  for (int row = 0; row < left.size(); ++row)
    if (found.empty() || found.back() != left.text(row, 0)) found.push_back(left.text(row, 0));
  return found;
}

Result<std::vector<std::string>> missing_fence_rights(PostgresSession& side,
                                                      const std::vector<std::string>& roles) {
  LS_ASSIGN(const PostgresRows mine,
            side.query("SELECT rolname, rolsuper, rolcreaterole, pg_catalog.pg_has_role(oid, "
                       "'pg_signal_backend', 'USAGE'), pg_catalog.pg_has_role(oid, "
                       "'pg_read_all_stats', 'USAGE') FROM pg_catalog.pg_roles WHERE rolname = "
                       "current_user"));
  std::vector<std::string> missing;
  if (mine.size() == 0 || mine.truth(0, 1)) return missing;
  const std::string me = quote_name(mine.text(0, 0));
  if (!mine.truth(0, 2)) missing.push_back("ALTER ROLE " + me + " CREATEROLE;");
  // To end the applications' sessions, and to see transactions that are not over.
  if (!mine.truth(0, 3)) missing.push_back("GRANT pg_signal_backend TO " + me + ";");
  if (!mine.truth(0, 4)) missing.push_back("GRANT pg_read_all_stats TO " + me + ";");
  if (side.version() < 160000) return missing;
  LS_ASSIGN(
      const PostgresRows others,
      side.query("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[]) AND "
                 "NOT pg_catalog.pg_has_role(current_user, oid, 'MEMBER WITH ADMIN OPTION') "
                 "ORDER BY 1",
                 {array_of(roles)}));
  for (int row = 0; row < others.size(); ++row)
    missing.push_back("GRANT " + quote_name(others.text(row, 0)) + " TO " + me +
                      " WITH ADMIN OPTION;");
  return missing;
}

Result<std::int64_t> open_writers(PostgresSession& side) {
  LS_TRY(create_ledger(side));
  LS_TRY(side.exec(kTaken));
  LS_ASSIGN(
      const PostgresRows grants,
      side.query("SELECT object, privilege, role FROM lakeshift.taken_grants ORDER BY 1, 2, 3"));
  LS_ASSIGN(const PostgresRows logins,
            side.query("SELECT role FROM lakeshift.taken_logins ORDER BY 1"));
  std::string sql = "BEGIN;";
  for (int row = 0; row < grants.size(); ++row)
    sql += fmt::format("GRANT {} ON {} TO {};", grants.text(row, 1), grants.text(row, 0),
                       grants.text(row, 2));
  for (int row = 0; row < logins.size(); ++row)
    sql += fmt::format("ALTER ROLE {} LOGIN;", quote_name(logins.text(row, 0)));
  LS_TRY(side.exec(
      sql + "DELETE FROM lakeshift.taken_grants; DELETE FROM lakeshift.taken_logins; COMMIT"));
  return grants.size();
}

Result<Lsn> mark_fence(PostgresSession& side) {
  LS_ASSIGN(const std::string position,
            side.value("SELECT pg_catalog.pg_current_wal_insert_lsn()"));
  // In a transaction of its own, so that the server flushes it.
  LS_TRY(side.query("SELECT pg_catalog.pg_logical_emit_message(true, 'lakeshift', 'fence')"));
  return databases::parse_lsn(position);
}

Result<std::int64_t> carry_sequences(PostgresSession& from, PostgresSession& to,
                                     std::int64_t headroom) {
  constexpr const char* kSequences =
      "SELECT schemaname, sequencename, last_value, increment_by, min_value, max_value FROM "
      "pg_catalog.pg_sequences WHERE schemaname <> 'lakeshift' ORDER BY 1, 2";
  LS_ASSIGN(const PostgresRows here, from.query(kSequences));
  LS_ASSIGN(const PostgresRows there, to.query(kSequences));
  std::map<TableName, int> at_target;
  for (int row = 0; row < there.size(); ++row)
    at_target[{there.text(row, 0), there.text(row, 1)}] = row;
  std::int64_t moved = 0;
  for (int row = 0; row < here.size(); ++row) {
    const TableName name{here.text(row, 0), here.text(row, 1)};
    const auto found = at_target.find(name);
    if (found == at_target.end())
      return fail("sequence-missing", "the other side has no such sequence", table_text(name),
                  "create it there as it is here");
    if (!here.cell(row, 2)) continue;  // never used
    const std::int64_t step = here.integer(row, 3);
    const std::int64_t least = here.integer(row, 4);
    const std::int64_t most = here.integer(row, 5);
    std::int64_t distance = 0;
    std::int64_t wanted = 0;
    if (__builtin_mul_overflow(step, headroom, &distance) ||
        __builtin_add_overflow(here.integer(row, 2), distance, &wanted))
      wanted = step > 0 ? most : least;
    wanted = std::clamp(wanted, least, most);
    const bool used = there.cell(found->second, 2).has_value();
    const std::int64_t value = there.integer(found->second, 2);
    if (used && (step > 0 ? value >= wanted : value <= wanted)) continue;
    LS_TRY(to.query("SELECT pg_catalog.setval($1::text::regclass, $2::bigint, true)",
                    {quote_name(name.first, name.second), std::to_string(wanted)}));
    ++moved;
  }
  return moved;
}

Result<Lsn> prepare_way_back(PostgresSession& from, PostgresSession& to, const std::string& slot,
                             const std::string& publication, std::stop_token stop) {
  LS_TRY(create_ledger(to));
  const auto known = read_progress(to, slot);
  const auto state = databases::read_slot(from, slot);
  if (known && state) return known->end;
  if (!state && state.error().code != "slot-missing") return fail(state.error());
  LS_ASSIGN(const PostgresRows there,
            from.query("SELECT FROM pg_catalog.pg_publication WHERE pubname = $1", {publication}));
  if (there.size() == 0)
    LS_TRY(from.exec(fmt::format("CREATE PUBLICATION {} FOR ALL TABLES", quote_name(publication))));
  world::SystemClock clock;
  LS_TRY(databases::drop_slot(from, slot, clock));
  LS_TRY(to.query("DELETE FROM lakeshift.progress WHERE slot = $1", {slot}));
  LS_ASSIGN(const Lsn start, databases::create_plain_slot(from.address(), slot, stop));
  LS_TRY(begin_progress(to, slot, start));
  return start;
}

}  // namespace lakeshift::transfers

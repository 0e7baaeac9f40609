#include "knowledge/transfers/postgres_triggers.h"

#include <fmt/format.h>

namespace lakeshift::transfers {

using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_name;

Result<Silence> silence_session(PostgresSession& target) {
  const Status set = target.exec("SET session_replication_role = replica");
  if (set) return Silence::replica_role;
  if (set.error().code == "42501") return Silence::disabled_triggers;
  return fail(set.error());
}

Status disable_triggers(PostgresSession& target, const TableName& table) {
  LS_ASSIGN(const PostgresRows rows,
            target.query("SELECT t.tgname FROM pg_catalog.pg_trigger t "
                         "JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid "
                         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                         "WHERE n.nspname = $1 AND c.relname = $2 AND NOT t.tgisinternal "
                         "AND t.tgenabled <> 'D' ORDER BY 1",
                         {table.first, table.second}));
  if (rows.size() == 0) return {};
  std::string sql = "BEGIN;";
  for (int row = 0; row < rows.size(); ++row) {
    const std::string trigger = rows.text(row, 0);
    sql += fmt::format("ALTER TABLE {} DISABLE TRIGGER {};", quote_name(table.first, table.second),
                       quote_name(trigger));
    sql += fmt::format(
        "INSERT INTO lakeshift.disabled_triggers VALUES ({}, {}, {}) "
        "ON CONFLICT DO NOTHING;",
        databases::quote_literal(table.first), databases::quote_literal(table.second),
        databases::quote_literal(trigger));
  }
  return target.exec(sql + "COMMIT");
}

Result<std::int64_t> enable_triggers(PostgresSession& target) {
  LS_ASSIGN(const PostgresRows rows,
            target.query("SELECT schema, name, trigger FROM lakeshift.disabled_triggers "
                         "ORDER BY 1, 2, 3"));
  std::string sql = "BEGIN;";
  for (int row = 0; row < rows.size(); ++row)
    sql += fmt::format("ALTER TABLE {} ENABLE TRIGGER {};",
                       quote_name(rows.text(row, 0), rows.text(row, 1)),
                       quote_name(rows.text(row, 2)));
  LS_TRY(target.exec(sql + "DELETE FROM lakeshift.disabled_triggers; COMMIT"));
  return rows.size();
}

}  // namespace lakeshift::transfers

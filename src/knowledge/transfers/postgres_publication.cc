#include "knowledge/transfers/postgres_publication.h"

#include <algorithm>

#include "knowledge/transfers/postgres_unstreamed.h"

namespace lakeshift::transfers {

using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_name;

namespace {

std::string list_of(const std::vector<TableName>& tables) {
  std::string text;
  for (const TableName& table : tables)
    text += (text.empty() ? "ONLY " : ", ONLY ") + quote_name(table.first, table.second);
  return text;
}

}  // namespace

Result<bool> ensure_publication(PostgresSession& side, const std::string& publication,
                                const std::vector<TableName>& wanted, bool whole) {
  // Unlogged tables are in no stream, and no publication takes them.
  LS_ASSIGN(const std::vector<TableName> unlogged, unlogged_tables(side, wanted));
  std::vector<TableName> tables = wanted;
  std::erase_if(tables, [&](const TableName& table) {
    return std::find(unlogged.begin(), unlogged.end(), table) != unlogged.end();
  });
  LS_ASSIGN(const PostgresRows there,
            side.query("SELECT puballtables FROM pg_catalog.pg_publication WHERE pubname = $1",
                       {publication}));
  if (there.size() > 0 && there.truth(0, 0)) return true;
  if (there.size() == 0) {
    LS_ASSIGN(const std::string super,
              side.value("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"));
    if (whole && super == "t") {
      LS_TRY(side.exec("CREATE PUBLICATION " + quote_name(publication) + " FOR ALL TABLES"));
      return true;
    }
    LS_TRY(side.exec("CREATE PUBLICATION " + quote_name(publication) +
                     (tables.empty() ? "" : " FOR TABLE " + list_of(tables))));
    return false;
  }
  LS_ASSIGN(const PostgresRows members,
            side.query("SELECT schemaname, tablename FROM pg_catalog.pg_publication_tables WHERE "
                       "pubname = $1",
                       {publication}));
  std::vector<TableName> missing = tables;
  for (int row = 0; row < members.size(); ++row)
    std::erase(missing, TableName{members.text(row, 0), members.text(row, 1)});
  if (!missing.empty())
    LS_TRY(side.exec("ALTER PUBLICATION " + quote_name(publication) + " ADD TABLE " +
                     list_of(missing)));
  return false;
}

Status drop_publication(PostgresSession& side, const std::string& publication) {
  return side.exec("SET client_min_messages = warning; DROP PUBLICATION IF EXISTS " +
                   quote_name(publication));
}

}  // namespace lakeshift::transfers

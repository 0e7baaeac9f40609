// The publication of a move: what the source (or, on the way back, the target) sends.
#pragma once

#include <string>
#include <vector>

#include "knowledge/databases/postgres_session.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

// Makes it when it is not there: of all tables when the user may (superusers) and `whole` says so,
// else of the named ones, which the user must own; adds those that an existing one lacks. Returns
// whether it is of all tables. Errors: the server's SQLSTATE.
Result<bool> ensure_publication(databases::PostgresSession& side, const std::string& publication,
                                const std::vector<TableName>& tables, bool whole);

// Success when there is none.
Status drop_publication(databases::PostgresSession& side, const std::string& publication);

}  // namespace lakeshift::transfers

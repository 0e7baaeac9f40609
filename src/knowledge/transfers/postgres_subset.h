// A part of a database whose foreign keys hold: the rows that were asked for, those that belong to
// them, and whatever these refer to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "knowledge/databases/postgres_session.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

// "public.orders" -> a condition on its rows, or "5%" of them (always the same ones).
using SubsetRules = std::map<std::string, std::string>;

// Conditions that choose the rows of ordinary tables and partitions; a table that is not in it is
// whole: no foreign keys join it with one of the rules.
using ChosenRows = std::map<TableName, std::vector<std::string>>;

// In this session's snapshot, which must live as long as the conditions are used: they name rows
// by their addresses. Rows of the rules' tables; rows that refer to those (and so on), but of
// tables with a rule of their own; and all rows that any of these refer to, cycles included.
// Error "subset-table-missing", or the SQLSTATE of a condition with its table.
Result<ChosenRows> choose_subset(databases::PostgresSession& snapshot, const SubsetRules& rules);

}  // namespace lakeshift::transfers

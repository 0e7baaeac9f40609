// How one table is copied: which columns, in which format, in which parts.
#pragma once

#include <string>
#include <vector>

#include "knowledge/databases/postgres_session.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

struct CopyTable {
  TableName name;
  std::string columns;             // quoted, separated by commas: all that are not computed
  std::vector<std::string> names;  // the same, as they are
  bool binary = true;
  std::string text_reason;  // why not binary: "column mood: public.mood[] …"
  std::int64_t bytes = 0;   // of its heap in the source
  // Conditions that split its rows; one empty condition: the whole table. The last is open-ended.
  std::vector<std::string> parts;
  // Its rows go in as frozen: no later reader marks them, no vacuum visits them. The server takes
  // that only in the transaction that emptied the table, so one session copies all the parts.
  bool frozen = false;
};

// Reads both sides. Parts of about `part_bytes` by ranges of row addresses (14 and later), else by
// ranges of a whole-number primary key. `snapshot` runs in the snapshot's transaction: rows that
// are added meanwhile do not matter. Errors: "table-missing", "target-table-missing",
// "column-missing", "target-column-missing".
Result<CopyTable> plan_copy(databases::PostgresSession& snapshot,
                            databases::PostgresSession& target, const TableName& table,
                            std::int64_t part_bytes);

// COPY … TO STDOUT of part `part`, and COPY … FROM STDIN for all.
std::string copy_out_sql(const CopyTable& table, std::size_t part);
std::string copy_in_sql(const CopyTable& table);

}  // namespace lakeshift::transfers

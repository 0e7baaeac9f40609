// Does a masked copy hold exactly the source's rows, masked? Every row is read on both sides, the
// source's are masked here, and both are compared by sums that do not depend on order; where those
// differ, the rows are named.
//
// Equality proves that no value of a masked column is in the copy but as its mask writes it: an
// unmasked value is a row that differs. Up to a chance of about 2^-64 per bucket of rows. Columns
// that the copy computes itself are not compared. No value of a row is told, but the masked key.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/world/world.h"
#include "knowledge/databases/postgres_address.h"
#include "knowledge/databases/postgres_text.h"
#include "knowledge/formats/mask_rows.h"

namespace lakeshift::checks {

struct MaskedTable {
  std::string schema, name;
  formats::RowMask mask;         // of all columns that are compared, in their order
  std::vector<std::size_t> key;  // places of the key's columns; empty: the whole row
};

struct MaskedProof {
  std::string table;
  std::int64_t rows = 0;    // in the source
  bool equal = false;       // of all that could be judged
  std::int64_t moving = 0;  // rows that changed each time they were looked at: not judged
  std::vector<std::string> differences;
};

// `wait_applied`: until the copy holds all that was committed before a position; empty: both sides
// are at rest. A row counts as different when it was so three times without changing in between.
// Memory: the rows' hashes in the buckets that differ. Errors: a server's SQLSTATE, "cancelled".
Result<std::vector<MaskedProof>> compare_masked_rows(
    const databases::PostgresAddress& source, const databases::PostgresAddress& target,
    const std::vector<MaskedTable>& tables,
    const std::function<Status(databases::Lsn)>& wait_applied, world::Run& run);

}  // namespace lakeshift::checks

// Which mask every column of a database gets: those that are declared, those that follow from what
// a column refers to, and by default one for its type.
//
// Columns that foreign keys join, and a partition's with its parent's, are one group with one mask,
// so joins hold. Not declared: numbers that a sequence gives, choices (enums, booleans) and
// partition keys are kept; text, numbers, dates, identifiers, addresses, JSON and bytes get their
// types' masks, arrays and composites by element; whatever else there is becomes NULL.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/model/finding.h"
#include "knowledge/databases/postgres_session.h"
#include "knowledge/formats/mask_rows.h"
#include "knowledge/transfers/postgres_ledger.h"
#include "knowledge/transfers/postgres_subset.h"

namespace lakeshift::transfers {

struct MaskRules {
  bool keeps_unknown = false;  // columns that are not declared
  std::map<std::string, std::map<std::string, formats::MaskRule>> tables;  // "public.customer"
  SubsetRules subset;                                                      // empty: all rows
};

struct MaskPlan {
  std::map<TableName, formats::RowMask> tables;
  std::map<std::string, std::string> columns;  // "public.customer.email": "email/…", its rule
  // Blocking: "mask-column-missing", "mask-type", "mask-reference", "mask-not-unique",
  // "mask-not-null", "mask-partition-key", "mask-encoding". To be known: "mask-default".
  std::vector<model::Finding> findings;
  bool blocked() const;
  // For rows of these columns; one that is not known becomes NULL.
  formats::RowMask of(const TableName& table, const std::vector<std::string>& columns) const;
};

// Reads the catalogue; writes nothing.
Result<MaskPlan> plan_masks(databases::PostgresSession& source, const MaskRules& rules,
                            const formats::MaskKey& key);

// Puts masked rows of every table into the target's and takes them back: what its constraints,
// domains and types refuse is a finding "mask-constraint", blocking.
Result<std::vector<model::Finding>> try_masks(databases::PostgresSession& source,
                                              databases::PostgresSession& target,
                                              const std::vector<TableName>& tables,
                                              const MaskPlan& plan);

}  // namespace lakeshift::transfers

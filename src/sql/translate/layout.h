// How a table lies on disk: sort and distribution keys as clustering, and what is left out.
#pragma once

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

bool is_temporary(const Node* create_table);
// Says what becomes of a temporary table.
void note_temporary(Rewriter& rewriter, const Node* name);

// CLUSTER BY (…) for the keys of CREATE TABLE, or null; findings say what is left out and why.
// `inside` are the columns that carry SORTKEY themselves, `made` those of the query of CREATE TABLE
// AS, whose keys may be positions: SORTKEY (1, 3).
Node* table_layout(Rewriter& rewriter, const Node* create_table,
                   std::span<const Node* const> inside, std::span<const OutputColumn> made = {});

// TBLPROPERTIES (…) that defaults and columns of these names need, or null.
// docs.databricks.com/delta/column-mapping (2026-11): the characters that need it.
Node* table_properties(Rewriter& rewriter, bool defaults, std::span<const std::string> columns);

// CREATE TABLE … AS query, in catalog and output.
Node* create_table_as(Rewriter& rewriter, const Node* place, const Node* name,
                      const QueryResult& query, bool temporary, Node* layout);

// A column's type as Databricks declares it; refuses what it cannot hold.
Node* column_type(Rewriter& rewriter, const Node* type);

}  // namespace lakeshift::sql

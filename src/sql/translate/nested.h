// Columns of STRUCT, ARRAY and MAP, which external tables have. They are no SUPER: paths into them
// are plain, and what is unnested has types of its own, which are not followed.
// docs.aws.amazon.com/redshift/latest/dg/tutorial-nested-data-create-table.html (2026-11).
#pragma once

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

// Whether a path leads into such a column, or into an element that was unnested from one.
bool is_nested_path(const Rewriter& rewriter, const Node* path);
// The last step of a path: names only, as in Redshift.
Expr nested_path(Rewriter& rewriter, const Node* node, const Expr& base);
// An ARRAY or MAP in FROM; `relation` has its alias, and is added to what the query sees.
Node* explode(Rewriter& rewriter, const Node* node, const Expr& value, Relation relation);

}  // namespace lakeshift::sql

// START WITH … CONNECT BY as WITH RECURSIVE.
// docs.aws.amazon.com/redshift/latest/dg/r_CONNECT_BY_clause.html (2026-11).
#pragma once

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

// A SELECT that says the same by a recursive subquery in FROM, still in the source's words; refused
// where that cannot be done, with what is left of it.
const Node* without_connect_by(Rewriter& rewriter, const Node* select);

}  // namespace lakeshift::sql

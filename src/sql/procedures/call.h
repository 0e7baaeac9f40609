// Statements about procedures, outside of any: CREATE PROCEDURE and CALL.
#pragma once

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

// The procedure as one of Databricks; null in the form of scripts, where CALL stands for it.
Node* create_procedure(Rewriter& rewriter, const Node* node);
// CALL, with variables of the session for what the procedure gives back; or the script.
Node* call_procedure(Rewriter& rewriter, const Node* node);

}  // namespace lakeshift::sql

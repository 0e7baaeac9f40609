// How statements of certain rows of grammar are translated: one file of statements/ a family, found
// by the build.
#pragma once

#include <span>
#include <string_view>

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

struct StatementRule {
  std::span<const std::string_view> rows{};  // names of rows of grammar (rows/*.cc)
  // Null when the statement has nothing to do in Databricks (a note says why), or was refused.
  Node* (*translate)(Rewriter&, const Node*) = nullptr;
};

// Generated: every kDefinition of statements/*.cc.
namespace statements {
std::span<const StatementRule* const> all_statement_rules();
}

// A statement of keywords, marks and parts in that order; null parts are left out.
Node* assemble(Draft& draft, const Node* place, std::string_view row,
               std::initializer_list<Node*> parts);
// All of a child's names as Databricks writes them.
Node* object_names(Rewriter& rewriter, const Node* list);

}  // namespace lakeshift::sql

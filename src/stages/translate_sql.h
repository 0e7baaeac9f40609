// Translates texts of SQL: statement by statement, for standard input and folders.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json_fwd.h"
#include "sql/lines.h"
#include "sql/translate.h"

namespace lakeshift::stages {

struct SqlStatement {
  std::size_t index = 0;      // from 1, empty statements not counted
  sql::Place place{};         // of the statement's first word
  std::string_view source{};  // with the comments before it, without the ';'
  sql::Translation translation{};
};

// Every statement of `source` exactly once, in order; statements are typed by what the catalog and
// the CREATE statements of the text itself say. `source` outlives the call.
void translate_text(std::string_view source, sql::Catalog& catalog,
                    const sql::TranslateOptions& options,
                    const std::function<void(const SqlStatement&, const sql::Lines&)>& visit);

// {index, status, line, column, output, findings, rules, assumptions}
Json describe(const SqlStatement& statement, const sql::Lines& lines);
// "3:14: error sql-no-equivalent: …; remedy"
std::string finding_line(const sql::Finding& finding, const sql::Lines& lines);

}  // namespace lakeshift::stages

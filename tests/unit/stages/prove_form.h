// The source's form of one statement, which must be readable.
#pragma once

#include <gtest/gtest.h>

#include "sql/dialect.h"
#include "stages/prove_source.h"

namespace lakeshift::stages {

inline SourceForm form_of(std::string_view text) {
  sql::StatementReader reader(text, *sql::find_dialect("redshift"));
  sql::Statement statement;
  EXPECT_TRUE(reader.next(statement));
  EXPECT_FALSE(statement.failed()) << statement.finding.message;
  return to_source_form(statement, text);
}

}  // namespace lakeshift::stages

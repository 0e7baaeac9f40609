# The SQL library, for the program and for the wheel. It links nothing but the C++ library.
lakeshift_library(lakeshift_sql sql)
# grammar rows repeat file-local names (kStatements, kFragments)
file(GLOB rows CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/../src/sql/rows/*.cc")
set_source_files_properties(${rows} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
lakeshift_registry(lakeshift_sql FOLDER "${CMAKE_CURRENT_SOURCE_DIR}/sql/dialects" NAMESPACE lakeshift::sql
  TYPE ::lakeshift::sql::Dialect HEADER sql/dialect.h FUNCTION all_dialects)
lakeshift_registry(lakeshift_sql FOLDER "${CMAKE_CURRENT_SOURCE_DIR}/sql/functions" NAMESPACE lakeshift::sql::functions
  TYPE ::lakeshift::sql::FunctionSet HEADER sql/functions/function.h FUNCTION all_function_sets)
lakeshift_registry(lakeshift_sql FOLDER "${CMAKE_CURRENT_SOURCE_DIR}/sql/translate/statements" NAMESPACE lakeshift::sql::statements
  TYPE ::lakeshift::sql::StatementRule HEADER sql/translate/statement_rule.h FUNCTION all_statement_rules)

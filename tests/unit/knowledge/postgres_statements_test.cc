#include "knowledge/databases/postgres_statements.h"

#include <gtest/gtest.h>

namespace lakeshift::databases {
namespace {

std::vector<std::string> texts(std::string_view script) {
  std::vector<std::string> found;
  const auto statements = split_dump(script);
  for (const DumpStatement& statement : *statements) found.push_back(statement.sql);
  return found;
}
using Texts = std::vector<std::string>;

TEST(PostgresStatements, Semicolons_inside_quotes_and_bodies_end_nothing) {
  EXPECT_EQ(texts("SELECT ';'; SELECT \";\"\"\"; SELECT 'it''s;'"),
            (Texts{"SELECT ';'", "SELECT \";\"\"\"", "SELECT 'it''s;'"}));
  EXPECT_EQ(texts("SELECT E'\\';' ; SELECT 'C:\\'; SELECT e'a\\\\';"),
            (Texts{"SELECT E'\\';'", "SELECT 'C:\\'", "SELECT e'a\\\\'"}));
  EXPECT_EQ(texts("SELECT E'it''s\\';'; SELECT 2"), (Texts{"SELECT E'it''s\\';'", "SELECT 2"}));
  EXPECT_EQ(texts("DO $$ a; $b$; $$; DO $b$ ; $$ ; $b$; SELECT $1;"),
            (Texts{"DO $$ a; $b$; $$", "DO $b$ ; $$ ; $b$", "SELECT $1"}));
  EXPECT_EQ(texts("SELECT a$b; SELECT 1"), (Texts{"SELECT a$b", "SELECT 1"}));
  EXPECT_EQ(texts("SELECT 1 /* ; ' */; -- ; '\nSELECT 2;"), (Texts{"SELECT 1", "SELECT 2"}));
}

TEST(PostgresStatements, Standard_bodies_are_one_statement) {
  EXPECT_EQ(
      texts("CREATE FUNCTION f() BEGIN ATOMIC\n SELECT CASE WHEN a THEN 1 END;\n SELECT 2;\nEND;"
            " BEGIN; COMMIT;"),
      (Texts{"CREATE FUNCTION f() BEGIN ATOMIC\n SELECT CASE WHEN a THEN 1 END;\n SELECT 2;\nEND",
             "BEGIN", "COMMIT"}));
}

TEST(PostgresStatements, Entries_give_their_names_and_commands_of_psql_are_left_out) {
  const auto statements = *split_dump(
      "\\restrict abc\n\nSET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', "
      "'', "
      "false);\n\n--\n-- Name: a; Type: b; Type: TABLE; Schema: s; Owner: -\n--\n\nCREATE TABLE "
      "s.t ();\n\n"
      "\n--\n-- Name: v; Type: VIEW; Schema: -; Owner: ana\n--\n\nCREATE VIEW v AS SELECT 1;\n"
      "ALTER VIEW v OWNER TO ana;\n\\unrestrict abc\n");
  ASSERT_EQ(statements.size(), 5U);
  EXPECT_TRUE(statements[0].is_setting);
  EXPECT_TRUE(statements[1].is_setting);
  EXPECT_EQ(statements[2].label(), "TABLE s.a; Type: b");
  EXPECT_EQ(statements[2].owner, "");
  EXPECT_EQ(statements[2].sql, "CREATE TABLE s.t ()");
  EXPECT_EQ(statements[4].label(), "VIEW v");
  EXPECT_EQ(statements[4].owner, "ana");
}

TEST(PostgresStatements, An_entry_of_nobody_has_its_name) {
  const auto statements = *split_dump(
      "-- Name: EXTENSION hstore; Type: COMMENT; Schema: -; Owner: \nCOMMENT ON EXTENSION hstore "
      "IS '';");
  EXPECT_EQ(statements.at(0).label(), "COMMENT EXTENSION hstore");
}

TEST(PostgresStatements, An_open_quote_is_told_with_its_line) {
  const auto open = split_dump("SELECT 1;\nSELECT 'a;\n");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, "bad-script");
  EXPECT_NE(open.error().message.find("line 2"), std::string::npos);
  EXPECT_FALSE(split_dump("DO $x$ never"));
  EXPECT_FALSE(split_dump("SELECT /* never"));
}

}  // namespace
}  // namespace lakeshift::databases

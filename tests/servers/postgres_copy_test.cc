// The snapshot copy between real servers.
#include "knowledge/transfers/postgres_copy.h"

#include <gtest/gtest.h>

#include "tests/servers/moved_database.h"

namespace lakeshift::transfers {
namespace {

using servers::MovedDatabase;
using servers::PostgresServer;

constexpr const char* kSchema = R"(
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE big (id bigint PRIMARY KEY, v text);
CREATE TABLE moods (id int, m mood[]);
CREATE TABLE narrow (id int, v int); ALTER TABLE narrow REPLICA IDENTITY FULL;
CREATE TABLE nothing ();
)";
constexpr const char* kRows = R"(
INSERT INTO big SELECT i, repeat(md5(i::text), 6) FROM generate_series(1, 20000) i;
DELETE FROM big WHERE id BETWEEN 3000 AND 12000;
INSERT INTO moods VALUES (1, '{sad,NULL,ok}');
INSERT INTO narrow SELECT i, i FROM generate_series(1, 10) i;
INSERT INTO nothing DEFAULT VALUES;
)";

struct Copy : testing::Test {
  explicit Copy(int from = 15)
      : moved(PostgresServer::shared(from), PostgresServer::shared(), "copy", kSchema) {
    moved.at_source(kRows);
  }
  void expect_equal() {
    for (const char* table : {"public.big", "public.moods", "public.narrow"})
      EXPECT_EQ(moved.rows(false, table), moved.rows(true, table)) << table;
    EXPECT_EQ(moved.target_value("SELECT count(*) FROM public.nothing"), "1");
  }
  MovedDatabase moved;
};
struct CopyFrom13 : Copy {
  CopyFrom13() : Copy(13) {}
};

TEST_F(Copy, is_split_and_falls_back_to_text_with_a_reason) {
  moved.at_target("ALTER TABLE narrow ALTER v TYPE bigint");
  const auto copied = moved.copy();
  ASSERT_TRUE(copied) << copied.error().to_text();
  EXPECT_EQ(copied->tables_done, 4);
  ASSERT_EQ(copied->as_text.size(), 2U);
  EXPECT_EQ(copied->as_text[0].first, "public.moods");
  EXPECT_NE(copied->as_text[0].second.find("column m"), std::string::npos);
  EXPECT_EQ(copied->as_text[1].first, "public.narrow");
  EXPECT_GT(
      std::stoi(moved.target_value("SELECT count(*) FROM lakeshift.parts WHERE name = 'big'")), 3);
  expect_equal();
  // Finished is finished.
  const auto again = moved.copy();
  ASSERT_TRUE(again) << again.error().to_text();
  EXPECT_EQ(again->tables_kept, 4);
  EXPECT_EQ(again->rows, 0);
}

TEST_F(CopyFrom13, is_split_by_key_where_row_addresses_cannot_be) {
  const auto copied = moved.copy();
  ASSERT_TRUE(copied) << copied.error().to_text();
  EXPECT_GT(
      std::stoi(moved.target_value("SELECT count(*) FROM lakeshift.parts WHERE name = 'big'")), 3);
  expect_equal();
}

TEST_F(Copy, a_dead_snapshot_restarts_only_unfinished_tables_and_changes_meet_each_once) {
  CopyOptions options = moved.copy_options();
  options.after_table = [](const TableName& table) {
    return table.second == "big" ? std::vector<TableStatement>{{"SELECT 1 / 0"}}
                                 : std::vector<TableStatement>{};
  };
  options.workers = 1;
  const auto failed = moved.copy(options);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().about, "public.big");
  EXPECT_EQ(moved.target_value("SELECT string_agg(name, ' ' ORDER BY name) FROM lakeshift.tables "
                               "WHERE copied_at IS NOT NULL"),
            "big");
  // Meanwhile the source goes on; the next snapshot holds this, that of `big` does not.
  moved.at_source(
      "UPDATE big SET v = 'later' WHERE id = 1; UPDATE narrow SET v = 0 WHERE id = 1; INSERT INTO "
      "narrow VALUES (11, 11);"
      "DELETE FROM narrow WHERE id = 2");
  const auto copied = moved.copy();
  ASSERT_TRUE(copied) << copied.error().to_text();
  EXPECT_EQ(copied->snapshots, 1);
  const auto applied = moved.catch_up();
  ASSERT_TRUE(applied) << applied.error().to_text();
  EXPECT_EQ(applied->changes, 1);
  EXPECT_EQ(applied->already_copied, 3);
  expect_equal();
}

// Keys alone on their table, neighbouring indexes beside each other, none a second time: each of
// these statements refuses to run otherwise.
TEST_F(Copy, keys_are_added_alone_and_indexes_at_the_same_time) {
  const auto beside = [](int number) {
    return TableStatement{"CREATE INDEX big_" + std::to_string(number) +
                              " ON public.big (v); DO $$ BEGIN "
                              "IF NOT pg_try_advisory_xact_lock_shared(7, 1) THEN RAISE 'beside a "
                              "key'; END IF; "
                              "FOR i IN 1..500 LOOP "
                              "EXIT WHEN (SELECT count(*) FROM pg_locks WHERE locktype = "
                              "'advisory' AND classid = 7) = 2; "
                              "IF i = 500 THEN RAISE 'alone'; END IF; "
                              "PERFORM pg_sleep(0.01); END LOOP; PERFORM pg_sleep(0.1); END $$",
                          true};
  };
  const TableStatement key = {
      "ALTER TABLE public.big ADD UNIQUE (id, v); DO $$ BEGIN "
      "IF NOT pg_try_advisory_xact_lock(7, 1) THEN RAISE 'beside another'; END IF; "
      "PERFORM pg_sleep(0.2); END $$"};
  CopyOptions options = moved.copy_options();
  bool fails = true;
  options.after_table = [&](const TableName& table) {
    std::vector<TableStatement> all;
    if (table.second == "big")
      all = {key,
             beside(1),
             beside(2),
             key,
             beside(3),
             beside(4),
             {fails ? "SELECT 1 / 0" : "SELECT 1"}};
    return all;
  };
  ASSERT_FALSE(moved.copy(options));
  EXPECT_EQ(moved.target_value("SELECT count(*) FROM lakeshift.statements"), "6");
  fails = false;
  const auto copied = moved.copy(options);
  ASSERT_TRUE(copied) << copied.error().to_text();
  EXPECT_EQ(moved.target_value("SELECT count(*) FROM lakeshift.statements"), "7");
  EXPECT_EQ(
      moved.target_value("SELECT count(*) FROM pg_index WHERE indrelid = 'public.big'::regclass"),
      "7");
  expect_equal();
}

TEST_F(Copy, a_table_for_one_session_is_frozen) {
  CopyOptions options = moved.copy_options();
  options.workers = 1;
  ASSERT_TRUE(moved.copy(options));
  EXPECT_EQ(moved.target_value("SELECT relallvisible = relpages AND relpages > 100 FROM pg_class "
                               "WHERE oid = 'public.big'::regclass"),
            "t");
  EXPECT_GT(
      std::stoi(moved.target_value("SELECT count(*) FROM lakeshift.parts WHERE name = 'big'")), 3);
  expect_equal();
}

TEST_F(Copy, a_table_that_others_refer_to_is_copied_all_the_same) {
  moved.at_target("CREATE TABLE refers (id bigint REFERENCES big)");
  CopyOptions options = moved.copy_options();
  options.workers = 1;
  const auto copied = moved.copy(options);
  ASSERT_TRUE(copied) << copied.error().to_text();
  expect_equal();
}

TEST_F(Copy, rows_of_others_are_never_removed) {
  moved.at_target("INSERT INTO narrow VALUES (1, 1)");
  const auto copied = moved.copy();
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, "target-not-empty");
  EXPECT_EQ(copied.error().about, "public.narrow");
  EXPECT_EQ(moved.target_value("SELECT count(*) FROM public.narrow"), "1");
}

}  // namespace
}  // namespace lakeshift::transfers

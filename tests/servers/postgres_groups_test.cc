// Changes that go to the target many with one statement: what they leave is what the source holds,
// and what stands in their way is named as if they went one by one.
#include "knowledge/transfers/postgres_groups.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/servers/moved_database.h"

namespace lakeshift::transfers {
namespace {

using servers::MovedDatabase;
using servers::PostgresServer;

// `plain`: told apart by its key alone; `names`: by more; `log`: by nothing; `small`: few pages;
// `odd`: types that go one by one; `above`, `below`: the same keys in a parent and its child.
constexpr const char* kSchema = R"(
CREATE TYPE mood AS ENUM ('sad', 'so so', 'ok');
CREATE TABLE plain (id int, part "char", v text, c char(12), s varchar(40), n numeric(20, 4), free numeric, f float8, b bool, at timestamptz(3),
  d date, u uuid, raw bytea, doc jsonb, j json, ints int[], texts text[], mood mood, big text, filler text, twice int GENERATED ALWAYS AS (id * 2) STORED,
  PRIMARY KEY (id));
ALTER TABLE plain DROP COLUMN part; ALTER TABLE plain ALTER big SET STORAGE EXTERNAL;
CREATE TABLE names (id bigint PRIMARY KEY, name text COLLATE "C" UNIQUE, filler text);
CREATE TABLE log (a int, what text, at timestamptz); ALTER TABLE log REPLICA IDENTITY FULL;
CREATE TABLE small (id int PRIMARY KEY, v int);
CREATE TABLE odd (id int PRIMARY KEY, p point, bits bit(5), moods mood[], codes varchar(3)[], filler text);
CREATE TABLE above (id int PRIMARY KEY, v text, filler text); CREATE TABLE below (PRIMARY KEY (id)) INHERITS (above);
)";
constexpr const char* kRows = R"(
INSERT INTO plain (id, v, filler) SELECT i, 'v' || i, repeat(md5(i::text), 8) FROM generate_series(1, 12000) i;
INSERT INTO names SELECT i, 'name ' || i, repeat(md5(i::text), 8) FROM generate_series(1, 12000) i;
INSERT INTO small SELECT i, 0 FROM generate_series(1, 50) i;
INSERT INTO odd (id, filler) SELECT i, repeat(md5(i::text), 8) FROM generate_series(1, 12000) i;
INSERT INTO above SELECT i, 'above', repeat(md5(i::text), 8) FROM generate_series(1, 12000) i;
INSERT INTO below SELECT i, 'below', repeat(md5(i::text), 8) FROM generate_series(1, 12000) i;
)";
const std::vector<std::string> kTables = {"public.plain", "public.names",
                                          "public.log",   "public.small",
                                          "public.odd",   "(SELECT * FROM ONLY public.above)",
                                          "public.below"};

struct Together : testing::Test {
  Together() : moved(PostgresServer::shared(), PostgresServer::shared(), "together", kSchema) {
    moved.at_source(kRows);
    const auto copied = moved.copy();
    EXPECT_TRUE(copied) << copied.error().to_text();
  }
  void expect_equal() const {
    for (const std::string& table : kTables)
      EXPECT_EQ(moved.rows(false, table) == moved.rows(true, table), true) << table;
  }
  ApplyState applied() {
    const auto state = moved.catch_up();
    EXPECT_TRUE(state) << state.error().to_text();
    return state.value_or(ApplyState{});
  }
  MovedDatabase moved;
};

TEST_F(Together, values_of_every_kind_arrive_as_they_are) {
  const std::vector<std::string> texts = {
      "",    "NULL",           "null",    "{}", "{\"a\",b}", "a,b", "\\",    "\"",   "\\N",
      " x ", "tab\tnew\nline", "'quote'", "3",  "-",         ".",   "1.5.2", "äöü🙂"};
  std::string sql;
  int id = 20000;
  for (const std::string& text : texts) {
    const std::string value = databases::quote_literal(text);
    sql +=
        "INSERT INTO plain (id, v, c, s, n, free, f, b, at, d, u, raw, doc, j, ints, texts, mood, "
        "big) VALUES (" +
        std::to_string(++id) + ", " + value + ", left(" + value + ", 12), " + value +
        ", 1.5, 1.500, '-0', true, now(), 'infinity', gen_random_uuid(), convert_to(" + value +
        ", 'UTF8'), to_jsonb(" + value + "::text" + "), to_json(" + value + "::text" +
        "), '[2:3]={1,NULL}', ARRAY[" + value + ", NULL, ''], 'so so', repeat(" + value +
        ", 3000));";
    sql += "UPDATE plain SET v = " + value + ", s = " + value + ", texts = ARRAY[" + value +
           "], n = NULL, f = 'NaN', free = 'NaN', mood = NULL, c = left(" + value +
           ", 12), raw = NULL WHERE id = " + std::to_string(id - 15000) + ";";
  }
  // Out-of-line values that stay as they are: other statements.
  sql +=
      "UPDATE plain SET v = 'changed' WHERE id > 20000; UPDATE plain SET big = v WHERE id > 20010;";
  sql +=
      "UPDATE odd SET p = '(1,2)', bits = B'10101', moods = '{sad,ok}', codes = '{abc,x}' WHERE id "
      "< 100;";
  sql +=
      "INSERT INTO odd SELECT i, '(3,4)', B'00001', '{}', '{z}', 'x' FROM generate_series(20001, "
      "20100) i;";
  moved.at_source(sql);
  const ApplyState state = applied();
  EXPECT_GT(state.together, static_cast<std::int64_t>(2 * texts.size()));
  EXPECT_EQ(state.reconnects + state.one_by_one, 0) << moved.warnings();
  expect_equal();
}

// Statements about few rows again and again, so that they meet: seeded, therefore the same each
// time.
std::string random_statement(std::mt19937_64& random, int& fresh) {
  const auto number = [&](unsigned limit) { return std::to_string(1 + random() % limit); };
  const std::string id = number(60), other = number(60), v = number(1000000);
  switch (random() % 12) {
    case 0:
    case 1:
    case 2:
      return "UPDATE plain SET v = '" + v + "' WHERE id = " + id;
    case 3:
      return "UPDATE plain SET n = " + v + ", v = NULL WHERE id BETWEEN " + id + " AND " + id +
             " + 5";
    case 4:
      return "DELETE FROM plain WHERE id = " + id;
    case 5:
      return "INSERT INTO plain (id, v) VALUES (" + id + ", 'anew') ON CONFLICT DO NOTHING";
    case 6:
      return "UPDATE plain SET id = " + std::to_string(++fresh) + " WHERE id = " + id;
    case 7:  // changes places with another
      return "UPDATE names SET name = 'away' WHERE id = " + id +
             "; UPDATE names SET name = 'name ' || " + id + " WHERE id = " + other +
             " AND NOT EXISTS (SELECT FROM names WHERE name = 'name ' || " + id +
             "); UPDATE names SET name = 'name ' || " + v + " WHERE name = 'away'";
    case 8:  // the same name under another key
      return "WITH gone AS (DELETE FROM names WHERE id = " + id +
             " RETURNING name) INSERT INTO names SELECT " + std::to_string(++fresh) +
             ", name FROM gone; UPDATE names SET filler = '" + v + "' WHERE id = " + other;
    case 9:
      return "INSERT INTO log VALUES (" + v + ", 'x', now())";
    case 10:
      return random() % 3 != 0 ? "UPDATE small SET v = v + 1 WHERE id = " + id
                               : "DELETE FROM log WHERE ctid = (SELECT ctid FROM log LIMIT 1)";
    default:
      return "UPDATE ONLY above SET v = '" + v + "' WHERE id = " + id + "; UPDATE below SET v = '" +
             v + "' WHERE id = " + other;
  }
}

TEST_F(Together, rows_that_meet_end_as_in_the_source) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    std::mt19937_64 random(seed);
    int fresh = static_cast<int>(seed) * 100000;
    std::string sql;
    for (int transaction = 0; transaction < 300; ++transaction) {
      sql += "BEGIN;";
      for (unsigned i = 0; i <= random() % 6; ++i) sql += random_statement(random, fresh) + ";";
      sql += random() % 10 == 0 ? "ROLLBACK; SET search_path = public;" : "COMMIT;";
      if (transaction == 150) sql += "TRUNCATE log;";
    }
    moved.at_source(sql);
    const ApplyState state = applied();
    EXPECT_GT(state.together, 100) << "seed " << seed;
    EXPECT_EQ(state.reconnects + state.one_by_one, 0) << moved.warnings();
    expect_equal();
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST_F(Together, what_stands_in_the_way_is_named) {
  const std::string changes = "UPDATE plain SET v = 'x' WHERE id BETWEEN 100 AND 300;";
  moved.at_target("DELETE FROM plain WHERE id = 222");
  moved.at_source(changes);
  auto refused = moved.catch_up();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "row-missing");
  EXPECT_NE(refused.error().message.find("id='222'"), std::string::npos)
      << refused.error().to_text();
  EXPECT_EQ(moved.target_value("SELECT count(*) FROM public.plain WHERE v = 'x'"), "0");
  moved.at_target(
      "INSERT INTO plain (id, filler) SELECT 222, repeat(md5('222'), 8); INSERT INTO plain (id) "
      "VALUES (15003)");
  moved.at_source("INSERT INTO plain (id) SELECT i FROM generate_series(15001, 15009) i");
  refused = moved.catch_up();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "duplicate-key");
  EXPECT_NE(refused.error().message.find("id='15003'"), std::string::npos)
      << refused.error().to_text();
  moved.at_target("DELETE FROM plain WHERE id = 15003");
  EXPECT_GE(applied().changes, 9);
  expect_equal();
}

// A rule of the target alone: its changes keep their order.
TEST_F(Together, rows_that_differ_by_more_than_their_key_keep_their_order) {
  moved.at_target("CREATE UNIQUE INDEX ON plain (v)");
  moved.at_source(
      "UPDATE plain SET v = 'kept' WHERE id = 7; UPDATE plain SET v = 'v7' WHERE id = 8;"
      "UPDATE plain SET v = 'v8' WHERE id = 7; INSERT INTO plain (id, v) VALUES (15000, 'new');"
      "DELETE FROM plain WHERE id = 9; INSERT INTO plain (id, v) VALUES (15001, 'v9')");
  const ApplyState state = applied();
  EXPECT_GT(state.changes, 4);
  EXPECT_EQ(state.one_by_one, 0);
  expect_equal();
}

TEST_F(Together, triggers_that_fire_for_a_replica_see_each_change_in_its_place) {
  moved.at_target(
      "CREATE TABLE seen (n serial, what text); CREATE FUNCTION see() RETURNS trigger LANGUAGE "
      "plpgsql AS $$ BEGIN "
      "INSERT INTO public.seen (what) VALUES (TG_TABLE_NAME || ' ' || NEW.id); RETURN NULL; END $$;"
      "CREATE TRIGGER see AFTER INSERT OR UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION see(); "
      "ALTER TABLE plain ENABLE ALWAYS TRIGGER see;"
      "CREATE TRIGGER see AFTER INSERT OR UPDATE ON names FOR EACH ROW EXECUTE FUNCTION see(); "
      "ALTER TABLE names ENABLE ALWAYS TRIGGER see;");
  moved.at_source(
      "UPDATE plain SET v = 'x' WHERE id = 1; UPDATE names SET filler = 'x' WHERE id = 1; UPDATE "
      "plain SET v = 'x' WHERE id = 2;"
      "UPDATE names SET filler = 'x' WHERE id = 2");
  EXPECT_EQ(applied().together, 0);
  EXPECT_EQ(moved.target_value("SELECT string_agg(what, ', ' ORDER BY n) FROM public.seen"),
            "plain 1, names 1, plain 2, names 2");
}

TEST_F(Together, a_table_that_grew_is_looked_at_again) {
  moved.at_source("UPDATE small SET v = v + 1; UPDATE small SET v = v + 1;");
  EXPECT_EQ(applied().together, 0);
  moved.at_source(
      "INSERT INTO small SELECT i, 0 FROM generate_series(101, 90000) i; UPDATE small SET v = 1 "
      "WHERE id < 30000");
  EXPECT_GT(applied().together, 100000);
  expect_equal();
}

}  // namespace
}  // namespace lakeshift::transfers

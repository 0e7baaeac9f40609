// The comparison of rows between real servers: what is planted is found, and nothing else.
#include "knowledge/checks/postgres_rows.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/servers/moved_database.h"

namespace lakeshift::checks {
namespace {

using servers::MovedDatabase;
using servers::PostgresServer;

constexpr const char* kSchema = R"(
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE keyed (id bigint PRIMARY KEY, n numeric, f float8, r real, t text, d jsonb, j json, b bytea, m mood, p point,
  a int[], at timestamptz, ok bool, x xml, w bigint, tags text[]);
CREATE TABLE pair (a int, b text COLLATE "C", v text, PRIMARY KEY (a, b));
CREATE TABLE keyless (a int, b text);
CREATE TABLE empty (id int PRIMARY KEY);
)";
constexpr const char* kRows = R"(
INSERT INTO keyed SELECT i, i * 1.10, i / 3.0, i / 7.0, 'text ' || i, jsonb_build_object('i', i * 1.0), '{"a":  1}',
  decode(md5(i::text), 'hex'), CASE WHEN i % 2 = 0 THEN 'ok' END::mood, point(i, 0.1), ARRAY[i, NULL], '2026-01-01'::timestamptz + i * '1s'::interval,
  i % 3 = 0, '<a/>', i, ARRAY['t' || i, NULL] FROM generate_series(1, 5000) i;
INSERT INTO pair SELECT i, 'k' || i, NULL FROM generate_series(1, 1000) i;
INSERT INTO keyless SELECT i % 100, CASE WHEN i % 10 = 0 THEN NULL ELSE 'same' END FROM generate_series(1, 1000) i;
ANALYZE;
)";

struct Rows : testing::TestWithParam<std::pair<int, int>> {
  Rows()
      : moved(PostgresServer::shared(GetParam().first), PostgresServer::shared(GetParam().second),
              "rows", kSchema) {
    moved.at_source(kRows);
    const auto copied = moved.copy();
    EXPECT_TRUE(copied) << copied.error().to_text();
    options.tables = {
        {"public", "keyed"}, {"public", "pair"}, {"public", "keyless"}, {"public", "empty"}};
    options.chunk_rows = 1500;
  }
  std::vector<TableProof> compare() {
    world::Run run = moved.world_run();
    auto proofs = compare_rows(moved.from_server.address(moved.source),
                               moved.to_server.address(moved.target), options, run);
    EXPECT_TRUE(proofs) << proofs.error().to_text();
    return proofs ? *proofs : std::vector<TableProof>{};
  }
  std::vector<std::string> differences() {
    std::vector<std::string> texts;
    for (const TableProof& proof : compare())
      for (const RowDifference& found : proof.differences) texts.push_back(found.to_text());
    return texts;
  }
  MovedDatabase moved;
  RowsOptions options;
};

TEST_P(Rows, equal_databases_are_proven_and_every_planted_difference_is_named) {
  const auto proofs = compare();
  ASSERT_EQ(proofs.size(), 4U);
  for (const TableProof& proof : proofs) {
    EXPECT_TRUE(proof.equal) << proof.table;
    EXPECT_EQ(proof.method == "server hash", GetParam().first >= 14 && GetParam().second >= 14)
        << proof.method;
    EXPECT_TRUE(proof.differences.empty());
  }
  EXPECT_EQ(proofs[0].rows, 5000);
  EXPECT_GE(proofs[0].chunks, 3);
  EXPECT_EQ(proofs[2].rows, 1000);
  EXPECT_EQ(proofs[3].rows, 0);
  // What equality by value would hide: scale, sign of zero, spelling.
  moved.at_target(
      "UPDATE keyed SET n = n::numeric(20, 3) WHERE id = 10; UPDATE keyed SET d = '{\"i\": "
      "20.000}' WHERE id = 20;"
      "UPDATE keyed SET j = '{\"a\": 1}' WHERE id = 30; DELETE FROM keyed WHERE id = 40;"
      "UPDATE keyed SET id = 900001, t = NULL WHERE id = 50; UPDATE keyed SET m = 'sad', ok = NULL "
      "WHERE id = 60;"
      "UPDATE pair SET v = '' WHERE a = 7; DELETE FROM keyless WHERE ctid = (SELECT ctid FROM "
      "keyless WHERE a = 5 LIMIT 1);"
      "INSERT INTO keyless VALUES (NULL, NULL); INSERT INTO empty VALUES (1)");
  auto found = differences();
  std::sort(found.begin(), found.end());
  EXPECT_EQ(
      found,
      (std::vector<std::string>{
          "public.empty: row id='1' is only in the target",
          "public.keyed: row id='10', column n: '11.00' in the source, '11.000' in the target",
          "public.keyed: row id='20', column d: '{\"i\": 20.0}' in the source, '{\"i\": 20.000}' "
          "in the target",
          "public.keyed: row id='30', column j: '{\"a\":  1}' in the source, '{\"a\": 1}' in the "
          "target",
          "public.keyed: row id='40' is missing in the target",
          "public.keyed: row id='50' is missing in the target",
          "public.keyed: row id='60', column m: 'ok' in the source, 'sad' in the target",
          "public.keyed: row id='60', column ok: 'true' in the source, NULL in the target",
          "public.keyed: row id='900001' is only in the target",
          "public.keyless: row a='5', b='same' is there 10 times in the source, 9 times in the "
          "target",
          "public.keyless: row a=NULL, b=NULL is there 0 times in the source, 1 times in the "
          "target",
          "public.pair: row a='7', b='k7', column v: NULL in the source, '' in the target"}));
}

// Hashes of values leave out of sight what differs here, and their sums what moved between rows.
TEST_P(Rows, what_a_hash_is_blind_to_is_found) {
  const std::string moment = "UPDATE keyed SET at = '2000-01-01 00:00:00.000001+00' WHERE id = 200";
  moved.at_source(moment);
  moved.at_target(moment);
  const std::vector<std::pair<std::string, std::size_t>> plants = {
      {"t = 'text ' || (203 - id) WHERE id IN (101, 102)", 2},
      {"t = 'text ' || (2405 - id) WHERE id IN (1201, 1204)", 2},
      {"b = decode(md5((7001 - id)::text), 'hex') WHERE id IN (3500, 3501)", 2},
      {"m = CASE WHEN id % 2 = 1 THEN 'ok' END::mood WHERE id IN (4001, 4002)", 2},
      {"w = 4294967296 WHERE id = 1", 1},
      {"at = '2000-01-01 01:11:34.967296+00' WHERE id = 200", 1},
      {"a = '[0:1]={300,NULL}' WHERE id = 300", 1},
      {"a = '{{300},{NULL}}' WHERE id = 300", 1},
      {"tags = '[2:3]={t400,NULL}' WHERE id = 400", 1},
      {"tags = '{t400,\"NULL\"}' WHERE id = 400", 1},
      {"n = -n WHERE id = 500", 1},
  };
  moved.at_target("CREATE TABLE kept AS TABLE keyed");
  for (const auto& [plant, rows] : plants) {
    moved.at_target("UPDATE keyed SET " + plant);
    EXPECT_EQ(differences().size(), rows) << plant;
    moved.at_target("DELETE FROM keyed; INSERT INTO keyed TABLE kept");
  }
  EXPECT_TRUE(differences().empty());
}

TEST_P(Rows, chunks_compared_at_once_find_what_one_after_the_other_finds) {
  moved.at_target(
      "DELETE FROM keyed WHERE id % 100 = 7; UPDATE pair SET v = '' WHERE a % 9 = 0; INSERT INTO "
      "empty SELECT generate_series(1, 300)");
  options.chunk_rows = 200;
  auto alone = differences();
  options.workers = 4;
  std::atomic<int> inside = 0;
  std::int64_t rows = 0;
  std::size_t tables = 0;
  options.after_chunk = [&](const std::string&, std::int64_t some, bool) -> Status {
    EXPECT_EQ(++inside, 1) << "called by two threads at once";
    rows += some;
    --inside;
    return {};
  };
  options.on_table = [&](const TableProof&) {
    EXPECT_EQ(++inside, 1) << "called by two threads at once";
    ++tables;
    --inside;
  };
  auto beside = differences();
  std::sort(alone.begin(), alone.end());
  std::sort(beside.begin(), beside.end());
  EXPECT_EQ(alone, beside);
  EXPECT_EQ(tables, 4U);
  EXPECT_EQ(rows, 7000);
  options.most_differences = 10;  // of each table, however many compare it
  for (const TableProof& proof : compare()) {
    EXPECT_LE(proof.differences.size(), 10U) << proof.table;
    EXPECT_EQ(proof.cut, proof.table != "public.keyless") << proof.table;
  }
  moved.at_target("ALTER TABLE pair RENAME TO other");
  world::Run run = moved.world_run();
  const auto failed = compare_rows(moved.from_server.address(moved.source),
                                   moved.to_server.address(moved.target), options, run);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "table-missing");
}

TEST_P(Rows, a_table_without_a_key_is_proven_later_by_what_was_written_since) {
  SinceMarks marks;
  const auto remember = [&] {
    auto here = moved.from_server.connect(moved.source),
         there = moved.to_server.connect(moved.target);
    for (auto& [session, view] : {std::pair(here.get(), &options.source_view),
                                  std::pair(there.get(), &options.target_view)}) {
      ASSERT_TRUE(session->exec("BEGIN ISOLATION LEVEL REPEATABLE READ"));
      *view = *session->value("SELECT pg_export_snapshot()");
    }
    options.remember = &marks;
    options.since = nullptr;
    EXPECT_EQ(differences(), std::vector<std::string>{});
    EXPECT_EQ(marks.size(), 1U);
    options.source_view.clear();
    options.target_view.clear();
    options.remember = nullptr;
    options.since = &marks;
  };
  const auto keyless = [&] { return compare().at(2); };
  const auto on_both = [&](const std::string& sql) {
    moved.at_source(sql);
    moved.at_target(sql);
  };
  on_both("ALTER TABLE keyless REPLICA IDENTITY FULL");
  // At work in the snapshot, with a number of its own below it.
  auto open = moved.from_server.connect(moved.source);
  ASSERT_TRUE(
      open->exec("BEGIN; SELECT txid_current(); SAVEPOINT a; INSERT INTO public.keyless "
                 "VALUES (1000, 'open')"));
  moved.at_source("CREATE TABLE another (i int)");  // later, and committed
  remember();
  EXPECT_EQ(keyless().rows_kept, 1000);
  ASSERT_TRUE(open->exec("COMMIT"));
  moved.at_target("INSERT INTO keyless VALUES (1000, 'open')");
  on_both("INSERT INTO keyless SELECT i, NULL FROM generate_series(1, 5) i");
  TableProof proof = keyless();
  EXPECT_TRUE(proof.equal);
  EXPECT_EQ(proof.rows, 1006);
  EXPECT_EQ(proof.rows_kept, 1000);
  auto& added = marks.begin()->second.added;
  for (const int told : {6, 5}) {  // true or not: it only says where to look
    added = told;
    proof = keyless();
    EXPECT_TRUE(proof.equal);
    EXPECT_EQ(proof.rows, 1006);
    EXPECT_EQ(proof.rows_kept, 1000);
  }
  // What came is not the same, in as many rows.
  moved.at_source("INSERT INTO keyless VALUES (7, 'a')");
  moved.at_target("INSERT INTO keyless VALUES (7, 'b')");
  for (const std::optional<int> told : {std::optional<int>(), std::optional<int>(7)}) {
    added = told;
    EXPECT_EQ(differences().size(), 2U);
  }
  added.reset();
  on_both("DELETE FROM keyless WHERE b IN ('a', 'b')");
  EXPECT_EQ(keyless().rows_kept, 1000);
  // An old row is gone, on both sides or on one; it is another, or made anew.
  on_both("DELETE FROM keyless WHERE a = 5");
  proof = keyless();
  EXPECT_TRUE(proof.equal);
  EXPECT_EQ(proof.rows_kept, 0);
  remember();
  EXPECT_GT(keyless().rows_kept, 0);
  moved.at_target("UPDATE keyless SET b = 'other' WHERE a = 1000");
  EXPECT_EQ(differences().size(), 2U);
  moved.at_target("UPDATE keyless SET b = 'open' WHERE a = 1000");
  proof = keyless();
  EXPECT_TRUE(proof.equal);
  EXPECT_EQ(proof.rows_kept, 0);
  moved.at_source("DELETE FROM keyless WHERE a = 1000");
  EXPECT_EQ(differences().size(), 1U);
  moved.at_target("DELETE FROM keyless WHERE a = 1000");
  // Rows that come where others went, far from the end of one side's.
  on_both("INSERT INTO keyless SELECT i, repeat('x', 50) FROM generate_series(2000, 40000) i");
  on_both("DELETE FROM keyless WHERE a BETWEEN 2000 AND 4000");
  moved.from_server.run(moved.source, "VACUUM public.keyless");
  remember();
  on_both("INSERT INTO keyless SELECT i, 'back' FROM generate_series(2000, 2500) i");
  EXPECT_EQ(
      moved.source_value("SELECT count(*) > 100 FROM public.keyless WHERE b = 'back' AND ctid < "
                         "'(100,0)'"),
      "t");
  added = 501;
  proof = keyless();
  EXPECT_TRUE(proof.equal);
  EXPECT_GT(proof.rows_kept, 30000);
  moved.at_source("UPDATE keyless SET b = 'other' WHERE a = 2100");
  EXPECT_EQ(differences().size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Versions, Rows,
                         testing::Values(std::pair(15, 15), std::pair(11, 17), std::pair(16, 17)),
                         [](const auto& each) {
                           return std::to_string(each.param.first) + "_to_" +
                                  std::to_string(each.param.second);
                         });

using LiveRows = Rows;

TEST_P(LiveRows, moving_rows_settle_and_a_planted_difference_stays) {
  std::atomic<databases::Lsn> applied{0};
  std::stop_source stop;
  std::jthread mover([&] {
    world::Run run{moved.real, moved.fake.events, stop.get_token()};
    auto apply = moved.apply_options();
    apply.on_progress = [&](const transfers::ApplyState& state) { applied = state.applied; };
    const auto ended = transfers::apply_changes(moved.from_server.address(moved.source),
                                                moved.to_server.address(moved.target), apply, run);
    EXPECT_TRUE(ended) << ended.error().to_text() << moved.warnings();
  });
  std::jthread writer([&] {
    auto session = moved.from_server.connect(moved.source);
    for (int i = 0; !stop.stop_requested(); ++i) {
      EXPECT_TRUE(session->exec("UPDATE public.keyed SET t = 'moving " + std::to_string(i) +
                                "' WHERE id % 500 = " + std::to_string(i % 50)));  // never row 77
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  options.wait_applied = [&](databases::Lsn position) -> Status {
    for (int wait = 0; wait < 3000; ++wait) {
      if (applied >= position) return {};
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return fail("timeout", "the apply does not catch up");
  };
  EXPECT_EQ(differences(), std::vector<std::string>{});
  moved.at_target(
      "SET session_replication_role = replica; UPDATE keyed SET b = '\\x00' WHERE id = 77");
  const auto found = differences();
  stop.request_stop();
  writer.join();
  mover.join();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("public.keyed: row id='77', column b: '\\x28dd"), std::string::npos)
      << found[0];
}

INSTANTIATE_TEST_SUITE_P(Versions, LiveRows, testing::Values(std::pair(15, 15)),
                         [](const auto& each) {
                           return std::to_string(each.param.first) + "_to_" +
                                  std::to_string(each.param.second);
                         });

}  // namespace
}  // namespace lakeshift::checks

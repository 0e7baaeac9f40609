// Views of both sides of a move that hold exactly the same transactions, while somebody writes:
// judged by plain SQL in sessions that join them.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "stages/move_follow.h"
#include "tests/servers/moved_database.h"

namespace lakeshift::stages {
namespace {

using databases::PostgresSession;
using servers::MovedDatabase;
using servers::PostgresServer;

constexpr const char* kSchema = R"(
CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL);
CREATE TABLE entry (seq serial PRIMARY KEY, payer int, payee int);
)";

struct Standing : testing::TestWithParam<std::pair<int, int>> {
  Standing()
      : moved(PostgresServer::shared(GetParam().first), PostgresServer::shared(GetParam().second),
              "still", kSchema) {
    config.name = "still";
    moved.slot = slot_of(config, 0);
    moved.from_server.run(moved.source,
                          "CREATE PUBLICATION " + publication_of(config) + " FOR ALL TABLES");
    moved.at_source("INSERT INTO account SELECT i, 1000 FROM generate_series(1, 3000) i");
    const auto copied = moved.copy();
    EXPECT_TRUE(copied) << copied.error().to_text();
    sides.source = moved.from_server.address(moved.source);
    sides.target = moved.to_server.address(moved.target);
    follower = std::make_unique<MoveFollower>(sides, config, 0, run, live, true);
  }
  ~Standing() override {
    writing = false;
    if (writer.joinable()) writer.join();
  }
  void write_on() {
    writer = std::thread([this] {
      std::mt19937_64 random(7);
      const auto session = moved.from_server.connect(moved.source);
      while (writing) {
        const std::string payer = std::to_string(1 + random() % 3000);
        const std::string payee = std::to_string(1 + random() % 3000);
        EXPECT_TRUE(session->exec(
            "BEGIN; UPDATE public.account SET balance = balance - 1 WHERE id = " + payer +
            "; UPDATE public.account SET balance = balance + 1 WHERE id = " + payee +
            "; INSERT INTO public.entry (payer, payee) VALUES (" + payer + ", " + payee +
            "); COMMIT"));
      }
    });
  }
  // What a view holds, and the last entry of it.
  std::pair<std::string, long> seen(bool of_target, const StillPoint& still) const {
    const auto session =
        of_target ? moved.to_server.connect(moved.target) : moved.from_server.connect(moved.source);
    EXPECT_TRUE(session->exec("BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '" +
                              (of_target ? still.to_name : still.from.name) + "'"));
    const auto rows = session->query(
        "SELECT (SELECT string_agg(id || ':' || balance, ',' ORDER BY id) FROM public.account) || "
        "(SELECT string_agg(seq || ':' || payer, ',' ORDER BY seq) FROM public.entry), "
        "(SELECT max(seq) FROM public.entry)");
    EXPECT_TRUE(rows) << rows.error().to_text();
    return {rows->text(0, 0), rows->integer(0, 1)};
  }

  MovedDatabase moved;
  MoveConfig config;
  MoveSides sides;
  world::Run run = moved.world_run();
  MoveLive live{moved.real, moved.fake.events};
  std::unique_ptr<MoveFollower> follower;
  std::atomic<bool> writing{true};
  std::thread writer;
};

TEST_P(Standing, both_views_hold_the_same_transactions_and_what_they_touched_is_known) {
  write_on();
  long before = 0;
  for (int round = 0; round < 8; ++round) {
    const auto still = follower->stand_still({});
    ASSERT_TRUE(still) << still.error().to_text();
    const auto [here, last] = seen(false, **still);
    const auto [there, reached] = seen(true, **still);
    EXPECT_EQ(last, reached);
    ASSERT_EQ(here == there, true) << "round " << round;
    EXPECT_GT(last, before) << "nothing was written in between";
    if (round > 0) {
      std::set<std::string> written, touched;
      const auto rows = moved.from_server.connect(moved.source)
                            ->query(
                                "SELECT payer FROM public.entry WHERE seq > $1 AND seq <= $2 UNION "
                                "SELECT payee FROM "
                                "public.entry WHERE seq > $1 AND seq <= $2",
                                {std::to_string(before), std::to_string(last)});
      for (int row = 0; row < rows->size(); ++row) written.insert(rows->text(row, 0));
      for (const TouchedRows::Key& key : (*still)->touched.keys[{"public", "account"}])
        touched.insert(key.at(0).second);
      EXPECT_EQ(written, touched);
    }
    before = last;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(follower->running()) << follower->failure().error().to_text();
}

TEST_P(Standing, an_idle_side_stands_still_as_well) {
  const auto still = follower->stand_still({});
  ASSERT_TRUE(still) << still.error().to_text();
  EXPECT_EQ(moved.source_value("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE "
                               "'%_view' AND temporary"),
            "1");
}

TEST_P(Standing, a_transaction_that_stays_open_is_not_waited_for_long_and_the_apply_goes_on) {
  const auto open = moved.from_server.connect(moved.source);
  ASSERT_TRUE(open->exec("BEGIN; UPDATE public.account SET balance = 0 WHERE id = 1"));
  const auto still = follower->stand_still({});
  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code, "no-still-point");
  ASSERT_TRUE(open->exec("COMMIT"));
  const auto mark = databases::parse_lsn(moved.source_value("SELECT pg_current_wal_insert_lsn()"));
  EXPECT_TRUE(follower->wait_applied(*mark, {}));
  EXPECT_EQ(moved.target_value("SELECT balance FROM public.account WHERE id = 1"), "0");
  EXPECT_EQ(moved.source_value("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE "
                               "'%_view'"),
            "0");
}

INSTANTIATE_TEST_SUITE_P(Versions, Standing, testing::Values(std::pair(15, 15), std::pair(11, 17)),
                         [](const auto& each) {
                           return std::to_string(each.param.first) + "_to_" +
                                  std::to_string(each.param.second);
                         });

}  // namespace
}  // namespace lakeshift::stages

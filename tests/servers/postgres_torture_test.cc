// A move under fire: writers go on, the mover is killed at random instants, connections are cut,
// servers crash. In the end every acknowledged write is in the target, once.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_ledger.h"
#include "tests/servers/moved_database.h"

namespace lakeshift::transfers {
namespace {

using servers::Child;
using servers::MovedDatabase;
using servers::PostgresServer;

constexpr const char* kSchema = R"(
CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL, note text);
CREATE TABLE entry (writer int NOT NULL, seq bigint NOT NULL, what text);
ALTER TABLE entry REPLICA IDENTITY FULL;
CREATE TABLE document (id int PRIMARY KEY, body text, edits int);
ALTER TABLE document ALTER body SET STORAGE EXTERNAL;
)";
constexpr const char* kRows = R"(
INSERT INTO account SELECT i, 1000, repeat(md5(i::text), 8) FROM generate_series(1, 20000) i;
INSERT INTO document SELECT i, repeat(md5(i::text), 200), 0 FROM generate_series(1, 50) i;
)";
const std::vector<std::string> kTables = {"public.account", "public.entry", "public.document"};

// Writes until killed; notes in `acks` the number of every transaction whose COMMIT was answered.
int write_forever(const databases::PostgresAddress& source, int writer, const std::string& acks) {
  std::mt19937_64 random(static_cast<std::uint64_t>(writer) * 7919);
  std::ofstream out(acks);
  std::unique_ptr<databases::PostgresSession> session;
  for (long seq = 1;; ++seq) {
    if (!session || !session->alive()) {
      auto made = databases::PostgresSession::connect(source, {});
      if (!made) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        continue;
      }
      session = std::move(*made);
    }
    const std::string w = std::to_string(writer);
    const std::string s = std::to_string(seq);
    const std::string from = std::to_string(1 + random() % 20000);
    const std::string to = std::to_string(1 + random() % 20000);
    std::string sql = "BEGIN; INSERT INTO public.entry VALUES (" + w + ", " + s +
                      ", 'x');"
                      "UPDATE public.account SET balance = balance - 1 WHERE id = " +
                      from +
                      ";"
                      "UPDATE public.account SET balance = balance + 1 WHERE id = " +
                      to + ";";
    if (seq % 5 == 0)
      sql += "UPDATE public.document SET edits = edits + 1 WHERE id = " +
             std::to_string(1 + random() % 50) + ";";
    if (seq % 7 == 0)
      sql += "INSERT INTO public.account VALUES (" + std::to_string(writer * 1'000'000 + seq) +
             ", 0, 'new');";
    if (seq % 14 == 0)
      sql +=
          "DELETE FROM public.account WHERE id = " + std::to_string(writer * 1'000'000 + seq - 7) +
          ";";
    if (seq % 9 == 0)
      sql += "UPDATE public.entry SET what = 'y' WHERE writer = " + w +
             " AND seq = " + std::to_string(seq - 1) + ";";
    // After an error the transaction is in doubt or gone: not acknowledged.
    const auto ran = session->exec(sql + "COMMIT");
    if (ran)
      out << seq << std::endl;
    else
      session.reset();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

int move_forever(MovedDatabase& moved) {
  CopyOptions copy = moved.copy_options();
  copy.after_table = [](const TableName& table) {
    return std::vector<TableStatement>{{"CREATE INDEX ON public." + table.second + " (" +
                                            (table.second == "entry" ? "writer, seq" : "id") + ")",
                                        true},
                                       {"CREATE INDEX ON public." + table.second + " (" +
                                            (table.second == "entry" ? "seq" : "id DESC") + ")",
                                        true}};
  };
  if (const auto copied = moved.copy(copy); !copied) {
    std::cerr << "copy: " << copied.error().to_text() << std::endl;
    return 1;
  }
  world::Run run = moved.world_run();
  const auto applied =
      apply_changes(moved.from_server.address(moved.source), moved.to_server.address(moved.target),
                    moved.apply_options(), run);
  if (!applied) std::cerr << "apply: " << applied.error().to_text() << std::endl;
  return 2;  // it does not end by itself
}

std::vector<std::string> acknowledged(const std::string& path, int writer) {
  std::vector<std::string> found;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);)
    found.push_back(std::to_string(writer) + ":" + line);
  return found;
}

void cut_connections(const PostgresServer& server) {
  server.run("postgres",
             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
             "pg_backend_pid() AND datname LIKE 'torture%'");
}

TEST(Torture, no_acknowledged_write_is_lost_or_doubled) {
  const bool soak = std::getenv("LAKESHIFT_SOAK") != nullptr;
  const int rounds = soak ? 60 : 14;
  const std::uint64_t seed = 20261128;
  std::cout << "seed " << seed << ", " << rounds << " rounds" << std::endl;
  std::mt19937_64 random(seed);
  const std::map<std::string, std::string> safe = {{"fsync", "on"}, {"full_page_writes", "on"}};
  PostgresServer from({.settings = safe});
  PostgresServer to({.settings = safe});
  MovedDatabase moved(from, to, "torture", kSchema);
  moved.at_source(kRows);
  const std::string acks = from.folder() + "-acks";
  std::vector<std::unique_ptr<Child>> writers;
  for (int writer = 1; writer <= 2; ++writer)
    writers.push_back(std::make_unique<Child>([&] {
      return write_forever(from.address(moved.source), writer, acks + std::to_string(writer));
    }));
  auto mover = std::make_unique<Child>([&] { return move_forever(moved); });
  for (int round = 0; round < rounds; ++round) {
    const auto pause = std::chrono::milliseconds(50 + random() % 2500);
    const std::uint64_t what = random() % 10;
    std::this_thread::sleep_for(pause);
    std::cout << "round " << round << " after " << pause.count() << " ms: ";
    ASSERT_TRUE(mover->running()) << "the mover gave up with " << mover->wait();
    if (what < 6) {
      std::cout << "kill -9 of the mover" << std::endl;
      mover->kill_now();
      mover = std::make_unique<Child>([&] { return move_forever(moved); });
    } else if (what < 8) {
      std::cout << "connections cut" << std::endl;
      cut_connections(what == 6 ? from : to);
    } else {
      std::cout << "kill -9 of the " << (what == 8 ? "target" : "source") << std::endl;
      PostgresServer& server = what == 8 ? to : from;
      server.crash();
      server.start();
    }
  }
  for (auto& writer : writers) writer->kill_now();
  // The writers' last transactions may still end in the server.
  while (from.value("postgres",
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = 'torture_src' AND "
                    "query LIKE 'BEGIN%' AND pid <> pg_backend_pid()") != "0")
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto wanted =
      databases::parse_lsn(from.value("postgres", "SELECT pg_current_wal_insert_lsn()"));
  for (int wait = 0; wait < 1200 && mover->running(); ++wait) {
    auto session = to.connect(moved.target);
    const auto progress = read_progress(*session, moved.slot);
    if (progress && progress->end >= *wanted) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ASSERT_TRUE(mover->running()) << "the mover gave up with " << mover->wait();
  mover->kill_now();

  std::set<std::string> there;
  auto session = to.connect(moved.target);
  const auto rows = session->query("SELECT writer || ':' || seq FROM public.entry");
  ASSERT_TRUE(rows) << rows.error().to_text();
  int doubled = 0;
  for (int row = 0; row < rows->size(); ++row) doubled += !there.insert(rows->text(row, 0)).second;
  std::size_t written = 0;
  std::size_t lost = 0;
  for (int writer = 1; writer <= 2; ++writer)
    for (const std::string& ack : acknowledged(acks + std::to_string(writer), writer)) {
      ++written;
      lost += !there.contains(ack);
    }
  std::cout << written << " writes acknowledged, " << lost << " lost, " << doubled << " doubled"
            << std::endl;
  EXPECT_GT(written, 100U);
  EXPECT_EQ(lost, 0U);
  EXPECT_EQ(doubled, 0);
  for (const std::string& table : kTables)
    EXPECT_EQ(moved.rows(false, table), moved.rows(true, table)) << table;
  for (int writer = 1; writer <= 2; ++writer) ::unlink((acks + std::to_string(writer)).c_str());
}

}  // namespace
}  // namespace lakeshift::transfers

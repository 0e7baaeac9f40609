#include <gtest/gtest.h>

#include <thread>

#include "core/state/commit_queue.h"
#include "core/state/journal.h"
#include "core/state/sqlite_journal.h"

namespace lakeshift::state {
namespace {

std::unique_ptr<Database> memory_database() {
  auto database = Database::open(":memory:", Database::Mode::create);
  EXPECT_TRUE(database);
  EXPECT_TRUE((*database)->ensure_schema());
  return std::move(*database);
}

std::unique_ptr<Journal> memory_journal() { return make_sqlite_journal(memory_database()); }

JournalEntry entry(const std::string& change, int action, Outcome outcome = Outcome::pending) {
  JournalEntry made;
  made.run = "apply";
  made.change = change;
  made.action = action;
  made.name = "create";
  made.outcome = outcome;
  made.started = "2026-01-01T00:00:00.000Z";
  return made;
}

TEST(Journal, keeps_intents_as_pending_and_counts_attempts) {
  const auto journal = memory_journal();
  ASSERT_TRUE(journal->intend(entry("job:a", 0)));
  ASSERT_TRUE(journal->intend(entry("job:a", 0)));
  const auto found = journal->find("apply", "job:a", 0);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->outcome, Outcome::pending);
  EXPECT_EQ((*found)->attempts, 2);
  EXPECT_FALSE(*journal->find("apply", "job:a", 1));
  EXPECT_FALSE(*journal->find("cutover", "job:a", 0));
}

TEST(Journal, settles_with_every_member_of_the_outcome) {
  const auto journal = memory_journal();
  ASSERT_TRUE(journal->intend(entry("job:a", 0)));
  JournalEntry done = entry("job:a", 0, Outcome::done);
  done.bound_id = "77";
  done.answer = {{"job_id", 77}};
  done.ended = "2026-01-01T00:00:01.000Z";
  ASSERT_TRUE(journal->settle(done));
  const JournalEntry found = **journal->find("apply", "job:a", 0);
  EXPECT_EQ(found.outcome, Outcome::done);
  EXPECT_EQ(found.bound_id, "77");
  EXPECT_EQ(found.answer, Json({{"job_id", 77}}));
  EXPECT_EQ(found.ended, done.ended);
  EXPECT_EQ(found.attempts, 1);

  JournalEntry failed = entry("job:b", 0, Outcome::failed);
  failed.error_code = "quota";
  failed.error_message = "too many";
  failed.error_remedy = "ask";
  ASSERT_TRUE(journal->intend(entry("job:b", 0)));
  ASSERT_TRUE(journal->settle(failed));
  EXPECT_EQ((**journal->find("apply", "job:b", 0)).error_remedy, "ask");
  // A new attempt forgets the old error.
  ASSERT_TRUE(journal->intend(entry("job:b", 0)));
  EXPECT_EQ((**journal->find("apply", "job:b", 0)).error_code, "");
}

TEST(Journal, lists_a_run_in_the_order_of_its_start_and_forgets_it) {
  const auto journal = memory_journal();
  for (const char* change : {"z", "a", "m"}) ASSERT_TRUE(journal->intend(entry(change, 0)));
  ASSERT_TRUE(journal->intend(entry("z", 0)));
  JournalEntry other = entry("z", 0);
  other.run = "cutover";
  ASSERT_TRUE(journal->intend(other));
  std::string order;
  const auto entries = journal->entries("apply");
  for (const JournalEntry& each : *entries) order += each.change;
  EXPECT_EQ(order, "zam");
  ASSERT_TRUE(journal->forget_run("apply"));
  EXPECT_TRUE(journal->entries("apply")->empty());
  EXPECT_EQ(journal->entries("cutover")->size(), 1U);
}

TEST(Journal, keeps_ledger_rows_and_notes) {
  const auto journal = memory_journal();
  LedgerRow row;
  row.source = {"old", "job", "7"};
  row.key = "n'; DROP TABLE ledger; -- \xF0\x9F\x98\x80";
  row.name = "n";
  row.target_side = "new";
  row.target_id = "9";
  row.target_key = "tk";
  row.state = "created";
  row.code = "c";
  row.reason = "r";
  row.fingerprint = "f";
  row.stamp = "s";
  row.attempts = 3;
  ASSERT_TRUE(journal->put_row(row));
  row.state = "verified";
  ASSERT_TRUE(journal->put_row(row));
  const auto rows = journal->rows();
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  const LedgerRow& found = rows->front();
  EXPECT_EQ(found.key, row.key);
  EXPECT_EQ(found.state, "verified");
  EXPECT_EQ(found.fingerprint + found.stamp + found.reason + found.code + found.target_key,
            "fsrctk");
  EXPECT_EQ(found.attempts, 3);
  EXPECT_TRUE(*journal->row({"old", "job", "7"}, "new"));
  EXPECT_FALSE(*journal->row({"old", "job", "8"}, "new"));

  // The same object into another target is another row.
  LedgerRow other = row;
  other.target_side = "newer";
  other.target_id = "10";
  ASSERT_TRUE(journal->put_row(other));
  EXPECT_EQ(journal->rows()->size(), 2U);
  EXPECT_EQ((*journal->row(row.source, "new"))->target_id, "9");
  EXPECT_EQ((*journal->row(row.source, "newer"))->target_id, "10");

  EXPECT_FALSE(*journal->note("plan"));
  ASSERT_TRUE(journal->put_note("plan", {{"digest", "d"}}));
  ASSERT_TRUE(journal->put_note("plan", {{"digest", "e"}}));
  EXPECT_EQ(**journal->note("plan"), Json({{"digest", "e"}}));
}

TEST(Journal, stays_whole_and_readable_when_the_disk_is_full) {
  auto database = memory_database();
  ASSERT_TRUE(database->execute("PRAGMA max_page_count=40"));
  const auto journal = make_sqlite_journal(std::move(database));
  int written = 0;
  Error error;
  for (; written < 10'000; ++written) {
    JournalEntry big = entry("change " + std::to_string(written), 0);
    big.name = std::string(2'000, 'x');
    const Status status = journal->intend(big);
    if (!status) {
      error = status.error();
      break;
    }
  }
  EXPECT_EQ(error.code, "disk-full");
  EXPECT_NE(error.remedy.find("free some space"), std::string::npos);
  ASSERT_GT(written, 5);
  const auto entries = journal->entries("apply");
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->size(), static_cast<std::size_t>(written))
      << "nothing that was acknowledged is lost";
  // Space again: the same write succeeds.
  ASSERT_TRUE(journal->forget_run("apply"));
  EXPECT_TRUE(journal->intend(entry("again", 0)));
}

TEST(CommitQueue, shares_commits_and_isolates_a_failing_write) {
  CommitQueue queue(memory_database());
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i)
      threads.emplace_back([&, i] {
        for (int j = 0; j < 50; ++j) {
          const bool bad = i == 3;
          const Status status = queue.write([&](Database& database) -> Status {
            auto statement = database.prepare("INSERT INTO note (name, value) VALUES (?, '1')");
            if (!statement) return fail(statement.error());
            LS_TRY(statement->bind(std::to_string(i) + "/" + std::to_string(j)).run());
            if (bad) return fail("planted", "after its insert");
            return {};
          });
          if (!status) ++failures;
          EXPECT_EQ(status.has_value(), !bad);
        }
      });
  }
  EXPECT_EQ(failures, 50);
  const auto count = queue.read([](Database& database) -> Result<std::int64_t> {
    auto statement = database.prepare("SELECT count(*) FROM note");
    if (!statement) return fail(statement.error());
    LS_ASSIGN(const bool row, statement->step());
    EXPECT_TRUE(row);
    return statement->number(0);
  });
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, 15 * 50);
}

TEST(Database, refuses_a_newer_schema) {
  const auto database = memory_database();
  ASSERT_TRUE(database->execute("PRAGMA user_version=99"));
  const Status status = database->ensure_schema();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "newer-format");
  EXPECT_NE(status.error().message.find("99"), std::string::npos);
}

TEST(Database, rolls_back_a_transaction_that_fails) {
  const auto database = memory_database();
  const Status status = database->transact([&]() -> Status {
    LS_TRY(database->execute("INSERT INTO note VALUES ('a', '1')"));
    return fail("planted", "no");
  });
  EXPECT_EQ(status.error().code, "planted");
  auto statement = database->prepare("SELECT * FROM note");
  ASSERT_TRUE(statement);
  EXPECT_FALSE(*statement->step());
  EXPECT_TRUE(database->check());
}

}  // namespace
}  // namespace lakeshift::state

#include "core/state/journal.h"

#include "core/state/commit_queue.h"
#include "core/state/sqlite_journal.h"

namespace lakeshift::state {
namespace {

constexpr Outcome kOutcomes[] = {Outcome::pending, Outcome::done, Outcome::failed,
                                 Outcome::refused};
constexpr const char* kEntryColumns =
    "run, change, action, name, outcome, attempts, bound_id, answer, error_code, error_message, "
    "error_remedy, "
    "started, ended";
constexpr const char* kRowColumns =
    "side, kind, id, key, name, target_side, target_id, target_key, state, code, reason, "
    "fingerprint, stamp, "
    "attempts";

Outcome outcome_from_text(const std::string& text) {
  for (const Outcome outcome : kOutcomes)
    if (to_text(outcome) == text) return outcome;
  return Outcome::pending;  // unknown means in doubt: it is looked up before anything is repeated
}

Result<JournalEntry> entry_from(const Statement& row) {
  JournalEntry entry;
  entry.run = row.text(0);
  entry.change = row.text(1);
  entry.action = static_cast<int>(row.number(2));
  entry.name = row.text(3);
  entry.outcome = outcome_from_text(row.text(4));
  entry.attempts = static_cast<int>(row.number(5));
  entry.bound_id = row.text(6);
  if (const std::string answer = row.text(7); !answer.empty()) {
    LS_ASSIGN(entry.answer, parse_json(answer, "journal of '" + entry.change + "'"));
  }
  entry.error_code = row.text(8);
  entry.error_message = row.text(9);
  entry.error_remedy = row.text(10);
  entry.started = row.text(11);
  entry.ended = row.text(12);
  return entry;
}

LedgerRow row_from(const Statement& row) {
  LedgerRow ledger;
  ledger.source = {row.text(0), row.text(1), row.text(2)};
  ledger.key = row.text(3);
  ledger.name = row.text(4);
  ledger.target_side = row.text(5);
  ledger.target_id = row.text(6);
  ledger.target_key = row.text(7);
  ledger.state = row.text(8);
  ledger.code = row.text(9);
  ledger.reason = row.text(10);
  ledger.fingerprint = row.text(11);
  ledger.stamp = row.text(12);
  ledger.attempts = static_cast<int>(row.number(13));
  return ledger;
}

std::string answer_text(const Json& answer) { return answer.is_null() ? "" : dump_json(answer); }

Status write_intent(Database& database, const JournalEntry& entry) {
  LS_ASSIGN(
      Statement statement,
      database.prepare(
          "INSERT INTO journal (run, change, action, name, outcome, attempts, bound_id, answer, "
          "error_code, "
          "error_message, error_remedy, started, ended) VALUES "
          "(?,?,?,?,'pending',1,'',?,'','','',?,'') "
          "ON CONFLICT (run, change, action) DO UPDATE SET name=excluded.name, outcome='pending', "
          "attempts=attempts+1, answer=excluded.answer, started=excluded.started, ended='', "
          "error_code='', error_message='', error_remedy=''"));
  return statement.bind(entry.run)
      .bind(entry.change)
      .bind_number(entry.action)
      .bind(entry.name)
      .bind(answer_text(entry.answer))
      .bind(entry.started)
      .run();
}

Status write_outcome(Database& database, const JournalEntry& entry) {
  LS_ASSIGN(Statement statement,
            database.prepare(
                "INSERT INTO journal (run, change, action, name, outcome, attempts, bound_id, "
                "answer, error_code, "
                "error_message, error_remedy, started, ended) VALUES (?,?,?,?,?,0,?,?,?,?,?,?,?) "
                "ON CONFLICT (run, change, action) DO UPDATE SET outcome=excluded.outcome, "
                "bound_id=excluded.bound_id, "
                "answer=excluded.answer, error_code=excluded.error_code, "
                "error_message=excluded.error_message, "
                "error_remedy=excluded.error_remedy, ended=excluded.ended"));
  return statement.bind(entry.run)
      .bind(entry.change)
      .bind_number(entry.action)
      .bind(entry.name)
      .bind(to_text(entry.outcome))
      .bind(entry.bound_id)
      .bind(answer_text(entry.answer))
      .bind(entry.error_code)
      .bind(entry.error_message)
      .bind(entry.error_remedy)
      .bind(entry.started)
      .bind(entry.ended)
      .run();
}

Status write_row(Database& database, const LedgerRow& row) {
  LS_ASSIGN(Statement statement,
            database.prepare(std::string("INSERT OR REPLACE INTO ledger (") + kRowColumns +
                             ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  return statement.bind(row.source.side)
      .bind(row.source.kind)
      .bind(row.source.id)
      .bind(row.key)
      .bind(row.name)
      .bind(row.target_side)
      .bind(row.target_id)
      .bind(row.target_key)
      .bind(row.state)
      .bind(row.code)
      .bind(row.reason)
      .bind(row.fingerprint)
      .bind(row.stamp)
      .bind_number(row.attempts)
      .run();
}

class SqliteJournal final : public Journal {
 public:
  explicit SqliteJournal(std::unique_ptr<Database> database) : queue_(std::move(database)) {}

  Status intend(const JournalEntry& entry) override {
    return queue_.write([&](Database& database) { return write_intent(database, entry); });
  }

  Status settle(const JournalEntry& entry) override {
    return queue_.write([&](Database& database) { return write_outcome(database, entry); });
  }

  Result<std::optional<JournalEntry>> find(const std::string& run, const std::string& change,
                                           int action) override {
    return queue_.read([&](Database& database) -> Result<std::optional<JournalEntry>> {
      LS_ASSIGN(Statement statement,
                database.prepare(std::string("SELECT ") + kEntryColumns +
                                 " FROM journal WHERE run=? AND change=? AND action=?"));
      statement.bind(run).bind(change).bind_number(action);
      LS_ASSIGN(const bool row, statement.step());
      if (!row) return std::nullopt;
      LS_ASSIGN(JournalEntry entry, entry_from(statement));
      return entry;
    });
  }

  Result<std::vector<JournalEntry>> entries(const std::string& run) override {
    return queue_.read([&](Database& database) -> Result<std::vector<JournalEntry>> {
      LS_ASSIGN(Statement statement, database.prepare(std::string("SELECT ") + kEntryColumns +
                                                      " FROM journal WHERE run=? ORDER BY number"));
      statement.bind(run);
      std::vector<JournalEntry> found;
      while (true) {
        LS_ASSIGN(const bool row, statement.step());
        if (!row) return found;
        LS_ASSIGN(JournalEntry entry, entry_from(statement));
        found.push_back(std::move(entry));
      }
    });
  }

  Status forget_run(const std::string& run) override {
    return queue_.write([&](Database& database) -> Status {
      LS_ASSIGN(Statement statement, database.prepare("DELETE FROM journal WHERE run=?"));
      return statement.bind(run).run();
    });
  }

  Status put_row(const LedgerRow& row) override {
    return queue_.write([&](Database& database) { return write_row(database, row); });
  }

  Result<std::optional<LedgerRow>> row(const model::ObjectId& source,
                                       const model::Side& target_side) override {
    return queue_.read([&](Database& database) -> Result<std::optional<LedgerRow>> {
      LS_ASSIGN(
          Statement statement,
          database.prepare(std::string("SELECT ") + kRowColumns +
                           " FROM ledger WHERE side=? AND kind=? AND id=? AND target_side=?"));
      statement.bind(source.side).bind(source.kind).bind(source.id).bind(target_side);
      LS_ASSIGN(const bool found, statement.step());
      if (!found) return std::nullopt;
      return row_from(statement);
    });
  }

  Result<std::vector<LedgerRow>> rows() override {
    return queue_.read([&](Database& database) -> Result<std::vector<LedgerRow>> {
      LS_ASSIGN(Statement statement,
                database.prepare(std::string("SELECT ") + kRowColumns +
                                 " FROM ledger ORDER BY kind, key, side, id, target_side"));
      std::vector<LedgerRow> found;
      while (true) {
        LS_ASSIGN(const bool row, statement.step());
        if (!row) return found;
        found.push_back(row_from(statement));
      }
    });
  }

  Status put_note(const std::string& name, const Json& value) override {
    return queue_.write([&](Database& database) -> Status {
      LS_ASSIGN(Statement statement,
                database.prepare("INSERT OR REPLACE INTO note (name, value) VALUES (?,?)"));
      return statement.bind(name).bind(dump_json(value)).run();
    });
  }

  Result<std::optional<Json>> note(const std::string& name) override {
    return queue_.read([&](Database& database) -> Result<std::optional<Json>> {
      LS_ASSIGN(Statement statement, database.prepare("SELECT value FROM note WHERE name=?"));
      statement.bind(name);
      LS_ASSIGN(const bool found, statement.step());
      if (!found) return std::nullopt;
      LS_ASSIGN(Json value, parse_json(statement.text(0), "note '" + name + "'"));
      return value;
    });
  }

 private:
  CommitQueue queue_;
};

}  // namespace

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::pending:
      return "pending";
    case Outcome::done:
      return "done";
    case Outcome::failed:
      return "failed";
    case Outcome::refused:
      return "refused";
  }
  return "pending";
}

std::unique_ptr<Journal> make_sqlite_journal(std::unique_ptr<Database> database) {
  return std::make_unique<SqliteJournal>(std::move(database));
}

Result<std::unique_ptr<Journal>> Journal::open(WorkDir& dir) {
  const Database::Mode mode =
      dir.access() == WorkDir::Access::change ? Database::Mode::change : Database::Mode::read;
  LS_ASSIGN(std::unique_ptr<Database> database, Database::open(dir.database_path(), mode));
  LS_TRY(database->check_schema_version());
  return make_sqlite_journal(std::move(database));
}

Result<std::unique_ptr<Journal>> Journal::open_in_memory() {
  LS_ASSIGN(std::unique_ptr<Database> database, Database::open(":memory:", Database::Mode::create));
  LS_TRY(database->ensure_schema());
  return make_sqlite_journal(std::move(database));
}

}  // namespace lakeshift::state

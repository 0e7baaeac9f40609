#include "knowledge/transfers/postgres_batch.h"

#include <fmt/format.h>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

namespace pgoutput = databases::pgoutput;
using databases::PostgresParameter;
using databases::PostgresRows;

namespace {

constexpr const char* kUniqueViolation = "23505";
constexpr std::size_t kShownValue = 60;  // bytes of a value in an error
constexpr std::size_t kShownRow = 600;

std::string shown(const pgoutput::Value& value) {
  switch (value.kind) {
    case pgoutput::Value::Kind::null:
      return "NULL";
    case pgoutput::Value::Kind::unchanged:
      return "(unchanged)";
    default:
      break;
  }
  const bool cut = value.bytes.size() > kShownValue;
  return "'" + printable(value.bytes.substr(0, kShownValue)) + (cut ? "…'" : "'");
}

std::string shown(const SourceRelation& relation, const pgoutput::Tuple& row, bool keys_only) {
  std::string text;
  for (std::size_t i = 0; i < row.size() && i < relation.columns.size(); ++i) {
    if (keys_only && !relation.columns[i].is_key) continue;
    if (text.size() > kShownRow) return text + ", …";
    text += (text.empty() ? "" : ", ") + relation.columns[i].name + "=" + shown(row[i]);
  }
  return text;
}

}  // namespace

std::string describe_row(const AppliedRelation& relation, std::string_view message) {
  if (relation.withheld) return "the row is withheld: the copy is masked";
  const auto decoded = pgoutput::decode(message);
  if (!decoded) return "?";
  const pgoutput::Tuple* key = nullptr;
  const pgoutput::Tuple* row = nullptr;
  if (const auto* insert = std::get_if<pgoutput::Insert>(&*decoded)) {
    key = row = &insert->row;
  } else if (const auto* update = std::get_if<pgoutput::Update>(&*decoded)) {
    row = &update->row;
    key = update->old == pgoutput::Old::absent ? row : &update->old_row;
  } else if (const auto* gone = std::get_if<pgoutput::Delete>(&*decoded)) {
    key = row = &gone->old_row;
  }
  if (row == nullptr) return "?";
  const std::string keys = shown(relation.source, *key, true);
  return (keys.empty() ? "no key" : keys) + " of row (" + shown(relation.source, *row, false) + ")";
}

Status ApplyBatch::begin() {
  if (begun_) return {};
  begun_ = true;
  expected_.push_back({Expected::Kind::nothing, {}, "BEGIN"});
  return session_.send("BEGIN");
}

Status ApplyBatch::prepare(const std::string& name, const std::string& sql) {
  LS_TRY(begin());
  expected_.push_back({Expected::Kind::statement, {}, sql});
  return session_.send_prepare(name, sql);
}

Status ApplyBatch::apply(const std::string& prepared, std::span<const PostgresParameter> parameters,
                         Change change) {
  LS_TRY(begin());
  expected_.push_back({Expected::Kind::one_row, std::move(change), {}});
  return session_.send_prepared(prepared, parameters);
}

Status ApplyBatch::apply_all(const std::string& prepared,
                             std::span<const PostgresParameter> parameters, std::size_t rows,
                             Change first) {
  LS_TRY(begin());
  expected_.push_back({Expected::Kind::rows, std::move(first), {}, rows});
  return session_.send_prepared(prepared, parameters);
}

Status ApplyBatch::statement(const std::string& sql, std::string about) {
  LS_TRY(begin());
  expected_.push_back({Expected::Kind::statement, {}, std::move(about)});
  return session_.send(sql);
}

Status ApplyBatch::check() {
  if (committing_) LS_TRY(settle());
  if (expected_.empty()) return {};
  expected_.push_back({Expected::Kind::sync, {}, {}});
  LS_TRY(session_.send_sync());
  return read_to_sync();
}

Status ApplyBatch::commit(std::span<const PostgresParameter> progress) {
  LS_TRY(begin());
  LS_TRY(check());
  if (!progress_prepared_) {
    LS_TRY(session_.send_prepare("ls_progress", kAdvanceProgress));
    expected_.push_back({Expected::Kind::nothing, {}, {}});
    progress_prepared_ = true;
  }
  LS_TRY(session_.send_prepared("ls_progress", progress));
  expected_.push_back({Expected::Kind::progress, {}, "progress of the apply"});
  LS_TRY(session_.send("COMMIT"));
  expected_.push_back({Expected::Kind::commit, {}, "COMMIT"});
  LS_TRY(session_.send_sync());
  expected_.push_back({Expected::Kind::sync, {}, {}});
  begun_ = false;
  committing_ = true;
  return {};
}

Status ApplyBatch::settle() {
  if (!committing_) return {};
  committing_ = false;
  return read_to_sync();
}

Status ApplyBatch::read_to_sync() {
  Status first{};
  while (!expected_.empty()) {
    const Expected expected = std::move(expected_.front());
    expected_.pop_front();
    const auto answer = session_.next_answer();
    const Status judged = judge(answer, expected);
    if (!judged && first) first = judged;
    if (!session_.alive()) break;
    if (expected.kind == Expected::Kind::sync) break;
  }
  return first;
}

Status ApplyBatch::judge(const Result<std::optional<PostgresRows>>& answer,
                         const Expected& expected) {
  const bool row = expected.kind == Expected::Kind::one_row;
  if (expected.kind == Expected::Kind::rows) return judge_rows(answer, expected);
  if (!answer) {
    Error error = answer.error();
    if (row) {
      error.about = expected.change.relation->about();
      error.message += "; " + describe_row(*expected.change.relation,
                                           expected.change.chunk->piece(expected.change.piece));
      if (error.code == kUniqueViolation) {
        error.code = "duplicate-key";
        error.remedy =
            "something else wrote this row to the target: remove it there, find the writer, then "
            "run again; nothing of the transaction was kept";
      }
    } else if (error.about.empty()) {
      error.about = expected.about;
    }
    return fail(std::move(error));
  }
  if (!answer->has_value()) {
    if (expected.kind == Expected::Kind::sync) return {};
    return fail("bad-pipeline", "the server answered less than was asked", expected.about);
  }
  if (expected.kind == Expected::Kind::sync)
    return fail("bad-pipeline", "the server answered more than was asked", expected.about);
  if (expected.kind == Expected::Kind::progress && (*answer)->affected() != 1)
    return fail("apply-not-begun", "the progress row of this slot is gone from the target",
                expected.about, "something removed it: copy the tables again");
  if (expected.kind == Expected::Kind::commit && (*answer)->command() != "COMMIT")
    return fail("bad-pipeline",
                "the transaction was not committed but ended with " + (*answer)->command());
  if (!row) return {};
  const std::int64_t affected = (*answer)->affected();
  if (affected == 1) return {};
  if (affected == 0 && cascades_ && expected.change.removes) {
    ++cascaded_;
    return {};
  }
  return fail(affected == 0 ? "row-missing" : "row-twice",
              fmt::format("the change concerns {} rows of the target, not 1; {}", affected,
                          describe_row(*expected.change.relation,
                                       expected.change.chunk->piece(expected.change.piece))),
              expected.change.relation->about(),
              "something else wrote to this table of the target: find the writer, then copy the "
              "table again");
}

// Which row it was, the changes say when they are repeated one by one.
Status ApplyBatch::judge_rows(const Result<std::optional<PostgresRows>>& answer,
                              const Expected& expected) {
  if (!answer && answer.error().retry == Retry::later) return fail(answer.error());
  const auto rows = static_cast<std::int64_t>(expected.rows);
  if (answer && answer->has_value() && (*answer)->affected() == rows) {
    together_ += rows;
    return {};
  }
  return fail("together-refused",
              answer ? fmt::format("{} changes did not concern as many rows", expected.rows)
                     : answer.error().to_text(),
              expected.change.relation->about());
}

}  // namespace lakeshift::transfers

// The target's side of the change apply: one transaction at a time, sent without waiting, every
// answer held against what the change must do.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "knowledge/databases/postgres_stream.h"
#include "knowledge/formats/mask_rows.h"
#include "knowledge/transfers/postgres_relation.h"

namespace lakeshift::transfers {

// A table of the stream with what repeats its changes. Made anew when its definition changes.
struct AppliedRelation {
  SourceRelation source;
  TargetRelation target;
  bool ignored = false;             // of schema lakeshift
  databases::Lsn copied_at = 0;     // changes committed before are in the copy
  bool withheld = false;            // no error may tell its rows
  formats::RowMask mask;            // of its columns; empty: none
  std::vector<std::size_t> always;  // columns whose change needs StatementWriter::replace
  struct Prepared {
    std::string name;  // "" when there is nothing to do
    std::string all;   // of many rows at once; "" when they go one by one
    std::vector<Parameter> parameters;
  };
  std::map<std::string, Prepared> prepared;  // by kind of change
  bool one_by_one = false;                   // its changes do not go together
  std::vector<std::size_t> unique;           // StatementWriter::unique_columns()
  std::int64_t looked_at = 0;                // how often it was too small
  std::string about() const { return source.schema + "." + source.name; }
};

class ApplyBatch {
 public:
  // `cascades`: foreign keys fire in the target, so a delete may find its row gone.
  ApplyBatch(databases::PostgresSession& session, bool cascades)
      : session_(session), cascades_(cascades) {}

  // The change of piece `piece` of `chunk`, which must concern one row.
  struct Change {
    std::shared_ptr<const AppliedRelation> relation;
    std::shared_ptr<const databases::StreamChunk> chunk;
    std::size_t piece = 0;
    bool removes = false;
  };
  Status prepare(const std::string& name, const std::string& sql);
  Status apply(const std::string& prepared,
               std::span<const databases::PostgresParameter> parameters, Change change);
  // The same change of several rows; `first` is that of one of them.
  Status apply_all(const std::string& prepared,
                   std::span<const databases::PostgresParameter> parameters, std::size_t rows,
                   Change first);
  Status statement(const std::string& sql, std::string about);

  // Waits until everything sent so far has done what it must.
  Status check();
  // Checks, then sends the progress and COMMIT; does not wait for the answer.
  Status commit(std::span<const databases::PostgresParameter> progress);
  // Waits until what commit() sent is durable.
  Status settle();

  bool empty() const { return !begun_; }
  bool committing() const { return committing_; }
  std::size_t unchecked() const { return expected_.size(); }
  std::int64_t cascaded() const { return cascaded_; }
  std::int64_t together() const { return together_; }

 private:
  struct Expected {
    enum class Kind { nothing, one_row, rows, statement, progress, commit, sync };
    Kind kind = Kind::nothing;
    Change change;
    std::string about;
    std::size_t rows = 1;
  };
  Status begin();
  Status read_to_sync();
  Status judge(const Result<std::optional<databases::PostgresRows>>& answer,
               const Expected& expected);
  Status judge_rows(const Result<std::optional<databases::PostgresRows>>& answer,
                    const Expected& expected);

  databases::PostgresSession& session_;
  const bool cascades_;
  bool begun_ = false;
  bool committing_ = false;
  bool progress_prepared_ = false;
  std::int64_t cascaded_ = 0, together_ = 0;
  std::deque<Expected> expected_;
};

// "id=5 of (id=5, name='x', …)": the row that a change is about, for an error.
std::string describe_row(const AppliedRelation& relation, std::string_view message);

}  // namespace lakeshift::transfers

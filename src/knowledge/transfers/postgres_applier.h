// One session of the change apply: from connecting to the first error or the end. For
// postgres_apply.cc, which repeats it.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "knowledge/databases/postgres_stream.h"
#include "knowledge/transfers/postgres_apply.h"
#include "knowledge/transfers/postgres_batch.h"
#include "knowledge/transfers/postgres_groups.h"
#include "knowledge/transfers/postgres_ledger.h"
#include "knowledge/transfers/postgres_triggers.h"

namespace lakeshift::transfers {

class Applier {
 public:
  Applier(const databases::PostgresAddress& source, const databases::PostgresAddress& target,
          const ApplyOptions& options, const std::set<std::string>& one_by_one, ApplyState& state,
          world::Run& run)
      : source_(source),
        target_(target),
        options_(options),
        one_by_one_(one_by_one),
        state_(state),
        run_(run) {}

  // Success: `until` was reached or stop was requested.
  Status go();
  // Set when go() failed with "relation-changed".
  const RelationChange& relation_change() const { return relation_change_; }

 private:
  using Chunk = std::shared_ptr<const databases::StreamChunk>;
  using Relation = std::shared_ptr<AppliedRelation>;
  struct At {  // the message being handled
    const Chunk& chunk;
    std::size_t piece;
  };

  Status open();
  Status open_target();
  Status loop();
  bool reached() const;
  bool is_held(databases::Lsn commit) const;
  Status hold(databases::Lsn commit);
  Status take(const Chunk& chunk);
  void note_sent(const databases::StreamChunk& chunk, std::size_t pieces);
  void rest();
  Status settle();
  Status commit();
  Status note_idle(bool now);
  void report();

  Status on(const databases::pgoutput::Begin& begin, const At& at);
  Status on(const databases::pgoutput::Commit& commit, const At& at);
  Status on(const databases::pgoutput::Relation& relation, const At& at);
  Status on(const databases::pgoutput::Insert& insert, const At& at);
  Status on(const databases::pgoutput::Update& update, const At& at);
  Status on(const databases::pgoutput::Delete& gone, const At& at);
  Status on(const databases::pgoutput::Truncate& truncate, const At& at);
  Status on(const databases::pgoutput::Logical& message, const At& at);
  template <typename T>
  Status on(const T&, const At&) {
    return {};
  }  // origin, type: nothing to do

  Status find_masks(AppliedRelation& relation);
  Result<Relation> resolve(const databases::pgoutput::Relation& relation);
  // Null: the change is left out, and counted.
  Result<Relation> relation_of(std::uint32_t id);
  template <typename Write,
            typename WriteAll>  // (const StatementWriter&) -> Result<ChangeStatement>
  Result<const AppliedRelation::Prepared*> prepared(const Relation& relation,
                                                    const std::string& kind, const Write& write,
                                                    const WriteAll& write_all);
  Status prepare(const std::string& sql, std::string& name);
  bool is_large(const Relation& relation);
  // `old_row`: what finds the row; null: an insert.
  Status send(const Relation& relation, const AppliedRelation::Prepared& prepared,
              ChangeGroups::Kind kind, const databases::pgoutput::Tuple* old_row,
              const databases::pgoutput::Tuple* row, const At& at);
  void tell_touched(const AppliedRelation& relation, const databases::pgoutput::Tuple* row,
                    bool added);

  const databases::PostgresAddress& source_;
  const databases::PostgresAddress& target_;
  const ApplyOptions& options_;
  const std::set<std::string>& one_by_one_;  // tables whose changes do not go together
  ApplyState& state_;
  world::Run& run_;

  std::unique_ptr<databases::PostgresSession> session_;    // applies
  std::unique_ptr<databases::PostgresSession> catalogue_;  // reads definitions beside it
  std::unique_ptr<ApplyBatch> batch_;
  std::unique_ptr<ChangeGroups> groups_;
  std::unique_ptr<databases::PostgresStream> stream_;
  Silence silence_ = Silence::replica_role;
  std::map<TableName, databases::Lsn> copied_;
  std::unordered_map<std::uint32_t, Relation> relations_;
  std::vector<databases::PostgresParameter> parameters_;
  RelationChange relation_change_;
  int statements_ = 0;         // names of prepared ones
  std::int64_t together_ = 0;  // of this session's, told

  bool in_transaction_ = false;
  bool skipping_ = false;                          // this transaction is in the target already
  databases::Lsn commit_ = 0;                      // of the transaction being read
  databases::Lsn done_commit_ = 0, done_end_ = 0;  // of the last whole one in the batch
  std::int64_t done_time_ = 0;
  std::int64_t batch_transactions_ = 0, batch_changes_ = 0, unchecked_changes_ = 0;
  std::size_t batch_bytes_ = 0, unchecked_bytes_ = 0;
  databases::Lsn pending_end_ = 0;  // committed, answer not read yet
  std::int64_t pending_time_ = 0, pending_transactions_ = 0, pending_changes_ = 0;
  databases::Lsn recorded_ = 0;  // in the target's progress row, durable
  databases::Lsn idle_to_ = 0;   // nothing more comes before this position
  std::int64_t clock_ahead_ = 0, applied_time_ = 0;
  world::Instant noted_at_{};
};

}  // namespace lakeshift::transfers

// One snapshot's worth of the copy: for postgres_copy.cc, which makes the next when one dies.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/world/executor.h"
#include "knowledge/databases/postgres_slot.h"
#include "knowledge/transfers/postgres_copy.h"
#include "knowledge/transfers/postgres_copy_plan.h"

namespace lakeshift::transfers {

class Copier {
 public:
  Copier(const databases::PostgresAddress& source, const databases::PostgresAddress& target,
         const CopyOptions& options, CopyState& state, world::Run& run)
      : source_(source), target_(target), options_(options), state_(state), run_(run) {}

  Status go();

 private:
  struct Table {
    CopyTable plan;
    std::size_t parts_open = 0;
    std::optional<formats::RowMask> mask = {};
    std::size_t copying = 0;  // parts at work
    std::vector<TableStatement> after = {};
    std::vector<bool> ran = {};  // of `after`, by an earlier run
    std::size_t next = 0;        // of `after`: those before it were begun
    std::size_t statements_open = 0;
  };
  struct Task {
    enum class Kind { part, copied, statement, ready };  // a table's ways, in this order
    std::size_t table = 0;
    Kind kind = Kind::part;
    std::size_t number = 0;  // of the part or statement
  };
  struct Work {
    std::deque<Task> ready;
    std::size_t open = 0;        // tasks not finished
    std::size_t parts = 0;       // of those ready
    std::size_t statements = 0;  // at work
    std::optional<Error> failure;
  };
  struct Sessions {
    std::unique_ptr<databases::PostgresSession> source, target;
  };

  Status find_unfinished(databases::PostgresSession& target);
  Status make_snapshot(databases::PostgresSession& target);
  Status start_afresh(databases::PostgresSession& beside, databases::PostgresSession& target);
  Status plan(databases::PostgresSession& snapshot, databases::PostgresSession& target);
  Result<bool> claim_table(databases::PostgresSession& target, const CopyTable& table);
  void order();
  Result<std::unique_ptr<databases::PostgresSession>> join_snapshot();
  void work();
  Status do_tasks(Sessions& sessions);
  std::optional<Task> take();
  void finish(const Task& task);
  void go_on_after(Work& work, std::size_t table);
  Status run(Sessions& sessions, const Task& task);
  Status copy_rows(Sessions& sessions, const Task& task);
  Status copy_part(Sessions& sessions, const Table& table, std::size_t part);
  Status begin_after(Sessions& sessions, const Task& task);
  Status run_statement(Sessions& sessions, const Task& task);
  Status end_table(Sessions& sessions, const Task& task);
  void count(std::int64_t rows, std::int64_t bytes, std::int64_t tables);

  const databases::PostgresAddress& source_;
  const databases::PostgresAddress& target_;
  const CopyOptions& options_;
  CopyState& state_;
  world::Run& run_;
  databases::SlotSnapshot snapshot_;
  std::vector<TableName> unfinished_;  // to be copied
  std::vector<TableName> to_follow_;   // copied, but not all that comes after
  std::vector<Table> tables_;
  world::Guarded<Work> work_;
  world::Guarded<int> reporting_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace lakeshift::transfers

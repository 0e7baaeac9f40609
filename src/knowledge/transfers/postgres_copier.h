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
    std::vector<std::string> after = {};
    std::optional<formats::RowMask> mask = {};
  };
  struct Task {  // a part of a table, or what follows its last one
    std::size_t table = 0;
    std::size_t part = 0;
    bool after = false;
  };
  struct Work {
    std::deque<Task> ready;
    std::size_t open = 0;  // tasks not finished
    std::optional<Error> failure;
  };
  struct Sessions {
    std::unique_ptr<databases::PostgresSession> source, target;
  };

  Status find_unfinished(databases::PostgresSession& target);
  Status make_snapshot(databases::PostgresSession& target);
  Status start_afresh(databases::PostgresSession& beside, databases::PostgresSession& target);
  Status plan(databases::PostgresSession& snapshot, databases::PostgresSession& target);
  Status claim_table(databases::PostgresSession& target, const CopyTable& table);
  Result<std::unique_ptr<databases::PostgresSession>> join_snapshot();
  void work();
  Status do_tasks(Sessions& sessions);
  std::optional<Task> take();
  void finish(const Task& task);
  Status copy_part(Sessions& sessions, const Task& task);
  Status run_after(Sessions& sessions, const Task& task);
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

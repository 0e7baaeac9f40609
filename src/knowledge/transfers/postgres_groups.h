// Changes of one target transaction, gathered so that many rows of a table go with one statement.
//
// Changes of different rows of a table may change places, and so may those of different tables:
// nothing of the target fires in between (session_replication_role), and rows are told apart by a
// key of the target. Where rows must differ by more than the key, a table's changes keep their
// order, and only neighbours of one kind go together. A statement of many rows must concern exactly
// so many; else the error "together-refused" names its table, nothing of the transaction is kept,
// and the changes of that table are to be repeated one by one, which tells the row.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "knowledge/transfers/postgres_batch.h"

namespace lakeshift::transfers {

class ChangeGroups {
 public:
  explicit ChangeGroups(ApplyBatch& batch) : batch_(batch) {}

  using Prepared = AppliedRelation::Prepared;
  enum class Kind { insert, update, remove };
  // A change with its values in the order of its statement's parameters. `key`: what tells its row,
  // "" when nothing does. Values are views into the change's chunk or what keep() returned.
  // `prepared` stays where it is as long as the relation lives.
  Status add(Kind kind, const Prepared& prepared,
             std::span<const databases::PostgresParameter> values, std::string key,
             ApplyBatch::Change change);
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  // Sends what is gathered of a table, or all of it. Before anything else is sent of it, and at a
  // transaction's end; it may happen earlier, so that the server has something to do.
  Status send(const AppliedRelation& relation);
  Status send();

 private:
  using Parameter = databases::PostgresParameter;
  struct Group {
    const Prepared* prepared;
    std::vector<Parameter> values;  // row after row
    std::vector<ApplyBatch::Change> changes;
  };
  struct Table {
    std::vector<Group> groups;
    // Which group and row a key is in.
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> rows;
  };
  Status send(Table& table);
  Status send(const Group& group);

  ApplyBatch& batch_;
  std::unordered_map<const AppliedRelation*, Table> tables_;
  std::deque<std::string> kept_;
  std::vector<std::string> arrays_;
};

}  // namespace lakeshift::transfers

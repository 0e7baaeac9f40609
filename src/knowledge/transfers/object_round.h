// One round of a move of objects: both sides are listed, and what differs from what was carried is
// carried. Rounds repeated follow the changes; a round that finds nothing, after the writers were
// kept off, is the final difference.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "knowledge/transfers/object_copy.h"

namespace lakeshift::transfers {

struct ObjectRoundOptions {
  std::vector<std::string> leave_out;  // shell patterns of keys
  std::size_t workers = 4;
  std::function<void(std::int64_t done)> progress;
};

// found = held + excluded + folders + left + conflicts + moving
struct ObjectRoundReport {
  std::int64_t found = 0;  // of the side that takes the writes
  std::int64_t copied = 0, bytes = 0, removed = 0, same = 0, moving = 0;
  std::int64_t excluded = 0, folders = 0, blocks_there = 0;
  std::int64_t held = 0;
  std::vector<std::string> conflicts;  // "key: reason"
  bool quiet() const { return copied == 0 && removed == 0 && moving == 0 && same == 0; }
};

// `ledger` is of the direction from `from` to `to`. After an error what was done is remembered.
Result<ObjectRoundReport> run_object_round(stores::ObjectStore& from, stores::ObjectStore& to,
                                           ObjectLedger& ledger, const ObjectRoundOptions& options,
                                           world::Run& run);

bool is_left_out(const std::vector<std::string>& patterns, const std::string& key);

}  // namespace lakeshift::transfers

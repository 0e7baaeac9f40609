// What a move of objects remembers of each: what was carried, from which version to which, and what
// was left and why. A file of its own, with what both sides list meanwhile beside it, so that a
// bucket need not fit into memory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/state/database.h"
#include "knowledge/stores/store.h"

namespace lakeshift::transfers {

// Before a side's object is written the row says so (`writing`), so that after a kill what is there
// is known to be ours.
struct HeldObject {
  std::string key;
  bool known = false;  // the ledger has it
  bool writing = false;
  std::int64_t size = 0;
  std::string sha256, fields;                 // of the bytes; digest of what belongs to them
  std::string from_stamp, to_etag, to_stamp;  // "": to be looked at again
  std::string from_etag;
};

// One object of the side that takes the writes, and what is known of it elsewhere.
struct ObjectTask {
  stores::ListedObject from;  // key is empty: it is not there
  stores::ListedObject to;    // the same
  HeldObject held;
  const std::string& key() const { return from.key.empty() ? to.key : from.key; }
};

struct ComparedObject {
  std::string key, source_etag, target_etag;
};

struct LeftObject {
  std::string key, code, reason, remedy;
  bool carried = false;  // all but what the reason names
};

// Not thread safe.
class ObjectLedger {
 public:
  // `forward`: the source is the side that takes the writes.
  static Result<std::unique_ptr<ObjectLedger>> open(const std::string& file, bool forward);

  // Replaces what is known of what a side holds.
  Status list(bool from, stores::ObjectStore& store, world::Run& run);
  std::int64_t listed(bool from) const { return listed_[from ? 0 : 1]; }
  // Objects below a key, in the order of keys: those that are not known to be equal, or (all) every
  // one of either side.
  Result<std::vector<ObjectTask>> next(const std::string& after, bool all, std::size_t most);

  Status save(const std::vector<HeldObject>& rows, const std::vector<std::string>& gone,
              const std::vector<LeftObject>& left);
  // Rows of objects that neither side has are forgotten; times of writes of ours are learned from
  // the listing.
  Status settle();
  Result<std::vector<LeftObject>> left();
  // These were compared, in these versions, and were equal; and those that were not since they were
  // carried.
  Status mark_compared(const std::vector<ComparedObject>& equal);
  Result<std::vector<std::string>> not_compared();
  Result<std::int64_t> held_count();

 private:
  ObjectLedger(std::unique_ptr<state::Database> database, bool forward)
      : database_(std::move(database)), forward_(forward) {}
  // The names of columns by side: "from_etag" -> "source_etag" or "target_etag".
  std::string sql(std::string text) const;

  std::unique_ptr<state::Database> database_;
  const bool forward_;
  std::int64_t listed_[2] = {0, 0};
};

}  // namespace lakeshift::transfers

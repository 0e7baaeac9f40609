// One object carried to the other side.
#pragma once

#include <optional>

#include "knowledge/transfers/object_ledger.h"

namespace lakeshift::transfers {

struct ObjectOutcome {
  enum class Kind {
    copied,    // written, or (same) already so
    same,      // looked at, and nothing was to be written
    removed,   // there no longer
    moving,    // changed while it was carried: the next round takes it
    left,      // cannot be carried: `left` says why
    conflict,  // somebody else wrote there: never overwritten, `left.reason` says what
    skipped,   // excluded by name, or a marker of a folder
  };
  Kind kind = Kind::skipped;
  HeldObject held;
  LeftObject left;
  std::int64_t bytes = 0;
  std::int64_t blocks_there = 0;  // sent by a run before
};

// What is to be done about an object, before anything is read. Pure.
enum class ObjectStep { nothing, copy, remove, conflict };
struct ObjectDecision {
  ObjectStep step = ObjectStep::nothing;
  stores::Condition condition;  // of the write or removal
  std::string reason;           // of a conflict
};
ObjectDecision decide_object(const ObjectTask& task);

// The digest of what belongs to an object beside its bytes.
std::string fields_digest(const stores::ObjectFields& fields);

// Does what was decided. Errors are those after which nothing else would go well either
// (credentials, network, stopped).
Result<ObjectOutcome> carry_object(stores::ObjectStore& from, stores::ObjectStore& to,
                                   const ObjectTask& task, const ObjectDecision& decision,
                                   world::Run& run);

}  // namespace lakeshift::transfers

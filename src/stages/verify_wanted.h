// What the plan promised, with the ids that apply learned put in.
#pragma once

#include "stages/verify.h"

namespace lakeshift::stages {

class Wanted {
 public:
  explicit Wanted(const VerifyInput& input);
  const model::Change* change_of(const model::ObjectId& source) const;
  const state::LedgerRow* row_of(const model::ObjectId& source) const;
  // The target's id of what the change made or found; "" when apply did not get there.
  std::string target_id_of(const model::Change& change) const;
  // change.expected without placeholders. Error "not-applied" names the change whose id is not
  // known.
  Result<Json> document_of(const model::Change& change) const;

 private:
  Result<Json> bound(const std::string& change_id, const std::string& field) const;
  const VerifyInput& input_;
  model::InventoryIndex target_;
  std::map<model::ObjectId, const model::Change*> changes_;
  std::map<std::string, const model::Change*, std::less<>> by_id_;
  std::map<model::ObjectId, const state::LedgerRow*> rows_;
};

}  // namespace lakeshift::stages

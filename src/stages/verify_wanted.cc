#include "stages/verify_wanted.h"

#include "core/engine/walk.h"

namespace lakeshift::stages {

Wanted::Wanted(const VerifyInput& input) : input_(input), target_(input.target) {
  for (const model::Change& change : input.plan.changes) {
    changes_[change.source] = &change;
    by_id_[change.id] = &change;
  }
  for (const state::LedgerRow& row : input.ledger)
    if (row.target_side == input.target.side) rows_[row.source] = &row;
}

const model::Change* Wanted::change_of(const model::ObjectId& source) const {
  const auto found = changes_.find(source);
  return found == changes_.end() ? nullptr : found->second;
}

const state::LedgerRow* Wanted::row_of(const model::ObjectId& source) const {
  const auto found = rows_.find(source);
  return found == rows_.end() ? nullptr : found->second;
}

std::string Wanted::target_id_of(const model::Change& change) const {
  const state::LedgerRow* row = row_of(change.source);
  return row != nullptr && !row->target_id.empty() ? row->target_id : change.target_id;
}

Result<Json> Wanted::bound(const std::string& change_id, const std::string& field) const {
  const auto found = by_id_.find(change_id);
  if (found == by_id_.end()) return fail("not-applied", "the plan has no such change", change_id);
  const model::Change& change = *found->second;
  const std::string id = target_id_of(change);
  if (id.empty())
    return fail("not-applied",
                "it refers to " + change.source.kind + " '" + change.key + "', which was not made",
                change_id, "run 'lakeshift apply' again");
  const engine::Kind* kind = engine::find_kind(input_.kinds, change.source.kind);
  const model::Object* object = target_.by_id(change.source.kind, id);
  if (field == "id") {
    if (kind != nullptr && kind->id_is_number)
      if (auto number = parse_json(id, "id"); number && number->is_number()) return *number;
    return Json(id);
  }
  Json value = object == nullptr ? Json() : at_path(object->document, field);
  if (value.is_null())
    return fail(
        "not-applied",
        "the target's " + change.source.kind + " '" + change.key + "' has no '" + field + "'",
        change_id);
  return value;
}

Result<Json> Wanted::document_of(const model::Change& change) const {
  const engine::Bound look_up = [this](const std::string& id, const std::string& field) {
    return bound(id, field);
  };
  return engine::fill_in(change.expected, look_up, {});
}

}  // namespace lakeshift::stages

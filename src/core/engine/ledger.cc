#include "core/engine/ledger.h"

namespace lakeshift::engine {
namespace {

std::string state_of(model::Verb outcome) {
  switch (outcome) {
    case model::Verb::create:
      return "created";
    case model::Verb::update:
      return "updated";
    case model::Verb::adopt:
      return "adopted";
    default:
      return std::string(to_text(outcome));
  }
}

bool is_in_target(const std::string& state) {
  return state == "created" || state == "updated" || state == "adopted" || state == "verified" ||
         state == "cut-over";
}

}  // namespace

Status record_in_ledger(state::Journal& journal, const model::Plan& plan,
                        const model::Change& change, const Kind* kind, const std::string& target_id,
                        model::Verb outcome, const std::optional<Error>& error, int attempts) {
  LS_ASSIGN(const std::optional<state::LedgerRow> before, journal.row(change.source, plan.target));
  state::LedgerRow row = before.value_or(state::LedgerRow{});
  row.source = change.source;
  row.key = change.key;
  row.name = change.name;
  row.target_side = plan.target;
  row.target_key = change.target_key;
  // What is left alone is not ours for having the same name: another source may have made it.
  const bool is_left_alone = outcome == model::Verb::blocked || outcome == model::Verb::excluded ||
                             outcome == model::Verb::manual;
  if (!target_id.empty() && !is_left_alone) row.target_id = target_id;
  row.code = error ? error->code : change.code;
  row.reason = error ? error->message : change.reason;
  if (outcome == model::Verb::create && kind != nullptr && !kind->stamp_field.empty())
    row.stamp = change.source.to_text();
  const bool interrupted = error && error->code == "interrupted";
  if (!error && !change.fingerprint.empty() && !row.target_id.empty())
    row.fingerprint = change.fingerprint;
  // An object that stayed as it was keeps what was proved about it.
  const bool keeps_state = outcome == model::Verb::unchanged && before &&
                           is_in_target(before->state) && before->target_id == row.target_id;
  if (!keeps_state) row.state = interrupted ? "planned" : state_of(outcome);
  if (!change.actions.empty()) row.attempts = attempts;
  return journal.put_row(row);
}

}  // namespace lakeshift::engine

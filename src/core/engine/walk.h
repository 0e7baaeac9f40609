// Carries out a plan's actions: parallel along the graph, journal first, failures isolated,
// resumable.
#pragma once

#include <functional>

#include "core/engine/kind.h"
#include "core/state/journal.h"

namespace lakeshift::engine {

// Where placeholder values come from while a plan is carried out.
struct Supplies {
  std::function<Result<std::string>(const std::string& sha256)> content;
  // The value's bytes. Errors: "secret-unavailable".
  std::function<Result<std::string>(const Json& secret_reference)> secret;
};

struct WalkResult {
  // Per change id: how it ended. Changes whose verb was not create or update keep their verb.
  std::map<std::string, model::Verb> outcomes;
  std::map<std::string, Error> errors;  // for failed and blocked changes
  long long calls = 0;                  // remote calls made
  long long resumed = 0;                // actions that a former run had done
  bool stopped = false;                 // ended before everything was tried: resumable
  std::optional<Error> shut_out;        // why: the target no longer took the login
};

struct WalkOptions {
  bool ledger = true;  // write a ledger row for every object of the plan
};

// `run_name` separates the journals of apply, cutover, … Runs until everything that can be done is
// done. A change whose action failed is failed; the changes that refer to it, directly or not, are
// blocked with code "dependency-failed" naming it. On resume: actions settled as done are skipped;
// an in-doubt create is looked up with the kind's find before it is repeated; other in-doubt
// actions are repeated. A placeholder's field "id" is a number for kinds with id_is_number; for a
// change that binds nothing it is its target id, else its target key. Stopped
// by the stop token or because the target no longer takes the login: what runs is finished; changes
// that were not finished are Verb::failed with the error "interrupted". Error
// only when the journal itself fails (then nothing more is called).
Result<WalkResult> carry_out(const model::Plan& plan, KindSet kinds, Platform& target,
                             state::Journal& journal, const std::string& run_name,
                             const Supplies& supplies, world::Run& run,
                             const WalkOptions& options = {});

// What a call's answer or a placeholder cannot say is an error of its change: "dependency-failed"
// (the object referred to does not exist), "unknown-member" (its answer has no such member),
// "secret-unavailable", "secret-not-text". A $content or $secret may carry "encoding": "base64" (of
// the bytes) or "text" (the default: the bytes must be UTF-8). Replaces placeholders in a JSON
// value. `bound` returns the target id or member of a change's answer.
using Bound = std::function<Result<Json>(const std::string& change, const std::string& field)>;
Result<Json> fill_in(const Json& value, const Bound& bound, const Supplies& supplies);
Result<std::string> fill_in_text(const std::string& text, const Bound& bound);
// Change ids named by placeholders in the value.
void list_references(const Json& value, std::vector<std::string>& change_ids);
// The same with the field each of them wants.
void list_member_references(const Json& value,
                            std::vector<std::pair<std::string, std::string>>& members);

}  // namespace lakeshift::engine

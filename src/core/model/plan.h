// The plan: everything apply will do, call by call, each with its reason. A pure artefact; see
// docs/formats/plan.md.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/model/finding.h"
#include "core/model/object.h"

namespace lakeshift::model {

// One enumeration for all stages. Accounting: found = the sum over all of these, per kind.
enum class Verb { create, update, adopt, unchanged, manual, blocked, failed, excluded };
std::string_view to_text(Verb verb);
Verb verb_from_text(std::string_view text);  // unknown text -> Verb::failed
inline constexpr Verb kAllVerbs[] = {Verb::create, Verb::update,  Verb::adopt,  Verb::unchanged,
                                     Verb::manual, Verb::blocked, Verb::failed, Verb::excluded};

// One field whose value differs between what is wanted and what is there (plan), or between the
// sides (verify).
struct Difference {
  std::string path;       // "settings.tasks[0].timeout_seconds"
  Json before;            // what the target has; null when absent
  Json after;             // what it will have; null when absent
  std::string reason;     // why, when a mapping changed the value
  bool replaces = false;  // cannot be changed in place
};

// What a call does to the far side, and so what may be done when its outcome is unknown.
enum class Effect {
  read,
  idempotent,  // may be repeated (PUT, edit, delete, import with overwrite)
  create,      // must be looked up before it is repeated
};

// One remote call. Values that are known only when apply runs are placeholders inside `path`,
// `query` and `body`:
//   {"$ref": {"change": "<change id>", "field": "id"}}   the target id of another change (field:
//   "id" or a member
//                                                        of what its create call answered)
//   "${ref:<change id>:<field>}"                         the same inside a text (paths, policy
//   definitions)
//   {"$content": {"sha256": "…", "encoding": "base64"}}  bytes of the content store
//   {"$secret": {"side": "…", "scope": "…", "key": "…"}} a secret value, streamed from its source
// A change refers to itself by its own id ("${ref:<own id>:id}").
struct Action {
  std::string name;  // "create", "terminate", "pin", "set permissions"
  std::string method;
  std::string path;
  Json query = Json::object();
  Json body;
  Effect effect = Effect::idempotent;
  std::string family;  // pacing family
  std::string
      binds;  // member of the answer that becomes this change's target id; "" = binds nothing
  std::vector<std::string>
      needs;  // change ids whose binding action must be done before (beyond the change's own order)
  std::string note;  // shown in the plan, when the call needs explaining
  // An answer with this error code counts as done ("already-exists" for an add).
  std::vector<std::string> tolerated;
  // An error with this code passes by itself ("invalid-state" while something stops): the call is
  // repeated, with pauses, for at most ten minutes.
  std::vector<std::string> outwaited = {};
};

// A mapping decision, kept for the report: what became what, by which rule.
struct Decision {
  std::string path;
  std::string rule;  // "node-type", "identity", "storage", …
  Json before;
  Json after;
  std::string explanation;
};

struct Change {
  std::string id;  // stable: "<kind>:<source key>" made unique; the same input gives the same ids
  ObjectId source;
  std::string key;         // natural key in the source
  std::string target_key;  // natural key wanted in the target
  std::string name;
  Verb verb = Verb::create;
  std::string code;  // reason code for everything that is not done
  std::string reason;
  std::string owner;      // who acts when verb is manual
  std::string target_id;  // known for adopt, update, unchanged
  Json expected;  // the document wanted in the target, with placeholders: what verify compares
  std::string content;  // sha256 of wanted content
  // Digest of the source object as planned: what is sent and compared, its content, running state
  // left out. Apply copies it into the ledger; a later plan tells by it whether the source or the
  // target changed since.
  std::string fingerprint;
  std::vector<Difference> differences;
  std::vector<Decision> decisions;
  std::vector<Action> actions;  // in order
  std::vector<std::string>
      requires_changes;  // change ids this one refers to (all references, done or not)
};

struct Plan {
  static constexpr int kVersion = 1;
  Side source;
  Side target;
  Json source_platform;
  Json target_platform;
  std::string source_digest;  // of the inventories the plan was made from
  std::string target_digest;
  std::vector<Change> changes;  // sorted by (wave, kind, key)
  std::vector<Finding> findings;
  std::vector<KindCount> not_moved;  // counted only
  const Change* find(std::string_view id) const;
};

// The same plan with these changes only.
Plan cut_to(Plan plan, const std::set<std::string>& change_ids);

Json to_json(const Plan& plan);
// Errors: "bad-plan", "newer-format".
Result<Plan> plan_from_json(const Json& json);

// counts[kind][verb]; the equation of accounting is checked against the inventory's counts by
// check_accounting.
using Accounting = std::map<std::string, std::map<Verb, long long>>;
Accounting account(const Plan& plan);
// Error "accounting" names every kind where found != sum of verbs.
Status check_accounting(const Inventory& source, const Accounting& accounting);

}  // namespace lakeshift::model

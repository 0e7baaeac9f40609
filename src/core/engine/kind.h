// A kind of object: everything lakeshift knows about it, in one constant. One file per kind in
// knowledge/kinds.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/platform.h"
#include "core/engine/shared_reads.h"
#include "core/model/field.h"
#include "core/model/object.h"
#include "core/model/plan.h"
#include "core/world/executor.h"

namespace lakeshift::engine {

struct Kind;

// Tag key of stamps; it is never a difference.
inline constexpr std::string_view kStampKey = "lakeshift:source";

// What discovery hands to a kind. All functions are thread safe. All contexts of one discovery
// share one TaskGroup and one SharedReads, and outlive the group's last task: tasks of one kind may
// call another kind's context.
struct DiscoverContext {
  Platform& platform;
  world::Run& run;
  world::TaskGroup& tasks;             // parallel reads
  world::TaskGroup& permission_tasks;  // of all kinds together: they share one rate limit
  SharedReads& shared;                 // what several kinds read together
  std::function<Result<std::string>(std::string_view bytes)> put_content;  // -> sha256
  std::function<void(model::Object)> found;  // key may be left empty: set from natural_key
  std::function<void(long long)> listed;     // objects that a list named
  std::function<void(std::string reason)>
      out_of_scope;  // one listed object that is not part of the estate
  std::function<void(model::Finding)> finding;
};

// What planning hands to a kind to turn a wanted document into calls.
struct PlanContext {
  const Kind& kind;
  const Json& desired;          // mapped document with placeholders (see model::Action), inert
  const Json& source_document;  // as discovered
  const model::Object* actual;  // the matched object in the target; null when it will be created
  const Json& source_platform;  // cloud, host, account, workspace, user
  const Json& target_platform;  // the same of the target
  std::string stamp;            // "lakeshift:source" value for this object: <side>/<kind>/<id>
};

// How one object keeps people out of its side, and the exact way back.
struct Lockout {
  model::ObjectId object;
  std::string name;                      // for people: "user 'a@example.com'"
  std::vector<model::Action> out, back;  // in order; `back` restores what `out` took
  Json before;  // members of the document as they were: reading the side meanwhile puts them back
};

// What became of a run.
struct RunSeen {
  enum class State { running, succeeded, failed } state = State::running;
  std::string id;
  std::string outcome;  // the platform's word: "SUCCESS", "TIMEDOUT"; empty while it runs
  std::string message;  // the platform's, may be empty
  std::string url;      // its page, may be empty
};

// "unavailable" members are null: then the generic behaviour of engine/generic.h applies.
struct Kind {
  std::string_view name = {};      // "instance_pool"
  std::string_view title = {};     // "instance pool"
  std::string_view plural = {};    // "instance pools"
  int wave = 0;                    // order of display and of ties; real order follows references
  bool moves = true;               // false: counted only
  std::string_view family = {};    // pacing family
  std::string_view id_field = {};  // member of the document that holds the id (dotted)
  std::string_view key_field =
      {};                     // member that is the natural key (dotted), unless natural_key is set
  bool key_is_unique = true;  // false: the platform allows several objects of the same key
  bool key_ignores_case = false;
  Listing list = {};          // path empty: only the hook can list
  std::string_view get = {};  // path with {id}; empty: the list's items are complete
  std::string_view get_query =
      {};  // "cluster_id" (or "id=cluster_id"): the query parameter that takes the id
  std::string_view create = {};  // "POST /api/2.0/instance-pools/create"
  std::string_view update = {};  // "POST /api/2.0/instance-pools/edit"; empty: cannot be changed
  std::string_view remove = {};  // "POST /api/2.0/instance-pools/delete"
  std::string_view bind = {};    // member of the create answer that is the id
  std::string_view id_in_body =
      {};  // member of update's and remove's body that carries the id; empty: in the path
  std::string_view permissions = {};  // object type of the permissions API; empty: none
  std::string_view permissions_id =
      {};  // member that holds the id for permissions, when it is not id_field
  std::string_view stamp_field =
      {};  // map member that takes the stamp tag ("custom_tags"); empty: none
  std::span<const model::Field> fields = {};
  bool id_is_number = false;  // references by id are JSON numbers (job_id)

  // Hooks; null means the generic behaviour.
  Status (*discover)(const Kind&, DiscoverContext&) = nullptr;
  // Reads what the list and get calls do not say (libraries, owner) into '$' members of the
  // document.
  Status (*read_more)(const Kind&, DiscoverContext&, model::Object&) = nullptr;
  std::string (*natural_key)(const Json& document) = nullptr;
  std::string (*display_name)(const Json& document) = nullptr;
  // Non-empty: a listed object that is not part of the estate, with the reason.
  std::string (*out_of_scope)(const Json& document) = nullptr;
  // References that no field names: (kind, key) pairs, e.g. the folder a notebook is in.
  std::vector<std::pair<std::string, std::string>> (*implied_needs)(const Json& document) = nullptr;
  // Takes over into `desired` what the target keeps of its own (other members of a built-in group),
  // before desired and actual are compared; each thing taken over is a decision of the change.
  // Called when there is an actual object.
  void (*respect_target)(const PlanContext&, Json& desired, model::Change&) = nullptr;
  // Why this object cannot or must not be made by calls: sets change.verb (manual, blocked,
  // excluded), code, reason, owner.
  void (*classify)(const PlanContext&, model::Change&) = nullptr;
  // Makes a wanted document arrive without running anything by itself.
  void (*make_inert)(Json& desired) = nullptr;
  // Fills change.actions for verb create or update. change.differences is already filled.
  void (*plan_actions)(const PlanContext&, model::Change&) = nullptr;
  // Looks in the target for an object that an interrupted create may have made. Null: list and
  // compare key and stamp.
  Result<std::optional<std::string>> (*find)(const Kind&, Platform&, const model::Change&,
                                             std::stop_token) = nullptr;
  // The least document that can be created while objects that `desired` refers to do not exist yet:
  // breaks cycles of references, the full document follows as an update. Null: the members that
  // refer into the cycle are left out.
  Json (*stub)(const Json& desired) = nullptr;

  // Cutover. Null for kinds that never run by themselves.
  bool (*runs_by_itself)(const Json& document) = nullptr;
  // Calls that stop / start what runs by itself, on the side where `object` lives; `like` is the
  // document whose running state is wanted after a start.
  std::vector<model::Action> (*pause)(const model::Object& object) = nullptr;
  std::vector<model::Action> (*resume)(const model::Object& object, const Json& like) = nullptr;
  Result<long long> (*active_runs)(Platform&, const model::Object&, std::stop_token) = nullptr;
  // The first run of it, not of its parts, that began at or after `since`; none: not yet.
  Result<std::optional<RunSeen>> (*first_run)(Platform&, const model::Object&, world::Instant since,
                                              std::stop_token) = nullptr;
  // When it would have started runs by itself in (from, to], as far as its document tells (a file
  // that arrives is not told). Errors: the schedule cannot be read.
  Result<std::vector<world::Instant>> (*due_between)(const Json& document, world::Instant from,
                                                     world::Instant to) = nullptr;

  // What keeps everybody but administrators out of the side, by its inventory (cutover --freeze).
  // Never takes anything from an administrator or from the caller.
  std::vector<Lockout> (*keep_out)(const model::Inventory& side) = nullptr;

  // For the mapping documents: the object's page ("/jobs/{id}", after the host), and further
  // addresses under which programs reach it ("jdbc_url", "http_path").
  std::string_view page = {};
  std::vector<std::pair<std::string, std::string>> (*addresses)(const Json& document,
                                                                const Json& platform) = nullptr;
};

// Every kind that is linked in, sorted by name.
using KindSet = std::span<const Kind* const>;
const Kind* find_kind(KindSet kinds, std::string_view name);

}  // namespace lakeshift::engine

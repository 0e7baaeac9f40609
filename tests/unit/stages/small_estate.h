// A small platform of its own for tests of the stages: a few kinds with every trait that matters,
// and inventories of them.
#pragma once

#include "core/engine/kind.h"
#include "knowledge/clouds/mapper.h"
#include "stages/plan.h"

namespace lakeshift::small {

using model::Field;
using model::Meaning;
using model::Role;

inline constexpr Field kGrantFields[] = {
    {.name = "user_name", .meaning = Meaning::person, .target = "user"},
    {.name = "group_name", .meaning = Meaning::group, .target = "group"},
    {.name = "service_principal_name",
     .meaning = Meaning::application,
     .target = "service_principal",
     .target_field = "applicationId"},
    {.name = "permission_level"},
};
inline constexpr Field kGrants{.name = "$permissions",
                               .role = Role::observed,
                               .fields = kGrantFields,
                               .default_json = "[]",
                               .unordered = true};

inline constexpr Field kUserFields[] = {
    {.name = "id", .role = Role::read_only},
    {.name = "userName", .role = Role::create_only, .meaning = Meaning::person},
    {.name = "active"},
};
inline constexpr engine::Kind kUser{.name = "user",
                                    .title = "user",
                                    .plural = "users",
                                    .wave = 1,
                                    .family = "people",
                                    .id_field = "id",
                                    .key_field = "userName",
                                    .key_ignores_case = true,
                                    .list = {.path = "/users", .items = "items"},
                                    .create = "POST /users",
                                    .update = "PUT /users/{id}",
                                    .bind = "id",
                                    .fields = kUserFields};

inline constexpr Field kPrincipalFields[] = {
    {.name = "id", .role = Role::read_only},
    {.name = "applicationId", .role = Role::read_only},
    {.name = "displayName", .role = Role::create_only},
};
inline constexpr engine::Kind kPrincipal{.name = "service_principal",
                                         .title = "service principal",
                                         .plural = "service principals",
                                         .wave = 1,
                                         .family = "people",
                                         .id_field = "id",
                                         .key_field = "displayName",
                                         .key_is_unique = false,
                                         .list = {.path = "/principals", .items = "items"},
                                         .create = "POST /principals",
                                         .bind = "id",
                                         .fields = kPrincipalFields};

inline constexpr Field kMemberFields[] = {
    {.name = "value", .meaning = Meaning::reference, .target = "user|group|service_principal"}};
inline constexpr Field kGroupFields[] = {
    {.name = "id", .role = Role::read_only},
    {.name = "displayName", .role = Role::create_only, .meaning = Meaning::group},
    {.name = "members", .fields = kMemberFields, .default_json = "[]", .unordered = true},
};
inline constexpr engine::Kind kGroup{.name = "group",
                                     .title = "group",
                                     .plural = "groups",
                                     .wave = 1,
                                     .family = "people",
                                     .id_field = "id",
                                     .key_field = "displayName",
                                     .list = {.path = "/groups", .items = "items"},
                                     .create = "POST /groups",
                                     .update = "PUT /groups/{id}",
                                     .bind = "id",
                                     .fields = kGroupFields};

inline constexpr Field kPoolFields[] = {
    {.name = "id", .role = Role::read_only},     {.name = "name"}, {.name = "size"},
    {.name = "disk", .role = Role::create_only}, {.name = "tags"}, kGrants,
};
inline constexpr engine::Kind kPool{.name = "pool",
                                    .title = "pool",
                                    .plural = "pools",
                                    .wave = 5,
                                    .family = "pools",
                                    .id_field = "id",
                                    .key_field = "name",
                                    .list = {.path = "/pools", .items = "items"},
                                    .create = "POST /pools",
                                    .update = "PUT /pools/{id}",
                                    .bind = "id",
                                    .permissions = "pools",
                                    .stamp_field = "tags",
                                    .fields = kPoolFields};

inline constexpr Field kFolderFields[] = {
    {.name = "id", .role = Role::read_only},
    {.name = "path", .role = Role::create_only, .meaning = Meaning::tree_path},
    kGrants};
inline constexpr engine::Kind kFolder{.name = "folder",
                                      .title = "folder",
                                      .plural = "folders",
                                      .wave = 4,
                                      .family = "tree",
                                      .id_field = "id",
                                      .key_field = "path",
                                      .list = {.path = "/folders", .items = "items"},
                                      .create = "POST /folders",
                                      .bind = "id",
                                      .permissions = "folders",
                                      .fields = kFolderFields};

inline constexpr Field kNoteFields[] = {
    {.name = "id", .role = Role::read_only},
    {.name = "path", .role = Role::create_only, .meaning = Meaning::tree_path},
    {.name = "language", .role = Role::create_only}};
inline std::vector<std::pair<std::string, std::string>> folder_of(const Json& document) {
  const std::string path = text_at(document, "path");
  return {{"folder", path.substr(0, path.rfind('/'))}};
}
inline constexpr engine::Kind kNote{.name = "note",
                                    .title = "note",
                                    .plural = "notes",
                                    .wave = 4,
                                    .family = "tree",
                                    .id_field = "id",
                                    .key_field = "path",
                                    .list = {.path = "/notes", .items = "items"},
                                    .create = "POST /notes",
                                    .update = "PUT /notes/{id}",
                                    .bind = "id",
                                    .fields = kNoteFields,
                                    .implied_needs = folder_of};

inline constexpr Field kTaskFields[] = {
    {.name = "name"},
    {.name = "pool", .meaning = Meaning::reference, .target = "pool"},
    {.name = "flow", .meaning = Meaning::reference, .target = "flow"},
    {.name = "note", .meaning = Meaning::tree_path, .target = "note|folder|checkout"},
    {.name = "job", .meaning = Meaning::reference, .target = "job"},
};
inline constexpr Field kSettingFields[] = {
    {.name = "name"},
    {.name = "pause", .default_json = "\"UNPAUSED\""},
    {.name = "owner", .meaning = Meaning::person, .target = "user"},
    {.name = "tasks", .fields = kTaskFields},
    {.name = "tags"},
};
inline constexpr Field kJobFields[] = {{.name = "id", .role = Role::read_only},
                                       {.name = "creator_user_name", .role = Role::read_only},
                                       {.name = "settings", .fields = kSettingFields},
                                       kGrants};
inline void pause_job(Json& document) { document["settings"]["pause"] = "PAUSED"; }
inline bool job_runs(const Json& document) {
  return text_at(member(document, "settings"), "pause", "UNPAUSED") != "PAUSED";
}
inline constexpr engine::Kind kJob{.name = "job",
                                   .title = "job",
                                   .plural = "jobs",
                                   .wave = 9,
                                   .family = "jobs",
                                   .id_field = "id",
                                   .key_field = "settings.name",
                                   .key_is_unique = false,
                                   .list = {.path = "/jobs", .items = "items"},
                                   .create = "POST /jobs",
                                   .update = "POST /jobs/reset",
                                   .bind = "id",
                                   .id_in_body = "id",
                                   .permissions = "jobs",
                                   .stamp_field = "settings.tags",
                                   .fields = kJobFields,
                                   .id_is_number = true,
                                   .make_inert = pause_job,
                                   .runs_by_itself = job_runs};

inline constexpr Field kSecretFields[] = {{.name = "name", .role = Role::create_only},
                                          {.name = "value", .role = Role::secret},
                                          {.name = "changed", .role = Role::read_only}};
inline void put_secret(const engine::PlanContext& context, model::Change& change) {
  model::Action action;
  action.name = "put";
  action.method = "POST";
  action.path = "/secrets";
  action.body = {{"name", member(context.desired, "name")},
                 {"value", {{"$secret", {{"key", change.key}}}}}};
  change.actions.push_back(std::move(action));
}
inline constexpr engine::Kind kSecret{.name = "secret",
                                      .title = "secret",
                                      .plural = "secrets",
                                      .wave = 2,
                                      .family = "secrets",
                                      .id_field = "name",
                                      .key_field = "name",
                                      .list = {.path = "/secrets", .items = "items"},
                                      .create = "POST /secrets",
                                      .update = "POST /secrets",
                                      .fields = kSecretFields,
                                      .plan_actions = put_secret};

// Found and counted, but not moved.
inline constexpr engine::Kind kFlow{.name = "flow",
                                    .title = "flow",
                                    .plural = "flows",
                                    .moves = false,
                                    .family = "flows",
                                    .id_field = "id",
                                    .key_field = "name",
                                    .list = {.path = "/flows", .items = "items"}};
inline constexpr engine::Kind kCheckout{.name = "checkout",
                                        .title = "checkout",
                                        .plural = "checkouts",
                                        .moves = false,
                                        .family = "tree",
                                        .id_field = "id",
                                        .key_field = "path",
                                        .list = {.path = "/checkouts", .items = "items"}};

inline engine::KindSet kinds() {
  static const engine::Kind* const kAll[] = {&kCheckout, &kFlow, &kFolder,    &kGroup,  &kJob,
                                             &kNote,     &kPool, &kPrincipal, &kSecret, &kUser};
  return kAll;
}

// Builds an inventory whose counts add up.
class Estate {
 public:
  explicit Estate(std::string side) {
    inventory.side = std::move(side);
    inventory.platform = {{"cloud", inventory.side == "old" ? "azure" : "aws"},
                          {"user", "mover@x.org"}};
    for (const engine::Kind* kind : kinds()) {
      model::KindCount count;
      count.kind = kind->name;
      count.moves = kind->moves;
      inventory.counts.push_back(count);
    }
    inventory.sort();
  }
  model::Object& add(const engine::Kind& kind, const std::string& id, const std::string& key,
                     Json document, const std::string& content = "") {
    model::Object object;
    object.id = {inventory.side, std::string(kind.name), id};
    object.key = key;
    object.name = key;
    object.document = std::move(document);
    set_path(object.document, kind.id_field, kind.id_is_number ? Json(std::stoll(id)) : Json(id));
    object.content = content;
    inventory.objects.push_back(std::move(object));
    for (model::KindCount& count : inventory.counts)
      if (count.kind == kind.name) ++count.listed;
    return inventory.objects.back();
  }
  model::Object& user(const std::string& id, const std::string& name) {
    return add(kUser, id, name, {{"userName", name}, {"active", true}});
  }
  model::Object& pool(const std::string& id, const std::string& name, int size = 1) {
    return add(kPool, id, name,
               {{"name", name}, {"size", size}, {"disk", "ssd"}, {"$permissions", Json::array()}});
  }
  model::Object& job(const std::string& id, const std::string& name, Json tasks = Json::array()) {
    return add(
        kJob, id, name,
        {{"settings", {{"name", name}, {"pause", "UNPAUSED"}, {"tasks", std::move(tasks)}}}});
  }
  model::Inventory inventory;
};

// Everything make_plan wants, with defaults that tests override.
struct Planned {
  Planned(const Estate& from, const Estate& to) : source(from.inventory), target(to.inventory) {}
  Result<model::Plan> plan() {
    clouds::MappingContext context;
    context.from = clouds::find_cloud("azure");
    context.to = clouds::find_cloud("aws");
    context.source_platform = source.platform;
    context.target_platform = target.platform;
    context.user = user;
    const clouds::Mapper mapper(std::move(context));
    return stages::make_plan(
        {source, target, kinds(), mapper, route, only, ledger, content, secrets_available});
  }
  model::Inventory source, target;
  clouds::UserMapping user;
  stages::Route route{.from = "old", .to = "new"};
  stages::Selection only;
  std::vector<state::LedgerRow> ledger;
  std::function<Result<std::string>(const std::string&)> content;
  bool secrets_available = true;
};

inline state::LedgerRow row(const model::Object& source, const std::string& target_id,
                            const std::string& state = "created") {
  state::LedgerRow made;
  made.source = source.id;
  made.key = source.key;
  made.target_side = "new";
  made.target_id = target_id;
  made.state = state;
  return made;
}

inline bool has_finding(const std::vector<model::Finding>& findings, const std::string& code,
                        const std::string& key = "") {
  for (const model::Finding& finding : findings)
    if (finding.code == code && (key.empty() || finding.key == key)) return true;
  return false;
}

}  // namespace lakeshift::small

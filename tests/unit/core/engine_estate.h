// A plan with one of each shape of change, for the tests that break its execution everywhere.
#pragma once

#include "core/engine/generic.h"
#include "core/engine/walk.h"
#include "tests/unit/fakes/estate_platform.h"
#include "tests/unit/fakes/fake_world.h"
#include "tests/unit/fakes/faulty_journal.h"

namespace lakeshift::engine::testing {

inline constexpr Kind kPool = {.name = "pool",
                               .title = "pool",
                               .plural = "pools",
                               .id_field = "id",
                               .key_field = "name",
                               .list = {.path = "/api/pool/list", .items = "items"},
                               .get = "/api/pool/get",
                               .get_query = "id",
                               .create = "POST /api/pool/create",
                               .update = "POST /api/pool/edit",
                               .bind = "id",
                               .id_in_body = "id"};
inline constexpr Kind kJob = {.name = "job",
                              .title = "job",
                              .plural = "jobs",
                              .id_field = "id",
                              .key_field = "name",
                              .key_is_unique = false,
                              .list = {.path = "/api/job/list", .items = "items"},
                              .get = "/api/job/get",
                              .get_query = "id",
                              .create = "POST /api/job/create",
                              .update = "POST /api/job/edit",
                              .bind = "id",
                              .id_in_body = "id",
                              .permissions = "jobs",
                              .stamp_field = "tags",
                              .id_is_number = true};
inline constexpr Kind kPrincipal = {.name = "principal",
                                    .title = "principal",
                                    .plural = "principals",
                                    .id_field = "id",
                                    .key_field = "name",
                                    .key_is_unique = false,
                                    .list = {.path = "/api/principal/list", .items = "items"},
                                    .create = "POST /api/principal/create",
                                    .bind = "id"};
inline constexpr Kind kScope = {.name = "scope",
                                .title = "scope",
                                .plural = "scopes",
                                .id_field = "name",
                                .key_field = "name",
                                .list = {.path = "/api/scope/list", .items = "items"},
                                .create = "POST /api/scope/create"};
inline constexpr Kind kSecret = {.name = "secret",
                                 .title = "secret",
                                 .plural = "secrets",
                                 .id_field = "name",
                                 .key_field = "name"};
inline constexpr Kind kNote = {.name = "note",
                               .title = "note",
                               .plural = "notes",
                               .id_field = "id",
                               .key_field = "path",
                               .list = {.path = "/api/note/list", .items = "items"},
                               .get = "/api/note/get",
                               .get_query = "id",
                               .bind = "id"};
inline constexpr const Kind* kKinds[] = {&kJob, &kNote, &kPool, &kPrincipal, &kScope, &kSecret};

inline model::Action action(const std::string& name, const std::string& path, Json body,
                            model::Effect effect, const std::string& binds = "") {
  model::Action made;
  made.name = name;
  made.method = "POST";
  made.path = path;
  made.body = std::move(body);
  made.effect = effect;
  made.binds = binds;
  return made;
}

inline model::Change change(const std::string& kind, const std::string& name) {
  model::Change made;
  made.id = kind + ":" + name;
  made.source = {"old", kind, "src-" + name};
  made.key = made.target_key = made.name = name;
  made.expected = {{"name", name}};
  made.fingerprint = "print " + name;
  return made;
}

inline Json stamped(const std::string& name) {
  return {{"name", name}, {"tags", {{kStampKey, "old/job/src-" + name}}}};
}

// pool <- job a <-> job b; job b runs as a principal; scope <- secret; a note with content; a pool
// that is there already.
inline model::Plan estate_plan() {
  using model::Effect;
  model::Plan plan;
  plan.source = "old";
  plan.target = "new";
  model::Change pool = change("pool", "p");
  pool.actions = {action("create", "/api/pool/create", {{"name", "p"}}, Effect::create, "id")};

  model::Change principal = change("principal", "robot");
  principal.actions = {
      action("create", "/api/principal/create", {{"name", "robot"}}, Effect::create, "id")};

  model::Change job_a = change("job", "a");
  Json full = stamped("a");
  full["pool_id"] = reference_to("pool:p");
  full["job_id"] = reference_to("job:b");
  full["id"] = reference_to("job:a");
  job_a.actions = {action("create", "/api/job/create", stamped("a"), Effect::create, "id"),
                   action("update", "/api/job/edit", full, Effect::idempotent)};

  model::Change job_b = change("job", "b");
  Json body = stamped("b");
  body["job_id"] = reference_to("job:a");
  body["run_as"] = reference_to("principal:robot", "applicationId");
  body["text"] = "uses pool " + reference_text("pool:p") + " and " + reference_text("pool:old");
  job_b.actions = {
      action("create", "/api/job/create", body, Effect::create, "id"),
      action("set permissions", "/api/2.0/permissions/jobs/" + reference_text("job:b"),
             {{"access_control_list",
               {{{"service_principal_name", reference_to("principal:robot", "applicationId")},
                 {"permission_level", "IS_OWNER"}}}}},
             Effect::idempotent)};

  model::Change scope = change("scope", "s");
  scope.actions = {action("create", "/api/scope/create", {{"name", "s"}}, Effect::create)};
  model::Change secret = change("secret", "s/k");
  secret.actions = {
      action("put", "/api/secret/put",
             {{"name", "s/k"},
              {"scope", reference_to("scope:s")},
              {"string_value", {{"$secret", {{"side", "old"}, {"scope", "s"}, {"key", "k"}}}}}},
             Effect::idempotent)};
  model::Change note = change("note", "/n");
  note.expected = {{"path", "/n"}};
  note.actions = {action(
      "import", "/api/note/import",
      {{"path", "/n"}, {"content", {{"$content", {{"sha256", "abc"}, {"encoding", "base64"}}}}}},
      Effect::idempotent, "id")};
  note.actions[0].needs = {"pool:p"};
  model::Change old = change("pool", "old");
  old.verb = model::Verb::adopt;
  old.target_id = "id-100001";
  plan.changes = {pool, old, principal, job_a, job_b, scope, secret, note};
  return plan;
}

inline constexpr const char* kCanary = "canary-5f1d";

inline Supplies supplies() {
  return {[](const std::string&) -> Result<std::string> { return std::string("print(1)\n"); },
          [](const Json&) -> Result<std::string> { return std::string(kCanary); }};
}

struct Stage {
  fakes::FakeWorld world;
  fakes::EstatePlatform target{world.clock};
  std::unique_ptr<state::Journal> durable = std::move(*state::Journal::open_in_memory());
  Stage() {
    target.add("pool", {{"name", "old"}});
    target.add("principal", {{"name", "robot"}, {"applicationId", "foreign"}});
    world.run.parallel = 1;
  }
  Result<WalkResult> apply(state::Journal& journal) {
    return carry_out(estate_plan(), kKinds, target, journal, "apply", supplies(), world.run);
  }
};

}  // namespace lakeshift::engine::testing

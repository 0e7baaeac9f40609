#include "surfaces/cli/rehearsal.h"

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/credentials/credential.h"
#include "knowledge/kinds/registry.h"
#include "knowledge/platforms/availability.h"
#include "knowledge/platforms/databricks.h"

namespace lakeshift::cli {
namespace {

Json reference_of(const Json& lists) {
  Json reference = Json::object();
  const auto copy = [&](const char* from, const char* to) {
    const Json& list = member(lists, from);
    if (list.is_array()) reference[to] = list;
  };
  copy("node_types", "node_types");
  copy("spark_versions", "versions");
  const Json& zones = member(lists, "zones");
  const Json& names = zones.is_object() ? member(zones, "zones") : zones;
  if (names.is_array()) reference["zones"] = names;
  return reference;
}

}  // namespace

Result<Json> twin_state_of(const model::Inventory& inventory, engine::KindSet kinds,
                           const std::function<Result<std::string>(const std::string&)>& content) {
  Json all = Json::object();
  for (const model::Object& object : inventory.objects) {
    const engine::Kind* kind = engine::find_kind(kinds, object.id.kind);
    if (!kind || !kind->moves || !object.unread_code.empty()) continue;
    Json document = object.document;
    if (!object.content.empty()) {
      LS_ASSIGN(const std::string bytes, content(object.content));
      document["$content"] = base64_encode(bytes);
    }
    all[object.id.kind].push_back(std::move(document));
  }
  all["reference"] = reference_of(inventory.reference);
  return all;
}

Result<world::HttpResponse> LateTransport::send(const world::HttpRequest& request,
                                                std::stop_token stop) {
  if (!inner_) return fail("unreachable", "a rehearsal calls nothing outside", request.url);
  return inner_->send(request, std::move(stop));
}

RehearsalRoom::RehearsalRoom(Session& session)
    : clock_(session.run.world.clock.now()),
      world_{clock_, transport_, session.run.world.files, session.run.world.random,
             session.run.world.environment},
      run_{world_, session.out, session.run.stop, session.run.parallel} {}

Result<std::unique_ptr<RehearsalRoom>> RehearsalRoom::open(Session& session, Migration& migration,
                                                           const model::Inventory& target) {
  std::unique_ptr<RehearsalRoom> room(new RehearsalRoom(session));
  twin::TwinOptions options;
  options.cloud = text_at(target.platform, "cloud");
  options.workspace_id = scalar_text(member(target.platform, "workspace_id"));
  if (options.workspace_id == "null") options.workspace_id.clear();
  if (const std::string tier = text_at(target.platform, "tier"); !tier.empty()) options.tier = tier;
  if (const auto tier = platforms::tier_told_by(target.counts); !tier.empty()) options.tier = tier;
  options.token = "rehearsal-" + world::random_hex(session.run.world.random, 8);
  LS_ASSIGN(room->twin_, twin::Twin::create(room->world_, options));
  state::WorkDir* dir = migration.dir.get();
  LS_ASSIGN(const Json state,
            twin_state_of(target, kinds::all_kinds(),
                          [dir](const std::string& digest) { return dir->get_content(digest); }));
  LS_TRY(room->twin_->restore(state));
  room->transport_.connect(twin::make_twin_transport(*room->twin_));
  credentials::Access access;
  access.host = text_at(target.platform, "host", "https://rehearsal.invalid");
  access.token = world::Secret(options.token);
  access.origin = "the rehearsal";
  LS_ASSIGN(auto credential, credentials::make_credential(access));
  platforms::DatabricksOptions connection;
  connection.side = target.side;
  connection.cloud = options.cloud;
  connection.documented_limits = false;
  LS_ASSIGN(room->platform_, platforms::connect_databricks(room->run_, std::move(credential),
                                                           access.host, connection));
  LS_TRY(room->open_scratch(migration.dir->path("rehearsal")));
  return room;
}

// A journal of its own, empty at the start of every rehearsal.
Status RehearsalRoom::open_scratch(const std::string& root) {
  world::Files& files = world_.files;
  for (const char* name : {"format", "state.sqlite", "state.sqlite-wal", "state.sqlite-shm"}) {
    const std::string path = root + "/.lakeshift/" + name;
    if (files.exists(path)) LS_TRY(files.remove(path));
  }
  LS_TRY(files.make_directories(root));
  LS_ASSIGN(scratch_, state::WorkDir::create(world_, root));
  LS_ASSIGN(journal_, state::Journal::open(*scratch_));
  return {};
}

}  // namespace lakeshift::cli

#include "stages/move_room.h"

#include "core/base/digest.h"
#include "core/base/strings.h"
#include "stages/move_junit.h"

namespace lakeshift::stages {
namespace {

constexpr int kHandOverTries = 150;
constexpr world::Millis kHandOverPause{100};
const std::string kNoLine(64, '0');

std::string line_digest(const Json& line) { return sha256_hex(dump_json(line)); }

// A line that was changed or taken away is an error, wherever it was: what was last written is
// remembered apart. (Between writing the two a run may be killed: then one line is further.)
Status judge_chain(const EvidenceChain& chain, const std::optional<Json>& head,
                   const std::string& file) {
  const std::string remedy =
      "take the file from a backup, or move it and evidence-head.json away: "
      "a new one is begun";
  if (chain.broken_line > 0)
    return fail("evidence-broken",
                "line " + std::to_string(chain.broken_line) +
                    " does not follow from the line before: it was changed, "
                    "or one was taken away",
                file, remedy);
  if (!head) return {};
  const auto lines = static_cast<std::size_t>(int_at(*head, "lines"));
  if (lines > chain.digests.size())
    return fail("evidence-broken",
                "it has " + std::to_string(chain.digests.size()) + " lines, and had " +
                    std::to_string(lines) + ": lines were taken away at its end",
                file, remedy);
  if (lines > 0 && chain.digests[lines - 1] != text_at(*head, "digest"))
    return fail(
        "evidence-broken",
        "line " + std::to_string(lines) + " is not the one that was written: it was changed", file,
        remedy);
  return {};
}

}  // namespace

Result<MoveRoom> MoveRoom::open(world::World& world, const std::string& root,
                                const std::string& move) {
  LS_ASSIGN(auto dir, state::WorkDir::open(world, root, state::WorkDir::Access::read));
  MoveRoom room(world, std::move(dir), move);
  LS_TRY(world.files.make_directories(room.folder_));
  return room;
}

Status MoveRoom::lock(const std::string& verb) {
  const std::string request = folder_ + "/wanted";
  for (int attempt = 0;; ++attempt) {
    auto lock = world::lock_file(folder_ + "/lock");
    if (lock) {
      lock_ = std::move(*lock);
      if (world_->files.exists(request)) LS_TRY(world_->files.remove(request));
      return {};
    }
    if (lock.error().code != "locked") return fail(lock.error());
    if (attempt == 0) LS_TRY(world_->files.write_atomically(request, verb + "\n"));
    if (attempt == kHandOverTries) {
      LS_TRY(world_->files.remove(request));
      Error error = lock.error();
      error.remedy = "another lakeshift drives this move; wait until it has ended, or stop it";
      return fail(error);
    }
    world_->clock.sleep(kHandOverPause, {});
  }
}

Result<bool> MoveRoom::try_lock() {
  auto lock = world::lock_file(folder_ + "/lock");
  if (!lock && lock.error().code != "locked") return fail(lock.error());
  if (lock) lock_ = std::move(*lock);
  return locked();
}

bool MoveRoom::wanted() const { return world_->files.exists(folder_ + "/wanted"); }

Result<MoveState> MoveRoom::load() const {
  LS_ASSIGN(const std::optional<Json> json, document("state"));
  MoveState state;
  if (!json) return state;
  state.phase = text_at(*json, "phase", state.phase);
  state.part = text_at(*json, "part");
  state.leg = static_cast<int>(int_at(*json, "leg"));
  state.whole = bool_at(*json, "whole");
  state.pause_began_ms = int_at(*json, "pause_began_ms");
  if (const Json& tables = member(*json, "tables"); tables.is_array())
    for (const Json& table : tables)
      state.tables.emplace_back(text_at(table, "schema"), text_at(table, "name"));
  if (const Json& history = member(*json, "history"); history.is_array()) state.history = history;
  return state;
}

Status MoveRoom::save(const MoveState& state) const {
  Json json = {{"phase", state.phase},
               {"part", state.part},
               {"leg", state.leg},
               {"whole", state.whole},
               {"pause_began_ms", state.pause_began_ms},
               {"history", state.history},
               {"tables", Json::array()}};
  for (const auto& [schema, name] : state.tables)
    json["tables"].push_back({{"schema", schema}, {"name", name}});
  return save_document("state", json);
}

Status MoveRoom::save_document(const std::string& name, const Json& value) const {
  return dir_->save_artefact("moves/" + name_ + "/" + name, value);
}

Result<std::optional<Json>> MoveRoom::document(const std::string& name) const {
  auto json = dir_->load_artefact("moves/" + name_ + "/" + name);
  if (json) return std::optional<Json>(std::move(*json));
  if (json.error().code == "not-found") return std::optional<Json>();
  return fail(json.error());
}

Status MoveRoom::forget_document(const std::string& name) const {
  const std::string file = folder_ + "/" + name + ".json";
  return world_->files.exists(file) ? world_->files.remove(file) : Status{};
}

Status MoveRoom::note(const std::string& verb, const std::string& step, const Json& facts,
                      const std::string& told) const {
  std::unique_ptr<world::FileLock> lock;
  for (int attempt = 0; !lock; ++attempt) {
    auto got = world::lock_file(folder_ + "/evidence.lock");
    if (got) {
      lock = std::move(*got);
      break;
    }
    if (got.error().code != "locked" || attempt == kHandOverTries) return fail(got.error());
    world_->clock.sleep(world::Millis(10), {});
  }
  const std::string file = folder_ + "/evidence.jsonl";
  LS_ASSIGN(const EvidenceChain chain, evidence());
  LS_TRY(judge_chain(chain, head(), file));
  Json line = {{"at", world::to_iso8601(world_->clock.now())},
               {"move", name_},
               {"verb", verb},
               {"step", step},
               {"facts", facts},
               {"previous", chain.digests.empty() ? kNoLine : chain.digests.back()}};
  if (!told.empty()) line["text"] = told;
  LS_TRY(world_->files.write_atomically(file, chain.text + dump_json(line) + "\n"));
  return save_document("evidence-head",
                       {{"lines", chain.digests.size() + 1}, {"digest", line_digest(line)}});
}

Result<EvidenceChain> MoveRoom::evidence() const {
  EvidenceChain chain;
  const std::string file = folder_ + "/evidence.jsonl";
  if (!world_->files.exists(file)) return chain;
  LS_ASSIGN(chain.text, world_->files.read(file));
  int number = 0;
  for (const std::string& raw : split(chain.text, '\n')) {
    if (raw.empty()) continue;
    ++number;
    auto line = parse_json(raw, file);
    const std::string& before = chain.digests.empty() ? kNoLine : chain.digests.back();
    if ((!line || text_at(*line, "previous") != before) && chain.broken_line == 0)
      chain.broken_line = number;
    chain.digests.push_back(line ? line_digest(*line) : sha256_hex(raw));
    chain.lines.push_back(line ? std::move(*line) : Json(nullptr));
  }
  return chain;
}

std::optional<Json> MoveRoom::head() const {
  auto known = document("evidence-head");
  return known ? std::move(*known) : std::nullopt;
}

Status MoveRoom::check_evidence() const {
  LS_ASSIGN(const EvidenceChain chain, evidence());
  return judge_chain(chain, head(), folder_ + "/evidence.jsonl");
}

Status MoveRoom::save_junit(const std::string& verb, const MoveReport& report) const {
  return world_->files.write_atomically(folder_ + "/junit-" + verb + ".xml",
                                        junit_of_verb(name_, verb, report));
}

}  // namespace lakeshift::stages

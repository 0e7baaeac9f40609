#include "stages/move_room.h"

#include "core/base/digest.h"
#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {

constexpr int kHandOverTries = 150;
constexpr world::Millis kHandOverPause{100};
const std::string kNoLine(64, '0');

std::string xml(std::string_view text) {
  std::string escaped = printable(text);
  for (const auto& [from, to] : {std::pair("&", "&amp;"), std::pair("<", "&lt;"),
                                 std::pair(">", "&gt;"), std::pair("\"", "&quot;")})
    escaped = replace_all(std::move(escaped), from, to);
  return escaped;
}

std::string test_case(const std::string& suite, const std::string& name, const std::string& failure,
                      const std::string& text) {
  std::string line = "  <testcase classname=\"" + xml(suite) + "\" name=\"" + xml(name) + "\"";
  if (failure.empty()) return line + "/>\n";
  return line + "><failure message=\"" + xml(failure) + "\">" + xml(text) +
         "</failure></testcase>\n";
}

std::string line_digest(const Json& line) { return sha256_hex(dump_json(line)); }

// The digest of the last line; the first line that is wrong is an error.
Result<std::string> follow_chain(const std::string& text, const std::string& file) {
  std::string digest = kNoLine;
  int number = 0;
  for (const std::string& raw : split(text, '\n')) {
    if (raw.empty()) continue;
    ++number;
    auto line = parse_json(raw, file);
    if (!line || text_at(*line, "previous") != digest)
      return fail("evidence-broken",
                  "line " + std::to_string(number) +
                      " does not follow from the line before: it was changed, "
                      "or one was taken away",
                  file, "take the file from a backup, or move it away: a new one is begun");
    digest = line_digest(*line);
  }
  return digest;
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

Status MoveRoom::note(const std::string& verb, const std::string& step, const Json& facts) const {
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
  std::string text;
  if (world_->files.exists(file)) {
    LS_ASSIGN(text, world_->files.read(file));
  }
  LS_ASSIGN(const std::string previous, follow_chain(text, file));
  const Json line = {{"at", world::to_iso8601(world_->clock.now())},
                     {"move", name_},
                     {"verb", verb},
                     {"step", step},
                     {"facts", facts},
                     {"previous", previous}};
  return world_->files.write_atomically(file, text + dump_json(line) + "\n");
}

Status MoveRoom::check_evidence() const {
  const std::string file = folder_ + "/evidence.jsonl";
  if (!world_->files.exists(file)) return {};
  LS_ASSIGN(const std::string text, world_->files.read(file));
  LS_TRY(follow_chain(text, file));
  return {};
}

Status MoveRoom::save_junit(const std::string& verb, const MoveReport& report) const {
  const std::string suite = "move " + name_ + " " + verb;
  std::string cases;
  int tests = 0;
  int failures = 0;
  const auto add = [&](const std::string& name, const std::string& failure,
                       const std::string& text) {
    ++tests;
    failures += failure.empty() ? 0 : 1;
    cases += test_case(suite, name, failure, text);
  };
  for (const MoveGate& gate : report.gates)
    add("gate " + gate.name, gate.open ? "" : gate.text, gate.remedy);
  for (const model::Finding& finding : report.findings)
    add(finding.code + " " + finding.key,
        finding.severity == model::Severity::blocking ? finding.cause : "", finding.remedy);
  for (const std::string& step : report.steps) add(step, "", "");
  for (const std::string& difference : report.differences) add("rows", "a row differs", difference);
  add("outcome", report.outcome == MoveOutcome::done ? "" : report.reason, report.traffic);
  return world_->files.write_atomically(
      folder_ + "/junit-" + verb + ".xml",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" + xml(suite) +
          "\" tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failures) +
          "\">\n" + cases + "</testsuite>\n");
}

}  // namespace lakeshift::stages

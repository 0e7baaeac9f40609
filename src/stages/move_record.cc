#include "stages/move_record.h"

#include <fmt/format.h>

#include <map>

#include "stages/move_images.h"
#include "stages/move_junit.h"
#include "stages/move_objects.h"
#include "stages/move_redis.h"
#include "stages/move_room.h"

namespace lakeshift::stages {
namespace {

// Facts of steps that say what was not done.
struct Omission {
  const char *step, *fact, *what, *why;
};
constexpr Omission kOmissions[] = {
    {"preflight", "left_out", "tables left out",
     "'leave_out' of the move names them: they stay at the source"},
    {"before-data", "failed", "definitions refused by the target",
     "see the findings of that run; nothing depends on them"},
    {"after-data", "failed", "definitions refused by the target",
     "see the findings of that run; nothing depends on them"},
    {"validation", "failed", "checks refused by the target", "see the findings of that run"},
    {"copy", "kept", "tables not copied again", "an earlier run had finished them"},
    {"copy", "as_text", "tables copied as text, not in binary form", "the reason is with each"},
    {"copy", "by_type", "keys carried by the commands of their types",
     "their payload is too big, or the target refuses it"},
    {"copy", "gone", "keys that were gone before they were carried",
     "deleted or expired at the source meanwhile"},
    {"cold", "keys_left", "keys not carried", "the move is declared cold"},
    {"verify", "unlogged_tables", "unlogged tables not compared while both sides live",
     "no change stream carries them: carried and compared at each switch"},
    {"verify", "not_judged", "rows not judged while both sides live",
     "they changed each time they were looked at: compared at rest, in the pause"},
    {"verify", "moving", "keys not judged while both sides live",
     "they changed each time they were looked at: compared at rest, in the pause"},
    {"verify", "expiring", "keys not compared", "they were to expire within two seconds"},
    {"verify", "chunks_taken_over", "chunks not compared again by a resumed comparison",
     "proven before it was cut short, and written to by neither side since"},
    {"fence", "not_fenced", "superusers that nothing can fence", "they had sessions at a switch"},
};

long long count_of(const Json& fact) {
  if (fact.is_array()) return static_cast<long long>(fact.size());
  return fact.is_number_integer() ? fact.get<long long>() : 0;
}

class Recorder {
 public:
  explicit Recorder(const EvidenceChain& chain) : chain_(chain) {}

  void read() {
    for (const Json& line : chain_.lines)
      if (line.is_object()) take(line);
    for (auto& [verb, run] : open_)
      if (!run["steps"].empty()) runs_.push_back(std::move(run));
    tell_ends();
  }

  Json runs() const { return runs_; }
  Json last(const std::string& step) const {
    const auto found = last_.find(step);
    return found == last_.end() ? Json::object() : found->second;
  }
  // Of every step the latest, but each way back and each end that was none.
  Json not_done() const {
    Json list = Json::array();
    for (const Omission& one : kOmissions) {
      const auto found = last_.find(one.step);
      if (found == last_.end()) continue;
      const Json& fact = member(found->second, one.fact);
      const long long count = count_of(fact);
      if (count > 0)
        list.push_back({{"what", one.what},
                        {"count", count},
                        {"why", one.why},
                        {"names", fact.is_array() ? fact : names_beside(found->second, one.fact)}});
    }
    for (const auto& [reason, count] : ends_)
      list.push_back({{"what", reason.first},
                      {"count", count},
                      {"why", reason.second},
                      {"names", Json::array()}});
    return list;
  }

 private:
  static Json names_beside(const Json& facts, const std::string& fact) {
    const Json& names = member(facts, fact + "_rows");
    return names.is_array() ? names : Json::array();
  }

  void take(const Json& line) {
    const std::string verb = text_at(line, "verb");
    const std::string step = text_at(line, "step");
    const std::string at = text_at(line, "at");
    Json& run = open_[verb];
    if (run.is_null()) run = {{"verb", verb}, {"began", at}, {"at", at}, {"steps", Json::array()}};
    run["at"] = at;
    const Json& facts = member(line, "facts");
    if (step != "end") {
      last_[step] = facts;
      run["steps"].push_back(
          {{"at", at}, {"step", step}, {"text", text_at(line, "text")}, {"facts", facts}});
      return;
    }
    for (const auto& [name, value] : facts.items()) run[name] = value;
    runs_.push_back(std::move(run));
    open_.erase(verb);
  }

  void tell_ends() {
    for (const Json& run : runs_) {
      const std::string outcome = text_at(run, "outcome");
      const std::string verb = text_at(run, "verb");
      if (outcome == "blocked") ++ends_[{verb + " refused", reason_of(run)}];
      if (outcome == "went-back") ++ends_[{verb + " gone back by itself", text_at(run, "reason")}];
      if (outcome == "interrupted") ++ends_[{verb + " stopped by the user", "resumable"}];
      if (outcome.empty())
        ++ends_[{verb + " without an end", "killed, ended by an error, or still going on"}];
      for (const Json& finding : member(run, "findings"))
        if (text_at(finding, "severity") == "warning")
          ++ends_[{"warning " + text_at(finding, "code") + " at " + verb,
                   text_at(finding, "cause")}];
    }
  }

  static std::string reason_of(const Json& run) {
    std::string text = text_at(run, "reason");
    for (const Json& gate : member(run, "gates"))
      if (!bool_at(gate, "open"))
        text += "; gate " + text_at(gate, "name") + ": " + text_at(gate, "text");
    return text;
  }

  const EvidenceChain& chain_;
  std::map<std::string, Json> open_;  // by verb: another process may compare meanwhile
  std::map<std::string, Json> last_;
  std::map<std::pair<std::string, std::string>, int> ends_;
  Json runs_ = Json::array();
};

std::string kind_of(world::World& world, const MoveConfig& move) {
  if (is_redis_move(world, move)) return "Redis";
  if (is_object_move(world, move)) return "objects";
  if (is_image_move(world, move)) return "images";
  return move.is_staging() ? "PostgreSQL, masked staging copy" : "PostgreSQL";
}

}  // namespace

Result<Json> move_record(world::World& world, const std::string& root, const MoveConfig& move) {
  LS_ASSIGN(const MoveRoom room, MoveRoom::open(world, root, move.name));
  LS_ASSIGN(const MoveState state, room.load());
  LS_ASSIGN(const EvidenceChain chain, room.evidence());
  LS_ASSIGN(const auto verified, room.document("verified"));
  const Status intact = room.check_evidence();
  Recorder recorder(chain);
  recorder.read();
  const Json runs = recorder.runs();
  const Json preflight = recorder.last("preflight");
  const Json proof = verified ? *verified : Json::object();
  Json record = {{"move", move.name},
                 {"kind", kind_of(world, move)},
                 {"source", text_at(preflight, "source")},
                 {"target", text_at(preflight, "target")},
                 {"phase", state.phase},
                 {"leg", state.leg},
                 {"traffic", runs.empty() ? "" : text_at(runs.back(), "traffic")},
                 {"budget_ms", move.pause_budget_ms},
                 {"chain",
                  {{"intact", static_cast<bool>(intact)},
                   {"text", intact ? "" : intact.error().message},
                   {"lines", chain.lines.size()},
                   {"head", chain.digests.empty() ? "" : chain.digests.back()}}},
                 {"runs", runs},
                 {"switches", state.history},
                 {"copied", recorder.last("copy")},
                 {"compared_at", text_at(proof, "at")},
                 {"equal", bool_at(proof, "equal")},
                 {"method", text_at(proof, "method", text_at(proof, "proof"))},
                 {"rows", int_at(proof, "rows", int_at(proof, "keys", int_at(proof, "objects")))},
                 {"differing", count_of(member(proof, "differences"))},
                 {"tables", member(proof, "by_table")},
                 {"differences", member(proof, "differences")},
                 {"not_done", recorder.not_done()}};
  if (!record["tables"].is_array()) record["tables"] = Json::array();
  if (!record["differences"].is_array()) record["differences"] = Json::array();
  return record;
}

Result<std::string> save_move_junit(world::World& world, const std::string& root,
                                    const std::string& move, const Json& record) {
  LS_ASSIGN(const MoveRoom room, MoveRoom::open(world, root, move));
  LS_TRY(world.files.write_atomically(room.folder() + "/junit.xml", junit_of_move(record)));
  return room.folder();
}

}  // namespace lakeshift::stages

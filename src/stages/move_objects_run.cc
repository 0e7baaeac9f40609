#include "stages/move_objects_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/strings.h"
#include "knowledge/credentials/credential.h"

namespace lakeshift::stages {

using stores::ObjectStore;
using stores::StoreAddress;
using transfers::LeftObject;
using transfers::ObjectLedger;
using transfers::ObjectRoundReport;

namespace {

constexpr std::size_t kMostObjectsNamed = 200;  // of one code, in the findings
constexpr int kObjectRounds = 50;
constexpr world::Millis kObjectSettle{300};
constexpr const char* kTrialKey = "lakeshift-write-trial";

std::string side_name(bool target) { return target ? "target" : "source"; }

std::string access_of(const MoveConfig& move, bool target) {
  return credentials::environment_prefix(move.name + "_" + side_name(target));
}

model::Finding left_finding(const LeftObject& left, bool accepted) {
  model::Finding finding;
  finding.code = left.code;
  finding.severity = accepted ? model::Severity::warning : model::Severity::blocking;
  finding.kind = "object";
  finding.key = printable(left.key);
  finding.cause = left.reason;
  finding.remedy = left.remedy;
  return finding;
}

}  // namespace

bool is_object_move(world::World& world, const MoveConfig& move) {
  const auto objects = [&](const std::string& side, const std::string& text) {
    if (!text.empty()) return stores::is_store_address(text);
    const auto variable =
        world.environment.variable(credentials::environment_prefix(move.name + "_" + side) + "URL");
    return variable && stores::is_store_address(*variable);
  };
  return objects("source", move.source) || objects("target", move.target);
}

Result<std::unique_ptr<ObjectStore>> ObjectMoveRun::open_store_of(bool target) {
  const std::string name = side_name(target);
  auto address = stores::find_store_address(run.world, config().name + "_" + name,
                                            target ? config().target : config().source);
  if (!address && address.error().code == "no-address")
    address.error().remedy = "write moves: {" + config().name + ": {" + name +
                             ": s3://bucket/prefix}} into lakeshift.yaml";
  if (!address) return fail(address.error());
  return stores::open_store(*address, access_of(config(), target), run);
}

Status ObjectMoveRun::open(bool drive) {
  LS_ASSIGN(source_, open_store_of(false));
  LS_ASSIGN(target_, open_store_of(true));
  if (address_text(false) == address_text(true) &&
      source_->address().endpoint == target_->address().endpoint)
    return fail("bad-config", "source and target are the same, " + address_text(false),
                "move '" + config().name + "'", "name two different places");
  return open_room(drive);
}

Result<ObjectRoundReport> ObjectMoveRun::round(std::stop_token stop) {
  world::Run bounded{run.world, run.events, std::move(stop), run.parallel, run.in_flight};
  LS_ASSIGN(const auto ledger,
            ObjectLedger::open(room->folder() + "/objects.sqlite", state.forward()));
  transfers::ObjectRoundOptions options;
  options.leave_out = config().leave_out;
  options.workers = static_cast<std::size_t>(config().workers);
  options.progress = [this](std::int64_t done) { progress("objects copied", done, 0); };
  LS_ASSIGN(ObjectRoundReport done,
            transfers::run_object_round(from(), to(), *ledger, options, bounded));
  conflicts_ = done.conflicts;
  return done;
}

Result<ObjectRoundReport> ObjectMoveRun::catch_up(bool at_rest, std::stop_token stop) {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  for (int count = 0; count < kObjectRounds; ++count) {
    LS_ASSIGN(ObjectRoundReport done, round(stop));
    const std::int64_t changes = done.copied + done.removed + done.moving + done.same;
    // While writers write, a round that finds no less than the one before is as near as it gets.
    if (done.quiet() || (!at_rest && changes >= before)) return done;
    before = changes;
    if (!run.world.clock.sleep(kObjectSettle, stop))
      return fail("cancelled", "stopped on request", "catching up");
  }
  return fail("objects-keep-changing",
              fmt::format("objects still change after {} rounds", kObjectRounds),
              from().address().to_text(), "find out who writes there, and keep it off");
}

Result<std::vector<std::string>> ObjectMoveRun::not_compared() {
  LS_ASSIGN(const auto ledger,
            ObjectLedger::open(room->folder() + "/objects.sqlite", state.forward()));
  return ledger->not_compared();
}

Status ObjectMoveRun::judge_left() {
  LS_ASSIGN(const auto ledger,
            ObjectLedger::open(room->folder() + "/objects.sqlite", state.forward()));
  LS_ASSIGN(const std::vector<LeftObject> left, ledger->left());
  std::map<std::string, std::size_t> by_code;
  std::size_t unaccepted = 0;
  Json all = Json::array();
  for (const LeftObject& one : left) {
    const bool accepted = std::find(config().accept.begin(), config().accept.end(), one.code) !=
                          config().accept.end();
    unaccepted += accepted ? 0 : 1;
    all.push_back({{"key", one.key},
                   {"code", one.code},
                   {"reason", one.reason},
                   {"remedy", one.remedy},
                   {"carried", one.carried},
                   {"accepted", accepted}});
    if (++by_code[one.code] <= kMostObjectsNamed)
      report.findings.push_back(left_finding(one, accepted));
  }
  for (const std::string& conflict : conflicts_) {
    model::Finding finding =
        left_finding({conflict, "object-conflict", "somebody else wrote it", "", false}, false);
    finding.remedy = "remove it at the " + side_of(state.leg, false) + ", and run again";
    report.findings.push_back(std::move(finding));
  }
  LS_TRY(room->save_document("left", {{"objects", all}}));
  std::string text;
  for (const auto& [code, count] : by_code)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + code;
  add_gate("objects", unaccepted == 0 && conflicts_.empty(),
           left.empty() && conflicts_.empty()
               ? "every object is carried"
               : fmt::format("not carried: {}; {} in conflict", text.empty() ? "none" : text,
                             conflicts_.size()),
           "follow the remedies of the findings, or name their codes in 'accept'");
  return {};
}

Result<std::string> ObjectMoveRun::try_write(bool target, std::stop_token stop) {
  const std::string access = access_of(config(), target) + "WRITER_";
  auto writer = stores::open_store(side(target).address(), access, run);
  // Keys of our own user would prove nothing.
  const bool named = run.world.environment.variable(access + "ACCESS_KEY_ID").has_value() ||
                     run.world.environment.variable(access + "SAS").has_value();
  if (!named || !writer)
    return "no write was tried: " + access + "ACCESS_KEY_ID or " + access + "SAS is not set";
  world::Run bounded{run.world, run.events, stop, run.parallel, run.in_flight};
  for (int tries = 1;; ++tries) {
    const auto written = (*writer)->put(kTrialKey, "", {}, {}, bounded);
    if (!written &&
        (written.error().code == "permission-denied" || written.error().code == "login-failed"))
      return fmt::format("a write was tried as an application and refused (try {})", tries);
    if (!written && written.error().code != "changed") return fail(written.error());
    if (written) LS_TRY(side(target).remove(kTrialKey, written->etag, bounded));
    if (!run.world.clock.sleep(kObjectSettle, stop))
      return fail("fence-leaks", "an application can still write", side(target).address().to_text(),
                  "the writers of this side are others than lakeshift.yaml names");
  }
}

Status ObjectMoveRun::fence_side(bool target, std::stop_token stop, bool try_it) {
  const std::string name = side_name(target);
  if (!fences() || writers(target).empty()) {
    say("nobody is kept from writing to the " + name + " by lakeshift: " +
            (config().fence == "hooks"       ? "the hooks do that, unchecked"
             : config().fence == "read-only" ? "it is declared read-only"
                                             : "no " + name + "_writers are named"),
        true);
    return {};
  }
  world::Run bounded{run.world, run.events, stop, run.parallel, run.in_flight};
  LS_ASSIGN(const std::optional<Json> kept, room->document("writers-" + name));
  if (!kept) {
    LS_ASSIGN(const std::string now, side(target).writers_now(writers(target), bounded));
    LS_TRY(room->save_document("writers-" + name, {{"kept", now}}));
  }
  LS_TRY(side(target).fence(writers(target), config().name, bounded));
  std::string tried = "not tried";
  if (try_it) {
    LS_ASSIGN(tried, try_write(target, stop));
  }
  return did("fence",
             fmt::format("the {} refuses {}: {}", name, join(writers(target), ", "), tried),
             {{"side", name}, {"writers", writers(target)}, {"trial", tried}});
}

Status ObjectMoveRun::open_side(bool target) {
  if (!fences() || writers(target).empty()) return {};
  LS_ASSIGN(const std::optional<Json> kept, room->document("writers-" + side_name(target)));
  world::Run anyway{run.world, run.events, {}, run.parallel, run.in_flight};
  return side(target).open(config().name, kept ? text_at(*kept, "kept") : "", anyway);
}

Status ObjectMoveRun::go_back(const std::string& reason) {
  LS_TRY(open_side(!state.forward()));
  remember_switch("went back", reason);
  state.phase = "following";
  state.pause_began_ms = 0;
  LS_TRY(room->save(state));
  return did("go-back",
             fmt::format("went back: {} takes the writes again", side_of(state.leg, true)),
             {{"reason", reason}, {"pause_ms", report.pause_ms}, {"leg", state.leg}});
}

Status ObjectMoveRun::open_other_side() {
  LS_TRY(open_side(state.forward()));
  const int old = state.leg;
  remember_switch("switched", "");
  ++state.leg;
  state.phase = "following";
  state.pause_began_ms = 0;
  LS_TRY(room->save(state));
  return did("open", fmt::format("{} takes the writes", side_of(old, false)),
             {{"pause_ms", report.pause_ms}, {"leg", state.leg}});
}

}  // namespace lakeshift::stages

#include "stages/move_images.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/credentials/credential.h"
#include "knowledge/transfers/image_copy.h"
#include "stages/move_verb.h"

namespace lakeshift::stages {

using stores::Registry;
using stores::RegistryAddress;
using transfers::ImageReport;

namespace {

constexpr world::Millis kImagePoll{5000};
constexpr world::Millis kImageLook{100};

std::string image_access(const MoveConfig& move, bool target) {
  return credentials::environment_prefix(move.name + (target ? "_target" : "_source"));
}

std::string image_address(world::World& world, const MoveConfig& move, bool target) {
  const std::string& text = target ? move.target : move.source;
  return text.empty() ? world.environment.variable(image_access(move, target) + "URL").value_or("")
                      : text;
}

class ImageMoveRun final : public MoveVerb {
 public:
  using MoveVerb::MoveVerb;

  Status open(bool drive) {
    for (const bool target : {false, true}) {
      LS_ASSIGN(const RegistryAddress address,
                stores::find_registry_address(run.world,
                                              input.move.name + (target ? "_target" : "_source"),
                                              target ? input.move.target : input.move.source));
      sides_[target ? 1 : 0] =
          std::make_unique<Registry>(address, image_access(input.move, target), run.world);
    }
    if (address_text(false) == address_text(true))
      return fail("bad-config", "source and target are the same, " + address_text(false),
                  "move '" + input.move.name + "'", "name two different repositories");
    return open_room(drive);
  }

  // Nothing of a switch is ever begun.
  Status go_back(const std::string&) override { return {}; }
  Status open_other_side() override { return {}; }

  Registry& side(bool target) { return *sides_[target ? 1 : 0]; }

  Result<transfers::ImageOptions> options() {
    transfers::ImageOptions wanted;
    wanted.leave_out = input.move.leave_out;
    wanted.workers = static_cast<std::size_t>(input.move.workers);
    wanted.progress = [this](const ImageReport& now) { progress("tags copied", now.tags, 0); };
    LS_ASSIGN(const std::optional<Json> before, room->document("tags"));
    if (before)
      for (const auto& [tag, digest] : before->items())
        wanted.set_before[tag] = scalar_text(digest);
    return wanted;
  }

  Result<ImageReport> copy() {
    LS_ASSIGN(const transfers::ImageOptions wanted, options());
    LS_ASSIGN(ImageReport done, transfers::copy_images(side(false), side(true), wanted, run));
    Json tags = Json::object();
    for (const auto& [tag, digest] : wanted.set_before) tags[tag] = digest;
    for (const auto& [tag, digest] : done.digests) tags[tag] = digest;
    LS_TRY(room->save_document("tags", tags));
    return done;
  }

  void judge(const ImageReport& done) {
    bool blocked = false;
    for (const transfers::ImageLeft& one : done.left) {
      model::Finding finding;
      finding.code = one.code;
      finding.kind = "image";
      finding.key = printable(one.what);
      finding.cause = one.reason;
      finding.remedy = one.remedy;
      const auto& accept = input.move.accept;
      const bool accepted = std::find(accept.begin(), accept.end(), one.code) != accept.end();
      finding.severity = accepted ? model::Severity::warning : model::Severity::blocking;
      blocked = blocked || !accepted;
      report.findings.push_back(std::move(finding));
    }
    add_gate("images", !blocked,
             fmt::format("{} tags, {} things not carried", done.tags, done.left.size()),
             "follow the remedies of the findings, or name their codes in 'accept'");
  }

  Result<MoveReport> finish(MoveOutcome outcome, const std::string& reason = {}) {
    auto ended = end(outcome, reason);
    if (!ended || state.phase != "following") return ended;
    const std::string move = "lakeshift move ", name = input.move.name;
    ended->next =
        move + "verify " + name + ", pull from the target, then " + move + "complete " + name;
    return ended;
  }

 private:
  std::string address_text(bool target) const override {
    return sides_[target ? 1 : 0]->address().to_text();
  }

  std::unique_ptr<Registry> sides_[2];
};

Json image_facts(const ImageReport& done) {
  return {{"tags", done.tags},
          {"tags_set", done.tags_set},
          {"tags_equal", done.tags_equal},
          {"manifests", done.manifests},
          {"manifests_there", done.manifests_there},
          {"blobs", done.blobs},
          {"blobs_there", done.blobs_there},
          {"bytes", done.bytes},
          {"left", done.left.size()},
          {"digests", done.digests}};
}

Result<MoveReport> end_image_move(const MoveInput& input, world::Run& run, bool complete) {
  ImageMoveRun move(input, run, complete ? "complete" : "cancel");
  LS_TRY(move.open(true));
  if (complete) {
    LS_ASSIGN(const auto verified, move.room->document("verified"));
    const bool equal = verified && bool_at(*verified, "equal");
    move.add_gate("verified", equal,
                  equal ? "equal at " + text_at(*verified, "at") : "no equal 'verify'",
                  "run 'lakeshift move verify " + input.move.name + "'");
    if (!move.gates_open()) return move.finish(MoveOutcome::blocked, "a gate is closed");
  }
  if (input.dry_run) {
    move.report.steps = {"would stop following; both repositories keep what they have"};
    return move.finish(MoveOutcome::done);
  }
  move.state.phase = complete ? "completed" : "cancelled";
  if (complete) move.state.leg = 1;  // what is run is pulled from the target
  LS_TRY(move.room->save(move.state));
  LS_TRY(move.did(move.verb, move.verb + ": both repositories keep what they have"));
  return move.finish(MoveOutcome::done);
}

}  // namespace

bool is_image_move(world::World& world, const MoveConfig& move) {
  return stores::is_registry_address(image_address(world, move, false)) ||
         stores::is_registry_address(image_address(world, move, true));
}

Result<MoveReport> create_image_move(const MoveInput& input, world::Run& run) {
  ImageMoveRun move(input, run, "create");
  LS_TRY(move.open(true));
  if (input.dry_run) {
    LS_ASSIGN(const std::vector<std::string> tags, move.side(false).tags(run));
    move.report.steps = {fmt::format("would carry {} tags with all that they need", tags.size())};
    return move.finish(MoveOutcome::done);
  }
  if (move.state.phase == "new") {
    move.state.phase = "creating";
    LS_TRY(move.room->save(move.state));
  }
  world::Instant copied{};
  for (bool first = true;; first = false) {
    if (first || run.world.clock.now() - copied >= kImagePoll) {
      LS_ASSIGN(const ImageReport done, move.copy());
      copied = run.world.clock.now();
      if (first || done.tags_set > 0)
        LS_TRY(move.did(
            "copy",
            fmt::format("{} tags: {} set, {} equal; {} manifests, {} of them there; {} blobs, {} "
                        "of them there, {} MB sent",
                        done.tags, done.tags_set, done.tags_equal, done.manifests,
                        done.manifests_there, done.blobs, done.blobs_there, done.bytes >> 20),
            image_facts(done)));
      if (first) {
        move.state.phase = "following";
        LS_TRY(move.room->save(move.state));
        move.judge(done);
        if (!move.gates_open())
          return move.finish(MoveOutcome::blocked, "not every image is carried");
        if (input.until_caught_up) return move.finish(MoveOutcome::done);
        move.say(move.traffic() + "; following, stop with Ctrl-C");
      }
    }
    if (move.room->wanted()) return move.finish(MoveOutcome::done);
    if (!run.world.clock.sleep(kImageLook, run.stop)) return move.finish(MoveOutcome::interrupted);
  }
}

Result<MoveReport> image_move_status(const MoveInput& input, world::Run& run) {
  ImageMoveRun move(input, run, "status");
  LS_TRY(move.open(false));
  LS_ASSIGN(const bool free, move.room->try_lock());
  move.driven_elsewhere = !free;
  move.report.steps.push_back(free ? "no lakeshift follows the changes now"
                                   : "another lakeshift drives this move now");
  for (const bool target : {false, true}) {
    const std::string name = target ? "target " : "source ";
    const auto tags = move.side(target).tags(run);
    move.report.steps.push_back(
        name + move.side(target).address().to_text() + ": " +
        (tags ? std::to_string(tags->size()) + " tags" : tags.error().to_text()));
  }
  return move.finish(MoveOutcome::done);
}

Result<MoveReport> verify_image_move(const MoveInput& input, world::Run& run) {
  ImageMoveRun move(input, run, "verify");
  LS_TRY(move.open(false));
  move.add_gate("made", move.state.phase == "following", "phase " + move.state.phase,
                "run 'lakeshift move create " + input.move.name + "'");
  if (!move.gates_open())
    return move.finish(MoveOutcome::blocked, "there is nothing to compare yet");
  if (input.dry_run) {
    move.report.steps = {"would read every manifest and blob of the target"};
    return move.finish(MoveOutcome::done);
  }
  LS_ASSIGN(const transfers::ImageOptions wanted, move.options());
  LS_ASSIGN(const ImageReport found,
            transfers::compare_images(move.side(false), move.side(true), wanted, run));
  move.report.differences = found.differences;
  move.report.rows_proven = found.manifests + found.blobs;
  Json facts = image_facts(found);
  facts["equal"] = found.differences.empty();
  facts["differences"] = found.differences.size();
  facts["at"] = world::to_iso8601(run.world.clock.now());
  LS_TRY(move.room->save_document("verified", facts));
  LS_TRY(move.did("verify",
                  fmt::format("{} tags equal by digest but {}; {} manifests and {} blobs, {} MB, "
                              "read from the target",
                              found.tags, found.differences.size(), found.manifests, found.blobs,
                              found.bytes >> 20),
                  facts));
  if (found.differences.empty()) return move.finish(MoveOutcome::done);
  return move.finish(MoveOutcome::blocked,
                     fmt::format("{} things differ", found.differences.size()));
}

Result<MoveReport> complete_image_move(const MoveInput& input, world::Run& run) {
  return end_image_move(input, run, true);
}

Result<MoveReport> cancel_image_move(const MoveInput& input, world::Run& run) {
  return end_image_move(input, run, false);
}

Result<MoveReport> switch_image_move(const MoveInput& input, world::Run&) {
  return fail("usage",
              "images are not switched: by its digest an image is the same at either place, and "
              "who runs it says where it is pulled from",
              "move '" + input.move.name + "'",
              "verify, let deployments name the target, then run 'lakeshift move complete " +
                  input.move.name + "'");
}

}  // namespace lakeshift::stages

#include "core/base/strings.h"
#include "stages/move.h"
#include "stages/move_images.h"
#include "stages/move_objects.h"
#include "stages/move_record.h"
#include "stages/move_redis.h"
#include "stages/move_rehearse.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"
#include "surfaces/cli/watching.h"
#include "surfaces/report/error_text.h"
#include "surfaces/report/event_text.h"
#include "surfaces/report/report_html.h"

namespace lakeshift::cli::move_command {
namespace {

constexpr std::size_t kMostFindings = 20;
constexpr std::size_t kMostDifferences = 20;

using Stage = Result<stages::MoveReport> (*)(const stages::MoveInput&, world::Run&);

struct Verb {
  const char* name;
  Stage postgres, redis, objects, images;
};
constexpr Verb kVerbs[] = {{"create", stages::create_move, stages::create_redis_move,
                            stages::create_object_move, stages::create_image_move},
                           {"status", stages::move_status, stages::redis_move_status,
                            stages::object_move_status, stages::image_move_status},
                           {"verify", stages::verify_move, stages::verify_redis_move,
                            stages::verify_object_move, stages::verify_image_move},
                           {"cutover", stages::cut_over_move, stages::cut_over_redis_move,
                            stages::cut_over_object_move, stages::switch_image_move},
                           {"rollback", stages::roll_back_move, stages::roll_back_redis_move,
                            stages::roll_back_object_move, stages::switch_image_move},
                           {"complete", stages::complete_move, stages::complete_redis_move,
                            stages::complete_object_move, stages::complete_image_move},
                           {"cancel", stages::cancel_move, stages::cancel_redis_move,
                            stages::cancel_object_move, stages::cancel_image_move}};

constexpr const char* kRehearse = "rehearse";  // the one that needs another move too
constexpr const char* kWatch = "watch";        // the one that looks at several
constexpr const char* kReport = "report";      // the one that only reads what was written

std::vector<std::string> verb_names() {
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  names.emplace_back(kRehearse);
  names.emplace_back(kWatch);
  names.emplace_back(kReport);
  return names;
}

Exit exit_of(stages::MoveOutcome outcome) {
  switch (outcome) {
    case stages::MoveOutcome::done:
      return Exit::done;
    case stages::MoveOutcome::blocked:
      return Exit::blocked;
    case stages::MoveOutcome::went_back:
      return Exit::went_back;
    case stages::MoveOutcome::interrupted:
      return Exit::interrupted;
  }
  return Exit::failed;
}

void print_report(Session& session, const stages::MoveReport& report, bool tells_steps) {
  const report::Style& style = session.out.style();
  std::string text;
  for (const stages::MoveGate& gate : report.gates)
    text += report::paint(style, gate.open ? report::Tone::good : report::Tone::bad,
                          gate.open ? "open   " : "closed ") +
            gate.name + ": " + printable(gate.text) +
            (gate.open ? "" : "\n         try: " + printable(gate.remedy)) + "\n";
  if (!report.findings.empty())
    text += report::findings_text(report.findings, style, kMostFindings);
  if (tells_steps)
    for (const std::string& step : report.steps) text += "  " + printable(step) + "\n";
  for (std::size_t i = 0; i < report.differences.size() && i < kMostDifferences; ++i)
    text += "  " + report::paint(style, report::Tone::bad, "differs ") +
            printable(report.differences[i]) + "\n";
  if (report.pause_ms > 0)
    text += "pause: " + std::to_string(report.pause_ms) + " ms without writes\n";
  if (report.outcome == stages::MoveOutcome::went_back)
    text += report::paint(style, report::Tone::bad, "went back by itself: ") +
            printable(report.reason) + "\n";
  else if (!report.reason.empty())
    text += printable(report.reason) + "\n";
  text += printable(report.traffic) + "\n";
  if (!report.next.empty()) text += "next: " + printable(report.next) + "\n";
  session.out.print(text);
}

class Move final : public Invocation {
 public:
  void declare(Options& options) override {
    options.choice("verb", verb_, "what to do with the move", verb_names());
    options.list("name", names_,
                 "the move, as in 'moves' of lakeshift.yaml; watch: several, or all");
    options.flag("--dry-run", dry_run_, "show gates and steps, change nothing");
    options.flag("--until-caught-up", until_caught_up_,
                 "create: end when the target is up to date");
    options.flag("--follow", follow_,
                 "cutover, rollback: go on applying the changes for the way back, until stopped");
    options.flag("--changed-only", changed_only_,
                 "cutover: compare only what changed since; needs an equal 'verify' before");
    options.flag("--definitions-known", definitions_known_,
                 "cutover: what was defined since the move was made is in the target too");
    options.flag("--full-proof", full_proof_,
                 "rollback: compare every row before the pause, not only what changed");
    options.flag("--continuous", continuous_,
                 "verify: again and again, until Ctrl-C or until a row differs");
    options.number("--every", every_, "verify --continuous: seconds between two rounds", 0, 86'400);
    options.flag("--keep-going", keep_going_, "verify --continuous: tell of differences and go on");
    options.flag("--anew", anew_, "verify: take nothing over from a comparison that was cut short");
    options.number("--rows-per-second", rows_per_second_,
                   "verify: not more, on each side [verify_rows_per_second of the move]", 0,
                   2'000'000'000);
    options.flag("--once", watch_.once, "watch: one look");
    options.text(
        "--beside", watch_.beside,
        "watch: a file whose first lines are shown too, such as what your application says "
        "of itself");
    options.text("-o,--output", output_,
                 "report: where the HTML page is written [.lakeshift/moves/NAME/report.html]");
    options.number("--pause-budget", pause_budget_,
                   "milliseconds after which a switch goes back by itself [as configured]", 0,
                   3'600'000);
  }

  Result<Ending> run(Session& session) override {
    if (verb_.empty() || (names_.size() != 1 && verb_ != kWatch))
      return fail("usage", "a verb and the name of a move are needed", "move",
                  "write for example: lakeshift move status shop");
    LS_ASSIGN(const stages::Config config,
              stages::load_config(session.run.world, session.options.dir));
    LS_ASSIGN(const auto moves, find_moves(config));
    if (verb_ == kWatch) return watch_moves(session, moves, watch_);
    name_ = names_.front();
    if (verb_ == kReport) return show_record(session, *moves.front());
    stages::MoveInput input{session.options.dir, *moves.front()};
    input.dry_run = dry_run_;
    input.until_caught_up = until_caught_up_;
    input.follow = follow_;
    input.definitions_known = definitions_known_;
    input.whole_proof = verb_ == "rollback" ? full_proof_ : !changed_only_;
    input.pause_budget_ms = pause_budget_;
    input.continuous = continuous_;
    input.keep_going = keep_going_;
    input.every_s = every_;
    input.anew = anew_;
    input.rows_per_second = rows_per_second_;
    LS_TRY(check_words(input, session.run.world));
    const auto performed = perform(config, input, session.run);
    // Also when it failed, and whatever failed: what was done before is told.
    if (!dry_run_ && verb_ != "status") {
      const auto written = write_record(session, *moves.front());
      if (!written)
        session.out.say("the report was not written: " + written.error().to_text() + "\n");
    }
    if (!performed) return fail(performed.error());
    const stages::MoveReport& report = *performed;
    print_report(session, report, dry_run_ || verb_ == "status" || session.options.quiet);
    Json json = stages::to_json(report);
    json["verb"] = verb_;
    json["move"] = name_;
    return Ending{exit_of(report.outcome), json};
  }

 private:
  // Writes junit.xml and report.html beside the evidence.
  Result<Json> write_record(Session& session, const stages::MoveConfig& move) const {
    world::World& world = session.run.world;
    LS_ASSIGN(Json record, stages::move_record(world, session.options.dir, move));
    record["lakeshift"] = version_text();
    record["generated"] = world::to_iso8601(world.clock.now());
    LS_ASSIGN(const std::string folder,
              stages::save_move_junit(world, session.options.dir, move.name, record));
    record["path"] = output_.empty() ? folder + "/report.html" : output_;
    LS_TRY(world.files.write_atomically(text_at(record, "path"), report::move_report_html(record)));
    return record;
  }

  // A chain of evidence that was broken is told by the page, and by the exit code.
  Result<Ending> show_record(Session& session, const stages::MoveConfig& move) const {
    LS_ASSIGN(Json record, write_record(session, move));
    const Json chain = record["chain"];
    std::string text = "wrote " + text_at(record, "path") + "\n";
    if (!bool_at(chain, "intact"))
      text += report::paint(session.out.style(), report::Tone::bad, "the evidence was changed: ") +
              printable(text_at(chain, "text")) + "\n";
    session.out.print(text);
    record["verb"] = verb_;
    return Ending{bool_at(chain, "intact") ? Exit::done : Exit::blocked, record};
  }

  Status check_words(const stages::MoveInput& input, world::World& world) const {
    const bool of_verify = continuous_ || keep_going_ || anew_ || rows_per_second_ > 0;
    const bool other = stages::is_redis_move(world, input.move) ||
                       stages::is_object_move(world, input.move) ||
                       stages::is_image_move(world, input.move);
    if (of_verify && (verb_ != "verify" || other))
      return fail("usage",
                  "--continuous, --keep-going, --anew and --rows-per-second are of 'verify' of a "
                  "PostgreSQL database",
                  "move " + verb_ + " " + name_, "leave it out");
    if (keep_going_ && !continuous_)
      return fail("usage", "--keep-going is of --continuous", "move verify " + name_,
                  "add --continuous");
    return {};
  }

  Result<stages::MoveReport> perform(const stages::Config& config, const stages::MoveInput& input,
                                     world::Run& run) const {
    const bool redis = stages::is_redis_move(run.world, input.move);
    const bool objects = stages::is_object_move(run.world, input.move);
    const bool images = stages::is_image_move(run.world, input.move);
    if (verb_ == kRehearse && (redis || objects || images))
      return fail("usage",
                  std::string(redis     ? "a Redis has"
                              : objects ? "objects have"
                                        : "images have") +
                      " no masked staging copy, and so no rehearsal",
                  "move '" + name_ + "'",
                  images ? "copy them beforehand: nothing is switched"
                         : "cut over and roll back once: nothing is lost by it");
    if (verb_ == kRehearse) {
      const auto staging = config.moves.find(input.move.rehearsal_staging);
      return stages::rehearse_move(input,
                                   staging == config.moves.end() ? nullptr : &staging->second, run);
    }
    Stage stage = nullptr;
    for (const Verb& verb : kVerbs)
      if (verb_ == verb.name)
        stage = redis ? verb.redis : objects ? verb.objects : images ? verb.images : verb.postgres;
    return stage(input, run);
  }

  // All of them when none is named.
  Result<std::vector<const stages::MoveConfig*>> find_moves(const stages::Config& config) const {
    std::vector<const stages::MoveConfig*> moves;
    for (const std::string& name : names_) {
      const auto found = config.moves.find(name);
      if (found == config.moves.end()) return unknown(config, name);
      moves.push_back(&found->second);
    }
    if (names_.empty())
      for (const auto& [name, move] : config.moves) moves.push_back(&move);
    return moves;
  }

  static tl::unexpected<Error> unknown(const stages::Config& config, const std::string& wanted) {
    std::vector<std::string> names;
    for (const auto& [name, move] : config.moves) names.push_back(name);
    const std::string near = closest(wanted, names);
    return fail("usage", "there is no move '" + printable(wanted) + "'", "lakeshift.yaml",
                !near.empty()   ? "did you mean '" + near + "'?"
                : names.empty() ? "write a section 'moves' into it; docs/guide/move.md"
                                : "known moves: " + join(names, ", "));
  }

  std::string verb_, name_, output_;
  std::vector<std::string> names_;
  WatchOptions watch_;
  bool dry_run_ = false, until_caught_up_ = false, follow_ = false;
  bool definitions_known_ = false, changed_only_ = false, full_proof_ = false;
  bool continuous_ = false, keep_going_ = false, anew_ = false;
  int pause_budget_ = 0, every_ = 60, rows_per_second_ = 0;
};

}  // namespace

extern const Command kDefinition{
    .name = "move",
    .order = 105,
    .summary =
        "move a live PostgreSQL database, Redis or bucket, switch to it, and switch back without "
        "losing a write",
    .details =
        "create    carries definitions and rows over, then follows the changes until stopped with "
        "Ctrl-C;\n"
        "          the same command goes on where it was, whatever happened to it\n"
        "status    where the traffic is, how far the other side is behind, what to do next\n"
        "verify    compares every row while both sides live, and names those that differ; cut "
        "short, it goes on;\n"
        "          --continuous compares again and again until Ctrl-C\n"
        "cutover   fences the source's applications, waits for the last change, compares what "
        "changed, prepares the\n"
        "          way back, opens the target; past the pause budget it goes back by itself (exit "
        "code 6)\n"
        "rollback  the same the other way: no write made since the cutover is lost\n"
        "complete  ends the move after a cutover; cancel ends it before one, or after a "
        "rollback\n"
        "watch     one view of all moves, or of those named, drawn anew until Ctrl-C: what runs, "
        "where the traffic is,\n"
        "          lag, rows or keys copied and compared, pause and budget; lines where there is "
        "no "
        "terminal\n"
        "rehearse  runs all of it between a masked staging copy and another database, times every "
        "step and predicts\n"
        "          the real pause\n"
        "report    writes what was done as one HTML page and as JUnit, as every other verb does at "
        "its end\n\n"
        "Databases, applications' roles, pause budget and hooks are in 'moves' of lakeshift.yaml; "
        "passwords come from\n"
        "LAKESHIFT_<NAME>_SOURCE_PASSWORD and …_TARGET_PASSWORD or libpq's password file. "
        "Addresses that begin with\n"
        "redis:// or rediss:// move a Redis, s3:// and az:// objects, oci:// container images. "
        "Evidence is kept in\n"
        ".lakeshift/moves/NAME/.",
    .examples =
        "lakeshift move create shop --dry-run\n"
        "lakeshift move create shop --until-caught-up\n"
        "lakeshift move verify shop\n"
        "lakeshift move verify shop --continuous --every 300 --rows-per-second 50000\n"
        "lakeshift move cutover shop --pause-budget 2000\n"
        "lakeshift move rollback shop\n"
        "lakeshift move watch\n"
        "lakeshift move create shop_staging --until-caught-up\n"
        "lakeshift move rehearse shop\n"
        "lakeshift move report shop --output shop.html\n"
        "lakeshift move status shop --json",
    .selects = false,
    .remote = false,
    .make = make_invocation<Move>,
};

}  // namespace lakeshift::cli::move_command

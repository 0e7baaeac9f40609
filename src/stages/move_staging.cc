#include "stages/move_staging.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/checks/postgres_masked_rows.h"
#include "knowledge/credentials/credential.h"
#include "knowledge/transfers/postgres_copy_plan.h"
#include "knowledge/transfers/postgres_relation.h"
#include "knowledge/transfers/postgres_switch.h"
#include "knowledge/transfers/postgres_unstreamed.h"

namespace lakeshift::stages {

using databases::PostgresSession;

namespace {

constexpr std::size_t kLeastKey = 16;
constexpr const char* kCompleting = "completing";
constexpr std::int64_t kWhole = std::int64_t{1} << 62;

// Read when a table comes for the first time, and anew when one comes again: its definition is
// another then.
class MaskReader {
 public:
  MaskReader(const MoveConfig& move, databases::PostgresAddress source, world::Run& run)
      : move_(move), source_(std::move(source)), run_(run) {}

  Result<formats::RowMask> of(const transfers::TableName& table,
                              const std::vector<std::string>& columns) {
    const bool known = plan_ && !asked_[table];
    asked_[table] = true;
    if (!known) LS_TRY(read());
    return plan_->of(table, columns);
  }

 private:
  Status read() {
    LS_ASSIGN(const formats::MaskKey key, find_mask_key(run_.world, move_));
    LS_ASSIGN(const auto session, PostgresSession::connect(source_, run_.stop));
    LS_ASSIGN(transfers::MaskPlan plan, transfers::plan_masks(*session, *move_.masks, key));
    for (const model::Finding& finding : plan.findings)
      if (finding.severity == model::Severity::blocking)
        return fail(finding.code, finding.cause, finding.key, finding.remedy);
    plan_ = std::move(plan);
    return {};
  }

  const MoveConfig& move_;
  const databases::PostgresAddress source_;
  world::Run& run_;
  std::optional<transfers::MaskPlan> plan_;
  std::map<transfers::TableName, bool> asked_;
};

}  // namespace

Result<formats::MaskKey> find_mask_key(world::World& world, const MoveConfig& move) {
  const std::string variable = credentials::environment_prefix(move.name) + "MASK_KEY";
  std::string secret = world.environment.variable(variable).value_or("");
  if (secret.empty() && !move.mask_key_file.empty()) {
    LS_ASSIGN(secret, world.files.read(move.mask_key_file));
    secret = std::string(trim(secret));
  }
  const std::string about = "staging copy '" + move.name + "'";
  if (secret.empty())
    return fail("no-mask-key", "there is no key for its masks", about,
                "set " + variable +
                    " to a long random text (openssl rand -hex 32) and keep it: "
                    "the same key gives the same masks");
  if (secret.size() < kLeastKey)
    return fail(
        "weak-mask-key",
        fmt::format("its key has {} characters, and {} are the least", secret.size(), kLeastKey),
        about, "set " + variable + " to a long random text (openssl rand -hex 32)");
  return formats::MaskKey(std::move(secret));
}

bool is_subset(const MoveConfig& move) { return move.is_staging() && !move.masks->subset.empty(); }

MaskSource follow_masks(const MoveConfig& move, const databases::PostgresAddress& source,
                        world::Run& run) {
  const auto reader = std::make_shared<MaskReader>(move, source, run);
  return [reader](const std::string& schema, const std::string& table,
                  const std::vector<std::string>& columns) {
    return reader->of({schema, table}, columns);
  };
}

Result<transfers::MaskPlan> look_at_masks(MoveRun& move, PostgresSession& source) {
  LS_ASSIGN(const formats::MaskKey key, find_mask_key(move.run.world, move.input.move));
  LS_ASSIGN(transfers::MaskPlan plan, transfers::plan_masks(source, *move.input.move.masks, key));
  move.report.findings.insert(move.report.findings.end(), plan.findings.begin(),
                              plan.findings.end());
  const auto masked = std::count_if(plan.columns.begin(), plan.columns.end(), [](const auto& one) {
    return !one.second.starts_with("keep");
  });
  move.add_gate("masks", !plan.blocked(),
                plan.blocked()
                    ? "a column cannot be masked as declared"
                    : fmt::format("{} of {} columns are masked", masked, plan.columns.size()),
                "follow the remedies of the findings");
  return plan;
}

Status look_at_servers_apart(MoveRun& move, PostgresSession& source, PostgresSession& target) {
  constexpr const char* kServer =
      "SELECT system_identifier::text FROM pg_catalog.pg_control_system()";
  LS_ASSIGN(const std::string here, source.value(kServer));
  LS_ASSIGN(const std::string there, target.value(kServer));
  move.add_gate("servers apart", here != there,
                here != there ? "the copy is on a server of its own"
                              : "the copy would be on production's own server",
                "name a database of another server: roles belong to all of a server, and those of "
                "a copy may not log in while it is made");
  return {};
}

Status keep_masks(MoveRun& move, const transfers::MaskPlan& plan) {
  LS_ASSIGN(const formats::MaskKey key, find_mask_key(move.run.world, move.input.move));
  LS_ASSIGN(const auto known, move.room->document("masks"));
  const std::string remedy =
      "put it back as it was; or end this copy with 'lakeshift move cancel', empty the target and "
      "make a copy of another name";
  std::vector<std::string> added;
  if (known) {
    if (text_at(*known, "key") != key.fingerprint())
      return fail("masks-changed", "the key is not the one that rows there were masked with",
                  "staging copy '" + move.input.move.name + "'", remedy);
    const Json& columns = member(*known, "columns");
    for (const auto& [column, mask] : plan.columns) {
      if (!columns.contains(column))
        added.push_back(column + " as " + mask.substr(0, mask.find('/')));
      else if (text_at(columns, column.c_str()) != mask)
        return fail("masks-changed",
                    "the mask is '" + mask.substr(0, mask.find('/')) +
                        "' with other settings or was another when rows there were masked",
                    column, remedy);
    }
    if (added.empty()) return {};
  }
  Json columns = Json::object();
  for (const auto& [column, mask] : plan.columns) columns[column] = mask;
  LS_TRY(move.room->save_document("masks", {{"key", key.fingerprint()}, {"columns", columns}}));
  if (added.empty()) return {};
  return move.did("masks", "new columns: " + join(added, ", "), {{"new", added}});
}

Result<bool> try_staging_masks(MoveRun& move, PostgresSession& source, PostgresSession& target,
                               const transfers::MaskPlan& plan) {
  LS_ASSIGN(const auto findings, transfers::try_masks(source, target, move.state.tables, plan));
  move.report.findings.insert(move.report.findings.end(), findings.begin(), findings.end());
  if (findings.empty())
    LS_TRY(move.did("mask trial", fmt::format("masked rows of {} tables fit the target's "
                                              "constraints",
                                              move.state.tables.size())));
  return findings.empty();
}

Result<RowsProof> prove_masked_rows(MoveRun& move, const WaitApplied& wait, std::stop_token stop) {
  LS_ASSIGN(const formats::MaskKey key, find_mask_key(move.run.world, move.input.move));
  LS_ASSIGN(const auto source, PostgresSession::connect(move.sides.source, stop));
  LS_ASSIGN(const auto target, PostgresSession::connect(move.sides.target, stop));
  LS_ASSIGN(const transfers::MaskPlan plan,
            transfers::plan_masks(*source, *move.input.move.masks, key));
  RowsProof proof;
  proof.method = "every row read, the source's masked here";
  LS_ASSIGN(const auto unlogged, transfers::unlogged_tables(*source, move.state.tables));
  std::vector<checks::MaskedTable> tables;
  for (const transfers::TableName& name : move.state.tables) {
    if (std::find(unlogged.begin(), unlogged.end(), name) != unlogged.end()) {
      ++proof.unlogged;
      continue;
    }
    LS_ASSIGN(const transfers::CopyTable copy,
              transfers::plan_copy(*source, *target, name, kWhole));
    if (copy.names.empty()) continue;
    LS_ASSIGN(const transfers::TargetRelation relation,
              transfers::read_relation(*target, name.first, name.second));
    checks::MaskedTable table{name.first, name.second, plan.of(name, copy.names), {}};
    for (std::size_t i = 0; i < copy.names.size(); ++i)
      if (const auto* column = relation.find(copy.names[i]); column != nullptr && column->in_key)
        table.key.push_back(i);
    tables.push_back(std::move(table));
  }
  world::Run mine{move.run.world, move.run.events, stop};
  LS_ASSIGN(const auto proofs,
            checks::compare_masked_rows(move.sides.source, move.sides.target, tables, wait, mine));
  for (const checks::MaskedProof& one : proofs) {
    proof.rows += one.rows;
    proof.equal = proof.equal && one.equal;
    proof.differences.insert(proof.differences.end(), one.differences.begin(),
                             one.differences.end());
    proof.tables.push_back({{"table", one.table},
                            {"rows", one.rows},
                            {"equal", one.equal},
                            {"differences", one.differences.size()},
                            {"not_judged", one.moving}});
    if (one.moving > 0) proof.moving.push_back(fmt::format("{}: {} rows", one.table, one.moving));
  }
  return proof;
}

Result<MoveReport> refuse_switch(MoveRun& move) {
  const std::string& of = move.input.move.staging_of;
  move.add_gate("a move of production", false,
                "'" + move.input.move.name + "' is a masked staging copy of '" + of +
                    "': its rows are no rows of production",
                "switch '" + of + "' itself; 'lakeshift move complete " + move.input.move.name +
                    "' makes the copy a database of its own, 'lakeshift move rehearse " + of +
                    "' tries a switch on it");
  return move.end(MoveOutcome::blocked, "a gate is closed; nothing was switched");
}

namespace {

Status finish_rows(MoveRun& move, PostgresSession& source, PostgresSession& target) {
  if (!is_subset(move.input.move)) {
    MoveFollower follower(move.sides, move.input.move, 0, move.run, move.live);
    LS_ASSIGN(const databases::Lsn mark, transfers::mark_fence(source));
    LS_TRY(follower.drain(mark, move.run.stop));
  }
  LS_ASSIGN(const std::int64_t sequences,
            transfers::carry_sequences(source, target, move.input.move.headroom));
  LS_ASSIGN(const auto stale, transfers::refresh_views(source, target));
  if (!stale.empty())
    move.say("materialised views could not be filled: " + join(stale, "; "), true);
  LS_TRY(move.did("last changes",
                  fmt::format("the last changes are in; {} sequences moved ahead", sequences),
                  {{"sequences", sequences}}));
  move.state.part = kCompleting;
  return move.room->save(move.state);
}

}  // namespace

Result<MoveReport> complete_staging(MoveRun& move) {
  move.add_gate("made", move.state.phase == "following", "phase " + move.state.phase,
                "run 'lakeshift move create " + move.input.move.name + "' until it follows");
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "a gate is closed");
  if (move.input.dry_run) {
    move.report.steps = {"would apply the last changes and move the sequences ahead",
                         "would drop the copy's slot and publication at the source",
                         "would let the applications' roles into the copy"};
    return move.end(MoveOutcome::done);
  }
  LS_ASSIGN(const auto source, move.connect(move.sides.source));
  LS_ASSIGN(const auto target, move.connect(move.sides.target));
  // Killed behind this, the next run goes on here: there is nothing to apply any more.
  if (move.state.part != kCompleting) LS_TRY(finish_rows(move, *source, *target));
  LS_TRY(remove_traces(move, *source, false));
  LS_ASSIGN(const std::int64_t grants, transfers::open_writers(*target));
  LS_TRY(remove_traces(move, *target, false));
  move.state.phase = "completed";
  LS_TRY(move.room->save(move.state));
  LS_TRY(move.did("complete",
                  fmt::format("the copy stands alone: {} rights given; nothing of it is left at "
                              "the source",
                              grants),
                  {{"grants", grants}}));
  return move.end(MoveOutcome::done);
}

}  // namespace lakeshift::stages

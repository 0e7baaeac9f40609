// Making a move, part by part, and following its changes.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_copy.h"
#include "knowledge/transfers/postgres_publication.h"
#include "knowledge/transfers/postgres_schema.h"
#include "knowledge/transfers/postgres_switch.h"
#include "stages/move_staging.h"

namespace lakeshift::stages {

using databases::PostgresSession;
using transfers::SchemaPart;

namespace {

constexpr const char* kParts[] = {"schema", "copy", "after-data", "settle", "validation"};

class Creation {
 public:
  explicit Creation(MoveRun& move) : move_(move) {}

  // True: made; false: something blocks, said in the report.
  Result<bool> make() {
    LS_ASSIGN(source_, move_.connect(move_.sides.source));
    LS_ASSIGN(target_, move_.connect(move_.sides.target));
    if (move_.state.phase == "new") {
      LS_ASSIGN(const bool clear, look());
      if (!clear || move_.input.dry_run) return clear;
    }
    for (PostgresSession* side : {source_.get(), target_.get()})
      LS_TRY(move_.end_own_sessions(*side));
    const auto* part = std::find(std::begin(kParts), std::end(kParts), move_.state.part);
    for (; part != std::end(kParts); ++part) {
      LS_TRY(enter(*part));
      LS_ASSIGN(const bool clear, do_part(*part));
      if (!clear) return false;
    }
    move_.state.phase = "following";
    move_.state.part.clear();
    LS_TRY(move_.room->save(move_.state));
    return true;
  }

 private:
  Status enter(const std::string& part) {
    move_.state.phase = "creating";
    move_.state.part = part;
    return move_.room->save(move_.state);
  }

  Result<bool> do_part(const std::string& part) {
    if (part == "schema") return schema();
    if (part == "copy") return copy();
    if (part == "after-data") return after_data();
    if (part == "settle") return settle();
    return run_part(SchemaPart::validation);
  }

  Result<bool> look() {
    LS_ASSIGN(const databases::Preflight found, move_.preflight(*source_, *target_));
    for (const databases::Obstacle& obstacle : found.obstacles)
      move_.report.findings.push_back(databases::to_finding(obstacle));
    move_.add_gate("preflight", !found.blocked(),
                   found.blocked() ? "obstacles stand in the way" : "no obstacle",
                   "follow the remedies of the findings");
    const bool known = look_at_roles(found.source);
    if (move_.input.move.is_staging()) {  // of production nobody is fenced
      LS_TRY(look_at_servers_apart(move_, *source_, *target_));
      LS_TRY(look_at_fence_rights(move_, *target_, *target_));
      LS_TRY(look_at_masks(move_, *source_));
    } else {
      LS_TRY(look_at_fence_rights(move_, *source_, *target_));
    }
    std::int64_t bytes = 0;
    std::vector<std::string> left_out;
    move_.state.tables.clear();
    for (const databases::PostgresTable& table : found.source.tables) {
      if (!table.holds_rows() || !table.extension.empty() || table.schema == databases::kOwnSchema)
        continue;
      if (leaves_out(move_.input.move, table)) {
        left_out.push_back(table.label());
        continue;
      }
      move_.state.tables.emplace_back(table.schema, table.name);
      bytes += table.bytes;
    }
    if (found.blocked() || !known || !move_.gates_open()) return false;
    const std::string what =
        fmt::format("{} tables, {} MB{}", move_.state.tables.size(), bytes >> 20,
                    left_out.empty() ? "" : "; left out: " + join(left_out, ", "));
    if (move_.input.dry_run) {
      move_.report.steps = {"would carry the definitions over", "would copy " + what,
                            "would build indexes and keys, fence the applications' roles in the "
                            "target, catch up, and check foreign keys",
                            move_.input.move.by_subscription()
                                ? "would hand the changes over to a subscription of the target"
                                : "would follow the changes until stopped"};
      return true;
    }
    LS_TRY(write_definitions(found));
    LS_TRY(move_.did("preflight", "no obstacle; " + what,
                     {{"tables", move_.state.tables.size()},
                      {"bytes", bytes},
                      {"left_out", left_out},
                      {"source", move_.sides.source.to_text()},
                      {"target", move_.sides.target.to_text()}}));
    LS_TRY(enter(kParts[0]));
    return true;
  }

  bool look_at_roles(const databases::PostgresCatalog& source) {
    const auto roles = source.of("role");
    std::string missing;
    for (const std::string& wanted : move_.input.move.applications)
      if (std::none_of(roles.begin(), roles.end(),
                       [&](const auto* role) { return role->name == wanted; }))
        missing += (missing.empty() ? "" : ", ") + wanted;
    move_.add_gate("applications", missing.empty(),
                   missing.empty() ? "their roles exist" : "the source has no role " + missing,
                   "name in 'applications' the roles that write");
    return missing.empty();
  }

  Status write_definitions(const databases::Preflight& found) {
    LS_ASSIGN(const transfers::SchemaScript script, read_definitions(move_, found));
    return move_.room->save_document("schema", transfers::to_json(script));
  }

  // Definitions that the target refuses are findings; they block unless their code is accepted.
  Result<bool> run_part(SchemaPart part) {
    LS_ASSIGN(const transfers::SchemaScript all, known_definitions(move_));
    LS_ASSIGN(const transfers::SchemaOutcome outcome,
              transfers::apply_schema(move_.run, *target_, all, part));
    bool clear = true;
    for (const transfers::SchemaIssue& issue : outcome.failures) {
      const auto& accept = move_.input.move.accept;
      const bool accepted = std::find(accept.begin(), accept.end(), issue.code) != accept.end();
      model::Finding finding;
      finding.code = "pg-definition-refused";
      finding.severity = accepted ? model::Severity::warning : model::Severity::blocking;
      finding.kind = issue.kind;
      finding.key = issue.name;
      finding.where = "target";
      finding.cause = issue.reason + " (" + issue.code + ")";
      finding.remedy = issue.remedy.empty()
                           ? "put the target right and run again, or accept: [" + issue.code + "]"
                           : issue.remedy;
      clear = clear && accepted;
      move_.report.findings.push_back(std::move(finding));
    }
    const std::string name(transfers::to_text(part));
    LS_TRY(move_.did(name,
                     fmt::format("definitions {}: {} run, {} before, {} refused", name,
                                 outcome.done, outcome.before, outcome.failed),
                     {{"found", outcome.found},
                      {"done", outcome.done},
                      {"before", outcome.before},
                      {"failed", outcome.failed}}));
    return clear;
  }

  Result<bool> schema() {
    LS_ASSIGN(const bool clear, run_part(SchemaPart::before_data));
    if (!clear) return false;
    // Before the roles have a password there.
    LS_TRY(fence_target());
    if (move_.input.move.is_staging()) {  // production's passwords are none of its business
      move_.say("roles get no password in the copy: set those that it needs");
      LS_ASSIGN(const transfers::MaskPlan plan, masks(false));
      return try_staging_masks(move_, *source_, *target_, plan);
    }
    LS_ASSIGN(const databases::PostgresCatalog here, databases::read_catalog(*source_));
    LS_ASSIGN(const databases::PostgresCatalog there, databases::read_catalog(*target_));
    LS_ASSIGN(const databases::ManagedService service, databases::managed_service(here));
    LS_ASSIGN(const auto issues,
              transfers::copy_role_passwords(*source_, *target_, {here, there, service}));
    for (const transfers::SchemaIssue& issue : issues) {
      model::Finding finding;
      finding.code = "pg-role-password";
      finding.kind = issue.kind;
      finding.key = issue.name;
      finding.where = "target";
      finding.cause = issue.reason;
      finding.remedy = issue.remedy;
      move_.report.findings.push_back(std::move(finding));
    }
    return true;
  }

  Result<bool> copy() {
    const std::string publication = publication_of(move_.input.move);
    if (!is_subset(move_.input.move)) {  // which follows nothing
      LS_ASSIGN(move_.state.whole,
                transfers::ensure_publication(*source_, publication, move_.state.tables,
                                              move_.input.move.leave_out.empty() &&
                                                  !move_.input.move.is_staging() &&
                                                  !move_.input.move.by_subscription()));
      LS_TRY(move_.try_subscription(0));  // before hours of copying
    }
    LS_TRY(move_.room->save(move_.state));
    LS_ASSIGN(const transfers::SchemaScript all, known_definitions(move_));
    transfers::CopyOptions options;
    options.slot = slot_of(move_.input.move, 0);
    options.tables = move_.state.tables;
    options.workers = static_cast<std::size_t>(move_.input.move.workers);
    options.after_table = [&](const transfers::TableName& table) {
      return transfers::statements_of_table(all, table);
    };
    transfers::MaskPlan plan;
    if (move_.input.move.is_staging()) {
      LS_ASSIGN(plan, masks(true));
      options.masks = &plan;
      if (is_subset(move_.input.move))
        options.choose_rows = [&](PostgresSession& snapshot) {
          return transfers::choose_subset(snapshot, move_.input.move.masks->subset);
        };
    }
    options.on_progress = [&](const transfers::CopyState& now) {
      move_.progress("tables copied", now.tables_done, now.tables);
      move_.progress("rows copied", now.rows, 0);
    };
    const world::Instant began = move_.run.world.clock.now();
    LS_ASSIGN(const transfers::CopyState copied,
              transfers::copy_tables(move_.sides.source, move_.sides.target, options, move_.run));
    const auto took = std::max<long long>(1, (move_.run.world.clock.now() - began).count());
    Json as_text = Json::array();
    for (const auto& [table, reason] : copied.as_text) as_text.push_back(table + ": " + reason);
    LS_TRY(
        move_.did("copy",
                  fmt::format("copied {} tables: {} rows, {} MB in {:.1f} s, {} kept from before",
                              copied.tables, copied.rows, copied.bytes >> 20,
                              static_cast<double>(took) / 1000.0, copied.tables_kept),
                  {{"tables", copied.tables},
                   {"rows", copied.rows},
                   {"bytes", copied.bytes},
                   {"ms", took},
                   {"kept", copied.tables_kept},
                   {"snapshots", copied.snapshots},
                   {"as_text", as_text},
                   {"slot_from", databases::lsn_text(copied.start)}}));
    if (!move_.input.move.is_staging())
      LS_TRY(carry_ahead(move_, false));
    else
      move_.say("large objects are left out of a masked copy: nobody knows what is in them");
    return true;
  }

  // `keeps`: rows are about to be masked so, and no other way from now on.
  Result<transfers::MaskPlan> masks(bool keeps) {
    LS_ASSIGN(const formats::MaskKey key, find_mask_key(move_.run.world, move_.input.move));
    LS_ASSIGN(transfers::MaskPlan plan,
              transfers::plan_masks(*source_, *move_.input.move.masks, key));
    if (keeps) LS_TRY(keep_masks(move_, plan));
    return plan;
  }

  // The rights that the definitions gave are taken again until the switch: born inert.
  Result<bool> after_data() {
    LS_ASSIGN(const bool clear, run_part(SchemaPart::after_data));
    if (!clear) return false;
    LS_TRY(transfers::analyze_parents(*target_));
    LS_TRY(fence_target());
    return true;
  }

  Status fence_target() {
    if (move_.input.move.applications.empty()) {
      move_.say("no applications are named: nobody is fenced, and no switch is possible", true);
      return {};
    }
    LS_ASSIGN(
        const transfers::FenceReport fence,
        transfers::fence_writers(*target_, move_.input.move.applications, move_.run.world.clock));
    return move_.did("fence target",
                     fmt::format("the target refuses {} roles until the switch: {} writes tried",
                                 fence.roles.size(), fence.refused.size()),
                     {{"roles", fence.roles}, {"refused", fence.refused.size()}});
  }

  // Keys are checked over a state that the source had as a whole.
  Result<bool> settle() {
    if (is_subset(move_.input.move)) return true;
    MoveFollower follower(move_.sides, move_.input.move, 0, move_.run, move_.live);
    LS_ASSIGN(const databases::Lsn mark, transfers::mark_fence(*source_));
    LS_TRY(follower.drain(mark, move_.run.stop));
    return true;
  }

  MoveRun& move_;
  std::unique_ptr<PostgresSession> source_, target_;
};

Result<MoveReport> create(MoveRun& move) {
  const MoveInput& input = move.input;
  if (!input.dry_run) LS_TRY(move.settle_switch());
  if (input.dry_run && move.state.phase == "creating") {
    move.report.steps = {"would go on with part " + move.state.part};
    return move.end(MoveOutcome::done);
  }
  if (move.state.phase == "new" || move.state.phase == "creating") {
    Creation creation(move);
    LS_ASSIGN(const bool made, creation.make());
    if (!made) return move.end(MoveOutcome::blocked, "something stands in the way");
  }
  if (input.dry_run) return move.end(MoveOutcome::done);
  if (is_subset(input.move)) return complete_staging(move);
  if (input.move.is_staging()) {  // its source's columns may be others since
    LS_ASSIGN(const auto source, move.connect(move.sides.source));
    LS_ASSIGN(const transfers::MaskPlan plan, look_at_masks(move, *source));
    if (plan.blocked()) return move.end(MoveOutcome::blocked, "a column cannot be masked");
    LS_TRY(keep_masks(move, plan));
  }
  LS_ASSIGN(const MoveOutcome outcome, follow_leg(move, input.until_caught_up));
  return move.end(outcome);
}

}  // namespace

Result<MoveReport> create_move(const MoveInput& input, world::Run& run) {
  MoveRun move(input, run, "create");
  LS_TRY(move.open(true));
  return move.leave(create(move));
}

}  // namespace lakeshift::stages

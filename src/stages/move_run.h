// What the verbs of a move of PostgreSQL share: its sides, and the parts of a switch.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "knowledge/checks/postgres_rows.h"
#include "knowledge/databases/postgres_preflight.h"
#include "knowledge/transfers/postgres_schema.h"
#include "stages/move.h"
#include "stages/move_follow.h"
#include "stages/move_verb.h"

namespace lakeshift::stages {

// One verb's run. Not thread safe, not movable.
class MoveRun final : public MoveVerb {
 public:
  using MoveVerb::MoveVerb;

  // Opens room, sides and state; drives (takes the lock) when asked to. Errors: "move-over" unless
  // it only looks; those of the parts.
  Status open(bool drive);
  Status go_back(const std::string& reason) override;
  Status open_other_side() override;
  // From a subscription, when the following side has it.
  Status take_stream_back() override;
  Status hand_stream_over();
  // Whether the side that would follow in this leg reaches the other, whose publication is there.
  // Error "pg-subscription-unreachable".
  Status try_subscription(int leg);
  // Ends a verb, well or not. After an error that may pass the server follows as it did before;
  // what our own apply could not apply is not left to one that might pass over it.
  Result<MoveReport> leave(Result<MoveReport> ended);

  Result<std::unique_ptr<databases::PostgresSession>> connect(
      const databases::PostgresAddress& side) {
    return databases::PostgresSession::connect(side, run.stop);
  }
  // The same, for work that must be done after a stop.
  Result<std::unique_ptr<databases::PostgresSession>> connect_anyway(
      const databases::PostgresAddress& side);
  // Gives the applications their rights there, in as many connections as it takes.
  Result<std::int64_t> open_writers_anyway(const databases::PostgresAddress& side);
  // Ends what a killed run left at work in this database. For who drives.
  Status end_own_sessions(databases::PostgresSession& side);
  Result<databases::Preflight> preflight(databases::PostgresSession& source,
                                         databases::PostgresSession& target);
  // For servers of these versions; looked for once.
  std::optional<databases::DumpProgram> dump_program(int source, int target);

  MoveSides sides;

  // Ends an apply of this verb. One that failed for good keeps the stream from being handed over.
  void end_apply(std::unique_ptr<MoveFollower>& follower);
  bool handed_over = false;   // a subscription follows, as far as this run knows
  bool keeps_stream = false;  // at its end too, whatever follows: see leave()

 private:
  std::optional<std::vector<databases::DumpProgram>> dump_programs_;

  Status leave_stream() override;
  std::string address_text(bool target) const override {
    return (target ? sides.target : sides.source).to_text();
  }
  std::string follows_text() const override {
    return handed_over ? " follows by its own subscription" : " follows";
  }
};

// Applies the present leg's changes until stopped, until another process wants to drive, or until
// the lag is below its limit.
Result<MoveOutcome> follow_leg(MoveRun& move, bool until_caught_up);

// Compares the rows of the present leg: all, or those that were touched. Live when `wait` is given
// (the other side holds all that was committed before a position), else both sides are at rest.
struct RowsProof {
  bool equal = true;  // of all that could be judged
  long long rows = 0;
  std::vector<std::string> differences;
  std::vector<std::string> moving;  // "table: row": changed each time they were looked at
  std::size_t unlogged = 0;         // tables that are compared at rest only
  std::string method;
  Json tables = Json::array();  // {"table", "rows", "equal", "differences", "not_judged", …}
  std::int64_t chunks = 0, chunks_kept = 0, rows_kept = 0, chunks_again = 0;  // of TableProof
};
using WaitApplied = std::function<Status(databases::Lsn)>;
// `aids`: of a comparison of all rows that may take long: its throttle and what it remembers.
struct RowsAids {
  std::int64_t chunk_rows = 2'000'000;
  std::size_t workers = 1;
  std::function<Status(const std::string& table, std::int64_t rows, bool compared)> after_chunk;
  checks::RowMarks* marks = nullptr;
  std::function<Status(const checks::RowMarks&)> save_marks;
  std::shared_ptr<checks::ChunkCheck> ahead;
  checks::SinceMarks* remember = nullptr;  // RowsOptions
  const checks::SinceMarks* since = nullptr;
};
// None: not to be had, which is said; then rows that move are looked at again until they agree.
Result<std::unique_ptr<StillPoint>> stand_still(MoveRun& move, MoveFollower& follower);
// Live as well, and exactly, at a still point; it ends as soon as it can.
Result<RowsProof> prove_rows(MoveRun& move, const WaitApplied& wait, const TouchedRows* only,
                             std::stop_token stop, const RowsAids* aids = nullptr,
                             std::unique_ptr<StillPoint> still = nullptr);
// Of the present leg's tables: those whose rows cannot be told apart by a key.
Result<std::set<TouchedRows::Table>> tables_without_key(MoveRun& move);
// Takes slots, publication and notes of the move away; with `keep_fence` all but what the fence
// took.
Status remove_traces(MoveRun& move, databases::PostgresSession& side, bool keep_fence);
// The source's definitions: as they are, and as they were when the move was made or when their
// changes were last said to be known.
Result<transfers::SchemaScript> read_definitions(MoveRun& move, const databases::Preflight& found);
Result<transfers::SchemaScript> known_definitions(MoveRun& move);
bool leaves_out(const MoveConfig& move, const databases::PostgresTable& table);
// Gates of a switch. "tables": both sides have the same ones, and those made since are published;
// they become part of the move. "definitions": nothing changed since, or the user knows.
Status look_at_tables(MoveRun& move, const databases::Preflight& found,
                      databases::PostgresSession& from);
Status look_at_definitions(MoveRun& move, const databases::Preflight& found);

// Gate "fence rights": our user may fence the applications on both sides.
Status look_at_fence_rights(MoveRun& move, databases::PostgresSession& source,
                            databases::PostgresSession& target);

// What no change stream carries (postgres_unstreamed.h). Ahead of a switch, while both sides live:
// large objects that are there by now and, of a switch, what materialised views hold.
Status carry_ahead(MoveRun& move, bool of_switch);
// In the pause, when the stream is at its end: unlogged tables, which are touched then, and large
// objects, which are proven equal. Error "objects-differ".
Status carry_at_rest(MoveRun& move, databases::PostgresSession& from,
                     databases::PostgresSession& to, TouchedRows& touched, std::stop_token stop);
// Remembers a proof of all rows: verified.json, report and, unless it is one of many, evidence.
Status save_proof(MoveRun& move, const RowsProof& proof, bool evidence = true);

}  // namespace lakeshift::stages

#include "stages/move_follow.h"

#include "core/world/time_limit.h"
#include "knowledge/databases/postgres_access.h"
#include "knowledge/transfers/postgres_switch.h"
#include "stages/move_staging.h"

namespace lakeshift::stages {

using databases::Lsn;

namespace {

constexpr world::Millis kTick{2};
constexpr world::Millis kStillLimit{5000};  // the following side falls behind meanwhile
constexpr std::size_t kMostKeys = 50'000;   // of a table; with more of them it is compared whole

Result<databases::PostgresAddress> find_side(world::World& world, const MoveConfig& move,
                                             const std::string& side, const std::string& text) {
  auto address = databases::find_postgres_address(world, move.name + "_" + side, text);
  if (!address && address.error().code == "no-address")
    address.error().remedy = "write moves: {" + move.name + ": {" + side +
                             ": postgresql://user@host/database}} into lakeshift.yaml";
  return address;
}

// Without a word of its own, where we reach that side.
Result<databases::PostgresAddress> find_door(world::World& world, const std::string& name,
                                             const std::string& text,
                                             const databases::PostgresAddress& side) {
  auto door = databases::find_postgres_address(world, name, text);
  if (!door && door.error().code == "no-address" && text.empty()) return side;
  return door;
}

}  // namespace

Result<MoveSides> find_sides(world::World& world, const MoveConfig& move) {
  MoveSides sides;
  if (move.is_staging()) {
    MoveConfig production = move;  // whose address and password it shares
    production.name = move.staging_of;
    LS_ASSIGN(sides.source, find_side(world, production, "source", move.source));
  } else if (!move.rehearsal_of.empty()) {  // from the staging copy, with its user
    MoveConfig staging = move;
    staging.name = move.rehearsal_staging;
    LS_ASSIGN(sides.source, find_side(world, staging, "target", move.source));
  } else {
    LS_ASSIGN(sides.source, find_side(world, move, "source", move.source));
  }
  MoveConfig rehearsed = move;
  if (!move.rehearsal_of.empty()) rehearsed.name = move.rehearsal_of;
  LS_ASSIGN(
      sides.target,
      find_side(world, rehearsed, move.rehearsal_of.empty() ? "target" : "rehearsal", move.target));
  for (databases::PostgresAddress* side : {&sides.source, &sides.target})
    side->application = "lakeshift move " + move.name, side->withholds_values = move.is_staging();
  if (sides.source.to_text() == sides.target.to_text())
    return fail("bad-config", "source and target are the same database, " + sides.source.to_text(),
                "move '" + move.name + "'", "name two different databases");
  if (!move.by_subscription()) return sides;
  LS_ASSIGN(sides.source_for_target, find_door(world, move.name + "_source_for_target",
                                               move.source_for_target, sides.source));
  LS_ASSIGN(sides.target_for_source, find_door(world, move.name + "_target_for_source",
                                               move.target_for_source, sides.target));
  return sides;
}

std::string publication_of(const MoveConfig& move) { return "lakeshift_" + move.name; }

std::string subscription_of(const MoveConfig& move) { return publication_of(move); }

std::string slot_of(const MoveConfig& move, int leg) {
  return publication_of(move) + "_" + std::to_string(leg);
}

std::size_t TouchedRows::amount() const {
  std::size_t sum = 0;
  for (const auto& [table, set] : keys) sum += set.size();
  return sum;
}

void TouchedRows::add(transfers::TouchedRow row) {
  const Table table{std::move(row.schema), std::move(row.table)};
  if (!row.key.empty() && !whole.contains(table)) {
    auto& known = keys[table];
    known.insert(std::move(row.key));
    if (known.size() <= kMostKeys) return;
  }
  add_whole(table, row.key.empty() && row.added ? std::optional<std::int64_t>(1) : std::nullopt);
}

void TouchedRows::add_whole(const Table& table, std::optional<std::int64_t> added) {
  if (keys.erase(table) > 0) added.reset();
  const auto [known, made] = whole.emplace(table, added);
  if (made || !known->second) return;
  if (added)
    *known->second += *added;
  else
    known->second.reset();
}

void TouchedRows::add(const TouchedRows& more) {
  for (auto& [table, set] : more.keys)
    for (const Key& key : set) add(transfers::TouchedRow{table.first, table.second, key});
  for (const auto& [table, added] : more.whole) add_whole(table, added);
}

MoveFollower::MoveFollower(const MoveSides& sides, const MoveConfig& move, int leg, world::Run& run,
                           MoveLive& live, bool notes_rows)
    : run_(run),
      on_stop_(run.stop, [this] { stop_.request_stop(); }),
      from_(sides.from(leg)),
      to_(sides.to(leg)) {
  options_.slot = slot_of(move, leg);
  options_.publication = publication_of(move);
  if (move.is_staging()) options_.masks = follow_masks(move, sides.source, run);
  options_.until = &until_;
  options_.awaited = &awaited_;
  options_.hold = &hold_;
  options_.at_hold = [this] { join_still_point(); };
  options_.on_progress = [this, &live](const transfers::ApplyState& state) {
    state_.with([&](transfers::ApplyState& mine) { mine = state; });
    live.measure("bytes_behind", static_cast<long long>(state.lag_bytes));
    live.measure("ms_behind", static_cast<long long>(state.lag_seconds * 1000.0));
    live.measure("changes", state.changes);
  };
  if (notes_rows)
    options_.on_touch = [this](transfers::TouchedRow row) {
      touched_.with([&](TouchedRows& touched) { touched.add(std::move(row)); });
    };
  thread_ = std::make_unique<world::Executor>(1);
  thread_->submit([this] {
    world::Run mine{run_.world, run_.events, stop_.get_token()};
    const auto ended = transfers::apply_changes(from_, to_, options_, mine);
    if (ended)
      state_.with([&](transfers::ApplyState& state) { state = *ended; });
    else if (!stop_.stop_requested())
      failure_.with([&](Status& failure) { failure = fail(ended.error()); });
    ended_ = true;
  });
}

MoveFollower::~MoveFollower() { stop(); }

void MoveFollower::stop() {
  stop_.request_stop();
  thread_.reset();
}

transfers::ApplyState MoveFollower::state() const {
  return state_.with([](const transfers::ApplyState& state) { return state; });
}

Status MoveFollower::failure() const {
  return failure_.with([](const Status& failure) { return failure; });
}

Status MoveFollower::wait_applied(Lsn position, std::stop_token stop) {
  awaited_ = position;
  while (state().applied < position) {
    if (ended_) {
      LS_TRY(failure());
      if (state().applied >= position) break;
      return fail("cancelled", "the apply was stopped", options_.slot);
    }
    if (!run_.world.clock.sleep(kTick, stop)) return fail("cancelled", "stopped", options_.slot);
  }
  return {};
}

Status MoveFollower::drain(Lsn position, std::stop_token stop) {
  until_ = position;
  while (!ended_)
    if (!run_.world.clock.sleep(kTick, stop)) return fail("cancelled", "stopped", options_.slot);
  LS_TRY(failure());
  if (state().applied < position) return fail("cancelled", "the apply was stopped", options_.slot);
  return {};
}

Result<long long> MoveFollower::measure_lag(databases::PostgresSession& from,
                                            std::stop_token stop) {
  const world::Instant began = run_.world.clock.now();
  LS_ASSIGN(const Lsn mark, transfers::mark_fence(from));
  LS_TRY(wait_applied(mark, stop));
  return static_cast<long long>((run_.world.clock.now() - began).count());
}

Result<std::unique_ptr<StillPoint>> MoveFollower::stand_still(std::stop_token stop) {
  auto point = std::make_unique<StillPoint>();
  const world::TimeLimit limit(run_.world.clock, kStillLimit, stop);
  const Status made = make_views(*point, limit.token());
  // Whatever happened, the apply goes on.
  wanted_.with([](Wanted& wanted) { wanted = {}; });
  hold_ = 0;
  if (made) {
    point->from.holder->stop_with(stop);
    point->to->stop_with(stop);
    return point;
  }
  // It may have been joined in the instant in which it was given up: no row is forgotten.
  touched_.with([&](TouchedRows& touched) { touched.add(point->touched); });
  if (stop.stop_requested()) return fail("cancelled", "stopped", options_.slot);
  LS_TRY(failure());
  return fail("no-still-point",
              limit.over() ? "transactions of the writing side stay open" : made.error().to_text(),
              options_.slot);
}

// What is committed while the view is made has to wait: where it begins is known only then.
Status MoveFollower::make_views(StillPoint& point, std::stop_token stop) {
  LS_ASSIGN(const auto beside, databases::PostgresSession::connect(from_, stop));
  LS_ASSIGN(point.to, databases::PostgresSession::connect(to_, stop));
  LS_ASSIGN(const std::string now, beside->value("SELECT pg_catalog.pg_current_wal_insert_lsn()"));
  LS_ASSIGN(hold_, databases::parse_lsn(now));
  LS_ASSIGN(point.from, databases::create_slot(from_, options_.slot + "_view", true, stop));
  wanted_.with([&](Wanted& wanted) { wanted.point = &point; });
  hold_ = awaited_ = point.from.position;
  while (true) {
    const std::optional<Status> joined =
        wanted_.with([](const Wanted& wanted) { return wanted.joined; });
    if (joined) return *joined;
    if (ended_) return fail("cancelled", "the apply was stopped", options_.slot);
    if (!run_.world.clock.sleep(kTick, stop)) return fail("cancelled", "stopped", options_.slot);
  }
}

// By the apply's thread, which has nothing in flight.
void MoveFollower::join_still_point() {
  wanted_.with([this](Wanted& wanted) {
    if (wanted.point == nullptr || wanted.joined) return;
    wanted.joined = [&]() -> Status {
      LS_TRY(wanted.point->to->exec("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
      LS_ASSIGN(wanted.point->to_name,
                wanted.point->to->value("SELECT pg_catalog.pg_export_snapshot()"));
      wanted.point->touched = take_touched();
      return {};
    }();
    hold_ = 0;
  });
}

TouchedRows MoveFollower::take_touched() {
  return touched_.with([](TouchedRows& touched) { return std::exchange(touched, {}); });
}

}  // namespace lakeshift::stages

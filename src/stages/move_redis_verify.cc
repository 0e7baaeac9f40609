// Comparing the two sides of a move of Redis.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "core/world/bounded_queue.h"
#include "knowledge/checks/redis_keys.h"
#include "stages/move_redis_run.h"

namespace lakeshift::stages {

using databases::RedisAddress;
using databases::RedisNodes;
using databases::RedisReply;
using databases::RedisSession;
using transfers::RedisKey;

namespace {

constexpr int kLookRounds = 8;
constexpr std::size_t kKeysOfPage = 500;
constexpr std::size_t kPagesAhead = 64;
constexpr int kBefore70 = 70000;
constexpr std::int64_t kTolerance = 5;  // of servers that tell only the time left
constexpr world::Millis kUnsettled{300};

struct Page {
  int database = 0;
  std::vector<std::string> keys;
};

bool is_left_out(const MoveConfig& move, const std::string& key) {
  return std::any_of(move.leave_out.begin(), move.leave_out.end(),
                     [&](const std::string& pattern) { return matches_glob(key, pattern); });
}

// Compares pages in several threads; keys that differ are kept to be looked at again.
class Comparing {
 public:
  Comparing(RedisMoveRun& move, std::stop_token stop)
      : move_(move),
        on_stop_(std::move(stop), [this] { stop_.request_stop(); }),
        pages_(kPagesAhead) {}

  Status all() {
    return with_threads([this]() -> Status {
      LS_ASSIGN(const auto source, connect(move_.sides.source));
      LS_ASSIGN(const auto target, connect(move_.sides.target));
      LS_TRY(scan(*source, [this](Page page) { return give(std::move(page)); }));
      // What only the target has.
      return scan(*target, [&](Page page) -> Status {
        std::vector<databases::RedisCommand> commands;
        for (const std::string& key : page.keys) commands.push_back({{"EXISTS", key}});
        LS_ASSIGN(const std::vector<RedisReply> replies, source->run(page.database, commands));
        Page extra{page.database, {}};
        for (std::size_t i = 0; i < replies.size(); ++i)
          if (replies[i].number() == 0) extra.keys.push_back(page.keys[i]);
        return give(std::move(extra));
      });
    });
  }

  Status some(const std::vector<RedisKey>& keys) {
    return with_threads([&]() -> Status {
      std::map<int, Page> pages;
      for (const RedisKey& key : keys) {
        Page& page = pages[key.database];
        page.database = key.database;
        page.keys.push_back(key.key);
        if (page.keys.size() >= kKeysOfPage) LS_TRY(give(std::exchange(page, {})));
      }
      for (auto& [database, page] : pages) LS_TRY(give(std::move(page)));
      return {};
    });
  }

  checks::RedisComparison take() {
    return found_.with([](checks::RedisComparison& found) { return std::exchange(found, {}); });
  }
  std::vector<RedisKey> take_different() {
    return different_.with([](std::vector<RedisKey>& keys) { return std::exchange(keys, {}); });
  }

 private:
  RedisAddress side(const RedisAddress& address) const {
    RedisAddress looking = address;
    if (!move_.room->locked()) looking.name = "lakeshift.look";
    return looking;
  }
  Result<std::unique_ptr<RedisNodes>> connect(const RedisAddress& address) {
    return RedisNodes::connect(side(address), stop_.get_token());
  }

  Status with_threads(const std::function<Status()>& feed) {
    Status fed;
    {
      world::Executor threads(static_cast<std::size_t>(move_.config().workers));
      for (std::size_t i = 0; i < threads.size(); ++i) threads.submit([this] { work(); });
      fed = feed();
      pages_.close();
    }
    LS_TRY(failure_.with([](const Status& status) { return status; }));
    return fed;
  }

  Status give(Page page) {
    if (page.keys.empty()) return {};
    if (pages_.push(std::move(page), 1, stop_.get_token())) return {};
    LS_TRY(failure_.with([](const Status& status) { return status; }));
    return fail("cancelled", "stopped", "comparing");
  }

  Status scan(RedisNodes& nodes, const std::function<Status(Page)>& page) {
    int database = 0;
    const auto keep = [&](std::vector<std::string> keys) -> Status {
      std::erase_if(keys, [&](const std::string& key) { return is_left_out(move_.config(), key); });
      return page({database, std::move(keys)});
    };
    for (const RedisAddress& primary : nodes.primaries()) {
      LS_ASSIGN(RedisSession* const session, nodes.session(primary));
      LS_ASSIGN(const std::vector<int> databases, transfers::redis_databases(*session));
      for (const int one : databases) {
        database = one;
        LS_TRY(transfers::scan_redis(*session, database, keep));
      }
    }
    return {};
  }

  void work() {
    const Status done = [this]() -> Status {
      LS_ASSIGN(const auto source, connect(move_.sides.source));
      LS_ASSIGN(const auto target, connect(move_.sides.target));
      checks::RedisCompareOptions options;
      if (move_.found.measures)
        options.big_bytes = static_cast<std::int64_t>(move_.config().big_key_mb) << 20;
      options.tolerance_ms =
          source->version() < kBefore70 || target->version() < kBefore70 ? kTolerance : 0;
      while (!pages_.closed_and_empty() && !stop_.stop_requested()) {
        const auto page = pages_.pop(world::Millis(50));
        if (!page) continue;
        LS_ASSIGN(const RedisReply time, source->call(0, {"TIME"}, 0));
        options.now_ms = time.items.empty() ? 0 : time.items[0].number() * 1000;
        LS_ASSIGN(
            checks::RedisComparison found,
            checks::compare_redis_keys(*source, *target, page->database, page->keys, options));
        add(page->database, std::move(found));
      }
      return {};
    }();
    if (done) return;
    failure_.with([&](Status& status) {
      if (status) status = done;
    });
    stop_.request_stop();
  }

  void add(int database, checks::RedisComparison found) {
    different_.with([&](std::vector<RedisKey>& keys) {
      for (const std::string& key : found.different) keys.push_back({database, key});
    });
    found_.with([&](checks::RedisComparison& all) {
      all.keys += found.keys;
      move_.progress("keys compared", static_cast<long long>(all.keys), 0);
      all.by_parts += found.by_parts;
      all.expiring += found.expiring;
      all.descriptions.insert(all.descriptions.end(), found.descriptions.begin(),
                              found.descriptions.end());
    });
  }

  RedisMoveRun& move_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> on_stop_;
  world::BoundedQueue<Page> pages_;
  world::Guarded<checks::RedisComparison> found_;
  world::Guarded<std::vector<RedisKey>> different_;
  world::Guarded<Status> failure_;
};

// Keys that differ while both sides live: behind, changing all the time, or truly different. Those
// that the writing side changes between two looks are moving.
class SecondLook {
 public:
  SecondLook(RedisMoveRun& move, const RedisSettle& settle, std::stop_token stop)
      : move_(move), settle_(settle), stop_(std::move(stop)) {}

  Status look(std::vector<RedisKey> keys, RedisProof& proof) {
    LS_ASSIGN(from_, RedisNodes::connect(move_.sides.from(move_.state.leg), stop_));
    for (int round = 1; !keys.empty(); ++round) {
      LS_ASSIGN(const auto before, contents(keys));
      LS_TRY(settle_());
      Comparing again(move_, stop_);
      LS_TRY(again.some(keys));
      const std::vector<RedisKey> left = again.take_different();
      const checks::RedisComparison found = again.take();
      LS_ASSIGN(const auto after, contents(left));
      std::vector<RedisKey> moving;
      for (std::size_t i = 0; i < left.size(); ++i) {
        const auto was = before.find(left[i]);
        if (was != before.end() && was->second != after.at(left[i]))
          moving.push_back(left[i]);
        else
          proof.differences.push_back(found.descriptions[i]);
      }
      keys = std::move(moving);
      if (round < kLookRounds) continue;
      for (const RedisKey& key : keys)
        proof.moving.push_back(printable(key.key) + " of database " + std::to_string(key.database));
      return {};
    }
    return {};
  }

 private:
  using Contents = std::map<RedisKey, checks::RedisContent>;
  Result<Contents> contents(const std::vector<RedisKey>& keys) {
    Contents all;
    for (const RedisKey& key : keys) {
      LS_ASSIGN(all[key],
                checks::read_redis_content(*from_, key.database, key.key, from_->version()));
      std::vector<databases::RedisCommand> commands;
      commands.push_back({{"PEXPIRETIME", key.key}});
      LS_ASSIGN(const std::vector<RedisReply> replies, from_->run(key.database, commands));
      all[key].expires_ms = replies[0].number();
    }
    return all;
  }

  RedisMoveRun& move_;
  const RedisSettle& settle_;
  std::stop_token stop_;
  std::unique_ptr<RedisNodes> from_;
};

Status compare_functions(RedisMoveRun& move, RedisProof& proof) {
  LS_ASSIGN(const auto source, move.connect(move.sides.source));
  LS_ASSIGN(const auto target, move.connect(move.sides.target));
  LS_ASSIGN(const auto here, checks::read_redis_functions(*source));
  LS_ASSIGN(const auto there, checks::read_redis_functions(*target));
  for (const auto& [name, code] : here)
    if (const auto found = there.find(name); found == there.end())
      proof.differences.push_back("function library '" + name + "' is missing at the target");
    else if (found->second != code)
      proof.differences.push_back("function library '" + name + "' has other code at the target");
  for (const auto& [name, code] : there)
    if (!here.contains(name))
      proof.differences.push_back("function library '" + name + "' is only at the target");
  return {};
}

}  // namespace

Result<RedisProof> prove_redis(RedisMoveRun& move, const RedisSettle& settle,
                               const std::vector<RedisKey>* only, std::stop_token stop) {
  RedisProof proof;
  Comparing first(move, stop);
  LS_TRY(only != nullptr ? first.some(*only) : first.all());
  std::vector<RedisKey> different = first.take_different();
  const checks::RedisComparison found = first.take();
  proof.keys = found.keys;
  proof.expiring = found.expiring;
  if (!settle) {
    proof.differences = found.descriptions;
  } else if (!different.empty()) {
    SecondLook second(move, settle, stop);
    LS_TRY(second.look(std::move(different), proof));
  }
  if (settle) LS_TRY(settle());
  LS_TRY(compare_functions(move, proof));
  std::sort(proof.differences.begin(), proof.differences.end());
  return proof;
}

Result<MoveReport> verify_redis_move(const MoveInput& input, world::Run& run) {
  RedisMoveRun move(input, run, "verify");
  LS_TRY(move.open(false));
  move.add_gate("made", move.state.phase == "following", "phase " + move.state.phase,
                "run 'lakeshift move create " + input.move.name + "' until it follows");
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "there is nothing to compare yet");
  if (input.move.cold) return move.end(MoveOutcome::done, "cold: nothing was carried or compared");
  if (input.dry_run) {
    move.report.steps = {"would compare every key while both sides live"};
    return move.end(MoveOutcome::done);
  }
  LS_ASSIGN(const bool drives, move.room->try_lock());
  LS_TRY(move.preflight(false));
  std::unique_ptr<transfers::RedisFollower> follower;
  RedisSettle settle = [&]() -> Status {
    run.world.clock.sleep(kUnsettled, run.stop);
    return {};
  };
  if (drives) {
    LS_TRY(move.end_own_sessions());
    const bool known = move.follows_from_start(move.state.leg);
    LS_ASSIGN(follower, move.follow(move.state.leg, run.stop));
    if (!known || follower->has_gap()) LS_TRY(move.fill_gap(*follower));
    settle = [&] { return follower->drain(run.stop); };
    LS_TRY(settle());
  }
  LS_ASSIGN(const RedisProof proof, prove_redis(move, settle, nullptr, run.stop));
  if (drives) LS_TRY(move.save_positions(move.state.leg, follower->safe_positions()));
  move.report.rows_proven = proof.keys;
  move.report.differences = proof.differences;
  const Json facts = {{"keys", proof.keys},
                      {"equal", proof.equal()},
                      {"differences", proof.differences.size()},
                      {"moving", proof.moving},
                      {"expiring", proof.expiring},
                      {"leg", move.state.leg},
                      {"at", world::to_iso8601(run.world.clock.now())}};
  LS_TRY(move.room->save_document("verified", facts));
  LS_TRY(move.did(
      "verify",
      fmt::format("{} keys compared, {} differ, {} changed at every look, {} were about "
                  "to expire",
                  proof.keys, proof.differences.size(), proof.moving.size(), proof.expiring),
      facts));
  if (proof.equal()) return move.end(MoveOutcome::done);
  return move.end(MoveOutcome::blocked, fmt::format("{} keys differ", proof.differences.size()));
}

}  // namespace lakeshift::stages

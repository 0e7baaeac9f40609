#include "knowledge/transfers/redis_follow.h"

#include <algorithm>
#include <optional>

#include "core/base/strings.h"

namespace lakeshift::transfers {

using databases::RedisAddress;
using databases::RedisNodes;
using databases::RedisReply;
using databases::RedisSession;

namespace {

constexpr world::Millis kRedisTick{2};
constexpr world::Millis kStreamRead{50};
constexpr world::Millis kStreamRetry{250};
constexpr world::Millis kSnapshotTick{10};
constexpr std::int64_t kMostOfSnapshot = 16
                                         << 20;  // bytes of one value; what is bigger is read apart
constexpr const char* kScanPage = "1000";

std::string node_name(const RedisAddress& node) {
  return node.host + ":" + std::to_string(node.port);
}

}  // namespace

Result<std::vector<int>> redis_databases(RedisSession& session) {
  if (session.address().database >= 0) return std::vector<int>{session.address().database};
  LS_ASSIGN(const RedisReply keyspace, session.call({"INFO", "keyspace"}));
  std::vector<int> list;
  for (const std::string& line : lakeshift::split(keyspace.text, '\n'))
    if (line.starts_with("db")) list.push_back(std::atoi(line.c_str() + 2));
  return list;
}

Status scan_redis(RedisSession& session, int database,
                  const std::function<Status(std::vector<std::string> keys)>& page,
                  const std::string& type) {
  databases::RedisWords words = {"SCAN", "0", "COUNT", kScanPage};
  if (!type.empty()) words.insert(words.end(), {"TYPE", type});
  std::string& cursor = words[1];
  do {
    LS_TRY(session.select(database));
    LS_ASSIGN(RedisReply reply, session.call(words));
    if (reply.items.size() != 2) return fail("bad-reply", "SCAN gave no page", "Redis");
    cursor = reply.items[0].text;
    std::vector<std::string> keys;
    keys.reserve(reply.items[1].items.size());
    for (RedisReply& key : reply.items[1].items) keys.push_back(std::move(key.text));
    LS_TRY(page(std::move(keys)));
  } while (cursor != "0");
  return {};
}

RedisFollower::RedisFollower(const RedisAddress& from, const RedisAddress& to,
                             RedisFollowOptions options, world::Run& run, std::stop_token stop)
    : from_(from),
      to_(to),
      options_(std::move(options)),
      run_(run),
      on_stop_(std::move(stop), [this] { stop_.request_stop(); }),
      mover_(from, to, mover_options(), run, stop_.get_token()) {}

RedisMoverOptions RedisFollower::mover_options() {
  RedisMoverOptions mover = options_.mover;
  mover.runs = options_.positions.runs;
  mover.on_restart = [this] { ++gaps_; };
  return mover;
}

RedisFollower::~RedisFollower() {
  stop_.request_stop();
  threads_.reset();
}

Status RedisFollower::look_at_target(std::stop_token stop) {
  LS_ASSIGN(const auto to, RedisNodes::connect(to_, std::move(stop)));
  return mover_.look_at_runs(*to);
}

Status RedisFollower::start(const Progress& progress) {
  LS_TRY(look_at_target(stop_.get_token()));
  LS_ASSIGN(const auto nodes, RedisNodes::connect(from_, stop_.get_token()));
  RedisChanges changes;
  changes.changed = [this](RedisKey key) { told(std::move(key)); };
  changes.upset = [this](int) { ++gaps_; };
  changes.functions = [this] { functions_changed_ = true; };
  for (const RedisAddress& primary : nodes->primaries()) {
    auto node = std::make_unique<Node>();
    node->address = primary;
    node->stream = options_.way == RedisFollow::psync
                       ? make_redis_psync(primary, changes, stop_.get_token())
                       : make_redis_notifications(primary, changes, stop_.get_token());
    const auto& positions = options_.positions.nodes;
    if (const auto known = positions.find(node_name(primary)); known != positions.end())
      node->read = known->second;
    else if (!positions.empty())
      ++gaps_;  // a primary that was not there before
    nodes_.push_back(std::move(node));
  }
  if (options_.snapshot) LS_TRY(take_snapshots(*nodes, progress));
  if (!has_snapshot_)
    for (const auto& node : nodes_) LS_TRY(begin(*node));
  threads_ = std::make_unique<world::Executor>(std::max<std::size_t>(1, nodes_.size()));
  for (auto& node : nodes_) threads_->submit([this, &node] { follow(*node); });
  return {};
}

// What the target has and the source has not is deleted, and then does not come back: so it is
// looked through first. A snapshot that breaks off has put keys there that may be deleted
// meanwhile, so whoever goes on another way finds them all there.
Status RedisFollower::take_snapshots(RedisNodes& from, const Progress& progress) {
  LS_ASSIGN(const std::int64_t of, count_keys(from));
  LS_ASSIGN(const auto to, RedisNodes::connect(to_, stop_.get_token()));
  std::int64_t found = 0;
  LS_TRY(scan(*to, found, {}, 0, stop_.get_token()));
  world::Guarded<Status> failed;
  std::atomic<std::size_t> open{nodes_.size()};
  {
    world::Executor threads(nodes_.size());
    for (const auto& node : nodes_)
      threads.submit([&] {
        const Status taken = take_snapshot(*node);
        failed.with([&](Status& status) {
          if (status) status = taken;
        });
        --open;
      });
    while (open > 0 && run_.world.clock.sleep(kSnapshotTick, stop_.get_token()))
      if (progress) progress(mover_.carried().keys, of);
  }
  Status taken = failed.with([](const Status& status) { return status; });
  LS_TRY(failure());
  if (stop_.stop_requested()) return taken;
  has_snapshot_ = taken.has_value();
  if (taken) return {};
  snapshot_failure_ = taken.error().to_text();
  return wait_carried(stop_.get_token());
}

Status RedisFollower::take_snapshot(Node& node) {
  std::optional<RedisMover::Loader> loader;
  int database = -1;
  const auto stopped = [&]() -> Status {
    LS_TRY(failure());
    return fail("cancelled", "stopped", from_.to_text());
  };
  const auto add = [&](const RedisSnapshotKey& key) -> Status {
    if (!is_ours(key.database, key.key)) return {};
    if (!loader || database != key.database) {
      if (loader && !loader->flush()) return stopped();
      database = key.database;
      loader.emplace(mover_, database);
    }
    return loader->add(key.key, key.payload, key.expiry) ? Status{} : stopped();
  };
  const auto most = static_cast<std::size_t>(
      std::min<std::int64_t>(options_.mover.carry.big_bytes, kMostOfSnapshot));
  LS_ASSIGN(const bool taken, node.stream->begin_with(add, most));
  if (!taken) return fail("redis-snapshot-unknown", "this way of following has none", "snapshot");
  if (loader && !loader->flush()) return stopped();
  begun(node);
  return {};
}

void RedisFollower::begun(Node& node) {
  const std::scoped_lock lock(node.mutex);
  node.read = node.safe = node.stream->position();
  node.has_checkpoint = false;
}

Status RedisFollower::begin(Node& node) {
  RedisPosition from;
  {
    const std::scoped_lock lock(node.mutex);
    from = node.read;
  }
  LS_ASSIGN(const bool continued, node.stream->begin(from));
  if (!continued) ++gaps_;
  const std::scoped_lock lock(node.mutex);
  node.read = node.stream->position();
  if (!continued || from.history.empty()) node.safe = node.read;
  if (continued && !from.history.empty() && node.safe.history.empty()) node.safe = std::move(from);
  node.has_checkpoint = false;
  return {};
}

void RedisFollower::follow(Node& node) {
  world::Instant good = run_.world.clock.now();
  bool connected = true;
  while (!stop_.stop_requested()) {
    Status done = connected ? node.stream->read(kStreamRead) : begin(node);
    if (done && functions_changed_) done = carry_functions();
    if (done && connected) {
      const std::scoped_lock lock(node.mutex);
      node.read = node.stream->position();
    }
    if (done) {
      reconnects_ += connected ? 0 : 1;
      connected = true;
      good = run_.world.clock.now();
      look_at_checkpoint(node);
      continue;
    }
    if (stop_.stop_requested()) return;
    connected = false;
    const bool passing = done.error().retry == Retry::later &&
                         run_.world.clock.now() - good < options_.mover.patience;
    if (!passing) {
      failure_.with([&](Status& status) {
        if (status) status = done;
      });
      return;
    }
    run_.world.clock.sleep(kStreamRetry, stop_.get_token());
  }
}

// A position is safe when everything that was told before it has been carried.
void RedisFollower::look_at_checkpoint(Node& node) {
  std::int64_t safe = -1;
  {
    const std::scoped_lock lock(node.mutex);
    if (node.has_checkpoint && mover_.reached(node.mark)) {
      node.safe = node.checkpoint;
      node.has_checkpoint = false;
      safe = node.safe.offset;
    }
    if (!node.has_checkpoint) {
      node.checkpoint = node.read;
      node.mark = mover_.mark();
      node.has_checkpoint = true;
    }
  }
  // A connection that breaks here is noticed by the next read.
  if (safe >= 0) static_cast<void>(node.stream->acknowledge(safe));
}

bool RedisFollower::is_ours(int database, std::string_view key) const {
  if (from_.database >= 0 && database != from_.database) return false;
  return std::none_of(options_.leave_out.begin(), options_.leave_out.end(),
                      [&](const std::string& pattern) { return matches_glob(key, pattern); });
}

void RedisFollower::told(RedisKey key) {
  if (!is_ours(key.database, key.key)) return;
  ++changes_;
  touched_.with([&](RedisTouched& touched) {
    if (touched.whole) return;
    touched.keys.insert(key);
    if (touched.keys.size() <= options_.most_touched) return;
    touched.keys.clear();
    touched.whole = true;
  });
  mover_.add(key);
}

Status RedisFollower::carry_functions() {
  functions_changed_ = false;
  if (!options_.functions) return {};
  const auto carried = [&]() -> Status {
    LS_ASSIGN(const auto from, RedisNodes::connect(from_, stop_.get_token()));
    LS_ASSIGN(const auto to, RedisNodes::connect(to_, stop_.get_token()));
    return carry_redis_functions(*from, *to).map([](bool) {});
  }();
  if (!carried) functions_changed_ = true;
  return carried;
}

Status RedisFollower::scan(RedisNodes& nodes, std::int64_t& found, const Progress& progress,
                           std::int64_t of, std::stop_token stop, const std::string& type) {
  int database = 0;
  const auto add_page = [&](std::vector<std::string> keys) -> Status {
    RedisMover::Loader loader(mover_, database);
    bool added = true;
    for (std::size_t i = 0; added && i < keys.size(); ++i) {
      if (!is_ours(database, keys[i])) continue;
      ++found;
      added = loader.add(keys[i]);
    }
    if (!added || !loader.flush() || stop.stop_requested() || stop_.stop_requested()) {
      LS_TRY(failure());
      return fail("cancelled", "stopped", from_.to_text());
    }
    if (progress) progress(mover_.carried().keys, of);
    return {};
  };
  for (const RedisAddress& primary : nodes.primaries()) {
    LS_ASSIGN(RedisSession* const session, nodes.session(primary));
    LS_ASSIGN(const std::vector<int> databases, redis_databases(*session));
    for (const int one : databases) {
      database = one;
      LS_TRY(scan_redis(*session, database, add_page, type));
    }
  }
  return {};
}

// 0: not known.
Result<std::int64_t> RedisFollower::count_keys(RedisNodes& nodes) {
  std::int64_t sum = 0;
  if (from_.database >= 0) return sum;
  for (const RedisAddress& primary : nodes.primaries()) {
    LS_ASSIGN(RedisSession* const session, nodes.session(primary));
    LS_ASSIGN(const std::vector<int> databases, redis_databases(*session));
    for (const int database : databases) {
      LS_TRY(session->select(database));
      LS_ASSIGN(const RedisReply size, session->call({"DBSIZE"}));
      sum += size.number();
    }
  }
  return sum;
}

Status RedisFollower::copy_all(const Progress& progress, std::stop_token stop) {
  const std::int64_t gaps = gaps_;
  if (has_snapshot_ && !has_gap()) {
    LS_TRY(carry_functions());
    return wait_carried(stop);
  }
  LS_ASSIGN(const auto from, RedisNodes::connect(from_, stop));
  LS_ASSIGN(const auto to, RedisNodes::connect(to_, stop));
  LS_ASSIGN(const std::int64_t of, count_keys(*from));
  std::int64_t found = 0;
  // The target first: what it has and the source has not is deleted, and then does not come back.
  LS_TRY(scan(*to, found, {}, 0, stop));
  LS_TRY(scan(*from, found, progress, of, stop));
  LS_TRY(carry_functions());
  LS_TRY(wait_carried(stop));
  covered_ = gaps;
  return {};
}

// Reading and acknowledging in a group of a stream changes the stream, and is no keyspace event.
Status RedisFollower::carry_silent(std::stop_token stop) {
  if (options_.way != RedisFollow::notifications) return {};
  LS_ASSIGN(const auto from, RedisNodes::connect(from_, stop));
  if (from->version() < 60000) return {};
  std::int64_t found = 0;
  return scan(*from, found, {}, 0, stop, "stream");
}

Status RedisFollower::wait_carried(std::stop_token stop) {
  const RedisMark mark = mover_.mark();
  while (!mover_.reached(mark)) {
    LS_TRY(failure());
    if (stop_.stop_requested() || !run_.world.clock.sleep(kRedisTick, stop))
      return fail("cancelled", "stopped", from_.to_text());
  }
  return {};
}

Status RedisFollower::drain(std::stop_token stop) {
  do {
    LS_TRY(look_at_target(stop));
    if (has_gap()) LS_TRY(copy_all({}, stop));
    for (const auto& node : nodes_) LS_TRY(wait_told(*node, stop));
    if (functions_changed_) LS_TRY(carry_functions());
    LS_TRY(carry_silent(stop));
    LS_TRY(wait_carried(stop));
  } while (has_gap());  // told, or found, meanwhile
  return {};
}

Status RedisFollower::wait_told(Node& node, std::stop_token stop) {
  LS_ASSIGN(const auto session, RedisSession::connect(node.address, stop));
  LS_ASSIGN(const std::int64_t offset, node.stream->server_offset(*session));
  for (;;) {
    {
      const std::scoped_lock lock(node.mutex);
      if (node.read.offset >= offset) return {};
    }
    LS_TRY(failure());
    if (stop_.stop_requested() || !run_.world.clock.sleep(kRedisTick, stop))
      return fail("cancelled", "stopped", from_.to_text());
  }
}

RedisPositions RedisFollower::safe_positions() const {
  RedisPositions positions;
  positions.runs = mover_.runs();
  if (has_gap()) return {};
  for (const auto& node : nodes_) {
    const std::scoped_lock lock(node->mutex);
    if (!node->safe.history.empty()) positions.nodes[node_name(node->address)] = node->safe;
  }
  return positions;
}

RedisFollowState RedisFollower::state() const {
  RedisFollowState state;
  state.changes = changes_;
  state.gaps = gaps_;
  state.reconnects = reconnects_;
  state.waiting = mover_.waiting();
  state.carried = mover_.carried();
  return state;
}

RedisTouched RedisFollower::take_touched() {
  return touched_.with([](RedisTouched& touched) { return std::exchange(touched, {}); });
}

Status RedisFollower::failure() const {
  LS_TRY(mover_.failure());
  return failure_.with([](const Status& status) { return status; });
}

}  // namespace lakeshift::transfers

#include "knowledge/transfers/redis_mover.h"

#include <algorithm>
#include <functional>
#include <map>

namespace lakeshift::transfers {

using databases::RedisNodes;

namespace {

constexpr world::Millis kMoverRetry{250};

std::string pack(const RedisKey& key) { return std::to_string(key.database) + ":" + key.key; }

RedisKey unpack(const std::string& text) {
  const std::size_t colon = text.find(':');
  return {std::atoi(text.c_str()), text.substr(colon + 1)};
}

}  // namespace

RedisMover::RedisMover(const databases::RedisAddress& from, const databases::RedisAddress& to,
                       const RedisMoverOptions& options, world::Run& run, std::stop_token stop)
    : from_(from),
      to_(to),
      options_(options),
      run_(run),
      on_stop_(std::move(stop), [this] { stop_.request_stop(); }),
      runs_(options_.runs),
      threads_(std::make_unique<world::Executor>(options.workers)) {
  for (std::size_t i = 0; i < options_.workers; ++i) workers_.push_back(std::make_unique<Worker>());
  for (auto& worker : workers_) threads_->submit([this, &worker] { work(*worker); });
}

RedisMover::~RedisMover() {
  stop_.request_stop();
  threads_.reset();
}

bool RedisMover::add(const RedisKey& key, bool scanned) {
  std::string packed = pack(key);
  Worker& worker = *workers_[std::hash<std::string>{}(packed) % workers_.size()];
  const std::size_t most = scanned ? options_.scanned_ahead : options_.most_waiting;
  std::unique_lock lock(worker.mutex);
  if (!worker.room.wait(lock, stop_.get_token(), [&] { return worker.order.size() < most; }))
    return false;
  const auto [place, is_new] = worker.waiting.insert(std::move(packed));
  if (!is_new) return true;
  worker.order.push_back(&*place);
  ++worker.added;
  worker.filled.notify_one();
  return true;
}

RedisMark RedisMover::mark() const {
  RedisMark mark;
  for (const auto& worker : workers_) {
    const std::scoped_lock lock(worker->mutex);
    mark.push_back(worker->added);
  }
  return mark;
}

bool RedisMover::reached(const RedisMark& mark) const {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const std::scoped_lock lock(workers_[i]->mutex);
    if (workers_[i]->done < mark[i]) return false;
  }
  return true;
}

std::size_t RedisMover::waiting() const {
  std::size_t sum = 0;
  for (const auto& worker : workers_) {
    const std::scoped_lock lock(worker->mutex);
    sum += worker->added - worker->done;
  }
  return sum;
}

RedisCarried RedisMover::carried() const {
  RedisCarried sum;
  for (const auto& worker : workers_) {
    const std::scoped_lock lock(worker->mutex);
    sum.keys += worker->carried.keys;
    sum.gone += worker->carried.gone;
    sum.bytes += worker->carried.bytes;
    sum.by_type += worker->carried.by_type;
    sum.big += worker->carried.big;
  }
  return sum;
}

Status RedisMover::failure() const {
  return failure_.with([](const Status& status) { return status; });
}

std::vector<RedisKey> RedisMover::take(Worker& worker) {
  std::unique_lock lock(worker.mutex);
  std::vector<RedisKey> keys;
  if (!worker.filled.wait(lock, stop_.get_token(), [&] { return !worker.order.empty(); }))
    return keys;
  while (!worker.order.empty() && keys.size() < options_.batch) {
    const std::string* const first = worker.order.front();
    worker.order.pop_front();
    keys.push_back(unpack(*first));
    worker.waiting.erase(*first);
  }
  worker.room.notify_all();
  return keys;
}

std::map<std::string, std::string> RedisMover::runs() const {
  return runs_.with([](const auto& runs) { return runs; });
}

// Asked on every connection that is made, before anything goes over it: a server that was started
// anew has ended those before.
Status RedisMover::look_at_runs(RedisNodes& to) {
  for (const databases::RedisAddress& primary : to.primaries()) {
    LS_ASSIGN(databases::RedisSession* const session, to.session(primary));
    LS_ASSIGN(std::string run, session->info("server", "run_id"));
    const std::string name = primary.host + ":" + std::to_string(primary.port);
    const bool restarted = runs_.with([&](std::map<std::string, std::string>& runs) {
      std::string& known = runs[name];
      const bool other = !known.empty() && known != run;
      known = std::move(run);
      return other;
    });
    if (restarted && options_.on_restart) options_.on_restart();
  }
  return {};
}

Status RedisMover::carry(RedisCarrier& carrier, const std::vector<RedisKey>& keys) {
  std::map<int, std::vector<std::string>> by_database;
  for (const RedisKey& key : keys) by_database[key.database].push_back(key.key);
  for (const auto& [database, names] : by_database) LS_TRY(carrier.carry(database, names));
  return {};
}

void RedisMover::work(Worker& worker) {
  RedisCarried before;
  const auto one_life = [&](std::vector<RedisKey>& keys, world::Instant& good) -> Status {
    LS_ASSIGN(const auto from, RedisNodes::connect(from_, stop_.get_token()));
    LS_ASSIGN(const auto to, RedisNodes::connect(to_, stop_.get_token()));
    LS_TRY(look_at_runs(*to));
    RedisCarrier carrier(*from, *to, options_.carry);
    for (;;) {
      if (keys.empty()) keys = take(worker);
      if (keys.empty()) return {};
      LS_TRY(carry(carrier, keys));
      good = run_.world.clock.now();
      const RedisCarried& now = carrier.carried();
      const std::scoped_lock lock(worker.mutex);
      worker.done += keys.size();
      worker.carried = {before.keys + now.keys, before.gone + now.gone, before.bytes + now.bytes,
                        before.by_type + now.by_type, before.big + now.big};
      keys.clear();
    }
  };
  std::vector<RedisKey> keys;  // taken, and not yet carried
  world::Instant good = run_.world.clock.now();
  while (!stop_.stop_requested()) {
    const Status ended = one_life(keys, good);
    before = worker.carried;
    if (ended || stop_.stop_requested()) return;
    const bool passing =
        ended.error().retry == Retry::later && run_.world.clock.now() - good < options_.patience;
    if (passing) {
      run_.world.clock.sleep(kMoverRetry, stop_.get_token());
      continue;
    }
    failure_.with([&](Status& status) {
      if (status) status = ended;
    });
    failed_ = true;
    stop_.request_stop();
  }
}

}  // namespace lakeshift::transfers

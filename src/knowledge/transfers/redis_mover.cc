#include "knowledge/transfers/redis_mover.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace lakeshift::transfers {

using databases::RedisNodes;

namespace {

constexpr world::Millis kMoverRetry{250};

std::string pack(int database, std::string_view key) {
  return std::to_string(database).append(":").append(key);
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

std::size_t RedisMover::owner(int database, std::string_view key) const {
  return (std::hash<std::string_view>{}(key) + static_cast<std::size_t>(database)) %
         workers_.size();
}

bool RedisMover::add(const RedisKey& key) {
  Worker& worker = *workers_[owner(key.database, key.key)];
  std::unique_lock lock(worker.mutex);
  if (!worker.room.wait(lock, stop_.get_token(),
                        [&] { return worker.added - worker.taken < options_.most_waiting; }))
    return false;
  if (!worker.waiting.insert(pack(key.database, key.key)).second) return true;
  if (worker.order.empty() || !worker.order.back().told() ||
      worker.order.back().database() != key.database ||
      worker.order.back().size() >= options_.batch)
    worker.order.emplace_back(key.database, true);
  worker.order.back().add(key.key);
  worker.bytes += key.key.size();
  ++worker.added;
  worker.filled.notify_one();
  return true;
}

bool RedisMover::add(RedisParcel parcel, Worker& worker) {
  std::unique_lock lock(worker.mutex);
  if (!worker.room.wait(lock, stop_.get_token(), [&] {
        return worker.bytes < options_.bytes_ahead &&
               (parcel.has_payloads() || worker.added - worker.taken < options_.scanned_ahead);
      }))
    return false;
  // A change that is told from now on comes after this value, so it may not stand for one before.
  if (parcel.has_payloads()) worker.waiting.clear();
  worker.added += parcel.size();
  worker.bytes += parcel.bytes();
  worker.order.push_back(std::move(parcel));
  worker.filled.notify_one();
  return true;
}

bool RedisMover::Loader::add(std::string_view key, std::string_view payload, std::int64_t expiry) {
  const std::size_t owner = mover_.owner(database_, key);
  RedisParcel& parcel = parcels_[owner];
  if (parcel.empty()) parcel = RedisParcel(database_);
  parcel.add(key, payload, expiry);
  if (parcel.size() < mover_.options_.batch && parcel.bytes() < mover_.options_.batch_bytes)
    return true;
  return mover_.add(std::exchange(parcel, {}), *mover_.workers_[owner]);
}

bool RedisMover::Loader::flush() {
  for (std::size_t i = 0; i < parcels_.size(); ++i)
    if (!parcels_[i].empty() && !mover_.add(std::exchange(parcels_[i], {}), *mover_.workers_[i]))
      return false;
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

// Empty: stopped.
RedisParcel RedisMover::take(Worker& worker) {
  std::unique_lock lock(worker.mutex);
  RedisParcel parcel;
  if (!worker.filled.wait(lock, stop_.get_token(), [&] { return !worker.order.empty(); }))
    return parcel;
  parcel = std::move(worker.order.front());
  worker.order.pop_front();
  worker.taken += parcel.size();
  worker.bytes -= parcel.bytes();
  for (std::size_t i = 0; parcel.told() && i < parcel.size(); ++i)
    worker.waiting.erase(pack(parcel.database(), parcel[i].key));
  worker.room.notify_all();
  return parcel;
}

std::map<std::string, std::string> RedisMover::runs() const {
  return runs_.with([](const auto& runs) { return runs; });
}

// Asked on every connection that is made, before anything goes over it: a server that was started
// anew has ended those before. And before anything is said of what the target holds, for a worker
// with nothing to carry notices nothing.
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

void RedisMover::work(Worker& worker) {
  RedisCarried before;
  const auto one_life = [&](RedisParcel& parcel, world::Instant& good) -> Status {
    LS_ASSIGN(const auto from, RedisNodes::connect(from_, stop_.get_token()));
    LS_ASSIGN(const auto to, RedisNodes::connect(to_, stop_.get_token()));
    LS_TRY(look_at_runs(*to));
    RedisCarrier carrier(*from, *to, options_.carry);
    for (;;) {
      if (parcel.empty()) parcel = take(worker);
      if (parcel.empty()) return {};
      LS_TRY(carrier.carry(parcel));
      good = run_.world.clock.now();
      const RedisCarried& now = carrier.carried();
      const std::scoped_lock lock(worker.mutex);
      worker.done += parcel.size();
      worker.carried = {before.keys + now.keys, before.gone + now.gone, before.bytes + now.bytes,
                        before.by_type + now.by_type, before.big + now.big};
      parcel = {};
    }
  };
  RedisParcel parcel;  // taken, and not yet carried
  world::Instant good = run_.world.clock.now();
  while (!stop_.stop_requested()) {
    const Status ended = one_life(parcel, good);
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

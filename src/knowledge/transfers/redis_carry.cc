#include "knowledge/transfers/redis_carry.h"

#include <algorithm>
#include <charconv>

#include "core/base/strings.h"

namespace lakeshift::transfers {

using databases::RedisCommand;
using databases::RedisReply;
using databases::RedisRequest;
using databases::RedisSession;

namespace {

constexpr std::int64_t kKeyGone = -2;
constexpr std::int64_t kMostAtOnce = 16 << 20;  // bytes of the source that one pipeline asks for

bool is_unknown_command(const RedisReply& reply) {
  return reply.is_error() &&
         (reply.text.starts_with("ERR unknown command") || reply.text.starts_with("NOPERM") ||
          reply.text.starts_with("ERR Unknown subcommand"));
}

bool is_refused_payload(const RedisReply& reply) {
  return reply.is_error() && (contains(reply.text, "DUMP payload version or checksum") ||
                              contains(reply.text, "Bad data format"));
}

Error answer_error(const RedisReply& reply, const databases::RedisNodes& nodes,
                   std::string_view key) {
  return databases::redis_error(reply,
                                nodes.address().to_text() + ", key '" + printable(key) + "'");
}

}  // namespace

Status RedisCarrier::carry(const RedisParcel& parcel) {
  std::vector<RedisParcel::Item> restored;
  std::vector<std::string_view> keys;
  (parcel.has_payloads() ? restored.reserve(parcel.size()) : keys.reserve(parcel.size()));
  for (std::size_t i = 0; i < parcel.size(); ++i) {
    const RedisParcel::Item item = parcel[i];
    if (item.payload.empty())
      keys.push_back(item.key);
    else
      restored.push_back(item);
  }
  LS_TRY(restore(parcel.database(), restored));
  return carry_keys(parcel.database(), keys);
}

Status RedisCarrier::carry_keys(int database, Keys keys) {
  if (keys.empty()) return {};
  if (!options_.payloads) return carry_all_by_type(database, keys);
  if (!options_.measures) return carry_payloads(database, keys);
  LS_ASSIGN(const std::vector<std::int64_t> sizes, measure(database, keys));
  std::vector<std::string_view> part;
  part.reserve(keys.size());
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (sizes[i] > options_.big_bytes) {
      ++carried_.big;
      LS_TRY(carry_by_type(database, keys[i]));
      continue;
    }
    if (bytes + sizes[i] > kMostAtOnce) {
      LS_TRY(carry_payloads(database, part));
      part.clear();
      bytes = 0;
    }
    part.push_back(keys[i]);
    bytes += sizes[i];
  }
  return carry_payloads(database, part);
}

Status RedisCarrier::carry_all_by_type(int database, Keys keys) {
  for (const std::string_view key : keys) LS_TRY(carry_by_type(database, key));
  return {};
}

Result<std::vector<std::int64_t>> RedisCarrier::measure(int database, Keys keys) {
  requests_.clear();
  for (const std::string_view key : keys) requests_.push_back({{"MEMORY", "USAGE", key}, 2});
  LS_ASSIGN(const Replies replies, from_.run(database, requests_));
  std::vector<std::int64_t> sizes(keys.size(), 0);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_unknown_command(replies[i])) {
      options_.measures = false;  // preflight has said so
      return sizes;
    }
    if (replies[i].is_error()) return fail(answer_error(replies[i], from_, keys[i]));
    sizes[i] = replies[i].number();
  }
  return sizes;
}

Result<std::vector<std::int64_t>> RedisCarrier::read_expiries(int database, Keys keys) {
  requests_.clear();
  std::vector<std::int64_t> expiries(keys.size(), kRedisNoExpiry);
  if (expire_time_) {
    for (const std::string_view key : keys) requests_.push_back({"PEXPIRETIME", key});
    LS_ASSIGN(const Replies replies, from_.run(database, requests_));
    expire_time_ = std::none_of(replies.begin(), replies.end(), is_unknown_command);
    for (std::size_t i = 0; expire_time_ && i < keys.size(); ++i) {
      if (replies[i].is_error()) return fail(answer_error(replies[i], from_, keys[i]));
      expiries[i] = replies[i].number();
    }
    if (expire_time_) return expiries;
    requests_.clear();
  }
  for (const std::string_view key : keys) {
    requests_.push_back(RedisRequest(std::initializer_list<std::string_view>{"TIME"}, 0));
    requests_.push_back({"PTTL", key});
  }
  LS_ASSIGN(const Replies replies, from_.run(database, requests_));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const RedisReply& time = replies[2 * i];
    const RedisReply& left = replies[2 * i + 1];
    if (left.is_error()) return fail(answer_error(left, from_, keys[i]));
    if (time.items.size() < 2) return fail(answer_error(time, from_, keys[i]));
    expiries[i] = left.number();
    if (expiries[i] >= 0)
      expiries[i] += time.items[0].number() * 1000 + time.items[1].number() / 1000;
  }
  return expiries;
}

// What is asked about one key is asked in one breath: the server finds it in its caches.
Status RedisCarrier::carry_payloads(int database, Keys keys) {
  if (keys.empty()) return {};
  const std::size_t step = expire_time_ ? 2 : 1;
  requests_.clear();
  for (const std::string_view key : keys) {
    requests_.push_back({"DUMP", key});
    if (expire_time_) requests_.push_back({"PEXPIRETIME", key});
  }
  LS_ASSIGN(const Replies replies, from_.run(database, requests_));
  std::vector<std::int64_t> expiries;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_unknown_command(replies[step * i])) {
      options_.payloads = false;
      return carry_all_by_type(database, keys);
    }
    if (replies[step * i].is_error()) return fail(answer_error(replies[step * i], from_, keys[i]));
    if (step == 1) continue;
    if (is_unknown_command(replies[2 * i + 1])) expire_time_ = false;
    expiries.push_back(replies[2 * i + 1].number());
  }
  if (!expire_time_) {
    LS_ASSIGN(expiries, read_expiries(database, keys));
  }
  std::vector<RedisParcel::Item> items;
  items.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    items.push_back({keys[i], expiries[i] == kKeyGone ? std::string_view() : replies[step * i].text,
                     expiries[i]});
  return restore(database, items);
}

Status RedisCarrier::restore(int database, const std::vector<RedisParcel::Item>& items) {
  if (items.empty()) return {};
  constexpr std::size_t kDigits = 24;
  std::string times(items.size() * kDigits, '\0');
  requests_.clear();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].payload.empty()) {
      requests_.push_back({"UNLINK", items[i].key});
      ++carried_.gone;
      continue;
    }
    char* const begin = times.data() + i * kDigits;
    const char* const end =
        std::to_chars(begin, begin + kDigits, std::max<std::int64_t>(0, items[i].expiry)).ptr;
    carried_.bytes += static_cast<std::int64_t>(items[i].payload.size());
    requests_.push_back(
        {"RESTORE", items[i].key, {begin, end}, items[i].payload, "REPLACE", "ABSTTL"});
  }
  LS_ASSIGN(const Replies replies, to_.run(database, requests_));
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!replies[i].is_error()) {
      ++carried_.keys;
      continue;
    }
    if (!is_refused_payload(replies[i])) return fail(answer_error(replies[i], to_, items[i].key));
    LS_TRY(carry_by_type(database, items[i].key));
  }
  return {};
}

Status RedisCarrier::carry_by_type(int database, std::string_view name) {
  const std::string key(name);
  LS_TRY(to_.call(database, {"UNLINK", key}));
  LS_ASSIGN(const RedisReply type, from_.call(database, {"TYPE", key}));
  ++carried_.keys;
  if (type.text == "none") {
    ++carried_.gone;
    return {};
  }
  ++carried_.by_type;
  LS_TRY(carry_pieces({from_, to_, database, key}, type.text));
  LS_ASSIGN(const std::vector<std::int64_t> expiries, read_expiries(database, Keys(&name, 1)));
  if (expiries[0] == kKeyGone) return to_.call(database, {"UNLINK", key}).map([](auto&&) {});
  if (expiries[0] != kRedisNoExpiry)
    LS_TRY(to_.call(database, {"PEXPIREAT", key, std::to_string(expiries[0])}));
  return {};
}

namespace {

// For a target that does not take the payload: each library by its code.
Status load_functions(RedisSession& to, const RedisReply& libraries) {
  LS_TRY(to.call({"FUNCTION", "FLUSH"}));
  for (const RedisReply& library : libraries.items)
    LS_TRY(to.call({"FUNCTION", "LOAD", library.text_at("library_code")}));
  return {};
}

}  // namespace

Result<bool> carry_redis_functions(databases::RedisNodes& from, databases::RedisNodes& to) {
  LS_ASSIGN(RedisSession* const source, from.any());
  source->queue({"FUNCTION", "LIST", "WITHCODE"});
  source->queue({"FUNCTION", "DUMP"});
  LS_TRY(source->flush());
  LS_ASSIGN(const RedisReply libraries, source->read());
  LS_ASSIGN(const RedisReply payload, source->read());
  for (const RedisReply* reply : {&libraries, &payload}) {
    if (is_unknown_command(*reply)) return false;
    if (reply->is_error())
      return fail(databases::redis_error(*reply, from.address().to_text() + ", FUNCTION"));
  }
  for (const databases::RedisAddress& node : to.primaries()) {
    LS_ASSIGN(RedisSession* const session, to.session(node));
    session->queue({"FUNCTION", "RESTORE", payload.text, "FLUSH"});
    LS_TRY(session->flush());
    LS_ASSIGN(const RedisReply restored, session->read());
    if (is_unknown_command(restored)) return false;  // preflight has said so, if there are any
    if (is_refused_payload(restored))
      LS_TRY(load_functions(*session, libraries));
    else if (restored.is_error())
      return fail(databases::redis_error(restored, node.to_text() + ", FUNCTION RESTORE"));
  }
  return true;
}

}  // namespace lakeshift::transfers

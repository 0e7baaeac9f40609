#include "knowledge/transfers/redis_carry.h"

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::transfers {

using databases::RedisCommand;
using databases::RedisReply;

namespace {

constexpr std::int64_t kNoExpiry = -1;
constexpr std::int64_t kKeyGone = -2;

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
                   const std::string& key) {
  return databases::redis_error(reply,
                                nodes.address().to_text() + ", key '" + printable(key) + "'");
}

}  // namespace

Status RedisCarrier::carry(int database, const std::vector<std::string>& keys) {
  if (keys.empty()) return {};
  if (!options_.payloads) {
    for (const std::string& key : keys) LS_TRY(carry_by_type(database, key));
    return {};
  }
  if (!options_.measures) return carry_payloads(database, keys);
  LS_ASSIGN(const std::vector<bool> big, find_big(database, keys));
  std::vector<std::string> small;
  small.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!big[i]) {
      small.push_back(keys[i]);
      continue;
    }
    ++carried_.big;
    LS_TRY(carry_by_type(database, keys[i]));
  }
  return carry_payloads(database, small);
}

Result<std::vector<bool>> RedisCarrier::find_big(int database,
                                                 const std::vector<std::string>& keys) {
  std::vector<RedisCommand> commands;
  commands.reserve(keys.size());
  for (const std::string& key : keys) commands.push_back({{"MEMORY", "USAGE", key}, 2});
  LS_ASSIGN(const Replies replies, from_.run(database, commands));
  std::vector<bool> big(keys.size(), false);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_unknown_command(replies[i])) {
      options_.measures = false;  // preflight has said so
      return big;
    }
    if (replies[i].is_error()) return fail(answer_error(replies[i], from_, keys[i]));
    big[i] = replies[i].number() > options_.big_bytes;
  }
  return big;
}

Result<std::vector<std::int64_t>> RedisCarrier::read_expiries(
    int database, const std::vector<std::string>& keys) {
  std::vector<RedisCommand> commands;
  commands.reserve(keys.size() * 2);
  std::vector<std::int64_t> expiries(keys.size(), kNoExpiry);
  if (expire_time_) {
    for (const std::string& key : keys) commands.push_back({{"PEXPIRETIME", key}});
    LS_ASSIGN(const Replies replies, from_.run(database, commands));
    expire_time_ = std::none_of(replies.begin(), replies.end(), is_unknown_command);
    for (std::size_t i = 0; expire_time_ && i < keys.size(); ++i) {
      if (replies[i].is_error()) return fail(answer_error(replies[i], from_, keys[i]));
      expiries[i] = replies[i].number();
    }
    if (expire_time_) return expiries;
    commands.clear();
  }
  for (const std::string& key : keys) {
    commands.push_back({{"TIME"}, 0});
    commands.push_back({{"PTTL", key}});
  }
  LS_ASSIGN(const Replies replies, from_.run(database, commands));
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

Status RedisCarrier::carry_payloads(int database, const std::vector<std::string>& keys) {
  if (keys.empty()) return {};
  std::vector<RedisCommand> commands;
  commands.reserve(keys.size() * 2);
  for (const std::string& key : keys) commands.push_back({{"DUMP", key}});
  if (expire_time_)
    for (const std::string& key : keys) commands.push_back({{"PEXPIRETIME", key}});
  LS_ASSIGN(Replies replies, from_.run(database, commands));
  if (std::any_of(replies.begin(), replies.begin() + static_cast<std::ptrdiff_t>(keys.size()),
                  is_unknown_command)) {
    options_.payloads = false;
    return carry(database, keys);
  }
  std::vector<std::int64_t> expiries;
  if (expire_time_ && std::none_of(replies.begin(), replies.end(), is_unknown_command)) {
    for (std::size_t i = 0; i < keys.size(); ++i)
      expiries.push_back(replies[keys.size() + i].number());
  } else {
    LS_ASSIGN(expiries, read_expiries(database, keys));
  }
  return write_payloads(database, keys, replies, expiries);
}

Status RedisCarrier::write_payloads(int database, const std::vector<std::string>& keys,
                                    Replies& payloads, const std::vector<std::int64_t>& expiries) {
  std::vector<RedisCommand> commands;
  commands.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (payloads[i].is_error()) return fail(answer_error(payloads[i], from_, keys[i]));
    if (payloads[i].is_null() || expiries[i] == kKeyGone) {
      commands.push_back({{"UNLINK", keys[i]}});
      ++carried_.gone;
      continue;
    }
    carried_.bytes += static_cast<std::int64_t>(payloads[i].text.size());
    commands.push_back({{"RESTORE", keys[i], std::to_string(std::max<std::int64_t>(0, expiries[i])),
                         std::move(payloads[i].text), "REPLACE", "ABSTTL"}});
  }
  LS_ASSIGN(const Replies replies, to_.run(database, commands));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!replies[i].is_error()) {
      ++carried_.keys;
      continue;
    }
    if (!is_refused_payload(replies[i])) return fail(answer_error(replies[i], to_, keys[i]));
    LS_TRY(carry_by_type(database, keys[i]));
  }
  return {};
}

Status RedisCarrier::carry_by_type(int database, const std::string& key) {
  LS_TRY(to_.call(database, {"UNLINK", key}));
  LS_ASSIGN(const RedisReply type, from_.call(database, {"TYPE", key}));
  ++carried_.keys;
  if (type.text == "none") {
    ++carried_.gone;
    return {};
  }
  ++carried_.by_type;
  LS_TRY(carry_pieces({from_, to_, database, key}, type.text));
  LS_ASSIGN(const std::vector<std::int64_t> expiries, read_expiries(database, {key}));
  if (expiries[0] == kKeyGone) return to_.call(database, {"UNLINK", key}).map([](auto&&) {});
  if (expiries[0] != kNoExpiry)
    LS_TRY(to_.call(database, {"PEXPIREAT", key, std::to_string(expiries[0])}));
  return {};
}

Result<bool> carry_redis_functions(databases::RedisNodes& from, databases::RedisNodes& to) {
  std::vector<RedisCommand> ask;
  ask.push_back({{"FUNCTION", "DUMP"}, 0});
  LS_ASSIGN(const std::vector<RedisReply> replies, from.run(0, ask));
  if (replies[0].is_error()) {
    if (is_unknown_command(replies[0])) return false;
    return fail(databases::redis_error(replies[0], from.address().to_text() + ", FUNCTION DUMP"));
  }
  for (const databases::RedisAddress& node : to.primaries()) {
    LS_ASSIGN(databases::RedisSession* const session, to.session(node));
    LS_TRY(session->call({"FUNCTION", "RESTORE", replies[0].text, "FLUSH"}));
  }
  return true;
}

}  // namespace lakeshift::transfers

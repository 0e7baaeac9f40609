#include "knowledge/checks/redis_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::checks {

using databases::RedisCommand;
using databases::RedisNodes;
using databases::RedisReply;

namespace {

constexpr std::size_t kPartsNamed = 3;
constexpr std::size_t kPartShown = 60;

std::string shown(const std::string& text) {
  const std::string clean = printable(text);
  return clean.size() <= kPartShown ? clean : clean.substr(0, kPartShown) + "…";
}

bool unknown(const RedisReply& reply) {
  return reply.is_error() &&
         (reply.text.starts_with("ERR unknown command") || reply.text.starts_with("NOPERM"));
}

struct Look {
  RedisReply payload;
  std::int64_t expires_ms = -1;  // -2: there is no such key
};

Status read_times(RedisNodes& nodes, int database, const std::vector<std::string>& keys,
                  std::vector<Look>& looks) {
  std::vector<RedisCommand> commands;
  for (const std::string& key : keys) {
    commands.push_back({{"TIME"}, 0});
    commands.push_back({{"PTTL", key}});
  }
  LS_ASSIGN(const std::vector<RedisReply> replies, nodes.run(database, commands));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const RedisReply& time = replies[2 * i];
    const RedisReply& left = replies[2 * i + 1];
    if (left.is_error() || time.items.size() < 2)
      return fail(databases::redis_error(left.is_error() ? left : time,
                                         nodes.address().to_text() + ", PTTL"));
    looks[i].expires_ms = left.number();
    if (left.number() >= 0)
      looks[i].expires_ms += time.items[0].number() * 1000 + time.items[1].number() / 1000;
  }
  return {};
}

Result<std::vector<bool>> find_big(RedisNodes& nodes, int database,
                                   const std::vector<std::string>& keys, std::int64_t bytes) {
  std::vector<bool> big(keys.size(), false);
  if (bytes == 0) return big;
  std::vector<RedisCommand> commands;
  for (const std::string& key : keys) commands.push_back({{"MEMORY", "USAGE", key}, 2});
  LS_ASSIGN(const std::vector<RedisReply> replies, nodes.run(database, commands));
  for (std::size_t i = 0; i < keys.size(); ++i) big[i] = replies[i].number() > bytes;
  return big;
}

Result<std::vector<Look>> look_at(RedisNodes& nodes, int database,
                                  const std::vector<std::string>& keys,
                                  const std::vector<bool>& big) {
  std::vector<RedisCommand> commands;
  commands.reserve(2 * keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    commands.push_back({{big[i] ? "EXISTS" : "DUMP", keys[i]}});
    commands.push_back({{"PEXPIRETIME", keys[i]}});
  }
  LS_ASSIGN(std::vector<RedisReply> replies, nodes.run(database, commands));
  std::vector<Look> looks(keys.size());
  bool times = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    RedisReply& payload = replies[2 * i];
    if (payload.is_error() && !unknown(payload))
      return fail(databases::redis_error(payload, nodes.address().to_text() + ", DUMP"));
    looks[i].payload = std::move(payload);
    if (big[i]) looks[i].payload.type = RedisReply::Type::error;  // there is none to compare
    looks[i].expires_ms = replies[2 * i + 1].number();
    times = times && !replies[2 * i + 1].is_error();
  }
  if (!times) LS_TRY(read_times(nodes, database, keys, looks));
  return looks;
}

bool nearly_over(std::int64_t expires_ms, const RedisCompareOptions& options) {
  return expires_ms >= 0 && expires_ms < options.now_ms + options.nearly_ms;
}

// They end with the version of the writer and a checksum, which say nothing about the value.
bool same_payload(std::string_view source, std::string_view target) {
  constexpr std::size_t kEnd = 2 + 8;
  if (source.size() != target.size()) return false;
  const std::size_t value = source.size() < kEnd ? source.size() : source.size() - kEnd;
  return source.substr(0, value) == target.substr(0, value);
}

std::string time_text(std::int64_t expires_ms) {
  return expires_ms < 0 ? "never" : std::to_string(expires_ms) + " ms";
}

}  // namespace

std::string describe_difference(const std::string& key, int database, const RedisContent& source,
                                const RedisContent& target) {
  const std::string name = fmt::format("key '{}' of database {}: ", shown(key), database);
  if (target.type == "none") return name + "missing at the target, a " + source.type;
  if (source.type == "none") return name + "only at the target, a " + target.type;
  if (source.type != target.type)
    return name + "a " + source.type + " at the source, a " + target.type + " at the target";
  std::string text;
  std::size_t named = 0, differ = 0;
  const auto add = [&](const std::string& what) {
    ++differ;
    if (named++ < kPartsNamed) text += (text.empty() ? "" : "; ") + what;
  };
  if (source.expires_ms != target.expires_ms)
    add("expires at " + time_text(source.expires_ms) + " and at " + time_text(target.expires_ms));
  for (const auto& [part, value] : source.parts) {
    const auto there = target.parts.find(part);
    if (there == target.parts.end())
      add(shown(part) + " is missing at the target");
    else if (there->second != value)
      add(shown(part) + " is '" + shown(value) + "' and '" + shown(there->second) + "'");
  }
  for (const auto& [part, value] : target.parts)
    if (!source.parts.contains(part)) add(shown(part) + " is only at the target");
  if (differ > kPartsNamed) text += fmt::format("; and {} more", differ - kPartsNamed);
  return name + text;
}

Result<RedisComparison> compare_redis_keys(RedisNodes& source, RedisNodes& target, int database,
                                           const std::vector<std::string>& keys,
                                           const RedisCompareOptions& options) {
  RedisComparison result;
  if (keys.empty()) return result;
  const int version = std::min(source.version(), target.version());
  LS_ASSIGN(const std::vector<bool> big, find_big(source, database, keys, options.big_bytes));
  LS_ASSIGN(const std::vector<Look> here, look_at(source, database, keys, big));
  LS_ASSIGN(const std::vector<Look> there, look_at(target, database, keys, big));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ++result.keys;
    const std::int64_t gap = here[i].expires_ms - there[i].expires_ms;
    const bool same_time = gap == 0 || (here[i].expires_ms >= 0 && there[i].expires_ms >= 0 &&
                                        std::abs(gap) <= options.tolerance_ms);
    if (same_time && !here[i].payload.is_error() && !there[i].payload.is_error() &&
        same_payload(here[i].payload.text, there[i].payload.text))
      continue;
    if (nearly_over(here[i].expires_ms, options) || nearly_over(there[i].expires_ms, options)) {
      ++result.expiring;
      continue;
    }
    ++result.by_parts;
    LS_ASSIGN(RedisContent mine, read_redis_content(source, database, keys[i], version));
    LS_ASSIGN(RedisContent theirs, read_redis_content(target, database, keys[i], version));
    mine.expires_ms = here[i].expires_ms;
    theirs.expires_ms = same_time ? here[i].expires_ms : there[i].expires_ms;
    if (mine.type == "none" && theirs.type == "none") continue;
    if (mine == theirs) continue;
    result.different.push_back(keys[i]);
    result.descriptions.push_back(describe_difference(keys[i], database, mine, theirs));
  }
  return result;
}

Result<std::map<std::string, std::string>> read_redis_functions(RedisNodes& nodes) {
  std::map<std::string, std::string> libraries;
  std::vector<RedisCommand> ask;
  ask.push_back({{"FUNCTION", "LIST", "WITHCODE"}, 0});
  LS_ASSIGN(const std::vector<RedisReply> replies, nodes.run(0, ask));
  for (const RedisReply& library : replies[0].items)
    libraries[library.text_at("library_name")] = library.text_at("library_code");
  return libraries;
}

}  // namespace lakeshift::checks

// Reading the whole content of a key by the commands of its type, for comparing.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/strings.h"
#include "knowledge/checks/redis_keys.h"

namespace lakeshift::checks {

using databases::RedisNodes;
using databases::RedisReply;
using databases::RedisWords;

namespace {

constexpr int kPage = 5000;
constexpr int kStreamCounters = 70000, kFieldTimes = 70400;

class ContentReader {
 public:
  ContentReader(RedisNodes& nodes, int database, const std::string& key, int version)
      : nodes_(nodes), database_(database), key_(key), version_(version) {}

  Result<RedisContent> read() {
    LS_ASSIGN(const RedisReply type, ask({"TYPE", key_}));
    content_.type = type.text;
    if (type.text == "none") return content_;
    LS_TRY(read_as(type.text));
    return content_;
  }

 private:
  Result<RedisReply> ask(RedisWords words, int key = 1) {
    return nodes_.call(database_, std::move(words), key);
  }

  Status read_as(const std::string& type) {
    if (type == "string") return read_text();
    if (type == "list") return read_list();
    if (type == "hash") return read_pages("HSCAN", 2);
    if (type == "set") return read_pages("SSCAN", 1);
    if (type == "zset") return read_pages("ZSCAN", 2);
    if (type == "stream") return read_stream();
    return fail("redis-type-unknown", "its type '" + printable(type) + "' is a module's",
                "key '" + printable(key_) + "'",
                "its payloads differ: compare it by the module's own commands, or name it under "
                "leave_out");
  }

  Status read_text() {
    LS_ASSIGN(RedisReply text, ask({"GET", key_}));
    content_.parts["value"] = std::move(text.text);
    return {};
  }

  Status read_list() {
    for (std::int64_t at = 0;; at += kPage) {
      LS_ASSIGN(RedisReply page,
                ask({"LRANGE", key_, std::to_string(at), std::to_string(at + kPage - 1)}));
      for (std::size_t i = 0; i < page.items.size(); ++i)
        content_.parts["item " + std::to_string(at + static_cast<std::int64_t>(i))] =
            std::move(page.items[i].text);
      if (page.items.size() < static_cast<std::size_t>(kPage)) return {};
    }
  }

  // A scan may give an item twice: parts are a map.
  Status read_pages(const char* scan, std::size_t step) {
    std::string cursor = "0";
    do {
      LS_ASSIGN(RedisReply page, ask({scan, key_, cursor, "COUNT", std::to_string(kPage)}));
      if (page.items.size() != 2) return fail("bad-reply", "a scan gave no page", key_);
      cursor = page.items[0].text;
      std::vector<RedisReply>& items = page.items[1].items;
      for (std::size_t i = 0; i + step <= items.size(); i += step)
        content_.parts["'" + items[i].text + "'"] = step == 2 ? items[i + 1].text : "";
      if (content_.type == "hash") LS_TRY(read_field_times(items));
    } while (cursor != "0");
    if (content_.type == "zset")
      for (auto& [member, score] : content_.parts) score = score_text(score);
    return {};
  }

  // Versions write scores in different ways: 0.1, and 0.10000000000000001.
  static std::string score_text(const std::string& score) {
    return fmt::format("{}", std::strtod(score.c_str(), nullptr));
  }

  // From 7.4 on; those who do not know the command have no such times.
  Status read_field_times(const std::vector<RedisReply>& items) {
    if (version_ < kFieldTimes || items.empty()) return {};
    RedisWords words = {"HPEXPIRETIME", key_, "FIELDS", std::to_string(items.size() / 2)};
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) words.push_back(items[i].text);
    std::vector<databases::RedisCommand> command;
    command.push_back({std::move(words)});
    LS_ASSIGN(const std::vector<RedisReply> replies, nodes_.run(database_, command));
    for (std::size_t i = 0; i < replies[0].items.size() && 2 * i < items.size(); ++i)
      if (const std::int64_t at = replies[0].items[i].number(); at >= 0)
        content_.parts["time of '" + items[2 * i].text + "'"] = std::to_string(at);
    return {};
  }

  Status read_stream() {
    std::string from = "-";
    for (;;) {
      LS_ASSIGN(const RedisReply page,
                ask({"XRANGE", key_, from, "+", "COUNT", std::to_string(kPage)}));
      for (const RedisReply& entry : page.items) {
        std::string words;
        for (const RedisReply& word : entry.items[1].items)
          words += std::to_string(word.text.size()) + ":" + word.text + " ";
        content_.parts["entry " + entry.items[0].text] = std::move(words);
      }
      if (page.items.size() < static_cast<std::size_t>(kPage)) break;
      from = "(" + page.items.back().items[0].text;
    }
    LS_ASSIGN(const RedisReply info, ask({"XINFO", "STREAM", key_}, 2));
    content_.parts["last-generated-id"] = info.text_at("last-generated-id");
    for (const char* fact : {"max-deleted-entry-id", "entries-added"})
      if (const RedisReply* value = info.find(fact);
          value != nullptr && version_ >= kStreamCounters)
        content_.parts[fact] = value->is_text() ? value->text : std::to_string(value->number());
    LS_ASSIGN(const RedisReply groups, ask({"XINFO", "GROUPS", key_}, 2));
    for (const RedisReply& group : groups.items) LS_TRY(read_group(group));
    return {};
  }

  Status read_group(const RedisReply& group) {
    const std::string name = group.text_at("name");
    const std::string about = "group '" + name + "' ";
    content_.parts[about + "last id"] = group.text_at("last-delivered-id");
    if (const RedisReply* read = group.find("entries-read");
        read != nullptr && version_ >= kStreamCounters)
      content_.parts[about + "entries read"] =
          read->is_null() ? "unknown" : std::to_string(read->number());
    LS_ASSIGN(const RedisReply consumers, ask({"XINFO", "CONSUMERS", key_, name}, 2));
    for (const RedisReply& consumer : consumers.items)
      content_.parts[about + "consumer '" + consumer.text_at("name") + "'"] =
          std::to_string(consumer.number_at("pending"));
    std::string from = "-";
    for (;;) {
      LS_ASSIGN(const RedisReply page,
                ask({"XPENDING", key_, name, from, "+", std::to_string(kPage)}));
      for (const RedisReply& row : page.items)
        if (row.items.size() >= 4)
          content_.parts[about + "pending " + row.items[0].text] =
              row.items[1].text + ", delivered " + std::to_string(row.items[3].number());
      if (page.items.size() < static_cast<std::size_t>(kPage)) return {};
      from = "(" + page.items.back().items[0].text;
    }
  }

  RedisNodes& nodes_;
  const int database_;
  const std::string& key_;
  const int version_;
  RedisContent content_;
};

}  // namespace

Result<RedisContent> read_redis_content(RedisNodes& nodes, int database, const std::string& key,
                                        int version) {
  return ContentReader(nodes, database, key, version).read();
}

}  // namespace lakeshift::checks

// Streams: entries, last id and counters, groups with consumers and pending entries.
//
// Entries that are pending but deleted can only be pending again when they are there for a moment:
// they are added in their place, claimed, and deleted.
#include <algorithm>
#include <map>
#include <set>

#include "core/base/strings.h"
#include "knowledge/transfers/redis_carry.h"

namespace lakeshift::transfers {

using databases::RedisCommand;
using databases::RedisReply;

namespace {

constexpr int kEntries = 500;

struct EntryId {
  std::uint64_t time = 0, sequence = 0;
  auto operator<=>(const EntryId&) const = default;
};

EntryId read_id(const std::string& text) {
  EntryId id;
  id.time = std::strtoull(text.c_str(), nullptr, 10);
  if (const std::size_t dash = text.find('-'); dash != std::string::npos)
    id.sequence = std::strtoull(text.c_str() + dash + 1, nullptr, 10);
  return id;
}

struct Pending {
  std::string id, consumer;
  std::int64_t idle = 0, deliveries = 0;
};

class StreamCarry {
 public:
  explicit StreamCarry(const RedisPieces& at) : at_(at) {}

  Status go() {
    LS_ASSIGN(info_, at_.from.call(at_.database, {"XINFO", "STREAM", at_.key}, 2));
    LS_ASSIGN(groups_, at_.from.call(at_.database, {"XINFO", "GROUPS", at_.key}, 2));
    for (const RedisReply& group : groups_.items) LS_TRY(read_pending(group.text_at("name")));
    LS_TRY(carry_entries());
    for (const RedisReply& group : groups_.items) LS_TRY(carry_group(group));
    LS_TRY(delete_ghosts());
    return set_last_id();
  }

 private:
  Status read_pending(const std::string& group) {
    std::string from = "-";
    for (;;) {
      LS_ASSIGN(const RedisReply page,
                at_.from.call(at_.database,
                              {"XPENDING", at_.key, group, from, "+", std::to_string(kEntries)}));
      for (const RedisReply& row : page.items) {
        if (row.items.size() < 4) continue;
        pending_[group].push_back(
            {row.items[0].text, row.items[1].text, row.items[2].number(), row.items[3].number()});
        ghosts_.emplace(read_id(row.items[0].text), row.items[0].text);
      }
      if (page.items.size() < static_cast<std::size_t>(kEntries)) return {};
      from = "(" + page.items.back().items[0].text;
    }
  }

  Status carry_entries() {
    std::string from = "-";
    auto ghost = ghosts_.begin();
    std::map<EntryId, std::string> left;  // those that are no entries
    for (bool last = false; !last;) {
      LS_ASSIGN(RedisReply page, at_.from.call(at_.database, {"XRANGE", at_.key, from, "+", "COUNT",
                                                              std::to_string(kEntries)}));
      last = page.items.size() < static_cast<std::size_t>(kEntries);
      if (!last) from = "(" + page.items.back().items[0].text;
      std::vector<RedisCommand> commands;
      const auto add_ghost = [&] {
        commands.push_back({{"XADD", at_.key, ghost->second, "x", "x"}});
        left.insert(*ghost++);
      };
      for (RedisReply& entry : page.items) {
        const EntryId id = read_id(entry.items[0].text);
        while (ghost != ghosts_.end() && ghost->first < id) add_ghost();
        if (ghost != ghosts_.end() && ghost->first == id) ++ghost;
        RedisCommand add{{"XADD", at_.key, entry.items[0].text}};
        for (RedisReply& word : entry.items[1].items) add.words.push_back(std::move(word.text));
        commands.push_back(std::move(add));
      }
      while (last && ghost != ghosts_.end()) add_ghost();
      LS_TRY(write(commands));
    }
    ghosts_ = std::move(left);
    return {};
  }

  Status carry_group(const RedisReply& group) {
    const std::string name = group.text_at("name");
    std::vector<RedisCommand> commands;
    RedisCommand create{
        {"XGROUP", "CREATE", at_.key, name, group.text_at("last-delivered-id"), "MKSTREAM"}, 2};
    const RedisReply* read = group.find("entries-read");
    if (read != nullptr && !read->is_null() && at_.to.version() >= 70000) {
      create.words.emplace_back("ENTRIESREAD");
      create.words.push_back(std::to_string(read->number()));
    }
    commands.push_back(std::move(create));
    LS_ASSIGN(const RedisReply consumers,
              at_.from.call(at_.database, {"XINFO", "CONSUMERS", at_.key, name}, 2));
    for (const RedisReply& consumer : consumers.items)
      commands.push_back(
          {{"XGROUP", "CREATECONSUMER", at_.key, name, consumer.text_at("name")}, 2});
    LS_ASSIGN(const RedisReply time, at_.from.call(at_.database, {"TIME"}, 0));
    const std::int64_t now =
        time.items.size() < 2 ? 0 : time.items[0].number() * 1000 + time.items[1].number() / 1000;
    for (const Pending& one : pending_[name])
      commands.push_back({{"XCLAIM", at_.key, name, one.consumer, "0", one.id, "TIME",
                           std::to_string(now - one.idle), "RETRYCOUNT",
                           std::to_string(one.deliveries), "FORCE", "JUSTID"}});
    return write(commands);
  }

  Status delete_ghosts() {
    std::vector<RedisCommand> commands;
    for (const auto& [id, text] : ghosts_) commands.push_back({{"XDEL", at_.key, text}});
    return write(commands);
  }

  // Also makes a stream that has neither entries nor groups.
  Status set_last_id() {
    std::vector<RedisCommand> commands;
    if (info_.number_at("length") == 0 && groups_.items.empty() && ghosts_.empty()) {
      commands.push_back({{"XGROUP", "CREATE", at_.key, "lakeshift", "0", "MKSTREAM"}, 2});
      commands.push_back({{"XGROUP", "DESTROY", at_.key, "lakeshift"}, 2});
    }
    RedisCommand set{{"XSETID", at_.key, info_.text_at("last-generated-id")}};
    if (at_.to.version() >= 70000 && info_.find("entries-added") != nullptr) {
      set.words.insert(set.words.end(),
                       {"ENTRIESADDED", std::to_string(info_.number_at("entries-added")),
                        "MAXDELETEDID", info_.text_at("max-deleted-entry-id")});
    }
    commands.push_back(std::move(set));
    return write(commands);
  }

  Status write(const std::vector<RedisCommand>& commands) {
    if (commands.empty()) return {};
    LS_ASSIGN(const auto replies, at_.to.run(at_.database, commands));
    for (const RedisReply& reply : replies)
      if (reply.is_error())
        return fail(databases::redis_error(
            reply, at_.to.address().to_text() + ", key '" + printable(at_.key) + "'"));
    return {};
  }

  const RedisPieces& at_;
  RedisReply info_, groups_;
  std::map<std::string, std::vector<Pending>> pending_;
  std::map<EntryId, std::string> ghosts_;  // pending; when entries were carried: without an entry
};

}  // namespace

Status carry_stream(const RedisPieces& pieces) { return StreamCarry(pieces).go(); }

}  // namespace lakeshift::transfers

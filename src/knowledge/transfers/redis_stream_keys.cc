#include "core/base/strings.h"
#include "knowledge/transfers/redis_stream.h"

namespace lakeshift::transfers {

using databases::RedisReply;
using databases::RedisWords;

Result<RedisKeyFinder> RedisKeyFinder::ask(databases::RedisSession& session) {
  RedisKeyFinder finder;
  LS_ASSIGN(const RedisReply table, session.call({"COMMAND"}));
  for (const RedisReply& command : table.items) {
    if (command.items.size() < 6) continue;
    Rule rule;
    rule.first = static_cast<int>(command.items[3].number());
    rule.last = static_cast<int>(command.items[4].number());
    rule.step = static_cast<int>(command.items[5].number());
    for (const RedisReply& flag : command.items[2].items)
      rule.movable = rule.movable || flag.text == "movablekeys";
    finder.rules_[to_lower(command.items[0].text)] = rule;
    // Subcommands: XGROUP CREATE has its key one word later.
    if (command.items.size() > 9)
      for (const RedisReply& sub : command.items[9].items) {
        if (sub.items.size() < 6) continue;
        finder.rules_[to_lower(sub.items[0].text)] = {
            static_cast<int>(sub.items[3].number()), static_cast<int>(sub.items[4].number()),
            static_cast<int>(sub.items[5].number()), false};
      }
  }
  return finder;
}

Result<std::vector<RedisKey>> RedisKeyFinder::keys(const RedisWords& words, int database,
                                                   databases::RedisSession& session) const {
  std::vector<RedisKey> keys;
  const std::string name = to_lower(words[0]);
  auto rule = words.size() > 1 ? rules_.find(name + "|" + to_lower(words[1])) : rules_.end();
  if (rule == rules_.end()) rule = rules_.find(name);
  const int count = static_cast<int>(words.size());
  const bool asks = rule == rules_.end() || rule->second.movable ||
                    (rule->second.first == 0 && rule->second.step == 0 && name == "xgroup");
  if (asks) {
    RedisWords question = {"COMMAND", "GETKEYS"};
    question.insert(question.end(), words.begin(), words.end());
    session.queue(question);
    LS_TRY(session.flush());
    LS_ASSIGN(const RedisReply answer, session.read());
    for (const RedisReply& key : answer.items) keys.push_back({database, key.text});
    // The destination of SORT and GEORADIUS is named last, after STORE.
    for (int i = 1; i + 1 < count; ++i)
      if (const std::string word = to_lower(words[static_cast<std::size_t>(i)]);
          word == "store" || word == "storedist")
        keys.push_back({database, words[static_cast<std::size_t>(i) + 1]});
    if (rule == rules_.end()) return keys;
  }
  const Rule& at = rule->second;
  if (at.first > 0) {
    const int last = at.last >= 0 ? at.last : count + at.last;
    for (int i = at.first; i <= last && i < count; i += std::max(1, at.step))
      keys.push_back({database, words[static_cast<std::size_t>(i)]});
  }
  if (name == "copy")
    for (int i = 3; i + 1 < count; ++i)
      if (to_lower(words[static_cast<std::size_t>(i)]) == "db")
        keys.push_back({std::atoi(words[static_cast<std::size_t>(i) + 1].c_str()), words[2]});
  if (name == "move" && count > 2) keys.push_back({std::atoi(words[2].c_str()), words[1]});
  return keys;
}

}  // namespace lakeshift::transfers

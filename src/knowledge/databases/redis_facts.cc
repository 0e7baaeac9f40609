// What a Redis server says of itself, and which commands it refuses to us.
#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/databases/redis_preflight.h"

namespace lakeshift::databases {
namespace {

// On a key that is not there they do nothing.
constexpr const char* kNoKey = "lakeshift:no-such-key";
// No payload: a server that would run it says that it is none.
constexpr const char* kNoPayload = "none";

struct Trial {
  const char* command;
  std::vector<std::string> words;
};

const std::vector<Trial>& trials() {
  static const std::vector<Trial> kTrials = {
      {"SCAN", {"SCAN", "0", "COUNT", "1"}},
      {"DUMP", {"DUMP", kNoKey}},
      {"PTTL", {"PTTL", kNoKey}},
      {"TYPE", {"TYPE", kNoKey}},
      {"UNLINK", {"UNLINK", kNoKey}},
      {"MEMORY", {"MEMORY", "USAGE", kNoKey}},
      {"RESTORE", {"RESTORE", kNoKey, "0", kNoPayload, "REPLACE", "ABSTTL"}},
      {"PSYNC", {"REPLCONF", "capa", "eof"}},
  };
  return kTrials;
}

bool is_refusal(const RedisReply& reply) {
  return reply.is_error() &&
         (reply.text.starts_with("NOPERM") || reply.text.starts_with("ERR unknown command") ||
          reply.text.starts_with("ERR Unknown subcommand") ||
          reply.text.starts_with("ERR unknown subcommand"));
}

std::map<std::string, std::string> read_info(const RedisReply& reply) {
  std::map<std::string, std::string> facts;
  for (const std::string& line : split(reply.text, '\n'))
    if (const std::size_t colon = line.find(':'); colon != std::string::npos)
      facts[line.substr(0, colon)] = std::string(trim(line.substr(colon + 1)));
  return facts;
}

std::int64_t number(const std::map<std::string, std::string>& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() ? 0 : std::strtoll(found->second.c_str(), nullptr, 10);
}

// PSYNC itself would begin: whether there is such a command, and whether the user may use it, is
// asked.
Status ask_about_psync(RedisSession& session, RedisServerFacts& facts) {
  session.queue({"COMMAND", "INFO", "psync"});
  session.queue({"ACL", "WHOAMI"});
  LS_TRY(session.flush());
  LS_ASSIGN(const RedisReply command, session.read());
  LS_ASSIGN(const RedisReply user, session.read());
  if (!command.is_error() && (command.items.empty() || command.items[0].items.empty()))
    facts.refused.insert("PSYNC");
  if (user.is_error()) return {};
  session.queue({"ACL", "DRYRUN", user.text, "PSYNC", "?", "-1"});
  LS_TRY(session.flush());
  LS_ASSIGN(const RedisReply answer, session.read());
  if (!answer.is_error() && answer.text != "OK") facts.refused.insert("PSYNC");
  return {};
}

Status try_commands(RedisSession& session, RedisServerFacts& facts) {
  for (const Trial& trial : trials()) session.queue(trial.words);
  LS_TRY(session.flush());
  for (const Trial& trial : trials()) {
    LS_ASSIGN(const RedisReply reply, session.read());
    if (is_refusal(reply)) facts.refused.insert(trial.command);
  }
  return ask_about_psync(session, facts);
}

Status add_node(RedisSession& session, RedisServerFacts& facts) {
  LS_ASSIGN(const RedisReply all, session.call({"INFO"}));
  const auto info = read_info(all);
  for (const auto& [name, value] : info)
    if (name.starts_with("db") && value.starts_with("keys=")) {
      const int database = std::atoi(name.c_str() + 2);
      const int meant = session.address().database;
      if (meant >= 0 && meant != database) continue;
      facts.keys += std::strtoll(value.c_str() + 5, nullptr, 10);
      if (std::find(facts.databases.begin(), facts.databases.end(), database) ==
          facts.databases.end())
        facts.databases.push_back(database);
    }
  const auto text = [&](const char* name) {
    const auto found = info.find(name);
    return found == info.end() ? std::string() : found->second;
  };
  facts.version_text = text("redis_version");
  facts.role = text("role").empty() ? "master" : text("role");
  facts.policy = text("maxmemory_policy");
  facts.used_bytes += number(info, "used_memory");
  facts.data_bytes += number(info, "used_memory_dataset");
  facts.limit_bytes += number(info, "maxmemory");
  facts.backlog_bytes = number(info, "repl_backlog_size");
  return {};
}

Status ask_more(RedisSession& session, RedisServerFacts& facts) {
  session.queue({"TIME"});
  session.queue({"CONFIG", "GET", "notify-keyspace-events"});
  session.queue({"FUNCTION", "LIST"});
  session.queue({"MODULE", "LIST"});
  LS_TRY(session.flush());
  LS_ASSIGN(const RedisReply time, session.read());
  LS_ASSIGN(const RedisReply events, session.read());
  LS_ASSIGN(const RedisReply functions, session.read());
  LS_ASSIGN(const RedisReply modules, session.read());
  if (time.items.size() == 2)
    facts.time_ms = time.items[0].number() * 1000 + time.items[1].number() / 1000;
  facts.notifications_known = !events.is_error() && !events.items.empty();
  facts.notifications = events.text_at("notify-keyspace-events");
  facts.has_functions = !functions.is_error() && !functions.items.empty();
  for (const RedisReply& module : modules.items) facts.modules.insert(module.text_at("name"));
  return {};
}

}  // namespace

Result<RedisServerFacts> read_redis_facts(RedisNodes& nodes) {
  RedisServerFacts facts;
  facts.version = nodes.version();
  for (const RedisAddress& primary : nodes.primaries()) {
    LS_ASSIGN(RedisSession* const session, nodes.session(primary));
    LS_TRY(add_node(*session, facts));
  }
  std::sort(facts.databases.begin(), facts.databases.end());
  LS_ASSIGN(RedisSession* const any, nodes.any());
  LS_TRY(try_commands(*any, facts));
  LS_TRY(ask_more(*any, facts));
  return facts;
}

}  // namespace lakeshift::databases

// Source: redis.io/docs/latest/operate/oss_and_stack/management/security/acl, as of 2026-08.
#include "knowledge/transfers/redis_fence.h"

#include <algorithm>
#include <map>

#include "core/base/strings.h"

namespace lakeshift::transfers {

using databases::RedisNodes;
using databases::RedisReply;
using databases::RedisSession;
using databases::RedisWords;

namespace {

const std::string kKept = "lakeshift.kept.";
constexpr int kKillRounds = 50;

// Rules of all users, as words: "on", "#hash…", "~*", "+@all", "(~x +get)".
Result<std::map<std::string, RedisWords>> read_users(RedisSession& session) {
  std::map<std::string, RedisWords> users;
  LS_ASSIGN(const RedisReply list, session.call({"ACL", "LIST"}));
  for (const RedisReply& line : list.items) {
    // "user NAME rules"; a selector is one rule with spaces, in parentheses.
    RedisWords words;
    std::string selector;
    for (const std::string& word : lakeshift::split(line.text, ' ')) {
      if (!selector.empty() || word.starts_with('(')) {
        selector += (selector.empty() ? "" : " ") + word;
        if (!word.ends_with(')')) continue;
        words.push_back(std::exchange(selector, {}));
        continue;
      }
      if (!word.empty()) words.push_back(word);
    }
    if (words.size() < 2) continue;
    const std::string name = words[1];
    words.erase(words.begin(), words.begin() + 2);
    users[name] = std::move(words);
  }
  return users;
}

bool is_off(const RedisWords& rules) {
  return std::find(rules.begin(), rules.end(), "off") != rules.end();
}

Status set_user(RedisSession& session, const std::string& name, const RedisWords& rules,
                std::initializer_list<const char*> more) {
  RedisWords words = {"ACL", "SETUSER", name, "reset"};
  words.insert(words.end(), rules.begin(), rules.end());
  for (const char* rule : more) words.emplace_back(rule);
  LS_TRY(session.call(words));
  return {};
}

Result<bool> save_users(RedisSession& session) {
  session.queue({"ACL", "SAVE"});
  LS_TRY(session.flush());
  LS_ASSIGN(const RedisReply saved, session.read());
  if (!saved.is_error()) return true;
  session.queue({"CONFIG", "REWRITE"});
  LS_TRY(session.flush());
  LS_ASSIGN(const RedisReply written, session.read());
  return !written.is_error();
}

// Killing a connection does not take effect within the call that it makes.
Result<std::int64_t> end_sessions(RedisSession& session, const std::string& user) {
  std::int64_t ended = 0;
  world::SystemClock clock;
  for (int round = 0; round < kKillRounds; ++round) {
    LS_ASSIGN(const RedisReply killed, session.call({"CLIENT", "KILL", "USER", user}));
    ended += killed.number();
    LS_ASSIGN(const RedisReply list, session.call({"CLIENT", "LIST"}));
    if (!contains(list.text, " user=" + user + " ")) return ended;
    clock.sleep(world::Millis(10), {});
  }
  return fail("fence-leaks", "connections of user '" + user + "' do not end",
              session.address().to_text(), "end the application, then run again");
}

// What the server would say to a write of the user.
Result<std::string> try_write(RedisSession& session, const std::string& user) {
  session.queue({"ACL", "DRYRUN", user, "SET", "lakeshift:no-such-key", "x"});
  session.queue({"ACL", "GETUSER", user});
  LS_TRY(session.flush());
  LS_ASSIGN(const RedisReply answer, session.read());
  LS_ASSIGN(const RedisReply rights, session.read());
  bool off = false;
  if (const RedisReply* flags = rights.find("flags"); flags != nullptr)
    off = std::any_of(flags->items.begin(), flags->items.end(),
                      [](const RedisReply& flag) { return flag.text == "off"; });
  const bool dry =
      !answer.is_error();  // before 7.0 there is no such trial: the rules are read back
  const bool refused = dry ? answer.text != "OK"
                           : contains(rights.text_at("commands"), "-@all") &&
                                 !contains(rights.text_at("commands"), "+");
  if (!off || !refused)
    return fail("fence-leaks", "user '" + user + "' may still write", session.address().to_text(),
                "find out who else changes its rights (ACL LOG), then run again");
  return dry ? answer.text : std::string("switched off, no command allowed");
}

Status fence_user(RedisSession& session, const std::string& user,
                  const std::map<std::string, RedisWords>& known, RedisFenceReport& report) {
  const auto rules = known.find(user);
  if (rules == known.end())
    return fail("redis-user-missing", "there is no user '" + user + "'",
                session.address().to_text(), "name users of applications as ACL LIST has them");
  const bool kept = known.contains(kKept + user);
  if (!kept && is_off(rules->second)) {
    LS_ASSIGN(const std::int64_t ended, end_sessions(session, user));
    report.sessions_ended += ended;
    report.refused.push_back(user + ": it was switched off already");
    return {};
  }
  if (!kept) LS_TRY(set_user(session, kKept + user, rules->second, {"off"}));
  LS_TRY(session.call({"ACL", "SETUSER", user, "off", "nocommands"}));
  if (session.version() >= 70000) LS_TRY(session.call({"ACL", "SETUSER", user, "clearselectors"}));
  LS_ASSIGN(const std::int64_t ended, end_sessions(session, user));
  report.sessions_ended += ended;
  LS_ASSIGN(const std::string said, try_write(session, user));
  report.refused.push_back(user + ": " + said);
  return {};
}

}  // namespace

Result<RedisFenceReport> fence_redis(RedisNodes& nodes, const std::vector<std::string>& users) {
  RedisFenceReport report;
  report.users = users;
  report.saved = true;
  for (const databases::RedisAddress& primary : nodes.primaries()) {
    LS_ASSIGN(RedisSession* const session, nodes.session(primary));
    LS_ASSIGN(const auto known, read_users(*session));
    for (const std::string& user : users) LS_TRY(fence_user(*session, user, known, report));
    LS_ASSIGN(const bool saved, save_users(*session));
    report.saved = report.saved && saved;
  }
  return report;
}

Result<std::int64_t> open_redis(RedisNodes& nodes, const std::vector<std::string>& users) {
  std::int64_t opened = 0;
  for (const databases::RedisAddress& primary : nodes.primaries()) {
    LS_ASSIGN(RedisSession* const session, nodes.session(primary));
    LS_ASSIGN(const auto known, read_users(*session));
    for (const std::string& user : users) {
      const auto kept = known.find(kKept + user);
      if (kept == known.end()) continue;
      // Only those that were on are ever kept.
      LS_TRY(set_user(*session, user, kept->second, {"on"}));
      LS_TRY(session->call({"ACL", "DELUSER", kKept + user}));
      ++opened;
    }
    LS_TRY(save_users(*session));
  }
  return opened;
}

Result<std::vector<std::string>> fenced_redis_users(RedisNodes& nodes) {
  std::vector<std::string> users;
  LS_ASSIGN(RedisSession* const session, nodes.any());
  LS_ASSIGN(const auto known, read_users(*session));
  for (const auto& [name, rules] : known)
    if (name.starts_with(kKept)) users.push_back(name.substr(kKept.size()));
  return users;
}

Result<std::vector<std::string>> carry_redis_users(RedisNodes& from, RedisNodes& to,
                                                   const std::vector<std::string>& users) {
  std::vector<std::string> made;
  LS_ASSIGN(RedisSession* const source, from.any());
  LS_ASSIGN(const auto here, read_users(*source));
  for (const databases::RedisAddress& primary : to.primaries()) {
    LS_ASSIGN(RedisSession* const session, to.session(primary));
    LS_ASSIGN(const auto there, read_users(*session));
    for (const std::string& user : users) {
      const auto rules = here.find(user);
      if (rules == here.end())
        return fail("redis-user-missing", "there is no user '" + user + "'",
                    from.address().to_text(), "name in 'applications' the users that write");
      if (there.contains(user)) continue;
      if (!is_off(rules->second)) LS_TRY(set_user(*session, kKept + user, rules->second, {"off"}));
      LS_TRY(session->call({"ACL", "SETUSER", user, "reset"}));
      if (std::find(made.begin(), made.end(), user) == made.end()) made.push_back(user);
    }
  }
  return made;
}

Status try_redis_fence(RedisNodes& nodes) {
  const std::string nobody = "lakeshift.nobody";
  for (const databases::RedisAddress& primary : nodes.primaries()) {
    LS_ASSIGN(RedisSession* const session, nodes.session(primary));
    LS_TRY(session->call({"ACL", "SETUSER", nobody, "reset"}));
    LS_TRY(session->call({"ACL", "LIST"}));
    LS_TRY(session->call({"CLIENT", "KILL", "USER", nobody}));
    LS_TRY(session->call({"ACL", "DELUSER", nobody}));
  }
  return {};
}

}  // namespace lakeshift::transfers

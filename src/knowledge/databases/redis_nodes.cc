#include "knowledge/databases/redis_nodes.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"

namespace lakeshift::databases {
namespace {

constexpr int kRounds = 40;  // of redirections and waits for a cluster that moves slots
constexpr int kWaitMs = 100;

std::uint16_t crc16(std::string_view bytes) {
  std::uint16_t crc = 0;
  for (const char byte : bytes) {
    crc = static_cast<std::uint16_t>(crc ^ (static_cast<unsigned char>(byte) << 8));
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
  }
  return crc;
}

// "MOVED 3999 10.0.0.1:6381": the node; a host that is not said is the one that answered.
bool read_redirection(const std::string& text, std::string_view word,
                      std::pair<std::string, int>& node) {
  const std::vector<std::string> parts = split(text, ' ');
  if (parts.size() != 3 || parts[0] != word) return false;
  const std::size_t colon = parts[2].rfind(':');
  if (colon == std::string::npos) return false;
  if (colon > 0) node.first = parts[2].substr(0, colon);
  node.second = std::atoi(parts[2].c_str() + colon + 1);
  return true;
}

std::span<const std::string> words_of(const RedisCommand& command) { return command.words; }
std::span<const std::string_view> words_of(const RedisRequest& request) { return request.words(); }
std::size_t index_of(const auto& command) { return static_cast<std::size_t>(command.key); }

bool passes(const RedisReply& reply) {
  return reply.is_error() &&
         (reply.text.starts_with("TRYAGAIN") || reply.text.starts_with("CLUSTERDOWN") ||
          reply.text.starts_with("LOADING") || reply.text.starts_with("MASTERDOWN"));
}

}  // namespace

int redis_slot(std::string_view key) {
  if (const std::size_t begin = key.find('{'); begin != std::string_view::npos)
    if (const std::size_t end = key.find('}', begin + 1);
        end != std::string_view::npos && end > begin + 1)
      key = key.substr(begin + 1, end - begin - 1);
  return crc16(key) % kRedisSlots;
}

Result<std::unique_ptr<RedisNodes>> RedisNodes::connect(const RedisAddress& address,
                                                        std::stop_token stop) {
  std::unique_ptr<RedisNodes> nodes(new RedisNodes(address, std::move(stop)));
  LS_ASSIGN(RedisSession* const first, nodes->any());
  nodes->version_ = first->version();
  const auto enabled = first->info("cluster", "cluster_enabled");
  if (!enabled) return fail(enabled.error());
  nodes->clustered_ = *enabled == "1";
  if (nodes->clustered_) LS_TRY(nodes->read_slots());
  return nodes;
}

Status RedisNodes::read_slots() {
  LS_ASSIGN(RedisSession* const first, any());
  LS_ASSIGN(const RedisReply reply, first->call({"CLUSTER", "SLOTS"}));
  std::vector<Node> slots(kRedisSlots);
  for (const RedisReply& range : reply.items) {
    if (range.items.size() < 3 || range.items[2].items.size() < 2) continue;
    const RedisReply& primary = range.items[2];
    const std::string host = primary.items[0].text.empty() ? address_.host : primary.items[0].text;
    const auto begin = std::max<std::int64_t>(0, range.items[0].number());
    const auto end = std::min<std::int64_t>(kRedisSlots - 1, range.items[1].number());
    for (std::int64_t slot = begin; slot <= end; ++slot)
      slots[static_cast<std::size_t>(slot)] = {host, static_cast<int>(primary.items[1].number())};
  }
  slots_ = std::move(slots);
  return {};
}

std::vector<RedisAddress> RedisNodes::primaries() const {
  if (!clustered_) return {address_};
  std::set<Node> known;
  for (const Node& node : slots_)
    if (node.second != 0) known.insert(node);
  std::vector<RedisAddress> list;
  for (const Node& node : known) {
    RedisAddress address = address_;
    address.host = node.first;
    address.port = node.second;
    list.push_back(std::move(address));
  }
  return list;
}

Result<RedisSession*> RedisNodes::session(const RedisAddress& node) {
  return open({node.host, node.port});
}

Result<RedisSession*> RedisNodes::any() {
  for (const auto& [node, session] : sessions_)
    if (session->alive()) return session.get();
  return open({address_.host, address_.port});
}

Result<RedisSession*> RedisNodes::open(const Node& node) {
  auto& session = sessions_[node];
  if (session && session->alive()) return session.get();
  RedisAddress address = address_;
  address.host = node.first;
  address.port = node.second;
  session.reset();
  auto opened = RedisSession::connect(address, stop_);
  if (!opened) {
    sessions_.erase(node);
    return fail(opened.error());
  }
  sessions_[node] = std::move(*opened);
  return sessions_[node].get();
}

template <typename Command>
const RedisNodes::Node& RedisNodes::node_of(const Command& command) const {
  if (clustered_ && command.key > 0) {
    const auto slot = static_cast<std::size_t>(redis_slot(words_of(command)[index_of(command)]));
    if (slots_[slot].second != 0) return slots_[slot];
  }
  return own_;
}

// One server: no routes, and nothing that is sent elsewhere.
template <typename Command>
Status RedisNodes::run_alone(int database, const std::vector<Command>& commands,
                             std::vector<std::size_t>& left, std::vector<RedisReply>& replies) {
  LS_ASSIGN(RedisSession* const session, open(own_));
  LS_TRY(session->select(database));
  for (const std::size_t index : left) session->queue(words_of(commands[index]));
  LS_TRY(session->flush());
  std::size_t kept = 0;
  for (const std::size_t index : left) {
    LS_ASSIGN(replies[index], session->read());
    if (passes(replies[index])) left[kept++] = index;
  }
  left.resize(kept);
  return {};
}

template <typename Command>
Status RedisNodes::run_once(const std::vector<Command>& commands, std::vector<std::size_t>& left,
                            std::vector<RedisReply>& replies) {
  std::map<Node, std::vector<std::size_t>> shares;
  for (const std::size_t index : left) {
    const auto asked = asked_.find(index);
    shares[asked != asked_.end() ? asked->second : node_of(commands[index])].push_back(index);
  }
  std::vector<std::pair<RedisSession*, Node>> busy;
  for (const auto& [node, indexes] : shares) {
    LS_ASSIGN(RedisSession* const session, open(node));
    for (const std::size_t index : indexes) {
      if (asked_.contains(index)) session->queue({"ASKING"});
      session->queue(words_of(commands[index]));
    }
    LS_TRY(session->flush());
    busy.emplace_back(session, node);
  }
  left.clear();
  bool moved = false;
  std::map<std::size_t, Node> asked;
  for (const auto& [session, node] : busy)
    for (const std::size_t index : shares[node]) {
      if (asked_.contains(index)) LS_TRY(session->read());
      LS_ASSIGN(RedisReply reply, session->read());
      Node other = node;
      if (reply.is_error() && read_redirection(reply.text, "MOVED", other)) {
        moved = true;
        slots_[static_cast<std::size_t>(
            redis_slot(words_of(commands[index])[index_of(commands[index])]))] = other;
        left.push_back(index);
      } else if (reply.is_error() && read_redirection(reply.text, "ASK", other)) {
        asked[index] = other;
        left.push_back(index);
      } else if (passes(reply)) {
        left.push_back(index);
      }
      replies[index] = std::move(reply);
    }
  asked_ = std::move(asked);
  std::sort(left.begin(), left.end());
  if (moved) return read_slots();
  return {};
}

template <typename Command>
Result<std::vector<RedisReply>> RedisNodes::run_all(int database,
                                                    const std::vector<Command>& commands) {
  std::vector<RedisReply> replies(commands.size());
  std::vector<std::size_t> left(commands.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  asked_.clear();
  world::SystemClock clock;
  for (int round = 0; !left.empty() && round < kRounds; ++round) {
    if (round > 2 && !clock.sleep(world::Millis(kWaitMs), stop_))
      return fail("cancelled", "stopped", address_.to_text());
    const Status done = clustered_ ? run_once(commands, left, replies)
                                   : run_alone(database, commands, left, replies);
    if (!done) {
      sessions_.clear();  // answers that were not read would be taken for those of other commands
      return fail(done.error());
    }
  }
  return replies;
}

template Result<std::vector<RedisReply>> RedisNodes::run_all(int, const std::vector<RedisCommand>&);
template Result<std::vector<RedisReply>> RedisNodes::run_all(int, const std::vector<RedisRequest>&);

Result<RedisReply> RedisNodes::call(int database, RedisWords words, int key) {
  const std::string name = words.front();
  std::vector<RedisCommand> one;
  one.push_back({std::move(words), key});
  LS_ASSIGN(std::vector<RedisReply> replies, run(database, one));
  if (replies.front().is_error())
    return fail(redis_error(replies.front(), address_.to_text() + ", " + name));
  return std::move(replies.front());
}

}  // namespace lakeshift::databases

// Keyspace events.
// Source: redis.io/docs/latest/develop/use/keyspace-notifications, as of 2026-08.
#include <atomic>

#include "core/base/strings.h"
#include "knowledge/transfers/redis_stream.h"

namespace lakeshift::transfers {

using databases::RedisAddress;
using databases::RedisReply;
using databases::RedisSession;

namespace {

constexpr std::string_view kPrefix = "__keyspace@";
constexpr std::string_view kMiddle = "__:";

class Notifications final : public RedisStream {
 public:
  Notifications(RedisAddress node, RedisChanges changes, std::stop_token stop)
      : node_(std::move(node)), changes_(std::move(changes)), stop_(std::move(stop)) {}

  Result<bool> begin(const RedisPosition& from) override {
    const bool first = from.history.empty() && position_.history.empty();
    RedisAddress any = node_;
    any.database = -1;
    LS_ASSIGN(session_, RedisSession::connect(any, stop_));
    LS_ASSIGN(const RedisReply id, session_->call({"CLIENT", "ID"}));
    const std::string channel = "lakeshift." + std::to_string(id.number());
    channel_.with([&](std::string& name) { name = channel; });
    session_->queue({"SUBSCRIBE", channel});
    session_->queue({"PSUBSCRIBE", std::string(kPrefix) + "*" + std::string(kMiddle) + "*"});
    LS_TRY(session_->flush());
    for (int i = 0; i < 2; ++i) {
      LS_ASSIGN(const RedisReply answer, session_->read());
      if (answer.is_error())
        return fail(databases::redis_error(answer, node_.to_text() + ", SUBSCRIBE"));
    }
    position_ = {"notifications", marks_, -1};
    return first;
  }

  Status read(world::Millis limit) override {
    for (;;) {
      LS_ASSIGN(const std::optional<RedisReply> message, session_->receive(limit));
      if (!message) return {};
      look_at(*message);
      limit = world::Millis(0);
    }
  }

  RedisPosition position() const override { return position_; }
  Status acknowledge(std::int64_t) override { return {}; }

  // A message to ourselves, behind all events before it.
  Result<std::int64_t> server_offset(RedisSession& session) override {
    const std::string channel = channel_.with([](const std::string& name) { return name; });
    const std::int64_t mark = ++marks_;
    LS_TRY(session.call({"PUBLISH", channel, std::to_string(mark)}));
    return mark;
  }

 private:
  void look_at(const RedisReply& message) {
    const auto& items = message.items;
    if (items.size() == 3 && items[0].text == "message") {
      position_.offset = std::max(position_.offset, items[2].number());
    } else if (items.size() == 4 && items[0].text == "pmessage" &&
               items[2].text.starts_with(kPrefix)) {
      const std::string_view channel = items[2].text;
      const std::size_t middle = channel.find(kMiddle, kPrefix.size());
      if (middle == std::string_view::npos) return;
      changes_.changed({std::atoi(items[2].text.c_str() + kPrefix.size()),
                        std::string(channel.substr(middle + kMiddle.size()))});
    }
  }

  RedisAddress node_;
  RedisChanges changes_;
  std::stop_token stop_;
  std::unique_ptr<RedisSession> session_;
  RedisPosition position_;
  std::atomic<std::int64_t> marks_{0};
  world::Guarded<std::string> channel_;
};

}  // namespace

std::unique_ptr<RedisStream> make_redis_notifications(const RedisAddress& node,
                                                      RedisChanges changes, std::stop_token stop) {
  return std::make_unique<Notifications>(node, std::move(changes), std::move(stop));
}

}  // namespace lakeshift::transfers

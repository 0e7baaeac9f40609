// The stream of commands that a replica gets.
// Source: redis.io/docs/latest/operate/oss_and_stack/management/replication; the server's
// replication.c of 7.0: REPLCONF capa, rdb-filter-only, PSYNC, "$EOF:" snapshots.
#include <algorithm>
#include <optional>
#include <set>

#include "core/base/strings.h"
#include "knowledge/transfers/redis_stream.h"

namespace lakeshift::transfers {

using databases::RedisAddress;
using databases::RedisReply;
using databases::RedisSession;
using databases::RedisWords;

namespace {

constexpr world::Millis kStep{1000};
constexpr int kSnapshotSteps = 3600;  // a snapshot may be long in the making; the server sends '\n'
constexpr std::size_t kMarkSize = 40;

class Psync final : public RedisStream {
 public:
  Psync(RedisAddress node, RedisChanges changes, std::stop_token stop)
      : node_(std::move(node)), changes_(std::move(changes)), stop_(std::move(stop)) {
    node_.database = -1;
  }

  Result<bool> begin(const RedisPosition& from) override {
    LS_TRY(connect());
    // Refused before 7.0: then the snapshot comes with the data, and is thrown away.
    session_->queue({"REPLCONF", "rdb-filter-only", ""});
    LS_TRY(session_->flush());
    LS_ASSIGN(const RedisReply filtered, session_->read());
    static_cast<void>(filtered);
    RedisPosition wanted = from;
    if (wanted.history.empty()) {
      LS_ASSIGN(wanted.history, asking_->info("replication", "master_replid"));
      LS_ASSIGN(const std::string offset, asking_->info("replication", "master_repl_offset"));
      wanted.offset = std::strtoll(offset.c_str(), nullptr, 10);
    }
    LS_ASSIGN(const std::string answer, ask(wanted.history, wanted.offset + 1));
    if (answer.starts_with("+CONTINUE")) {
      const std::vector<std::string> words = lakeshift::split(answer, ' ');
      position_ = {words.size() > 1 ? words[1] : wanted.history, wanted.offset, wanted.database};
      begin_counting(wanted.database);
      if (selected_ < 0) LS_TRY(look_at_databases());
      return true;
    }
    LS_TRY(take_whole(answer, [this] { return skip_snapshot(); }));
    return from.history.empty();
  }

  Result<bool> begin_with(const RedisSnapshotReader::Found& found, std::size_t most) override {
    LS_TRY(connect());
    LS_ASSIGN(const std::string answer, ask("?", -1));
    LS_TRY(take_whole(answer, [&] { return read_snapshot(found, most); }));
    return true;
  }

  Status read(world::Millis limit) override {
    for (;;) {
      LS_ASSIGN(std::optional<RedisReply> command, session_->receive(limit));
      if (!command) break;
      if (!command->items.empty()) LS_TRY(look_at(*command));
      position_.offset = base_ + static_cast<std::int64_t>(session_->bytes_used() - began_at_);
      position_.database = selected_;
      limit = world::Millis(0);
    }
    return selected_ < 0 ? look_at_databases() : Status{};
  }

  RedisPosition position() const override { return position_; }

  Status acknowledge(std::int64_t offset) override {
    session_->queue({"REPLCONF", "ACK", std::to_string(offset)});
    return session_->flush();
  }

  Result<std::int64_t> server_offset(RedisSession& session) override {
    LS_ASSIGN(const std::string offset, session.info("replication", "master_repl_offset"));
    return std::strtoll(offset.c_str(), nullptr, 10);
  }

 private:
  Status connect() {
    LS_ASSIGN(asking_, RedisSession::connect(node_, stop_));
    if (!finder_) {
      LS_ASSIGN(finder_, RedisKeyFinder::ask(*asking_));
    }
    LS_ASSIGN(session_, RedisSession::connect(node_, stop_));
    return session_->call({"REPLCONF", "capa", "eof", "capa", "psync2"}).map([](auto&&) {});
  }

  Result<std::string> ask(const std::string& history, std::int64_t offset) {
    session_->queue({"PSYNC", history, std::to_string(offset)});
    LS_TRY(session_->flush());
    return read_line();
  }

  // The answer to PSYNC, then a snapshot, then the stream.
  Status take_whole(const std::string& answer, const std::function<Status()>& snapshot) {
    const std::vector<std::string> words = lakeshift::split(answer, ' ');
    if (words.size() < 3 || words[0] != "+FULLRESYNC") return refused(answer);
    position_ = {words[1], std::strtoll(words[2].c_str(), nullptr, 10)};
    LS_TRY(snapshot());
    begin_counting(-1);  // the stream begins with the number of its database
    return acknowledge(position_.offset);
  }

  void begin_counting(int database) {
    base_ = position_.offset;
    began_at_ = session_->bytes_used();
    selected_ = database;
  }

  // A stream that is gone on with does not say which database is selected. Until it says, a key may
  // be in any; one that was not there before is looked through as a whole.
  Status look_at_databases() {
    const bool first = databases_.empty();
    LS_ASSIGN(const RedisReply keyspace, asking_->call({"INFO", "keyspace"}));
    databases_.insert(0);
    for (const std::string& line : lakeshift::split(keyspace.text, '\n'))
      if (line.starts_with("db") && databases_.insert(std::atoi(line.c_str() + 2)).second && !first)
        changes_.upset(std::atoi(line.c_str() + 2));
    return {};
  }

  tl::unexpected<Error> refused(const std::string& answer) const {
    RedisReply reply;
    reply.type = RedisReply::Type::error;
    reply.text = answer.starts_with('-') ? answer.substr(1) : answer;
    Error error = databases::redis_error(reply, node_.to_text() + ", PSYNC");
    if (error.retry == Retry::never && reply.text.starts_with("NOMASTERLINK"))
      error.retry = Retry::later;
    error.remedy = "give the move's user +psync and +replconf, or say follow: notifications";
    return fail(std::move(error));
  }

  // Empty lines keep the connection alive while the snapshot is made.
  Result<std::string> read_line() {
    for (int step = 0; step < kSnapshotSteps;) {
      const std::string_view bytes = session_->received();
      const std::size_t end = bytes.find('\n');
      if (end != std::string_view::npos) {
        std::string line(trim(bytes.substr(0, end)));
        session_->use(end + 1);
        if (!line.empty()) return line;
        continue;
      }
      LS_ASSIGN(const bool more, session_->read_more(kStep));
      step += more ? 0 : 1;
    }
    return fail("timeout", "no snapshot within an hour", node_.to_text());
  }

  Status skip_snapshot() {
    LS_ASSIGN(const std::string head, read_line());
    if (head.starts_with("$EOF:")) return skip_to(head.substr(5));
    if (!head.starts_with('$')) return refused(head);
    auto left = static_cast<std::size_t>(std::strtoull(head.c_str() + 1, nullptr, 10));
    while (left > 0) {
      const std::size_t part = std::min(left, session_->received().size());
      session_->use(part);
      left -= part;
      if (left > 0) LS_TRY(more_of_snapshot());
    }
    return {};
  }

  Status read_snapshot(const RedisSnapshotReader::Found& found, std::size_t most) {
    LS_ASSIGN(const std::string head, read_line());
    if (!head.starts_with('$')) return refused(head);
    RedisSnapshotReader reader({[this] { return session_->received(); },
                                [this](std::size_t bytes) { session_->use(bytes); },
                                [this] { return more_of_snapshot(); }},
                               most, found);
    LS_TRY(reader.read());
    return head.starts_with("$EOF:") ? skip_to(head.substr(5)) : Status{};
  }

  Status skip_to(const std::string& mark) {
    if (mark.size() != kMarkSize)
      return fail("bad-reply", "a snapshot without mark", node_.to_text());
    for (;;) {
      const std::string_view bytes = session_->received();
      if (const std::size_t at = bytes.find(mark); at != std::string_view::npos) {
        session_->use(at + mark.size());
        return {};
      }
      if (bytes.size() > mark.size()) session_->use(bytes.size() - mark.size());
      LS_TRY(more_of_snapshot());
    }
  }

  Status more_of_snapshot() {
    LS_ASSIGN(const bool more, session_->read_more(world::Millis(60'000)));
    if (!more) return fail("timeout", "the snapshot does not go on", node_.to_text());
    return {};
  }

  Status look_at(const RedisReply& command) {
    RedisWords words;
    for (const RedisReply& word : command.items) words.push_back(word.text);
    const std::string name = to_lower(words[0]);
    if (name == "select" && words.size() > 1) {
      selected_ = std::atoi(words[1].c_str());
    } else if (name == "replconf") {
      if (words.size() > 1 && to_lower(words[1]) == "getack") return acknowledge(position_.offset);
    } else if (name == "flushall" || name == "swapdb") {
      changes_.upset(-1);
    } else if (name == "flushdb") {
      changes_.upset(selected_);
    } else if (name == "function") {
      changes_.functions();
    } else if (name != "ping" && name != "multi" && name != "exec" && name != "publish" &&
               name != "spublish" && name != "script") {
      if (selected_ < 0)
        for (const int database : databases_) LS_TRY(tell(words, database));
      else
        LS_TRY(tell(words, selected_));
    }
    return {};
  }

  Status tell(const RedisWords& words, int database) {
    LS_ASSIGN(const std::vector<RedisKey> keys, finder_->keys(words, database, *asking_));
    for (const RedisKey& key : keys) changes_.changed(key);
    return {};
  }

  RedisAddress node_;
  RedisChanges changes_;
  std::stop_token stop_;
  std::optional<RedisKeyFinder> finder_;
  std::unique_ptr<RedisSession> session_, asking_;
  RedisPosition position_;
  std::int64_t base_ = 0;
  std::uint64_t began_at_ = 0;
  int selected_ = -1;
  std::set<int> databases_;
};

}  // namespace

std::unique_ptr<RedisStream> make_redis_psync(const RedisAddress& node, RedisChanges changes,
                                              std::stop_token stop) {
  return std::make_unique<Psync>(node, std::move(changes), std::move(stop));
}

}  // namespace lakeshift::transfers

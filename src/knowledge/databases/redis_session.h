// One session with a Redis server: RESP3 where the server speaks it, else RESP2; plain or TLS.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/world/clock.h"
#include "knowledge/databases/redis_address.h"
#include "knowledge/databases/redis_reply.h"
#include "knowledge/databases/redis_tls.h"

namespace lakeshift::databases {

using RedisWords = std::vector<std::string>;  // of one command

// Not thread safe: one thread at a time. Every call ends soon after stop is requested, with error
// "cancelled"; the session is of no use then. Other errors: "unreachable" (nothing was sent),
// "connection-lost" and "timeout" (what was sent may have been done), "tls", "bad-reply", and those
// of redis_error(). A session that had one of these but the last is dead.
class RedisSession {
 public:
  // Connects, logs in, selects the address's database.
  static Result<std::unique_ptr<RedisSession>> connect(const RedisAddress& address,
                                                       std::stop_token stop);
  ~RedisSession();
  RedisSession(const RedisSession&) = delete;
  RedisSession& operator=(const RedisSession&) = delete;

  const RedisAddress& address() const { return address_; }
  int version() const { return version_; }  // 70015; 0: the server does not tell
  bool speaks_resp3() const { return resp3_; }
  bool alive() const { return socket_ >= 0; }
  // From now on this token cancels.
  void stop_with(std::stop_token stop);
  // Of calls from now on: how long the server may be silent.
  void set_patience(world::Millis patience) { patience_ = patience; }

  // One command; an error answer is an error.
  Result<RedisReply> call(std::span<const std::string> words);
  Result<RedisReply> call(std::initializer_list<std::string_view> words);
  // Pipelined; error answers are values, in their place.
  Result<std::vector<RedisReply>> run(std::span<const RedisWords> commands);
  // Sections of INFO: the value of a field; "": there is none.
  Result<std::string> info(std::string_view section, std::string_view field);

  // The parts of run(): queue commands, send them, read their answers in their order.
  void queue(std::span<const std::string> words);
  void queue(std::span<const std::string_view> words);
  void queue(std::initializer_list<std::string_view> words);
  Status flush();
  Result<RedisReply> read();
  // Selects a database, once.
  Status select(int database);
  int selected() const { return selected_; }

  // The next answer or push; none: nothing came within the limit.
  Result<std::optional<RedisReply>> receive(world::Millis limit);
  // Bytes as they came, for what is no protocol (a snapshot): read ahead, then used.
  std::string_view received() const { return std::string_view(in_).substr(in_at_); }
  void use(std::size_t bytes);
  // Reads more; false: nothing came within the limit.
  Result<bool> read_more(world::Millis limit);
  // Commands that were read so far, in bytes of the wire.
  std::uint64_t bytes_used() const { return used_; }

 private:
  enum class Woken { ready, stopped, timeout };
  RedisSession(RedisAddress address, std::stop_token stop);
  Status open();
  Status begin_tls();
  Status log_in();
  Woken wait(bool writing, world::Millis limit) const;
  Status write_some();
  Result<bool> read_some();
  tl::unexpected<Error> broken(const std::string& code, const std::string& message);
  tl::unexpected<Error> cancelled();

  RedisAddress address_;
  int socket_ = -1;
  int wake_ = -1;  // readable when stop was requested
  int version_ = 0;
  int selected_ = 0;
  bool resp3_ = false;
  world::Millis patience_{60'000};
  std::stop_token stop_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::unique_ptr<RedisTls> tls_;
  std::string out_, in_, plain_, block_;
  std::size_t out_at_ = 0, in_at_ = 0;
  std::uint64_t used_ = 0;
  RedisReplyReader reader_;
};

}  // namespace lakeshift::databases

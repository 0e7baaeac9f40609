#include "knowledge/databases/redis_session.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/base/strings.h"

namespace lakeshift::databases {
namespace {

using world::Millis;

constexpr Millis kRedisConnectLimit{10'000};
constexpr std::size_t kReadBlock = 64u << 10;
constexpr std::size_t kMostKept = 4u << 20;

void append_head(std::string& out, char kind, std::size_t count) {
  std::array<char, 24> text{};
  text[0] = kind;
  char* const end = std::to_chars(text.data() + 1, text.data() + 22, count).ptr;
  end[0] = '\r';
  end[1] = '\n';
  out.append(text.data(), end + 2);
}

void append_command(std::string& out, auto begin, auto end) {
  append_head(out, '*', static_cast<std::size_t>(end - begin));
  for (; begin != end; ++begin) {
    append_head(out, '$', begin->size());
    out.append(begin->data(), begin->size());
    out.append("\r\n", 2);
  }
}

// Keeps its memory for the next time, but not that of a very big text.
void empty(std::string& buffer) {
  if (buffer.capacity() > kMostKept)
    buffer = std::string();
  else
    buffer.clear();
}

int connect_to(const addrinfo& where) {
  const int made = ::socket(where.ai_family, where.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                            where.ai_protocol);
  if (made < 0) return -1;
  const int on = 1, idle = 30, interval = 10, count = 3;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(made, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(made, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(made, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  ::setsockopt(made, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  if (::connect(made, where.ai_addr, where.ai_addrlen) == 0 || errno == EINPROGRESS) return made;
  ::close(made);
  return -1;
}

int read_version(const std::string& text) {
  int version = 0;
  const std::vector<std::string> parts = split(text, '.');
  for (std::size_t i = 0; i < 3; ++i)
    version = version * 100 + (i < parts.size() ? std::atoi(parts[i].c_str()) : 0);
  return version;
}

}  // namespace

RedisSession::RedisSession(RedisAddress address, std::stop_token stop)
    : address_(std::move(address)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  stop_with(std::move(stop));
}

RedisSession::~RedisSession() {
  on_stop_.reset();
  if (socket_ >= 0) ::close(socket_);
  if (wake_ >= 0) ::close(wake_);
}

void RedisSession::stop_with(std::stop_token stop) {
  on_stop_.reset();
  std::uint64_t left = 0;
  while (::read(wake_, &left, sizeof left) > 0) {
  }
  stop_ = std::move(stop);
  on_stop_.emplace(stop_, [fd = wake_] {
    const std::uint64_t one = 1;
    if (::write(fd, &one, sizeof one) < 0) return;
  });
}

Result<std::unique_ptr<RedisSession>> RedisSession::connect(const RedisAddress& address,
                                                            std::stop_token stop) {
  std::unique_ptr<RedisSession> session(new RedisSession(address, std::move(stop)));
  LS_TRY(session->open());
  if (address.tls) LS_TRY(session->begin_tls());
  LS_TRY(session->log_in());
  return session;
}

Status RedisSession::open() {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const std::string port = std::to_string(address_.port);
  if (const int error = ::getaddrinfo(address_.host.c_str(), port.c_str(), &wanted, &list);
      error != 0)
    return broken("unreachable", std::string("its name is not known: ") + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> held(list, ::freeaddrinfo);
  std::string reason = "no address";
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    socket_ = connect_to(*one);
    if (socket_ < 0) {
      reason = std::strerror(errno);
      continue;
    }
    const Woken woken = wait(true, kRedisConnectLimit);
    if (woken == Woken::stopped) return cancelled();
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (woken == Woken::ready && error == 0) return {};
    reason = woken == Woken::timeout ? "no answer within 10 s" : std::strerror(error);
    ::close(socket_);
    socket_ = -1;
  }
  return broken("unreachable", reason);
}

Status RedisSession::begin_tls() {
  LS_ASSIGN(tls_, RedisTls::make(address_));
  LS_TRY(tls_->shake_hands());
  tls_->take_outgoing(out_);
  while (!tls_->established() || out_at_ < out_.size()) {
    const bool writing = out_at_ < out_.size();
    const Woken woken = wait(writing, kRedisConnectLimit);
    if (woken == Woken::stopped) return cancelled();
    if (woken == Woken::timeout) return broken("timeout", "no TLS handshake within 10 s");
    if (writing) LS_TRY(write_some());
    if (!tls_->established()) LS_TRY(read_some());
  }
  return {};
}

Status RedisSession::log_in() {
  const std::string user = address_.user.empty() ? "default" : address_.user;
  const world::Secret& password = address_.password;
  if (password.empty())
    queue({"HELLO", "3"});
  else
    queue({"HELLO", "3", "AUTH", user, password.reveal()});
  LS_TRY(flush());
  LS_ASSIGN(const RedisReply hello, read());
  resp3_ = !hello.is_error();
  const std::string error = to_lower(hello.text);
  if (resp3_) {
    version_ = read_version(hello.text_at("version"));
  } else if (error.starts_with("err unknown command") || error.starts_with("noproto")) {
    // Before version 6, or a proxy.
    if (!password.empty()) {
      if (address_.user.empty())
        LS_TRY(call({"AUTH", password.reveal()}));
      else
        LS_TRY(call({"AUTH", user, password.reveal()}));
    }
    LS_ASSIGN(const std::string version, info("server", "redis_version"));
    version_ = read_version(version);
  } else {
    return fail(redis_error(hello, address_.to_text()));
  }
  queue({"CLIENT", "SETNAME", address_.name});
  LS_TRY(flush());
  LS_TRY(read());  // a name only helps whoever looks
  if (address_.database > 0) LS_TRY(select(address_.database));
  return {};
}

Status RedisSession::select(int database) {
  if (database == selected_) return {};
  LS_TRY(call({"SELECT", std::to_string(database)}));
  selected_ = database;
  return {};
}

Result<std::string> RedisSession::info(std::string_view section, std::string_view field) {
  LS_ASSIGN(const RedisReply reply, call({"INFO", section}));
  const std::string wanted = std::string(field) + ":";
  for (const std::string& line : split(reply.text, '\n'))
    if (line.starts_with(wanted)) return std::string(trim(line.substr(wanted.size())));
  return std::string();
}

Result<RedisReply> RedisSession::call(std::span<const std::string> words) {
  queue(words);
  LS_TRY(flush());
  LS_ASSIGN(RedisReply reply, read());
  if (reply.is_error()) return fail(redis_error(reply, address_.to_text() + ", " + words[0]));
  return reply;
}

Result<RedisReply> RedisSession::call(std::initializer_list<std::string_view> words) {
  queue(words);
  LS_TRY(flush());
  LS_ASSIGN(RedisReply reply, read());
  if (reply.is_error())
    return fail(redis_error(reply, address_.to_text() + ", " + std::string(*words.begin())));
  return reply;
}

Result<std::vector<RedisReply>> RedisSession::run(std::span<const RedisWords> commands) {
  for (const RedisWords& words : commands) queue(words);
  LS_TRY(flush());
  std::vector<RedisReply> replies;
  replies.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    LS_ASSIGN(RedisReply reply, read());
    replies.push_back(std::move(reply));
  }
  return replies;
}

void RedisSession::queue(std::span<const std::string> words) {
  append_command(tls_ ? plain_ : out_, words.begin(), words.end());
}

void RedisSession::queue(std::span<const std::string_view> words) {
  append_command(tls_ ? plain_ : out_, words.begin(), words.end());
}

void RedisSession::queue(std::initializer_list<std::string_view> words) {
  append_command(tls_ ? plain_ : out_, words.begin(), words.end());
}

// Answers are read meanwhile: a server that cannot write stops to read.
Status RedisSession::flush() {
  if (socket_ < 0) return fail("connection-lost", "the session is closed", address_.to_text());
  if (tls_ && !plain_.empty()) {
    LS_TRY(tls_->send(plain_));
    plain_.clear();
    tls_->take_outgoing(out_);
  }
  while (out_at_ < out_.size()) {
    const std::size_t before = out_at_;
    if (stop_.stop_requested()) return cancelled();
    LS_TRY(write_some());
    if (out_at_ == out_.size()) break;
    LS_TRY(read_some());
    if (out_at_ > before) continue;
    const Woken woken = wait(true, patience_);
    if (woken == Woken::stopped) return cancelled();
    if (woken == Woken::timeout) return broken("timeout", "the server takes no more");
  }
  empty(out_);
  out_at_ = 0;
  return {};
}

Result<RedisReply> RedisSession::read() {
  LS_ASSIGN(std::optional<RedisReply> reply, receive(patience_));
  if (!reply)
    return broken("timeout", "no answer within " + std::to_string(patience_.count() / 1000) + " s");
  return *std::move(reply);
}

Result<std::optional<RedisReply>> RedisSession::receive(Millis limit) {
  for (;;) {
    auto used = reader_.feed(received());
    if (!used) {
      Error error = used.error();
      error.about = address_.to_text();
      ::close(socket_);
      socket_ = -1;
      return fail(std::move(error));
    }
    use(*used);
    if (reader_.complete()) return std::optional<RedisReply>(reader_.take());
    LS_ASSIGN(const bool more, read_more(limit));
    if (!more) return std::optional<RedisReply>();
  }
}

void RedisSession::use(std::size_t bytes) {
  in_at_ += bytes;
  used_ += bytes;
  if (in_at_ == in_.size()) {
    empty(in_);
    in_at_ = 0;
  } else if (in_at_ > kReadBlock && in_at_ > in_.size() / 2) {
    in_.erase(0, in_at_);
    in_at_ = 0;
  }
}

Result<bool> RedisSession::read_more(Millis limit) {
  if (socket_ < 0) return fail("connection-lost", "the session is closed", address_.to_text());
  for (;;) {
    if (stop_.stop_requested()) return cancelled();
    LS_ASSIGN(const bool came, read_some());
    if (came) return true;
    const Woken woken = wait(false, limit);
    if (woken == Woken::stopped) return cancelled();
    if (woken == Woken::timeout) return false;
  }
}

Status RedisSession::write_some() {
  const std::string_view rest = std::string_view(out_).substr(out_at_);
  const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (sent > 0) {
    out_at_ += static_cast<std::size_t>(sent);
  } else if (errno != EAGAIN && errno != EINTR) {
    return broken("connection-lost", std::strerror(errno));
  }
  return {};
}

Result<bool> RedisSession::read_some() {
  if (block_.empty()) block_.resize(kReadBlock);
  const ssize_t got = ::recv(socket_, block_.data(), block_.size(), 0);
  if (got == 0) return broken("connection-lost", "the server closed the connection");
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    return broken("connection-lost", std::strerror(errno));
  }
  const std::string_view block(block_.data(), static_cast<std::size_t>(got));
  if (!tls_) {
    in_.append(block);
    return true;
  }
  const std::size_t plain = in_.size();
  LS_TRY(tls_->received(block, in_));
  tls_->take_outgoing(out_);
  return in_.size() > plain;
}

RedisSession::Woken RedisSession::wait(bool writing, Millis limit) const {
  if (stop_.stop_requested()) return Woken::stopped;
  std::array<pollfd, 2> both{};
  both[0].fd = socket_;
  both[0].events = static_cast<short>(writing ? POLLIN | POLLOUT : POLLIN);
  both[1].fd = wake_;
  both[1].events = POLLIN;
  // Connecting is done when it can be written.
  for (;;) {
    const int ready = ::poll(both.data(), both.size(), static_cast<int>(limit.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return Woken::timeout;
    return both[1].revents != 0 ? Woken::stopped : Woken::ready;
  }
}

tl::unexpected<Error> RedisSession::broken(const std::string& code, const std::string& message) {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  Error error;
  error.code = code;
  error.message = message;
  error.about = address_.to_text();
  error.retry = Retry::later;
  return fail(std::move(error));
}

tl::unexpected<Error> RedisSession::cancelled() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  return fail("cancelled", "stopped", address_.to_text());
}

}  // namespace lakeshift::databases

#include "core/world/conversation.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "core/world/spawn.h"

namespace lakeshift::world {
namespace {

constexpr int kPatience = 100;  // tenths of a second that a program has to end by itself

class Child final : public Conversation {
 public:
  Child(std::string name, pid_t child, int end, std::string error_file)
      : name_(std::move(name)), child_(child), end_(end), error_file_(std::move(error_file)) {}

  ~Child() override {
    ::shutdown(end_, SHUT_WR);
    int status = 0;
    for (int i = 0; i < kPatience; ++i) {
      if (::waitpid(child_, &status, WNOHANG) != 0) {
        ::close(end_);
        return;
      }
      std::this_thread::sleep_for(Millis(100));
    }
    ::kill(child_, SIGKILL);
    ::waitpid(child_, &status, 0);
    ::close(end_);
  }

  Result<std::string> read_line(Millis limit) override {
    const auto end = std::chrono::steady_clock::now() + limit;
    std::array<char, 65536> buffer{};
    for (;;) {
      const std::size_t stop = pending_.find('\n', searched_);
      if (stop != std::string::npos) {
        std::string line = pending_.substr(0, stop);
        pending_.erase(0, stop + 1);
        searched_ = 0;
        return line;
      }
      searched_ = pending_.size();
      const auto left = std::chrono::duration_cast<Millis>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0)
        return fail("timeout", "no answer in " + std::to_string(limit.count() / 1000) + " s", name_,
                    "look at " + error_file_);
      pollfd ready{end_, POLLIN, 0};
      if (::poll(&ready, 1, static_cast<int>(left.count())) <= 0) continue;
      const ssize_t got = ::read(end_, buffer.data(), buffer.size());
      if (got <= 0) return gone();
      pending_.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  Status write_line(std::string_view line) override {
    std::string text(line);
    text += '\n';
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t now = ::send(end_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (now < 0 && errno == EINTR) continue;
      if (now < 0) return gone();
      sent += static_cast<std::size_t>(now);
    }
    return {};
  }

 private:
  tl::unexpected<Error> gone() const {
    return fail("ended", "the program ended without an answer", name_, "look at " + error_file_);
  }

  std::string name_;
  pid_t child_;
  int end_;
  std::string error_file_, pending_;
  std::size_t searched_ = 0;
};

}  // namespace

Result<std::unique_ptr<Conversation>> converse(const std::vector<std::string>& command,
                                               const std::string& error_file) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return cannot_start(command, errno);
  const Result<pid_t> child =
      spawn(command, {.in = ends[1], .out = ends[1], .errors = -1, .error_file = error_file});
  ::close(ends[1]);
  if (!child) {
    ::close(ends[0]);
    return tl::make_unexpected(child.error());
  }
  return std::unique_ptr<Conversation>(
      std::make_unique<Child>(command[0], *child, ends[0], error_file));
}

}  // namespace lakeshift::world

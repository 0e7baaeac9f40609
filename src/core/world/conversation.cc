#include "core/world/conversation.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

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
  const auto cannot = [&](int number) {
    return fail("cannot-start", std::strerror(number), command.empty() ? "no program" : command[0],
                "name a program that exists");
  };
  std::array<int, 2> ends{};
  if (command.empty()) return cannot(EINVAL);
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return cannot(errno);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error_file.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const char* path = std::getenv("PATH");
  std::string paths = std::string("PATH=") + (path == nullptr ? "/usr/bin:/bin" : path);
  std::string language = "LANG=C.UTF-8";
  char* environment[] = {paths.data(), language.data(), nullptr};
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    return cannot(failed);
  }
  return std::unique_ptr<Conversation>(
      std::make_unique<Child>(command[0], child, ends[0], error_file));
}

}  // namespace lakeshift::world

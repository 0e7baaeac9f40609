#include "core/world/process.h"

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

namespace lakeshift::world {
namespace {

// One end of a pair of sockets: unlike a pipe, writing to one whose reader is gone raises no
// signal.
class Channel {
 public:
  Channel() {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) != 0) ends_ = {-1, -1};
  }
  ~Channel() {
    close_ours();
    close_theirs();
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  bool good() const { return ends_[0] >= 0; }
  int ours() const { return ends_[0]; }
  int theirs() const { return ends_[1]; }
  void close_ours() { close_end(ends_[0]); }
  void close_theirs() { close_end(ends_[1]); }

 private:
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  std::array<int, 2> ends_{};
};

tl::unexpected<Error> cannot_start(const std::string& program, int number) {
  return fail("cannot-start", std::strerror(number), program, "name a program that exists");
}

Result<pid_t> spawn(const std::vector<std::string>& command, const Channel& in, const Channel& out,
                    const Channel& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.theirs(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.theirs(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.theirs(), STDERR_FILENO);
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
  if (failed != 0) return cannot_start(command[0], failed);
  return child;
}

// Carries bytes both ways until both outputs are closed; false when the limit is over.
bool carry(Channel& in, Channel& out, Channel& err, std::string_view input, Ended& ended,
           Millis limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::array<char, 16384> buffer{};
  while (out.good() || err.good()) {
    if (input.empty()) in.close_ours();
    std::array<pollfd, 3> ends = {pollfd{in.ours(), POLLOUT, 0}, pollfd{out.ours(), POLLIN, 0},
                                  pollfd{err.ours(), POLLIN, 0}};
    const auto left = std::chrono::duration_cast<Millis>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    if (::poll(ends.data(), ends.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
      return false;
    if (ends[0].revents != 0) {
      const ssize_t sent = ::send(in.ours(), input.data(), input.size(), MSG_NOSIGNAL);
      if (sent < 0)
        input = {};
      else
        input.remove_prefix(static_cast<std::size_t>(sent));
    }
    for (auto& [channel, at, text] :
         {std::tuple<Channel&, std::size_t, std::string&>(out, 1, ended.out),
          std::tuple<Channel&, std::size_t, std::string&>(err, 2, ended.err)}) {
      if (ends[at].revents == 0) continue;
      const ssize_t got = ::read(channel.ours(), buffer.data(), buffer.size());
      if (got > 0)
        text.append(buffer.data(), static_cast<std::size_t>(got));
      else
        channel.close_ours();
    }
  }
  return true;
}

}  // namespace

Result<Ended> run_process(const std::vector<std::string>& command, std::string_view input,
                          Millis limit) {
  if (command.empty()) return cannot_start("no program", EINVAL);
  Channel in, out, err;
  if (!in.good() || !out.good() || !err.good()) return cannot_start(command[0], EMFILE);
  LS_ASSIGN(const pid_t child, spawn(command, in, out, err));
  in.close_theirs();
  out.close_theirs();
  err.close_theirs();
  Ended ended;
  const bool in_time = carry(in, out, err, input, ended, limit);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (!in_time)
    return fail("timeout", "it did not end within " + std::to_string(limit.count()) + " ms",
                command[0], "give it more time");
  ended.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

}  // namespace lakeshift::world

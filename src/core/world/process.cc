#include "core/world/process.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/world/spawn.h"

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
  Channel in, out, err;
  if (!in.good() || !out.good() || !err.good()) return cannot_start(command, EMFILE);
  LS_ASSIGN(
      const pid_t child,
      spawn(command,
            {.in = in.theirs(), .out = out.theirs(), .errors = err.theirs(), .error_file = {}}));
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

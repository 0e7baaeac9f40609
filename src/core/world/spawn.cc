#include "core/world/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace lakeshift::world {

tl::unexpected<Error> cannot_start(const std::vector<std::string>& command, int number) {
  return fail("cannot-start", std::strerror(number), command.empty() ? "no program" : command[0],
              "name a program that exists");
}

Result<pid_t> spawn(const std::vector<std::string>& command, const Streams& streams) {
  if (command.empty()) return cannot_start(command, EINVAL);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, streams.in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, streams.out, STDOUT_FILENO);
  if (streams.errors >= 0)
    posix_spawn_file_actions_adddup2(&actions, streams.errors, STDERR_FILENO);
  else
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, streams.error_file.c_str(),
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
  if (failed != 0) return cannot_start(command, failed);
  return child;
}

}  // namespace lakeshift::world

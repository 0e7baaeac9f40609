// Builds the world, parses the command line, runs one command.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "surfaces/cli/parser.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli {
namespace {

// Errors that the user's own words caused, and errors that a gate raises, have exit codes of their
// own.
Exit exit_of(const Error& error, bool interrupted) {
  static constexpr std::string_view kUsage[] = {"usage",       "bad-config",       "bad-mapping",
                                                "bad-profile", "bad-secrets-file", "bad-selection"};
  static constexpr std::string_view kBlocked[] = {"gate-closed", "target-drifted",
                                                  "findings-block"};
  if (interrupted || error.code == "cancelled") return Exit::interrupted;
  for (const std::string_view code : kUsage)
    if (error.code == code) return Exit::usage;
  for (const std::string_view code : kBlocked)
    if (error.code == code) return Exit::blocked;
  // The login was lost in mid-run (one that never worked is no such error): what is done is kept.
  if (error.retry == Retry::after_login) return Exit::partly;
  return Exit::failed;
}

int run_command(Parsed& parsed) {
  world::SystemClock clock;
  const auto environment = world::make_process_environment();
  world::HttpOptions http_options;
  http_options.ca_bundle = parsed.common.ca_bundle;
  if (http_options.ca_bundle.empty())
    http_options.ca_bundle = environment->variable("LAKESHIFT_CA_BUNDLE").value_or("");
  http_options.user_agent = "lakeshift/" + version_text();
  http_options.max_connections = std::max(32, parsed.common.parallel);
  const auto http = world::make_curl_transport(http_options);
  const auto files = world::make_disk_files();
  const auto random = world::make_system_random();
  world::World world{clock, *http, *files, *random, *environment};
  std::stop_source stop;
  world::stop_on_signals(stop);
  Output output(world, {parsed.common.json, parsed.common.quiet, parsed.common.no_color});
  Session session(world, output, parsed.common, stop.get_token());
  auto ended = parsed.invocation->run(session);
  if (!ended) {
    output.fail(ended.error());
    const Exit exit = exit_of(ended.error(), session.interrupted());
    output.finish(std::string(parsed.command->name), static_cast<int>(exit), Json::object());
    return static_cast<int>(exit);
  }
  if (!ended->own_lines)
    output.finish(std::string(parsed.command->name), static_cast<int>(ended->exit), ended->result);
  return static_cast<int>(ended->exit);
}

int fail_usage(const Error& error, const std::vector<std::string>& words) {
  world::SystemClock clock;
  const auto environment = world::make_process_environment();
  const auto http = world::make_curl_transport({});
  const auto files = world::make_disk_files();
  const auto random = world::make_system_random();
  world::World world{clock, *http, *files, *random, *environment};
  const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
  Output output(world, {json, false, false});
  output.fail(error);
  output.finish(words.empty() ? "" : words[0], static_cast<int>(Exit::usage), Json::object());
  return static_cast<int>(Exit::usage);
}

}  // namespace

std::string version_text() { return LAKESHIFT_VERSION; }

}  // namespace lakeshift::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> words(argv + 1, argv + argc);
  auto parsed = lakeshift::cli::parse_command_line(words);
  if (!parsed) return lakeshift::cli::fail_usage(parsed.error(), words);
  if (!parsed->command) {
    std::fwrite(parsed->text.data(), 1, parsed->text.size(), stdout);
    return 0;
  }
  return lakeshift::cli::run_command(*parsed);
}

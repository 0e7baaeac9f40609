// twin_server --cloud aws --port 0 [--load DIR] [--log FILE] [--state FILE] [--limits P] [--page-size N] [--tier T]
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "surfaces/cli/twin_command.h"

int main(int count, char** words) {
  using namespace lakeshift;
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < count; i += 2) options[words[i]] = words[i + 1];
  twin::TwinOptions twin;
  if (options.contains("--cloud")) twin.cloud = options["--cloud"];
  if (options.contains("--token")) twin.token = options["--token"];
  if (options.contains("--limits")) twin.limits = options["--limits"];
  if (options.contains("--tier")) twin.tier = options["--tier"];
  twin.request_log = options["--log"];
  twin.state_path = options["--state"];
  twin.page_size = std::atoi(options["--page-size"].c_str());
  world::SystemClock clock;
  const auto files = world::make_disk_files();
  const auto random = world::make_system_random();
  const auto environment = world::make_process_environment();
  const auto http = world::make_curl_transport({});
  world::World world{clock, *http, *files, *random, *environment};
  return cli::run_twin(world, twin, options["--load"], std::atoi(options["--port"].c_str()));
}

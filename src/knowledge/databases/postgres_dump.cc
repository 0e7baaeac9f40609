#include "knowledge/databases/postgres_dump.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "core/base/strings.h"
#include "core/world/links.h"
#include "core/world/process.h"
#include "core/world/secret_file.h"

namespace lakeshift::databases {
namespace {

constexpr world::Millis kVersionLimit{10000};
constexpr world::Millis kDumpLimit{30L * 60 * 1000};

// "pg_dump (PostgreSQL) 15.18 (Debian …)" -> 150018; 0 when it is none.
int version_of(const std::string& path) {
  const auto ended = world::run_process({path, "--version"}, "", kVersionLimit);
  if (!ended || ended->exit_code != 0) return 0;
  const std::size_t place = ended->out.find(") ");
  int major = 0, minor = 0;
  if (place == std::string::npos ||
      std::sscanf(ended->out.c_str() + place + 2, "%d.%d", &major, &minor) < 1)
    return 0;
  return major * 10000 + minor;
}

// A value of a connection string, which pg_dump gets as one argument.
std::string connection_word(const std::string& name, const std::string& value) {
  std::string text = name + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "' ";
}

// A field of a password file: ':' and '\' are escaped.
std::string password_field(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == ':' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::vector<DumpProgram> find_dump_programs(world::World& world,
                                            const std::vector<std::string>& extra) {
  std::vector<std::string> folders = extra;
  const std::string debian = "/usr/lib/postgresql";
  if (const auto versions = world.files.list(debian))
    for (const std::string& version : *versions) folders.push_back(debian + "/" + version + "/bin");
  for (const std::string& folder : split(world.environment.variable("PATH").value_or(""), ':'))
    folders.push_back(folder);
  std::vector<DumpProgram> programs;
  std::set<int> versions;
  std::set<std::string> seen;
  for (const std::string& folder : folders) {
    const std::string path = folder + "/pg_dump";
    if (!world.files.exists(path)) continue;
    // Debian's own on the PATH is a script that takes its time to choose from its folders.
    const std::string real = world::real_path(path);
    if (real.ends_with("/pg_wrapper") || !seen.insert(real).second) continue;
    const int version = version_of(path);
    if (version > 0 && versions.insert(version).second) programs.push_back({path, version});
  }
  std::sort(programs.begin(), programs.end(),
            [](const DumpProgram& a, const DumpProgram& b) { return a.version > b.version; });
  return programs;
}

std::optional<DumpProgram> choose_dump_program(const std::vector<DumpProgram>& programs, int source,
                                               int target) {
  std::optional<DumpProgram> chosen;
  const int least = std::max(source, target) / 10000;
  for (const DumpProgram& program : programs)
    if (program.version / 10000 >= least) chosen = program;
  if (!chosen && !programs.empty() && programs.front().version / 10000 >= source / 10000)
    chosen = programs.front();
  return chosen;
}

Result<std::vector<DumpStatement>> dump_section(const DumpProgram& program,
                                                const PostgresAddress& address,
                                                const std::string& snapshot, DumpSection section,
                                                const std::string& without) {
  std::string connection = connection_word("host", address.host) +
                           connection_word("port", address.port.empty() ? "5432" : address.port) +
                           connection_word("dbname", address.database) +
                           connection_word("user", address.user) +
                           connection_word("application_name", address.application);
  for (const auto& [name, value] : address.words) connection += connection_word(name, value);
  std::unique_ptr<world::SecretFile> passwords;
  if (!address.password.empty()) {
    LS_ASSIGN(passwords, world::make_secret_file(
                             "*:*:*:*:" + password_field(address.password.reveal()) + "\n"));
    connection += connection_word("passfile", passwords->path());
  }
  std::vector<std::string> command = {
      program.path,
      "--schema-only",
      "--no-password",
      "--no-tablespaces",
      "--encoding=UTF8",
      section == DumpSection::before_data ? "--section=pre-data" : "--section=post-data",
      "--dbname=" + connection};
  if (!snapshot.empty()) command.push_back("--snapshot=" + snapshot);
  if (!without.empty()) command.push_back("--exclude-schema=" + without);
  LS_ASSIGN(const world::Ended ended, world::run_process(command, "", kDumpLimit));
  if (ended.exit_code != 0)
    return fail("dump-failed", std::string(trim(ended.err)), "pg_dump of " + address.to_text(),
                "do what the program says, then run again");
  return split_dump(ended.out);
}

}  // namespace lakeshift::databases

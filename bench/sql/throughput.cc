// Reads or translates a file of Redshift SQL several times and prints what one round took: user CPU
// seconds of this process, seconds on the clock, bytes, statements, failures, bytes that came out,
// and the most memory so far in kB. usage: throughput parse|translate FILE ROUNDS [THREADS]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sql/dialect.h"
#include "sql/parser.h"
#include "sql/translate.h"

namespace {

namespace sql = lakeshift::sql;

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec) / 1e6;
}

// What getrusage says would include the process that started this one.
long most_memory_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
  return 0;
}

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::string text(static_cast<std::size_t>(file.tellg()), '\0');
  file.seekg(0);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

struct Count {
  std::size_t statements = 0, failed = 0, bytes = 0;
};

Count parse(std::string_view text) {
  Count count;
  sql::StatementReader reader(text, *sql::find_dialect("redshift"));
  sql::Statement statement;
  while (reader.next(statement)) {
    count.statements += statement.empty ? 0 : 1;
    count.failed += statement.failed() ? 1 : 0;
  }
  return count;
}

Count translate(std::string_view text) {
  Count count;
  sql::Catalog catalog;
  sql::learn_all(text, catalog);
  sql::Translator translator(catalog);
  sql::StatementReader reader(text, *sql::find_dialect("redshift"));
  sql::Statement statement;
  while (reader.next(statement)) {
    const sql::Translation done = translator.translate(statement, text);
    count.statements += statement.empty ? 0 : 1;
    count.failed += done.outcome == sql::Outcome::refused ? 1 : 0;
    count.bytes += done.output.size();
  }
  return count;
}

// The file in as many parts as there are threads, cut behind a statement.
std::vector<std::string_view> parts_of(std::string_view text, std::size_t parts) {
  std::vector<std::string_view> cut;
  while (parts > 1) {
    const auto end = text.find(";\n", text.size() / parts);
    if (end == std::string_view::npos) break;
    cut.push_back(text.substr(0, end + 2));
    text.remove_prefix(end + 2);
    --parts;
  }
  cut.push_back(text);
  return cut;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const bool translates = std::string_view(argv[1]) == "translate";
  const std::string text = read_file(argv[2]);
  const int rounds = std::atoi(argv[3]);
  const auto parts = parts_of(text, argc > 4 ? static_cast<std::size_t>(std::atoi(argv[4])) : 1);
  for (int round = 0; round < rounds; ++round) {
    const double before = user_seconds();
    const auto started = std::chrono::steady_clock::now();
    std::vector<Count> counts(parts.size());
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < parts.size(); ++i)
        threads.emplace_back(
            [&, i] { counts[i] = translates ? translate(parts[i]) : parse(parts[i]); });
      counts[0] = translates ? translate(parts[0]) : parse(parts[0]);
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    Count all;
    for (const Count& one : counts) {
      all.statements += one.statements;
      all.failed += one.failed;
      all.bytes += one.bytes;
    }
    std::printf("%.6f %.6f %zu %zu %zu %zu %ld\n", user_seconds() - before, wall.count(),
                text.size(), all.statements, all.failed, all.bytes, most_memory_kb());
  }
  return 0;
}

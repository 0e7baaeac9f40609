// Tests as text. A file holds cases:
//   ## title
//   source, any number of lines
//   --> kind [argument]
//   expectation, any number of lines
// and `## same DIALECT` blocks, of which each line is a statement that renders to itself on one
// line.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace lakeshift::sql {

struct SqlExpectation {
  std::string kind{};
  std::string argument{};
  std::string text{};
};

struct SqlCase {
  std::string file{};
  int line = 0;
  std::string title{};
  std::string source{};
  std::vector<SqlExpectation> expectations{};

  std::string where() const { return file + ":" + std::to_string(line) + " " + title; }
};

inline void strip_blank_ends(std::string& text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
}

inline std::vector<SqlCase> read_sqltest(const std::filesystem::path& path) {
  std::vector<SqlCase> cases;
  std::ifstream in(path, std::ios::binary);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.starts_with("## ")) {
      cases.push_back({path.filename().string(), number, line.substr(3)});
    } else if (cases.empty()) {
      continue;  // what stands before the first case is about the file
    } else if (line.starts_with("--> ")) {
      const std::size_t blank = line.find(' ', 4);
      cases.back().expectations.push_back(
          {line.substr(4, blank == std::string::npos ? blank : blank - 4),
           blank == std::string::npos ? "" : line.substr(blank + 1)});
    } else if (cases.back().expectations.empty()) {
      cases.back().source += line + "\n";
    } else {
      cases.back().expectations.back().text += line + "\n";
    }
  }
  for (SqlCase& one : cases) {
    strip_blank_ends(one.source);
    for (SqlExpectation& expectation : one.expectations) strip_blank_ends(expectation.text);
  }
  return cases;
}

inline std::vector<SqlCase> read_all_sqltests() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(LAKESHIFT_SOURCE_DIR) + "/tests/sql"))
    if (entry.path().extension() == ".sqltest") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<SqlCase> all;
  for (const auto& path : paths)
    for (SqlCase& one : read_sqltest(path)) all.push_back(std::move(one));
  return all;
}

}  // namespace lakeshift::sql

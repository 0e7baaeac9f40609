// Every code of the preflight and of the move has its page.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

namespace lakeshift::databases {
namespace {

TEST(PostgresFindings, Every_code_has_a_page_and_every_page_a_code) {
  const std::string root = LAKESHIFT_SOURCE_DIR;
  std::set<std::string> codes, pages;
  const std::regex code("\"(pg-[a-z-]+)\"");
  for (const auto& [folder, prefix] : {std::pair("/src/knowledge/databases", "postgres_preflight"),
                                       std::pair("/src/stages", "move_")})
    for (const auto& entry : std::filesystem::directory_iterator(root + folder)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(prefix) || !name.ends_with(".cc")) continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      for (std::sregex_iterator at(text.begin(), text.end(), code), end; at != end; ++at)
        codes.insert((*at)[1]);
    }
  for (const auto& entry : std::filesystem::directory_iterator(root + "/docs/guide/findings")) {
    const std::string name = entry.path().stem().string();
    if (name.starts_with("pg-")) pages.insert(name);
  }
  EXPECT_GT(codes.size(), 40U);
  EXPECT_EQ(codes, pages);
}

}  // namespace
}  // namespace lakeshift::databases

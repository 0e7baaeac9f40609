#include "knowledge/kinds/describe.h"

#include <gtest/gtest.h>

#include <set>

#include "knowledge/kinds/registry.h"

namespace lakeshift {
namespace {

TEST(DescribeKind, TellsEveryFieldWithItsRoleMeaningAndTarget) {
  const Json job = kinds::describe_kind(*engine::find_kind(kinds::all_kinds(), "job"));
  EXPECT_EQ(job["endpoints"]["create"], "POST /api/2.2/jobs/create");
  std::map<std::string, Json> lines;
  for (const Json& line : job["fields"]) lines[line["pattern"].get<std::string>()] = line;
  EXPECT_EQ(lines["settings.tasks[].existing_cluster_id"],
            (Json{{"pattern", "settings.tasks[].existing_cluster_id"},
                  {"role", "settable"},
                  {"meaning", "reference"},
                  {"target", "cluster"}}));
  EXPECT_EQ(lines["job_id"]["role"], "read_only");
  EXPECT_TRUE(lines.contains("settings.tasks[].for_each_task.task.notebook_task.notebook_path"));
}

TEST(DescribeKind, IsSaidOfAllKindsOnce) {
  const Json all = kinds::describe_kinds(kinds::all_kinds());
  std::set<std::string> names;
  for (const Json& kind : all["kinds"])
    EXPECT_TRUE(names.insert(kind["name"].get<std::string>()).second);
  EXPECT_EQ(names.size(), kinds::all_kinds().size());
  for (const Json& kind : all["kinds"])
    for (const Json& line : kind["fields"]) EXPECT_NE(line["pattern"], "$self") << kind["name"];
}

}  // namespace
}  // namespace lakeshift

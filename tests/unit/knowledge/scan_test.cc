#include <gtest/gtest.h>
#include <re2/re2.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "knowledge/rules/credentials_in_text.h"
#include "knowledge/rules/rule.h"
#include "mapper_fixture.h"

namespace lakeshift::clouds::testing {
namespace {

UserMapping move_mapping() {
  UserMapping user;
  user.people = {{"*@old.example", "*@new.example"}};
  user.storage = {{"abfss://raw@lake.dfs.core.windows.net/", "s3://raw-new/"},
                  {"dbfs:/mnt/raw", "/Volumes/main/raw/files"}};
  user.accounts = {{"111111111111", "222222222222"}};
  return user;
}

Mapper::ScannedText scan(std::string_view text, std::string_view from = "azure",
                         std::string_view to = "aws") {
  static const engine::Kind kind = kind_of("notebook", {});
  model::Object object;
  object.key = "/Users/bob@old.example/etl/load";
  return Mapper(context(from, to, move_mapping())).scan(kind, object, text);
}

std::string found(const Mapper::ScannedText& scanned) {
  std::string all;
  for (const model::Finding& each : scanned.findings)
    all += each.code + " " + each.where + " " + each.evidence + "\n";
  return all;
}

struct ScanRow {
  const char* text;
  const char* findings;  // "code where evidence" lines
};
class Scans : public ::testing::TestWithParam<ScanRow> {};
TEST_P(Scans, Find) { EXPECT_EQ(found(scan(GetParam().text)), GetParam().findings); }

INSTANTIATE_TEST_SUITE_P(
    Rows, Scans,
    ::testing::Values(
        ScanRow{"x = 1\n", ""},
        ScanRow{"a\nspark.read.csv('/mnt/raw/a.csv')\n", "mount-path line 2 /mnt/raw/a.csv\n"},
        ScanRow{"open(\"/dbfs/mnt/other/a\")", "mount-path line 1 /dbfs/mnt/other/a\n"},
        ScanRow{"# /home/mnt/x and https://host/mnt/x\n", ""},
        ScanRow{"p = 'dbfs:/FileStore/x.jar'", "dbfs-path line 1 dbfs:/FileStore/x.jar\n"},
        ScanRow{"p = 'dbfs:/databricks-datasets/x'", ""},
        ScanRow{"df.write.save('abfss://raw@lake.dfs.core.windows.net/t').\n",
                "storage-url line 1 abfss://raw@lake.dfs.core.windows.net/t\n"},
        ScanRow{"LOCATION 'wasbs://c@other.blob.core.windows.net/t';",
                "storage-unmapped line 1 wasbs://c@other.blob.core.windows.net/t\n"},
        ScanRow{"s = 's3://own/x'", ""},
        ScanRow{"pw = dbutils.secrets.get(scope=\"kv\", key = 'db')",
                "secret-in-code line 1 dbutils.secrets.get(scope=\"kv\", key = 'db')\n"},
        ScanRow{"SELECT secret('kv', 'db')", "secret-in-code line 1 secret('kv', 'db')\n"},
        ScanRow{"dbutils.notebook.run('/Shared/n', 60)", "notebook-run line 1 /Shared/n\n"},
        ScanRow{"dbutils.notebook.run('./n', 60)\n# MAGIC %run ../x\n", ""},
        ScanRow{"u = 'https://adb-1.2.azuredatabricks.net/api'",
                "workspace-url line 1 adb-1.2.azuredatabricks.net\n"},
        ScanRow{"u = 'https://adb-1.2.databricks.azure.us/api'",
                "workspace-url line 1 adb-1.2.databricks.azure.us\n"},
        ScanRow{"p='/Users/bob@old.example/x'; q='/Users/eve@else.example/x'",
                "home-path line 1 bob@old.example\n"},
        ScanRow{"import azure.identity\nfrom azure.storage.blob import X\nimport azurelike\nimport "
                "boto3\n",
                "cloud-library line 1 azure.identity\ncloud-library line 2 azure.storage.blob\n"},
        ScanRow{"k = 'company-kv.vault.azure.net'",
                "cloud-resource line 1 company-kv.vault.azure.net\n"},
        ScanRow{"c = '0101-123456-abcd1234'\njob_id = 123456\n",
                "hard-coded-id line 1 0101-123456-abcd1234\nhard-coded-id line 2 123456\n"},
        ScanRow{"path = '/sql/1.0/warehouses/0123456789abcdef'",
                "hard-coded-id line 1 /sql/1.0/warehouses/0123456789abcdef\n"},
        ScanRow{"key = 'AKIAABCDEFGHIJKLMNOP'",
                "credential-in-clear line 1 access key id (redacted)\n"}),
    [](const auto& test) { return "row_" + std::to_string(test.index); });

TEST(Scan, PatchRewritesWhatIsCertain) {
  const std::string text =
      "one\ntwo\nthree\nfour\nx = spark.read('abfss://raw@lake.dfs.core.windows.net/t')\nsix\n# "
      "/Users/bob@old.example/x\n"
      "y = '/mnt/raw/f' + 'wasbs://c@other.blob.core.windows.net/t'\n\n";
  auto scanned = scan(text);
  EXPECT_EQ(scanned.patch,
            "--- a/Users/bob@old.example/etl/load\n"
            "+++ b/Users/bob@old.example/etl/load\n"
            "@@ -2,8 +2,8 @@\n"
            " two\n"
            " three\n"
            " four\n"
            "-x = spark.read('abfss://raw@lake.dfs.core.windows.net/t')\n"
            "+x = spark.read('s3://raw-new/t')\n"
            " six\n"
            "-# /Users/bob@old.example/x\n"
            "-y = '/mnt/raw/f' + 'wasbs://c@other.blob.core.windows.net/t'\n"
            "+# /Users/bob@new.example/x\n"
            "+y = '/Volumes/main/raw/files/f' + 'wasbs://c@other.blob.core.windows.net/t'\n"
            " \n");
}

TEST(Scan, PatchOfALastLineWithoutNewline) {
  EXPECT_EQ(scan("p = '/mnt/raw/f'").patch,
            "--- a/Users/bob@old.example/etl/load\n+++ b/Users/bob@old.example/etl/load\n@@ -1,1 "
            "+1,1 @@\n-p = '/mnt/raw/f'\n"
            "\\ No newline at end of file\n+p = '/Volumes/main/raw/files/f'\n\\ No newline at end "
            "of file\n");
  EXPECT_EQ(scan("nothing").patch, "");
}

TEST(Scan, AccountsOfTheSameCloud) {
  auto scanned = scan(
      "role = 'arn:aws:iam::111111111111:role/etl'\nother = 'arn:aws:iam::333333333333:role/etl'\n",
      "aws", "aws");
  EXPECT_EQ(found(scanned), "cloud-resource line 1 arn:aws:iam::111111111111:role/etl\n");
  EXPECT_TRUE(contains(scanned.patch, "+role = 'arn:aws:iam::222222222222:role/etl'"));
}

TEST(Scan, NeedsOfCode) {
  auto scanned = scan(
      "%run ./lib/common_code\n# MAGIC %run \"../x\"\ndbutils.notebook.run('/Shared/n', "
      "60)\ndbutils.secrets.get('kv', 'db')\n");
  std::string needs;
  for (const Need& each : scanned.needs)
    needs += each.kind + " " + each.key + " " + each.path + "\n";
  EXPECT_EQ(needs,
            "notebook /Shared/n line 3\n"
            "notebook /Users/bob@old.example/etl/lib/common_code line 1\n"
            "notebook /Users/bob@old.example/x line 2\n"
            "secret kv/db line 4\n");
}

TEST(Scan, NoCredentialLeavesTheScan) {
  auto scanned = scan(
      "p = '/mnt/raw/f'; password = 'CANARY123456'\n"
      "u = 'wasbs://c@other.blob.core.windows.net/t?sig=CANARYCANARYCANARYCANARY%3D'\n"
      "j = 'jdbc:x://u:CANARYpw@host/db'\n"
      "t = 'dapi0123456789abcdef0123456789abcdef'\n");
  std::string all = found(scanned) + scanned.patch;
  EXPECT_FALSE(contains(all, "CANARY")) << all;
  EXPECT_FALSE(contains(all, "dapi0123")) << all;
}

TEST(Scan, BinaryAndHugeTexts) {
  EXPECT_TRUE(scan(std::string_view("\0/mnt/raw/x", 11)).findings.empty());
  std::string many;
  for (int i = 0; i < 200; ++i) many += "x('/mnt/other/" + std::to_string(i) + "')\n";
  auto scanned = scan(many);
  ASSERT_EQ(scanned.findings.size(), 50u);
  EXPECT_TRUE(contains(scanned.findings.back().cause, "150 more"));
}

TEST(Credentials, AreFoundByShapeAndByAssignment) {
  auto what = [](std::string_view text) {
    std::string all;
    for (const auto& each : rules::find_credentials(text)) all += std::string(each.what) + ";";
    return all;
  };
  EXPECT_EQ(what("AKIAABCDEFGHIJKLMNOP"), "access key id;");
  EXPECT_EQ(what("k=" + std::string(86, 'a') + "=="), "storage account key;");
  EXPECT_EQ(what("client_secret = \"abc~DEF123\""), "password or secret in an assignment;");
  EXPECT_EQ(what("password = \"{{secrets/a/b}}\""), "");
  EXPECT_EQ(what("password = dbutils.secrets.get('a', 'b')"), "");
  EXPECT_EQ(what("the password is long"), "");
  EXPECT_EQ(rules::without_credentials("a AKIAABCDEFGHIJKLMNOP b"), "a (redacted) b");
}

TEST(Rules, HaveUniqueCodesAndSayWhatToDo) {
  std::set<std::string_view> codes;
  for (const rules::Rule* rule : rules::all_rules()) {
    EXPECT_TRUE(codes.insert(rule->code).second) << rule->code;
    EXPECT_FALSE(rule->cause.empty() || rule->remedy.empty()) << rule->code;
  }
  EXPECT_GE(codes.size(), 12u);
}

// Codes are what people search for: each that this folder's sources write has a page.
TEST(Findings, EveryCodeHasAPage) {
  const std::string root = LAKESHIFT_SOURCE_DIR;
  std::set<std::string> codes;
  for (const rules::Rule* rule : rules::all_rules()) codes.insert(std::string(rule->code));
  static const RE2 written(R"re((?:find|block)\(\s*"([a-z]+(?:-[a-z]+)+)")re");
  for (const auto& file : std::filesystem::directory_iterator(root + "/src/knowledge/clouds")) {
    std::ifstream stream(file.path());
    std::stringstream text;
    text << stream.rdbuf();
    const std::string source = text.str();
    re2::StringPiece rest(source);
    std::string code;
    while (RE2::FindAndConsume(&rest, written, &code)) codes.insert(code);
  }
  EXPECT_GT(codes.size(), 50u);
  for (const std::string& code : codes) {
    std::ifstream page(root + "/docs/guide/findings/" + code + ".md");
    std::string title;
    std::getline(page, title);
    EXPECT_EQ(title, "# " + code);
  }
}

}  // namespace
}  // namespace lakeshift::clouds::testing

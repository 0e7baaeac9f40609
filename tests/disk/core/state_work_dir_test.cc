// The work directory on a real disk: what kills, damage and other versions leave behind.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/digest.h"
#include "core/state/database.h"
#include "core/state/inventory_store.h"
#include "core/state/journal.h"
#include "core/state/work_dir.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::state {
namespace {

using Access = WorkDir::Access;

class WorkDirTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "lakeshift-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(root_ + "/.lakeshift/" + name, std::ios::binary | std::ios::trunc) << text;
  }
  std::unique_ptr<WorkDir> created() {
    auto dir = WorkDir::create(world_, root_);
    EXPECT_TRUE(dir) << dir.error().to_text();
    return std::move(*dir);
  }
  Error error_of_open(Access access = Access::change) {
    const auto dir = WorkDir::open(world_, root_, access);
    return dir ? Error{} : dir.error();
  }

  fakes::FakeWorld fake_;
  std::unique_ptr<world::Files> disk_ = world::make_disk_files();
  world::World world_{fake_.clock, fake_.http, *disk_, *fake_.random, *fake_.environment};
  std::string root_;
};

TEST_F(WorkDirTest, is_made_once_and_opened_again) {
  EXPECT_EQ(error_of_open().code, "not-initialised");
  EXPECT_NE(error_of_open().remedy.find("lakeshift init"), std::string::npos);
  created();
  EXPECT_EQ(WorkDir::create(world_, root_).error().code, "already-exists");
  EXPECT_EQ(error_of_open().code, "");
}

TEST_F(WorkDirTest, lets_one_process_change_it_and_many_read_it) {
  const auto holder = created();
  const Error error = error_of_open();
  EXPECT_EQ(error.code, "locked");
  EXPECT_NE(error.to_text().find(std::to_string(::getpid())), std::string::npos) << error.to_text();
  EXPECT_EQ(error_of_open(Access::read).code, "");
}

TEST_F(WorkDirTest, refuses_newer_and_damaged_formats) {
  created();
  write("format", "lakeshift work directory 2\n");
  EXPECT_EQ(error_of_open().code, "newer-format");
  EXPECT_EQ(error_of_open(Access::read).code, "newer-format");
  EXPECT_NE(error_of_open().message.find("format 2"), std::string::npos);
  write("format", "something \x01 else");
  EXPECT_EQ(error_of_open().code, "corrupt-state");
  write("format", "lakeshift work directory 1\n");
  EXPECT_EQ(error_of_open().code, "");
}

// As the first lakeshift wrote it: one row per source object.
constexpr const char* kLedgerOfSchema1 = R"sql(
DROP TABLE ledger;
CREATE TABLE ledger (
  side TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
  target_side TEXT NOT NULL, target_id TEXT NOT NULL, target_key TEXT NOT NULL, state TEXT NOT NULL,
  code TEXT NOT NULL, reason TEXT NOT NULL, fingerprint TEXT NOT NULL, stamp TEXT NOT NULL,
  attempts INTEGER NOT NULL, PRIMARY KEY (side, kind, id)) WITHOUT ROWID;
INSERT INTO ledger VALUES
  ('old', 'job', '7', 'nightly', 'nightly', 'new', '70', 'nightly', 'created', '', '', 'f', 'old/job/7', 2),
  ('old', 'group', '8', 'ops', 'ops', 'new', '', 'ops', 'blocked', 'name-taken', 'there', '', '', 0);
PRAGMA user_version=1;
)sql";

TEST_F(WorkDirTest, keeps_the_ledger_of_an_older_schema) {
  created();
  {
    auto database = Database::open(root_ + "/.lakeshift/state.sqlite", Database::Mode::change);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->execute(kLedgerOfSchema1));
  }
  for (int opened = 0; opened < 2; ++opened) {
    auto dir = WorkDir::open(world_, root_, Access::change);
    ASSERT_TRUE(dir) << dir.error().to_text();
    auto journal = Journal::open(**dir);
    ASSERT_TRUE(journal) << journal.error().to_text();
    const auto job = (*journal)->row({"old", "job", "7"}, "new");
    ASSERT_TRUE(job && *job);
    EXPECT_EQ((*job)->target_id + (*job)->state + (*job)->stamp, "70createdold/job/7");
    EXPECT_EQ((*job)->attempts, 2);
    EXPECT_EQ((*(*journal)->row({"old", "group", "8"}, "new"))->code, "name-taken");
    LedgerRow other = **job;
    other.target_side = "third";
    other.target_id = "71";
    ASSERT_TRUE((*journal)->put_row(other)) << "now an object may move to several targets";
    EXPECT_EQ((*journal)->rows()->size(), 3U);
    EXPECT_EQ((*(*journal)->row({"old", "job", "7"}, "new"))->target_id, "70");
  }
}

TEST_F(WorkDirTest, notices_a_missing_or_damaged_database_and_leaves_it_alone) {
  {
    auto dir = created();
    auto journal = Journal::open(*dir);
    ASSERT_TRUE(journal);
    for (int i = 0; i < 500; ++i) {
      LedgerRow row;
      row.source = {"old", "job", std::to_string(i)};
      row.reason = std::string(500, 'x');
      ASSERT_TRUE((*journal)->put_row(row));
    }
  }
  const std::string path = root_ + "/.lakeshift/state.sqlite";
  const std::string whole = *disk_->read(path);
  std::string damaged = whole;
  for (std::size_t i = 8'192; i < damaged.size(); ++i) damaged[i] = 'Z';
  write("state.sqlite", damaged);
  const Error error = error_of_open();
  EXPECT_EQ(error.code, "corrupt-state");
  EXPECT_NE(error.remedy.find("backup"), std::string::npos);
  EXPECT_EQ(*disk_->read(path), damaged) << "a damaged state is not touched";

  write("state.sqlite",
        "no database at all, but long enough to be read as one: " + std::string(4'096, '-'));
  EXPECT_EQ(error_of_open().code, "corrupt-state");
  std::filesystem::remove(path);
  EXPECT_EQ(error_of_open().code, "corrupt-state");
  EXPECT_FALSE(disk_->exists(path)) << "no empty journal takes the place of a lost one";
  write("state.sqlite", whole);
  EXPECT_EQ(error_of_open().code, "");
}

TEST_F(WorkDirTest, keeps_journals_over_reopening) {
  {
    auto dir = created();
    auto journal = Journal::open(*dir);
    ASSERT_TRUE(journal);
    JournalEntry entry;
    entry.run = "apply";
    entry.change = "job:a";
    ASSERT_TRUE((*journal)->intend(entry));
  }
  auto dir = WorkDir::open(world_, root_, Access::change);
  ASSERT_TRUE(dir);
  auto journal = Journal::open(**dir);
  ASSERT_TRUE(journal);
  EXPECT_EQ((*journal)->entries("apply")->size(), 1U);
  // A reader sees it while the writer is there.
  auto reader = WorkDir::open(world_, root_, Access::read);
  ASSERT_TRUE(reader);
  auto seen = Journal::open(**reader);
  ASSERT_TRUE(seen) << seen.error().to_text();
  EXPECT_EQ((*seen)->entries("apply")->size(), 1U);
  EXPECT_FALSE((*seen)->put_note("x", 1)) << "a reader cannot write";
}

TEST_F(WorkDirTest, keeps_inventories) {
  const auto dir = created();
  EXPECT_EQ(load_inventory(*dir, "old").error().code, "not-found");
  model::Inventory inventory;
  inventory.side = "old";
  inventory.platform = {{"cloud", "one"}};
  inventory.reference = {{"zones", {"a"}}};
  model::KindCount count;
  count.kind = "job";
  count.listed = 2;
  count.out_of_scope_reasons["x"] = 1;
  inventory.counts = {count};
  for (const char* key : {"a", "b"}) {
    model::Object object;
    object.id = {"old", "job", key};
    object.key = key;
    object.name = "name";
    object.document = {{"deep", {{"list", {1, 2.5, nullptr, "\xF0\x9F\x98\x80"}}}}};
    object.content = sha256_hex(key);
    object.unread_code = "c";
    object.unread_reason = "r";
    inventory.objects.push_back(object);
  }
  ASSERT_TRUE(save_inventory(*dir, inventory));
  ASSERT_TRUE(save_inventory(*dir, inventory));
  const auto loaded = load_inventory(*dir, "old");
  ASSERT_TRUE(loaded) << loaded.error().to_text();
  ASSERT_EQ(loaded->objects.size(), 2U);
  EXPECT_EQ(loaded->objects[1].document, inventory.objects[1].document);
  EXPECT_EQ(loaded->objects[0].unread_reason, "r");
  EXPECT_EQ(loaded->counts[0].out_of_scope_reasons.at("x"), 1);
  EXPECT_EQ(loaded->reference, inventory.reference);
  EXPECT_EQ(digest_of(*loaded), digest_of(inventory));
  model::Inventory other = *loaded;
  std::swap(other.objects[0], other.objects[1]);
  EXPECT_EQ(digest_of(other), digest_of(inventory));
  other.objects[0].document["deep"] = 1;
  EXPECT_NE(digest_of(other), digest_of(inventory));
}

TEST_F(WorkDirTest, keeps_artefacts_with_their_format) {
  const auto dir = created();
  EXPECT_EQ(dir->load_artefact("plan").error().code, "not-found");
  EXPECT_NE(dir->load_artefact("plan").error().remedy.find("lakeshift plan"), std::string::npos);
  ASSERT_TRUE(dir->save_artefact("plan", {{"a", 1}}));
  EXPECT_EQ(*dir->load_artefact("plan"), Json({{"a", 1}, {"format", "plan"}, {"version", 1}}));
  ASSERT_TRUE(dir->save_artefact("list", Json({1, 2})));
  EXPECT_EQ(*dir->load_artefact("list"), Json({1, 2}));
  write("plan.json", "{\"format\": \"plan\", \"version\": 7}");
  EXPECT_EQ(dir->load_artefact("plan").error().code, "newer-format");
  write("plan.json", "{\"format\": ");
  EXPECT_EQ(dir->load_artefact("plan").error().code, "corrupt-state");
  write("plan.json", "<html>");
  EXPECT_EQ(dir->load_artefact("plan").error().code, "corrupt-state");
}

TEST_F(WorkDirTest, keeps_content_and_notices_when_it_changed) {
  const auto dir = created();
  const std::string bytes("a\0b", 3);
  const auto digest = dir->put_content(bytes);
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, sha256_hex(bytes));
  EXPECT_EQ(*dir->put_content(bytes), *digest);
  EXPECT_EQ(*dir->get_content(*digest), bytes);
  write("content/" + digest->substr(0, 2) + "/" + *digest, "changed");
  const auto changed = dir->get_content(*digest);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, "corrupt-content");
  EXPECT_EQ(dir->get_content(sha256_hex("other")).error().code, "not-found");
  EXPECT_EQ(dir->get_content("../../format").error().code, "not-found");
}

}  // namespace
}  // namespace lakeshift::state

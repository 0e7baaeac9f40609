// Files and locks on a real disk.
#include "core/world/files.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace lakeshift::world {
namespace {

struct DiskFilesTest : ::testing::Test {
  std::string folder = ::testing::TempDir() + "lakeshift_files_" + std::to_string(::getpid());
  std::unique_ptr<Files> files = make_disk_files();
  void SetUp() override { ASSERT_TRUE(files->make_directories(folder)); }
  void TearDown() override { std::filesystem::remove_all(folder); }
};

TEST_F(DiskFilesTest, WritesReadsListsAndRemoves) {
  const std::string content("a\0b\n", 4);
  ASSERT_TRUE(files->make_directories(folder + "/x/y/z"));
  ASSERT_TRUE(files->write_atomically(folder + "/x/b", content));
  ASSERT_TRUE(files->write_atomically(folder + "/x/a", ""));
  ASSERT_TRUE(files->write_atomically(folder + "/x/b", content + "2"));
  EXPECT_EQ(files->read(folder + "/x/b").value_or("?"), content + "2");
  EXPECT_EQ(files->read(folder + "/x/a").value_or("?"), "");
  EXPECT_EQ(files->list(folder + "/x").value_or(std::vector<std::string>{}),
            (std::vector<std::string>{"a", "b", "y"}))
      << "nothing is left beside";
  EXPECT_TRUE(files->exists(folder + "/x/a"));
  EXPECT_FALSE(files->is_directory(folder + "/x/a"));
  EXPECT_TRUE(files->is_directory(folder + "/x/y"));
  EXPECT_TRUE(files->remove(folder + "/x/a"));
  EXPECT_FALSE(files->exists(folder + "/x/a"));
  EXPECT_TRUE(files->make_directories(folder + "/x/y/z/")) << "twice, with a slash";
}

TEST_F(DiskFilesTest, ReadsWhatDoesNotSayItsSize) {
  const auto status = files->read("/proc/self/status");
  ASSERT_TRUE(status);
  EXPECT_NE(status->find("Pid:"), std::string::npos);
}

TEST_F(DiskFilesTest, NamesWhatIsWrong) {
  ASSERT_TRUE(files->write_atomically(folder + "/file", "x"));
  EXPECT_EQ(files->read(folder + "/none").error().code, "not-found");
  EXPECT_EQ(files->read(folder + "/none").error().about, folder + "/none");
  EXPECT_EQ(files->list(folder + "/none").error().code, "not-found");
  EXPECT_EQ(files->remove(folder + "/none").error().code, "not-found");
  EXPECT_EQ(files->read(folder + "/file/below").error().code, "not-a-directory");
  EXPECT_EQ(files->make_directories(folder + "/file/below").error().code, "not-a-directory");
  EXPECT_EQ(files->make_directories(folder + "/file").error().code, "not-a-directory");
  EXPECT_EQ(files->read(folder).error().code, "io");
  const auto unwritable = files->write_atomically(folder + "/none/file", "x");
  ASSERT_FALSE(unwritable);
  EXPECT_EQ(unwritable.error().code, "not-found");
  EXPECT_EQ(unwritable.error().about, folder + "/none/file") << "not the name beside";
}

TEST_F(DiskFilesTest, AFullDiskIsToldAndTheOldContentStays) {
  // Written beside through a link to the device that is always full.
  const std::string path = folder + "/state";
  ASSERT_TRUE(files->write_atomically(path, "old"));
  const std::string beside = path + ".new-" + std::to_string(::getpid()) + "-1";
  std::filesystem::create_symlink("/dev/full", beside);
  const auto full = files->write_atomically(path, "new");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, "disk-full");
  EXPECT_EQ(full.error().about, path);
  EXPECT_NE(full.error().remedy.find("free some space"), std::string::npos);
  EXPECT_EQ(files->read(path).value_or("?"), "old");
  EXPECT_EQ(files->list(folder)->size(), 1U);
}

TEST_F(DiskFilesTest, ReadersSeeTheOldOrTheNewContent) {
  const std::string path = folder + "/state";
  ASSERT_TRUE(files->write_atomically(path, std::string(100'000, '0')));
  std::vector<std::jthread> writers;
  for (int w = 0; w < 3; ++w)
    writers.emplace_back([&, w] {
      for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(
            files->write_atomically(path, std::string(100'000, static_cast<char>('1' + w))));
    });
  for (int i = 0; i < 200; ++i) {
    const auto seen = files->read(path);
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->size(), 100'000U);
    EXPECT_EQ(seen->find_first_not_of(seen->front()), std::string::npos);
  }
}

TEST_F(DiskFilesTest, ALockIsHeldByOneProcessAndFreedWhenItDies) {
  const std::string path = folder + "/lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = lock_file(path);
    const char byte = held ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const auto refused = lock_file(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "locked");
  EXPECT_EQ(refused.error().about, path);
  EXPECT_EQ(refused.error().message, "in use by process " + std::to_string(child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  {
    const auto held = lock_file(path);
    ASSERT_TRUE(held);
    EXPECT_FALSE(lock_file(path));
  }
  EXPECT_TRUE(lock_file(path));
}

}  // namespace
}  // namespace lakeshift::world

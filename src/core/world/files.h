// The file system. Paths are plain strings, '/'-separated. Thread safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lakeshift::world {

// Errors: "not-found", "permission-denied", "disk-full", "not-a-directory", "io".
class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::string> read(const std::string& path) = 0;
  // Writes beside the file, syncs, renames: readers see the old or the new content, never a part.
  virtual Status write_atomically(const std::string& path, std::string_view content) = 0;
  virtual Status make_directories(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual bool is_directory(const std::string& path) = 0;
  // Names (not paths) in the folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  virtual Status remove(const std::string& path) = 0;
};

std::unique_ptr<Files> make_disk_files();

// An exclusive lock on a file, held until destroyed; the kernel frees it when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};
// Error "locked" names the process that holds it.
Result<std::unique_ptr<FileLock>> lock_file(const std::string& path);

}  // namespace lakeshift::world

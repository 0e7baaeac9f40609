// Files in memory, for tests. A byte budget makes the disk full; single paths can be made to fail.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/world/files.h"

namespace lakeshift::fakes {

class MemoryFiles final : public world::Files {
 public:
  Result<std::string> read(const std::string& path) override {
    const std::scoped_lock lock(mutex_);
    if (auto error = planted(path)) return fail(*error);
    const auto found = files_.find(path);
    if (found == files_.end()) return fail("not-found", "could not read: no such file", path);
    return found->second;
  }

  Status write_atomically(const std::string& path, std::string_view content) override {
    const std::scoped_lock lock(mutex_);
    if (auto error = planted(path)) return fail(*error);
    ++writes_;
    std::size_t used = content.size();
    for (const auto& [name, old] : files_)
      if (name != path) used += old.size();
    if (used > capacity_ || (full_at_write_ != 0 && writes_ >= full_at_write_))
      return fail("disk-full", "could not write: no space left on device", path, "free some space");
    files_[path] = std::string(content);
    return {};
  }

  Status make_directories(const std::string& path) override {
    const std::scoped_lock lock(mutex_);
    if (auto error = planted(path)) return fail(*error);
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1))
      folders_.insert(path.substr(0, slash));
    folders_.insert(path);
    return {};
  }

  bool exists(const std::string& path) override {
    const std::scoped_lock lock(mutex_);
    return files_.contains(path) || is_folder(path);
  }

  bool is_directory(const std::string& path) override {
    const std::scoped_lock lock(mutex_);
    return is_folder(path);
  }

  Result<std::vector<std::string>> list(const std::string& path) override {
    const std::scoped_lock lock(mutex_);
    if (!is_folder(path)) return fail("not-found", "could not list: no such folder", path);
    const std::string prefix = path.ends_with('/') ? path : path + "/";
    std::set<std::string> names;
    const auto take = [&](const std::string& full) {
      if (full.starts_with(prefix) && full.size() > prefix.size())
        names.insert(full.substr(prefix.size(), full.find('/', prefix.size()) - prefix.size()));
    };
    for (const auto& [name, content] : files_) take(name);
    for (const auto& name : folders_) take(name);
    return std::vector<std::string>(names.begin(), names.end());
  }

  Status remove(const std::string& path) override {
    const std::scoped_lock lock(mutex_);
    if (files_.erase(path) + folders_.erase(path) == 0)
      return fail("not-found", "could not remove: no such file", path);
    return {};
  }

  // For tests.
  void put(const std::string& path, std::string content) {
    const std::scoped_lock lock(mutex_);
    files_[path] = std::move(content);
  }
  void set_capacity(std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    capacity_ = bytes;
  }
  // The n-th write from now on (from 1), and all after it, fail with "disk-full"; 0 = never.
  void fill_disk_at_write(long long n) {
    const std::scoped_lock lock(mutex_);
    full_at_write_ = n;
    writes_ = 0;
  }
  void plant(const std::string& path, Error error) {
    const std::scoped_lock lock(mutex_);
    errors_[path] = std::move(error);
  }
  std::map<std::string, std::string> all() const {
    const std::scoped_lock lock(mutex_);
    return files_;
  }

 private:
  const Error* planted(const std::string& path) const {
    const auto found = errors_.find(path);
    return found == errors_.end() ? nullptr : &found->second;
  }
  bool is_folder(const std::string& path) const {
    if (folders_.contains(path) || path == "/") return true;
    const auto inside = files_.lower_bound(path + "/");
    return inside != files_.end() && inside->first.starts_with(path + "/");
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::set<std::string> folders_;
  std::map<std::string, Error> errors_;
  std::size_t capacity_ = static_cast<std::size_t>(-1);
  long long full_at_write_ = 0;
  long long writes_ = 0;
};

}  // namespace lakeshift::fakes

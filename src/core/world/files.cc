#include "core/world/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace lakeshift::world {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return value_; }
  bool close_checked() { return ::close(std::exchange(value_, -1)) == 0; }

 private:
  int value_;
};

tl::unexpected<Error> failed_with(int error, const std::string& verb, const std::string& path) {
  const std::string text = "could not " + verb + ": " + std::generic_category().message(error);
  switch (error) {
    case ENOENT:
      return fail("not-found", text, path, "check the path");
    case EACCES:
    case EPERM:
    case EROFS:
      return fail("permission-denied", text, path,
                  "give this user access, or choose another folder");
    case ENOSPC:
    case EDQUOT:
      return fail("disk-full", text, path,
                  "free some space and run the same command again; nothing was lost");
    case ENOTDIR:
      return fail("not-a-directory", text, path, "check the path");
    default:
      return fail("io", text, path, "check the disk");
  }
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status write_all(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed_with(errno, "write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

class DiskFiles final : public Files {
 public:
  Result<std::string> read(const std::string& path) override {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return failed_with(errno, "read", path);
    struct stat status {};
    std::string content;
    if (::fstat(file.get(), &status) == 0 && status.st_size > 0)
      content.reserve(static_cast<std::size_t>(status.st_size));
    char buffer[64 * 1024];
    while (true) {
      const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed_with(errno, "read", path);
      if (got == 0) return content;
      content.append(buffer, static_cast<std::size_t>(got));
    }
  }

  Status write_atomically(const std::string& path, std::string_view content) override {
    const std::string beside =
        path + ".new-" + std::to_string(::getpid()) + "-" + std::to_string(serial_.fetch_add(1));
    auto status = write_synced(beside, content);
    if (status && ::rename(beside.c_str(), path.c_str()) != 0)
      status = failed_with(errno, "rename", path);
    if (!status) {
      ::unlink(beside.c_str());
      if (status.error().about == beside) status.error().about = path;
      return status;
    }
    const Descriptor folder(::open(parent_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0)
      ::fsync(folder.get());  // some file systems refuse this; the rename stands
    return {};
  }

  Status make_directories(const std::string& path) override {
    for (std::size_t slash = path.find('/', 1); !path.empty(); slash = path.find('/', slash + 1)) {
      const std::string part = path.substr(0, slash);
      if (::mkdir(part.c_str(), 0777) != 0 && errno != EEXIST)
        return failed_with(errno, "make folder", part);
      if (slash == std::string::npos) break;
    }
    if (!is_directory(path)) return failed_with(ENOTDIR, "make folder", path);
    return {};
  }

  bool exists(const std::string& path) override {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
  }

  bool is_directory(const std::string& path) override {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }

  Result<std::vector<std::string>> list(const std::string& path) override {
    DIR* folder = ::opendir(path.c_str());
    if (folder == nullptr) return failed_with(errno, "list", path);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(folder)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(folder);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status remove(const std::string& path) override {
    if (std::remove(path.c_str()) != 0) return failed_with(errno, "remove", path);
    return {};
  }

 private:
  static Status write_synced(const std::string& path, std::string_view content) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.get() < 0) return failed_with(errno, "write", path);
    LS_TRY(write_all(file.get(), content, path));
    if (::fsync(file.get()) != 0) return failed_with(errno, "write", path);
    if (!file.close_checked()) return failed_with(errno, "write", path);
    return {};
  }

  std::atomic<unsigned> serial_{0};
};

class DiskFileLock final : public FileLock {
 public:
  explicit DiskFileLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;  // closing frees the lock
};

}  // namespace

std::unique_ptr<Files> make_disk_files() { return std::make_unique<DiskFiles>(); }

Result<std::unique_ptr<FileLock>> lock_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file.get() < 0) return failed_with(errno, "lock", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed_with(errno, "lock", path);
    char holder[32] = {};
    const ssize_t got = ::pread(file.get(), holder, sizeof holder - 1, 0);
    const std::string process =
        got > 0 ? "process " + std::string(holder, static_cast<std::size_t>(got))
                : "another process";
    return fail("locked", "in use by " + process, path, "wait until it ends, or stop it");
  }
  const std::string process = std::to_string(::getpid());
  if (::ftruncate(file.get(), 0) != 0) return failed_with(errno, "lock", path);
  LS_TRY(write_all(file.get(), process, path));
  return std::make_unique<DiskFileLock>(std::move(file));
}

}  // namespace lakeshift::world

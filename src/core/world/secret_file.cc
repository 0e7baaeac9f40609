#include "core/world/secret_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lakeshift::world {
namespace {

class MemoryFile final : public SecretFile {
 public:
  explicit MemoryFile(int file) : file_(file), path_("/proc/self/fd/" + std::to_string(file)) {}
  ~MemoryFile() override {
    [[maybe_unused]] const int emptied = ::ftruncate(file_, 0);
    ::close(file_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  const std::string& path() const override { return path_; }

 private:
  int file_;
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<SecretFile>> make_secret_file(std::string_view content) {
  // Not closed on exec: the program that is started next shall read it.
  const int file = ::memfd_create("lakeshift", 0);
  if (file < 0) return fail("io", std::strerror(errno), "a file in memory", "make room in memory");
  auto made = std::make_unique<MemoryFile>(file);
  const auto written = ::write(file, content.data(), content.size());
  if (::fchmod(file, S_IRUSR | S_IWUSR) != 0 || written != static_cast<ssize_t>(content.size()))
    return fail("io", std::strerror(errno), "a file in memory", "make room in memory");
  return std::unique_ptr<SecretFile>(std::move(made));
}

}  // namespace lakeshift::world

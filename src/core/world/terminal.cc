#include "core/world/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace lakeshift::world {
namespace {

constexpr int kUnknownRows = 24;

}  // namespace

int terminal_rows() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return size.ws_row;
  return kUnknownRows;
}

}  // namespace lakeshift::world

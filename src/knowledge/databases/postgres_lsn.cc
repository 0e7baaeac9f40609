#include "knowledge/databases/postgres_lsn.h"

#include <fmt/format.h>

#include <charconv>

namespace lakeshift::databases {

std::string lsn_text(Lsn lsn) { return fmt::format("{:X}/{:X}", lsn >> 32, lsn & 0xFFFFFFFFU); }

Result<Lsn> parse_lsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  const auto whole = [](std::string_view part, std::uint32_t& value) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
    return !part.empty() && error == std::errc() && end == part.data() + part.size();
  };
  if (slash == std::string_view::npos || !whole(text.substr(0, slash), high) ||
      !whole(text.substr(slash + 1), low))
    return fail("bad-lsn", "'" + std::string(text) + "' is no position in the write-ahead log", {},
                "write it as the server does, such as 16/B374D848");
  return (Lsn{high} << 32) | low;
}

}  // namespace lakeshift::databases

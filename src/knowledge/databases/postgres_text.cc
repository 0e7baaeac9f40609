#include "knowledge/databases/postgres_text.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace lakeshift::databases {
namespace {

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += c;
    out += c;
  }
  return out + quote;
}

bool parse_hex(std::string_view text, std::uint64_t& value) {
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, value, 16);
  return !text.empty() && text.size() <= 8 && failed == std::errc() && rest == end;
}

}  // namespace

std::string lsn_text(Lsn lsn) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%X/%X", static_cast<unsigned>(lsn >> 32U),
                static_cast<unsigned>(lsn & 0xFFFFFFFFU));
  return text.data();
}

Result<Lsn> parse_lsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::uint64_t high = 0, low = 0;
  if (slash == std::string_view::npos || !parse_hex(text.substr(0, slash), high) ||
      !parse_hex(text.substr(slash + 1), low))
    return fail("bad-lsn", "'" + std::string(text) + "' is no position of a write-ahead log",
                "log position", "write it as the server does, for example 16/B374D848");
  return (high << 32U) | low;
}

std::string quote_name(std::string_view name) { return doubled(name, '"'); }
std::string quote_name(std::string_view schema, std::string_view name) {
  return quote_name(schema) + "." + quote_name(name);
}
std::string quote_literal(std::string_view text) { return doubled(text, '\''); }

}  // namespace lakeshift::databases

// An observation about SQL text, with its place. Codes are stable and documented in docs/sql.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lakeshift::sql {

enum class Severity : std::uint8_t { note, warning, error };

struct Finding {
  std::string code{};  // "sql-syntax", "sql-unterminated", …; empty: no finding
  Severity severity = Severity::error;
  std::uint32_t begin = 0;  // bytes of the source
  std::uint32_t end = 0;
  std::string message{};  // lower case: the thing and the reason
  std::string remedy{};   // what to do
};

// Both from 1; the column counts characters (code points), not bytes.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};
Place locate(std::string_view source, std::uint32_t offset);

}  // namespace lakeshift::sql

// How PostgreSQL spells names, literals and log positions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::databases {

// A position in the write-ahead log.
using Lsn = std::uint64_t;
std::string lsn_text(Lsn lsn);                 // "16/B374D848"
Result<Lsn> parse_lsn(std::string_view text);  // error "bad-lsn"

std::string quote_name(std::string_view name);  // "a""b", always in quotes
std::string quote_name(std::string_view schema, std::string_view name);
// For sessions of ours, where standard_conforming_strings is on.
std::string quote_literal(std::string_view text);

}  // namespace lakeshift::databases

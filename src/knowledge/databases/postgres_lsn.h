// Positions in PostgreSQL's write-ahead log, and its clock. Pure.
// Source: PostgreSQL 17 documentation, 8.20 "pg_lsn Type" and 53.4 "Streaming Replication Protocol"
// (2024-09).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::databases {

// A byte position in the log of one server; positions of two servers cannot be compared.
using Lsn = std::uint64_t;

// "16/B374D848"; the other way round, error "bad-lsn".
std::string lsn_text(Lsn lsn);
Result<Lsn> parse_lsn(std::string_view text);

// The protocol counts microseconds since 2000-01-01 00:00:00 UTC; we, since 1970.
inline constexpr std::int64_t kPostgresEpochMicros = 946'684'800'000'000;

}  // namespace lakeshift::databases

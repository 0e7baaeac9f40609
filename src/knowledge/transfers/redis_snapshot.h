// Reads the snapshot (RDB) that a Redis server sends to its replicas: keys with their values as the
// payload that DUMP would give, which RESTORE of any server takes that knows the version.
// Source: the server's rdb.c and rdb.h of 7.4 (types, opcodes, lengths) and cluster.c of 7.0
// (createDumpPayload: type, value, RDB version, CRC64); of the module types, what module2 says of
// itself.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::transfers {

// One that is too big to be held has no payload.
struct RedisSnapshotKey {
  int database = 0;
  std::string_view key, payload;
  std::int64_t expiry = -1;  // ms since 1970; -1: none
};

// Not thread safe.
class RedisSnapshotReader {
 public:
  struct Source {
    // What came so far and was not used; `use` gives back how much of it is done with; `more` waits
    // for more behind it.
    std::function<std::string_view()> received;
    std::function<void(std::size_t)> use;
    std::function<Status()> more;
  };
  using Found = std::function<Status(const RedisSnapshotKey&)>;

  // `most`: bytes of a payload, and about what its value may take in the server's memory.
  RedisSnapshotReader(Source source, std::size_t most, Found found);
  // Reads to the snapshot's end, and nothing behind it. Errors: those of the source and of `found`;
  // "redis-snapshot-unknown": a version or a type that is not known here, what follows in the
  // snapshot cannot be found.
  Status read();

 private:
  struct Length {
    std::uint64_t value = 0;
    bool encoded = false;  // `value` says how a short text is written
  };
  Status read_head();
  Status read_key(std::uint8_t type);
  Status read_name();
  Status take(std::uint64_t bytes, std::string& into);
  Status skip_module_aux();
  // Values: what is read while keeping_ goes into value_.
  Status value(std::uint8_t type);
  Status texts(std::uint64_t count);
  Status hash_with_times();
  Status old_scores(std::uint64_t count);
  Status quicklist(std::uint64_t count);
  Status stream(std::uint8_t type);
  Status stream_groups(std::uint8_t type);
  Status module_parts();
  Status text();
  Status lengths(int count);
  Result<Length> length();
  Result<std::uint64_t> plain_length();
  Result<std::uint8_t> byte();
  Status skip(std::uint64_t bytes);
  Result<std::uint64_t> number(int bytes);  // little endian
  Status refill();
  void keep(std::string_view part);
  void let_go();

  Source source_;
  const std::size_t most_;
  Found found_;
  std::string_view window_;  // of what was received
  std::size_t at_ = 0;       // in window_
  bool keeping_ = false;
  std::uint64_t weight_ = 0;
  std::string value_, key_;
  std::uint16_t version_ = 0;
  int database_ = 0;
  std::int64_t expiry_ = -1;
};

// The checksum of payloads and snapshots (CRC-64/Jones, reflected).
std::uint64_t redis_crc64(std::string_view bytes);

}  // namespace lakeshift::transfers

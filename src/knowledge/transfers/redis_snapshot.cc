#include "knowledge/transfers/redis_snapshot.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "core/base/strings.h"

namespace lakeshift::transfers {
namespace {

constexpr std::uint64_t kJones = 0x95AC9329AC4BC9B5;  // reflected
constexpr std::uint64_t kWeightOfItem = 48;  // what a table of the server takes beside a text
constexpr std::uint16_t kOldestVersion = 9, kNewestVersion = 80;

enum Opcode : std::uint8_t {
  kFunction = 245,
  kModuleAux = 247,
  kIdle = 248,
  kFrequency = 249,
  kField = 250,
  kSizes = 251,
  kExpiryMs = 252,
  kExpirySeconds = 253,
  kDatabase = 254,
  kEnd = 255,
};

enum Type : std::uint8_t {
  kText = 0,
  kList = 1,
  kSet = 2,
  kOldScores = 3,
  kHash = 4,
  kScores = 5,
  kModule = 7,
  kZipmap = 9,
  kZiplist = 10,
  kIntset = 11,
  kScoresZiplist = 12,
  kHashZiplist = 13,
  kQuicklist = 14,
  kStream = 15,
  kHashListpack = 16,
  kScoresListpack = 17,
  kQuicklist2 = 18,
  kStream2 = 19,
  kSetListpack = 20,
  kStream3 = 21,
  kHashTimes = 24,
  kHashTimesListpack = 25,
};

constexpr std::array<std::array<std::uint64_t, 256>, 8> make_crc_tables() {
  std::array<std::array<std::uint64_t, 256>, 8> tables{};
  for (std::uint64_t n = 0; n < 256; ++n) {
    std::uint64_t crc = n;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ kJones : crc >> 1;
    tables[0][n] = crc;
  }
  for (std::size_t n = 0; n < 256; ++n)
    for (std::size_t table = 1; table < 8; ++table)
      tables[table][n] = tables[0][tables[table - 1][n] & 0xFF] ^ (tables[table - 1][n] >> 8);
  return tables;
}

constexpr auto kCrcTables = make_crc_tables();

void append_little_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

// LZF as liblzf writes it: runs of bytes, and references to bytes before them.
bool unpack_lzf(std::string_view packed, std::uint64_t size, std::string& into) {
  into.clear();
  std::size_t at = 0;
  const auto next = [&] { return static_cast<unsigned char>(packed[at++]); };
  while (at < packed.size()) {
    const std::size_t control = next();
    if (control < 32) {
      if (packed.size() - at < control + 1) return false;
      into.append(packed.substr(at, control + 1));
      at += control + 1;
      continue;
    }
    std::size_t length = control >> 5;
    if (packed.size() - at < (length == 7 ? 2U : 1U)) return false;
    if (length == 7) length += next();
    const std::size_t back = ((control & 31) << 8 | next()) + 1;
    if (back > into.size() || into.size() + length + 2 > size) return false;
    for (std::size_t i = 0; i < length + 2; ++i) into += into[into.size() - back];
  }
  return into.size() == size;
}

tl::unexpected<Error> unknown(const std::string& what) {
  return fail("redis-snapshot-unknown", what, "snapshot");
}

}  // namespace

std::uint64_t redis_crc64(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t crc = 0;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    crc ^= word;
    crc = kCrcTables[7][crc & 0xFF] ^ kCrcTables[6][(crc >> 8) & 0xFF] ^
          kCrcTables[5][(crc >> 16) & 0xFF] ^ kCrcTables[4][(crc >> 24) & 0xFF] ^
          kCrcTables[3][(crc >> 32) & 0xFF] ^ kCrcTables[2][(crc >> 40) & 0xFF] ^
          kCrcTables[1][(crc >> 48) & 0xFF] ^ kCrcTables[0][crc >> 56];
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes)
    crc = kCrcTables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (crc >> 8);
  return crc;
}

RedisSnapshotReader::RedisSnapshotReader(Source source, std::size_t most, Found found)
    : source_(std::move(source)), most_(most), found_(std::move(found)) {}

Status RedisSnapshotReader::read() {
  window_ = source_.received();
  LS_TRY(read_head());
  for (;;) {
    LS_ASSIGN(const std::uint8_t opcode, byte());
    switch (opcode) {
      case kEnd: {
        LS_TRY(skip(8));  // its checksum: each key is checked by the target
        source_.use(std::exchange(at_, 0));
        return {};
      }
      case kDatabase: {
        LS_ASSIGN(const std::uint64_t database, plain_length());
        database_ = static_cast<int>(database);
        break;
      }
      case kExpirySeconds: {
        LS_ASSIGN(const std::uint64_t seconds, number(4));
        expiry_ = static_cast<std::int64_t>(seconds) * 1000;
        break;
      }
      case kExpiryMs: {
        LS_ASSIGN(const std::uint64_t ms, number(8));
        expiry_ = static_cast<std::int64_t>(ms);
        break;
      }
      case kFrequency:
        LS_TRY(skip(1));
        break;
      case kIdle:
        LS_TRY(lengths(1));
        break;
      case kSizes:
        LS_TRY(lengths(2));
        break;
      case kField:
        LS_TRY(texts(2));
        break;
      case kFunction:  // carried as a whole, apart
        LS_TRY(text());
        break;
      case kModuleAux:
        LS_TRY(skip_module_aux());
        break;
      default:
        LS_TRY(read_key(opcode));
    }
  }
}

Status RedisSnapshotReader::read_head() {
  std::string head;
  for (int i = 0; i < 9; ++i) {
    LS_ASSIGN(const std::uint8_t next, byte());
    head += static_cast<char>(next);
  }
  if (!head.starts_with("REDIS") && !head.starts_with("VALKEY"))
    return unknown("it begins with '" + printable(head) + "'");
  const std::size_t digits = head.find_first_of("0123456789");
  version_ =
      static_cast<std::uint16_t>(std::atoi(head.substr(std::min(digits, head.size())).c_str()));
  if (version_ < kOldestVersion || version_ > kNewestVersion)
    return unknown("its version is '" + printable(head) + "'");
  return {};
}

Status RedisSnapshotReader::read_key(std::uint8_t type) {
  LS_TRY(read_name());
  value_.assign(1, static_cast<char>(type));
  keeping_ = true;
  weight_ = 0;
  LS_TRY(value(type));
  RedisSnapshotKey found;
  found.database = database_;
  found.key = key_;
  found.expiry = std::exchange(expiry_, -1);
  if (std::exchange(keeping_, false)) {
    append_little_endian(value_, version_, 2);
    append_little_endian(value_, redis_crc64(value_), 8);
    found.payload = value_;
  }
  return found_(found);
}

// A name is needed as what it says, however it is written.
Status RedisSnapshotReader::read_name() {
  LS_ASSIGN(const Length size, length());
  if (!size.encoded) return take(size.value, key_);
  if (size.value < 3) {
    const int bytes = 1 << size.value;
    LS_ASSIGN(const std::uint64_t bits, number(bytes));
    const std::int64_t number = bytes == 1   ? static_cast<std::int8_t>(bits)
                                : bytes == 2 ? static_cast<std::int16_t>(bits)
                                             : static_cast<std::int32_t>(bits);
    key_ = std::to_string(number);
    return {};
  }
  if (size.value > 3) return unknown("a name is written in a way that is not known");
  LS_ASSIGN(const std::uint64_t packed, plain_length());
  LS_ASSIGN(const std::uint64_t unpacked, plain_length());
  std::string bytes;
  LS_TRY(take(packed, bytes));
  if (!unpack_lzf(bytes, unpacked, key_)) return unknown("the compressed name of a key is broken");
  return {};
}

Status RedisSnapshotReader::take(std::uint64_t bytes, std::string& into) {
  into.clear();
  while (bytes > 0) {
    if (at_ == window_.size()) LS_TRY(refill());
    const auto part =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes, window_.size() - at_));
    into.append(window_.substr(at_, part));
    at_ += part;
    bytes -= part;
  }
  return {};
}

// When a module wrote it, and in what it wrote; then as a value.
Status RedisSnapshotReader::skip_module_aux() {
  LS_TRY(lengths(3));
  return module_parts();
}

Status RedisSnapshotReader::value(std::uint8_t type) {
  if (type == kStream || type == kStream2 || type == kStream3) return stream(type);
  switch (type) {
    case kText:
    case kZipmap:
    case kZiplist:
    case kIntset:
    case kScoresZiplist:
    case kHashZiplist:
    case kHashListpack:
    case kScoresListpack:
    case kSetListpack:
      return text();
    case kModule:
      LS_TRY(lengths(1));
      return module_parts();
    case kHashTimes:
      return hash_with_times();
    case kHashTimesListpack:
      LS_TRY(skip(8));  // the first time of all
      return text();
    case kList:
    case kSet:
    case kHash:
    case kOldScores:
    case kScores:
    case kQuicklist:
    case kQuicklist2:
      break;
    default:
      return unknown("key '" + printable(key_) + "' has type " + std::to_string(type));
  }
  LS_ASSIGN(const std::uint64_t count, plain_length());
  if (type == kOldScores) return old_scores(count);
  if (type == kQuicklist2) return quicklist(count);
  if (type == kHash) return texts(2 * count);
  if (type != kScores) return texts(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    LS_TRY(text());
    LS_TRY(skip(8));
  }
  return {};
}

Status RedisSnapshotReader::texts(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) LS_TRY(text());
  return {};
}

// Of 7.4: the first time of all, then each field's beyond it.
Status RedisSnapshotReader::hash_with_times() {
  LS_TRY(skip(8));
  LS_ASSIGN(const std::uint64_t count, plain_length());
  for (std::uint64_t i = 0; i < count; ++i) {
    LS_TRY(lengths(1));
    LS_TRY(texts(2));
  }
  return {};
}

// Scores as digits; 253 to 255 stand for what is no number.
Status RedisSnapshotReader::old_scores(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    LS_TRY(text());
    LS_ASSIGN(const std::uint8_t size, byte());
    if (size < 253) LS_TRY(skip(size));
  }
  return {};
}

Status RedisSnapshotReader::quicklist(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    LS_TRY(lengths(1));  // packed or plain
    LS_TRY(text());
  }
  return {};
}

Status RedisSnapshotReader::stream(std::uint8_t type) {
  LS_ASSIGN(const std::uint64_t count, plain_length());
  LS_TRY(texts(2 * count));
  LS_TRY(lengths(type == kStream ? 3 : 8));  // length, last id; first id, deleted id, entries added
  return stream_groups(type);
}

Status RedisSnapshotReader::stream_groups(std::uint8_t type) {
  constexpr std::uint64_t kId = 16, kTime = 8;
  LS_ASSIGN(const std::uint64_t groups, plain_length());
  for (std::uint64_t group = 0; group < groups; ++group) {
    LS_TRY(text());
    LS_TRY(lengths(type == kStream ? 2 : 3));  // last id; entries read
    LS_ASSIGN(const std::uint64_t pending, plain_length());
    for (std::uint64_t i = 0; i < pending; ++i) {
      LS_TRY(skip(kId + kTime));
      LS_TRY(lengths(1));
    }
    LS_ASSIGN(const std::uint64_t consumers, plain_length());
    for (std::uint64_t i = 0; i < consumers; ++i) {
      LS_TRY(text());
      LS_TRY(skip(type == kStream3 ? 2 * kTime : kTime));
      LS_ASSIGN(const std::uint64_t held, plain_length());
      LS_TRY(skip(held * kId));
    }
  }
  return {};
}

Status RedisSnapshotReader::module_parts() {
  for (;;) {
    LS_ASSIGN(const std::uint64_t part, plain_length());
    switch (part) {
      case 0:
        return {};
      case 1:
      case 2:
        LS_TRY(lengths(1));
        break;
      case 3:
        LS_TRY(skip(4));
        break;
      case 4:
        LS_TRY(skip(8));
        break;
      case 5:
        LS_TRY(text());
        break;
      default:
        return unknown("a module wrote a part of kind " + std::to_string(part));
    }
  }
}

Status RedisSnapshotReader::text() {
  LS_ASSIGN(const Length size, length());
  if (size.encoded && size.value > 3)
    return unknown("a text is written in a way that is not known");
  if (size.encoded && size.value < 3) return skip(1U << size.value);
  std::uint64_t written = size.value, whole = size.value;
  if (size.encoded) {
    LS_ASSIGN(written, plain_length());
    LS_ASSIGN(whole, plain_length());
  }
  weight_ += whole + kWeightOfItem;
  if (weight_ > most_) let_go();
  return skip(written);
}

Status RedisSnapshotReader::lengths(int count) {
  for (int i = 0; i < count; ++i) LS_TRY(length());
  return {};
}

Result<RedisSnapshotReader::Length> RedisSnapshotReader::length() {
  LS_ASSIGN(const std::uint8_t first, byte());
  const auto big_endian = [&](int bytes, std::uint64_t value) -> Result<Length> {
    for (int i = 0; i < bytes; ++i) {
      LS_ASSIGN(const std::uint8_t next, byte());
      value = value << 8 | next;
    }
    return Length{value, false};
  };
  switch (first >> 6) {
    case 0:
      return Length{first & 0x3FU, false};
    case 1:
      return big_endian(1, first & 0x3FU);
    case 3:
      return Length{first & 0x3FU, true};
    default:
      if (first == 0x80) return big_endian(4, 0);
      if (first == 0x81) return big_endian(8, 0);
      return unknown("a length is written in a way that is not known");
  }
}

Result<std::uint64_t> RedisSnapshotReader::plain_length() {
  LS_ASSIGN(const Length size, length());
  if (size.encoded) return unknown("a length is a text");
  return size.value;
}

Result<std::uint8_t> RedisSnapshotReader::byte() {
  if (at_ == window_.size()) LS_TRY(refill());
  const char next = window_[at_];
  if (keeping_) keep(window_.substr(at_, 1));
  ++at_;
  return static_cast<std::uint8_t>(next);
}

Status RedisSnapshotReader::skip(std::uint64_t bytes) {
  while (bytes > 0) {
    if (at_ == window_.size()) LS_TRY(refill());
    const auto part =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes, window_.size() - at_));
    if (keeping_) keep(window_.substr(at_, part));
    at_ += part;
    bytes -= part;
  }
  return {};
}

Result<std::uint64_t> RedisSnapshotReader::number(int bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) {
    LS_ASSIGN(const std::uint8_t next, byte());
    value |= static_cast<std::uint64_t>(next) << (8 * i);
  }
  return value;
}

Status RedisSnapshotReader::refill() {
  source_.use(std::exchange(at_, 0));
  window_ = source_.received();
  while (window_.empty()) {
    LS_TRY(source_.more());
    window_ = source_.received();
  }
  return {};
}

void RedisSnapshotReader::keep(std::string_view part) {
  if (value_.size() + part.size() > most_) return let_go();
  value_.append(part);
}

void RedisSnapshotReader::let_go() {
  keeping_ = false;
  value_ = {};
}

}  // namespace lakeshift::transfers

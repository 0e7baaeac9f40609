#include "knowledge/formats/mask_permutation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "core/base/digest.h"

namespace lakeshift::formats {
namespace {

constexpr int kRounds = 10;

std::uint64_t rotate(std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

struct Sip {
  std::uint64_t v0, v1, v2, v3;
  Sip(std::uint64_t k0, std::uint64_t k1)
      : v0(k0 ^ 0x736f6d6570736575ULL),
        v1(k1 ^ 0x646f72616e646f6dULL),
        v2(k0 ^ 0x6c7967656e657261ULL),
        v3(k1 ^ 0x7465646279746573ULL) {}
  void round() {
    v0 += v1;
    v1 = rotate(v1, 13) ^ v0;
    v0 = rotate(v0, 32);
    v2 += v3;
    v3 = rotate(v3, 16) ^ v2;
    v0 += v3;
    v3 = rotate(v3, 21) ^ v0;
    v2 += v1;
    v1 = rotate(v1, 17) ^ v2;
    v2 = rotate(v2, 32);
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  std::uint64_t end() {
    v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

std::uint64_t from_hex(std::string_view hex) {
  std::uint64_t value = 0;
  for (const char c : hex)
    value = value << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return value;
}

void increment(std::vector<MaskDigit>& digits) {
  for (MaskDigit& digit : digits) {
    if (++digit.value < digit.radix) return;
    digit.value = 0;
  }
}

}  // namespace

std::string MaskKey::derive(std::string_view purpose) const {
  return hmac_sha256_hex(secret_, purpose);
}

std::string MaskKey::fingerprint() const { return derive("lakeshift key check").substr(0, 16); }

MaskPermutation::MaskPermutation(const MaskKey& key, std::string_view domain) {
  const std::string derived = key.derive("lakeshift mask 1:" + std::string(domain));
  k0_ = from_hex(std::string_view(derived).substr(0, 16));
  k1_ = from_hex(std::string_view(derived).substr(16, 16));
}

std::uint64_t MaskPermutation::prf(std::string_view bytes) const {
  Sip sip(k0_, k1_);
  std::size_t at = 0;
  std::uint64_t word = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::memcpy(&word, bytes.data() + at, 8);
    sip.take(word);
  }
  word = static_cast<std::uint64_t>(bytes.size()) << 56;
  for (std::size_t i = 0; at + i < bytes.size(); ++i)
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  sip.take(word);
  return sip.end();
}

std::uint64_t MaskPermutation::prf(std::uint64_t a, std::uint64_t b) const {
  Sip sip(k0_, k1_);
  sip.take(a);
  sip.take(b);
  sip.take(16ULL << 56);
  return sip.end();
}

// An alternating Feistel network: each half is moved by what the other holds, digit by digit in its
// own radix, so any mixture of radices is permuted.
void MaskPermutation::shuffle(std::vector<MaskDigit>& digits, std::uint64_t tweak,
                              bool backwards) const {
  const std::size_t middle = digits.size() / 2;
  const std::span<MaskDigit> all(digits);
  for (int i = 0; i < kRounds; ++i) {
    const int round = backwards ? kRounds - 1 - i : i;
    const auto moved = round % 2 == 0 ? all.first(middle) : all.subspan(middle);
    const auto fixed = round % 2 == 0 ? all.subspan(middle) : all.first(middle);
    Sip sip(k0_, k1_);
    sip.take(tweak);
    sip.take(static_cast<std::uint64_t>(round));
    for (std::size_t j = 0; j < fixed.size(); j += 2)
      sip.take(fixed[j].value |
               (j + 1 < fixed.size() ? static_cast<std::uint64_t>(fixed[j + 1].value) << 32 : 0));
    const std::uint64_t seed = sip.end();
    for (std::size_t j = 0; j < moved.size(); ++j) {
      MaskDigit& digit = moved[j];
      const auto by = static_cast<std::uint32_t>(prf(seed, j) % digit.radix);
      const std::uint64_t sum =
          static_cast<std::uint64_t>(digit.value) + (backwards ? digit.radix - by : by);
      digit.value = static_cast<std::uint32_t>(sum % digit.radix);
    }
  }
}

// Over the square that holds it, until it is below `size` again.
std::uint64_t MaskPermutation::walk(std::uint64_t value, std::uint64_t size, std::uint64_t tweak,
                                    bool backwards) const {
  auto side = static_cast<std::uint64_t>(std::sqrt(static_cast<long double>(size)));
  while (side < 0xffffffffULL && side * side < size) ++side;
  const auto radix = static_cast<std::uint32_t>(side);
  do {
    std::vector<MaskDigit> pair = {{static_cast<std::uint32_t>(value / side), radix},
                                   {static_cast<std::uint32_t>(value % side), radix}};
    shuffle(pair, tweak, backwards);
    value = pair[0].value * side + pair[1].value;
  } while (value >= size);
  return value;
}

// One step along the circle that the shuffled order makes: no value stays itself.
std::uint64_t MaskPermutation::apply(std::uint64_t value, std::uint64_t size,
                                     std::string_view tweak) const {
  if (size <= 1 || value >= size) return value;
  const std::uint64_t seed = prf(tweak);
  const std::uint64_t next = walk(value, size, seed, false) + 1;
  return walk(next == size ? 0 : next, size, seed, true);
}

void MaskPermutation::apply(std::vector<MaskDigit>& digits, std::string_view tweak) const {
  if (digits.empty()) return;
  if (digits.size() == 1) {
    digits[0].value = static_cast<std::uint32_t>(apply(digits[0].value, digits[0].radix, tweak));
    return;
  }
  const std::uint64_t seed = prf(tweak);
  shuffle(digits, seed, false);
  increment(digits);
  shuffle(digits, seed, true);
}

void MaskPermutation::stream(std::vector<MaskDigit>& digits, std::string_view tweak) const {
  Sip sip(k0_, k1_);
  sip.take(prf(tweak));
  for (const MaskDigit& digit : digits) sip.take(digit.value);
  const std::uint64_t seed = sip.end();
  for (std::size_t i = 0; i < digits.size(); ++i)
    digits[i].value = static_cast<std::uint32_t>((digits[i].value + prf(seed, i)) %
                                                 std::max<std::uint32_t>(1, digits[i].radix));
}

}  // namespace lakeshift::formats

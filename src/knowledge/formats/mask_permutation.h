// A keyed permutation of numbers written in mixed radix: what keeps masked values apart. Every
// value of a shape (so many digits, so many letters …) is given another one of the same shape, no
// two the same, and none itself.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lakeshift::formats {

// The secret behind a copy's masks. Nothing of it can be printed.
class MaskKey {
 public:
  explicit MaskKey(std::string secret) : secret_(std::move(secret)) {}
  // Tells two keys apart and says nothing of either: 16 hexadecimal digits.
  std::string fingerprint() const;
  // HMAC-SHA256 of a purpose: 64 hexadecimal digits.
  std::string derive(std::string_view purpose) const;

 private:
  std::string secret_;
};

struct MaskDigit {
  std::uint32_t value = 0, radix = 1;  // value < radix
};

// Made for one domain: the same in every table that names it. Pure; thread safe.
class MaskPermutation {
 public:
  // The key of its rounds is derived from the secret by HMAC-SHA256 of the domain.
  MaskPermutation(const MaskKey& key, std::string_view domain);

  // Replaces the values in place. `tweak`: whatever stays as it is; each has a permutation of its
  // own. Leaves a number of one possible value alone.
  void apply(std::vector<MaskDigit>& digits, std::string_view tweak) const;
  // For long values: a key stream seeded by all of the value, added to it. Collisions are those of
  // a 64-bit seed within one shape.
  void stream(std::vector<MaskDigit>& digits, std::string_view tweak) const;
  // A number below `size` for another below it.
  std::uint64_t apply(std::uint64_t value, std::uint64_t size, std::string_view tweak) const;
  std::uint64_t prf(std::string_view bytes) const;  // SipHash-2-4

 private:
  void shuffle(std::vector<MaskDigit>& digits, std::uint64_t tweak, bool backwards) const;
  std::uint64_t walk(std::uint64_t value, std::uint64_t size, std::uint64_t tweak,
                     bool backwards) const;
  std::uint64_t prf(std::uint64_t a, std::uint64_t b) const;
  std::uint64_t k0_ = 0, k1_ = 0;
};

}  // namespace lakeshift::formats

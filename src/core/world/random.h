// Randomness, injected so that tests repeat. Thread safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace lakeshift::world {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  // Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
};

std::unique_ptr<Random> make_system_random();  // from the operating system's generator
std::unique_ptr<Random> make_seeded_random(std::uint64_t seed);
std::string random_hex(Random& random, std::size_t bytes);

}  // namespace lakeshift::world

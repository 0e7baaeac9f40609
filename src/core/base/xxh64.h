// XXH64, a fast hash that is not for secrets.
// Source: github.com/Cyan4973/xxHash, doc/xxhash_spec.md, "XXH64 algorithm" (version 0.2.0).
#pragma once

#include <cstdint>
#include <string_view>

namespace lakeshift {

std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace lakeshift

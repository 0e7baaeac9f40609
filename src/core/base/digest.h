// Digests, by OpenSSL. Pure functions; safe from any thread.
#pragma once

#include <string>
#include <string_view>

namespace lakeshift {

std::string sha256_hex(std::string_view bytes);
// HMAC-SHA256 in hex; used to compare secret values without keeping them.
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

}  // namespace lakeshift

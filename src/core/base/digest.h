// Digests, by OpenSSL. Pure functions; safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lakeshift {

std::string sha256_hex(std::string_view bytes);
// HMAC-SHA256 in hex; used to compare secret values without keeping them.
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);
// The 32 bytes themselves.
std::string hmac_sha256(std::string_view key, std::string_view bytes);
std::string to_hex(std::string_view bytes);

// A digest of bytes that come in pieces. Not thread safe.
class Digester {
 public:
  enum class Kind { sha256, md5 };
  explicit Digester(Kind kind);
  ~Digester();
  Digester(Digester&&) noexcept;
  Digester(const Digester&) = delete;
  Digester& operator=(const Digester&) = delete;
  Digester& operator=(Digester&&) = delete;
  void add(std::string_view bytes);
  std::string bytes();  // once, at the end

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};
std::string md5(std::string_view bytes);  // 16 bytes; where a service asks for it

}  // namespace lakeshift

#include "core/base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace lakeshift {
namespace {

std::string lower_hex(const unsigned char* bytes, std::size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) return {};
  return lower_hex(digest, size);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // A null key would mean "keep the former key" to OpenSSL.
  const char* key_data = key.empty() ? "" : key.data();
  if (HMAC(EVP_sha256(), key_data, static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest,
           &size) == nullptr)
    return {};
  return {reinterpret_cast<const char*>(digest), size};
}

std::string to_hex(std::string_view bytes) {
  return lower_hex(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
  return to_hex(hmac_sha256(key, bytes));
}

struct Digester::Context {
  EVP_MD_CTX* handle = EVP_MD_CTX_new();
};

Digester::Digester(Kind kind) : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->handle, kind == Kind::md5 ? EVP_md5() : EVP_sha256(), nullptr);
}

Digester::~Digester() {
  if (context_) EVP_MD_CTX_free(context_->handle);
}

Digester::Digester(Digester&&) noexcept = default;

void Digester::add(std::string_view bytes) {
  EVP_DigestUpdate(context_->handle, bytes.data(), bytes.size());
}

std::string Digester::bytes() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(context_->handle, digest, &size) != 1) return {};
  return {reinterpret_cast<const char*>(digest), size};
}

std::string md5(std::string_view bytes) {
  Digester digester(Digester::Kind::md5);
  digester.add(bytes);
  return digester.bytes();
}

}  // namespace lakeshift

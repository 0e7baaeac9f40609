#include "core/world/sealed_box.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <vector>

namespace lakeshift::world {
namespace {

constexpr unsigned kBits = 3072;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

class RsaBox final : public SealedBox {
 public:
  RsaBox(Key key, std::string modulus) : key_(std::move(key)), modulus_(std::move(modulus)) {}

  const std::string& modulus_hex() const override { return modulus_; }

  Result<std::string> open(std::string_view blocks) const override {
    constexpr std::size_t kBlock = kBits / 8;
    if (blocks.empty() || blocks.size() % kBlock != 0) return damaged();
    std::string text;
    for (std::size_t at = 0; at < blocks.size(); at += kBlock) {
      LS_ASSIGN(const std::string part, open_block(blocks.substr(at, kBlock)));
      text += part;
    }
    return text;
  }

 private:
  static tl::unexpected<Error> damaged() {
    return fail("not-sealed", "what came back cannot be opened with the key that was made for it");
  }

  Result<std::string> open_block(std::string_view block) const {
    const KeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
    if (!context || EVP_PKEY_decrypt_init(context.get()) <= 0 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) <= 0 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) <= 0)
      return damaged();
    std::string plain(kBits / 8, '\0');
    std::size_t size = plain.size();
    if (EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &size,
                         reinterpret_cast<const unsigned char*>(block.data()), block.size()) <= 0)
      return damaged();
    plain.resize(size);
    return plain;
  }

  const Key key_;
  const std::string modulus_;
};

}  // namespace

Result<std::unique_ptr<SealedBox>> SealedBox::make() {
  Key key(EVP_RSA_gen(kBits), EVP_PKEY_free);
  BIGNUM* modulus = nullptr;
  if (!key || EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_RSA_N, &modulus) <= 0)
    return fail("no-key", "the system's cryptography library could not make a key", "OpenSSL");
  char* hex = BN_bn2hex(modulus);
  const std::string text = hex == nullptr ? "" : hex;
  OPENSSL_free(hex);
  BN_free(modulus);
  return std::unique_ptr<SealedBox>(std::make_unique<RsaBox>(std::move(key), text));
}

}  // namespace lakeshift::world

// A box that only its maker opens: a fresh key pair, whose private half never leaves this object.
// Others seal with the public half: RSA of 3072 bits with OAEP (SHA-256, MGF1 with SHA-256, empty
// label; RFC 8017, 7.1), block after block. Thread safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::world {

class SealedBox {
 public:
  static Result<std::unique_ptr<SealedBox>> make();
  virtual ~SealedBox() = default;
  virtual const std::string& modulus_hex() const = 0;  // the public half; the exponent is 65537
  // The plain text of one or more whole blocks. Error "not-sealed": damaged, or for another key.
  virtual Result<std::string> open(std::string_view blocks) const = 0;
};

}  // namespace lakeshift::world

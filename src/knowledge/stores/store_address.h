// Where a bucket or container is.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/world/world.h"

namespace lakeshift::stores {

struct StoreAddress {
  enum class Kind { s3, blob } kind = Kind::s3;
  std::string account;          // of Blob
  std::string bucket;           // or container
  std::string prefix;           // of all keys; empty or ending with '/'
  std::string endpoint;         // "https://s3.eu-west-1.amazonaws.com", without '/' at the end
  std::string region;           // of S3
  bool path_style = false;      // of S3: the bucket is in the path, not in the host
  std::string to_text() const;  // "s3://bucket/prefix/"
};

// True for s3://, az:// and https://ACCOUNT.blob.….
bool is_store_address(std::string_view text);

// "s3://bucket[/prefix][?region=…&endpoint=…]", "az://account/container[/prefix][?endpoint=…]" or
// "https://account.blob.core.windows.net/container[/prefix]". An endpoint of S3 is used with the
// bucket in the path. Error "bad-connection"; "secret-in-config" for a signature in the address.
Result<StoreAddress> parse_store_address(std::string_view text);

// The address of a configured side; empty: variable LAKESHIFT_<NAME>_URL. Error "no-address".
Result<StoreAddress> find_store_address(world::World& world, const std::string& name,
                                        const std::string& text);

}  // namespace lakeshift::stores

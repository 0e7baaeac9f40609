// A repository of an OCI registry. Source: OCI distribution specification 1.1.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/world/secret.h"
#include "core/world/world.h"

namespace lakeshift::stores {

struct RegistryAddress {
  std::string host;        // with port
  std::string repository;  // "team/app"
  bool plain_http = false;
  std::string to_text() const { return "oci://" + host + "/" + repository; }
};

bool is_registry_address(std::string_view text);  // oci://
// "oci://host[:port]/repository[?plain_http=true]". Error "bad-connection".
Result<RegistryAddress> parse_registry_address(std::string_view text);
// The address of a configured side; empty: variable LAKESHIFT_<NAME>_URL. Error "no-address".
Result<RegistryAddress> find_registry_address(world::World& world, const std::string& name,
                                              const std::string& text);

struct ImageManifest {
  std::string bytes, media_type;
  std::string digest;  // of the bytes, computed here
};

// Thread safe. Errors: "login-failed", "permission-denied", "not-found", "refused", "unreachable",
// "digest-differs" (what came is not what was asked for), "cancelled". Passing faults were tried
// again.
class Registry {
 public:
  // Name and password: variables <access>USER and <access>PASSWORD, or docker's config.json; none:
  // anonymous.
  Registry(RegistryAddress address, const std::string& access, world::World& world);

  const RegistryAddress& address() const { return address_; }
  Result<std::vector<std::string>> tags(world::Run& run);
  // By tag or digest; none: there is no such.
  Result<std::optional<ImageManifest>> manifest(const std::string& reference, world::Run& run);
  // The digest only, by the registry's word.
  Result<std::optional<std::string>> manifest_digest(const std::string& reference, world::Run& run);
  Status put_manifest(const std::string& reference, const ImageManifest& manifest, world::Run& run);
  // Digests of what refers to a manifest (signatures, attestations). None when the registry has no
  // such list: then they are tags, which are carried as tags.
  Result<std::vector<std::string>> referrers(const std::string& digest, world::Run& run);

  Result<bool> has_blob(const std::string& digest, world::Run& run);
  // Bytes from `offset` on, at most `length`; empty: there are no more.
  Result<std::string> read_blob(const std::string& digest, std::int64_t offset, std::int64_t length,
                                world::Run& run);
  // Carried over in pieces; the registry checks the digest of all. False: it was there (from
  // another repository of that registry, say).
  Result<bool> copy_blob_from(Registry& other, const std::string& digest, std::int64_t size,
                              world::Run& run);

 private:
  Result<world::HttpResponse> send(world::HttpRequest request, world::Run& run);
  Result<world::HttpResponse> call(const std::string& method, const std::string& path,
                                   world::Run& run, world::Headers headers = {},
                                   std::string body = {});
  std::string url_of(const std::string& path) const;
  Status log_in(const std::string& challenge, world::Run& run);
  std::string authorization() const;
  Error error_of(const world::HttpResponse& response, const std::string& about) const;

  const RegistryAddress address_;
  std::string user_, from_;
  world::Secret password_;
  mutable std::mutex mutex_;
  world::Secret authorization_;
};

std::string digest_of(std::string_view bytes);  // "sha256:…"

}  // namespace lakeshift::stores

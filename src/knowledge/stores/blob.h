// Azure Blob Storage. For use inside this folder and its tests.
#pragma once

#include <memory>

#include "core/world/secret.h"
#include "knowledge/stores/store.h"
#include "knowledge/stores/store_call.h"

namespace lakeshift::stores {

struct BlobKeys {
  world::Secret account_key, sas, token;  // one of them; SAS without '?'
  std::string from;                       // for people
};

// Signs and sends; shared by the store and its uploads.
class BlobCalls {
 public:
  BlobCalls(StoreAddress address, BlobKeys keys)
      : address_(std::move(address)), keys_(std::move(keys)) {}
  // `key` is the whole one; empty: the container itself. The query is percent-encoded.
  Result<world::HttpResponse> call(const std::string& method, const std::string& key,
                                   const std::string& query, world::Run& run,
                                   world::Headers headers = {}, std::string body = {}) const;
  const StoreAddress& address() const { return address_; }

 private:
  const StoreAddress address_;
  const BlobKeys keys_;
};

world::Headers blob_headers(const ObjectFields& fields);

// Blocks that were sent and not joined, of this version of the source's object.
Result<std::unique_ptr<BlockUpload>> begin_blob_upload(const BlobCalls& calls,
                                                       const std::string& key,
                                                       const std::string& version, world::Run& run);

// Stored access policies of the container, which shared access signatures refer to: what each
// allows, as JSON; and setting them. `only_read` takes the letters that write away.
Result<std::string> blob_policies(const BlobCalls& calls, const std::vector<std::string>& names,
                                  world::Run& run);
Status set_blob_policies(const BlobCalls& calls, const std::map<std::string, std::string>& allowed,
                         world::Run& run);
std::string only_read(std::string_view permissions);

// Names of metadata are identifiers of C# in Blob: other characters are written as _xHH_, and read
// back.
std::string to_blob_metadata_name(std::string_view name);
std::string from_blob_metadata_name(std::string_view name);

// Microsoft, "Naming and referencing containers, blobs, and metadata"; empty: it can be held.
std::string blob_name_trouble(std::string_view name);
// Microsoft, "Set Blob Tags": what tags may not be; empty: they can be held.
std::string blob_tags_trouble(const std::map<std::string, std::string>& tags);

Result<std::unique_ptr<ObjectStore>> open_blob_store(const StoreAddress& address,
                                                     const std::string& access, world::Run& run);

}  // namespace lakeshift::stores

// Amazon S3 and servers that speak its protocol. For use inside this folder.
#pragma once

#include <memory>

#include "knowledge/credentials/sigv4.h"
#include "knowledge/stores/store.h"
#include "knowledge/stores/store_call.h"

namespace lakeshift::stores {

// Signs and sends; shared by the store and its uploads.
class S3Calls {
 public:
  S3Calls(StoreAddress address, credentials::AwsKeys keys, std::string keys_from)
      : address_(std::move(address)), keys_(std::move(keys)), keys_from_(std::move(keys_from)) {}

  // `key` is the whole one; empty: the bucket itself. The query is percent-encoded.
  Result<world::HttpResponse> call(const std::string& method, const std::string& key,
                                   const std::string& query, world::Run& run,
                                   world::Headers headers = {}, std::string body = {}) const;
  const StoreAddress& address() const { return address_; }

 private:
  const StoreAddress address_;
  const credentials::AwsKeys keys_;
  const std::string keys_from_;  // for people
};

// Content headers, metadata, tags and storage class of a write.
world::Headers s3_headers(const ObjectFields& fields);

std::unique_ptr<BlockUpload> make_s3_upload(const S3Calls& calls, std::string key,
                                            std::string upload, world::Run& run);
// Aborts what earlier runs left of this key, and begins anew; the upload's id.
Result<std::string> begin_s3_upload(const S3Calls& calls, const std::string& key,
                                    const ObjectFields& fields, world::Run& run);

// A statement of the bucket's policy that denies `writers` (principals) every write.
Status fence_s3(const S3Calls& calls, const std::vector<std::string>& writers,
                const std::string& name, world::Run& run);
Status open_s3(const S3Calls& calls, const std::string& name, world::Run& run);

Result<std::unique_ptr<ObjectStore>> open_s3_store(const StoreAddress& address,
                                                   const std::string& access, world::Run& run);

}  // namespace lakeshift::stores

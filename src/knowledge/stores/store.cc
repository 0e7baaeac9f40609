#include "knowledge/stores/store.h"

#include "knowledge/stores/blob.h"
#include "knowledge/stores/s3.h"

namespace lakeshift::stores {

Result<std::unique_ptr<ObjectStore>> open_store(const StoreAddress& address,
                                                const std::string& access, world::Run& run) {
  switch (address.kind) {
    case StoreAddress::Kind::s3:
      return open_s3_store(address, access, run);
    case StoreAddress::Kind::blob:
      return open_blob_store(address, access, run);
  }
  return fail("bad-connection", "no such kind of store", address.to_text());
}

}  // namespace lakeshift::stores

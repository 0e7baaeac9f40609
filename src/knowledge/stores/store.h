// An object store as a move sees it: a bucket or container, or what is below a prefix of it. Keys
// are without that prefix.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/world/world.h"
#include "knowledge/stores/store_address.h"

namespace lakeshift::stores {

// Of a listing. `stamp` changes when the object is written: its etag and the time of the write.
struct ListedObject {
  std::string key;
  std::int64_t size = 0;
  std::string etag, stamp;
  std::string storage_class;  // as the store calls it
  bool is_folder = false;     // marks a folder and holds nothing
};

struct ListedPage {
  std::vector<ListedObject> objects;
  std::string next;  // for the next page; empty: this was the last
};

// What belongs to an object beside its bytes; what a store cannot hold is in ObjectStore::refusal.
struct ObjectFields {
  std::string content_type, content_encoding, content_disposition, content_language, cache_control;
  std::map<std::string, std::string> metadata;  // names in small letters
  std::string tier;  // "", "infrequent" or "cold": what is paid for keeping and for reading
  std::map<std::string, std::string> tags;
  std::vector<std::string> foreign;  // "expires: …": what no other store has
  bool operator==(const ObjectFields&) const = default;
};

struct ObjectPart {
  std::string bytes;
  ObjectFields fields;  // tags only when asked for
  std::string etag, stamp;
  std::int64_t size = 0;  // of the whole object
  bool young = false;     // written in the second of the answer: another write may look the same
};

struct Refusal {
  std::string code;  // "object-name-refused"
  std::string reason, remedy;
};

// What must hold of the object that is there, or nothing is written.
struct Condition {
  enum class Kind { absent, same } kind = Kind::absent;
  std::string etag;  // of `same`
};

struct Written {
  std::string etag;
};

// A large object in blocks. The blocks come in order; not thread safe.
class BlockUpload {
 public:
  virtual ~BlockUpload() = default;
  // Sends one block; the store checks its bytes. False: it was there already, from a run before.
  virtual Result<bool> send(std::int64_t number, const std::string& bytes) = 0;
  // Makes the object of all blocks. Error "changed" as of put.
  virtual Result<Written> finish(const ObjectFields& fields, const std::string& md5,
                                 const Condition& condition) = 0;
};

// Thread safe. Errors of all calls: "login-failed", "clock-skew", "bucket-missing",
// "wrong-region", "permission-denied", "unreachable", "cancelled"; "not-found", "changed" (a
// condition does not hold, or the object was written while it was read), "archived", "refused"
// (anything else the store does not take, in its own words). Passing faults were tried again.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual const StoreAddress& address() const = 0;

  virtual Result<ListedPage> list(const std::string& next, world::Run& run) = 0;
  // Bytes from `offset` on, at most `length`; of an object of exactly this etag unless it is empty.
  virtual Result<ObjectPart> read(const std::string& key, std::int64_t offset, std::int64_t length,
                                  const std::string& etag, bool with_tags, world::Run& run) = 0;
  virtual Result<Written> put(const std::string& key, const std::string& bytes,
                              const ObjectFields& fields, const Condition& condition,
                              world::Run& run) = 0;
  // `stamp` names the version that is copied: what another run sent of the same is used.
  virtual Result<std::unique_ptr<BlockUpload>> begin(const std::string& key,
                                                     const ObjectFields& fields,
                                                     const std::string& stamp,
                                                     std::int64_t block_size, world::Run& run) = 0;
  virtual Status remove(const std::string& key, const std::string& etag, world::Run& run) = 0;

  // Bytes of a block, so that an object of this size has not too many.
  virtual std::int64_t block_size(std::int64_t object_size) const = 0;
  // Why the store cannot hold a key, or an object's fields; none: it can.
  virtual std::optional<Refusal> name_refusal(const ListedObject& object) const = 0;
  virtual std::optional<Refusal> field_refusal(const ObjectFields& fields) const = 0;
  // Why the object cannot be read as it is (an archive): by its storage class.
  virtual Result<std::optional<Refusal>> read_refusal(const ListedObject& object,
                                                      world::Run& run) = 0;
  // Older versions and delete markers that stay behind; none: the store keeps none.
  virtual Result<std::int64_t> count_versions(world::Run& run) = 0;

  // Keeps the named writers from writing, or lets them write again. What writers_now() finds is
  // kept before fence(), and given to open(). All may be called again.
  virtual Result<std::string> writers_now(const std::vector<std::string>& writers,
                                          world::Run& run) = 0;
  virtual Status fence(const std::vector<std::string>& writers, const std::string& name,
                       world::Run& run) = 0;
  virtual Status open(const std::string& name, const std::string& kept, world::Run& run) = 0;
};

// By the address's scheme; `access` names the variables with its keys: "<access>ACCESS_KEY_ID" and
// such (docs/guide/move-objects.md). Error "no-credential" lists what was looked for.
Result<std::unique_ptr<ObjectStore>> open_store(const StoreAddress& address,
                                                const std::string& access, world::Run& run);

}  // namespace lakeshift::stores

// Longest-prefix rewriting of storage locations.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakeshift::clouds {

// One spelling for locations that name the same thing: lower-case scheme, s3a/s3n -> s3, wasb[s] on
// the blob endpoint
// -> abfss on the dfs endpoint, abfs -> abfss, /dbfs/x and dbfs:///x and /mnt/x -> dbfs:/x.
std::string canonical_location(std::string_view uri);

// The part of a location that a mapping table names: scheme and container or bucket
// ("s3://bucket").
std::string location_root(std::string_view uri);

struct StorageHit {
  std::string location;  // where it is in the target
  std::string prefix;    // the user's entry that matched
};

class StorageMap {
 public:
  explicit StorageMap(const std::map<std::string, std::string>& table);
  // A prefix matches at a boundary only: "s3://a/raw" is no prefix of "s3://a/rawdata".
  std::optional<StorageHit> map(std::string_view uri) const;
  bool has_paths() const {
    return has_paths_;
  }  // some entry is no URL of a cloud (dbfs:/, /Volumes/)

 private:
  struct Entry {
    std::string prefix, spelled, to;
  };
  std::vector<Entry> entries_;  // longest first
  bool has_paths_ = false;
};

// Places of storage URLs of any cloud in a text: offset and length, in order.
struct TextSpan {
  std::size_t offset, length;
};
std::vector<TextSpan> find_storage_urls(std::string_view text);
// The same for dbfs:/ paths and mount points (/mnt/…, /dbfs/…).
std::vector<TextSpan> find_file_paths(std::string_view text);

}  // namespace lakeshift::clouds

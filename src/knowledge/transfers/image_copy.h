// Container images carried between registries by digest: indexes with all that they name, manifests
// with their blobs, and what refers to them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "knowledge/stores/registry.h"

namespace lakeshift::transfers {

struct ImageLeft {
  std::string what, code, reason, remedy;
};

struct ImageReport {
  std::int64_t tags = 0, tags_equal = 0, tags_set = 0;
  std::int64_t manifests = 0, manifests_there = 0;
  std::int64_t blobs = 0, blobs_there = 0, bytes = 0;
  std::vector<ImageLeft> left;
  std::vector<std::string> differences;        // of compare_images
  std::map<std::string, std::string> digests;  // of the source's tags
};

struct ImageOptions {
  std::vector<std::string> leave_out;             // shell patterns of tags
  std::map<std::string, std::string> set_before;  // tags that were set there by this move
  std::size_t workers = 4;
  std::function<void(const ImageReport&)> progress;
};

// Children first, so that what is there is whole whenever it stops; a tag is set last. What is
// there already is not sent. A tag that somebody else set there is left.
Result<ImageReport> copy_images(stores::Registry& from, stores::Registry& to,
                                const ImageOptions& options, world::Run& run);

// Every tag of both sides by digest, and every manifest and blob that they need read from the
// target, and its digest computed.
Result<ImageReport> compare_images(stores::Registry& from, stores::Registry& to,
                                   const ImageOptions& options, world::Run& run);

}  // namespace lakeshift::transfers

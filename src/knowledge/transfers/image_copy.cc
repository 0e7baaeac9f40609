#include "knowledge/transfers/image_copy.h"

#include <algorithm>
#include <set>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/world/executor.h"

namespace lakeshift::transfers {

using stores::ImageManifest;
using stores::Registry;

namespace {

constexpr std::int64_t kPieceOfBlob = 8LL << 20;
constexpr int kDeepest = 8;  // indexes within indexes
constexpr std::string_view kFirstSchema = "application/vnd.docker.distribution.manifest.v1+";

struct BlobNeed {
  std::string digest;
  std::int64_t size = 0;
  bool elsewhere = false;  // it names addresses of its own: need not be in a registry
};

// What a manifest needs: manifests and blobs.
struct Needs {
  std::vector<std::string> manifests;
  std::vector<BlobNeed> blobs;
};

Result<Needs> needs_of(const ImageManifest& image) {
  LS_ASSIGN(const Json json, parse_json(image.bytes, image.digest));
  Needs needs;
  if (member(json, "manifests").is_array())
    for (const Json& one : member(json, "manifests"))
      needs.manifests.push_back(text_at(one, "digest"));
  const auto add = [&](const Json& one) {
    if (const std::string digest = text_at(one, "digest"); !digest.empty())
      needs.blobs.push_back({digest, int_at(one, "size"), member(one, "urls").is_array()});
  };
  add(member(json, "config"));
  for (const char* const list : {"layers", "blobs"})
    if (member(json, list).is_array())
      for (const Json& one : member(json, list)) add(one);
  return needs;
}

bool is_tag_left_out(const std::vector<std::string>& patterns, const std::string& tag) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_glob(tag, pattern); });
}

class ImageCopy {
 public:
  ImageCopy(Registry& from, Registry& to, const ImageOptions& options, world::Run& run)
      : from_(from), to_(to), options_(options), run_(run) {}

  Result<ImageReport> copy() {
    LS_ASSIGN(const std::vector<std::string> tags, from_.tags(run_));
    for (const std::string& tag : tags) {
      if (is_tag_left_out(options_.leave_out, tag)) continue;
      ++report_.tags;
      LS_TRY(copy_tag(tag));
      if (options_.progress) options_.progress(report_);
    }
    return std::move(report_);
  }

 private:
  void left(const std::string& what, const std::string& code, const std::string& reason,
            const std::string& remedy) {
    report_.left.push_back({what, code, reason, remedy});
  }

  Status copy_tag(const std::string& tag) {
    LS_ASSIGN(const std::optional<ImageManifest> image, from_.manifest(tag, run_));
    if (!image) return {};  // removed since it was listed
    LS_ASSIGN(const std::optional<std::string> there, to_.manifest_digest(tag, run_));
    report_.digests[tag] = image->digest;
    const bool equal = there && *there == image->digest;
    if (there && !equal) {
      const auto before = options_.set_before.find(tag);
      if (before == options_.set_before.end() || before->second != *there) {
        left(tag, "image-tag-taken", "the target's tag is " + *there + ", not from this move",
             "remove that tag there, or leave it out");
        report_.digests.erase(tag);
        return {};
      }
    }
    LS_ASSIGN(const bool whole, copy_tree(*image, 0));
    if (!whole) {
      report_.digests.erase(tag);
      return {};
    }
    if (equal) {
      ++report_.tags_equal;
      return {};
    }
    LS_TRY(to_.put_manifest(tag, *image, run_));
    ++report_.tags_set;
    return {};
  }

  // True: the target has it and all that it needs.
  Result<bool> copy_tree(const ImageManifest& image, int depth) {
    if (done_.contains(image.digest)) return true;
    if (depth > kDeepest || image.media_type.starts_with(kFirstSchema)) {
      left(image.digest, "image-manifest-refused", "it is of type " + image.media_type,
           "push it again with a present client");
      return false;
    }
    LS_ASSIGN(const Needs needs, needs_of(image));
    for (const std::string& digest : needs.manifests) {
      LS_ASSIGN(const std::optional<ImageManifest> child, from_.manifest(digest, run_));
      if (!child) {
        left(digest, "image-child-missing",
             "the source does not have what " + image.digest + " names",
             "push it again to the source, or leave the tag out");
        return false;
      }
      LS_ASSIGN(const bool whole, copy_tree(*child, depth + 1));
      if (!whole) return false;
    }
    LS_ASSIGN(const bool blobs, copy_blobs(needs.blobs));
    if (!blobs) return false;
    LS_ASSIGN(const std::optional<std::string> there, to_.manifest_digest(image.digest, run_));
    ++report_.manifests;
    if (there) {
      ++report_.manifests_there;
    } else {
      LS_TRY(to_.put_manifest(image.digest, image, run_));
    }
    done_.insert(image.digest);
    LS_ASSIGN(const std::vector<std::string> referrers, from_.referrers(image.digest, run_));
    for (const std::string& digest : referrers) {
      LS_ASSIGN(const std::optional<ImageManifest> referrer, from_.manifest(digest, run_));
      if (referrer) LS_TRY(copy_tree(*referrer, depth + 1));
    }
    return true;
  }

  Result<bool> copy_blobs(const std::vector<BlobNeed>& blobs) {
    world::Guarded<std::vector<std::pair<BlobNeed, Result<bool>>>> results;
    {
      world::Executor threads(options_.workers);
      world::TaskGroup group(threads);
      std::set<std::string> asked;
      for (const BlobNeed& blob : blobs) {
        if (done_.contains(blob.digest) || !asked.insert(blob.digest).second) continue;
        group.add([&, blob] {
          auto result = to_.copy_blob_from(from_, blob.digest, blob.size, run_);
          results.with([&](auto& all) { all.emplace_back(blob, std::move(result)); });
        });
      }
    }
    bool whole = true;
    for (auto& [blob, result] : results.with([](auto& all) { return std::move(all); })) {
      ++report_.blobs;
      if (!result && result.error().code == "not-found") {
        left(blob.digest, blob.elsewhere ? "image-foreign-layer" : "image-blob-missing",
             "the source does not have this blob",
             blob.elsewhere ? "it is fetched from elsewhere by who pulls it; accept the code"
                            : "push the image again to the source, or leave the tag out");
        whole = whole && blob.elsewhere;
        continue;
      }
      if (!result) return fail(result.error());
      report_.blobs_there += *result ? 0 : 1;
      report_.bytes += *result ? blob.size : 0;
      done_.insert(blob.digest);
    }
    return whole;
  }

  Registry& from_;
  Registry& to_;
  const ImageOptions& options_;
  world::Run& run_;
  ImageReport report_;
  std::set<std::string> done_;  // digests that the target has for sure
};

class ImageComparison {
 public:
  ImageComparison(Registry& from, Registry& to, const ImageOptions& options, world::Run& run)
      : from_(from), to_(to), options_(options), run_(run) {}

  Result<ImageReport> compare() {
    LS_ASSIGN(const std::vector<std::string> tags, from_.tags(run_));
    LS_ASSIGN(const std::vector<std::string> there, to_.tags(run_));
    const std::set<std::string> known(tags.begin(), tags.end());
    for (const std::string& tag : there)
      if (!known.contains(tag) && !is_tag_left_out(options_.leave_out, tag))
        report_.differences.push_back("tag '" + tag + "': only at the target");
    for (const std::string& tag : tags) {
      if (is_tag_left_out(options_.leave_out, tag)) continue;
      ++report_.tags;
      LS_ASSIGN(const std::optional<ImageManifest> here, from_.manifest(tag, run_));
      LS_ASSIGN(const std::optional<ImageManifest> copy, to_.manifest(tag, run_));
      if (!here) continue;
      report_.digests[tag] = here->digest;
      if (!copy)
        report_.differences.push_back("tag '" + tag + "': missing at the target");
      else if (copy->digest != here->digest)
        report_.differences.push_back("tag '" + tag + "': " + here->digest + " and " +
                                      copy->digest);
      else
        LS_TRY(look(*copy, 0));
    }
    return std::move(report_);
  }

 private:
  Status look(const ImageManifest& image, int depth) {
    if (depth > kDeepest || !done_.insert(image.digest).second) return {};
    ++report_.manifests;
    LS_ASSIGN(const Needs needs, needs_of(image));
    for (const std::string& digest : needs.manifests) {
      const auto child = to_.manifest(digest, run_);
      if (!child && child.error().code != "digest-differs") return fail(child.error());
      if (!child || !*child)
        report_.differences.push_back("manifest " + digest + ": " +
                                      (child ? "missing at the target" : child.error().message));
      else
        LS_TRY(look(**child, depth + 1));
    }
    for (const BlobNeed& blob : needs.blobs)
      if (done_.insert(blob.digest).second) LS_TRY(look_at_blob(blob));
    return {};
  }

  Status look_at_blob(const BlobNeed& blob) {
    ++report_.blobs;
    Digester digester(Digester::Kind::sha256);
    std::int64_t at = 0;
    while (at < blob.size) {
      const auto piece =
          to_.read_blob(blob.digest, at, std::min(kPieceOfBlob, blob.size - at), run_);
      if (!piece && piece.error().code == "not-found") {
        if (!blob.elsewhere)
          report_.differences.push_back("blob " + blob.digest + ": missing at the target");
        return {};
      }
      if (!piece) return fail(piece.error());
      if (piece->empty()) break;
      digester.add(*piece);
      at += static_cast<std::int64_t>(piece->size());
    }
    report_.bytes += at;
    const std::string read = "sha256:" + to_hex(digester.bytes());
    if (read != blob.digest && blob.digest.starts_with("sha256:"))
      report_.differences.push_back("blob " + blob.digest + ": the target gives " +
                                    std::to_string(at) + " bytes with digest " + read);
    return {};
  }

  Registry& from_;
  Registry& to_;
  const ImageOptions& options_;
  world::Run& run_;
  ImageReport report_;
  std::set<std::string> done_;
};

}  // namespace

Result<ImageReport> copy_images(Registry& from, Registry& to, const ImageOptions& options,
                                world::Run& run) {
  ImageCopy copy(from, to, options, run);
  return copy.copy();
}

Result<ImageReport> compare_images(Registry& from, Registry& to, const ImageOptions& options,
                                   world::Run& run) {
  ImageComparison comparison(from, to, options, run);
  return comparison.compare();
}

}  // namespace lakeshift::transfers

#include "knowledge/stores/blob.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/base/xml.h"
#include "knowledge/credentials/shared_key.h"

namespace lakeshift::stores {
namespace {

constexpr const char* kVersion = "2023-11-03";
constexpr std::int64_t kUsualBlobBlock = 8LL << 20;
constexpr std::int64_t kMostBlocks = 50'000;
constexpr std::size_t kMostBlobMetadata = 8192;
constexpr std::string_view kMeta = "x-ms-meta-";

std::string tier_of_access(const std::string& tier) {
  if (tier == "Cool") return "infrequent";
  return tier == "Cold" ? "cold" : "";
}

std::int64_t blob_number(const std::string& text) {
  return text.empty() ? 0 : std::strtoll(text.c_str(), nullptr, 10);
}

ObjectFields blob_fields(const world::HttpResponse& response) {
  ObjectFields fields;
  fields.content_type = header_of(response, "Content-Type");
  fields.content_encoding = header_of(response, "Content-Encoding");
  fields.content_disposition = header_of(response, "Content-Disposition");
  fields.content_language = header_of(response, "Content-Language");
  fields.cache_control = header_of(response, "Cache-Control");
  fields.tier = tier_of_access(header_of(response, "x-ms-access-tier"));
  for (const auto& [name, value] : response.headers)
    if (const std::string lower = to_lower(name); lower.starts_with(kMeta))
      fields.metadata[to_lower(from_blob_metadata_name(lower.substr(kMeta.size())))] = value;
  if (header_of(response, "x-ms-has-immutability-policy") == "true" ||
      header_of(response, "x-ms-legal-hold") == "true")
    fields.foreign.push_back("immutability policy or legal hold");
  return fields;
}

class BlobStore final : public ObjectStore {
 public:
  BlobStore(StoreAddress address, BlobKeys keys) : calls_(std::move(address), std::move(keys)) {}

  const StoreAddress& address() const override { return calls_.address(); }

  Result<ListedPage> list(const std::string& next, world::Run& run) override {
    std::string query = "restype=container&comp=list&maxresults=5000";
    if (!address().prefix.empty()) query += "&prefix=" + url_encode(address().prefix);
    if (!next.empty()) query += "&marker=" + url_encode(next);
    LS_ASSIGN(const auto response, calls_.call("GET", "", query, run));
    LS_ASSIGN(const XmlNode xml, parse_xml(response.body, address().to_text()));
    ListedPage page;
    page.next = xml.text_of("NextMarker");
    const XmlNode* const blobs = xml.child("Blobs");
    if (blobs == nullptr) return page;
    for (const XmlNode& node : blobs->children) {
      const XmlNode* const facts = node.child("Properties");
      const XmlNode* const name = node.child("Name");
      if (node.name != "Blob" || facts == nullptr || name == nullptr) continue;
      ListedObject object;
      object.key = name->attributes.contains("Encoded") ? url_decode(name->text) : name->text;
      object.key.erase(0, address().prefix.size());
      object.size = blob_number(facts->text_of("Content-Length"));
      object.etag = unquoted(facts->text_of("Etag"));
      object.stamp = object.etag;
      object.storage_class = facts->text_of("AccessTier");
      object.is_folder = facts->text_of("ResourceType") == "directory";
      page.objects.push_back(std::move(object));
    }
    return page;
  }

  Result<ObjectPart> read(const std::string& key, std::int64_t offset, std::int64_t length,
                          const std::string& etag, bool with_tags, world::Run& run) override {
    world::Headers headers;
    if (!etag.empty()) headers["If-Match"] = "\"" + etag + "\"";
    headers["Range"] = fmt::format("bytes={}-{}", offset, offset + length - 1);
    LS_ASSIGN(auto response, calls_.call("GET", whole(key), "", run, headers));
    if (response.status == 416) {  // it is empty
      headers.erase("Range");
      LS_ASSIGN(response, calls_.call("GET", whole(key), "", run, headers));
    }
    ObjectPart part;
    part.fields = blob_fields(response);
    part.etag = unquoted(header_of(response, "ETag"));
    part.stamp = part.etag;
    const std::string range = header_of(response, "Content-Range");
    const std::size_t slash = range.rfind('/');
    part.size = slash == std::string::npos ? static_cast<std::int64_t>(response.body.size())
                                           : blob_number(range.substr(slash + 1));
    part.bytes = std::move(response.body);
    const std::string count = header_of(response, "x-ms-tag-count");
    if (!with_tags || count.empty() || count == "0") return part;
    LS_ASSIGN(const auto tags, calls_.call("GET", whole(key), "comp=tags", run));
    LS_ASSIGN(const XmlNode xml, parse_xml(tags.body, address().to_text() + key));
    if (const XmlNode* const set = xml.child("TagSet"))
      for (const XmlNode& tag : set->children)
        part.fields.tags[tag.text_of("Key")] = tag.text_of("Value");
    return part;
  }

  Result<Written> put(const std::string& key, const std::string& bytes, const ObjectFields& fields,
                      const Condition& condition, world::Run& run) override {
    world::Headers headers = blob_headers(fields);
    add_condition(headers, condition);
    headers["x-ms-blob-type"] = "BlockBlob";
    headers["Content-MD5"] = base64_encode(md5(bytes));  // checked there
    LS_ASSIGN(const auto response, calls_.call("PUT", whole(key), "", run, headers, bytes));
    return Written{unquoted(header_of(response, "ETag"))};
  }

  Result<std::unique_ptr<BlockUpload>> begin(const std::string& key, const ObjectFields&,
                                             const std::string& stamp, std::int64_t block,
                                             world::Run& run) override {
    return begin_blob_upload(calls_, whole(key), stamp + "/" + std::to_string(block), run);
  }

  Status remove(const std::string& key, const std::string& etag, world::Run& run) override {
    const auto removed =
        calls_.call("DELETE", whole(key), "", run,
                    {{"If-Match", "\"" + etag + "\""}, {"x-ms-delete-snapshots", "include"}});
    if (removed || removed.error().code == "not-found") return {};
    return fail(removed.error());
  }

  std::int64_t block_size(std::int64_t object_size) const override {
    const std::int64_t least = (object_size + kMostBlocks - 1) / kMostBlocks;
    return std::max(kUsualBlobBlock, (least + (1 << 20) - 1) >> 20 << 20);
  }

  std::optional<Refusal> name_refusal(const ListedObject& object) const override {
    const std::string trouble = blob_name_trouble(whole(object.key));
    if (trouble.empty()) return std::nullopt;
    return Refusal{"object-name-refused", trouble, "rename it in the source"};
  }

  std::optional<Refusal> field_refusal(const ObjectFields& fields) const override {
    std::size_t size = 0;
    for (const auto& [name, value] : fields.metadata)
      size += to_blob_metadata_name(name).size() + value.size();
    if (size > kMostBlobMetadata)
      return Refusal{"object-metadata-refused",
                     fmt::format("its metadata has {} bytes, 8,192 are possible", size),
                     "take some of its metadata away"};
    if (const std::string trouble = blob_tags_trouble(fields.tags); !trouble.empty())
      return Refusal{"object-tags-refused", trouble, "change its tags in the source"};
    return std::nullopt;
  }

  Result<std::optional<Refusal>> read_refusal(const ListedObject& object, world::Run&) override {
    if (object.storage_class != "Archive") return std::optional<Refusal>();
    return std::optional(Refusal{"object-archived", "it is in access tier Archive",
                                 "az storage blob set-tier --tier Hot --container-name " +
                                     address().bucket + " --name '" + printable(whole(object.key)) +
                                     "', wait, run again"});
  }

  Result<std::int64_t> count_versions(world::Run& run) override {
    std::int64_t count = 0;
    for (std::string next;;) {
      std::string query = "restype=container&comp=list&maxresults=5000&include=snapshots,versions";
      if (!address().prefix.empty()) query += "&prefix=" + url_encode(address().prefix);
      if (!next.empty()) query += "&marker=" + url_encode(next);
      LS_ASSIGN(const auto response, calls_.call("GET", "", query, run));
      LS_ASSIGN(const XmlNode xml, parse_xml(response.body, address().to_text()));
      if (const XmlNode* const blobs = xml.child("Blobs"))
        for (const XmlNode& node : blobs->children)
          if (node.child("Snapshot") != nullptr ||
              (node.child("VersionId") != nullptr && node.text_of("IsCurrentVersion") != "true"))
            ++count;
      next = xml.text_of("NextMarker");
      if (next.empty()) return count;
    }
  }

  Result<std::string> writers_now(const std::vector<std::string>& writers,
                                  world::Run& run) override {
    return blob_policies(calls_, writers, run);
  }
  Status fence(const std::vector<std::string>& writers, const std::string&,
               world::Run& run) override {
    LS_ASSIGN(const std::string now, blob_policies(calls_, writers, run));
    LS_ASSIGN(const Json json, parse_json(now, "policies"));
    std::map<std::string, std::string> allowed;
    for (const auto& [name, value] : json.items()) allowed[name] = only_read(scalar_text(value));
    return set_blob_policies(calls_, allowed, run);
  }
  Status open(const std::string&, const std::string& kept, world::Run& run) override {
    if (kept.empty()) return {};
    LS_ASSIGN(const Json json, parse_json(kept, "policies"));
    std::map<std::string, std::string> allowed;
    for (const auto& [name, value] : json.items()) allowed[name] = scalar_text(value);
    return set_blob_policies(calls_, allowed, run);
  }

 private:
  std::string whole(const std::string& key) const { return address().prefix + key; }
  const BlobCalls calls_;
};

}  // namespace

Result<world::HttpResponse> BlobCalls::call(const std::string& method, const std::string& key,
                                            const std::string& query, world::Run& run,
                                            world::Headers headers, std::string body) const {
  world::HttpRequest request;
  request.method = method;
  std::string words = query;
  if (!keys_.sas.empty()) words += (words.empty() ? "" : "&") + std::string(keys_.sas.reveal());
  request.url = address_.endpoint + "/" + address_.bucket +
                (key.empty() ? "" : "/" + url_encode(key, true)) +
                (words.empty() ? "" : "?" + words);
  request.headers = std::move(headers);
  request.headers["x-ms-version"] = kVersion;
  if (method == "PUT" && !request.headers.contains("Content-Type"))
    request.headers["Content-Type"] = "application/octet-stream";
  request.body = std::move(body);
  const Signer sign = [&](world::HttpRequest& one) -> Status {
    const world::Instant now = run.world.clock.now();
    if (!keys_.account_key.empty())
      return credentials::sign_shared_key(one, address_.account, keys_.account_key, now);
    one.headers["x-ms-date"] = credentials::http_date(now);
    if (!keys_.token.empty())
      one.headers["Authorization"] = "Bearer " + std::string(keys_.token.reveal());
    return {};
  };
  return call_store(std::move(request), sign,
                    {"az://" + address_.account + "/" + address_.bucket + "/" + printable(key),
                     "check the key, the signature or the token (" + keys_.from + ")"},
                    run);
}

world::Headers blob_headers(const ObjectFields& fields) {
  world::Headers headers;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) headers[name] = value;
  };
  add("x-ms-blob-content-type", fields.content_type);
  add("x-ms-blob-content-encoding", fields.content_encoding);
  add("x-ms-blob-content-disposition", fields.content_disposition);
  add("x-ms-blob-content-language", fields.content_language);
  add("x-ms-blob-cache-control", fields.cache_control);
  add("x-ms-access-tier", fields.tier == "infrequent" ? "Cool"
                          : fields.tier == "cold"     ? "Cold"
                                                      : "");
  for (const auto& [name, value] : fields.metadata)
    headers[std::string(kMeta) + to_blob_metadata_name(name)] = value;
  add("x-ms-tags", tags_text(fields));
  return headers;
}

Result<std::unique_ptr<ObjectStore>> open_blob_store(const StoreAddress& address,
                                                     const std::string& access, world::Run& run) {
  const auto variable = [&](const std::string& name) {
    return run.world.environment.variable(name).value_or("");
  };
  BlobKeys keys;
  for (const std::string& prefix : {access, std::string("AZURE_STORAGE_")}) {
    const bool own = prefix == access;
    const std::string names[] = {prefix + (own ? "ACCOUNT_KEY" : "KEY"),
                                 prefix + (own ? "SAS" : "SAS_TOKEN"),
                                 prefix + (own ? "TOKEN" : "OAUTH_TOKEN")};
    world::Secret* const values[] = {&keys.account_key, &keys.sas, &keys.token};
    for (std::size_t i = 0; i < std::size(names) && keys.from.empty(); ++i) {
      const std::string value = variable(names[i]);
      if (value.empty()) continue;
      *values[i] = world::Secret(value.starts_with('?') ? value.substr(1) : value);
      keys.from = names[i];
    }
  }
  if (keys.from.empty())
    return fail("no-credential",
                "no key: looked for " + access +
                    "ACCOUNT_KEY, …SAS and …TOKEN, and "
                    "AZURE_STORAGE_KEY and AZURE_STORAGE_SAS_TOKEN",
                address.to_text(), "set one of them");
  return std::make_unique<BlobStore>(address, std::move(keys));
}

}  // namespace lakeshift::stores

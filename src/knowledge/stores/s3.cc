#include "knowledge/stores/s3.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/base/xml.h"

namespace lakeshift::stores {
namespace {

constexpr std::int64_t kUsualPart = 8LL << 20;
constexpr std::int64_t kMostParts = 10'000;
constexpr std::int64_t kLargest = 5LL << 40;
constexpr std::size_t kLongestKey = 1024;
constexpr std::size_t kMostS3Metadata = 2048;
constexpr std::size_t kMostS3Tags = 10;
constexpr const char* kForeign[] = {"Expires", "x-amz-website-redirect-location",
                                    "x-amz-object-lock-mode", "x-amz-object-lock-legal-hold"};

std::string class_of(const std::string& storage_class) {
  if (storage_class == "STANDARD_IA" || storage_class == "ONEZONE_IA") return "infrequent";
  return storage_class == "GLACIER_IR" ? "cold" : "";
}

std::int64_t s3_number_of(const std::string& text) {
  return text.empty() ? 0 : std::strtoll(text.c_str(), nullptr, 10);
}

std::string stamp_of(const std::string& etag, long long written) {
  return etag + "|" + std::to_string(written);
}

ObjectFields s3_fields_of(const world::HttpResponse& response) {
  ObjectFields fields;
  fields.content_type = header_of(response, "Content-Type");
  fields.content_encoding = header_of(response, "Content-Encoding");
  fields.content_disposition = header_of(response, "Content-Disposition");
  fields.content_language = header_of(response, "Content-Language");
  fields.cache_control = header_of(response, "Cache-Control");
  fields.tier = class_of(header_of(response, "x-amz-storage-class"));
  constexpr std::string_view kS3Meta = "x-amz-meta-";
  for (const auto& [name, value] : response.headers)
    if (const std::string lower = to_lower(name); lower.starts_with(kS3Meta))
      fields.metadata[lower.substr(kS3Meta.size())] = value;
  for (const char* const name : kForeign)
    if (const std::string value = header_of(response, name); !value.empty())
      fields.foreign.push_back(to_lower(name) + ": " + value);
  return fields;
}

class S3Store final : public ObjectStore {
 public:
  S3Store(StoreAddress address, credentials::AwsKeys keys, std::string keys_from)
      : calls_(std::move(address), std::move(keys), std::move(keys_from)) {}

  const StoreAddress& address() const override { return calls_.address(); }

  Result<ListedPage> list(const std::string& next, world::Run& run) override {
    std::string query = "encoding-type=url&list-type=2&max-keys=1000";
    if (!address().prefix.empty()) query += "&prefix=" + url_encode(address().prefix);
    if (!next.empty()) query += "&continuation-token=" + url_encode(next);
    LS_ASSIGN(const auto response, calls_.call("GET", "", query, run));
    LS_ASSIGN(const XmlNode xml, parse_xml(response.body, address().to_text()));
    const bool encoded = xml.text_of("EncodingType") == "url";
    ListedPage page;
    for (const XmlNode& node : xml.children) {
      if (node.name != "Contents") continue;
      ListedObject object;
      object.key = node.text_of("Key");
      if (encoded) object.key = url_decode(object.key);
      object.key.erase(0, address().prefix.size());
      object.size = s3_number_of(node.text_of("Size"));
      object.etag = unquoted(node.text_of("ETag"));
      object.stamp = stamp_of(object.etag, seconds_of(node.text_of("LastModified")));
      object.storage_class = node.text_of("StorageClass");
      object.is_folder = object.size == 0 && (object.key.empty() || object.key.ends_with('/'));
      page.objects.push_back(std::move(object));
    }
    if (xml.text_of("IsTruncated") == "true") page.next = xml.text_of("NextContinuationToken");
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
    part.fields = s3_fields_of(response);
    part.etag = unquoted(header_of(response, "ETag"));
    const long long written = seconds_of(header_of(response, "Last-Modified"));
    part.stamp = stamp_of(part.etag, written);
    part.young = seconds_of(header_of(response, "Date")) - written < 2;
    const std::string range = header_of(response, "Content-Range");
    const std::size_t slash = range.rfind('/');
    part.size = slash == std::string::npos ? static_cast<std::int64_t>(response.body.size())
                                           : s3_number_of(range.substr(slash + 1));
    part.bytes = std::move(response.body);
    const std::string count = header_of(response, "x-amz-tagging-count");
    if (with_tags && !count.empty() && count != "0") LS_TRY(read_tags(key, part, run));
    return part;
  }

  Result<Written> put(const std::string& key, const std::string& bytes, const ObjectFields& fields,
                      const Condition& condition, world::Run& run) override {
    world::Headers headers = s3_headers(fields);
    add_condition(headers, condition);
    LS_ASSIGN(const auto response, calls_.call("PUT", whole(key), "", run, headers, bytes));
    return Written{unquoted(header_of(response, "ETag"))};
  }

  Result<std::unique_ptr<BlockUpload>> begin(const std::string& key, const ObjectFields& fields,
                                             const std::string&, std::int64_t,
                                             world::Run& run) override {
    LS_ASSIGN(const std::string upload, begin_s3_upload(calls_, whole(key), fields, run));
    return make_s3_upload(calls_, whole(key), upload, run);
  }

  Status remove(const std::string& key, const std::string& etag, world::Run& run) override {
    const auto removed =
        calls_.call("DELETE", whole(key), "", run, {{"If-Match", "\"" + etag + "\""}});
    if (removed || removed.error().code == "not-found") return {};
    if (removed.error().http_status != 501) return fail(removed.error());
    // The condition is not known there: looked at just before.
    LS_ASSIGN(const auto head, calls_.call("HEAD", whole(key), "", run));
    if (unquoted(header_of(head, "ETag")) != etag)
      return fail("changed", "it was written meanwhile", address().to_text() + key);
    LS_TRY(calls_.call("DELETE", whole(key), "", run));
    return {};
  }

  std::int64_t block_size(std::int64_t object_size) const override {
    const std::int64_t least = (object_size + kMostParts - 1) / kMostParts;
    return std::max(kUsualPart, (least + (1 << 20) - 1) >> 20 << 20);
  }

  std::optional<Refusal> name_refusal(const ListedObject& object) const override {
    if (whole(object.key).size() > kLongestKey)
      return Refusal{"object-name-refused", "its key is longer than 1,024 bytes",
                     "give it a shorter name"};
    if (object.size > kLargest)
      return Refusal{"object-too-large", "it is larger than 5 TiB", "split it"};
    return std::nullopt;
  }

  std::optional<Refusal> field_refusal(const ObjectFields& fields) const override {
    std::size_t size = 0;
    for (const auto& [name, value] : fields.metadata) size += name.size() + value.size();
    if (size > kMostS3Metadata)
      return Refusal{"object-metadata-refused",
                     fmt::format("its metadata has {} bytes, 2,048 are possible", size),
                     "take some of its metadata away"};
    if (fields.tags.size() > kMostS3Tags)
      return Refusal{"object-tags-refused", "it has more than 10 tags", "take some away"};
    return std::nullopt;
  }

  Result<std::optional<Refusal>> read_refusal(const ListedObject& object,
                                              world::Run& run) override {
    if (object.storage_class != "GLACIER" && object.storage_class != "DEEP_ARCHIVE")
      return std::optional<Refusal>();
    LS_ASSIGN(const auto head, calls_.call("HEAD", whole(object.key), "", run));
    if (contains(header_of(head, "x-amz-restore"), "ongoing-request=\"false\""))
      return std::optional<Refusal>();
    return std::optional(
        Refusal{"object-archived", "it is in storage class " + object.storage_class,
                "aws s3api restore-object --bucket " + address().bucket + " --key '" +
                    printable(whole(object.key)) + "' --restore-request Days=7, wait, run again"});
  }

  Result<std::int64_t> count_versions(world::Run& run) override {
    LS_ASSIGN(const auto setting, calls_.call("GET", "", "versioning=", run));
    LS_ASSIGN(const XmlNode status, parse_xml(setting.body, address().to_text()));
    if (status.text_of("Status").empty()) return 0;
    std::int64_t count = 0;
    for (std::string key, version;;) {
      std::string query = "encoding-type=url&max-keys=1000&versions=";
      if (!address().prefix.empty()) query += "&prefix=" + url_encode(address().prefix);
      if (!key.empty()) query += "&key-marker=" + url_encode(key);
      if (!version.empty()) query += "&version-id-marker=" + url_encode(version);
      LS_ASSIGN(const auto response, calls_.call("GET", "", query, run));
      LS_ASSIGN(const XmlNode xml, parse_xml(response.body, address().to_text()));
      for (const XmlNode& node : xml.children)
        if (node.name == "DeleteMarker" ||
            (node.name == "Version" && node.text_of("IsLatest") != "true"))
          ++count;
      if (xml.text_of("IsTruncated") != "true") return count;
      key = url_decode(xml.text_of("NextKeyMarker"));
      version = xml.text_of("NextVersionIdMarker");
    }
  }

  Result<std::string> writers_now(const std::vector<std::string>&, world::Run&) override {
    return std::string();  // a statement of our own is added and taken away
  }
  Status fence(const std::vector<std::string>& writers, const std::string& name,
               world::Run& run) override {
    return fence_s3(calls_, writers, name, run);
  }
  Status open(const std::string& name, const std::string&, world::Run& run) override {
    return open_s3(calls_, name, run);
  }

 private:
  std::string whole(const std::string& key) const { return address().prefix + key; }

  Status read_tags(const std::string& key, ObjectPart& part, world::Run& run) {
    LS_ASSIGN(const auto response, calls_.call("GET", whole(key), "tagging=", run));
    LS_ASSIGN(const XmlNode xml, parse_xml(response.body, address().to_text() + key));
    if (const XmlNode* const set = xml.child("TagSet"))
      for (const XmlNode& tag : set->children)
        part.fields.tags[tag.text_of("Key")] = tag.text_of("Value");
    return {};
  }

  const S3Calls calls_;
};

// A profile of the file that Amazon's own tools read.
std::map<std::string, std::string> read_profile(world::World& world, const std::string& name) {
  const std::string file = world.environment.variable("AWS_SHARED_CREDENTIALS_FILE")
                               .value_or(world.environment.home() + "/.aws/credentials");
  std::map<std::string, std::string> values;
  const auto text = world.files.read(file);
  if (!text) return values;
  bool inside = false;
  for (const std::string& raw : split(*text, '\n')) {
    const std::string_view line = trim(raw);
    const std::size_t equals = line.find('=');
    if (line.starts_with('['))
      inside = line == "[" + name + "]";
    else if (inside && equals != std::string_view::npos && !line.starts_with('#'))
      values[std::string(trim(line.substr(0, equals)))] =
          std::string(trim(line.substr(equals + 1)));
  }
  return values;
}

}  // namespace

Result<world::HttpResponse> S3Calls::call(const std::string& method, const std::string& key,
                                          const std::string& query, world::Run& run,
                                          world::Headers headers, std::string body) const {
  world::HttpRequest request;
  request.method = method;
  request.url = address_.endpoint + (address_.path_style ? "/" + address_.bucket : "") +
                (key.empty() && address_.path_style ? "" : "/" + url_encode(key, true)) +
                (query.empty() ? "" : "?" + query);
  request.headers = std::move(headers);
  if (!body.empty() && !request.headers.contains("Content-Type"))
    request.headers["Content-Type"] = "application/octet-stream";
  request.body = std::move(body);
  const Signer sign = [&](world::HttpRequest& one) -> Status {
    credentials::sign_v4(one, keys_, address_.region, "s3", run.world.clock.now());
    return {};
  };
  return call_store(
      std::move(request), sign,
      {"s3://" + address_.bucket + "/" + printable(key), "check the keys (" + keys_from_ + ")"},
      run);
}

world::Headers s3_headers(const ObjectFields& fields) {
  world::Headers headers;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) headers[name] = value;
  };
  headers["Content-Type"] =
      fields.content_type.empty() ? "binary/octet-stream" : fields.content_type;
  add("Content-Encoding", fields.content_encoding);
  add("Content-Disposition", fields.content_disposition);
  add("Content-Language", fields.content_language);
  add("Cache-Control", fields.cache_control);
  add("x-amz-storage-class", fields.tier == "infrequent" ? "STANDARD_IA"
                             : fields.tier == "cold"     ? "GLACIER_IR"
                                                         : "");
  for (const auto& [name, value] : fields.metadata) headers["x-amz-meta-" + name] = value;
  add("x-amz-tagging", tags_text(fields));
  return headers;
}

Result<std::unique_ptr<ObjectStore>> open_s3_store(const StoreAddress& address,
                                                   const std::string& access, world::Run& run) {
  const auto variable = [&](const std::string& name) {
    return run.world.environment.variable(name).value_or("");
  };
  credentials::AwsKeys keys;
  std::string from = access + "ACCESS_KEY_ID";
  keys.access_key = variable(from);
  keys.secret_key = world::Secret(variable(access + "SECRET_ACCESS_KEY"));
  keys.session_token = world::Secret(variable(access + "SESSION_TOKEN"));
  if (keys.access_key.empty()) {
    from = "AWS_ACCESS_KEY_ID";
    keys.access_key = variable(from);
    keys.secret_key = world::Secret(variable("AWS_SECRET_ACCESS_KEY"));
    keys.session_token = world::Secret(variable("AWS_SESSION_TOKEN"));
  }
  if (keys.access_key.empty()) {
    const std::string profile = variable("AWS_PROFILE");
    from = profile.empty() ? "default" : profile;
    std::map<std::string, std::string> values = read_profile(run.world, from);
    from = "profile '" + from + "'";
    keys.access_key = values["aws_access_key_id"];
    keys.secret_key = world::Secret(values["aws_secret_access_key"]);
    keys.session_token = world::Secret(values["aws_session_token"]);
  }
  if (keys.access_key.empty() || keys.secret_key.empty())
    return fail("no-credential",
                "no keys: looked for " + access +
                    "ACCESS_KEY_ID and …SECRET_ACCESS_KEY, "
                    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and " +
                    from + " of ~/.aws/credentials",
                address.to_text(), "set one of them");
  return std::make_unique<S3Store>(address, std::move(keys), from);
}

}  // namespace lakeshift::stores

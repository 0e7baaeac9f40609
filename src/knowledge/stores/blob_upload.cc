// Large blobs in blocks, and the container's stored access policies.
#include <set>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/base/xml.h"
#include "knowledge/stores/blob.h"

namespace lakeshift::stores {
namespace {

constexpr std::size_t kVersionBytes = 12;

class BlobUpload final : public BlockUpload {
 public:
  BlobUpload(const BlobCalls& calls, std::string key, std::string version,
             std::set<std::string> there, world::Run& run)
      : calls_(calls),
        key_(std::move(key)),
        version_(std::move(version)),
        there_(std::move(there)),
        run_(run) {}

  Result<bool> send(std::int64_t number, const std::string& bytes) override {
    ids_.push_back(id_of(number));
    // A block's name says which bytes of which version it has: whoever sent it, they are the same.
    if (there_.contains(ids_.back())) return false;
    LS_TRY(calls_.call("PUT", key_, "comp=block&blockid=" + url_encode(ids_.back()), run_,
                       {{"Content-MD5", base64_encode(md5(bytes))}}, bytes));
    return true;
  }

  Result<Written> finish(const ObjectFields& fields, const std::string& whole_md5,
                         const Condition& condition) override {
    std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
    for (const std::string& id : ids_) body += "<Uncommitted>" + id + "</Uncommitted>";
    body += "</BlockList>";
    world::Headers headers = blob_headers(fields);
    add_condition(headers, condition);
    headers["x-ms-blob-content-md5"] = base64_encode(whole_md5);
    headers["Content-MD5"] = base64_encode(md5(body));
    LS_ASSIGN(const auto response, calls_.call("PUT", key_, "comp=blocklist", run_, headers, body));
    return Written{unquoted(header_of(response, "ETag"))};
  }

 private:
  std::string id_of(std::int64_t number) const {
    std::string raw = version_;
    for (int shift = 24; shift >= 0; shift -= 8) raw += static_cast<char>(number >> shift & 0xFF);
    return base64_encode(raw);
  }

  const BlobCalls& calls_;
  const std::string key_, version_;
  const std::set<std::string> there_;
  world::Run& run_;
  std::vector<std::string> ids_;
};

std::string policies_body(const std::vector<XmlNode>& identifiers) {
  std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><SignedIdentifiers>";
  for (const XmlNode& one : identifiers) {
    body += "<SignedIdentifier><Id>" + xml_escape(one.text_of("Id")) + "</Id><AccessPolicy>";
    if (const XmlNode* const policy = one.child("AccessPolicy"))
      for (const XmlNode& part : policy->children)
        if (!part.text.empty())
          body += "<" + part.name + ">" + xml_escape(part.text) + "</" + part.name + ">";
    body += "</AccessPolicy></SignedIdentifier>";
  }
  return body + "</SignedIdentifiers>";
}

struct Policies {
  std::vector<XmlNode> identifiers;
  std::string public_access;
};

Result<Policies> read_policies(const BlobCalls& calls, world::Run& run) {
  LS_ASSIGN(const auto response, calls.call("GET", "", "restype=container&comp=acl", run));
  LS_ASSIGN(XmlNode xml, parse_xml(response.body, calls.address().to_text()));
  return Policies{std::move(xml.children), header_of(response, "x-ms-blob-public-access")};
}

std::string* permission_of(XmlNode& identifier) {
  for (XmlNode& policy : identifier.children) {
    if (policy.name != "AccessPolicy") continue;
    for (XmlNode& part : policy.children)
      if (part.name == "Permission") return &part.text;
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<BlockUpload>> begin_blob_upload(const BlobCalls& calls,
                                                       const std::string& key,
                                                       const std::string& version,
                                                       world::Run& run) {
  Digester digester(Digester::Kind::sha256);
  digester.add(version);
  std::set<std::string> there;
  const auto list = calls.call("GET", key, "comp=blocklist&blocklisttype=uncommitted", run);
  if (!list && list.error().code != "not-found") return fail(list.error());
  if (list) {
    LS_ASSIGN(const XmlNode xml, parse_xml(list->body, key));
    if (const XmlNode* const blocks = xml.child("UncommittedBlocks"))
      for (const XmlNode& block : blocks->children) there.insert(block.text_of("Name"));
  }
  return std::make_unique<BlobUpload>(calls, key, digester.bytes().substr(0, kVersionBytes),
                                      std::move(there), run);
}

Result<std::string> blob_policies(const BlobCalls& calls, const std::vector<std::string>& names,
                                  world::Run& run) {
  LS_ASSIGN(Policies now, read_policies(calls, run));
  Json allowed = Json::object();
  for (XmlNode& identifier : now.identifiers)
    if (const std::string* const permission = permission_of(identifier))
      allowed[identifier.text_of("Id")] = *permission;
  Json named = Json::object();
  for (const std::string& name : names) {
    if (!allowed.contains(name))
      return fail("not-found", "the container has no stored access policy '" + name + "'",
                  calls.address().to_text(),
                  "make it (az storage container policy create), and let the applications' shared "
                  "access signatures refer to it");
    named[name] = allowed[name];
  }
  return dump_json(named);
}

Status set_blob_policies(const BlobCalls& calls, const std::map<std::string, std::string>& allowed,
                         world::Run& run) {
  LS_ASSIGN(Policies now, read_policies(calls, run));
  bool changes = false;
  for (XmlNode& identifier : now.identifiers) {
    const auto found = allowed.find(identifier.text_of("Id"));
    std::string* const permission = permission_of(identifier);
    if (found == allowed.end() || permission == nullptr || *permission == found->second) continue;
    *permission = found->second;
    changes = true;
  }
  if (!changes) return {};
  world::Headers headers = {{"Content-Type", "application/xml"}};
  if (!now.public_access.empty()) headers["x-ms-blob-public-access"] = now.public_access;
  LS_TRY(calls.call("PUT", "", "restype=container&comp=acl", run, headers,
                    policies_body(now.identifiers)));
  return {};
}

}  // namespace lakeshift::stores

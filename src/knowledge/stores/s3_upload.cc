// Large objects in parts.
#include "core/base/strings.h"
#include "core/base/xml.h"
#include "knowledge/stores/s3.h"

namespace lakeshift::stores {
namespace {

class S3Upload final : public BlockUpload {
 public:
  S3Upload(const S3Calls& calls, std::string key, std::string upload, world::Run& run)
      : calls_(calls), key_(std::move(key)), upload_(std::move(upload)), run_(run) {}

  Result<bool> send(std::int64_t number, const std::string& bytes) override {
    const std::string query =
        "partNumber=" + std::to_string(number + 1) + "&uploadId=" + url_encode(upload_);
    LS_ASSIGN(const auto response, calls_.call("PUT", key_, query, run_, {}, bytes));
    etags_.push_back(header_of(response, "ETag"));
    return true;
  }

  Result<Written> finish(const ObjectFields&, const std::string&,
                         const Condition& condition) override {
    std::string body = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < etags_.size(); ++i)
      body += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" +
              xml_escape(etags_[i]) + "</ETag></Part>";
    body += "</CompleteMultipartUpload>";
    world::Headers headers = {{"Content-Type", "application/xml"}};
    add_condition(headers, condition);
    LS_ASSIGN(const auto response,
              calls_.call("POST", key_, "uploadId=" + url_encode(upload_), run_, headers, body));
    LS_ASSIGN(const XmlNode xml, parse_xml(response.body, key_));
    // An answer of 200 may be an error: the status is sent before the parts are joined.
    if (xml.name == "Error")
      return fail(Error{"unreachable", "joining the parts failed: " + xml.text_of("Code"),
                        "s3://" + calls_.address().bucket + "/" + printable(key_), "run again",
                        Retry::later});
    return Written{unquoted(xml.text_of("ETag"))};
  }

 private:
  const S3Calls& calls_;
  const std::string key_, upload_;
  world::Run& run_;
  std::vector<std::string> etags_;
};

}  // namespace

std::unique_ptr<BlockUpload> make_s3_upload(const S3Calls& calls, std::string key,
                                            std::string upload, world::Run& run) {
  return std::make_unique<S3Upload>(calls, std::move(key), std::move(upload), run);
}

Result<std::string> begin_s3_upload(const S3Calls& calls, const std::string& key,
                                    const ObjectFields& fields, world::Run& run) {
  LS_ASSIGN(const auto left, calls.call("GET", "", "prefix=" + url_encode(key) + "&uploads=", run));
  LS_ASSIGN(const XmlNode uploads, parse_xml(left.body, key));
  for (const XmlNode& node : uploads.children) {
    if (node.name != "Upload" || node.text_of("Key") != key) continue;
    const auto aborted =
        calls.call("DELETE", key, "uploadId=" + url_encode(node.text_of("UploadId")), run);
    if (!aborted && aborted.error().code != "not-found") return fail(aborted.error());
  }
  LS_ASSIGN(const auto response, calls.call("POST", key, "uploads=", run, s3_headers(fields)));
  LS_ASSIGN(const XmlNode xml, parse_xml(response.body, key));
  return xml.text_of("UploadId");
}

}  // namespace lakeshift::stores

#include "knowledge/stores/store_address.h"

#include "core/base/strings.h"
#include "knowledge/credentials/credential.h"

namespace lakeshift::stores {
namespace {

constexpr std::string_view kS3 = "s3://";
constexpr std::string_view kBlob = "az://";
constexpr std::string_view kHttps = "https://";

tl::unexpected<Error> bad_address(const std::string& message) {
  return fail("bad-connection", message, "address",
              "write it as s3://bucket/prefix?region=eu-west-1 or az://account/container/prefix; "
              "?endpoint=https://… names a server of your own");
}

bool is_blob_url(std::string_view text) {
  if (!text.starts_with(kHttps)) return false;
  const std::string_view host =
      text.substr(kHttps.size(), text.find('/', kHttps.size()) - kHttps.size());
  return host.find(".blob.") != std::string_view::npos;
}

Status read_words(std::string_view text, StoreAddress& address) {
  for (const std::string& word : split(text, '&')) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value =
        equals == std::string::npos ? "" : url_decode(word.substr(equals + 1));
    if (name == "sig" || name == "X-Amz-Signature")
      return fail("secret-in-config", "the address holds a signature", "address",
                  "take it out, and set it in the variable that ends with _SAS");
    if (name == "endpoint" && (value.starts_with("https://") || value.starts_with("http://")))
      address.endpoint = value.ends_with('/') ? value.substr(0, value.size() - 1) : value;
    else if (name == "region" && address.kind == StoreAddress::Kind::s3)
      address.region = value;
    else
      return bad_address("an address of objects has no '" + printable(word) +
                         "'; known: endpoint (http…), region");
  }
  return {};
}

void split_path(std::string_view path, std::string& bucket, std::string& prefix) {
  const std::size_t slash = path.find('/');
  bucket = std::string(path.substr(0, slash));
  prefix = slash == std::string_view::npos ? "" : std::string(path.substr(slash + 1));
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
}

Status complete_address(StoreAddress& address) {
  if (address.bucket.empty())
    return bad_address(address.kind == StoreAddress::Kind::s3 ? "it names no bucket"
                                                              : "it names no container");
  if (address.kind == StoreAddress::Kind::blob) {
    if (address.account.empty()) return bad_address("it names no account");
    if (address.endpoint.empty())
      address.endpoint = "https://" + address.account + ".blob.core.windows.net";
    return {};
  }
  address.path_style = !address.endpoint.empty();
  if (address.endpoint.empty()) {
    if (address.region.empty()) address.region = "us-east-1";
    // A dot in the bucket's name breaks the certificate's name.
    address.path_style = address.bucket.find('.') != std::string::npos;
    address.endpoint = "https://" + (address.path_style ? std::string() : address.bucket + ".") +
                       "s3." + address.region + ".amazonaws.com" +
                       (address.region.starts_with("cn-") ? ".cn" : "");
  }
  if (address.region.empty()) address.region = "us-east-1";
  return {};
}

}  // namespace

std::string StoreAddress::to_text() const {
  return kind == Kind::s3 ? "s3://" + bucket + "/" + prefix
                          : "az://" + account + "/" + bucket + "/" + prefix;
}

bool is_store_address(std::string_view text) {
  return text.starts_with(kS3) || text.starts_with(kBlob) || is_blob_url(text);
}

Result<StoreAddress> parse_store_address(std::string_view text) {
  if (!is_store_address(text)) return bad_address("this is no address of a bucket or container");
  StoreAddress address;
  address.kind = text.starts_with(kS3) ? StoreAddress::Kind::s3 : StoreAddress::Kind::blob;
  const std::size_t question = text.find('?');
  if (question != std::string_view::npos) LS_TRY(read_words(text.substr(question + 1), address));
  std::string_view path = text.substr(0, question);
  if (path.starts_with(kS3)) {
    split_path(path.substr(kS3.size()), address.bucket, address.prefix);
    LS_TRY(complete_address(address));
    return address;
  }
  const bool url = path.starts_with(kHttps);
  path.remove_prefix(url ? kHttps.size() : kBlob.size());
  const std::size_t slash = path.find('/');
  const std::string first(path.substr(0, slash));
  address.account = url ? first.substr(0, first.find('.')) : first;
  if (url && address.endpoint.empty()) address.endpoint = std::string(kHttps) + first;
  if (slash != std::string_view::npos)
    split_path(path.substr(slash + 1), address.bucket, address.prefix);
  LS_TRY(complete_address(address));
  return address;
}

Result<StoreAddress> find_store_address(world::World& world, const std::string& name,
                                        const std::string& text) {
  const std::string prefix = credentials::environment_prefix(name);
  const std::string about = "connection '" + name + "'";
  const std::string from_variable = world.environment.variable(prefix + "URL").value_or("");
  if (text.empty() && from_variable.empty())
    return fail("no-address", "nothing says where this bucket is", about,
                "write its address into lakeshift.yaml, or set " + prefix + "URL");
  auto address = parse_store_address(text.empty() ? from_variable : text);
  if (!address) address.error().about = about;
  return address;
}

}  // namespace lakeshift::stores

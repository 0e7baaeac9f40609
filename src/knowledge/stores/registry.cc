#include "knowledge/stores/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/credentials/credential.h"
#include "knowledge/stores/store_call.h"

namespace lakeshift::stores {
namespace {

constexpr std::string_view kScheme = "oci://";
constexpr int kRegistryTries = 6;
constexpr int kMostRedirects = 5;
constexpr world::Millis kRegistryPause{300};
constexpr std::int64_t kPiece = 8LL << 20;
constexpr const char* kAccepted =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.oci.artifact.manifest.v1+json";

// `realm="…",service="…"` of a challenge.
std::string word_of(const std::string& challenge, const std::string& name) {
  const std::size_t at = challenge.find(name + "=\"");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 2;
  return challenge.substr(from, challenge.find('"', from) - from);
}

// The target of `<…>; rel="next"`.
std::string next_of(const world::HttpResponse& response) {
  const std::string link = header_of(response, "Link");
  const std::size_t from = link.find('<'), to = link.find('>');
  if (from == std::string::npos || to == std::string::npos || !contains(link, "next")) return {};
  const std::string target = link.substr(from + 1, to - from - 1);
  const std::size_t scheme = target.find("://");
  return scheme == std::string::npos ? target : target.substr(target.find('/', scheme + 3));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

bool is_registry_address(std::string_view text) { return text.starts_with(kScheme); }

Result<RegistryAddress> parse_registry_address(std::string_view text) {
  const auto bad = [](const std::string& message) {
    return fail("bad-connection", message, "address",
                "write it as oci://registry.example.com/team/app; ?plain_http=true for a registry "
                "without TLS");
  };
  if (!is_registry_address(text)) return bad("this is no address of a repository of images");
  RegistryAddress address;
  const std::size_t question = text.find('?');
  if (question != std::string_view::npos) {
    const std::string_view word = text.substr(question + 1);
    if (word != "plain_http=true" && word != "plain_http=false")
      return bad("an address of images has no '" + printable(word) + "'; known: plain_http");
    address.plain_http = word == "plain_http=true";
  }
  text =
      text.substr(kScheme.size(), question == std::string_view::npos ? std::string_view::npos
                                                                     : question - kScheme.size());
  const std::size_t slash = text.find('/');
  address.host = std::string(text.substr(0, slash));
  if (slash != std::string_view::npos) address.repository = std::string(text.substr(slash + 1));
  if (address.host.empty() || address.repository.empty() ||
      address.host.find('@') != std::string::npos)
    return bad("it names no registry or no repository, or a user");
  return address;
}

Result<RegistryAddress> find_registry_address(world::World& world, const std::string& name,
                                              const std::string& text) {
  const std::string prefix = credentials::environment_prefix(name);
  const std::string from_variable = world.environment.variable(prefix + "URL").value_or("");
  if (text.empty() && from_variable.empty())
    return fail("no-address", "nothing says where this repository is", "connection '" + name + "'",
                "write its address into lakeshift.yaml, or set " + prefix + "URL");
  return parse_registry_address(text.empty() ? from_variable : text);
}

std::string digest_of(std::string_view bytes) { return "sha256:" + sha256_hex(bytes); }

Registry::Registry(RegistryAddress address, const std::string& access, world::World& world)
    : address_(std::move(address)), from_(access + "USER and " + access + "PASSWORD") {
  user_ = world.environment.variable(access + "USER").value_or("");
  password_ = world::Secret(world.environment.variable(access + "PASSWORD").value_or(""));
  if (!user_.empty()) return;
  const std::string folder =
      world.environment.variable("DOCKER_CONFIG").value_or(world.environment.home() + "/.docker");
  const auto text = world.files.read(folder + "/config.json");
  if (!text) return;
  const auto json = parse_json(*text, "config.json");
  if (!json) return;
  const auto login = base64_decode(text_at(member(member(*json, "auths"), address_.host), "auth"));
  const std::size_t colon = login ? login->find(':') : std::string::npos;
  if (colon == std::string::npos) return;
  user_ = login->substr(0, colon);
  password_ = world::Secret(login->substr(colon + 1));
  from_ = "docker's config.json";
}

std::string Registry::url_of(const std::string& path) const {
  return (address_.plain_http ? "http://" : "https://") + address_.host + path;
}

std::string Registry::authorization() const {
  const std::scoped_lock lock(mutex_);
  return std::string(authorization_.reveal());
}

Error Registry::error_of(const world::HttpResponse& response, const std::string& about) const {
  Error error;
  error.about = about;
  error.http_status = response.status;
  std::string said;
  if (const auto json = parse_json(response.body, about);
      json && member(*json, "errors").is_array())
    for (const Json& one : member(*json, "errors"))
      said += " " + text_at(one, "code") + ": " + text_at(one, "message");
  error.message =
      fmt::format("the registry answered {}{}", response.status, printable(said.substr(0, 300)));
  error.code = response.status == 401                             ? "login-failed"
               : response.status == 403                           ? "permission-denied"
               : response.status == 404                           ? "not-found"
               : response.status == 429 || response.status >= 500 ? "unreachable"
                                                                  : "refused";
  if (error.code == "unreachable")
    error.retry = response.status == 429 ? Retry::throttled : Retry::later;
  if (error.code == "login-failed" || error.code == "permission-denied")
    error.remedy = "check " + from_ + ", and the rights to pull and push there";
  return error;
}

Status Registry::log_in(const std::string& challenge, world::Run& run) {
  const std::string basic =
      user_.empty() ? "" : "Basic " + base64_encode(user_ + ":" + std::string(password_.reveal()));
  if (!to_lower(challenge).starts_with("bearer")) {
    const std::scoped_lock lock(mutex_);
    if (basic.empty() || authorization_.reveal() == basic)
      return fail(
          "login-failed",
          basic.empty() ? "it wants a name and a password" : "name and password were refused",
          address_.to_text(), "check " + from_);
    authorization_ = world::Secret(basic);
    return {};
  }
  world::HttpRequest request;
  request.url = word_of(challenge, "realm") +
                "?service=" + url_encode(word_of(challenge, "service")) +
                "&scope=" + url_encode("repository:" + address_.repository + ":pull,push");
  if (!basic.empty()) request.headers["Authorization"] = basic;
  LS_ASSIGN(const world::HttpResponse response, run.world.http.send(request, run.stop));
  const auto json = parse_json(response.body, request.url);
  std::string token = json ? text_at(*json, "token") : "";
  if (token.empty() && json) token = text_at(*json, "access_token");
  if (response.status != 200 || token.empty())
    return fail("login-failed", fmt::format("no token was given ({})", response.status),
                address_.to_text(), "check " + from_);
  const std::scoped_lock lock(mutex_);
  authorization_ = world::Secret("Bearer " + token);
  return {};
}

Result<world::HttpResponse> Registry::send(world::HttpRequest request, world::Run& run) {
  request.headers["Accept-Encoding"] = "identity";
  const std::string about = address_.to_text();
  bool logged_in = false;
  int redirects = 0;
  std::string own = request.url.substr(0, request.url.find('/', 8));
  for (int attempt = 1;;) {
    // Another host is not to see who we are.
    request.headers.erase("Authorization");
    if (const std::string value = authorization(); !value.empty() && request.url.starts_with(own))
      request.headers["Authorization"] = value;
    auto response = run.world.http.send(request, run.stop);
    if (response && response->status == 401 && !logged_in) {
      LS_TRY(log_in(header_of(*response, "WWW-Authenticate"), run));
      logged_in = true;
      continue;
    }
    if (response && is_redirect(response->status) && request.method != "POST" &&
        redirects++ < kMostRedirects) {
      const std::string location = header_of(*response, "Location");
      request.url = location.starts_with('/') ? own + location : location;
      continue;
    }
    if (response && (response->status < 300 || response->status == 404)) return response;
    Error error = response ? error_of(*response, about) : response.error();
    if (!response) error.about = about;
    const bool passes = error.retry == Retry::later || error.retry == Retry::throttled;
    // What appends to an upload is begun anew by the caller.
    if (!passes || request.method == "PATCH" || ++attempt > kRegistryTries)
      return fail(std::move(error));
    if (!run.world.clock.sleep(kRegistryPause * attempt, run.stop))
      return fail("cancelled", "stopped on request", about);
  }
}

Result<world::HttpResponse> Registry::call(const std::string& method, const std::string& path,
                                           world::Run& run, world::Headers headers,
                                           std::string body) {
  world::HttpRequest request;
  request.method = method;
  request.url = url_of(path);
  request.headers = std::move(headers);
  if (!body.empty() && !request.headers.contains("Content-Type"))
    request.headers["Content-Type"] = "application/octet-stream";
  request.body = std::move(body);
  return send(std::move(request), run);
}

Result<std::vector<std::string>> Registry::tags(world::Run& run) {
  std::vector<std::string> all;
  for (std::string path = "/v2/" + address_.repository + "/tags/list?n=100"; !path.empty();) {
    LS_ASSIGN(const world::HttpResponse response, call("GET", path, run));
    if (response.status == 404) return all;  // nothing was pushed yet
    LS_ASSIGN(const Json json, parse_json(response.body, address_.to_text()));
    if (member(json, "tags").is_array())
      for (const Json& tag : member(json, "tags")) all.push_back(scalar_text(tag));
    path = next_of(response);
  }
  return all;
}

Result<std::optional<ImageManifest>> Registry::manifest(const std::string& reference,
                                                        world::Run& run) {
  LS_ASSIGN(world::HttpResponse response,
            call("GET", "/v2/" + address_.repository + "/manifests/" + reference, run,
                 {{"Accept", kAccepted}}));
  if (response.status == 404) return std::optional<ImageManifest>();
  ImageManifest found;
  found.media_type = header_of(response, "Content-Type");
  found.bytes = std::move(response.body);
  found.digest = digest_of(found.bytes);
  if (reference.starts_with("sha256:") && reference != found.digest)
    return fail("digest-differs", "what came has digest " + found.digest,
                address_.to_text() + "@" + reference, "the registry's content is damaged");
  return std::optional(std::move(found));
}

Result<std::optional<std::string>> Registry::manifest_digest(const std::string& reference,
                                                             world::Run& run) {
  LS_ASSIGN(const world::HttpResponse response,
            call("HEAD", "/v2/" + address_.repository + "/manifests/" + reference, run,
                 {{"Accept", kAccepted}}));
  if (response.status == 404) return std::optional<std::string>();
  const std::string digest = header_of(response, "Docker-Content-Digest");
  if (!digest.empty()) return std::optional(digest);
  LS_ASSIGN(const std::optional<ImageManifest> found, manifest(reference, run));
  return found ? std::optional(found->digest) : std::nullopt;
}

Status Registry::put_manifest(const std::string& reference, const ImageManifest& image,
                              world::Run& run) {
  LS_ASSIGN(const world::HttpResponse response,
            call("PUT", "/v2/" + address_.repository + "/manifests/" + reference, run,
                 {{"Content-Type", image.media_type}}, image.bytes));
  if (response.status == 404) return fail(error_of(response, address_.to_text()));
  const std::string stored = header_of(response, "Docker-Content-Digest");
  if (!stored.empty() && stored != image.digest)
    return fail("digest-differs", "it was stored as " + stored,
                address_.to_text() + "@" + image.digest, "the registry changes manifests");
  return {};
}

Result<std::vector<std::string>> Registry::referrers(const std::string& digest, world::Run& run) {
  std::vector<std::string> all;
  LS_ASSIGN(const world::HttpResponse response,
            call("GET", "/v2/" + address_.repository + "/referrers/" + digest, run));
  const auto json = parse_json(response.body, "referrers");
  if (response.status == 404 || !json || !member(*json, "manifests").is_array()) return all;
  for (const Json& one : member(*json, "manifests")) all.push_back(text_at(one, "digest"));
  return all;
}

Result<bool> Registry::has_blob(const std::string& digest, world::Run& run) {
  LS_ASSIGN(const world::HttpResponse response,
            call("HEAD", "/v2/" + address_.repository + "/blobs/" + digest, run));
  return response.status != 404;
}

Result<std::string> Registry::read_blob(const std::string& digest, std::int64_t offset,
                                        std::int64_t length, world::Run& run) {
  auto response = call("GET", "/v2/" + address_.repository + "/blobs/" + digest, run,
                       {{"Range", fmt::format("bytes={}-{}", offset, offset + length - 1)}});
  if (!response && response.error().http_status == 416) return std::string();
  if (!response) return fail(response.error());
  if (response->status == 404) return fail(error_of(*response, address_.to_text() + "@" + digest));
  if (response->status == 206) return std::move(response->body);
  // All of it: the registry knows no ranges.
  if (offset >= static_cast<std::int64_t>(response->body.size())) return std::string();
  return response->body.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

Result<bool> Registry::copy_blob_from(Registry& other, const std::string& digest, std::int64_t size,
                                      world::Run& run) {
  LS_ASSIGN(const bool there, has_blob(digest, run));
  if (there) return false;
  const std::string uploads = "/v2/" + address_.repository + "/blobs/uploads/";
  std::string query;
  if (other.address_.host == address_.host)  // the same registry: nothing is sent
    query = "?mount=" + digest + "&from=" + url_encode(other.address_.repository);
  LS_ASSIGN(const world::HttpResponse begun, call("POST", uploads + query, run));
  if (begun.status == 201) return false;
  std::string location = header_of(begun, "Location");
  if (begun.status == 404 || location.empty()) return fail(error_of(begun, address_.to_text()));
  Digester digester(Digester::Kind::sha256);
  for (std::int64_t at = 0; at < size;) {
    LS_ASSIGN(const std::string piece,
              other.read_blob(digest, at, std::min(kPiece, size - at), run));
    if (piece.empty()) break;
    digester.add(piece);
    world::HttpRequest request;
    request.method = "PATCH";
    request.url = location.starts_with('/') ? url_of(location) : location;
    request.headers["Content-Type"] = "application/octet-stream";
    request.headers["Content-Range"] =
        fmt::format("{}-{}", at, at + static_cast<std::int64_t>(piece.size()) - 1);
    request.body = piece;
    LS_ASSIGN(const world::HttpResponse sent, send(std::move(request), run));
    location = header_of(sent, "Location");
    if (location.empty()) return fail(error_of(sent, address_.to_text()));
    at += static_cast<std::int64_t>(piece.size());
  }
  if (const std::string read = "sha256:" + to_hex(digester.bytes());
      digest.starts_with("sha256:") && read != digest)
    return fail("digest-differs", "what came has digest " + read,
                other.address_.to_text() + "@" + digest, "the registry's content is damaged");
  world::HttpRequest request;
  request.method = "PUT";
  request.url = (location.starts_with('/') ? url_of(location) : location) +
                (location.find('?') == std::string::npos ? "?" : "&") + "digest=" + digest;
  request.headers["Content-Type"] = "application/octet-stream";
  LS_ASSIGN(const world::HttpResponse stored, send(std::move(request), run));
  if (stored.status == 404) return fail(error_of(stored, address_.to_text()));
  return true;
}

}  // namespace lakeshift::stores

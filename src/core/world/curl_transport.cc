#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <utility>

#include "core/base/strings.h"
#include "core/world/http.h"

namespace lakeshift::world {
namespace {

constexpr long kConnectTimeoutMs = 20'000;
constexpr long kKeepAliveSeconds = 60;

// What the callbacks of one transfer share.
struct Exchange {
  std::string_view body;
  std::size_t sent = 0;
  HttpResponse response;
  std::stop_token stop;
  bool cancelled = false;
};

std::size_t read_body(char* buffer, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t some = std::min(size * count, exchange.body.size() - exchange.sent);
  std::memcpy(buffer, exchange.body.data() + exchange.sent, some);
  exchange.sent += some;
  return some;
}

// libcurl would send a request again when a reused connection breaks before an answer; it has to
// rewind the body for that. The far side may have acted already, so whether to repeat is decided
// above, never here.
int refuse_rewind(void*, curl_off_t, int) { return CURL_SEEKFUNC_FAIL; }

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  static_cast<Exchange*>(user)->response.body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& headers = static_cast<Exchange*>(user)->response.headers;
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/"))
    headers.clear();  // a new answer: after 100 Continue or a proxy's CONNECT
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos)
    headers.insert_or_assign(std::string(trim(line.substr(0, colon))),
                             std::string(trim(line.substr(colon + 1))));
  return size * count;
}

int watch_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.cancelled = exchange.stop.stop_requested();
  return exchange.cancelled ? 1 : 0;
}

std::string host_of_url(const std::string& url) {
  const std::size_t start = url.find("://");
  const std::size_t from = start == std::string::npos ? 0 : start + 3;
  return url.substr(from, url.find_first_of("/?#", from) - from);
}

std::string system_message(CURL* curl, CURLcode code) {
  std::string text = curl_easy_strerror(code);
  long number = 0;
  if (curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number) == CURLE_OK && number != 0)
    text += std::string(": ") + std::strerror(static_cast<int>(number));
  return to_lower(text);
}

Error error_of(CURL* curl, CURLcode code, const Exchange& exchange, const std::string& url) {
  Error error;
  error.about = host_of_url(url);
  error.message = system_message(curl, code);
  error.retry = Retry::later;
  curl_off_t before_sending = 0;
  curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &before_sending);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      error.code = "unreachable";
      error.remedy = "check the host name and that this machine can resolve it";
      break;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      error.code = "unreachable";
      error.remedy = "check the network, the proxy and the firewall";
      break;
    case CURLE_OPERATION_TIMEDOUT:
      error.code = before_sending == 0 ? "unreachable" : "timeout";
      error.remedy = "check the network, the proxy and the firewall";
      break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
      error.code = "tls";
      error.retry = Retry::never;
      error.remedy = "name the file with your network's certificate authority in CURL_CA_BUNDLE";
      break;
    case CURLE_SSL_CONNECT_ERROR:  // the handshake broke off: nothing of the request was sent
      error.code = "unreachable";
      error.remedy = "check that the host answers https there";
      break;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      error.code = "bad-request";
      error.retry = Retry::never;
      error.remedy = "write the host as https://…";
      break;
    default:
      error.code = "connection-lost";
  }
  if (exchange.cancelled) {
    error.code = "cancelled";
    error.message = "stopped on request";
    error.retry = Retry::never;
    error.remedy.clear();
  }
  return error;
}

struct HeaderList {
  HeaderList() = default;
  ~HeaderList() { curl_slist_free_all(list); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list, line.c_str())) list = longer;
  }
  curl_slist* list = nullptr;
};

// Names and TLS sessions are shared by all handles; connections belong to the handle that opened
// them (libcurl does not support sharing those between threads).
class SharedCache {
 public:
  SharedCache() : share_(curl_share_init()) {
    curl_share_setopt(share_, CURLSHOPT_LOCKFUNC, &lock);
    curl_share_setopt(share_, CURLSHOPT_UNLOCKFUNC, &unlock);
    curl_share_setopt(share_, CURLSHOPT_USERDATA, this);
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  ~SharedCache() { curl_share_cleanup(share_); }
  SharedCache(const SharedCache&) = delete;
  SharedCache& operator=(const SharedCache&) = delete;
  CURLSH* get() const { return share_; }

 private:
  static void lock(CURL*, curl_lock_data data, curl_lock_access, void* user) {
    static_cast<SharedCache*>(user)->mutexes_[static_cast<std::size_t>(data)].lock();
  }
  static void unlock(CURL*, curl_lock_data data, void* user) {
    static_cast<SharedCache*>(user)->mutexes_[static_cast<std::size_t>(data)].unlock();
  }
  std::array<std::mutex, CURL_LOCK_DATA_LAST> mutexes_;
  CURLSH* share_;
};

// Idle handles with their warm connections, the last used first.
class HandlePool {
 public:
  ~HandlePool() {
    for (CURL* handle : idle_) curl_easy_cleanup(handle);
  }
  CURL* take() {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        CURL* handle = idle_.back();
        idle_.pop_back();
        return handle;
      }
    }
    return curl_easy_init();
  }
  void give_back(CURL* handle) {
    curl_easy_reset(handle);  // keeps the connections
    const std::scoped_lock lock(mutex_);
    idle_.push_back(handle);
  }

 private:
  std::mutex mutex_;
  std::vector<CURL*> idle_;
};

class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(HttpOptions options) : options_(std::move(options)) {}

  Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) override {
    if (stop.stop_requested())
      return fail("cancelled", "stopped on request", host_of_url(request.url));
    CURL* curl = pool_.take();
    if (curl == nullptr) return fail("unreachable", "out of memory", host_of_url(request.url));
    Exchange exchange;
    exchange.body = request.body;
    exchange.stop = std::move(stop);
    HeaderList headers;
    // "name:" alone would mean to libcurl that the header is not to be sent.
    for (const auto& [name, value] : request.headers)
      headers.add(value.empty() ? name + ";" : name + ": " + value);
    headers.add("Expect:");  // a round trip saved: bodies are small
    set_connection_options(curl);
    set_request_options(curl, request, exchange, headers);
    const CURLcode code = curl_easy_perform(curl);
    Result<HttpResponse> result = HttpResponse{};
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
      exchange.response.status = static_cast<int>(status);
      result = std::move(exchange.response);
    } else {
      result = fail(error_of(curl, code, exchange, request.url));
    }
    pool_.give_back(curl);
    return result;
  }

 private:
  void set_connection_options(CURL* curl) const {
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_SHARE, cache_.get());
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, kKeepAliveSeconds);
    curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, options_.max_connections);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl can undo
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION,
                     0L);  // an API does not redirect; a login page would
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (!options_.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, options_.proxy.c_str());
    if (!options_.no_proxy.empty())
      curl_easy_setopt(curl, CURLOPT_NOPROXY, options_.no_proxy.c_str());
    if (!options_.ca_bundle.empty())
      curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_bundle.c_str());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, options_.user_agent.c_str());
  }

  static void set_request_options(CURL* curl, const HttpRequest& request, Exchange& exchange,
                                  const HeaderList& headers) {
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);  // "a/../b" may be a name
    // Who names encodings wants the body as it comes.
    if (request.headers.contains("Accept-Encoding"))
      curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, nullptr);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &watch_stop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
    if (request.method == "GET") return;
    if (request.method == "HEAD") {
      curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
      return;
    }
    if (!request.body.empty() || request.method != "DELETE") {
      curl_easy_setopt(curl, CURLOPT_POST, 1L);
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(curl, CURLOPT_READFUNCTION, &read_body);
      curl_easy_setopt(curl, CURLOPT_READDATA, &exchange);
      curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, &refuse_rewind);
      // Without a body there is nothing to refuse to rewind.
      if (request.body.empty()) curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  HttpOptions options_;
  SharedCache cache_;  // outlives the handles
  HandlePool pool_;
};

}  // namespace

std::unique_ptr<HttpTransport> make_curl_transport(const HttpOptions& options) {
  static const CURLcode started =
      curl_global_init(CURL_GLOBAL_DEFAULT);  // thread safe in libcurl >= 7.84
  static_cast<void>(started);
  return std::make_unique<CurlTransport>(options);
}

}  // namespace lakeshift::world

#include "core/base/strings.h"
#include "twin/twin.h"

namespace lakeshift::twin {
namespace {

class TwinTransport final : public world::HttpTransport {
 public:
  explicit TwinTransport(Twin& twin) : twin_(twin) {}

  Result<world::HttpResponse> send(const world::HttpRequest& request,
                                   std::stop_token stop) override {
    if (stop.stop_requested()) return fail("cancelled", "the call was cancelled", request.url);
    world::HttpResponse response = twin_.handle(request);
    if (response.status == 0) {
      Error lost{.code = "connection-lost",
                 .message = "the connection was cut before an answer came",
                 .about = request.url};
      lost.retry = Retry::later;
      return fail(std::move(lost));
    }
    return response;
  }

 private:
  Twin& twin_;
};

class TwinsByHost final : public world::HttpTransport {
 public:
  explicit TwinsByHost(const std::map<std::string, Twin*>& twins) {
    for (const auto& [host, twin] : twins) transports_.emplace(host, TwinTransport(*twin));
  }

  Result<world::HttpResponse> send(const world::HttpRequest& request,
                                   std::stop_token stop) override {
    const std::size_t scheme = request.url.find("://");
    const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
    const std::string host = request.url.substr(start, request.url.find('/', start) - start);
    const auto found = transports_.find(host);
    if (found == transports_.end()) {
      Error unknown{.code = "unreachable",
                    .message = "no twin answers for host '" + host + "'",
                    .about = request.url};
      unknown.retry = Retry::later;
      return fail(std::move(unknown));
    }
    return found->second.send(request, stop);
  }

 private:
  std::map<std::string, TwinTransport> transports_;
};

}  // namespace

std::unique_ptr<world::HttpTransport> make_twin_transport(Twin& twin) {
  return std::make_unique<TwinTransport>(twin);
}

std::unique_ptr<world::HttpTransport> make_twin_transport(
    const std::map<std::string, Twin*>& twins) {
  return std::make_unique<TwinsByHost>(twins);
}

}  // namespace lakeshift::twin

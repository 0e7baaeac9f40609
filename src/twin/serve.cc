#include <httplib.h>

#include <thread>

#include "twin/twin.h"

namespace lakeshift::twin {
namespace {

constexpr std::size_t kThreads = 64;

world::HttpRequest request_of(const httplib::Request& in) {
  world::HttpRequest request;
  request.method = in.method;
  request.url = "http://" + in.get_header_value("Host") + in.target;
  for (const auto& [name, value] : in.headers) request.headers[name] = value;
  request.body = in.body;
  return request;
}

void answer(Twin& twin, const httplib::Request& in, httplib::Response& out) {
  world::HttpResponse response = twin.handle(request_of(in));
  if (response.status == 0) {
    // No answer: the content provider fails before its first byte, which closes the connection.
    out.status = 200;
    out.set_content_provider(1 << 20, "application/json", [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
    return;
  }
  out.status = response.status;
  std::string type = "application/json";
  for (const auto& [name, value] : response.headers) {
    if (name == "content-type") {
      type = value;
    } else {
      out.set_header(name, value);
    }
  }
  out.set_content(response.body, type);
}

}  // namespace

Status serve(Twin& twin, int port, std::stop_token stop, const std::function<void(int)>& ready) {
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000);
  server.set_keep_alive_timeout(30);
  server.set_payload_max_length(1ULL << 30);
  const auto handler = [&twin](const httplib::Request& in, httplib::Response& out) { answer(twin, in, out); };
  server.Get(".*", handler);
  server.Post(".*", handler);
  server.Put(".*", handler);
  server.Patch(".*", handler);
  server.Delete(".*", handler);
  const int bound = port == 0 ? server.bind_to_any_port("127.0.0.1") : (server.bind_to_port("127.0.0.1", port) ? port : -1);
  if (bound < 0) {
    return fail("port-in-use", "port " + std::to_string(port) + " of 127.0.0.1 cannot be bound", "twin",
                "choose another port, or 0 for any");
  }
  std::stop_callback on_stop(stop, [&server] { server.stop(); });
  ready(bound);
  if (!stop.stop_requested()) server.listen_after_bind();
  return {};
}

}  // namespace lakeshift::twin

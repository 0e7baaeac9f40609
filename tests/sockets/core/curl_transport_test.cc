// The one transport, against real sockets on loopback.
#include <gtest/gtest.h>
#include <zlib.h>

#include "core/world/http.h"
#include "tests/sockets/raw_server.h"

namespace lakeshift::world {
namespace {

using tests::RawServer;

std::string ok(const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

HttpRequest request_to(const RawServer& server, const std::string& method = "GET",
                       const std::string& body = "") {
  HttpRequest request;
  request.method = method;
  request.url = server.url("/api?x=%20");
  request.body = body;
  request.timeout = std::chrono::seconds(20);
  return request;
}

// Loopback is never asked of a proxy of the machine the test runs on.
std::unique_ptr<HttpTransport> transport() {
  HttpOptions options;
  options.no_proxy = "*";
  options.user_agent = "lakeshift/test";
  return make_curl_transport(options);
}

TEST(CurlTransport, SendsMethodsHeadersAndBodiesUnchanged) {
  RawServer server([](const std::string&) { return ok("{}", "X-Thing:  one \r\n"); });
  const auto http = transport();
  const std::string body = std::string("a\0b\r\n", 5) + std::string(300'000, 'x');
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    HttpRequest request = request_to(server, method, body);
    request.headers["Content-Type"] = "application/octet-stream";
    const auto response = http->send(request, {});
    ASSERT_TRUE(response) << response.error().to_text();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers.at("x-thing"), "one");
    const std::string seen = server.requests().back();
    EXPECT_TRUE(seen.starts_with(std::string(method) + " /api?x=%20 HTTP/1.1\r\n"))
        << seen.substr(0, 80);
    EXPECT_TRUE(seen.ends_with("\r\n\r\n" + body));
    EXPECT_NE(seen.find("Content-Type: application/octet-stream\r\n"), std::string::npos);
    EXPECT_NE(seen.find("User-Agent: lakeshift/test\r\n"), std::string::npos);
    EXPECT_EQ(seen.find("Expect:"), std::string::npos);
    EXPECT_EQ(seen.find("chunked"), std::string::npos);
  }
  for (const char* method : {"GET", "DELETE", "POST"}) {
    ASSERT_TRUE(http->send(request_to(server, method), {}));
    EXPECT_TRUE(server.requests().back().starts_with(std::string(method) + " ")) << method;
    EXPECT_TRUE(server.requests().back().ends_with("\r\n\r\n"));
  }
}

TEST(CurlTransport, ReusesItsConnection) {
  RawServer server([](const std::string&) { return ok("{}"); });
  const auto http = transport();
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(
        http->send(request_to(server, i % 2 == 0 ? "GET" : "POST", i % 2 == 0 ? "" : "{}"), {}));
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, NeedsNoMoreConnectionsThanThreads) {
  RawServer server([](const std::string&) { return ok("{}"); });
  const auto http = transport();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) EXPECT_TRUE(http->send(request_to(server), {}));
      });
  }
  EXPECT_EQ(server.requests().size(), 400U);
  EXPECT_LE(server.connections(), 8);
}

TEST(CurlTransport, UndoesCompression) {
  const std::string text(100'000, 'z');
  std::string packed(200'000, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);  // gzip
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  RawServer server([&](const std::string& request) {
    return request.find("gzip") == std::string::npos ? ok("no gzip asked for")
                                                     : ok(packed, "Content-Encoding: gzip\r\n");
  });
  const auto response = transport()->send(request_to(server), {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, text);
}

TEST(CurlTransport, NeverSendsABodyTwice) {
  // The connection has been used before, so libcurl by itself would send the request again.
  for (const std::string body : {"{\"name\":\"n\"}", ""}) {
    RawServer server([](const std::string& request) -> std::optional<std::string> {
      if (request.starts_with("POST")) return std::nullopt;
      return ok("{}");
    });
    const auto http = transport();
    ASSERT_TRUE(http->send(request_to(server), {}));
    const auto response = http->send(request_to(server, "POST", body), {});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, "connection-lost");
    EXPECT_EQ(response.error().retry, Retry::later);
    EXPECT_EQ(server.requests().size(), 2U) << "one GET, one POST";
  }
}

TEST(CurlTransport, GoesOnAfterAConnectionThatWasClosed) {
  RawServer server([](const std::string&) { return "!" + ok("{}"); });
  const auto http = transport();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(http->send(request_to(server), {}));
}

TEST(CurlTransport, SaysThatTheOtherSideCannotBeReached) {
  std::string url;
  {
    RawServer gone([](const std::string&) { return std::nullopt; });
    url = gone.url();
  }
  HttpRequest request;
  request.url = url;
  const auto response = transport()->send(request, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, "unreachable");
  EXPECT_EQ(response.error().retry, Retry::later);
  EXPECT_EQ(response.error().about, url.substr(7, url.size() - 8));
  EXPECT_FALSE(response.error().remedy.empty());
  request.url = "http://no-such-host.invalid/";
  EXPECT_EQ(transport()->send(request, {}).error().code, "unreachable");
  request.url = "gopher://127.0.0.1/";
  EXPECT_EQ(transport()->send(request, {}).error().code, "bad-request");
}

TEST(CurlTransport, SaysThatAnAnswerWasLateCutOffOrMissing) {
  std::atomic<bool> over{false};
  RawServer slow([&](const std::string&) -> std::optional<std::string> {
    while (!over) std::this_thread::yield();
    return std::nullopt;
  });
  HttpRequest late = request_to(slow, "POST", "{}");
  late.timeout = std::chrono::milliseconds(200);
  EXPECT_EQ(transport()->send(late, {}).error().code, "timeout");
  over = true;
  RawServer cut([](const std::string&) {
    return "!HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"jobs\": [";
  });
  EXPECT_EQ(transport()->send(request_to(cut), {}).error().code, "connection-lost");
  RawServer silent([](const std::string&) -> std::optional<std::string> { return std::nullopt; });
  EXPECT_EQ(transport()->send(request_to(silent), {}).error().code, "connection-lost");
}

TEST(CurlTransport, AStopBreaksARequestOff) {
  std::stop_source stop;
  std::atomic<bool> over{false};
  RawServer slow([&](const std::string&) -> std::optional<std::string> {
    stop.request_stop();
    while (!over) std::this_thread::yield();
    return std::nullopt;
  });
  const auto response = transport()->send(request_to(slow), stop.get_token());
  over = true;
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, "cancelled");
  EXPECT_EQ(transport()->send(request_to(slow), stop.get_token()).error().code, "cancelled");
}

TEST(CurlTransport, DoesNotFollowARedirect) {
  RawServer server([](const std::string&) {
    return "HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\nContent-Length: 0\r\n\r\n";
  });
  const auto response = transport()->send(request_to(server), {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->headers.at("location"), "https://login.example/");
}

TEST(CurlTransport, AnswersOfAnyStatusAreValues) {
  RawServer server([](const std::string&) {
    return "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nbusy";
  });
  const auto response = transport()->send(request_to(server), {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->body, "busy");
  EXPECT_EQ(response->headers.at("RETRY-AFTER"), "3");
}

TEST(CurlTransport, GoesThroughAProxy) {
  RawServer proxy([](const std::string&) { return ok("proxied"); });
  HttpOptions options;
  options.proxy = proxy.url("");
  HttpRequest request;
  request.url = "http://workspace.invalid/api";
  const auto response = make_curl_transport(options)->send(request, {});
  ASSERT_TRUE(response) << response.error().to_text();
  EXPECT_EQ(response->body, "proxied");
  EXPECT_TRUE(proxy.requests()[0].starts_with("GET http://workspace.invalid/api HTTP/1.1\r\n"));
  RawServer direct([](const std::string&) { return ok("direct"); });
  options.no_proxy = "127.0.0.1";
  EXPECT_EQ(make_curl_transport(options)->send(request_to(direct), {})->body, "direct");
}

}  // namespace
}  // namespace lakeshift::world

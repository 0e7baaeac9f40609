#include "twin/wire.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "core/base/strings.h"

namespace lakeshift::twin {
namespace {

constexpr std::size_t kGreatestHead = 1 << 20;
constexpr std::size_t kGreatestBody = 1 << 30;
constexpr std::size_t kWorthCompressing = 4096;

struct Head {
  std::string method, target, version;
  world::Headers headers;
};

std::string header_of_wire(const world::Headers& headers, const char* name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

Result<Head> read_head(std::string_view text) {
  Head head;
  std::size_t line_end = text.find("\r\n");
  const std::vector<std::string> words = split(text.substr(0, line_end), ' ');
  if (words.size() != 3 || !words[2].starts_with("HTTP/1."))
    return fail("bad-request", "the request line cannot be read");
  head.method = words[0];
  head.target = words[1];
  head.version = words[2];
  while (line_end != std::string_view::npos) {
    const std::size_t start = line_end + 2;
    line_end = text.find("\r\n", start);
    const std::string_view line =
        text.substr(start, line_end == std::string_view::npos ? line_end : line_end - start);
    const std::size_t colon = line.find(':');
    if (line.empty()) continue;
    if (colon == std::string_view::npos) return fail("bad-request", "a header has no colon");
    head.headers[std::string(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  }
  return head;
}

// The chunks' bytes and where they end; nullopt when some are missing.
Result<std::optional<std::pair<std::string, std::size_t>>> read_chunks(std::string_view text) {
  std::string body;
  std::size_t at = 0;
  while (true) {
    const std::size_t line_end = text.find("\r\n", at);
    if (line_end == std::string_view::npos) return std::nullopt;
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + line_end, size, 16);
    if (error != std::errc() || body.size() + size > kGreatestBody)
      return fail("bad-request", "a chunk's size cannot be read");
    if (text.size() < line_end + 2 + size + 2) return std::nullopt;
    body.append(text.substr(line_end + 2, size));
    at = line_end + 2 + size + 2;
    if (size == 0) return std::pair{std::move(body), at};
  }
}

std::string compressed(const std::string& body) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return "";
  std::string out(deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return done == Z_STREAM_END ? out : "";
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return status >= 500 ? "Server Error" : "Answer";
  }
}

}  // namespace

Result<std::optional<WireRequest>> WireReader::next() {
  const std::size_t head_end = buffer_.find("\r\n\r\n");
  if (head_end == std::string::npos) {
    if (buffer_.size() > kGreatestHead)
      return fail("too-large", "the head of the request is too large");
    return std::nullopt;
  }
  LS_ASSIGN(Head head, read_head(std::string_view(buffer_).substr(0, head_end)));
  const std::string_view rest = std::string_view(buffer_).substr(head_end + 4);
  std::string body;
  std::size_t used = head_end + 4;
  if (to_lower(header_of_wire(head.headers, "transfer-encoding")) == "chunked") {
    LS_ASSIGN(auto chunks, read_chunks(rest));
    if (!chunks) return std::nullopt;
    body = std::move(chunks->first);
    used += chunks->second;
  } else if (const std::string length = header_of_wire(head.headers, "content-length");
             !length.empty()) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
    if (error != std::errc() || size > kGreatestBody)
      return fail("too-large", "the body of the request is too large");
    if (rest.size() < size) return std::nullopt;
    body = std::string(rest.substr(0, size));
    used += size;
  }
  WireRequest wire;
  wire.keep_alive =
      to_lower(header_of_wire(head.headers, "connection")) != "close" && head.version != "HTTP/1.0";
  wire.request.method = std::move(head.method);
  // A client that takes the twin for its proxy sends the whole URL.
  const bool is_whole = head.target.starts_with("http://");
  wire.request.url =
      is_whole ? head.target : "http://" + header_of_wire(head.headers, "host") + head.target;
  wire.request.headers = std::move(head.headers);
  wire.request.body = std::move(body);
  buffer_.erase(0, used);
  continued_ = false;
  return std::optional(std::move(wire));
}

bool WireReader::wants_continue() {
  const std::size_t head_end = buffer_.find("\r\n\r\n");
  if (continued_ || head_end == std::string::npos) return false;
  const auto head = read_head(std::string_view(buffer_).substr(0, head_end));
  continued_ = head && to_lower(header_of_wire(head->headers, "expect")) == "100-continue";
  return continued_;
}

std::string wire_answer(const world::HttpResponse& response, const WireRequest& request) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                     std::string(reason_of(response.status)) + "\r\n";
  for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
  std::string packed;
  if (response.body.size() > kWorthCompressing &&
      contains(header_of_wire(request.request.headers, "accept-encoding"), "gzip"))
    packed = compressed(response.body);
  const std::string& body = packed.empty() ? response.body : packed;
  if (!packed.empty()) head += "content-encoding: gzip\r\n";
  if (response.status != 204) head += "content-length: " + std::to_string(body.size()) + "\r\n";
  head += request.keep_alive ? "connection: keep-alive\r\n\r\n" : "connection: close\r\n\r\n";
  if (request.request.method == "HEAD" || response.status == 204) return head;
  return head + body;
}

}  // namespace lakeshift::twin

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <list>
#include <thread>

#include "twin/twin.h"
#include "twin/wire.h"

namespace lakeshift::twin {
namespace {

constexpr int kPatience = 50;  // milliseconds between looks at the stop token

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

bool is_readable(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return poll(&waiting, 1, kPatience) > 0;
}

// One write for the whole answer; the kernel may take it in parts when it is large.
bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void cut(int descriptor) {
  const linger now{1, 0};  // a reset instead of a polite end
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

// Answers everything complete in the reader; false: the connection is over.
bool answer_all(Twin& twin, WireReader& reader, int descriptor) {
  while (true) {
    if (reader.wants_continue() && !send_all(descriptor, "HTTP/1.1 100 Continue\r\n\r\n"))
      return false;
    auto next = reader.next();
    if (!next) {
      WireRequest unreadable;
      unreadable.keep_alive = false;
      world::HttpResponse refusal;
      refusal.status = 400;
      refusal.headers["content-type"] = "text/plain";
      refusal.body = next.error().message;
      send_all(descriptor, wire_answer(refusal, unreadable));
      return false;
    }
    if (!*next) return true;
    const WireRequest request = std::move(**next);
    const world::HttpResponse response = twin.handle(request.request);
    if (response.status == 0) {
      cut(descriptor);
      return false;
    }
    if (!send_all(descriptor, wire_answer(response, request)) || !request.keep_alive) return false;
  }
}

void converse(Twin& twin, int descriptor, std::stop_token stop) {
  const Socket socket(descriptor);
  const int yes = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  WireReader reader;
  std::array<char, 65536> bytes;
  while (!stop.stop_requested()) {
    if (!is_readable(descriptor)) continue;
    const ssize_t count = recv(descriptor, bytes.data(), bytes.size(), 0);
    if (count <= 0) return;
    reader.add(std::string_view(bytes.data(), static_cast<std::size_t>(count)));
    if (!answer_all(twin, reader, descriptor)) return;
  }
}

struct Conversation {
  std::atomic<bool> over = false;
  std::jthread thread;
};

}  // namespace

Status serve(Twin& twin, int port, std::stop_token stop, const std::function<void(int)>& ready) {
  const Socket listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener.get(), 512) != 0) {
    return fail("port-in-use", std::string("cannot listen: ") + std::strerror(errno),
                "127.0.0.1:" + std::to_string(port), "choose another port, or 0 for any");
  }
  socklen_t size = sizeof address;
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  ready(ntohs(address.sin_port));
  std::list<Conversation> conversations;
  while (!stop.stop_requested()) {
    if (!is_readable(listener.get())) continue;
    const int descriptor = accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    std::erase_if(conversations, [](const Conversation& each) { return each.over.load(); });
    Conversation& conversation = conversations.emplace_back();
    conversation.thread = std::jthread([&twin, descriptor, stop, &conversation] {
      converse(twin, descriptor, stop);
      conversation.over = true;
    });
  }
  return {};
}

}  // namespace lakeshift::twin

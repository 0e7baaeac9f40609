#include "tests/servers/free_port.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

namespace lakeshift::servers {
namespace {

bool is_free(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return bound;
}

}  // namespace

int free_port() {
  std::random_device chance;
  std::uniform_int_distribution<int> ports(11000, 22000);
  for (;;)
    if (const int port = ports(chance); is_free(port) && is_free(port + 10000)) return port;
}

}  // namespace lakeshift::servers

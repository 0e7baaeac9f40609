// A port of loopback for a server of a test.
#pragma once

namespace lakeshift::servers {

// Free together with the port 10,000 above, which a Redis cluster uses; below those that
// connections are given, which might take it before a server does.
int free_port();

}  // namespace lakeshift::servers

// Where the address and the password of a configured database come from.
#pragma once

#include <string>

#include "core/world/world.h"
#include "knowledge/databases/postgres_address.h"

namespace lakeshift::databases {

// The address of a configured connection. `text` is what the configuration says and holds no
// password ("secret-in-config" otherwise); empty: variable LAKESHIFT_<NAME>_URL. The password:
// LAKESHIFT_<NAME>_PASSWORD, else libpq's password file. Errors: "no-address", "bad-connection".
Result<PostgresAddress> find_postgres_address(world::World& world, const std::string& name,
                                              const std::string& text);

}  // namespace lakeshift::databases

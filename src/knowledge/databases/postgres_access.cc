#include "knowledge/databases/postgres_access.h"

#include "knowledge/credentials/credential.h"

namespace lakeshift::databases {

Result<PostgresAddress> find_postgres_address(world::World& world, const std::string& name,
                                              const std::string& text) {
  const std::string prefix = credentials::environment_prefix(name);
  const std::string about = "connection '" + name + "'";
  const std::string from_variable = world.environment.variable(prefix + "URL").value_or("");
  if (text.empty() && from_variable.empty())
    return fail("no-address", "nothing says where this database is", about,
                "write connections: {" + name +
                    ": {url: postgresql://user@host/database}}, or set " + prefix + "URL");
  auto address = parse_postgres_address(text.empty() ? from_variable : text);
  if (!address) {
    address.error().about = about;
    return address;
  }
  if (!text.empty() && !address->password.empty())
    return fail("secret-in-config", "the address holds a password", about,
                "take it out, change it in the database, and set " + prefix + "PASSWORD");
  if (auto password = world.environment.variable(prefix + "PASSWORD"))
    address->password = world::Secret(*std::move(password));
  if (address->host.empty() || address->database.empty() || address->user.empty())
    return fail("no-address", "the address names no host, database or user", about,
                "write it as postgresql://user@host/database");
  return address;
}

}  // namespace lakeshift::databases

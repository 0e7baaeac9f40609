#include "knowledge/databases/redis_address.h"

#include <charconv>

#include "core/base/strings.h"
#include "knowledge/credentials/credential.h"

namespace lakeshift::databases {
namespace {

constexpr std::string_view kPlain = "redis://";
constexpr std::string_view kTls = "rediss://";

tl::unexpected<Error> bad_address(const std::string& message) {
  return fail("bad-connection", message, "address",
              "write it as rediss://user@host:6379, with /0 for one database only, and ?ca=FILE "
              "for certificates that the system does not know");
}

bool read_number(std::string_view text, int most, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= 0 && number <= most;
}

Status read_words(std::string_view text, RedisAddress& address) {
  for (const std::string& word : split(text, '&')) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value =
        equals == std::string::npos ? "" : url_decode(word.substr(equals + 1));
    if (name == "ca")
      address.ca = value;
    else if (name == "verify" && (value == "full" || value == "none"))
      address.verify = value == "full";
    else
      return bad_address("an address of Redis has no '" + printable(name) + "'; known: ca, verify");
  }
  return {};
}

}  // namespace

bool is_redis_address(std::string_view text) {
  return text.starts_with(kPlain) || text.starts_with(kTls);
}

std::string RedisAddress::to_text() const {
  return std::string(tls ? kTls : kPlain) + (user.empty() ? "" : user + "@") +
         (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
         std::to_string(port) + (database < 0 ? "" : "/" + std::to_string(database));
}

Result<RedisAddress> parse_redis_address(std::string_view text) {
  if (!is_redis_address(text)) return bad_address("this is no address of a Redis server");
  RedisAddress address;
  address.tls = text.starts_with(kTls);
  text.remove_prefix(address.tls ? kTls.size() : kPlain.size());
  if (const std::size_t at = text.find('?'); at != std::string_view::npos) {
    LS_TRY(read_words(text.substr(at + 1), address));
    text = text.substr(0, at);
  }
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = text.substr(0, at);
    const std::size_t colon = login.find(':');
    address.user = url_decode(login.substr(0, colon));
    if (colon != std::string_view::npos)
      address.password = world::Secret(url_decode(login.substr(colon + 1)));
    text.remove_prefix(at + 1);
  }
  if (const std::size_t at = text.find('/'); at != std::string_view::npos) {
    const std::string_view path = text.substr(at + 1);
    if (!path.empty() && !read_number(path, 1'000'000, address.database))
      return bad_address("the database is no number");
    text = text.substr(0, at);
  }
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos)
    return bad_address("']' is missing after the host");
  address.host = std::string(bracketed ? text.substr(1, end - 1) : text.substr(0, end));
  std::string_view rest =
      end == std::string_view::npos ? "" : text.substr(end + (bracketed ? 1 : 0));
  if (!rest.empty() && (rest.front() != ':' || !read_number(rest.substr(1), 65535, address.port)))
    return bad_address("the port is no number from 0 to 65535");
  if (address.host.empty()) return bad_address("the address names no host");
  return address;
}

Result<RedisAddress> find_redis_address(world::World& world, const std::string& name,
                                        const std::string& text) {
  const std::string prefix = credentials::environment_prefix(name);
  const std::string about = "connection '" + name + "'";
  const std::string from_variable = world.environment.variable(prefix + "URL").value_or("");
  if (text.empty() && from_variable.empty())
    return fail("no-address", "nothing says where this server is", about,
                "write its address into lakeshift.yaml, or set " + prefix + "URL");
  auto address = parse_redis_address(text.empty() ? from_variable : text);
  if (!address) {
    address.error().about = about;
    return address;
  }
  if (!text.empty() && !address->password.empty())
    return fail("secret-in-config", "the address holds a password", about,
                "take it out, change it in the server, and set " + prefix + "PASSWORD");
  if (auto password = world.environment.variable(prefix + "PASSWORD"))
    address->password = world::Secret(*std::move(password));
  return address;
}

}  // namespace lakeshift::databases

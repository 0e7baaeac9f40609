// A connected side: one platform that answers calls. Knows pacing, paging, renewal of credentials
// and safe retries; implementations live in knowledge/platforms.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/model/plan.h"
#include "core/world/world.h"

namespace lakeshift::engine {

struct Call {
  std::string method = "GET";
  std::string path;             // "/api/2.0/…", without query
  Json query = Json::object();  // scalars, or arrays for repeated parameters
  Json body;                    // null = none
  model::Effect effect = model::Effect::read;
  std::string family;  // pacing family; "" = the default family
};

enum class Paging : unsigned char {
  none,           // the whole list at once
  token,          // page_token / next_page_token
  scim,           // startIndex / count, totalResults
  page,           // page / page_size
  token_in_body,  // POST search with page_token in the body
  next_token,     // like token, but the parameter is called next_page_token too
};

struct Listing {
  std::string_view path = {};
  std::string_view items = {};  // member that holds the array ("" = the answer itself is the array)
  Paging paging = Paging::none;
  std::string_view query = {};  // fixed parameters "expand_tasks=true&limit=100"
  std::string_view method = "GET";
};

// Thread safe. Errors carry the platform's own code in `code` (lower-case, hyphenated:
// "resource-does-not-exist" -> "not-found"; the full table is in the implementation) and the call
// in `about`. Retries: reads and idempotent calls on passing faults and throttling, within a
// budget; a create only when the request certainly did not reach the other side. A create whose
// outcome is unknown fails with "in-doubt". `stop` ends waiting and reading ("cancelled"); a write
// that is on its way is finished, so that it can be journaled.
class Platform {
 public:
  virtual ~Platform() = default;
  virtual Result<Json> call(const Call& call, std::stop_token stop) = 0;
  // For answers that are bytes (raw exports) and bodies that are bytes (raw imports).
  virtual Result<std::string> call_bytes(const Call& call, std::string_view body,
                                         std::stop_token stop) = 0;
  // The names below are for people and reports.
  virtual const std::string& side() const = 0;
  virtual const std::string& cloud() const = 0;  // key of knowledge/clouds
  virtual Json describe() const = 0;             // host, account, workspace, tier, user: no secrets
};

// Calls `each` for every item of every page. A page may be empty and still have a token.
// `parameters` join the listing's fixed query. Items arrive in the server's order; no page is asked
// for twice, and an error of `each` ends the list. Errors: "repeating-page-token";
// "incomplete-list" (fewer items came than the list says it has); "bad-answer" (no list where one
// should be); those of the calls.
Status each_item(Platform& platform, const Listing& listing, const Json& parameters,
                 std::string_view family, std::stop_token stop,
                 const std::function<Status(Json&&)>& each);

}  // namespace lakeshift::engine

// One call to an object store: signed, tried again, and its refusals named. For use inside this
// folder.
#pragma once

#include <functional>
#include <string>

#include "core/world/world.h"
#include "knowledge/stores/store.h"

namespace lakeshift::stores {

// Signs the request as it is, at each attempt.
using Signer = std::function<Status(world::HttpRequest&)>;

struct CallTexts {
  std::string about;   // "s3://bucket/a/b"
  std::string remedy;  // for a refused signature: which variables to look at
};

// Answers below 400 and 416 are values. Errors as store.h says.
Result<world::HttpResponse> call_store(world::HttpRequest request, const Signer& sign,
                                       const CallTexts& texts, world::Run& run);

// Of a request that writes: the condition, and the tags as both protocols spell them.
void add_condition(world::Headers& headers, const Condition& condition);
std::string tags_text(const ObjectFields& fields);
// Of an answer.
std::string header_of(const world::HttpResponse& response, const char* name);
std::string unquoted(std::string_view etag);
// Seconds since 1970 of "2026-11-28T23:00:00.000Z" or "Sat, 28 Nov 2026 23:00:00 GMT"; 0: neither.
long long seconds_of(std::string_view time);

}  // namespace lakeshift::stores

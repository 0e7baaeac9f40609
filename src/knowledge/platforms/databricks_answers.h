// What a Databricks workspace answered: JSON, an error with its stable code, or something that is
// no workspace's.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/world/clock.h"
#include "core/world/http.h"

namespace lakeshift::platforms {

// The stable code of an error code of the platform: "RESOURCE_DOES_NOT_EXIST" -> "not-found"; codes
// that the table does not know become lower case with hyphens ("DIRECTORY_NOT_EMPTY" ->
// "directory-not-empty").
std::string stable_code(std::string_view error_code);

// The value of a 2xx answer (an empty body is {}). Errors: what the body says, as Error{code,
// message, retry, http_status}. retry=after_login: the credential was refused (401), or perhaps
// (403 without a word on permissions). "not-a-workspace": a web page or a redirect; "bad-answer":
// cut off, not JSON, not UTF-8 (both retry=later). `about` names the call.
Result<Json> read_answer(const world::HttpResponse& response, const std::string& about);
// The same for answers whose body is bytes.
Status check_answer(const world::HttpResponse& response, const std::string& about);

// Of the header Retry-After, in seconds or as a date; zero when absent or past.
world::Millis retry_after(const world::HttpResponse& response, world::Instant now);

}  // namespace lakeshift::platforms

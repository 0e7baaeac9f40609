// One request as the services see it, and what they answer.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/world/http.h"
#include "twin/api.h"

namespace lakeshift::twin {

struct Call {
  std::string method;
  std::string path;  // as sent, without query, older versions of an API rewritten to the newest
  std::string sent_path;                                       // as sent
  std::map<std::string, std::string, std::less<>> parameters;  // of the path, decoded
  std::multimap<std::string, std::string, std::less<>> query;  // decoded
  Json body = Json::object();
  std::string bytes;  // the body when it is not JSON, or the uploaded part of a form
  bool is_form = false;
  const Route* route = nullptr;  // null for calls the SDK does not describe
  world::Headers headers;

  std::string parameter(std::string_view name) const;
  bool has_query(std::string_view name) const { return query.find(name) != query.end(); }
  std::string query_text(std::string_view name, std::string_view fallback = {}) const;
  long long query_int(std::string_view name, long long fallback) const;
  bool query_bool(std::string_view name, bool fallback = false) const;
};

struct Answer {
  Answer(Json json) : body(std::move(json)) {}  // NOLINT: answers are JSON unless said otherwise
  static Answer raw(std::string bytes, std::string type);
  static Answer empty(int status);
  int status = 200;
  Json body;
  std::string bytes;
  std::string content_type = "application/json";
  bool is_raw = false;
};

// An error answer. `code` is the platform's own ("RESOURCE_DOES_NOT_EXIST"); the status follows
// from it.
tl::unexpected<Error> refuse(std::string code, std::string message);
tl::unexpected<Error> refuse_scim(int status, std::string detail, std::string scim_type = {});
tl::unexpected<Error> invalid(std::string message);  // INVALID_PARAMETER_VALUE
tl::unexpected<Error> missing(std::string message);  // RESOURCE_DOES_NOT_EXIST
// The answer that carries an error: {error_code, message}, or a SCIM error for SCIM paths.
world::HttpResponse error_response(const Error& error, bool scim);

// Members of the body that must be there and not empty.
Result<std::string> required_text(const Json& body, std::string_view name);
// An id that may be written as a number or as text.
Result<std::string> required_id(const Json& body, std::string_view name);

// The number a text of digits stands for; 0 for anything else.
long long as_number(std::string_view digits);

// A copy without members that start with '$' (what the twin keeps for itself).
Json without_private(const Json& document);
// Copies the members of `from` over those of `to`; null erases.
void overlay(Json& to, const Json& from);

}  // namespace lakeshift::twin

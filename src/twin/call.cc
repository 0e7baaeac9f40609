#include "twin/call.h"

#include <charconv>

namespace lakeshift::twin {
namespace {

struct CodeStatus {
  std::string_view code;
  int status;
};
// Statuses as documented with the codes, docs.databricks.com "Error codes" of the REST API (read
// 2026-11).
constexpr CodeStatus kStatuses[] = {
    {"INVALID_PARAMETER_VALUE", 400}, {"BAD_REQUEST", 400},
    {"MALFORMED_REQUEST", 400},       {"RESOURCE_ALREADY_EXISTS", 400},
    {"DIRECTORY_NOT_EMPTY", 400},     {"MAX_NOTEBOOK_SIZE_EXCEEDED", 400},
    {"INVALID_STATE", 400},           {"QUOTA_EXCEEDED", 400},
    {"RESOURCE_LIMIT_EXCEEDED", 400}, {"MAX_BLOCK_SIZE_EXCEEDED", 400},
    {"UNAUTHENTICATED", 401},         {"PERMISSION_DENIED", 403},
    {"FEATURE_DISABLED", 404},        {"RESOURCE_DOES_NOT_EXIST", 404},
    {"ENDPOINT_NOT_FOUND", 404},      {"NOT_FOUND", 404},
    {"RESOURCE_CONFLICT", 409},       {"ALREADY_EXISTS", 409},
    {"REQUEST_LIMIT_EXCEEDED", 429},  {"RESOURCE_EXHAUSTED", 429},
    {"INTERNAL_ERROR", 500},          {"NOT_IMPLEMENTED", 501},
    {"TEMPORARILY_UNAVAILABLE", 503}};

}  // namespace

std::string Call::parameter(std::string_view name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

std::string Call::query_text(std::string_view name, std::string_view fallback) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string(fallback) : found->second;
}

long long Call::query_int(std::string_view name, long long fallback) const {
  const std::string text = query_text(name);
  long long value = fallback;
  if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool Call::query_bool(std::string_view name, bool fallback) const {
  const std::string text = query_text(name);
  return text.empty() ? fallback : text == "true" || text == "True";
}

Answer Answer::raw(std::string bytes, std::string type) {
  Answer answer{Json::object()};
  answer.is_raw = true;
  answer.bytes = std::move(bytes);
  answer.content_type = std::move(type);
  return answer;
}

Answer Answer::empty(int status) {
  Answer answer = raw("", "application/json");
  answer.status = status;
  return answer;
}

tl::unexpected<Error> refuse(std::string code, std::string message) {
  Error error;
  error.http_status = 400;
  for (const CodeStatus& known : kStatuses) {
    if (known.code == code) error.http_status = known.status;
  }
  error.code = std::move(code);
  error.message = std::move(message);
  return tl::unexpected<Error>(std::move(error));
}

tl::unexpected<Error> refuse_scim(int status, std::string detail, std::string scim_type) {
  Error error;
  error.http_status = status;
  error.code = std::move(scim_type);
  error.message = std::move(detail);
  return tl::unexpected<Error>(std::move(error));
}

tl::unexpected<Error> invalid(std::string message) {
  return refuse("INVALID_PARAMETER_VALUE", std::move(message));
}

tl::unexpected<Error> missing(std::string message) {
  return refuse("RESOURCE_DOES_NOT_EXIST", std::move(message));
}

world::HttpResponse error_response(const Error& error, bool scim) {
  world::HttpResponse response;
  response.status = error.http_status == 0 ? 500 : error.http_status;
  response.headers["content-type"] = scim ? "application/scim+json" : "application/json";
  Json body;
  if (scim) {
    body["schemas"] = Json::array({"urn:ietf:params:scim:api:messages:2.0:Error"});
    body["detail"] = error.message;
    body["status"] = std::to_string(response.status);
    if (!error.code.empty()) body["scimType"] = error.code;
  } else {
    body["error_code"] = error.http_status == 0 ? "INTERNAL_ERROR" : error.code;
    body["message"] = error.message;
  }
  response.body = dump_json(body);
  return response;
}

Result<std::string> required_text(const Json& body, std::string_view name) {
  const Json& value = member(body, name);
  if (!value.is_string() || value.get_ref<const std::string&>().empty())
    return invalid("missing required field '" + std::string(name) + "'");
  return value.get<std::string>();
}

Result<std::string> required_id(const Json& body, std::string_view name) {
  const Json& value = member(body, name);
  if (value.is_null()) return invalid("missing required field '" + std::string(name) + "'");
  return scalar_text(value);
}

long long as_number(std::string_view digits) {
  long long value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() && value > 0 ? value : 0;
}

Json without_private(const Json& document) {
  Json copy = Json::object();
  if (!document.is_object()) return document;
  for (const auto& [name, value] : document.items()) {
    if (name.empty() || name.front() != '$') copy[name] = value;
  }
  return copy;
}

void overlay(Json& to, const Json& from) {
  if (!from.is_object()) return;
  for (const auto& [name, value] : from.items()) {
    if (value.is_null()) {
      to.erase(name);
    } else {
      to[name] = value;
    }
  }
}

}  // namespace lakeshift::twin

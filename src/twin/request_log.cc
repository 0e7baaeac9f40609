#include "twin/request_log.h"

#include "core/base/digest.h"
#include "core/base/strings.h"
#include "twin/context.h"

namespace lakeshift::twin {
namespace {

constexpr std::string_view kHidden[] = {
    "content",     "string_value",          "bytes_value", "script",  "client_secret",
    "token_value", "personal_access_token", "password",    "contents"};

bool is_hidden(std::string_view name) {
  for (const std::string_view hidden : kHidden) {
    if (hidden == name) return true;
  }
  return false;
}

Json hide(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& item : value) list.push_back(hide(item));
    return list;
  }
  if (!value.is_object()) return value;
  Json copy = Json::object();
  for (const auto& [name, item] : value.items()) {
    if (is_hidden(name) && item.is_string()) {
      const auto& text = item.get_ref<const std::string&>();
      copy[name] = "sha256:" + sha256_hex(text) + " length:" + std::to_string(text.size());
    } else {
      copy[name] = hide(item);
    }
  }
  return copy;
}

}  // namespace

Json redacted(const std::string&, const Json& body) { return hide(body); }

Status RequestLog::open(const std::string& path) {
  if (path.empty()) return {};
  file_.open(path, std::ios::app | std::ios::binary);
  if (!file_)
    return fail("io", "the request log cannot be written", path,
                "give a file in a folder that exists");
  return {};
}

void RequestLog::write(const LogEntry& entry) {
  if (!file_.is_open()) return;
  Json line = {{"time", iso_time(entry.time_ms)},
               {"method", entry.method},
               {"path", entry.path},
               {"query", entry.query},
               {"status", entry.status}};
  if (!entry.body.is_null()) line["body"] = redacted(entry.path, entry.body);
  if (!entry.form.empty()) line["form"] = entry.form;
  if (!entry.error_code.empty()) line["error_code"] = entry.error_code;
  if (!entry.op.empty()) line["op"] = entry.op;
  if (!entry.caller.empty()) line["caller"] = entry.caller;
  const std::scoped_lock lock(mutex_);
  line["n"] = ++number_;
  file_ << dump_json(line) << '\n';
  file_.flush();
}

}  // namespace lakeshift::twin

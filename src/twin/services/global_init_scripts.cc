// Global init scripts, in the order of their positions.
#include <algorithm>

#include "core/base/strings.h"
#include "twin/service.h"

namespace lakeshift::twin::services::global_init_scripts {
namespace {

constexpr std::string_view kKind = "global_init_script";
constexpr std::size_t kGreatest = std::size_t{64} * 1024;  // SDK: "The script cannot exceed 64KB"

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get(kKind, id);
  if (row == nullptr) return missing("Global init script " + id + " does not exist");
  return *row;
}

std::vector<const Row*> in_order(const Context& context) {
  std::vector<const Row*> rows = context.store.list(kKind);
  std::stable_sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) {
    return int_at(a->document, "position") < int_at(b->document, "position");
  });
  return rows;
}

Status check(const Json& script) {
  if (text_at(script, "name").empty()) return invalid("missing required field 'name'");
  const auto bytes = base64_decode(text_at(script, "script"));
  if (!bytes || bytes->empty()) return invalid("script is not base64 of a script");
  if (bytes->size() > kGreatest)
    return invalid("the script has " + std::to_string(bytes->size()) + " bytes, the limit is " +
                   std::to_string(kGreatest));
  return {};
}

// Puts the script at the wanted position and moves those behind it.
void settle_positions(Context& context, const std::string& id, long long wanted) {
  std::vector<std::string> ids;
  for (const Row* row : in_order(context)) {
    if (row->id != id) ids.push_back(row->id);
  }
  const auto place = static_cast<std::size_t>(
      std::clamp<long long>(wanted, 0, static_cast<long long>(ids.size())));
  ids.insert(ids.begin() + static_cast<std::ptrdiff_t>(place), id);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Row* row = context.store.get(kKind, ids[i]);
    if (int_at(row->document, "position", -1) == static_cast<long long>(i)) continue;
    Json script = row->document;
    script["position"] = i;
    const std::string key = row->key;
    context.store.put(std::string(kKind), ids[i], key, std::move(script));
  }
}

Json details(const Row& row, bool with_content) {
  Json script = without_private(row.document);
  if (!with_content) script.erase("script");
  return script;
}

Result<Answer> list(Context& context, const Call&) {
  Json scripts = Json::array();
  for (const Row* row : in_order(context)) scripts.push_back(details(*row, false));
  return Answer(page_body("scripts", std::move(scripts), ""));
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  return Answer(details(row, true));
}

Result<Answer> create(Context& context, const Call& call) {
  Json script = call.body;
  LS_TRY(check(script));
  const std::string id = hex_id(context, "script", true);
  const long long last = static_cast<long long>(context.store.count(kKind));
  const long long wanted = int_at(script, "position", last);
  script["script_id"] = id;
  script["enabled"] = bool_at(script, "enabled");
  script["position"] = last;
  script["created_at"] = context.now;
  script["created_by"] = context.caller.name;
  script["updated_at"] = context.now;
  script["updated_by"] = context.caller.name;
  const std::string name = text_at(script, "name");
  context.store.put(std::string(kKind), id, name, std::move(script));
  settle_positions(context, id, wanted);
  return Answer(Json{{"script_id", id}});
}

Result<Answer> update(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  Json script = row.document;
  overlay(script, call.body);
  LS_TRY(check(script));
  const long long wanted = int_at(script, "position");
  script["updated_at"] = context.now;
  script["updated_by"] = context.caller.name;
  const std::string name = text_at(script, "name");
  context.store.put(std::string(kKind), row.id, name, std::move(script));
  settle_positions(context, row.id, wanted);
  return Answer(Json::object());
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  context.store.erase(std::string(kKind), row.id);
  return Answer(Json::object());
}

constexpr Endpoint kEndpoints[] = {{"GET", "/api/2.0/global-init-scripts", list},
                                   {"POST", "/api/2.0/global-init-scripts", create},
                                   {"GET", "/api/2.0/global-init-scripts/{id}", get},
                                   {"PATCH", "/api/2.0/global-init-scripts/{id}", update},
                                   {"DELETE", "/api/2.0/global-init-scripts/{id}", remove}};

Status load(Context& context, const Json& document) {
  Json script = document;
  std::string id = text_at(script, "script_id");
  if (id.empty()) id = hex_id(context, "script", true);
  script["script_id"] = id;
  // A dump may carry the bytes apart, as it does for files.
  if (const std::string bytes = text_at(script, "$content"); !bytes.empty()) {
    script["script"] = bytes;
    script.erase("$content");
  }
  if (!script.contains("position")) script["position"] = context.store.count(kKind);
  for (const char* name : {"created_at", "updated_at"})
    if (!script.contains(name)) script[name] = context.now;
  for (const char* name : {"created_by", "updated_by"})
    if (!script.contains(name)) script[name] = context.caller.name;
  const std::string name = text_at(script, "name");
  context.store.put(std::string(kKind), id, name, std::move(script));
  return {};
}

constexpr Holding kHoldings[] = {{kKind, "global_init_scripts.json", 32, load}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"global_init_scripts", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::global_init_scripts

// Pipelines: their specification; nothing of them runs in a twin, so they are always idle.
#include "twin/access.h"
#include "twin/principals.h"
#include "twin/service.h"

namespace lakeshift::twin::services::pipelines {
namespace {

constexpr std::string_view kKind = "pipeline";

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get(kKind, id);
  if (row == nullptr) return missing("The specified pipeline " + id + " was not found.");
  return *row;
}

Json document_of(Context& context, const std::string& id, Json spec, const Row* before) {
  const Json access = member(spec, "access_control_list");
  for (const char* name : {"allow_duplicate_names", "dry_run", "access_control_list",
                           "expected_last_modified", "pipeline_id"})
    spec.erase(name);
  spec["id"] = id;
  Json document = {{"pipeline_id", id},
                   {"name", text_at(spec, "name")},
                   {"state", "IDLE"},
                   {"health", "HEALTHY"},
                   {"last_modified", context.now}};
  document["creator_user_name"] =
      before == nullptr ? context.caller.name : text_at(before->document, "creator_user_name");
  document["run_as_user_name"] = document["creator_user_name"];
  document["spec"] = std::move(spec);
  return document;
}

Result<Answer> create(Context& context, const Call& call) {
  LS_ASSIGN(const std::string name, required_text(call.body, "name"));
  if (!bool_at(call.body, "allow_duplicate_names") && context.store.by_key(kKind, name) != nullptr)
    return refuse("RESOURCE_CONFLICT",
                  "The pipeline name '" + name + "' is already used by another pipeline");
  const std::string id = uuid_id(context, kKind);
  context.store.put(std::string(kKind), id, name, document_of(context, id, call.body, nullptr));
  grant_to_creator(context, "pipelines", id, context.caller);
  return Answer(Json{{"pipeline_id", id}});
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  return Answer(without_private(row.document));
}

Result<Answer> list(Context& context, const Call& call) {
  LS_ASSIGN(const Page page,
            page_of(context, visible_rows(context, kKind), call.query_text("page_token"),
                    call.query_int("max_results", 0), {25, 100}));
  Json statuses = Json::array();
  for (const Row* row : page.rows) {
    Json status = without_private(row->document);
    status.erase("spec");
    statuses.push_back(std::move(status));
  }
  return Answer(page_body("statuses", std::move(statuses), page.next_token));
}

Result<Answer> edit(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  const std::string storage = text_at(member(row.document, "spec"), "storage");
  if (call.body.contains("storage") && text_at(call.body, "storage") != storage)
    return invalid("storage of pipeline " + row.id + " cannot be changed");
  const std::string name = text_at(call.body, "name", row.key);
  Json spec = call.body;
  spec["name"] = name;
  context.store.put(std::string(kKind), row.id, name,
                    document_of(context, row.id, std::move(spec), &row));
  return Answer(Json::object());
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  forget_grants(context.store, row.id);
  context.store.erase(std::string(kKind), row.id);
  return Answer(Json::object());
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.0/pipelines", create},
                                   {"GET", "/api/2.0/pipelines", list},
                                   {"GET", "/api/2.0/pipelines/{id}", get},
                                   {"PUT", "/api/2.0/pipelines/{id}", edit},
                                   {"DELETE", "/api/2.0/pipelines/{id}", remove}};

Status load(Context& context, const Json& document) {
  Json pipeline = document;
  pipeline.erase("$permissions");
  const std::string id = text_at(pipeline, "pipeline_id");
  if (id.empty()) return invalid("a pipeline has no pipeline_id");
  const std::string name = text_at(pipeline, "name");
  const auto creator = find_principal(context.store, text_at(pipeline, "creator_user_name"));
  context.store.put(std::string(kKind), id, name, std::move(pipeline));
  grant_to_creator(context, "pipelines", id, creator.value_or(context.caller));
  return {};
}

constexpr Holding kHoldings[] = {{kKind, "pipelines.json", 51, load, nullptr, "pipelines"}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"pipelines", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::pipelines

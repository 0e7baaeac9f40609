// Experiments and registered models of the workspace: made, listed and read; runs are not kept.
#include "twin/access.h"
#include "twin/service.h"

namespace lakeshift::twin::services::mlflow {
namespace {

constexpr std::string_view kExperiment = "experiment";
constexpr std::string_view kModel = "registered_model";

Result<Answer> list(Context& context, std::string_view kind, std::string_view items,
                    const std::string& token, long long size) {
  LS_ASSIGN(const Page page,
            page_of(context, visible_rows(context, kind), token, size, {100, 1000}));
  Json list = Json::array();
  for (const Row* row : page.rows) list.push_back(without_private(row->document));
  return Answer(page_body(items, std::move(list), page.next_token));
}

Result<Answer> search_experiments(Context& context, const Call& call) {
  return list(context, kExperiment, "experiments", text_at(call.body, "page_token"),
              int_at(call.body, "max_results"));
}
Result<Answer> list_experiments(Context& context, const Call& call) {
  return list(context, kExperiment, "experiments", call.query_text("page_token"),
              call.query_int("max_results", 0));
}
Result<Answer> list_models(Context& context, const Call& call) {
  return list(context, kModel, "registered_models", call.query_text("page_token"),
              call.query_int("max_results", 0));
}

Result<Answer> create_experiment(Context& context, const Call& call) {
  LS_ASSIGN(const std::string name, required_text(call.body, "name"));
  if (context.store.by_key(kExperiment, name) != nullptr)
    return refuse("RESOURCE_ALREADY_EXISTS", "Experiment '" + name + "' already exists.");
  const std::string id = numeric_id(context, kExperiment);
  Json experiment = call.body;
  experiment["experiment_id"] = id;
  experiment["lifecycle_stage"] = "active";
  experiment["creation_time"] = context.now;
  experiment["last_update_time"] = context.now;
  if (!experiment.contains("artifact_location"))
    experiment["artifact_location"] = "dbfs:/databricks/mlflow-tracking/" + id;
  context.store.put(std::string(kExperiment), id, name, std::move(experiment));
  grant_to_creator(context, "experiments", id, context.caller);
  return Answer(Json{{"experiment_id", id}});
}

Result<Answer> get_experiment(Context& context, const Call& call) {
  const Row* row = context.store.get(kExperiment, call.query_text("experiment_id"));
  if (row == nullptr)
    return missing("Node ID " + call.query_text("experiment_id") + " does not exist.");
  return Answer(Json{{"experiment", without_private(row->document)}});
}

Result<Answer> create_model(Context& context, const Call& call) {
  LS_ASSIGN(const std::string name, required_text(call.body, "name"));
  if (context.store.by_key(kModel, name) != nullptr)
    return refuse("RESOURCE_ALREADY_EXISTS", "RegisteredModel '" + name + "' already exists.");
  const std::string id = uuid_id(context, kModel);
  Json model = call.body;
  model["creation_timestamp"] = context.now;
  model["user_id"] = context.caller.name;
  model["$id"] = id;
  context.store.put(std::string(kModel), id, name, model);
  grant_to_creator(context, "registered-models", id, context.caller);
  return Answer(Json{{"registered_model", without_private(model)}});
}

constexpr Endpoint kEndpoints[] = {
    {"POST", "/api/2.0/mlflow/experiments/search", search_experiments},
    {"GET", "/api/2.0/mlflow/experiments/list", list_experiments},
    {"POST", "/api/2.0/mlflow/experiments/create", create_experiment},
    {"GET", "/api/2.0/mlflow/experiments/get", get_experiment},
    {"POST", "/api/2.0/mlflow/registered-models/create", create_model},
    {"GET", "/api/2.0/mlflow/registered-models/list", list_models},
    {"GET", "/api/2.0/mlflow/registered-models/search", list_models}};

Status load_experiment(Context& context, const Json& document) {
  Json experiment = document;
  experiment.erase("$permissions");
  std::string id = text_at(experiment, "experiment_id");
  if (id.empty()) id = numeric_id(context, kExperiment);
  experiment["experiment_id"] = id;
  const std::string name = text_at(experiment, "name");
  context.store.put(std::string(kExperiment), id, name, std::move(experiment));
  return {};
}

Status load_model(Context& context, const Json& document) {
  const std::string name = text_at(document, "name");
  const std::string id = text_at(document, "$id", name);
  context.store.put(std::string(kModel), id, name, document);
  return {};
}

constexpr Holding kHoldings[] = {
    {kExperiment, "experiments.json", 52, load_experiment, nullptr, "experiments"},
    {kModel, "registered_models.json", 53, load_model}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"mlflow", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::mlflow

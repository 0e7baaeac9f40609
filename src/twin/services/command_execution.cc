// Commands on clusters: API 1.2. Statuses and members: SDK, compute.CommandExecutionAPI ("execution
// of Python, Scala, SQL, or R commands on running Databricks Clusters"). Python is run by a real
// interpreter (TwinOptions::python), each command in a process of its own: a context keeps no
// variables here. `dbutils.secrets` gives the twin's own secrets, and what is printed of them is
// redacted (docs.databricks.com "Secret redaction", read 2026-11).
#include "core/base/strings.h"
#include "core/world/process.h"
#include "twin/service.h"

namespace lakeshift::twin::services::command_execution {
namespace {

constexpr std::string_view kContext = "command_context";
constexpr std::string_view kCommand = "command";
constexpr world::Millis kLimit{30'000};

// The order comes by standard input: arguments and environments can be read by others.
constexpr const char* kRunner = R"(
import base64, contextlib, io, json, sys, traceback
order, seen, out = json.load(sys.stdin), [], io.StringIO()
class Secrets:
    def getBytes(self, scope, key):
        if key not in order["secrets"].get(scope, {}):
            raise ValueError("Secret does not exist with scope: %s and key: %s" % (scope, key))
        value = base64.b64decode(order["secrets"][scope][key])
        seen.append(value.decode("utf-8", "replace"))
        return value
    def get(self, scope, key):
        return self.getBytes(scope, key).decode()
class DBUtils:
    secrets = Secrets()
try:
    with contextlib.redirect_stdout(out):
        exec(compile(order["command"], "command", "exec"), {"dbutils": DBUtils(), "__name__": "__main__"})
    results = {"resultType": "text", "data": out.getvalue().rstrip("\n")}
except BaseException as error:
    results = {"resultType": "error", "summary": "%s: %s" % (type(error).__name__, error), "cause": traceback.format_exc()}
for name in ("data", "summary", "cause"):
    for value in seen:
        if value and name in results:
            results[name] = results[name].replace(value, "[REDACTED]")
json.dump(results, sys.stdout)
)";

Result<std::string> running_cluster(const Context& context, const std::string& id) {
  const Row* cluster = context.store.get("cluster", id);
  if (cluster == nullptr) return invalid("ClusterNotFoundException: Cluster not found: " + id);
  const bool is_up =
      text_at(cluster->document, "$wanted") == "RUNNING" &&
      context.now - int_at(cluster->document, "$since") >= context.options.cluster_starts_ms;
  if (!is_up) return invalid("ClusterNotReadyException: Cluster is not running: " + id);
  return id;
}

Result<Row> find(const Context& context, std::string_view kind, const std::string& id,
                 const std::string& cluster) {
  const Row* row = context.store.get(kind, id);
  if (row == nullptr || row->key != cluster)
    return invalid(std::string(kind == kContext ? "ContextNotFound" : "CommandNotFound") + ": " +
                   id);
  return *row;
}

Result<Answer> create_context(Context& context, const Call& call) {
  LS_ASSIGN(const std::string cluster, running_cluster(context, text_at(call.body, "clusterId")));
  const std::string id = numeric_id(context, kContext);
  context.store.put(std::string(kContext), id, cluster,
                    {{"id", id}, {"language", text_at(call.body, "language")}});
  return Answer(Json{{"id", id}});
}

Result<Answer> context_status(Context& context, const Call& call) {
  LS_ASSIGN(const Row row,
            find(context, kContext, call.query_text("contextId"), call.query_text("clusterId")));
  return Answer(Json{{"id", row.id}, {"status", "Running"}});
}

Result<Answer> destroy_context(Context& context, const Call& call) {
  const std::string id = text_at(call.body, "contextId");
  LS_ASSIGN(const Row row, find(context, kContext, id, text_at(call.body, "clusterId")));
  context.store.erase(std::string(kContext), row.id);
  return Answer(Json{{"id", id}});
}

Json failure(const std::string& summary) {
  return {{"resultType", "error"}, {"summary", summary}, {"cause", summary}};
}

Json run_python(const Context& context, const std::string& command) {
  if (context.options.python.empty())
    return failure("the twin was started without --python: it runs no commands");
  Json order = {{"command", command}, {"secrets", Json::object()}};
  for (const Row* secret : context.store.list("secret"))
    if (const std::string* value = context.store.content("secret:" + secret->id); value != nullptr)
      order["secrets"][text_at(secret->document, "scope")][text_at(secret->document, "key")] =
          base64_encode(*value);
  const auto ended = world::run_process({context.options.python, "-I", "-S", "-c", kRunner},
                                        dump_json(order), kLimit);
  if (!ended) return failure(ended.error().to_text());
  auto results = parse_json(ended->out, "results");
  if (!results) return failure("the interpreter ended with " + std::to_string(ended->exit_code));
  return std::move(*results);
}

Result<Answer> execute(Context& context, const Call& call) {
  LS_ASSIGN(const std::string cluster, running_cluster(context, text_at(call.body, "clusterId")));
  LS_ASSIGN(const Row within, find(context, kContext, text_at(call.body, "contextId"), cluster));
  const std::string language = text_at(call.body, "language");
  Json results = language == "python" ? run_python(context, text_at(call.body, "command"))
                                      : failure("the twin runs Python only, not " + language);
  const std::string id = numeric_id(context, kCommand);
  context.store.put(std::string(kCommand), id, cluster,
                    {{"id", id}, {"context", within.id}, {"results", std::move(results)}});
  return Answer(Json{{"id", id}});
}

// The first look finds it running.
Result<Answer> command_status(Context& context, const Call& call) {
  LS_ASSIGN(const Row row,
            find(context, kCommand, call.query_text("commandId"), call.query_text("clusterId")));
  if (!bool_at(row.document, "$seen")) {
    Json document = row.document;
    document["$seen"] = true;
    context.store.put(std::string(kCommand), row.id, row.key, std::move(document));
    return Answer(Json{{"id", row.id}, {"status", "Running"}});
  }
  return Answer(
      Json{{"id", row.id}, {"status", "Finished"}, {"results", member(row.document, "results")}});
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/1.2/contexts/create", create_context},
                                   {"GET", "/api/1.2/contexts/status", context_status},
                                   {"POST", "/api/1.2/contexts/destroy", destroy_context},
                                   {"POST", "/api/1.2/commands/execute", execute},
                                   {"GET", "/api/1.2/commands/status", command_status}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"command_execution", kEndpoints};

}  // namespace lakeshift::twin::services::command_execution

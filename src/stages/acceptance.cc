#include "stages/acceptance.h"

#include <algorithm>

#include "core/base/strings.h"
#include "stages/acceptance_compute.h"
#include "stages/acceptance_session.h"

namespace lakeshift::stages {
namespace {

// A text as a Python literal: JSON strings are.
std::string python_text(const std::string& text) { return dump_json(Json(text)); }

std::string connect_source(const std::string& database) {
  return "# Databricks notebook source\nimport socket\nhost, port = " + python_text(database) +
         ".rsplit(':', 1)\nsocket.create_connection((host, int(port)), timeout=20).close()\n";
}
std::string list_source(const std::string& bucket) {
  return "# Databricks notebook source\ndbutils.fs.ls(" + python_text(bucket) + ")\n";
}

class Acceptance {
 public:
  Acceptance(engine::Platform& target, const Json& reference, const AcceptanceOptions& options,
             world::Run& run)
      : session_(target, options, run), options_(options), reference_(reference), run_(run) {}

  AcceptanceReport execute() {
    step("start a cluster", [this](AcceptanceStep& s) { return start_cluster(s); });
    step("install a package", [this](AcceptanceStep& s) { return install_package(s); });
    step("run a notebook", [this](AcceptanceStep& s) { return run_notebook(s); });
    step("upload a file", [this](AcceptanceStep& s) { return upload_file(s); });
    step("create and drop a table", [this](AcceptanceStep& s) { return use_table(s); });
    step("run a job", [this](AcceptanceStep& s) { return run_job(s); });
    for (const std::string& database : options_.databases)
      step("reach database " + database,
           [&](AcceptanceStep& s) { return reach(s, connect_source(database)); });
    for (const std::string& bucket : options_.buckets)
      step("reach bucket " + bucket,
           [&](AcceptanceStep& s) { return reach(s, list_source(bucket)); });
    take_back();
    return std::move(report_);
  }

 private:
  template <typename Action>
  void step(const std::string& name, const Action& action) {
    AcceptanceStep step;
    step.name = name;
    const world::Instant start = run_.world.clock.now();
    if (run_.stop.stop_requested()) {
      skip(step, "interrupted", "the run was stopped before");
    } else {
      const Status status = action(step);
      if (!status) {
        step.outcome = StepOutcome::failed;
        step.code = status.error().code;
        step.reason = status.error().message;
        step.remedy = status.error().remedy;
      } else if (step.code.empty()) {
        step.outcome = StepOutcome::passed;
      }
    }
    step.took_ms = (run_.world.clock.now() - start).count();
    run_.events.emit({.type = world::Event::Type::object,
                      .stage = "acceptance",
                      .subject = "step",
                      .name = step.name,
                      .outcome = std::string(to_text(step.outcome)),
                      .text = step.reason});
    report_.steps.push_back(std::move(step));
  }

  static Status skip(AcceptanceStep& step, std::string code, std::string reason) {
    step.outcome = StepOutcome::skipped;
    step.code = std::move(code);
    step.reason = std::move(reason);
    return {};
  }
  Status skip_without_cluster(AcceptanceStep& step) {
    return skip(step, "needs-cluster", "it needs the step 'start a cluster', which did not pass");
  }

  Status start_cluster(AcceptanceStep& step) {
    std::string id = options_.cluster_id;
    if (id.empty()) {
      LS_ASSIGN(id, make_cluster(step));
      if (id.empty()) return {};
    } else {
      LS_ASSIGN(const Json before,
                session_.get("/api/2.1/clusters/get", {{"cluster_id", id}}, "clusters"));
      const std::string state = text_at(before, "state");
      started_cluster_ = state == "TERMINATED" ? id : std::string();
      if (state == "TERMINATED")
        LS_TRY(session_.post("/api/2.1/clusters/start", {{"cluster_id", id}}, "clusters"));
    }
    const auto state_of = [](const Json& cluster) { return text_at(cluster, "state"); };
    const auto is_settled = [&](const Json& cluster) {
      const std::string state = state_of(cluster);
      return state == "RUNNING" || state == "TERMINATED" || state == "ERROR" || state == "UNKNOWN";
    };
    LS_ASSIGN(const Json after, session_.wait_for("/api/2.1/clusters/get", {{"cluster_id", id}},
                                                  "clusters", is_settled, state_of));
    if (state_of(after) != "RUNNING")
      return fail("cluster-not-running",
                  "the cluster is " + state_of(after) + ": " + text_at(after, "state_message"), id,
                  "look at its event log in the target");
    cluster_id_ = id;
    step.evidence = "cluster " + id + " is RUNNING";
    return {};
  }

  // A small cluster of this run's own. "" when there is nothing to make it of: then the step is
  // skipped.
  Result<std::string> make_cluster(AcceptanceStep& step) {
    const std::string node =
        options_.node_type.empty() ? smallest_node_type(reference_) : options_.node_type;
    const std::string runtime =
        options_.runtime.empty() ? newest_lts_runtime(reference_) : options_.runtime;
    if (node.empty() || runtime.empty()) {
      LS_TRY(skip(step, "not-named",
                  "no cluster is named, and the reference data offers no " +
                      std::string(node.empty() ? "plain node type" : "long term support runtime")));
      return std::string();
    }
    const Json body = {{"cluster_name", "lakeshift acceptance"},
                       {"spark_version", runtime},
                       {"node_type_id", node},
                       {"num_workers", 1},
                       {"autotermination_minutes", 20}};
    LS_ASSIGN(const Json made,
              session_.post("/api/2.1/clusters/create", body, "clusters", model::Effect::create));
    made_cluster_ = text_at(made, "cluster_id");
    if (made_cluster_.empty())
      return fail("bad-answer", "clusters/create answered without a cluster_id");
    return made_cluster_;
  }

  Status install_package(AcceptanceStep& step) {
    if (cluster_id_.empty()) return skip_without_cluster(step);
    const Json libraries = Json::array({{{"pypi", {{"package", options_.package}}}}});
    const Json body = {{"cluster_id", cluster_id_}, {"libraries", libraries}};
    LS_TRY(session_.post("/api/2.0/libraries/install", body, "libraries"));
    const auto state_of = [this](const Json& answer) -> std::string {
      const Json& statuses = member(answer, "library_statuses");
      if (!statuses.is_array()) return "PENDING";
      for (const Json& status : statuses)
        if (text_at(member(member(status, "library"), "pypi"), "package") == options_.package)
          return text_at(status, "status", "PENDING");
      return "PENDING";
    };
    const auto is_settled = [&](const Json& answer) {
      const std::string state = state_of(answer);
      return state == "INSTALLED" || state == "FAILED" || state == "SKIPPED";
    };
    auto after =
        session_.wait_for("/api/2.0/libraries/cluster-status", {{"cluster_id", cluster_id_}},
                          "libraries", is_settled, state_of);
    const auto removed = session_.post("/api/2.0/libraries/uninstall", body, "libraries");
    step.clean_up =
        removed ? "uninstalled" : "could not be uninstalled: " + removed.error().message;
    if (!after) return fail(after.error());
    if (state_of(*after) != "INSTALLED")
      return fail("package-not-installed",
                  "the package " + options_.package + " is " + state_of(*after), cluster_id_,
                  "check the network's way to the package index");
    step.evidence = options_.package + " is INSTALLED";
    return {};
  }

  Status run_source(AcceptanceStep& step, const std::string& name, const std::string& source) {
    LS_TRY(session_.put_notebook(name, source));
    const Json task = {{"notebook_task", {{"notebook_path", session_.path_of(name)}}}};
    LS_ASSIGN(const Json run, session_.run_once(name, task, cluster_id_));
    step.evidence = "run " + scalar_text(member(run, "run_id")) + " ended SUCCESS";
    return {};
  }
  Status run_notebook(AcceptanceStep& step) {
    if (cluster_id_.empty()) return skip_without_cluster(step);
    return run_source(step, "notebook",
                      "# Databricks notebook source\nassert spark.range(10).count() == 10\n");
  }
  Status reach(AcceptanceStep& step, const std::string& source) {
    if (cluster_id_.empty()) return skip_without_cluster(step);
    return run_source(step, "reach-" + std::to_string(++reached_), source);
  }

  Status upload_file(AcceptanceStep& step) {
    const std::string bytes = "lakeshift acceptance\n\xc3\xa9\xe2\x82\xac\n";
    LS_TRY(session_.put_file("file.txt", bytes));
    LS_ASSIGN(const std::string back, session_.read_file("file.txt"));
    if (back != bytes)
      return fail("file-differs",
                  "uploaded " + std::to_string(bytes.size()) + " bytes, read back " +
                      std::to_string(back.size()) + " other ones",
                  session_.path_of("file.txt"));
    step.evidence = std::to_string(bytes.size()) + " bytes read back equal";
    return {};
  }

  Status execute_sql(const std::string& statement) {
    const Json body = {
        {"warehouse_id", options_.warehouse_id}, {"statement", statement}, {"wait_timeout", "30s"}};
    LS_ASSIGN(Json answer,
              session_.post("/api/2.0/sql/statements", body, "sql", model::Effect::create));
    const auto state_of = [](const Json& result) {
      return text_at(member(result, "status"), "state");
    };
    const auto is_over = [&](const Json& result) {
      return state_of(result) != "PENDING" && state_of(result) != "RUNNING";
    };
    if (!is_over(answer)) {
      const std::string path =
          "/api/2.0/sql/statements/" + url_encode(text_at(answer, "statement_id"));
      LS_ASSIGN(answer, session_.wait_for(path, Json::object(), "sql", is_over, state_of));
    }
    if (state_of(answer) == "SUCCEEDED") return {};
    return fail("statement-failed",
                "the statement ended " + state_of(answer) + ": " +
                    text_at(member(member(answer, "status"), "error"), "message", "no message"),
                statement, "run it by hand on the warehouse " + options_.warehouse_id);
  }

  Status use_table(AcceptanceStep& step) {
    // A name of its own: a table of the user's is never touched.
    const std::string table = options_.table + "_" + world::random_hex(run_.world.random, 4);
    if (options_.warehouse_id.empty()) return use_table_on_cluster(step, table);
    const Status created = execute_sql("CREATE TABLE " + table + " AS SELECT 1 AS one");
    const Status dropped = execute_sql("DROP TABLE IF EXISTS " + table);
    step.clean_up =
        dropped ? "dropped " + table : table + " could not be dropped: " + dropped.error().message;
    LS_TRY(created);
    LS_TRY(dropped);
    step.evidence = "created and dropped " + table;
    return {};
  }

  Status use_table_on_cluster(AcceptanceStep& step, const std::string& table) {
    if (cluster_id_.empty()) return skip_without_cluster(step);
    const std::string source =
        "# Databricks notebook source\ntable = " + python_text(table) +
        "\ntry:\n    spark.sql(f\"CREATE TABLE {table} AS SELECT 1 AS one\")\nfinally:\n"
        "    spark.sql(f\"DROP TABLE IF EXISTS {table}\")\n";
    LS_TRY(run_source(step, "table", source));
    step.evidence = "created and dropped " + table + " on the cluster: " + step.evidence;
    return {};
  }

  // A job of this run's own: of the user's none is run unless it is named, it may have effects.
  Status run_own_job(AcceptanceStep& step) {
    if (cluster_id_.empty()) return skip_without_cluster(step);
    const std::string name = "job";
    LS_TRY(session_.put_notebook(name, "# Databricks notebook source\nprint('lakeshift')\n"));
    const Json task = {{"task_key", "acceptance"},
                       {"existing_cluster_id", cluster_id_},
                       {"notebook_task", {{"notebook_path", session_.path_of(name)}}}};
    const Json body = {{"name", "lakeshift acceptance"}, {"tasks", Json::array({task})}};
    LS_ASSIGN(const Json made,
              session_.post("/api/2.2/jobs/create", body, "jobs", model::Effect::create));
    const Status ran = run_named_job(step, member(made, "job_id"));
    const auto removed =
        session_.post("/api/2.2/jobs/delete", {{"job_id", member(made, "job_id")}}, "jobs");
    step.clean_up =
        removed ? "removed the job" : "the job could not be removed: " + removed.error().message;
    return ran;
  }

  Status run_job(AcceptanceStep& step) {
    if (options_.job_id.empty()) return run_own_job(step);
    auto id = parse_json(options_.job_id, "job_id");
    if (!id || !id->is_number_integer())
      return fail("bad-job-id", "'" + options_.job_id + "' is not a job's number", "",
                  "name the job by its id in the target");
    return run_named_job(step, *id);
  }

  Status run_named_job(AcceptanceStep& step, const Json& id) {
    const Json body = {{"job_id", id},
                       {"idempotency_token", world::random_hex(run_.world.random, 16)}};
    LS_ASSIGN(const Json started,
              session_.post("/api/2.2/jobs/run-now", body, "jobs", model::Effect::create));
    LS_ASSIGN(const Json ended, session_.wait_for_run(member(started, "run_id")));
    step.evidence = "run " + scalar_text(member(ended, "run_id")) + " of job " + scalar_text(id) +
                    " ended SUCCESS";
    return {};
  }

  AcceptanceStep* find_step(const std::string& name) {
    const auto found = std::find_if(report_.steps.begin(), report_.steps.end(),
                                    [&](const AcceptanceStep& step) { return step.name == name; });
    return found == report_.steps.end() ? nullptr : &*found;
  }

  void take_back() {
    if (AcceptanceStep* step = find_step("upload a file"); step != nullptr)
      step->clean_up = session_.remove_folder();
    AcceptanceStep* step = find_step("start a cluster");
    if (step == nullptr) return;
    if (!made_cluster_.empty()) {
      const auto removed = session_.post("/api/2.1/clusters/permanent-delete",
                                         {{"cluster_id", made_cluster_}}, "clusters");
      step->clean_up = removed
                           ? "removed " + made_cluster_
                           : made_cluster_ + " could not be removed: " + removed.error().message;
    } else if (!started_cluster_.empty()) {
      const auto stopped =
          session_.post("/api/2.1/clusters/delete", {{"cluster_id", started_cluster_}}, "clusters");
      step->clean_up =
          stopped ? "terminated " + started_cluster_ + " again"
                  : started_cluster_ + " could not be terminated: " + stopped.error().message;
    }
  }

  AcceptanceSession session_;
  const AcceptanceOptions& options_;
  const Json& reference_;
  world::Run& run_;
  AcceptanceReport report_;
  std::string cluster_id_, made_cluster_, started_cluster_;
  int reached_ = 0;
};

}  // namespace

std::string_view to_text(StepOutcome outcome) {
  switch (outcome) {
    case StepOutcome::passed:
      return "passed";
    case StepOutcome::failed:
      return "failed";
    case StepOutcome::skipped:
      return "skipped";
  }
  return "failed";
}

bool AcceptanceReport::passed() const {
  const auto has = [this](StepOutcome outcome) {
    return std::any_of(steps.begin(), steps.end(),
                       [outcome](const AcceptanceStep& step) { return step.outcome == outcome; });
  };
  const bool interrupted = std::any_of(steps.begin(), steps.end(), [](const AcceptanceStep& step) {
    return step.code == "interrupted";
  });
  return has(StepOutcome::passed) && !has(StepOutcome::failed) && !interrupted;
}

Json AcceptanceReport::to_json() const {
  Json json = {{"passed", passed()}, {"steps", Json::array()}};
  for (const AcceptanceStep& step : steps)
    json["steps"].push_back({{"name", step.name},
                             {"outcome", to_text(step.outcome)},
                             {"code", step.code},
                             {"reason", step.reason},
                             {"remedy", step.remedy},
                             {"evidence", step.evidence},
                             {"clean_up", step.clean_up},
                             {"took_ms", step.took_ms}});
  return json;
}

Result<AcceptanceReport> accept_target(engine::Platform& target, const Json& reference,
                                       const AcceptanceOptions& options, world::Run& run) {
  if (run.stop.stop_requested())
    return fail("interrupted", "stopped before the first step", "acceptance");
  return Acceptance(target, reference, options, run).execute();
}

}  // namespace lakeshift::stages

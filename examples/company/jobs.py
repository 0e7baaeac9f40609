"""Jobs of Meridian Foods: every task type, triggers, cycles, and the ones that cannot move yet."""
from notebooks import DOMAINS, STAGES

LTS = "15.4.x-scala2.12"


class Jobs:
    def __init__(self, world):
        self.world = world
        self.rows = []

    def add(self, name, tasks, owner, **settings):
        number = len(self.rows) + 1
        self.rows.append({
            "job_id": 710_000_000_000_000 + number, "creator_user_name": owner, "created_time": 1700000000000 + number * 1000,
            "run_as_user_name": owner,
            "settings": {"name": name, "format": "MULTI_TASK", "max_concurrent_runs": 1, "timeout_seconds": 0, "tasks": tasks,
                         "email_notifications": {}, "webhook_notifications": {}, **settings},
        })
        return self.rows[-1]


def etl_cluster(world, workers=2, node="Standard_DS3_v2", **more):
    return {"spark_version": LTS, "node_type_id": node, "num_workers": workers,
            "azure_attributes": {"availability": "SPOT_WITH_FALLBACK_AZURE", "first_on_demand": 1, "spot_bid_max_price": -1},
            "spark_env_vars": {"PYSPARK_PYTHON": "/databricks/python3/bin/python3"}, **more}


def cron(expression, paused=False):
    return {"quartz_cron_expression": expression, "timezone_id": "Europe/Stockholm",
            "pause_status": "PAUSED" if paused else "UNPAUSED"}


def make_jobs(world):
    jobs = Jobs(world)
    mail = lambda team, n: world["by_team"][team][n % len(world["by_team"][team])]["userName"]  # noqa: E731
    clusters, warehouses, pools, policies = (world[k] for k in ("clusters", "warehouses", "pools", "policies"))
    shared = clusters[0]["cluster_id"]

    # 24 tables: bronze -> silver -> gold on a shared job cluster; every third one paused.
    number = 0
    for domain, tables in DOMAINS.items():
        for table in tables:
            tasks = []
            for stage in STAGES:
                tasks.append({"task_key": stage, "job_cluster_key": "etl",
                              "notebook_task": {"notebook_path": f"/Shared/etl/{domain}/{table}_{stage}", "source": "WORKSPACE",
                                                "base_parameters": {"run_date": "{{job.start_time.iso_date}}"}},
                              **({"depends_on": [{"task_key": tasks[-1]["task_key"]}]} if tasks else {}),
                              "max_retries": 1, "min_retry_interval_millis": 60000, "timeout_seconds": 7200})
            spec = etl_cluster(world) if number % 4 else {
                "spark_version": LTS, "instance_pool_id": pools[0]["instance_pool_id"], "num_workers": 2,
                "policy_id": policies[2]["policy_id"]}
            jobs.add(f"etl {domain} {table}", tasks, mail("data-engineering", number),
                     job_clusters=[{"job_cluster_key": "etl", "new_cluster": spec}],
                     schedule=cron(f"0 {number % 60} {number % 24} * * ?", paused=number % 3 == 2),
                     tags={"domain": domain, "team": "data-engineering"},
                     email_notifications={"on_failure": [mail("data-engineering", number), "alerts@meridianfoods.example"]},
                     queue={"enabled": True})
            number += 1
    # Weekly compaction, by existing cluster, with a storage URL in a parameter.
    for index, domain in enumerate(DOMAINS):
        jobs.add(f"compact {domain}", [
            {"task_key": f"compact_{table}", "existing_cluster_id": shared,
             "notebook_task": {"notebook_path": f"/Shared/maintenance/{domain}/compact_{table}",
                               "base_parameters": {"root": f"abfss://gold@meridianlake.dfs.core.windows.net/{domain}"}}}
            for table in DOMAINS[domain]], mail("data-platform", index), schedule=cron("0 0 3 ? * SUN"))
    # Report refreshes on a warehouse.
    for index, domain in enumerate(DOMAINS):
        jobs.add(f"report {domain}", [
            {"task_key": "refresh", "sql_task": {"warehouse_id": warehouses[1]["id"],
                                                 "file": {"path": "/Shared/sql/daily_close.sql", "source": "WORKSPACE"},
                                                 "parameters": {"domain": domain}}},
            {"task_key": "notebook", "depends_on": [{"task_key": "refresh"}], "run_if": "ALL_DONE",
             "notebook_task": {"notebook_path": f"/Shared/reports/{domain}/{DOMAINS[domain][0]}_day",
                               "warehouse_id": warehouses[1]["id"]}}],
            mail("analytics", index), schedule=cron("0 30 6 * * ?"),
            run_as={"service_principal_name": world["principals"][1]["applicationId"]},
            health={"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 1800}]})
    every_task_type(jobs, world, mail, shared)
    awkward(jobs, world, mail, shared)
    return jobs.rows


def one(key, **task):
    return [{"task_key": key, **task}]


def every_task_type(jobs, world, mail, shared):
    warehouses, pools = world["warehouses"], world["pools"]
    small = {"new_cluster": etl_cluster(world, 1)}
    jobs.add("jar: price engine", one("price", **small, spark_jar_task={"main_class_name": "com.meridian.Price", "parameters": ["--all"]},
             libraries=[{"jar": "dbfs:/FileStore/jars/price-engine-2.1.jar"}]), mail("supply-chain", 0))
    jobs.add("python file: export orders", one("export", **small, spark_python_task={
        "python_file": "/Shared/jobs/export_orders.py", "parameters": ["--to", "abfss://export@meridianlake.dfs.core.windows.net/orders"]}),
        mail("data-engineering", 1), schedule=cron("0 0 1 * * ?"))
    jobs.add("wheel: quality gates", one("gates", environment_key="default", python_wheel_task={
        "package_name": "meridian", "entry_point": "gates", "named_parameters": {"level": "strict"}}), mail("data-platform", 0),
        environments=[{"environment_key": "default", "spec": {"client": "2", "dependencies": ["pandas==2.2.2"]}}])
    jobs.add("submit: legacy forecast", one("forecast", new_cluster=etl_cluster(world, 4, "Standard_E8s_v3"), spark_submit_task={
        "parameters": ["--class", "com.meridian.Forecast", "dbfs:/FileStore/jars/forecast.jar", "2026"]}), mail("supply-chain", 1))
    jobs.add("dbt: finance models", one("dbt", environment_key="dbt", dbt_task={
        "commands": ["dbt deps", "dbt run"], "project_directory": "/Shared/dbt/finance", "source": "WORKSPACE",
        "warehouse_id": warehouses[3]["id"], "catalog": "main", "schema": "finance"}), mail("finance", 0),
        environments=[{"environment_key": "dbt", "spec": {"client": "2", "dependencies": ["dbt-databricks==1.8.5"]}}],
        run_as={"service_principal_name": world["principals"][5]["applicationId"]}, schedule=cron("0 15 5 * * ?"))
    jobs.add("for each: per market", one("markets", for_each_task={
        "inputs": '["se","no","dk","fi"]', "concurrency": 2,
        "task": {"task_key": "market", "existing_cluster_id": shared, "notebook_task": {
            "notebook_path": "/Shared/reports/stores/visits_day", "base_parameters": {"market": "{{input}}"}}}}), mail("store-operations", 0))
    jobs.add("condition: only on month end", [
        {"task_key": "is_month_end", "condition_task": {"op": "EQUAL_TO", "left": "{{job.parameters.day}}", "right": "last"}},
        {"task_key": "close", "depends_on": [{"task_key": "is_month_end", "outcome": "true"}], "existing_cluster_id": shared,
         "notebook_task": {"notebook_path": "/Shared/reports/finance/ledger_month"}}],
        mail("finance", 1), parameters=[{"name": "day", "default": "last"}])
    etl_ids = [j["job_id"] for j in jobs.rows[:3]]
    jobs.add("run job: nightly everything", [
        {"task_key": f"run_{i}", "run_job_task": {"job_id": job_id}} for i, job_id in enumerate(etl_ids)],
        mail("data-platform", 1), schedule=cron("0 0 0 * * ?"))
    jobs.add("gpu: train forecast", one("train", new_cluster=etl_cluster(
        world, 0, "Standard_NC6s_v3", **{"spark_conf": {"spark.master": "local[*]", "spark.databricks.cluster.profile": "singleNode"},
                                         "custom_tags": {"ResourceClass": "SingleNode"}}) | {"spark_version": "15.4.x-gpu-ml-scala2.12"},
        spark_python_task={"python_file": "/Shared/ml/train.py"}), mail("data-science", 0))
    jobs.add("continuous: clickstream", one("stream", existing_cluster_id=shared, notebook_task={
        "notebook_path": "/Shared/etl/marketing/clicks_bronze"}), mail("data-engineering", 2),
        continuous={"pause_status": "UNPAUSED"})
    jobs.add("file arrival: supplier drops", one("load", existing_cluster_id=shared, notebook_task={
        "notebook_path": "/Shared/etl/inventory/suppliers_bronze"}), mail("supply-chain", 2),
        trigger={"pause_status": "UNPAUSED", "file_arrival": {"url": "abfss://landing@meridianlake.dfs.core.windows.net/suppliers/",
                                                              "min_time_between_triggers_seconds": 60}})
    jobs.add("table update: segments", one("refresh", existing_cluster_id=shared, notebook_task={
        "notebook_path": "/Shared/etl/customers/segments_gold"}), mail("marketing", 0),
        trigger={"pause_status": "PAUSED", "table_update": {"table_names": ["main.silver.customers_profiles"], "condition": "ANY_UPDATED"}})
    jobs.add("periodic: heartbeat", one("beat", environment_key="default", spark_python_task={"python_file": "/Shared/jobs/reconcile.py"}),
             mail("data-platform", 2), trigger={"pause_status": "UNPAUSED", "periodic": {"interval": 4, "unit": "HOURS"}},
             environments=[{"environment_key": "default", "spec": {"client": "2"}}])
    jobs.add("pooled driver", one("pooled", new_cluster={
        "spark_version": LTS, "instance_pool_id": pools[1]["instance_pool_id"], "driver_instance_pool_id": pools[2]["instance_pool_id"],
        "autoscale": {"min_workers": 1, "max_workers": 6}}, notebook_task={"notebook_path": "/Shared/etl/orders/orders_gold"}),
        mail("data-engineering", 3))
    jobs.add("git: pricing rules", one("rules", existing_cluster_id=shared, notebook_task={"notebook_path": "rules/main", "source": "GIT"}),
             mail("supply-chain", 3), git_source={"git_url": "https://git.meridianfoods.example/pricing.git", "git_provider": "gitHubEnterprise",
                                                  "git_branch": "main"})


def awkward(jobs, world, mail, shared):
    warehouses = world["warehouses"]
    note = {"notebook_path": "/Shared/etl/orders/orders_gold"}
    # A loop of two jobs that run each other, and one that runs itself when it fails.
    first = jobs.add("loop: forward", [], mail("data-engineering", 4))
    second = jobs.add("loop: back", one("forward", run_job_task={"job_id": first["job_id"]}), mail("data-engineering", 4))
    first["settings"]["tasks"] = one("back", run_job_task={"job_id": second["job_id"]})
    myself = jobs.add("loop: itself", one("again", run_job_task={"job_id": 0}), mail("data-engineering", 5))
    myself["settings"]["tasks"][0]["run_job_task"]["job_id"] = myself["job_id"]
    # Two of one name, a name that is a path, an emoji.
    for owner in (6, 7):
        jobs.add("copy of report", one("copy", existing_cluster_id=shared, notebook_task=note), mail("data-engineering", owner))
    jobs.add("finance/month-end/close", one("close", existing_cluster_id=shared, notebook_task=note), mail("finance", 2))
    jobs.add("räksmörgås 🍤 daily", one("daily", existing_cluster_id=shared, notebook_task=note), mail("marketing", 1))
    # Owned by somebody who left; run as somebody else.
    jobs.add("orphaned report", one("r", existing_cluster_id=shared, notebook_task=note), world["users"][-1]["userName"],
             run_as={"user_name": mail("analytics", 3)})
    # Deployed by a bundle and locked in the UI.
    jobs.add("[prod] bundle pipeline", one("b", existing_cluster_id=shared, notebook_task=note), mail("data-platform", 3),
             edit_mode="UI_LOCKED", deployment={"kind": "BUNDLE", "metadata_file_path": "/Workspace/Users/ci/.bundle/prod/state/metadata.json"})
    # A hundred and twenty tasks: more than one page.
    jobs.add("wide fan-out", [{"task_key": f"part_{i:03d}", "existing_cluster_id": shared, "notebook_task": {
        **note, "base_parameters": {"part": str(i)}}} for i in range(120)], mail("data-engineering", 8))
    # No tasks at all.
    jobs.add("empty draft", [], mail("analytics", 4))
    # References to what is not moved yet: these are blocked, and only these.
    jobs.add("git folder notebook", one("n", existing_cluster_id=shared, notebook_task={
        "notebook_path": f"/Repos/{mail('data-engineering', 0)}/lakehouse/pipelines/main"}), mail("data-engineering", 0))
    jobs.add("pipeline refresh", one("p", pipeline_task={"pipeline_id": "0a1b2c3d-0001-4000-8000-00000000d171"}), mail("data-engineering", 1))
    jobs.add("sql query task", one("q", sql_task={"warehouse_id": warehouses[1]["id"], "query": {"query_id": "5f0e1d2c-0001-4000-8000-00000000c0de"}}),
             mail("analytics", 5))
    jobs.add("sql alert task", one("a", sql_task={"warehouse_id": warehouses[1]["id"], "alert": {
        "alert_id": "5f0e1d2c-0002-4000-8000-00000000a1e7", "subscriptions": [{"user_name": mail("analytics", 0)}]}}), mail("analytics", 6))
    jobs.add("dashboard refresh", one("d", dashboard_task={"dashboard_id": "01efd000000000000000000000000d45",
             "warehouse_id": warehouses[1]["id"]}), mail("analytics", 7))
    jobs.add("runs the pipeline job", one("r", run_job_task={"job_id": jobs.rows[-4]["job_id"]}), mail("data-engineering", 1))
    # Parameterised filler of an ordinary estate.
    for index in range(14):
        jobs.add(f"adhoc {index:02d}", one("adhoc", existing_cluster_id=world["clusters"][index % 9]["cluster_id"], notebook_task={
            "notebook_path": f"/Shared/reports/orders/orders_{('day', 'week', 'month')[index % 3]}"}), mail("analytics", index),
            description=f"request {1000 + index}")

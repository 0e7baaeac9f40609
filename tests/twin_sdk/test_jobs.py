"""Jobs, runs and warehouses through the SDK."""
import pytest
from conftest import NODE, RUNTIME
from databricks.sdk.errors import InvalidParameterValue, NotFound, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import compute, iam, jobs, sql


def notebook(key, **more):
    return jobs.Task(task_key=key, notebook_task=jobs.NotebookTask(notebook_path="/Shared/x"), **more)


def test_a_job_lives(twin, w):
    cluster = jobs.JobCluster("main", compute.ClusterSpec(spark_version=RUNTIME, node_type_id=NODE[twin.cloud], num_workers=1))
    made = w.jobs.create(name="nightly", tags={"a": "b"}, job_clusters=[cluster], max_concurrent_runs=2, timeout_seconds=60,
                         tasks=[notebook("one", job_cluster_key="main"),
                                notebook("two", depends_on=[jobs.TaskDependency("one")], job_cluster_key="main")],
                         schedule=jobs.CronSchedule("0 0 2 * * ?", "Europe/Berlin", jobs.PauseStatus.PAUSED),
                         email_notifications=jobs.JobEmailNotifications(on_failure=["a@example.com"])).job_id
    got = w.jobs.get(made)
    assert got.creator_user_name == got.run_as_user_name == "admin@example.com"
    assert [t.task_key for t in got.settings.tasks] == ["one", "two"] and got.settings.max_concurrent_runs == 2
    assert got.settings.schedule.pause_status == jobs.PauseStatus.PAUSED and got.settings.format == jobs.Format.MULTI_TASK
    w.jobs.update(made, new_settings=jobs.JobSettings(name="renamed", tasks=[notebook("three")]), fields_to_remove=["tags", "tasks/two"])
    got = w.jobs.get(made).settings
    assert got.name == "renamed" and not got.tags and [t.task_key for t in got.tasks] == ["one", "three"]
    w.jobs.reset(made, jobs.JobSettings(name="reset"))
    assert not w.jobs.get(made).settings.tasks
    w.jobs.delete(made)
    with pytest.raises((NotFound, InvalidParameterValue), match="does not exist"):
        w.jobs.get(made)


def test_jobs_of_many_tasks_and_many_jobs_are_paged(twins):
    w = twins("azure", "--page-size", 2).sdk()
    made = w.jobs.create(name="big", tasks=[notebook(f"t{i}") for i in range(250)]).job_id
    assert len(w.jobs.get(made).settings.tasks) == 250  # the SDK follows the pages of jobs/get
    for _ in range(4):
        w.jobs.create(name="same")
    assert len(list(w.jobs.list())) == 5 and len(list(w.jobs.list(name="SAME"))) == 4
    with pytest.raises(InvalidParameterValue, match="limit"):
        list(w.jobs.list(limit=200))


def test_what_a_job_refers_to_must_exist(twin, w):
    def refused(match, *tasks, **more):
        with pytest.raises((InvalidParameterValue, NotFound), match=match):
            w.jobs.create(name="bad", tasks=list(tasks), **more)
    refused("existing_cluster_id", notebook("a", existing_cluster_id="none"))
    refused("job_cluster_key", notebook("a", job_cluster_key="none"))
    refused("depends", notebook("a", depends_on=[jobs.TaskDependency("b")]))
    refused("twice", notebook("a"), notebook("a"))
    refused("job_id", jobs.Task("a", run_job_task=jobs.RunJobTask(job_id=5)))
    refused("warehouse_id", jobs.Task("a", sql_task=jobs.SqlTask(warehouse_id="none", file=jobs.SqlTaskFile("/x.sql"))))
    refused("pipeline_id", jobs.Task("a", pipeline_task=jobs.PipelineTask(pipeline_id="none")))
    refused("exactly one type", jobs.Task("a"))
    refused("Node type", notebook("a", new_cluster=compute.ClusterSpec(spark_version=RUNTIME, node_type_id="none", num_workers=1)))
    refused("cron", notebook("a"), schedule=jobs.CronSchedule("daily", "UTC"))
    refused("run_as", notebook("a"), run_as=jobs.JobRunAs(user_name="ghost@example.com"))
    assert not list(w.jobs.list())


def test_for_each_nests_once(w):
    inner = notebook("inner")
    assert w.jobs.create(name="loop", tasks=[jobs.Task("outer", for_each_task=jobs.ForEachTask("[1,2]", inner))]).job_id
    deeper = jobs.Task("mid", for_each_task=jobs.ForEachTask("[1]", inner))
    with pytest.raises(InvalidParameterValue, match="cannot hold another"):
        w.jobs.create(name="loop", tasks=[jobs.Task("outer", for_each_task=jobs.ForEachTask("[1,2]", deeper))])


def test_runs(twins):
    w = twins("aws").sdk()
    made = w.jobs.create(name="j", tasks=[notebook("a")]).job_id
    run = w.jobs.run_now(made, idempotency_token="x").response.run_id
    assert w.jobs.run_now(made, idempotency_token="x").response.run_id == run
    assert [r.run_id for r in w.jobs.list_runs(job_id=made, active_only=True)] == [run]
    w.jobs.cancel_run(run)
    assert w.jobs.get_run(run).state.result_state == jobs.RunResultState.CANCELED
    assert not list(w.jobs.list_runs(job_id=made, active_only=True))
    for _ in range(30):
        w.jobs.run_now(made)
    assert len(list(w.jobs.list_runs(job_id=made))) == 31  # pages of 25 at most
    w.jobs.cancel_all_runs(job_id=made)
    assert not list(w.jobs.list_runs(job_id=made, active_only=True))


def test_owners(w):
    ada = w.users.create(user_name="ada@example.com")
    group = w.groups.create(display_name="team")
    made = str(w.jobs.create(name="j").job_id)

    def entry(level, **who):
        return iam.AccessControlRequest(permission_level=iam.PermissionLevel(level), **who)

    with pytest.raises(InvalidParameterValue, match="exactly one owner"):
        w.permissions.set("jobs", made, access_control_list=[entry("CAN_VIEW", user_name=ada.user_name)])
    with pytest.raises(InvalidParameterValue, match="group cannot be the owner"):
        w.permissions.set("jobs", made, access_control_list=[entry("IS_OWNER", group_name=group.display_name)])
    with pytest.raises(InvalidParameterValue, match="CAN_ATTACH_TO"):
        w.permissions.set("jobs", made, access_control_list=[entry("CAN_ATTACH_TO", user_name=ada.user_name)])
    with pytest.raises(ResourceDoesNotExist, match="ghost"):
        w.permissions.update("jobs", made, access_control_list=[entry("CAN_VIEW", user_name="ghost@example.com")])
    w.permissions.set("jobs", made, access_control_list=[entry("IS_OWNER", user_name=ada.user_name), entry("CAN_VIEW", group_name="team")])
    shown = {a.user_name or a.group_name: a.all_permissions for a in w.permissions.get("jobs", made).access_control_list}
    assert shown["ada@example.com"][0].permission_level.value == "IS_OWNER" and "admin@example.com" not in shown
    assert shown["admins"][0].inherited and shown["admins"][0].inherited_from_object == ["/jobs/"]
    assert w.jobs.get(int(made)).run_as_user_name == "ada@example.com"
    assert {p.permission_level.value for p in w.permissions.get_permission_levels("jobs", made).permission_levels} == {
        "CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"}


def test_warehouses(twin, w):
    made = w.warehouses.create(name="wh", cluster_size="Small", max_num_clusters=2, min_num_clusters=1, auto_stop_mins=10,
                               warehouse_type=sql.CreateWarehouseRequestWarehouseType.PRO, enable_serverless_compute=True,
                               tags=sql.EndpointTags([sql.EndpointTagPair("a", "b")])).response.id
    got = w.warehouses.get(made)
    assert got.state == sql.State.STARTING and got.enable_serverless_compute and got.creator_name == "admin@example.com"
    assert made in got.jdbc_url and got.odbc_params.path.endswith(made)
    with pytest.raises(ResourceAlreadyExists):
        w.warehouses.create(name="wh", cluster_size="Small")
    with pytest.raises(InvalidParameterValue, match="size"):
        w.warehouses.create(name="other", cluster_size="Huge")
    w.warehouses.stop(made)
    assert w.warehouses.get(made).state == sql.State.STOPPED
    w.warehouses.edit(made, name="wh2", cluster_size="Medium")
    assert w.warehouses.get(made).name == "wh2"
    owner = w.permissions.get("warehouses", made).access_control_list
    assert any(a.user_name == "admin@example.com" and a.all_permissions[0].permission_level.value == "IS_OWNER" for a in owner)
    w.warehouses.delete(made)
    assert not list(w.warehouses.list())

"""Clusters, pools, policies, libraries, init scripts, profiles, and what each cloud refuses."""
import base64
import json

import pytest
from conftest import NODE, NO_DISK, RUNTIME
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, ResourceAlreadyExists
from databricks.sdk.service import compute

FOREIGN = {"azure": ("i3.xlarge", {"aws_attributes": compute.AwsAttributes(first_on_demand=1)}),
           "aws": ("Standard_D8s_v3", {"azure_attributes": compute.AzureAttributes(first_on_demand=1)}),
           "gcp": ("i3.xlarge", {"aws_attributes": compute.AwsAttributes(first_on_demand=1)})}


def spec(cloud, **more):
    return {"cluster_name": "c", "spark_version": RUNTIME, "node_type_id": NODE[cloud], "num_workers": 2, **more}


def make(w, cloud, **more):
    return w.clusters.create(**spec(cloud, **more)).response.cluster_id


def test_a_cluster_lives(twin, w):
    cluster = make(w, twin.cloud, custom_tags={"team": "a"}, spark_conf={"spark.x": "1"}, autotermination_minutes=30,
                   spark_env_vars={"A": "b"}, data_security_mode=compute.DataSecurityMode.SINGLE_USER,
                   single_user_name="admin@example.com")
    got = w.clusters.get(cluster)
    assert got.state == compute.State.PENDING  # a new cluster starts by itself
    assert got.custom_tags == {"team": "a"} and got.autotermination_minutes == 30 and got.creator_user_name == "admin@example.com"
    assert got.driver_node_type_id == NODE[twin.cloud] and got.default_tags["ClusterId"] == cluster
    assert got.cluster_source == compute.ClusterSource.API and got.cluster_cores > 0
    w.clusters.delete(cluster)
    assert w.clusters.get(cluster).state in (compute.State.TERMINATING, compute.State.TERMINATED)
    with pytest.raises(BadRequest, match="TERMINATING"):
        w.clusters.edit(cluster, **spec(twin.cloud, cluster_name="d"))
    w.clusters.pin(cluster)
    assert [c.cluster_id for c in w.clusters.list(filter_by=compute.ListClustersFilterBy(is_pinned=True))] == [cluster]
    with pytest.raises(InvalidParameterValue, match="pinned"):
        w.clusters.permanent_delete(cluster)
    w.clusters.unpin(cluster)
    w.clusters.permanent_delete(cluster)
    with pytest.raises((NotFound, InvalidParameterValue), match="does not exist"):
        w.clusters.get(cluster)


def test_names_repeat_and_pages_are_followed(twins):
    w = twins("azure", "--page-size", 2).sdk()
    ids = {make(w, "azure", cluster_name="same") for _ in range(5)}
    assert {c.cluster_id for c in w.clusters.list()} == ids


def test_events(twins):
    w = twins("aws").sdk()
    cluster = make(w, "aws")
    assert [e.type.value for e in w.clusters.events(cluster)] == ["CREATING"]


def test_foreign_machines_are_refused(twin, w):
    node, attributes = FOREIGN[twin.cloud]
    with pytest.raises(InvalidParameterValue, match="not supported"):
        make(w, twin.cloud, node_type_id=node)
    with pytest.raises(InvalidParameterValue, match="cannot be used on"):
        make(w, twin.cloud, **attributes)
    with pytest.raises(InvalidParameterValue, match="does not exist in this workspace"):
        make(w, twin.cloud, spark_version="6.4.x-scala2.11")
    with pytest.raises(InvalidParameterValue, match="10 and 10000"):
        make(w, twin.cloud, autotermination_minutes=5)
    with pytest.raises(InvalidParameterValue, match="min_workers"):
        make(w, twin.cloud, num_workers=None, autoscale=compute.AutoScale(min_workers=5, max_workers=2))
    with pytest.raises(InvalidParameterValue, match="does not exist"):
        make(w, twin.cloud, single_user_name="ghost@example.com")


def test_aws_asks_for_volumes_profiles_and_zones(twins):
    w = twins("aws").sdk()
    with pytest.raises(InvalidParameterValue, match="EBS volume"):
        make(w, "aws", node_type_id=NO_DISK["aws"])
    good = compute.AwsAttributes(ebs_volume_count=1, ebs_volume_size=100, ebs_volume_type=compute.EbsVolumeType.GENERAL_PURPOSE_SSD)
    assert make(w, "aws", node_type_id=NO_DISK["aws"], aws_attributes=good)
    small = compute.AwsAttributes(ebs_volume_count=1, ebs_volume_size=50, ebs_volume_type=compute.EbsVolumeType.GENERAL_PURPOSE_SSD)
    with pytest.raises(InvalidParameterValue, match="between 100 and 4096"):
        make(w, "aws", aws_attributes=small)
    with pytest.raises(InvalidParameterValue, match="not registered"):
        make(w, "aws", aws_attributes=compute.AwsAttributes(instance_profile_arn="arn:aws:iam::1:instance-profile/x"))
    with pytest.raises(InvalidParameterValue, match="Zone"):
        make(w, "aws", aws_attributes=compute.AwsAttributes(zone_id="moon-1a"))
    arn = "arn:aws:iam::123456789012:instance-profile/x"
    w.instance_profiles.add(arn, skip_validation=True, iam_role_arn="arn:aws:iam::123456789012:role/x")
    with pytest.raises(ResourceAlreadyExists):
        w.instance_profiles.add(arn)
    assert make(w, "aws", aws_attributes=compute.AwsAttributes(instance_profile_arn=arn, zone_id="auto"))
    assert [p.instance_profile_arn for p in w.instance_profiles.list()] == [arn]
    w.instance_profiles.remove(arn)
    assert not list(w.instance_profiles.list())


def test_pools(twin, w):
    pool = w.instance_pools.create(instance_pool_name="p", node_type_id=NODE[twin.cloud], min_idle_instances=1, max_capacity=3,
                                   idle_instance_autotermination_minutes=15, custom_tags={"a": "b"},
                                   preloaded_spark_versions=[RUNTIME]).instance_pool_id
    got = w.instance_pools.get(pool)
    assert got.state == compute.InstancePoolState.ACTIVE and got.min_idle_instances == 1 and got.custom_tags == {"a": "b"}
    with pytest.raises(InvalidParameterValue, match="already exists"):
        w.instance_pools.create(instance_pool_name="p", node_type_id=NODE[twin.cloud])
    with pytest.raises(InvalidParameterValue, match="cannot be changed"):
        w.instance_pools.edit(pool, "p", "another")
    w.instance_pools.edit(pool, "q", NODE[twin.cloud], max_capacity=7)
    got = w.instance_pools.get(pool)
    assert (got.instance_pool_name, got.max_capacity) == ("q", 7) and not got.custom_tags
    assert got.preloaded_spark_versions == [RUNTIME]
    with pytest.raises(InvalidParameterValue, match="together with instance_pool_id"):
        make(w, twin.cloud, instance_pool_id=pool)
    cluster = w.clusters.create(cluster_name="in", spark_version=RUNTIME, instance_pool_id=pool, num_workers=1).response.cluster_id
    assert w.clusters.get(cluster).instance_pool_id == pool
    with pytest.raises(InvalidParameterValue, match="Can't find an instance pool"):
        w.clusters.create(cluster_name="in", spark_version=RUNTIME, instance_pool_id="none", num_workers=1)
    assert [p.instance_pool_id for p in w.instance_pools.list()] == [pool]
    w.instance_pools.delete(pool)
    with pytest.raises(NotFound):
        w.instance_pools.get(pool)


def test_pool_of_another_cloud(twins):
    azure, aws = twins("azure").sdk(), twins("aws").sdk()
    disk = compute.DiskSpec(disk_count=1, disk_size=100,
                            disk_type=compute.DiskType(ebs_volume_type=compute.DiskTypeEbsVolumeType.GENERAL_PURPOSE_SSD))
    with pytest.raises(InvalidParameterValue, match="ebs_volume_type"):
        azure.instance_pools.create(instance_pool_name="p", node_type_id=NODE["azure"], disk_spec=disk)
    with pytest.raises(InvalidParameterValue, match="EBS"):
        aws.instance_pools.create(instance_pool_name="p", node_type_id=NO_DISK["aws"])
    assert aws.instance_pools.create(instance_pool_name="p", node_type_id=NO_DISK["aws"], disk_spec=disk)


def test_policies_are_enforced(twin, w):
    definition = {"num_workers": {"type": "range", "maxValue": 4}, "custom_tags.team": {"type": "fixed", "value": "a"},
                  "node_type_id": {"type": "allowlist", "values": [NODE[twin.cloud]]},
                  "spark_conf.spark.x": {"type": "forbidden"},
                  "spark_version": {"type": "regex", "pattern": r"1[5-9]\..*"},
                  "autotermination_minutes": {"type": "unlimited", "defaultValue": 25, "isOptional": True}}
    policy = w.cluster_policies.create(name="p", definition=json.dumps(definition), max_clusters_per_user=2, description="d").policy_id
    got = w.cluster_policies.get(policy)
    assert json.loads(got.definition) == definition and got.max_clusters_per_user == 2 and got.creator_user_name == "admin@example.com"
    cluster = make(w, twin.cloud, policy_id=policy, apply_policy_default_values=True)
    shown = w.clusters.get(cluster)
    assert shown.custom_tags == {"team": "a"} and shown.autotermination_minutes == 25
    for wrong in ({"num_workers": 9}, {"custom_tags": {"team": "b"}}, {"spark_conf": {"spark.x": "1"}}, {"spark_version": "14.3.x-scala2.12"}):
        with pytest.raises(InvalidParameterValue, match="Validation failed for"):
            make(w, twin.cloud, policy_id=policy, **wrong)
    make(w, twin.cloud, policy_id=policy)
    with pytest.raises(InvalidParameterValue, match="per user"):
        make(w, twin.cloud, policy_id=policy)
    with pytest.raises(InvalidParameterValue, match="does not exist"):
        make(w, twin.cloud, policy_id="none")
    with pytest.raises(InvalidParameterValue, match="already exists"):
        w.cluster_policies.create(name="p", definition="{}")
    with pytest.raises(InvalidParameterValue, match="unknown policy type"):
        w.cluster_policies.create(name="q", definition='{"a":{"type":"maybe"}}')
    with pytest.raises(InvalidParameterValue, match="not a JSON"):
        w.cluster_policies.create(name="q", definition="{")
    w.cluster_policies.edit(policy, name="renamed", definition="{}")
    assert w.cluster_policies.get(policy).name == "renamed"
    w.cluster_policies.delete(policy)
    assert not list(w.cluster_policies.list())


def test_policy_of_another_cloud(twins):
    w = twins("aws").sdk()
    with pytest.raises(InvalidParameterValue, match="Unknown attribute path"):
        w.cluster_policies.create(name="a", definition='{"azure_attributes.availability":{"type":"fixed","value":"SPOT_AZURE"}}')
    with pytest.raises(InvalidParameterValue, match="not supported"):
        w.cluster_policies.create(name="b", definition='{"node_type_id":{"type":"fixed","value":"Standard_D8s_v3"}}')


def test_policy_families(w):
    families = {f.policy_family_id for f in w.policy_families.list()}
    assert {"personal-vm", "job-cluster"} <= families
    policy = w.cluster_policies.create(name="mine", policy_family_id="personal-vm",
                                       policy_family_definition_overrides='{"autotermination_minutes":{"type":"fixed","value":20}}').policy_id
    definition = json.loads(w.cluster_policies.get(policy).definition)
    assert definition["autotermination_minutes"] == {"type": "fixed", "value": 20} and "data_security_mode" in definition
    with pytest.raises(InvalidParameterValue, match="exclude"):
        w.cluster_policies.create(name="other", policy_family_id="personal-vm", definition="{}")


def test_libraries(twins):
    w = twins("azure").sdk()
    cluster = make(w, "azure")
    library = compute.Library(pypi=compute.PythonPyPiLibrary(package="simplejson==3.8.0"))
    jar = compute.Library(jar="/Volumes/a/b/c.jar")
    w.libraries.install(cluster, [library, jar])
    w.libraries.install(cluster, [library])  # again changes nothing
    assert len(list(w.libraries.cluster_status(cluster))) == 2
    assert [s.cluster_id for s in w.libraries.all_cluster_statuses()] == [cluster]
    w.libraries.uninstall(cluster, [jar])
    assert [s.library.pypi.package for s in w.libraries.cluster_status(cluster)] == ["simplejson==3.8.0"]


def test_change_owner_wants_a_stopped_cluster(twins):
    w = twins("azure").sdk()
    w.users.create(user_name="ada@example.com")
    cluster = make(w, "azure")
    with pytest.raises(BadRequest, match="TERMINATED"):
        w.clusters.change_owner(cluster, "ada@example.com")
    with pytest.raises(InvalidParameterValue, match="does not exist"):
        w.clusters.change_owner(cluster, "ghost@example.com")


def test_global_init_scripts_keep_their_order(w):
    script = base64.b64encode(b"#!/bin/bash\necho 1\n").decode()
    first = w.global_init_scripts.create(name="first", script=script, enabled=True).script_id
    second = w.global_init_scripts.create(name="second", script=script).script_id
    third = w.global_init_scripts.create(name="third", script=script, position=1).script_id
    assert [s.script_id for s in w.global_init_scripts.list()] == [first, third, second]
    assert [s.position for s in w.global_init_scripts.list()] == [0, 1, 2]
    got = w.global_init_scripts.get(first)
    assert got.enabled and got.script == script and got.created_by == "admin@example.com"
    w.global_init_scripts.update(second, name="2nd", script=script, position=0)
    assert [s.name for s in w.global_init_scripts.list()] == ["2nd", "first", "third"]
    w.global_init_scripts.delete(first)
    with pytest.raises(NotFound):
        w.global_init_scripts.get(first)
    with pytest.raises(InvalidParameterValue, match="base64"):
        w.global_init_scripts.create(name="bad", script="")


def test_reference_lists(twin, w):
    nodes = {n.node_type_id: n for n in w.clusters.list_node_types().node_types}
    assert NODE[twin.cloud] in nodes and nodes[NODE[twin.cloud]].memory_mb > 0
    assert RUNTIME in {v.key for v in w.clusters.spark_versions().versions}
    assert w.clusters.select_spark_version(long_term_support=True)
    assert w.clusters.select_node_type(min_cores=4)


def test_tags_follow_the_cloud(twins):
    azure, aws, gcp = (twins(c).sdk() for c in ("azure", "aws", "gcp"))
    assert make(azure, "azure", custom_tags={"a!b": "ünï"})
    with pytest.raises(InvalidParameterValue, match="character"):
        make(aws, "aws", custom_tags={"a!b": "1"})
    with pytest.raises(InvalidParameterValue, match="< > %"):
        make(azure, "azure", custom_tags={"a/b": "1"})
    with pytest.raises(InvalidParameterValue, match="63"):
        make(gcp, "gcp", custom_tags={"a": "x" * 64})
    with pytest.raises(InvalidParameterValue, match="at most 45"):
        make(aws, "aws", custom_tags={f"t{i}": "1" for i in range(46)})

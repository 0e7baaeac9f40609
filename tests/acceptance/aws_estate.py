"""What only an AWS workspace has: every member of aws_attributes, every rule type on them, Graviton and GPU machines, local NVMe
disks, EBS volumes, fleets, S3 destinations with their region and encryption. Comes on top of round_estate's company."""
import json

from round_estate import ANNA, LTS, PROFILE, SIZES, WRITER, round_estate

KEY = "arn:aws:kms:us-east-1:111111111111:key/lake"
ALONE = "arn:aws:iam::111111111111:instance-profile/nobody-decided"
ARM = "15.4.x-aarch64-scala2.12"


def cluster(number, name, node, block=None, **more):
    return {"cluster_id": f"0902-1{number:05d}-only{number:04d}", "cluster_name": name, "cluster_source": "UI", "state": "TERMINATED",
            "creator_user_name": ANNA, "spark_version": LTS, "autotermination_minutes": 30, "num_workers": 2, "node_type_id": node,
            "driver_node_type_id": node, "enable_elastic_disk": False, "enable_local_disk_encryption": False, "data_security_mode": "NONE",
            "aws_attributes": {"availability": "ON_DEMAND", "first_on_demand": 1, "zone_id": "auto", "spot_bid_price_percent": 100,
                               **(block or {})}, **more}


EBS = {"ebs_volume_type": "GENERAL_PURPOSE_SSD", "ebs_volume_count": 1, "ebs_volume_size": 100}


def only_clusters():
    rows = [cluster(i, f"pair {size}", aws, EBS) for i, (size, (aws, _)) in enumerate(SIZES.items())]
    every = {"availability": "SPOT", "first_on_demand": 2, "zone_id": "us-east-1b", "spot_bid_price_percent": 80,
             "instance_profile_arn": PROFILE, "ebs_volume_type": "THROUGHPUT_OPTIMIZED_HDD", "ebs_volume_count": 3, "ebs_volume_size": 600,
             "ebs_volume_iops": 3500, "ebs_volume_throughput": 200}
    rows += [
        cluster(20, "every attribute", "m5.xlarge", every, enable_elastic_disk=True),
        cluster(21, "graviton", "m6g.xlarge", EBS, spark_version=ARM),
        cluster(22, "one T4", "g4dn.xlarge", spark_version="15.4.x-gpu-ml-scala2.12"),
        cluster(23, "eight A100", "p4d.24xlarge", spark_version="15.4.x-gpu-ml-scala2.12"),
        cluster(24, "nvme general", "m5d.2xlarge"), cluster(25, "nvme compute", "c5d.2xlarge"),
        cluster(26, "fleet", "m-fleet.xlarge", EBS),
        cluster(27, "spot with fallback", "r5.2xlarge", {**EBS, "availability": "SPOT_WITH_FALLBACK"}),
        cluster(28, "logs to s3", "m5.xlarge", EBS, cluster_log_conf={"s3": {
            "destination": "s3://north-raw/logs/a", "region": "us-east-1", "enable_encryption": True, "encryption_type": "sse-kms", "kms_key": KEY}}),
        cluster(29, "logs to a bucket nobody mapped", "m5.xlarge", EBS, cluster_log_conf={"s3": {
            "destination": "s3://elsewhere/logs", "region": "us-east-1"}}),
        cluster(30, "identity nobody decided", "m5.xlarge", {**EBS, "instance_profile_arn": ALONE}),
        cluster(31, "s3 everywhere", "m5.xlarge", EBS, init_scripts=[
            {"s3": {"destination": "s3://north-init/a.sh", "region": "eu-west-1"}}, {"workspace": {"destination": "/Shared/init/agent.sh"}}],
            spark_conf={"fs.s3a.endpoint": "s3.us-east-1.amazonaws.com", "spark.hadoop.fs.s3a.aws.credentials.provider": "x.Y",
                        "spark.databricks.hive.metastore.glueCatalog.enabled": "true", "north.checkpoint": "s3a://north-gold/check",
                        "spark.speculation": "true"},
            spark_env_vars={"AWS_REGION": "us-east-1", "NORTH_OUT": "s3://north-gold/out"}, custom_tags={"path": "a/b", "team": "lake"}),
        cluster(32, "image from ECR", "m5.xlarge", EBS, docker_image={
            "url": "111111111111.dkr.ecr.us-east-1.amazonaws.com/lake:1", "basic_auth": {"username": "u", "password": "{{secrets/lake/api-key}}"}}),
        cluster(33, "alternatives", "m5.2xlarge", EBS, worker_node_type_flexibility={"alternate_node_type_ids": ["m5d.2xlarge", "r5.2xlarge"]}),
    ]
    return rows


def only_pools():
    def pool(number, name, node, block, **more):
        return {"instance_pool_id": f"0902-2{number:05d}-pool{number}-only", "instance_pool_name": name, "min_idle_instances": 0, "max_capacity": 4,
                "idle_instance_autotermination_minutes": 10, "state": "ACTIVE", "node_type_id": node, "enable_elastic_disk": False,
                "aws_attributes": {"zone_id": "us-east-1c", "spot_bid_price_percent": 100, **block}, **more}
    return [pool(1, "hdd", "r5.2xlarge", {"availability": "ON_DEMAND"}, disk_spec={
                "disk_type": {"ebs_volume_type": "THROUGHPUT_OPTIMIZED_HDD"}, "disk_count": 2, "disk_size": 2000}),
            pool(2, "cheap spot", "i3.2xlarge", {"availability": "SPOT", "spot_bid_price_percent": 60}),
            pool(3, "default spot", "m5.xlarge", {}, enable_elastic_disk=True)]


def only_policies():
    fixed, limits, lists, free, barred, shapes = {}, {}, {}, {}, {}, {}
    for name, value, other in (("availability", "SPOT", "ON_DEMAND"), ("zone_id", "us-east-1a", "us-east-1b"), ("first_on_demand", 1, 2),
                               ("spot_bid_price_percent", 100, 90), ("ebs_volume_type", "GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"),
                               ("ebs_volume_count", 1, 2), ("ebs_volume_size", 100, 200), ("ebs_volume_iops", 3000, 4000),
                               ("ebs_volume_throughput", 125, 200), ("instance_profile_arn", WRITER, PROFILE)):
        path = f"aws_attributes.{name}"
        fixed[path] = {"type": "fixed", "value": value, "hidden": True}
        free[path] = {"type": "unlimited", "defaultValue": value, "isOptional": True}
        barred[path] = {"type": "forbidden", "hidden": True}
        lists[path] = {"type": "allowlist", "values": [value, other], "defaultValue": other}
        if isinstance(value, int):
            limits[path] = {"type": "range", "minValue": value, "maxValue": other, "defaultValue": value} if value < other else {
                "type": "range", "minValue": other, "maxValue": value, "defaultValue": value}
        else:
            limits[path] = {"type": "blocklist", "values": [other]}
            shapes[path] = {"type": "regex", "pattern": f"{value}.*"}
    sets = {"fixed": fixed, "range and blocklist": limits, "allowlist": lists, "unlimited": free, "forbidden": barred, "regex": shapes}
    return [{"policy_id": f"00000000000000E{i}", "name": f"aws {name}", "definition": json.dumps(rules), "creator_user_name": ANNA}
            for i, (name, rules) in enumerate(sets.items())]


def aws_estate(folder):
    estate = round_estate(folder, "aws")
    for name, more in (("clusters", only_clusters()), ("instance_pools", only_pools()), ("cluster_policies", only_policies()),
                       ("instance_profiles", [{"instance_profile_arn": ALONE}])):
        file = estate / f"{name}.json"
        file.write_text(json.dumps(json.loads(file.read_text()) + more))
    return estate

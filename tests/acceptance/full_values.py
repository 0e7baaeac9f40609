"""Names, ids and values of the full estate: the first of each row is used by the full objects, the others by mutations."""
PROFILE = "arn:aws:iam::111111111111:instance-profile/lake"
OTHER_PROFILE = "arn:aws:iam::111111111111:instance-profile/lake-writer"
OWNER, SECOND = "olga.owner@full.example", "sam.second@full.example"
APPLICATION, SECOND_APPLICATION = "11111111-2222-4333-8444-555555555555", "11111111-2222-4333-8444-666666666666"
POOLS = ["0101-000001-pool1-full", "0101-000002-pool2-full"]
POLICIES = ["00000000000E0001", "00000000000E0003", "00000000000E0002"]     # the last one, of a family, sets more than one field
CLUSTERS = ["0101-000003-fullone", "0101-000004-fulltwo", "0101-000005-fullthr"]
WAREHOUSES = ["00000000000a0001", "00000000000a0002"]
LTS, OTHER_LTS = "15.4.x-scala2.12", "14.3.x-scala2.12"
NODES = ["m5.xlarge", "m5.2xlarge", "r5.2xlarge"]

# Members that name an object of a kind that is not moved yet: a job with one of them is blocked, so it cannot be mutated.
NAMES_WHAT_IS_NOT_MOVED = {
    "alert_task", "dashboard_task", "pipeline_task", "alert", "dashboard", "query", "webhook_notifications", "sql_condition",
    "destination_id", "budget_policy_id", "usage_policy_id", "clean_rooms_notebook_task", "serverless_compute_id",
    "provisioned_capacity_id", "gpu_node_pool_id",
}

# Values by the end of a pattern. The first is used by the full objects, the second by mutations.
VALUES = {
    "spark_version": [LTS, OTHER_LTS], "node_type_id": NODES, "driver_node_type_id": NODES[1:],
    "alternate_node_type_ids[]": ["r5.2xlarge", "m5.4xlarge"], "outcome": ["true", "false"], "policy_id": POLICIES, "instance_pool_id": POOLS, "driver_instance_pool_id": POOLS[::-1],
    "existing_cluster_id": CLUSTERS, "warehouse_id": WAREHOUSES, "single_user_name": [OWNER, SECOND],
    "instance_profile_arn": [PROFILE, OTHER_PROFILE], "zone_id": ["us-east-1a", "us-east-1b"], "availability": ["SPOT", "ON_DEMAND"],
    "ebs_volume_type": ["GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"], "ebs_volume_size": [500, 600], "ebs_volume_count": [1, 2],
    "ebs_volume_iops": [3000, 4000], "ebs_volume_throughput": [125, 200], "spot_bid_price_percent": [80, 90],
    "first_on_demand": [1, 2], "notebook_path": ["/Shared/full/notebook", "/Shared/full/other"],
    "python_file": ["/Shared/full/script.py", "/Shared/full/other.py"], "sql_task.file.path": ["/Shared/full/query.sql", "/Shared/full/other.sql"],
    "quartz_cron_expression": ["0 0 5 * * ?", "0 0 6 * * ?"], "timezone_id": ["Europe/Oslo", "Asia/Tokyo"],
    "pause_status": ["PAUSED", "UNPAUSED"], "inputs": ['["a"]', '["a","b"]'], "url": ["s3://full-landing/in/", "s3://full-landing/out/"],
    "user_name": [OWNER, SECOND], "service_principal_name": [APPLICATION, SECOND_APPLICATION], "run_as.group_name": ["full group", "full inner"], "region": ["us-east-1", "eu-west-1"],
    "s3.destination": ["s3://full-logs/a", "s3://full-logs/b"], "workspace.destination": ["/Shared/full/init.sh", "/Shared/full/other.sh"],
    "volumes.destination": ["/Volumes/main/full/scripts/init.sh", "/Volumes/main/full/scripts/other.sh"],
    "file.destination": ["file:/opt/init.sh", "file:/opt/other.sh"], "cluster_log_conf.dbfs.destination": ["dbfs:/logs/a", "dbfs:/logs/b"],
    "init_scripts[].dbfs.destination": ["dbfs:/init/a.sh", "dbfs:/init/b.sh"], "canned_acl": ["bucket-owner-full-control", "private"],
    "encryption_type": ["sse-kms", "sse-s3"], "kms_key": ["arn:aws:kms:us-east-1:111111111111:key/a", "arn:aws:kms:us-east-1:111111111111:key/b"],
    "endpoint": ["https://s3.us-east-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com"],
    "jar": ["s3://full-libs/a.jar", "s3://full-libs/b.jar"], "whl": ["/Volumes/main/full/libs/a.whl", "/Volumes/main/full/libs/b.whl"],
    "egg": ["dbfs:/libs/a.egg", "dbfs:/libs/b.egg"], "requirements": ["/Workspace/Shared/full/requirements.txt", "/Workspace/Shared/full/other.txt"],
    "git_url": ["https://git.full.example/a.git", "https://git.full.example/b.git"], "git_provider": ["gitHub", "gitLab"],
    "condition_task.op": ["EQUAL_TO", "NOT_EQUAL"], "runtime_engine": ["STANDARD", "PHOTON"],
    "data_security_mode": ["SINGLE_USER", "DATA_SECURITY_MODE_DEDICATED"], "num_workers": [2, 3], "cluster_size": ["Small", "Medium"],
    "autotermination_minutes": [35, 45], "ssh_public_keys[]": ["ssh-rsa AAAA full@full.example", "ssh-rsa BBBB full@full.example"],
    "docker_image.url": ["registry.full.example/image:1", "registry.full.example/image:2"], "source": ["WORKSPACE", "GIT"],
    "base_environment": ["/Workspace/Shared/full/base.yaml", "/Workspace/Shared/full/other.yaml"], "environment_version": ["2", "3"],
    "environments[].spec.client": ["1", "2"], "environments[].spec.dependencies[]": ["pandas==2.2.2", "pandas==2.2.3"],
    "java_dependencies[]": ["/Volumes/main/full/libs/a.jar", "/Volumes/main/full/libs/b.jar"],
    "project_environment": ["/Workspace/Shared/full/pyproject.toml", "/Workspace/Shared/full/other.toml"],
    "environment_variables[].spec.files[]": ["/Workspace/Shared/full/a.env", "/Workspace/Shared/full/b.env"],
    "parent_path": ["/Shared/full", "/Shared"], "edit_mode": ["UI_LOCKED", "EDITABLE"], "performance_target": ["STANDARD", "PERFORMANCE_OPTIMIZED"],
    "project_directory": ["/Shared/full", "/Shared"], "profiles_directory": ["/Shared/full", "/Shared"],
    "mlflow_experiment_directory": ["/Shared/full", "/Shared"], "mlflow_experiment_name": ["/Shared/full/experiment", "/Shared/full/experiment 2"],
    "command_path": ["/Shared/full/init.sh", "/Shared/full/other.sh"], "training_script_path": ["/Shared/full/script.py", "/Shared/full/other.py"],
    "yaml_parameters_file_path": ["/Shared/full/base.yaml", "/Shared/full/other.yaml"], "jar_uri": ["s3://full-libs/a.jar", "s3://full-libs/b.jar"],
    "code_source_path": ["s3://full-code/a", "s3://full-code/b"], "mlflow_artifact_location": ["s3://full-mlflow/a", "s3://full-mlflow/b"],
    "duration_target": ["4h", "12h"], "hardware_accelerator": ["GPU_1xA10", "GPU_8xH100"],
    "definition": ['{"num_workers":{"type":"range","maxValue":50,"isOptional":true}}', '{"num_workers":{"type":"range","maxValue":60,"isOptional":true}}'],
    "policy_family_definition_overrides": ['{"autotermination_minutes":{"type":"fixed","value":35}}', '{"autotermination_minutes":{"type":"fixed","value":46}}'],
    "azure_attributes.availability": ["SPOT_AZURE", "ON_DEMAND_AZURE"], "gcp_attributes.availability": ["PREEMPTIBLE_GCP", "ON_DEMAND_GCP"],
    "gcp_attributes.zone_id": ["us-east1-b", "us-east1-c"], "azure_attributes.first_on_demand": [1, 2],
    "google_service_account": ["lake@full.iam.gserviceaccount.com", "other@full.iam.gserviceaccount.com"],
    "abfss.destination": ["abfss://full@full.dfs.core.windows.net/a.sh", "abfss://full@full.dfs.core.windows.net/b.sh"],
    "gcs.destination": ["gs://full-init/a.sh", "gs://full-init/b.sh"], "basic_auth.password": ["{{secrets/full/key}}", "{{secrets/full/other}}"],
    "log_analytics_primary_key": ["{{secrets/full/key}}", "{{secrets/full/other}}"],
}

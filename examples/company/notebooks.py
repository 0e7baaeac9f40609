"""The workspace tree of Meridian Foods: notebooks in four languages, files, and what hides in them."""
import random

LAKE = "abfss://{container}@meridianlake.dfs.core.windows.net"
DOMAINS = {
    "orders": ["orders", "order_lines", "returns", "baskets"],
    "inventory": ["stock_levels", "warehouses", "shipments", "suppliers"],
    "customers": ["profiles", "loyalty", "consents", "segments"],
    "finance": ["ledger", "invoices", "cost_centres", "budgets"],
    "stores": ["visits", "staffing", "tills", "energy"],
    "marketing": ["campaigns", "clicks", "vouchers", "newsletters"],
}
STAGES = ["bronze", "silver", "gold"]


def python_etl(domain, table, stage):
    source = {"bronze": LAKE.format(container="landing"), "silver": LAKE.format(container="bronze"),
              "gold": LAKE.format(container="silver")}[stage]
    text = f"""# Databricks notebook source
# MAGIC %md
# MAGIC # {domain}.{table}: {stage}

# COMMAND ----------

dbutils.widgets.text("run_date", "")
run_date = dbutils.widgets.get("run_date")
source = "{source}/{domain}/{table}"
target = "{stage}.{domain}_{table}"

# COMMAND ----------

frame = spark.read.format("{'json' if stage == 'bronze' else 'delta'}").load(source)
"""
    if stage == "bronze":
        text += 'frame = frame.withColumn("_ingested", F.current_timestamp())\n'.replace("F.", "__import__('pyspark.sql.functions').sql.functions.")
    if stage == "silver":
        text += f'frame = frame.dropDuplicates(["{table[:-1]}_id"]).where("_deleted is not true")\n'
    if stage == "gold":
        text += 'frame = frame.groupBy("business_date").agg({"amount": "sum", "*": "count"})\n'
    text += '\n# COMMAND ----------\n\nframe.write.mode("append").saveAsTable(target)\n'
    return text


def sql_report(domain, table, variant):
    return f"""-- Databricks notebook source
-- MAGIC %md ## {domain}: {table} {variant}

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW latest AS
SELECT *, row_number() OVER (PARTITION BY {table[:-1]}_id ORDER BY updated_at DESC) AS rn
FROM gold.{domain}_{table};

-- COMMAND ----------

SELECT date_trunc('{variant}', business_date) AS period, count(*) AS amount
FROM latest WHERE rn = 1 GROUP BY 1 ORDER BY 1;
"""


def scala_job(domain, table):
    return f"""// Databricks notebook source
val input = spark.table("silver.{domain}_{table}")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.{domain}_{table}_compact")
"""


def r_notebook(table):
    return f"""# Databricks notebook source
library(SparkR)

# COMMAND ----------

frame <- sql("SELECT * FROM gold.{table}")
summary(frame)
"""


AWKWARD = {
    # legacy mounts and literal paths
    "Shared/legacy/old mount loader.py": """# Databricks notebook source
dbutils.fs.mount(source="wasbs://archive@meridianold.blob.core.windows.net", mount_point="/mnt/archive",
                 extra_configs={"fs.azure.account.key.meridianold.blob.core.windows.net": dbutils.secrets.get("storage", "archive-key")})

# COMMAND ----------

display(spark.read.csv("/mnt/archive/2019/*.csv"))
spark.read.parquet("dbfs:/FileStore/tables/calendar.parquet").createOrReplaceTempView("calendar")
""",
    "Shared/legacy/trigger_by_url.py": """# Databricks notebook source
import requests
token = dbutils.secrets.get("platform", "automation-token")
requests.post("https://adb-4410000000000001.1.azuredatabricks.net/api/2.1/jobs/run-now",
              headers={"Authorization": f"Bearer {token}"}, json={"job_id": 710000000000007})
""",
    "Shared/legacy/azure sdk.py": """# Databricks notebook source
from azure.identity import DefaultAzureCredential
from azure.storage.filedatalake import DataLakeServiceClient
client = DataLakeServiceClient("https://meridianlake.dfs.core.windows.net", DefaultAzureCredential())
""",
    "Shared/legacy/Ünïcode – näme (copy) 100% 🍋.py": "# Databricks notebook source\nprint('names are awkward')\n",
    "Shared/legacy/runs_others.py": """# Databricks notebook source
# MAGIC %run /Shared/libraries/conventions

# COMMAND ----------

dbutils.notebook.run("/Shared/etl/orders/orders_bronze", 3600, {"run_date": "2026-01-01"})
""",
    "Shared/libraries/conventions.py": "# Databricks notebook source\nBUSINESS_TIMEZONE = 'Europe/Stockholm'\n",
    # files, not notebooks
    "Shared/libraries/quality/__init__.py": "",
    "Shared/libraries/quality/checks.py": "def not_null(frame, column):\n    return frame.where(f'{column} is null').count() == 0\n",
    "Shared/libraries/quality/README.md": "# Quality checks\n\nUsed by every silver notebook.\n",
    "Shared/config/tables.yaml": "orders: {owner: data-engineering, retention_days: 730}\ncustomers: {owner: data-platform, pii: true}\n",
    "Shared/config/limits.json": '{"max_rows": 5000000, "storage": "abfss://gold@meridianlake.dfs.core.windows.net/limits"}\n',
    "Shared/config/empty.txt": "",
    "Shared/init/install-agent.sh": "#!/bin/bash\nset -e\npip install --quiet meridian-agent==2.4.1\n",
    "Shared/init/proxy.sh": "#!/bin/bash\necho 'export HTTPS_PROXY=http://proxy.meridianfoods.example:3128' >> /etc/environment\n",
    "Shared/jobs/export_orders.py": "import sys\n\nprint('exporting', sys.argv[1:])\n",
    "Shared/jobs/reconcile.py": "print('reconcile')\n",
    "Shared/sql/daily_close.sql": "SELECT count(*) FROM gold.finance_ledger WHERE business_date = current_date()\n",
    "Shared/dbt/finance/dbt_project.yml": "name: finance\nversion: '1.0'\nprofile: databricks\n",
    "Shared/dbt/finance/models/ledger.sql": "select * from {{ source('silver', 'finance_ledger') }}\n",
    "Shared/ml/train.py": "print('train')\n",
}


def make_tree(rng: random.Random, by_team):
    """path below the workspace root -> text"""
    tree = dict(AWKWARD)
    for domain, tables in DOMAINS.items():
        for table in tables:
            for stage in STAGES:
                tree[f"Shared/etl/{domain}/{table}_{stage}.py"] = python_etl(domain, table, stage)
            for variant in ("day", "week", "month"):
                tree[f"Shared/reports/{domain}/{table}_{variant}.sql"] = sql_report(domain, table, variant)
            tree[f"Shared/maintenance/{domain}/compact_{table}.scala"] = scala_job(domain, table)
    for table in ("customers_segments", "stores_visits", "marketing_clicks"):
        tree[f"Shared/science/explore_{table}.r"] = r_notebook(table)
    for team in ("data-platform", "data-engineering", "analytics", "data-science", "finance"):
        for user in by_team[team]:
            home = f"Users/{user['userName']}"
            for number in range(rng.randint(1, 4)):
                domain = rng.choice(sorted(DOMAINS))
                table = rng.choice(DOMAINS[domain])
                if team in ("analytics", "finance"):
                    tree[f"{home}/scratch/{table} {number}.sql"] = sql_report(domain, table, "day")
                else:
                    tree[f"{home}/experiments/{table}_{number}.py"] = python_etl(domain, table, rng.choice(STAGES))
            if team == "data-science":
                tree[f"{home}/models/{table}.ipynb"] = JUPYTER % (table, table)
    return tree


JUPYTER = """{
 "cells": [
  {"cell_type": "markdown", "metadata": {}, "source": ["# Forecast for %s"]},
  {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": ["frame = spark.table('gold.%s')"]}
 ],
 "metadata": {"language_info": {"name": "python"}},
 "nbformat": 4,
 "nbformat_minor": 0
}
"""

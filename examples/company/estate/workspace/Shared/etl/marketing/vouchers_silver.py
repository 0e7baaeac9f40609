# Databricks notebook source
# MAGIC %md
# MAGIC # marketing.vouchers: silver

# COMMAND ----------

dbutils.widgets.text("run_date", "")
run_date = dbutils.widgets.get("run_date")
source = "abfss://bronze@meridianlake.dfs.core.windows.net/marketing/vouchers"
target = "silver.marketing_vouchers"

# COMMAND ----------

frame = spark.read.format("delta").load(source)
frame = frame.dropDuplicates(["voucher_id"]).where("_deleted is not true")

# COMMAND ----------

frame.write.mode("append").saveAsTable(target)

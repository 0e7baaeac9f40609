# Databricks notebook source
# MAGIC %md
# MAGIC # customers.segments: silver

# COMMAND ----------

dbutils.widgets.text("run_date", "")
run_date = dbutils.widgets.get("run_date")
source = "abfss://bronze@meridianlake.dfs.core.windows.net/customers/segments"
target = "silver.customers_segments"

# COMMAND ----------

frame = spark.read.format("delta").load(source)
frame = frame.dropDuplicates(["segment_id"]).where("_deleted is not true")

# COMMAND ----------

frame.write.mode("append").saveAsTable(target)

# Databricks notebook source
# MAGIC %md
# MAGIC # customers.segments: bronze

# COMMAND ----------

dbutils.widgets.text("run_date", "")
run_date = dbutils.widgets.get("run_date")
source = "abfss://landing@meridianlake.dfs.core.windows.net/customers/segments"
target = "bronze.customers_segments"

# COMMAND ----------

frame = spark.read.format("json").load(source)
frame = frame.withColumn("_ingested", __import__('pyspark.sql.functions').sql.functions.current_timestamp())

# COMMAND ----------

frame.write.mode("append").saveAsTable(target)

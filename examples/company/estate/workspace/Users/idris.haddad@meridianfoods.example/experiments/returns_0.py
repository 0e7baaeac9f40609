# Databricks notebook source
# MAGIC %md
# MAGIC # orders.returns: silver

# COMMAND ----------

dbutils.widgets.text("run_date", "")
run_date = dbutils.widgets.get("run_date")
source = "abfss://bronze@meridianlake.dfs.core.windows.net/orders/returns"
target = "silver.orders_returns"

# COMMAND ----------

frame = spark.read.format("delta").load(source)
frame = frame.dropDuplicates(["return_id"]).where("_deleted is not true")

# COMMAND ----------

frame.write.mode("append").saveAsTable(target)

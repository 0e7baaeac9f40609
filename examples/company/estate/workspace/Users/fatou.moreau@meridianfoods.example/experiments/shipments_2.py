# Databricks notebook source
# MAGIC %md
# MAGIC # inventory.shipments: silver

# COMMAND ----------

dbutils.widgets.text("run_date", "")
run_date = dbutils.widgets.get("run_date")
source = "abfss://bronze@meridianlake.dfs.core.windows.net/inventory/shipments"
target = "silver.inventory_shipments"

# COMMAND ----------

frame = spark.read.format("delta").load(source)
frame = frame.dropDuplicates(["shipment_id"]).where("_deleted is not true")

# COMMAND ----------

frame.write.mode("append").saveAsTable(target)

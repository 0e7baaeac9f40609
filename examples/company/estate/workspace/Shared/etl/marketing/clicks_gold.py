# Databricks notebook source
# MAGIC %md
# MAGIC # marketing.clicks: gold

# COMMAND ----------

dbutils.widgets.text("run_date", "")
run_date = dbutils.widgets.get("run_date")
source = "abfss://silver@meridianlake.dfs.core.windows.net/marketing/clicks"
target = "gold.marketing_clicks"

# COMMAND ----------

frame = spark.read.format("delta").load(source)
frame = frame.groupBy("business_date").agg({"amount": "sum", "*": "count"})

# COMMAND ----------

frame.write.mode("append").saveAsTable(target)

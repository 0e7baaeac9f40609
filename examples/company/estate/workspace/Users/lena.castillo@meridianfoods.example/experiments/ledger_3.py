# Databricks notebook source
# MAGIC %md
# MAGIC # finance.ledger: gold

# COMMAND ----------

dbutils.widgets.text("run_date", "")
run_date = dbutils.widgets.get("run_date")
source = "abfss://silver@meridianlake.dfs.core.windows.net/finance/ledger"
target = "gold.finance_ledger"

# COMMAND ----------

frame = spark.read.format("delta").load(source)
frame = frame.groupBy("business_date").agg({"amount": "sum", "*": "count"})

# COMMAND ----------

frame.write.mode("append").saveAsTable(target)

// Databricks notebook source
val input = spark.table("silver.finance_ledger")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.finance_ledger_compact")

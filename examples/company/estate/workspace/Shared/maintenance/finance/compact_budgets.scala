// Databricks notebook source
val input = spark.table("silver.finance_budgets")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.finance_budgets_compact")

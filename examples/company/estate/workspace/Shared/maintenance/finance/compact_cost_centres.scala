// Databricks notebook source
val input = spark.table("silver.finance_cost_centres")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.finance_cost_centres_compact")

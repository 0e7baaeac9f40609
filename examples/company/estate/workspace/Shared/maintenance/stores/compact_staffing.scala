// Databricks notebook source
val input = spark.table("silver.stores_staffing")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.stores_staffing_compact")

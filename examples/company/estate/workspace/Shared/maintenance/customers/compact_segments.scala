// Databricks notebook source
val input = spark.table("silver.customers_segments")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.customers_segments_compact")

// Databricks notebook source
val input = spark.table("silver.stores_tills")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.stores_tills_compact")

// Databricks notebook source
val input = spark.table("silver.stores_visits")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.stores_visits_compact")

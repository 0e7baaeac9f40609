// Databricks notebook source
val input = spark.table("silver.stores_energy")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.stores_energy_compact")

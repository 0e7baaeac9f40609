// Databricks notebook source
val input = spark.table("silver.inventory_warehouses")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.inventory_warehouses_compact")

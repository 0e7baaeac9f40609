// Databricks notebook source
val input = spark.table("silver.inventory_stock_levels")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.inventory_stock_levels_compact")

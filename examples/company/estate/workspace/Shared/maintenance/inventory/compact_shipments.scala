// Databricks notebook source
val input = spark.table("silver.inventory_shipments")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.inventory_shipments_compact")

// Databricks notebook source
val input = spark.table("silver.inventory_suppliers")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.inventory_suppliers_compact")

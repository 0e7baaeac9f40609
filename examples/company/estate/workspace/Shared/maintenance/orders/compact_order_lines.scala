// Databricks notebook source
val input = spark.table("silver.orders_order_lines")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.orders_order_lines_compact")

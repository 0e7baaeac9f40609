// Databricks notebook source
val input = spark.table("silver.orders_orders")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.orders_orders_compact")

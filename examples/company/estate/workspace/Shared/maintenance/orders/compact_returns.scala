// Databricks notebook source
val input = spark.table("silver.orders_returns")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.orders_returns_compact")

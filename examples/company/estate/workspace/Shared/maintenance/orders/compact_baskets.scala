// Databricks notebook source
val input = spark.table("silver.orders_baskets")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.orders_baskets_compact")

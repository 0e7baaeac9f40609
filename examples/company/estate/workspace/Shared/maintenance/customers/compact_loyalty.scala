// Databricks notebook source
val input = spark.table("silver.customers_loyalty")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.customers_loyalty_compact")

// Databricks notebook source
val input = spark.table("silver.customers_profiles")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.customers_profiles_compact")

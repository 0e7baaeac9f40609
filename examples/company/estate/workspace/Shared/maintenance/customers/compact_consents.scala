// Databricks notebook source
val input = spark.table("silver.customers_consents")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.customers_consents_compact")

// Databricks notebook source
val input = spark.table("silver.marketing_clicks")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.marketing_clicks_compact")

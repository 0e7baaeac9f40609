// Databricks notebook source
val input = spark.table("silver.marketing_campaigns")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.marketing_campaigns_compact")

// Databricks notebook source
val input = spark.table("silver.marketing_newsletters")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.marketing_newsletters_compact")

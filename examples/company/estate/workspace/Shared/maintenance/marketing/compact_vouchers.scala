// Databricks notebook source
val input = spark.table("silver.marketing_vouchers")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.marketing_vouchers_compact")

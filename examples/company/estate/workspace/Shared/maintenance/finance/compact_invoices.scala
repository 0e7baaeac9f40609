// Databricks notebook source
val input = spark.table("silver.finance_invoices")

// COMMAND ----------

input.repartition(16).write.mode("overwrite").saveAsTable("gold.finance_invoices_compact")

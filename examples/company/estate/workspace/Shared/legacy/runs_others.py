# Databricks notebook source
# MAGIC %run /Shared/libraries/conventions

# COMMAND ----------

dbutils.notebook.run("/Shared/etl/orders/orders_bronze", 3600, {"run_date": "2026-01-01"})

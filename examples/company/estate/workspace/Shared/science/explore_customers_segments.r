# Databricks notebook source
library(SparkR)

# COMMAND ----------

frame <- sql("SELECT * FROM gold.customers_segments")
summary(frame)

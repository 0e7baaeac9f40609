# Databricks notebook source
library(SparkR)

# COMMAND ----------

frame <- sql("SELECT * FROM gold.marketing_clicks")
summary(frame)

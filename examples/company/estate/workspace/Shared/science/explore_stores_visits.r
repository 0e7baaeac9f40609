# Databricks notebook source
library(SparkR)

# COMMAND ----------

frame <- sql("SELECT * FROM gold.stores_visits")
summary(frame)

# Databricks notebook source
dbutils.fs.mount(source="wasbs://archive@meridianold.blob.core.windows.net", mount_point="/mnt/archive",
                 extra_configs={"fs.azure.account.key.meridianold.blob.core.windows.net": dbutils.secrets.get("storage", "archive-key")})

# COMMAND ----------

display(spark.read.csv("/mnt/archive/2019/*.csv"))
spark.read.parquet("dbfs:/FileStore/tables/calendar.parquet").createOrReplaceTempView("calendar")

-- Databricks notebook source
-- MAGIC %md ## customers: loyalty week

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW latest AS
SELECT *, row_number() OVER (PARTITION BY loyalt_id ORDER BY updated_at DESC) AS rn
FROM gold.customers_loyalty;

-- COMMAND ----------

SELECT date_trunc('week', business_date) AS period, count(*) AS amount
FROM latest WHERE rn = 1 GROUP BY 1 ORDER BY 1;

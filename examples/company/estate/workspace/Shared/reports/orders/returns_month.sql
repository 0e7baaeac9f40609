-- Databricks notebook source
-- MAGIC %md ## orders: returns month

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW latest AS
SELECT *, row_number() OVER (PARTITION BY return_id ORDER BY updated_at DESC) AS rn
FROM gold.orders_returns;

-- COMMAND ----------

SELECT date_trunc('month', business_date) AS period, count(*) AS amount
FROM latest WHERE rn = 1 GROUP BY 1 ORDER BY 1;

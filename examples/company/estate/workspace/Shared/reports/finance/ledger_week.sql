-- Databricks notebook source
-- MAGIC %md ## finance: ledger week

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW latest AS
SELECT *, row_number() OVER (PARTITION BY ledge_id ORDER BY updated_at DESC) AS rn
FROM gold.finance_ledger;

-- COMMAND ----------

SELECT date_trunc('week', business_date) AS period, count(*) AS amount
FROM latest WHERE rn = 1 GROUP BY 1 ORDER BY 1;

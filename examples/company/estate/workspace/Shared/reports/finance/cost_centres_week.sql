-- Databricks notebook source
-- MAGIC %md ## finance: cost_centres week

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW latest AS
SELECT *, row_number() OVER (PARTITION BY cost_centre_id ORDER BY updated_at DESC) AS rn
FROM gold.finance_cost_centres;

-- COMMAND ----------

SELECT date_trunc('week', business_date) AS period, count(*) AS amount
FROM latest WHERE rn = 1 GROUP BY 1 ORDER BY 1;

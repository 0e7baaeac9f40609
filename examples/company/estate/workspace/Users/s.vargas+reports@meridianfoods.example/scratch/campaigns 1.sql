-- Databricks notebook source
-- MAGIC %md ## marketing: campaigns day

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW latest AS
SELECT *, row_number() OVER (PARTITION BY campaign_id ORDER BY updated_at DESC) AS rn
FROM gold.marketing_campaigns;

-- COMMAND ----------

SELECT date_trunc('day', business_date) AS period, count(*) AS amount
FROM latest WHERE rn = 1 GROUP BY 1 ORDER BY 1;

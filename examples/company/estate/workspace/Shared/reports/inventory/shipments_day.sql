-- Databricks notebook source
-- MAGIC %md ## inventory: shipments day

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW latest AS
SELECT *, row_number() OVER (PARTITION BY shipment_id ORDER BY updated_at DESC) AS rn
FROM gold.inventory_shipments;

-- COMMAND ----------

SELECT date_trunc('day', business_date) AS period, count(*) AS amount
FROM latest WHERE rn = 1 GROUP BY 1 ORDER BY 1;

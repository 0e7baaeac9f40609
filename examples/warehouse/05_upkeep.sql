UPDATE sales.customers SET segment = 'gold' WHERE points >= 1000 AND segment <> 'gold';

-- Points by orders; UPDATE … FROM, which Delta does not have.
UPDATE sales.customers SET points = t.total
FROM (SELECT customer_id, sum(items) AS total FROM sales.orders GROUP BY customer_id) t
WHERE customers.customer_id = t.customer_id;

DELETE FROM sales.orders USING sales.stores WHERE orders.store_id = stores.store_id AND stores.region = 'closed';

INSERT INTO sales.targets SELECT region, '2024-07-01', 1000 FROM sales.stores WHERE region IS NOT NULL;

-- Who was brought by whom, from the first customer on: CONNECT BY, which becomes a recursive query.
SELECT customer_id, level FROM sales.customers CONNECT BY PRIOR customer_id = referred_by START WITH customer_id = 1;

-- A fingerprint that other systems compute too.
SELECT customer_id, farmfingerprint64(email) FROM sales.customers;

COPY sales.orders FROM 's3://meridian-landing/orders/' IAM_ROLE 'arn:aws:iam::123456789012:role/loader' FORMAT AS PARQUET;

UNLOAD ('SELECT * FROM sales.targets') TO 's3://meridian-export/targets_' IAM_ROLE 'arn:aws:iam::123456789012:role/loader' PARQUET;

GRANT SELECT ON sales.orders TO GROUP analysts;

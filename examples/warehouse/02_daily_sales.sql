-- Revenue by day and region. Regions came from two systems, one of which fills them up with blanks.
SELECT s.region, o.ordered_at::date AS day, sum(o.amount) AS revenue, count(*) AS orders
FROM sales.orders o JOIN sales.stores s ON s.store_id = o.store_id
WHERE o.status <> 'cancelled'
GROUP BY s.region, o.ordered_at::date
ORDER BY 1, 2;

-- Whole items in an order, a plain division of integers.
SELECT order_id, items / 2 AS pairs, items % 2 AS single FROM sales.orders WHERE items > 0 ORDER BY order_id;

-- The average basket keeps two digits, cut off.
SELECT store_id, avg(amount) AS basket, avg(items) AS items FROM sales.orders GROUP BY store_id ORDER BY store_id;

-- The best three orders of each store.
SELECT store_id, order_id, amount
FROM (SELECT store_id, order_id, amount, row_number() OVER (PARTITION BY store_id ORDER BY amount DESC, order_id) AS place
      FROM sales.orders) ranked
WHERE place <= 3
ORDER BY store_id, place;

-- Running total by month.
SELECT date_trunc('month', ordered_at) AS month, sum(amount) AS revenue,
       sum(sum(amount)) OVER (ORDER BY date_trunc('month', ordered_at) ROWS UNBOUNDED PRECEDING) AS total
FROM sales.orders GROUP BY 1 ORDER BY 1;

SELECT count(DISTINCT status), min(ordered_at), max(ordered_at) FROM sales.orders;

-- Share of each status, in percent.
SELECT status, count(*) * 100 / (SELECT count(*) FROM sales.orders) AS percent FROM sales.orders GROUP BY status;

-- Stores that never sold.
SELECT s.store_id, s.name FROM sales.stores s LEFT JOIN sales.orders o ON o.store_id = s.store_id
WHERE o.order_id IS NULL ORDER BY s.store_id;

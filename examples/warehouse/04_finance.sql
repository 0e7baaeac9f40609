-- Rounding half away from zero; a cast to integer rounds too.
SELECT order_id, round(amount, 1) AS rounded, amount::int AS euros, trunc(amount) AS floored FROM sales.orders ORDER BY order_id;

SELECT order_id, amount / 3 AS third, amount * 0.19 AS tax FROM sales.orders;

SELECT region, month, target - lag(target) OVER (PARTITION BY region ORDER BY month) AS growth FROM sales.targets;

SELECT median(amount) AS median, percentile_cont(0.9) WITHIN GROUP (ORDER BY amount) AS p90 FROM sales.orders;

SELECT to_char(ordered_at, 'YYYY-MM') AS month, to_char(ordered_at, 'HH24:MI') AS time, extract(dow FROM ordered_at) AS weekday
FROM sales.orders ORDER BY 1, 2;

SELECT t.region, t.target, coalesce(sum(o.amount), 0) AS revenue
FROM sales.targets t
LEFT JOIN sales.stores s ON s.region = t.region
LEFT JOIN sales.orders o ON o.store_id = s.store_id AND date_trunc('month', o.ordered_at) = t.month
GROUP BY t.region, t.target ORDER BY t.region, t.target;

SELECT region FROM sales.stores UNION SELECT region FROM sales.targets ORDER BY 1;

SELECT region FROM sales.targets MINUS SELECT region FROM sales.stores;

-- Amounts as a report shows them: a sign in front has no equivalent.
SELECT order_id, to_char(amount, 'S9999.99') AS shown FROM sales.orders;

-- Boundaries, not elapsed time: from 31 December to 1 January is a year.
SELECT customer_id, datediff(year, joined, '2024-06-30') AS years, datediff(month, joined, '2024-06-30') AS months
FROM sales.customers ORDER BY customer_id;

SELECT customer_id, datediff(week, joined, '2024-06-30') AS weeks FROM sales.customers;

-- The last day of a month stays the last day.
SELECT customer_id, add_months(joined, 1) AS first_bill, last_day(joined) AS month_end FROM sales.customers;

SELECT customer_id, dateadd(year, 1, joined) AS renewal FROM sales.customers WHERE joined IS NOT NULL;

-- NULL in a concatenation is NULL.
SELECT customer_id, name || ' <' || email || '>' AS address FROM sales.customers ORDER BY customer_id;

SELECT upper(left(name, 1)) AS initial, count(*) FROM sales.customers GROUP BY 1 ORDER BY 1;

SELECT customer_id, nvl(segment, 'none') AS segment, nvl2(email, 'yes', 'no') AS has_mail FROM sales.customers;

SELECT customer_id, decode(segment, 'gold', 3, 'silver', 2, NULL, 0, 1) AS weight FROM sales.customers;

-- The domain of an address.
SELECT customer_id, split_part(email, '@', 2) AS domain, strpos(email, '@') AS at FROM sales.customers WHERE email LIKE '%@%';

SELECT customer_id, substring(name, 0, 3) AS code, lpad(customer_id::varchar, 6, '0') AS number FROM sales.customers;

SELECT segment, listagg(customer_id::varchar, ',') WITHIN GROUP (ORDER BY customer_id) AS members
FROM sales.customers WHERE customer_id IS NOT NULL GROUP BY segment ORDER BY segment;

-- Customers and their last order, also those without: the old way of an outer join.
SELECT c.customer_id, max(o.ordered_at) AS last_order
FROM sales.customers c, sales.orders o
WHERE c.customer_id = o.customer_id(+)
GROUP BY c.customer_id ORDER BY 1;

SELECT TOP 5 customer_id, points FROM sales.customers ORDER BY points DESC, customer_id;

SELECT email FROM sales.customers WHERE email ~ '^[a-z]+@meridian' ORDER BY email;

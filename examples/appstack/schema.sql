-- The shop's database as it is before the move. Run by its owner; the application's role may only read and write rows.
CREATE TABLE customers (
  id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, full_name text NOT NULL, phone text NOT NULL, card text NOT NULL,
  joined timestamptz NOT NULL DEFAULT now());
-- The application's own name of an order is not unique for the database: an order written twice would be there twice.
CREATE TABLE orders (
  id bigserial PRIMARY KEY, ref text NOT NULL, customer bigint NOT NULL REFERENCES customers, placed timestamptz NOT NULL DEFAULT now(),
  total numeric(10, 2) NOT NULL, note text);
CREATE INDEX orders_by_ref ON orders (ref);
CREATE INDEX orders_by_customer ON orders (customer, placed);
CREATE TABLE order_lines (
  order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, line int NOT NULL, article int NOT NULL, amount int NOT NULL,
  price numeric(10, 2) NOT NULL, PRIMARY KEY (order_id, line));
CREATE TABLE stock (article int PRIMARY KEY, left_over bigint NOT NULL);

INSERT INTO stock SELECT article, 1000000 FROM generate_series(1, 200) article;
INSERT INTO customers (email, full_name, phone, card)
  SELECT lower(first) || '.' || lower(last) || '.' || n || '@' || (ARRAY['wanderlust', 'provider', 'postbox'])[1 + n % 3] || '.org',
         first || ' ' || last || 'sson-' || n, '+49 (17' || n % 10 || ') ' || 7300000 + n, '4929 ' || to_char(n, 'FM0000') || ' 5301 ' || to_char(9999 - n, 'FM0000')
  FROM (SELECT n, (ARRAY['Marguerite', 'Balthasar', 'Clementine', 'Dieudonne', 'Evangeline', 'Ferdinand'])[1 + n % 6] AS first,
               (ARRAY['Oberhausner', 'Vandermeulen', 'Quartermaine', 'Featherstone', 'Kowalczyk'])[1 + n % 5] AS last
        FROM generate_series(1, 2000) n) people;
INSERT INTO orders (ref, customer, total, note)
  SELECT 'before-' || n, 1 + n % 2000, 10 + n % 90, 'please ring, ' || (SELECT full_name FROM customers WHERE id = 1 + n % 2000)
  FROM generate_series(1, 20000) n;
INSERT INTO order_lines SELECT id, line, 1 + (id + line) % 200, line, 5.50 FROM orders, generate_series(1, 2) line;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shop_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shop_app;

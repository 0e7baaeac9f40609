-- The warehouse of Meridian Foods, as it stands in Redshift.
CREATE TABLE sales.stores (
  store_id   INT NOT NULL ENCODE az64,
  name       VARCHAR(60),
  region     VARCHAR(20),
  opened     DATE,
  PRIMARY KEY (store_id)
) DISTSTYLE ALL;

CREATE TABLE sales.customers (
  customer_id INT NOT NULL DISTKEY,
  name        VARCHAR(80),
  email       VARCHAR(120),
  segment     VARCHAR(12),
  joined      DATE,
  points      INT DEFAULT 0,
  referred_by INT
) SORTKEY (joined);

CREATE TABLE sales.orders (
  order_id    INT NOT NULL,
  customer_id INT DISTKEY REFERENCES sales.customers (customer_id),
  store_id    INT,
  ordered_at  TIMESTAMP ENCODE az64,
  status      VARCHAR(10) ENCODE bytedict,
  amount      DECIMAL(10,2),
  items       INT
) COMPOUND SORTKEY (ordered_at, store_id);

CREATE TABLE sales.targets (region VARCHAR(20), month DATE, target DECIMAL(12,2)) DISTSTYLE EVEN;

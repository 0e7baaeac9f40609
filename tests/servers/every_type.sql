-- A database with every odd thing that a move may meet. Runs on PostgreSQL 11 and later as a superuser; what a version
-- does not know is left out by the DO blocks. Roles that it makes are odd_owner, odd_reader, "Odd ""Role""" and odd_group.
SET client_min_messages = warning;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'odd_owner') THEN CREATE ROLE odd_owner; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'odd_reader') THEN
    CREATE ROLE odd_reader LOGIN CONNECTION LIMIT 7 VALID UNTIL '2031-01-01'; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'Odd "Role"') THEN CREATE ROLE "Odd ""Role""" CREATEDB NOINHERIT; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'odd_group') THEN CREATE ROLE odd_group; END IF;
END $$;
GRANT odd_group TO odd_reader WITH ADMIN OPTION;
GRANT odd_group TO "Odd ""Role""";
COMMENT ON ROLE odd_group IS 'may read';
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET work_mem = ''7MB''', current_database());
  EXECUTE format('ALTER DATABASE %I SET search_path = "Odd Schema", public', current_database());
  EXECUTE format('ALTER ROLE odd_reader IN DATABASE %I SET statement_timeout = ''61s''', current_database());
  EXECUTE format('COMMENT ON DATABASE %I IS ''every "odd" thing; with '''' quotes''', current_database());
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO odd_reader', current_database());
END $$;

CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public;
CREATE EXTENSION IF NOT EXISTS citext SCHEMA public;
CREATE SCHEMA types AUTHORIZATION odd_owner;
CREATE SCHEMA "Odd Schema";
CREATE SCHEMA "ünïcode";
COMMENT ON SCHEMA types IS 'one table per family';
SET search_path = types, public;

-- types of our own
CREATE TYPE mood AS ENUM ('sad', 'ok', 'between', 'happy', 'with ''quote''', '');
CREATE DOMAIN positive AS numeric(12, 3) DEFAULT 1 CONSTRAINT above_zero CHECK (VALUE > 0);
CREATE DOMAIN email AS text COLLATE "C" NOT NULL CHECK (VALUE ~ '@');
CREATE DOMAIN positives AS positive[];
CREATE TYPE pair AS (a int, b text COLLATE "C", "Odd Field" positive);
CREATE TYPE nested AS (p pair, ps pair[], m mood);
CREATE TYPE price_range AS RANGE (subtype = numeric);
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");
COMMENT ON TYPE mood IS 'how it is';
COMMENT ON DOMAIN positive IS 'more than nothing';
COMMENT ON COLUMN pair.a IS 'the first';
ALTER TYPE mood OWNER TO odd_owner;

CREATE TABLE every_type (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 10 CACHE 5) PRIMARY KEY,
  c_bool boolean, c_int2 smallint, c_int4 integer, c_int8 bigint, c_oid oid,
  c_float4 real, c_float8 double precision, c_numeric numeric, c_numeric_p numeric(20, 5), c_money money,
  c_text text, c_varchar varchar(20), c_char char(10), c_qchar "char", c_name name, c_bytea bytea,
  c_date date, c_time time, c_time3 time(3), c_timetz timetz, c_timestamp timestamp, c_timestamptz timestamptz(2),
  c_interval interval, c_interval_ym interval year to month,
  c_uuid uuid, c_json json, c_jsonb jsonb, c_xml xml, c_bit bit(9), c_varbit bit varying(40),
  c_inet inet, c_cidr cidr, c_macaddr macaddr, c_macaddr8 macaddr8,
  c_point point, c_line line, c_lseg lseg, c_box box, c_path path, c_polygon polygon, c_circle circle,
  c_tsvector tsvector, c_tsquery tsquery, c_lsn pg_lsn, c_snapshot txid_snapshot,
  c_int4range int4range, c_int8range int8range, c_numrange numrange, c_tsrange tsrange, c_tstzrange tstzrange,
  c_daterange daterange, c_regclass regclass, c_regtype regtype, c_regproc regproc, c_regrole regrole,
  c_regnamespace regnamespace,
  c_mood mood, c_positive positive, c_email email DEFAULT 'nobody@example.com', c_pair pair, c_nested nested,
  c_price price_range, c_text_range text_range, c_hstore hstore, c_citext citext,
  a_int4 int[], a_text text[][], a_mood mood[], a_pair pair[], a_positive positives, a_range int4range[], a_bytea bytea[],
  a_timestamptz timestamptz[], a_numeric numeric(9, 2)[], a_uuid uuid[], a_jsonb jsonb[]
);
ALTER TABLE every_type OWNER TO odd_owner;
ALTER TABLE every_type ALTER c_text SET STORAGE EXTERNAL, ALTER c_text SET STATISTICS 500;
INSERT INTO every_type (c_bool, c_int2, c_int4, c_int8, c_oid, c_float4, c_float8, c_numeric, c_numeric_p, c_money, c_text,
  c_varchar, c_char, c_qchar, c_name, c_bytea, c_date, c_time, c_time3, c_timetz, c_timestamp, c_timestamptz, c_interval,
  c_interval_ym, c_uuid, c_json, c_jsonb, c_bit, c_varbit, c_inet, c_cidr, c_macaddr, c_macaddr8, c_point, c_line, c_lseg,
  c_box, c_path, c_polygon, c_circle, c_tsvector, c_tsquery, c_lsn, c_snapshot, c_int4range, c_int8range, c_numrange,
  c_tsrange, c_tstzrange, c_daterange, c_regtype, c_mood, c_positive, c_email, c_pair, c_nested, c_price, c_text_range,
  c_hstore, c_citext, a_int4, a_text, a_mood, a_pair, a_positive, a_range, a_bytea, a_timestamptz, a_numeric, a_uuid, a_jsonb)
VALUES
  (true, -32768, 2147483646, -9223372036854775808, 4294967295, 'Infinity', 'NaN', 'NaN', 123456789012345.12345, 12.34,
   E'tab\t newline\n backslash\\ quote'' nul-free €𝄞', 'twenty characters ok', 'padded', 'x', 'a_name', '\x00ff5c0a27',
   'infinity', '24:00:00', '23:59:59.999', '12:00:00.5+05:30', '4713-01-01 BC', '294276-12-31 23:59:59.99+00',
   '-178000000 years 11 mons 10675199 days', '9 years 3 mons', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
   '{"b": 1, "a":  [null, 1.0, 1e400], "b": 2}', '{"b": 1, "a": [null, 1.00, "\u20ac"]}', B'101010101', B'1', '::1/128',
   '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '(1.5,-0)', '{1,-1,0.3}', '[(0,0),(1,1)]', '((2,2),(1,1))',
   '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(1,2),3>', 'a:1A fat:2B,4C cat:5', '!fat & cat:AB', '16/B374D848',
   '10:20:10,14,15', '[1,5)', 'empty', '(,1.50]', '[2026-01-01,2026-12-31]', '[2026-01-01 00:00+00,)', '[2026-02-28,infinity]',
   'types.mood', 'with ''quote''', 0.001, 'a@b.c', ROW(1, 'x,"y")', 3), ROW(ROW(1, NULL, 2), ARRAY[ROW(3, '', 4)::pair], 'between'),
   '[1.5,2.50)', '[a,b]', '"a b"=>"c\"d", e=>NULL', 'CaSe', '[0:2]={1,NULL,3}', '{{a,"b,c"},{NULL,"NULL"}}', '{sad,""}',
   ARRAY[ROW(1, '{}', 2)::pair, NULL], '{1.5,2}', '{"[1,2)",empty}', ARRAY['\x00'::bytea, ''], '{-infinity,2026-01-01 00:00+00}',
   '{1.10,NaN}', '{}', ARRAY['{"a": null}'::jsonb]),
  (false, 0, 0, 0, 0, '-0', '-0', 1e-400::numeric, 0, 0, '', '', '', '', '', '', '0044-03-15 BC', '00:00', '00:00', '00:00-15:59',
   'infinity', '-infinity', '0', '0', '00000000-0000-0000-0000-000000000000', 'null', 'null', B'000000000', B'', '0.0.0.0/0', '::/0',
   '00:00:00:00:00:00', '00:00:00:00:00:00:00:00', '(0,0)', '{0,-1,0}', '[(0,0),(0,0)]', '((0,0),(0,0))', '((0,0))', '((0,0))',
   '<(0,0),0>', '', '', '0/0', '1:1:', 'empty', '(,)', 'empty', 'empty', '(,)', 'empty', 'integer[]', '', 1e9 - 0.001, '@', NULL, NULL,
   'empty', '(,)', '', '', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'x@y', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL);
CREATE TABLE big (id int PRIMARY KEY, body bytea, story text);
INSERT INTO big SELECT i, (SELECT string_agg(decode(md5(i || '/' || j), 'hex'), '') FROM generate_series(1, 20000 * i) j), repeat('lorem ipsum €', 5000 * i) FROM generate_series(1, 4) i;
CREATE TABLE no_columns ();
INSERT INTO no_columns DEFAULT VALUES;
CREATE TABLE dropped_columns (gone int, a int, also_gone text, b text NOT NULL DEFAULT 'b', PRIMARY KEY (b, a));
INSERT INTO dropped_columns VALUES (1, 2, 'x', 'y');
ALTER TABLE dropped_columns DROP gone, DROP also_gone, ADD added text DEFAULT 'since', ADD COLUMN late timestamptz DEFAULT '2026-01-01Z';
CREATE TABLE "Odd Schema"."Table with ""quotes"", commas. and %s" ("select" int PRIMARY KEY, "Ünï" text, "a""b" int, "tab	" text);
INSERT INTO "Odd Schema"."Table with ""quotes"", commas. and %s" VALUES (1, 'ü', 2, 't');
CREATE TABLE "ünïcode"."таблица_имя" (id serial PRIMARY KEY, "столбец" text DEFAULT 'да');
CREATE TABLE "Odd Schema".a234567890123456789012345678901234567890123456789012345678901 (id smallserial UNIQUE, v text);
CREATE TABLE of_type OF pair (PRIMARY KEY (a));
CREATE UNLOGGED TABLE fleeting (id int PRIMARY KEY, v text);
INSERT INTO fleeting VALUES (1, 'kept only while nothing crashes');
CREATE TABLE without_key (a int, b text);
ALTER TABLE without_key REPLICA IDENTITY FULL;
CREATE TABLE by_index (a int NOT NULL, b text);
CREATE UNIQUE INDEX by_index_a ON by_index (a);
ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_a;
CREATE TABLE options (id int PRIMARY KEY) WITH (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);

-- generated, identity, defaults
CREATE SEQUENCE alone AS smallint START 5 INCREMENT -2 MINVALUE -100 MAXVALUE 50 CYCLE CACHE 3;
SELECT nextval('alone'), nextval('alone');
CREATE SEQUENCE "Odd Schema"."Seq ""x""" MAXVALUE 9223372036854775807 START 9007199254740993;
CREATE TABLE defaults (
  id int GENERATED BY DEFAULT AS IDENTITY, s serial, at timestamptz DEFAULT now(), n int DEFAULT nextval('alone'),
  e text DEFAULT 'it''s' || E'\n', u uuid DEFAULT md5('x')::uuid, PRIMARY KEY (id, s));
INSERT INTO defaults (e) SELECT 'row ' || i FROM generate_series(1, 7) i;
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 120000 THEN
    EXECUTE $q$CREATE TABLE computed (a int PRIMARY KEY, b int, total bigint GENERATED ALWAYS AS (a::bigint * b) STORED,
      label text COLLATE "C" GENERATED ALWAYS AS ('n' || a::text) STORED, after text)$q$;
    INSERT INTO computed (a, b, after) VALUES (3, 4, 'x'), (2147483647, 2, NULL);
    CREATE INDEX ON computed (total);
  END IF;
END $$;

-- partitions and inheritance
CREATE TABLE measured (city int NOT NULL, day date NOT NULL, peak int, PRIMARY KEY (city, day)) PARTITION BY RANGE (day);
CREATE TABLE measured_2025 PARTITION OF measured FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE measured_2026 PARTITION OF measured FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY HASH (city);
CREATE TABLE measured_2026_0 PARTITION OF measured_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE measured_2026_1 (peak int, day date NOT NULL, city int NOT NULL);
ALTER TABLE measured_2026 ATTACH PARTITION measured_2026_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE measured_other PARTITION OF measured DEFAULT;
CREATE INDEX measured_peak ON measured (peak);
INSERT INTO measured SELECT i, '2025-12-01'::date + i, i % 40 FROM generate_series(1, 60) i;
INSERT INTO measured VALUES (1, '1999-01-01', 1);
CREATE TABLE by_mood (m mood, v int) PARTITION BY LIST (m);
CREATE TABLE by_mood_low PARTITION OF by_mood FOR VALUES IN ('sad', NULL);
CREATE TABLE by_mood_high PARTITION OF by_mood FOR VALUES IN ('happy', 'between') WITH (fillfactor = 80);
INSERT INTO by_mood VALUES ('sad', 1), (NULL, 2), ('happy', 3);
CREATE TABLE animal (id int PRIMARY KEY, name text NOT NULL, CHECK (name <> ''));
CREATE TABLE pet (owner text) INHERITS (animal);
CREATE TABLE cat (lives int DEFAULT 9, PRIMARY KEY (id)) INHERITS (pet);
ALTER TABLE pet ALTER name SET DEFAULT 'no name';
INSERT INTO animal VALUES (1, 'ape');
INSERT INTO pet VALUES (1, 'ape', 'ana');
INSERT INTO cat VALUES (2, 'tom', 'bob', 7);

-- constraints
CREATE TABLE department (id int PRIMARY KEY, boss int, UNIQUE (boss) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE worker (id int PRIMARY KEY, department int NOT NULL REFERENCES department DEFERRABLE INITIALLY DEFERRED,
  mentor int REFERENCES worker ON DELETE SET NULL ON UPDATE CASCADE, wage positive,
  CONSTRAINT fair CHECK (wage < 1e8) NO INHERIT, span int4range, EXCLUDE USING gist (span WITH &&));
ALTER TABLE department ADD FOREIGN KEY (boss) REFERENCES worker DEFERRABLE INITIALLY DEFERRED;
BEGIN;
INSERT INTO department VALUES (1, 10), (2, 20);
INSERT INTO worker VALUES (10, 1, NULL, 5, '[1,5)'), (20, 2, 10, 7.5, '[5,9)'), (30, 1, 20, 1, NULL);
COMMIT;
CREATE TABLE late_rules (a int, b int);
INSERT INTO late_rules VALUES (1, 1), (-1, 99);
ALTER TABLE late_rules ADD CONSTRAINT positive_a CHECK (a > 0) NOT VALID;
ALTER TABLE late_rules ADD CONSTRAINT of_department FOREIGN KEY (b) REFERENCES department NOT VALID;
CREATE TABLE reading (id int PRIMARY KEY, city int, day date);
INSERT INTO reading VALUES (1, 1, '1999-01-01'), (2, NULL, NULL);
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 120000 THEN
    ALTER TABLE reading ADD FOREIGN KEY (city, day) REFERENCES measured MATCH FULL;
  END IF;
END $$;

-- indexes
CREATE INDEX every_jsonb ON every_type USING gin (c_jsonb jsonb_path_ops);
CREATE INDEX every_expression ON every_type (lower(c_text), (c_int4 + 1) DESC NULLS LAST) WHERE c_bool IS NOT FALSE;
CREATE INDEX every_include ON every_type (c_uuid) INCLUDE (c_int8);
CREATE INDEX every_brin ON every_type USING brin (c_date) WITH (pages_per_range = 16);
CREATE INDEX every_hash ON every_type USING hash (c_varchar);
CREATE INDEX every_spgist ON every_type USING spgist (c_point);
CREATE INDEX every_pattern ON every_type (c_text text_pattern_ops);
CREATE INDEX every_collate ON every_type (c_text COLLATE "POSIX");
CREATE UNIQUE INDEX "Odd ""Index""" ON every_type (c_int8 DESC NULLS LAST);
ALTER INDEX every_expression ALTER COLUMN 2 SET STATISTICS 300;
CLUSTER big USING big_pkey;
CREATE STATISTICS every_statistics (ndistinct, dependencies) ON c_int4, c_int8 FROM every_type;
COMMENT ON INDEX every_brin IS 'small';
COMMENT ON CONSTRAINT fair ON worker IS 'as said';

-- code
CREATE FUNCTION add(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT a + b';
CREATE FUNCTION add(a text, VARIADIC b text[]) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = types
  AS $f$ BEGIN RETURN a || array_to_string(b, '$$'); END $f$;
CREATE FUNCTION rows_of() RETURNS TABLE (a int, "B" text) LANGUAGE sql ROWS 7 COST 3 AS $$ SELECT 1, 'x' $$;
CREATE PROCEDURE do_it(INOUT a int) LANGUAGE plpgsql AS $$ BEGIN a := a + 1; END $$;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE OPERATOR ## (LEFTARG = int, RIGHTARG = int, PROCEDURE = add, COMMUTATOR = ##);
CREATE FUNCTION mood_of(int) RETURNS mood LANGUAGE sql IMMUTABLE AS $$ SELECT 'ok'::types.mood $$;
CREATE CAST (int AS mood) WITH FUNCTION mood_of(int);
CREATE OPERATOR CLASS by_length FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=,
  OPERATOR 5 >, FUNCTION 1 bttextcmp(text, text);
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION odd_search (COPY = english);
ALTER TEXT SEARCH CONFIGURATION odd_search ALTER MAPPING FOR asciiword WITH plain;
CREATE COLLATION "odd_C" FROM "C";
CREATE TABLE sorted (id int PRIMARY KEY, c text COLLATE "odd_C", p text COLLATE "POSIX");
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 140000 THEN
    CREATE TABLE multiranges (id int PRIMARY KEY, m int4multirange, t tstzmultirange, own nummultirange[]);
    INSERT INTO multiranges VALUES (1, '{[1,2),[5,9)}', '{}', ARRAY['{(,1.5]}'::nummultirange]);
    EXECUTE 'CREATE FUNCTION modern(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a + 1; END';
    EXECUTE 'CREATE TABLE squeezed (id int PRIMARY KEY, v text COMPRESSION pglz)';
  END IF;
  IF current_setting('server_version_num')::int >= 150000 THEN
    EXECUTE 'CREATE TABLE one_null (a int UNIQUE NULLS NOT DISTINCT, b int)';
    CREATE VIEW asking WITH (security_invoker = true) AS SELECT 1 AS one;
  END IF;
END $$;

-- views, rules, triggers, row security
CREATE VIEW simple AS SELECT id, c_text AS "Text", c_mood FROM every_type WHERE c_bool WITH CASCADED CHECK OPTION;
CREATE VIEW of_view WITH (security_barrier) AS SELECT s.id, w.* FROM simple s JOIN without_key w ON w.a = s.id;
CREATE RECURSIVE VIEW counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
CREATE MATERIALIZED VIEW peaks AS SELECT city, max(peak) AS peak FROM measured GROUP BY city;
CREATE UNIQUE INDEX peaks_city ON peaks (city);
CREATE MATERIALIZED VIEW peaks_of_peaks AS SELECT max(peak) AS peak FROM peaks WITH NO DATA;
CREATE RULE "no delete" AS ON DELETE TO without_key WHERE old.a = 0 DO INSTEAD NOTHING;
CREATE RULE copied AS ON INSERT TO by_index DO ALSO INSERT INTO without_key VALUES (new.a, 'copy');
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.late := now(); RETURN new; END $$;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fired'; END $$;
CREATE TRIGGER stamped BEFORE UPDATE OF added ON dropped_columns FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION stamp();
CREATE TRIGGER always AFTER INSERT ON department FOR EACH ROW WHEN (new.id < 0) EXECUTE FUNCTION refuse();
ALTER TABLE department ENABLE ALWAYS TRIGGER always;
CREATE TRIGGER never BEFORE INSERT ON worker FOR EACH STATEMENT EXECUTE FUNCTION refuse();
ALTER TABLE worker DISABLE TRIGGER never;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON worker DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.id < 0) EXECUTE FUNCTION refuse();
CREATE TRIGGER seen AFTER UPDATE ON big REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE EVENT TRIGGER odd_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION on_ddl();
ALTER EVENT TRIGGER odd_ddl DISABLE;
ALTER TABLE worker ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON worker AS RESTRICTIVE FOR UPDATE TO odd_reader, odd_group USING (id > 0) WITH CHECK (wage < 10);
CREATE POLICY all_of_it ON worker USING (true);

-- rights
GRANT USAGE ON SCHEMA types TO odd_reader;
GRANT SELECT, INSERT (c_text), UPDATE (c_bool) ON every_type TO odd_reader WITH GRANT OPTION;
GRANT ALL ON ALL SEQUENCES IN SCHEMA types TO "Odd ""Role""";
REVOKE EXECUTE ON FUNCTION add(int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add(int, int) TO odd_group;
GRANT USAGE ON TYPE mood TO odd_reader;
REVOKE USAGE ON TYPE mood FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE odd_owner IN SCHEMA types GRANT SELECT ON TABLES TO odd_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE odd_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
COMMENT ON TABLE every_type IS E'all of them;\n-- not a comment\n$$ nor this $$';
COMMENT ON COLUMN every_type.c_text IS 'it''s';
COMMENT ON FUNCTION add(int, int) IS 'plus';
COMMENT ON TRIGGER seen ON big IS 'watches';
COMMENT ON POLICY own ON worker IS 'yours';
COMMENT ON RULE copied ON by_index IS 'twice';
COMMENT ON EVENT TRIGGER odd_ddl IS 'sleeps';
COMMENT ON VIEW simple IS 'easy';
COMMENT ON EXTENSION hstore IS 'changed by somebody';

-- large objects, publications
SELECT lo_from_bytea(910001, decode(repeat(md5('a'), 9000), 'hex'));
SELECT lo_from_bytea(910002, '');
ALTER LARGE OBJECT 910001 OWNER TO odd_owner;
GRANT SELECT ON LARGE OBJECT 910001 TO odd_reader;
COMMENT ON LARGE OBJECT 910001 IS 'a picture';
CREATE PUBLICATION odd_publication FOR TABLE every_type, animal WITH (publish = 'insert, delete');
COMMENT ON PUBLICATION odd_publication IS 'some';
REFRESH MATERIALIZED VIEW peaks;
ANALYZE;

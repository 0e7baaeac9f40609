-- What Redshift defines otherwise than PostgreSQL, as objects of the schema `redshift`, which is searched before
-- pg_catalog. Run once in a new database (collation C, ctype C.UTF-8) that nothing else uses. Written from the Amazon
-- Redshift Database Developer Guide; tests/semantic/shims.sqlcase holds at least three documented examples of each
-- function. A verdict that rests on one of these names it.
CREATE SCHEMA redshift;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;

-- Strings ------------------------------------------------------------------------------------------------------------
CREATE FUNCTION redshift.concat(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT a || b $$;
CREATE FUNCTION redshift.len(a text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT length(a) $$;
CREATE FUNCTION redshift.len(a bpchar) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT length(a) $$;
CREATE FUNCTION redshift.charindex(sub text, str text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT strpos(str, sub) $$;
CREATE FUNCTION redshift.octetindex(sub text, str text) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN strpos(str, sub) = 0 THEN 0 ELSE octet_length(left(str, strpos(str, sub) - 1)) + 1 END $$;
-- What a cast to CHAR(n) or VARCHAR(n) keeps: lengths are of bytes, and no character is cut in two.
CREATE FUNCTION redshift.first_bytes(a text, n int) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT CASE WHEN octet_length(a) <= n THEN a ELSE left(a, (SELECT count(*)::int FROM generate_series(1, least(length(a), n)) i
       WHERE octet_length(left(a, i)) <= n)) END $$;
CREATE FUNCTION redshift.replicate(a text, n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT repeat(a, n) $$;
-- "based on the CRC-32C polynomial"
CREATE FUNCTION redshift.crc32(a text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE c bigint := 4294967295; i int; j int; b bytea := convert_to(a, 'UTF8');
BEGIN
  FOR i IN 0 .. length(b) - 1 LOOP
    c := c # get_byte(b, i);
    FOR j IN 1 .. 8 LOOP c := CASE WHEN c & 1 = 1 THEN (c >> 1) # 2197175160 ELSE c >> 1 END; END LOOP;
  END LOOP;
  RETURN lpad(to_hex(c # 4294967295), 8, '0');
END $$;
CREATE FUNCTION redshift.sha1(a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT encode(digest(a, 'sha1'), 'hex') $$;
CREATE FUNCTION redshift.sha(a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT encode(digest(a, 'sha1'), 'hex') $$;
CREATE FUNCTION redshift.func_sha1(a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT encode(digest(a, 'sha1'), 'hex') $$;
CREATE FUNCTION redshift.sha2(a text, bits int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(digest(a, CASE bits WHEN 0 THEN 'sha256' WHEN 224 THEN 'sha224' WHEN 256 THEN 'sha256' WHEN 384 THEN 'sha384'
                                    WHEN 512 THEN 'sha512' END), 'hex') $$;
CREATE FUNCTION redshift.strtol(a text, base int) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE s text := lower(btrim(a)); sign int := 1; v numeric := 0; d int; i int;
BEGIN
  IF base < 2 OR base > 36 THEN RAISE EXCEPTION 'base % is not between 2 and 36', base; END IF;
  IF left(s, 1) = '-' THEN sign := -1; s := substr(s, 2); END IF;
  IF base = 16 AND left(s, 2) = '0x' THEN s := substr(s, 3); END IF;
  FOR i IN 1 .. length(s) LOOP
    d := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(s, i, 1)) - 1;
    IF d < 0 OR d >= base THEN RAISE EXCEPTION 'the input % is not valid to be converted to base %', a, base; END IF;
    v := v * base + d;
  END LOOP;
  RETURN (sign * v)::bigint;
END $$;
CREATE FUNCTION redshift.regexp_substr(a text, p text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT coalesce((SELECT m[1] FROM regexp_matches(a, '(' || p || ')', '') m LIMIT 1), '') $$;
CREATE FUNCTION redshift.regexp_substr(a text, p text, pos int) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT redshift.regexp_substr(substr(a, pos), p) $$;
CREATE FUNCTION redshift.regexp_substr(a text, p text, pos int, n int) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT coalesce((SELECT m[1] FROM regexp_matches(substr(a, pos), '(' || p || ')', 'g') m OFFSET n - 1 LIMIT 1), '') $$;
CREATE FUNCTION redshift.regexp_substr(a text, p text, pos int, n int, flags text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT coalesce((SELECT m[CASE WHEN flags LIKE '%e%' THEN 2 ELSE 1 END] FROM
       regexp_matches(substr(a, pos), '(' || p || ')', 'g' || CASE WHEN flags LIKE '%i%' THEN 'i' ELSE '' END) m
       OFFSET n - 1 LIMIT 1), '') $$;
CREATE FUNCTION redshift.regexp_count(a text, p text) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT count(*)::int FROM regexp_matches(a, p, 'g') $$;
CREATE FUNCTION redshift.regexp_count(a text, p text, pos int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT count(*)::int FROM regexp_matches(substr(a, pos), p, 'g') $$;
CREATE FUNCTION redshift.regexp_count(a text, p text, pos int, flags text) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT count(*)::int FROM regexp_matches(substr(a, pos), p, 'g' || CASE WHEN flags LIKE '%i%' THEN 'i' ELSE '' END) $$;
CREATE FUNCTION redshift.regexp_replace(a text, p text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.regexp_replace(a, p, '', 'g') $$;
CREATE FUNCTION redshift.regexp_replace(a text, p text, r text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.regexp_replace(a, p, pg_catalog.regexp_replace(r, '[$]([0-9])', E'\\\\\\1', 'g'), 'g') $$;
CREATE FUNCTION redshift.regexp_replace(a text, p text, r text, pos int) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT left(a, pos - 1) || redshift.regexp_replace(substr(a, pos), p, r) $$;
CREATE FUNCTION redshift.regexp_replace(a text, p text, r text, pos int, flags text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT left(a, pos - 1) || pg_catalog.regexp_replace(substr(a, pos), p, pg_catalog.regexp_replace(r, '[$]([0-9])', E'\\\\\\1', 'g'),
       'g' || CASE WHEN flags LIKE '%i%' THEN 'i' ELSE '' END) $$;
CREATE FUNCTION redshift.regexp_instr(a text, p text, pos int, n int, opt int, flags text) RETURNS int LANGUAGE sql IMMUTABLE
  STRICT AS $$ SELECT pg_catalog.regexp_instr(a, p, pos, n, opt, CASE WHEN flags LIKE '%i%' THEN 'i' ELSE '' END) $$;
CREATE FUNCTION redshift.split_part(a text, d text, n int) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF n < 1 THEN RAISE EXCEPTION 'field position must be greater than zero'; END IF;
  RETURN pg_catalog.split_part(a, d, n);
END $$;

-- Numbers ------------------------------------------------------------------------------------------------------------
-- "ROUND returns the same numeric data type as the input argument(s)"
CREATE FUNCTION redshift.round(a int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT a $$;
CREATE FUNCTION redshift.round(a bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT a $$;
CREATE FUNCTION redshift.round(a double precision, n int) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT round(a::numeric, n)::double precision $$;
CREATE FUNCTION redshift.trunc(a double precision, n int) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT trunc(a::numeric, n)::double precision $$;
CREATE FUNCTION redshift.dlog10(a double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT log(a) $$;
CREATE FUNCTION redshift.log(a numeric) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.log(a::double precision) $$;
CREATE FUNCTION redshift.dlog1(a double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT ln(a) $$;
CREATE FUNCTION redshift.ln(a numeric) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.ln(a::double precision) $$;
CREATE FUNCTION redshift.exp(a numeric) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.exp(a::double precision) $$;
CREATE FUNCTION redshift.dexp(a double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT exp(a) $$;
CREATE FUNCTION redshift.sqrt(a numeric) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.sqrt(a::double precision) $$;
CREATE FUNCTION redshift.power(a numeric, b numeric) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.power(a::double precision, b::double precision) $$;
CREATE FUNCTION redshift.pow(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.power(a, b) $$;
CREATE FUNCTION redshift.dpow(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.power(a, b) $$;
CREATE FUNCTION redshift.avg_step(s numeric[], v bigint) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN v IS NULL THEN s ELSE ARRAY[s[1] + v, s[2] + 1] END $$;
CREATE FUNCTION redshift.avg_end(s numeric[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN s[2] = 0 THEN NULL ELSE div(s[1], s[2])::bigint END $$;
CREATE AGGREGATE redshift.avg(bigint) (SFUNC = redshift.avg_step, STYPE = numeric[], FINALFUNC = redshift.avg_end, INITCOND = '{0,0}');
CREATE FUNCTION redshift.avg_step(s numeric[], v int) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN v IS NULL THEN s ELSE ARRAY[s[1] + v, s[2] + 1] END $$;
CREATE AGGREGATE redshift.avg(int) (SFUNC = redshift.avg_step, STYPE = numeric[], FINALFUNC = redshift.avg_end, INITCOND = '{0,0}');
CREATE FUNCTION redshift.avg_step(s numeric[], v smallint) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN v IS NULL THEN s ELSE ARRAY[s[1] + v, s[2] + 1] END $$;
CREATE AGGREGATE redshift.avg(smallint) (SFUNC = redshift.avg_step, STYPE = numeric[], FINALFUNC = redshift.avg_end,
  INITCOND = '{0,0}');
-- "The scale of the result is the same as the scale of the argument"; the guide's PIVOT example (2.71) cuts off, never rounds.
CREATE FUNCTION redshift.avg_step(s numeric[], v numeric) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN v IS NULL THEN s ELSE ARRAY[s[1] + v, s[2] + 1, greatest(s[3], scale(v))] END $$;
CREATE FUNCTION redshift.avg_numeric_end(s numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN s[2] = 0 THEN NULL ELSE trunc(trunc(s[1] / s[2], 20), s[3]::int) END $$;
CREATE AGGREGATE redshift.avg(numeric) (SFUNC = redshift.avg_step, STYPE = numeric[], FINALFUNC = redshift.avg_numeric_end,
  INITCOND = '{0,0,0}');
CREATE FUNCTION redshift.text_to_int_alt(a text) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT trunc(CASE WHEN btrim(a) LIKE '%-' THEN -rtrim(btrim(a), '-')::numeric ELSE rtrim(btrim(a), '+')::numeric END)::int $$;
CREATE FUNCTION redshift.text_to_numeric_alt(a text) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT round(CASE WHEN btrim(a) LIKE '%-' THEN -rtrim(btrim(a), '-')::numeric ELSE rtrim(btrim(a), '+')::numeric END) $$;

-- Dates --------------------------------------------------------------------------------------------------------------
-- Names of date parts, with their abbreviations, as the guide's table lists them.
CREATE FUNCTION redshift.part(a text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE lower(a)
    WHEN 'mil' THEN 'millennium' WHEN 'mils' THEN 'millennium' WHEN 'millennia' THEN 'millennium'
    WHEN 'c' THEN 'century' WHEN 'cent' THEN 'century' WHEN 'cents' THEN 'century' WHEN 'centuries' THEN 'century'
    WHEN 'dec' THEN 'decade' WHEN 'decs' THEN 'decade' WHEN 'decades' THEN 'decade'
    WHEN 'y' THEN 'year' WHEN 'yr' THEN 'year' WHEN 'yrs' THEN 'year' WHEN 'years' THEN 'year'
    WHEN 'qtr' THEN 'quarter' WHEN 'qtrs' THEN 'quarter' WHEN 'quarters' THEN 'quarter'
    WHEN 'mon' THEN 'month' WHEN 'mons' THEN 'month' WHEN 'months' THEN 'month'
    WHEN 'w' THEN 'week' WHEN 'weeks' THEN 'week'
    WHEN 'dayofweek' THEN 'dow' WHEN 'dw' THEN 'dow' WHEN 'weekday' THEN 'dow'
    WHEN 'dayofyear' THEN 'doy' WHEN 'dy' THEN 'doy' WHEN 'yearday' THEN 'doy'
    WHEN 'd' THEN 'day' WHEN 'days' THEN 'day'
    WHEN 'h' THEN 'hour' WHEN 'hr' THEN 'hour' WHEN 'hrs' THEN 'hour' WHEN 'hours' THEN 'hour'
    WHEN 'm' THEN 'minute' WHEN 'min' THEN 'minute' WHEN 'mins' THEN 'minute' WHEN 'minutes' THEN 'minute'
    WHEN 's' THEN 'second' WHEN 'sec' THEN 'second' WHEN 'secs' THEN 'second' WHEN 'seconds' THEN 'second'
    WHEN 'ms' THEN 'millisecond' WHEN 'msec' THEN 'millisecond' WHEN 'msecs' THEN 'millisecond'
    WHEN 'msecond' THEN 'millisecond' WHEN 'mseconds' THEN 'millisecond' WHEN 'milliseconds' THEN 'millisecond'
    WHEN 'us' THEN 'microsecond' WHEN 'microsec' THEN 'microsecond' WHEN 'microsecs' THEN 'microsecond'
    WHEN 'usecond' THEN 'microsecond' WHEN 'useconds' THEN 'microsecond' WHEN 'microseconds' THEN 'microsecond'
    ELSE lower(a) END $$;
CREATE FUNCTION redshift.add_months(a timestamp, n bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN date_trunc('month', a + interval '1 day') > date_trunc('month', a)
    THEN date_trunc('month', a) + make_interval(months => n::int + 1) - interval '1 day' + (a - date_trunc('day', a))
    ELSE a + make_interval(months => n::int) END $$;
-- The year of 29 February plus years is 1 March where there is no 29 February (documented for DATEADD year, not month).
CREATE FUNCTION redshift.dateadd(p text, n bigint, a timestamp) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE u text := redshift.part(p); r timestamp;
BEGIN
  CASE u
    WHEN 'year', 'decade', 'century', 'millennium' THEN
      -- make_interval does not notice that the months of so many years are too many.
      IF n NOT BETWEEN -300000 AND 300000 THEN RAISE EXCEPTION 'timestamp out of range'; END IF;
      r := a + make_interval(years => n::int * CASE u WHEN 'year' THEN 1 WHEN 'decade' THEN 10 WHEN 'century' THEN 100 ELSE 1000 END);
      IF extract(month FROM a) = 2 AND extract(day FROM a) = 29 AND extract(day FROM r) = 28 THEN r := r + interval '1 day'; END IF;
      RETURN r;
    WHEN 'quarter' THEN RETURN a + make_interval(months => 3 * n::int);
    WHEN 'month' THEN RETURN a + make_interval(months => n::int);
    WHEN 'week' THEN RETURN a + make_interval(days => 7 * n::int);
    WHEN 'day', 'dow', 'doy' THEN RETURN a + make_interval(days => n::int);
    WHEN 'hour' THEN RETURN a + n * interval '1 hour';
    WHEN 'minute' THEN RETURN a + n * interval '1 minute';
    WHEN 'second' THEN RETURN a + n * interval '1 second';
    WHEN 'millisecond' THEN RETURN a + n * interval '1 millisecond';
    WHEN 'microsecond' THEN RETURN a + n * interval '1 microsecond';
  END CASE;
END $$;
CREATE FUNCTION redshift.dateadd(p text, n bigint, a timestamptz) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS
  $$ SELECT redshift.dateadd(p, n, a AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' $$;
CREATE FUNCTION redshift.dateadd(p text, n bigint, a date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT redshift.dateadd(p, n, a::timestamp) $$;
CREATE FUNCTION redshift.dateadd(p text, n bigint, a time) RETURNS time LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT (redshift.dateadd(p, n, date '2000-01-01' + a))::time $$;
CREATE FUNCTION redshift.dateadd(p text, n bigint, a text) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT redshift.dateadd(p, n, a::timestamp) $$;
-- Counts boundaries that are crossed; a week begins on Sunday: docs/decisions/0004.
CREATE FUNCTION redshift.datediff(p text, a timestamp, b timestamp) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE u text := redshift.part(p);
BEGIN
  RETURN CASE u
    WHEN 'year' THEN extract(year FROM b) - extract(year FROM a)
    WHEN 'decade' THEN extract(decade FROM b) - extract(decade FROM a)
    WHEN 'century' THEN extract(century FROM b) - extract(century FROM a)
    WHEN 'millennium' THEN extract(millennium FROM b) - extract(millennium FROM a)
    WHEN 'quarter' THEN (extract(year FROM b) * 4 + extract(quarter FROM b)) - (extract(year FROM a) * 4 + extract(quarter FROM a))
    WHEN 'month' THEN (extract(year FROM b) * 12 + extract(month FROM b)) - (extract(year FROM a) * 12 + extract(month FROM a))
    WHEN 'week' THEN ((b::date - extract(dow FROM b)::int) - (a::date - extract(dow FROM a)::int)) / 7
    WHEN 'day' THEN b::date - a::date WHEN 'dow' THEN b::date - a::date WHEN 'doy' THEN b::date - a::date
    WHEN 'hour' THEN (extract(epoch FROM date_trunc('hour', b)) - extract(epoch FROM date_trunc('hour', a))) / 3600
    WHEN 'minute' THEN (extract(epoch FROM date_trunc('minute', b)) - extract(epoch FROM date_trunc('minute', a))) / 60
    WHEN 'second' THEN extract(epoch FROM date_trunc('second', b)) - extract(epoch FROM date_trunc('second', a))
    WHEN 'millisecond' THEN
      1000 * (extract(epoch FROM date_trunc('milliseconds', b)) - extract(epoch FROM date_trunc('milliseconds', a)))
    WHEN 'microsecond' THEN 1000000 * (extract(epoch FROM b) - extract(epoch FROM a)) END;
END $$;
CREATE FUNCTION redshift.datediff(p text, a date, b date) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT redshift.datediff(p, a::timestamp, b::timestamp) $$;
CREATE FUNCTION redshift.datediff(p text, a timestamptz, b timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT AS
  $$ SELECT redshift.datediff(p, a AT TIME ZONE 'UTC', b AT TIME ZONE 'UTC') $$;
CREATE FUNCTION redshift.datediff(p text, a time, b time) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT redshift.datediff(p, date '2000-01-01' + a, date '2000-01-01' + b) $$;
CREATE FUNCTION redshift.extract_of(p text, a timestamp) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE redshift.part(p) WHEN 'epoch' THEN floor(pg_catalog.date_part('epoch', a))
    WHEN 'second' THEN floor(pg_catalog.date_part('second', a))
    WHEN 'millisecond' THEN pg_catalog.date_part('millisecond', a)::int % 1000
    WHEN 'microsecond' THEN pg_catalog.date_part('microsecond', a)::int % 1000000
    ELSE pg_catalog.date_part(redshift.part(p), a) END::int $$;
-- EXTRACT(p FROM a) is INTEGER for TIMESTAMP and TIME, DOUBLE PRECISION for TIMESTAMPTZ; DATE_PART is DOUBLE PRECISION.
CREATE FUNCTION redshift.extract_of(p text, a date) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT redshift.extract_of(p, a::timestamp) $$;
CREATE FUNCTION redshift.extract_of(p text, a time) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.date_part(redshift.part(p), a)::int $$;
CREATE FUNCTION redshift.extract_of(p text, a timestamptz) RETURNS double precision LANGUAGE sql STABLE STRICT AS
  $$ SELECT pg_catalog.date_part(redshift.part(p), a) $$;
CREATE FUNCTION redshift.extract_of(p text, a interval) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.date_part(redshift.part(p), a) $$;
CREATE FUNCTION redshift.date_part(p text, a timestamp) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT redshift.extract_of(p, a)::double precision $$;
CREATE FUNCTION redshift.date_part(p text, a date) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT redshift.extract_of(p, a::timestamp)::double precision $$;
CREATE FUNCTION redshift.date_part_year(a date) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT extract(year FROM a)::int $$;
CREATE FUNCTION redshift.date_trunc(p text, a date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.date_trunc(redshift.part(p), a::timestamp) $$;
CREATE FUNCTION redshift.date_trunc(p text, a timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT pg_catalog.date_trunc(redshift.part(p), a) $$;
CREATE FUNCTION redshift.last_day(a timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT (pg_catalog.date_trunc('month', a) + interval '1 month - 1 day')::date $$;
CREATE FUNCTION redshift.next_day(a timestamp, d text) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT a::date + 1 + mod(
    (array_position(ARRAY['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'], left(lower(d), 2)) - 1 - extract(dow FROM a)::int + 6 + 7), 7) $$;
CREATE FUNCTION redshift.months_between(a timestamp, b timestamp) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT (extract(year FROM a) - extract(year FROM b)) * 12 + extract(month FROM a) - extract(month FROM b) +
    CASE WHEN extract(day FROM a) = extract(day FROM b) OR
      (a::date = redshift.last_day(a) AND b::date = redshift.last_day(b)) THEN 0
    ELSE (extract(day FROM a) - extract(day FROM b) + (extract(epoch FROM a::time) - extract(epoch FROM b::time)) / 86400) / 31 END $$;
CREATE FUNCTION redshift.trunc(a timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT a::date $$;
CREATE FUNCTION redshift.date_cmp(a date, b date) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT sign(a - b)::int $$;
CREATE FUNCTION redshift.timestamp_cmp(a timestamp, b timestamp) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END $$;
CREATE FUNCTION redshift.timestamp_cmp_date(a timestamp, b date) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END $$;
CREATE FUNCTION redshift.date_cmp_timestamp(a date, b timestamp) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END $$;
CREATE FUNCTION redshift.interval_cmp(a interval, b interval) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END $$;
CREATE FUNCTION redshift.convert_timezone(f text, t text, a timestamp) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
  $$ SELECT a AT TIME ZONE f AT TIME ZONE t $$;
CREATE FUNCTION redshift.convert_timezone(t text, a timestamp) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
  $$ SELECT a AT TIME ZONE 'UTC' AT TIME ZONE t $$;
CREATE FUNCTION redshift.getdate() RETURNS timestamp LANGUAGE sql STABLE AS $$ SELECT date_trunc('second', now() AT TIME ZONE 'UTC') $$;

-- Conditions ---------------------------------------------------------------------------------------------------------
CREATE FUNCTION redshift.nvl(VARIADIC a anycompatiblearray) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS
  $$ SELECT v FROM unnest(a) WITH ORDINALITY u(v, i) WHERE v IS NOT NULL ORDER BY i LIMIT 1 $$;
CREATE FUNCTION redshift.nvl2(a anyelement, b anycompatible, c anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN a IS NOT NULL THEN b ELSE c END $$;

-- Aggregates ---------------------------------------------------------------------------------------------------------
CREATE FUNCTION redshift.any_value_step(s anyelement, v anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT s $$;
CREATE AGGREGATE redshift.any_value(anyelement) (SFUNC = redshift.any_value_step, STYPE = anyelement);

-- A third argument true refuses what overflows (31 June); false carries it over.
CREATE FUNCTION redshift.to_date(a text, f text, strict bool) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE y int; m int; d int;
BEGIN
  IF strict THEN RETURN pg_catalog.to_date(a, f); END IF;
  IF upper(f) <> 'YYYYMMDD' THEN RETURN pg_catalog.to_date(a, f); END IF;
  y := substr(a, 1, 4)::int; m := substr(a, 5, 2)::int; d := substr(a, 7, 2)::int;
  RETURN make_date(y, m, 1) + d - 1;
END $$;

-- JSON text ----------------------------------------------------------------------------------------------------------
CREATE FUNCTION redshift.json_text(j json) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT CASE json_typeof(j) WHEN 'null' THEN NULL WHEN 'string' THEN j #>> '{}' ELSE j::text END $$;
CREATE FUNCTION redshift.json_extract_path_text(a text, VARIADIC path text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE safe bool := false; j json;
BEGIN
  IF a IS NULL OR a = '' THEN RETURN NULL; END IF;
  IF path[array_upper(path, 1)] IN ('true', 'false') AND array_length(path, 1) > 1 THEN
    safe := path[array_upper(path, 1)] = 'true'; path := path[1 : array_upper(path, 1) - 1];
  END IF;
  BEGIN j := a::json;
  EXCEPTION WHEN OTHERS THEN IF safe THEN RETURN NULL; ELSE RAISE; END IF;
  END;
  RETURN redshift.json_text(j #> path);
END $$;
CREATE FUNCTION redshift.json_extract_array_element_text(a text, i int, safe bool DEFAULT false) RETURNS text LANGUAGE plpgsql
  IMMUTABLE STRICT AS $$
DECLARE j json;
BEGIN
  BEGIN j := a::json;
  EXCEPTION WHEN OTHERS THEN IF safe THEN RETURN NULL; ELSE RAISE; END IF;
  END;
  IF i < 0 OR i >= pg_catalog.json_array_length(j) THEN RETURN NULL; END IF; -- "returns NULL": docs/decisions/0004
  RETURN redshift.json_text(j -> i);
END $$;
CREATE FUNCTION redshift.json_array_length(a text, safe bool DEFAULT false) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN pg_catalog.json_array_length(a::json);
EXCEPTION WHEN OTHERS THEN IF safe THEN RETURN NULL; ELSE RAISE; END IF;
END $$;
CREATE FUNCTION redshift.is_valid_json(a text) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN json_typeof(a::json) = 'object';
EXCEPTION WHEN OTHERS THEN RETURN false;
END $$;
CREATE FUNCTION redshift.is_valid_json_array(a text) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN json_typeof(a::json) = 'array';
EXCEPTION WHEN OTHERS THEN RETURN false;
END $$;
CREATE FUNCTION redshift.can_json_parse(a text) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  PERFORM a::json; RETURN true;
EXCEPTION WHEN OTHERS THEN RETURN false;
END $$;

-- Trailing blanks ----------------------------------------------------------------------------------------------------
-- "Trailing blanks in VARCHAR values are ... semantically insignificant" in comparisons, joins, DISTINCT and GROUP BY:
-- text compares, sorts and hashes as bpchar does, by the functions behind its operators and operator classes.
UPDATE pg_operator o SET oprcode = f FROM (VALUES
    ('=', 'bpchareq'::regproc), ('<>', 'bpcharne'), ('<', 'bpcharlt'), ('<=', 'bpcharle'), ('>', 'bpchargt'), ('>=', 'bpcharge'))
  AS n(op, f) WHERE o.oprname = n.op AND o.oprleft = 'text'::regtype AND o.oprright = 'text'::regtype;
UPDATE pg_amproc SET amproc = CASE amprocnum WHEN 1 THEN 'bpcharcmp'::regproc WHEN 2 THEN 'bpchar_sortsupport'::regproc ELSE amproc END
  WHERE amproclefttype = 'text'::regtype AND amprocrighttype = 'text'::regtype AND
    amprocfamily = (SELECT opcfamily FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod
                    WHERE opcname = 'text_ops' AND amname = 'btree') AND amprocnum IN (1, 2);
UPDATE pg_amproc SET amproc = CASE amprocnum WHEN 1 THEN 'hashbpchar'::regproc WHEN 2 THEN 'hashbpcharextended'::regproc ELSE amproc END
  WHERE amproclefttype = 'text'::regtype AND amprocrighttype = 'text'::regtype AND
    amprocfamily = (SELECT opcfamily FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod
                    WHERE opcname = 'text_ops' AND amname = 'hash');

"""A database with every odd thing (tests/servers/every_type.sql) moved, switched and switched back by the real binary: pg_dump and
PostgreSQL's own text of every row are the judges; tests/servers/schema_differences.csv names what versions spell differently."""
import re
import subprocess

import pytest

from harness import ROOT, SOAK
from postgres_pair import PASSWORD, Pair, program

SERVERS = ROOT / "tests/servers"
LEFT_OUT = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lakeshift')"
HUGE = f"""
CREATE TABLE types.huge (id int PRIMARY KEY, n int, body bytea);
ALTER TABLE types.huge ALTER body SET STORAGE EXTERNAL;
INSERT INTO types.huge SELECT 1, 0, decode(repeat(md5('huge'), {(100 if SOAK else 20) << 16}), 'hex');
"""
# Every row of every family is written anew, rows change partitions and keys, values that are stored apart stay as they are.
CHURN = """
UPDATE types.every_type SET c_int4 = c_int4;
UPDATE types.every_type SET c_text = c_text || '+' WHERE c_text IS NOT NULL;
UPDATE types.huge SET n = n + 1;
UPDATE types.measured SET day = day + 365 WHERE city BETWEEN 2 AND 20;
UPDATE types.by_mood SET m = 'happy' WHERE m = 'sad';
UPDATE types.defaults SET e = e || '.';
INSERT INTO types.defaults (e) VALUES ('new');
DELETE FROM types.reading;
UPDATE types.cat SET lives = lives - 1;
UPDATE types.without_key SET b = b || '!';
UPDATE types.by_index SET a = a + 1;
UPDATE "Odd Schema"."Table with ""quotes"", commas. and %s" SET "select" = "select" + 1;
INSERT INTO "ünïcode"."таблица_имя" DEFAULT VALUES;
INSERT INTO types.no_columns DEFAULT VALUES;
BEGIN; UPDATE types.department SET boss = CASE boss WHEN 10 THEN 20 ELSE 10 END; COMMIT;
DELETE FROM types.fleeting; INSERT INTO types.fleeting VALUES (2, 'written after the copy');
SELECT lo_put(910001, 5, 'changed'), lo_truncate(lo_open(910002, 131072), 9);
"""


def dumped(server, versions):
    """The lines of pg_dump --schema-only, without what the move itself made, as the table of differences spells them."""
    text = subprocess.run([program(17, "pg_dump"), "--schema-only", "--exclude-schema=lakeshift", "-h", "127.0.0.1", "-p",
                           str(server.port), "-U", "mover", "shop"], env={"PGPASSWORD": PASSWORD}, check=True, capture_output=True,
                          text=True).stdout
    rules = [line.split(";", 1)[:1] + line.split(";", 1)[1].rsplit(";", 2)[:2]
             for line in (SERVERS / "schema_differences.csv").read_text().splitlines() if line and not line.startswith("#")]
    lines = []
    for line in text.splitlines():
        for where, pattern, by in rules:
            if versions in where.split():
                line = re.sub(pattern, by.replace("$", "\\"), line)
        if line.strip() and not line.startswith(("--", "\\")) and "lakeshift" not in line:
            lines.append(line)
    return sorted(lines)


def content(server):
    """A digest of every row of every table and filled view; large objects with owners, rights and comments."""
    with server.connect() as session:
        # Version 11 spells all digits of a float, others as many as needed: 15 of them, and all the bits further down.
        session.execute("SET extra_float_digits = 0; SET search_path = ''; SET bytea_output = hex")
        tables = session.execute(f"SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = "
                                 f"c.relnamespace WHERE {LEFT_OUT} AND (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) "
                                 "ORDER BY 1").fetchall()
        rows = {table: session.execute(f"SELECT md5(t::text) FROM ONLY {table} t ORDER BY 1").fetchall() for (table,) in tables}
        floats = session.execute(f"SELECT format('%I.%I', n.nspname, c.relname), quote_ident(a.attname) FROM pg_attribute a JOIN pg_class c "
                                 f"ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {LEFT_OUT} AND c.relkind = 'r' "
                                 "AND a.atttypid IN (700, 701) AND NOT a.attisdropped ORDER BY 1, 2").fetchall()
        assert floats
        for table, column in floats:
            rows[f"bits of {table}.{column}"] = session.execute(
                f"SELECT encode(float8send({column}::float8), 'hex') FROM ONLY {table} ORDER BY 1").fetchall()
        rows["large objects"] = session.execute(
            "SELECT m.oid, md5(lo_get(m.oid)), r.rolname, m.lomacl::text, obj_description(m.oid, 'pg_largeobject') FROM "
            "pg_largeobject_metadata m JOIN pg_roles r ON r.oid = m.lomowner ORDER BY 1").fetchall()
        rows["sequences"] = session.execute(
            "SELECT format('%I.%I', schemaname, sequencename), data_type::text, start_value, min_value, max_value, increment_by, cycle, "
            "cache_size, last_value IS NULL FROM pg_sequences WHERE schemaname <> 'lakeshift' ORDER BY 1").fetchall()
    return rows


def without_statistics(server):
    """Tables with rows, partitioned ones included, of which the planner knows nothing."""
    tables = server.rows("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
                         f"{LEFT_OUT} AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_statistic s WHERE s.starelid = c.oid) "
                         "AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)")
    return [table for (table,) in tables if server.value(f"SELECT EXISTS (SELECT FROM {table})")]


def assert_equal(here, there):
    assert here.keys() == there.keys()
    assert [table for table in here if here[table] != there[table]] == []


@pytest.mark.parametrize("source, target", [(15, 15), (11, 17), (13, 16)])
def test_every_type_there_and_back(tmp_path, source, target):
    pair = Pair(tmp_path, source, target)
    try:
        pair.source.run((SERVERS / "every_type.sql").read_text())
        if source == target:
            pair.source.run((SERVERS / "every_type_icu.sql").read_text())
        pair.source.run(HUGE)
        config = pair.dir / "lakeshift.yaml"
        config.write_text(config.read_text().replace("[shop_app]", "[shop_app, odd_reader]"))
        # What blocks is done as its remedy says.
        blocked = pair.move("create", "--until-caught-up", ok=(3,))
        keyless = [finding for finding in blocked["findings"] if finding["severity"] == "blocking"]
        assert {finding["code"] for finding in keyless} == {"pg-no-identity"}
        for finding in keyless:
            pair.source.run(finding["remedy"].split("run on the source: ")[1])
        versions = f"{source}->{target}"
        defined = dumped(pair.source, versions)
        pair.move("create", "--until-caught-up", timeout=600)
        here, there = content(pair.source), content(pair.target)
        here.pop("sequences"), there.pop("sequences")  # moved at a switch
        assert_equal(here, there)
        assert without_statistics(pair.target) == []
        pair.source.run(CHURN)
        pair.move("cutover", timeout=600)
        after = content(pair.target)
        here = content(pair.source)
        for views in ("types.peaks", "types.simple"):
            here.pop(views, None), after.pop(views, None)
        assert_equal(here, after)
        assert dumped(pair.target, versions) == defined
        pair.target.run(CHURN)
        pair.move("rollback", timeout=600)
        here, there = content(pair.source), content(pair.target)
        assert here != after
        assert_equal(here, there)
        assert dumped(pair.source, versions) == defined
    finally:
        pair.stop()

"""Production with people in it, a server for masked copies, and a work directory that makes them.

The judge is a dump of the whole copy by pg_dump, searched for every original value; it knows nothing of how masks work.
"""
import json
import os
import pathlib
import re
import subprocess

from harness import LAKESHIFT
from postgres_pair import APP_PASSWORD, PASSWORD, Server, program

KEY = "5f1d0a3c9be84d27a6b1e0f2c4d8937e"  # of the masks; must appear nowhere
FIRST = ("Marguerite", "Balthasar", "Clementine", "Dieudonne", "Evangeline", "Ferdinand", "Guinevere", "Hildegard")
LAST = ("Oberhausner", "Vandermeulen", "Quartermaine", "Featherstone", "Kowalczykowa", "Zimmermannova", "Großjohann")

SCHEMA = """
CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE TYPE place AS (street text, town text, number int);
CREATE DOMAIN mail AS varchar(80) CHECK (VALUE ~ '^[^@ ]+@[^@ ]+[.][a-z]+$');
CREATE TABLE customer (id bigserial PRIMARY KEY, email mail NOT NULL UNIQUE, full_name text NOT NULL, phone varchar(24),
  card char(19) UNIQUE, born date, seen timestamptz, note text, mood mood, tags text[], profile jsonb, address inet,
  ref uuid UNIQUE, photo bytea, score numeric(8,2), weight float8, home place, open_for interval, active boolean,
  initials text GENERATED ALWAYS AS (left(full_name, 1)) STORED, short smallint, CHECK (length(full_name) > 5));
CREATE UNIQUE INDEX customer_by_mail ON customer (lower(email));
CREATE TABLE contact (email mail REFERENCES customer (email) ON UPDATE CASCADE ON DELETE CASCADE, kind text,
  PRIMARY KEY (email, kind));
CREATE TABLE "Odd Orders" (id int GENERATED ALWAYS AS IDENTITY, customer bigint REFERENCES customer ON DELETE CASCADE,
  placed date NOT NULL, "ship to" text, PRIMARY KEY (id, placed)) PARTITION BY RANGE (placed);
CREATE TABLE orders_old PARTITION OF "Odd Orders" FOR VALUES FROM ('2020-01-01') TO ('2024-01-01');
CREATE TABLE orders_new PARTITION OF "Odd Orders" FOR VALUES FROM ('2024-01-01') TO ('2030-01-01');
CREATE TABLE ticket (who text, body text);
ALTER TABLE ticket REPLICA IDENTITY FULL;
CREATE MATERIALIZED VIEW mails AS SELECT email FROM customer;
CREATE UNLOGGED TABLE basket (id serial PRIMARY KEY, email text);
GRANT SELECT, INSERT, UPDATE, DELETE ON customer, contact, "Odd Orders", ticket TO shop_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shop_app;
"""
MASKS = """
    masks:
      public.customer:
        email: email
        full_name: name
        phone: phone
        card: card
        born: {as: date, within: 90}
        score: {as: number, within: 100}
        profile: {as: json, paths: {mail: email, "friends.name": name, level: keep}}
      public.ticket: {who: name}
      public.basket: {email: email}
      public.Odd Orders: {ship to: name}
"""


def luhn(body):
    odd = sum(sum(divmod(2 * int(d), 10)) for d in body[-1::-2])
    return str(-(odd + sum(int(d) for d in body[-2::-2])) % 10)


class Person:
    def __init__(self, n):
        first, last = FIRST[n % len(FIRST)], LAST[n % len(LAST)]
        self.n, self.name = n, f"{first} {last} {n:04d}"
        self.email = f"{first.lower()}.{n:05d}@mail{n % 5}.{('wanderlust', 'provider')[n % 2]}.org"
        self.phone = f"+49 (17{n % 10}) {7310000 + n}"
        body = f"4{n:07d}5301977"
        body += luhn(body)
        self.card = " ".join(body[i:i + 4] for i in range(0, 16, 4))

    def values(self):
        """What must not be found; a name without its number too would be found as any part of a text."""
        return [self.name, self.email, self.phone, self.card, self.card.replace(" ", ""), re.sub(r"\D", "", self.phone)[2:]]

    def row(self):
        profile = {"mail": self.email, "friends": [{"name": self.name}], "level": self.n, "said": f"call {self.phone}\n\"now\""}
        return (self.email, self.name, self.phone, self.card, "1980-02-29", "2024-02-29 10:20:30.25+00",
                f"Card {self.card}, write to {self.email}; {self.name} – über alles", "cross", [self.name, None, "a, b"],
                json.dumps(profile), f"10.20.{self.n % 250}.7", f"00000000-0000-4000-8000-{self.n:012d}",
                self.name.encode(), 1234.5 + self.n, 61.25 + self.n / 7, f'("{self.name}","At {self.phone}",5)', "3 days",
                True, 100 + self.n)


INSERT = ("INSERT INTO customer (email, full_name, phone, card, born, seen, note, mood, tags, profile, address, ref, photo, score,"
          " weight, home, open_for, active, short) VALUES (" + ", ".join(["%s"] * 19) + ") RETURNING id")


class Estate:
    """Production, a server for copies, and a work directory that makes them."""

    def __init__(self, tmp, source=15, target=15):
        self.production, self.staging = Server(source, "prod"), Server(target, "staging")
        for name in ("shop", "again"):
            self.staging.run(f"CREATE DATABASE {name}", "postgres")
        self.production.run("CREATE DATABASE shop", "postgres")
        self.production.run(f"CREATE ROLE shop_app LOGIN PASSWORD '{APP_PASSWORD}'")
        self.production.run(SCHEMA)
        self.originals, self.said = [], []
        self.target = None  # of the move of production; nobody needs it for a copy
        self.dir = pathlib.Path(tmp) / "work"
        self.dir.mkdir()
        self.configure()
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("LAKESHIFT_", "PG", "DATABRICKS_"))}
        for name in ("SHOP_SOURCE", "SHOP_TARGET", "COPY_TARGET", "AGAIN_TARGET"):
            self.env[f"LAKESHIFT_{name}_PASSWORD"] = PASSWORD
        self.env.update(LAKESHIFT_COPY_MASK_KEY=KEY, LAKESHIFT_AGAIN_MASK_KEY=KEY)
        if max(source, target) > 15:
            self.env["PATH"] = f"{pathlib.Path(program(17, 'pg_dump')).parent}:{self.env['PATH']}"
        self.run("init", "--keep")

    def configure(self, masks=MASKS, shop=""):
        url = "postgresql://mover@127.0.0.1:{}/{}"
        target = self.target.port if self.target else self.staging.port
        (self.dir / "lakeshift.yaml").write_text(
            "moves:\n  shop:\n"
            f"    source: {url.format(self.production.port, 'shop')}\n    target: {url.format(target, 'shop')}\n"
            "    applications: [shop_app]\n    workers: 2\n    lag_limit_ms: 5000\n    accept: [pg-long-transaction]\n" + shop +
            f"  copy:\n    staging_of: shop\n    target: {url.format(self.staging.port, 'shop')}\n" + masks +
            f"  again:\n    staging_of: shop\n    target: {url.format(self.staging.port, 'again')}\n" + masks)

    def run(self, *words, ok=(0,)):
        done = subprocess.run([LAKESHIFT, *words, "--dir", str(self.dir)], env=self.env, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL)
        self.said.append(done.stdout + done.stderr)
        assert done.returncode in ok, f"{words} ended with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done

    def begin(self, *words):
        """In a process that can be killed; what it says is kept by kill()."""
        with open(self.dir / "begun.log", "ab") as log:
            return subprocess.Popen([LAKESHIFT, *words, "--dir", str(self.dir)], env=self.env, stdout=log, stderr=log,
                                    stdin=subprocess.DEVNULL)

    def kill(self, process):
        process.kill()
        process.wait()
        self.said.append((self.dir / "begun.log").read_text())

    def move(self, verb, name="copy", *words, ok=(0,)):
        done = self.run("move", verb, name, *words, "--json", ok=ok)
        return json.loads(done.stdout.strip().splitlines()[-1])

    def add(self, numbers):
        with self.production.connect() as session:
            for n in numbers:
                person = Person(n)
                self.originals += person.values()
                made = session.execute(INSERT, person.row()).fetchone()[0]
                session.execute("INSERT INTO contact VALUES (%s, 'work')", (person.email,))
                session.execute('INSERT INTO "Odd Orders" (customer, placed, "ship to") VALUES (%s, %s, %s)',
                                (made, ("2023-05-01", "2024-05-01")[n % 2], person.name))
                session.execute("INSERT INTO ticket VALUES (%s, %s)", (person.name, f"{person.name} has {person.card}"))
                session.execute("INSERT INTO basket (email) VALUES (%s)", (person.email,))

    def change(self, n, m):
        """Person n becomes m in every column; the address cascades to what refers to it."""
        old, new = Person(n), Person(m)
        self.originals += new.values()
        with self.production.connect() as session, session.transaction():
            session.execute("UPDATE customer SET email = %s, full_name = %s, phone = %s, card = %s, note = %s, photo = %s "
                            "WHERE email = %s", (new.email, new.name, new.phone, new.card, new.name, new.email.encode(), old.email))
            session.execute("UPDATE ticket SET who = %s WHERE who = %s", (new.name, old.name))

    def dump(self, database="shop"):
        done = subprocess.run([program(17 if max(self.staging.major, 15) > 15 else 15, "pg_dump"), "-h", "127.0.0.1", "-p",
                               str(self.staging.port), "-U", "mover", database], capture_output=True, check=True,
                              env={**self.env, "PGPASSWORD": PASSWORD})
        return done.stdout.decode()

    def leaks(self, database="shop"):
        """Originals that are in the copy, as they are, in hexadecimal (bytea), or in another case."""
        dump = self.dump(database).lower()
        return [value for value in self.originals
                if value.lower() in dump or value.encode().hex() in dump]

    def stop(self):
        self.production.stop()
        self.staging.stop()


def nothing_was_told(estate):
    """No original in what was printed, in evidence, reports, state or logs; nor the key."""
    told = "\n".join(estate.said)
    for file in (estate.dir / ".lakeshift").rglob("*"):
        if file.is_file():
            told += file.read_bytes().decode("utf-8", "replace")
    told = told.lower()
    assert KEY not in told
    assert [value for value in estate.originals if value.lower() in told] == []

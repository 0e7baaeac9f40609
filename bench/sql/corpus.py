#!/usr/bin/env python3
"""Redshift SQL of our own making, as much as is asked for: the same seed gives the same bytes.

Queries have the shapes of decision support benchmarks (star joins, aggregates, windows, WITH, set operations, CASE, dates)
and of everyday warehouses (views, inserts, updates, tables with keys). usage: corpus.py BYTES [SEED] > file.sql
"""
import random
import sys

FACTS = ["store_sales", "web_sales", "catalog_sales", "store_returns", "inventory"]
DIMENSIONS = {"date_dim": ["d_year", "d_moy", "d_date", "d_week_seq"], "item": ["i_category", "i_brand", "i_class", "i_current_price"],
              "customer": ["c_first_name", "c_last_name", "c_birth_year"], "store": ["s_state", "s_store_name", "s_market_id"],
              "promotion": ["p_channel_email", "p_channel_event"], "warehouse": ["w_state", "w_sq_ft"]}
MEASURES = ["net_paid", "quantity", "sales_price", "ext_discount_amt", "net_profit"]


def column(rng, dimension):
    return f"{dimension[0]}.{rng.choice(DIMENSIONS[dimension])}"


def measure(rng):
    name = "f." + rng.choice(MEASURES)
    return rng.choice([f"sum({name})", f"avg({name})", f"count(distinct {name})", f"max(coalesce({name}, 0))",
                       f"sum(case when {name} > {rng.randint(1, 999)} then {name} else 0 end)", f"sum({name}) / nullif(count(*), 0)"])


def condition(rng, dimension):
    name = column(rng, dimension)
    if name.startswith("d.d_date"):
        return f"{name} between '{rng.randint(1998, 2003)}-02-01'::date and dateadd(day, {rng.randint(10, 90)}, '2001-02-01'::date)"
    if any(word in name for word in ("year", "moy", "seq", "price", "id", "sq_ft")):
        return rng.choice([f"{name} in ({', '.join(str(rng.randint(1, 2003)) for _ in range(4))})", f"{name} between {rng.randint(1, 50)} and {rng.randint(60, 2003)}"])
    return rng.choice([f"{name} = '{rng.choice(['Books', 'Home', 'TN', 'GA', 'N'])}'", f"{name} like '%{rng.choice(['able', 'bar', 'ese'])}%'", f"{name} is not null"])


def query(rng, depth=0):
    dimensions = rng.sample(sorted(DIMENSIONS), rng.randint(2, 4))
    if len({name[0] for name in dimensions}) < len(dimensions):
        dimensions = dimensions[:1]
    keys = [column(rng, name) for name in dimensions]
    lines = ["select " + ",\n       ".join([*keys, *(f"{measure(rng)} as m{i}" for i in range(rng.randint(1, 4)))])]
    if rng.random() < 0.3:
        lines[0] += f",\n       rank() over (partition by {keys[0]} order by sum(f.net_paid) desc) as position"
    lines.append(f"from {rng.choice(FACTS)} f" + "".join(f"\n     , {name} {name[0]}" for name in dimensions))
    lines.append("where " + "\n  and ".join([*(f"f.{name}_sk = {name[0]}.{name[0]}_{name}_sk" for name in dimensions), *(condition(rng, name) for name in dimensions)]))
    if depth == 0 and rng.random() < 0.25:
        lines.append(f"  and exists (select 1 from {rng.choice(FACTS)} x where x.item_sk = f.item_sk and x.quantity > {rng.randint(1, 99)})")
    lines.append("group by " + ", ".join(keys))
    if rng.random() < 0.4:
        lines.append(f"having count(*) > {rng.randint(1, 20)}")
    return "\n".join(lines)


def select(rng):
    kind = rng.random()
    if kind < 0.25:
        return f"with a as (\n{query(rng, 1)}\n), b as (\n{query(rng, 1)}\n)\nselect a.m0, b.m0 as other from a left join b on a.m0 = b.m0\norder by 1 desc limit 100"
    if kind < 0.4:
        return f"{query(rng, 1)}\nunion all\n{query(rng, 1)}"
    return f"{query(rng)}\norder by 1, 2\nlimit {rng.randint(10, 500)}"


def statement(rng, number):
    kind = rng.random()
    head = f"-- report {number}: {rng.choice(['daily', 'weekly', 'monthly'])}\n" if rng.random() < 0.5 else ""
    if kind < 0.70:
        return head + select(rng)
    if kind < 0.78:
        return head + f"create view mart.report_{number} as\n{query(rng)}"
    if kind < 0.86:
        return head + f"insert into mart.totals_{number % 50} (a, b)\nselect i.i_category, sum(f.net_paid) from {rng.choice(FACTS)} f join item i on f.item_sk = i.i_item_sk group by 1"
    if kind < 0.93:
        columns = ",\n  ".join(f"c{i} {rng.choice(['integer', 'bigint', 'varchar(40)', 'decimal(12,2)', 'date', 'timestamp', 'char(3)'])}{rng.choice(['', ' not null', ' encode zstd'])}" for i in range(rng.randint(4, 20)))
        return head + f"create table mart.totals_t{number} (\n  {columns}\n) distkey(c0) sortkey(c1, c2)"
    return head + f"update mart.totals_{number % 50} set a = upper(trim(a)), b = nvl(b, 0) + {rng.randint(1, 9)} where b < {rng.randint(1, 999)}"


def statements(size, seed=1):
    rng = random.Random(seed)
    done = number = 0
    while done < size:
        number += 1
        text = statement(rng, number) + ";\n\n"
        done += len(text)
        yield text


if __name__ == "__main__":
    sys.stdout.writelines(statements(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))

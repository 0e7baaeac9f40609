"""`lakeshift translate sql FOLDER`: every statement once, nothing skipped, nothing done twice, nothing of others destroyed."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from harness import LAKESHIFT

TABLES = """\\timing on
-- what is sold
create table sales.orders (id int identity(1,1), qty int, at timestamp, note varchar(20)) distkey(id) sortkey(at); -- tail
"""
VIEW = "create view sales.daily as select trunc(at) as d, sum(qty) / 2 as half, sales.orders.note from sales.orders group by 1, 3;\n"
USES = """select half / 2 from sales.daily;
select no_such_thing(1);
selec 1;
copy sales.orders from 's3://x/y' credentials 'aws_access_key_id=AKIAX;aws_secret_access_key=canary' csv;
-- only a comment
;
"""


def run(*arguments, cwd, ok=(0,), **options):
    done = subprocess.run([LAKESHIFT, "translate", "sql", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=300,
                          check=False, **options)
    assert done.returncode in ok, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def result(*arguments, cwd, ok=(0, 3)):
    return json.loads(run(*arguments, "--json", cwd=cwd, ok=ok).stdout.splitlines()[-1])


def snapshot(folder, hidden=False):
    return {str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(pathlib.Path(folder).rglob("*"))
            if p.is_file() and (hidden or ".lakeshift" not in p.parts)}


def report(folder):
    return json.loads((folder / "translation.json").read_text())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "src/ddl").mkdir(parents=True)
    (tmp_path / "src/etl").mkdir()
    (tmp_path / "src/ddl/z_tables.sql").write_text(TABLES)
    (tmp_path / "src/etl/a_view.sql").write_text(VIEW)
    (tmp_path / "src/etl/b_use.sql").write_text(USES)
    (tmp_path / "src/notes.txt").write_text("no SQL")
    return tmp_path


def test_every_statement_is_in_the_report_once_and_the_numbers_add_up(folder):
    done = run("src", "--out", "out", cwd=folder, ok=(3,))
    assert "7 statements = 4 translated + 1 refused + 1 unparsed + 1 empty" in done.stdout
    data = report(folder / "out")
    statements = [s for f in data["files"] for s in f["statements"]]
    assert sorted(s["status"] for s in statements) == ["empty", "refused", *["translated"] * 4, "unparsed"]
    assert data["accounting"]["statements"] == len(statements) == 7
    assert data["not_read"] == ["notes.txt"]
    refused = next(s for s in statements if s["status"] == "refused")
    finding = refused["findings"][0]
    assert (finding["code"], finding["line"], finding["column"]) == ("sql-function-unknown", 2, 8)
    assert finding["message"] and finding["remedy"]
    page = (folder / "out/translation.html").read_text()
    assert "src=\"http" not in page and "href=\"http" not in page


def test_types_come_from_other_files_and_the_order_says_who_needs_whom(folder):
    run("src", "--out", "out", cwd=folder, ok=(3,))
    order = [line for line in (folder / "out/order.txt").read_text().splitlines() if not line.startswith("#")]
    assert order == ["ddl/z_tables.sql", "etl/a_view.sql", "etl/b_use.sql"]
    assert "sum(qty) DIV 2" in (folder / "out/etl/a_view.sql").read_text()
    uses = (folder / "out/etl/b_use.sql").read_text()
    assert "half DIV 2" in uses
    # what was refused stops whoever runs the file, and the source's text is not in it
    assert uses.count("raise_error(") == 2 and "no_such_thing(1)" not in uses
    assert "-- only a comment" in uses


def test_a_change_of_a_table_translates_again_what_asked_for_it_and_nothing_else(folder):
    run("src", "--out", "out", cwd=folder, ok=(3,))
    (folder / "src/ddl/other.sql").write_text("select 1;\n")
    (folder / "src/ddl/z_tables.sql").write_text(TABLES.replace("qty int", "qty decimal(10,2)"))
    again = result("src", "--out", "out", cwd=folder)
    assert {c["path"] for c in again["changes"]} == {"ddl/other.sql", "ddl/z_tables.sql", "etl/a_view.sql", "etl/b_use.sql"}
    assert "DIV" not in (folder / "out/etl/a_view.sql").read_text()
    (folder / "src/ddl/other.sql").write_text("select 2;\n")
    third = result("src", "--out", "out", cwd=folder)
    assert [c["path"] for c in third["changes"]] == ["ddl/other.sql"]
    assert third["files"]["remembered"] == 3


def test_a_second_run_changes_no_byte_and_a_fresh_one_gives_the_same(folder):
    run("src", "--out", "out", cwd=folder, ok=(3,))
    before = snapshot(folder / "out")
    again = result("src", "--out", "out", cwd=folder)
    assert again["changes"] == [] and again["files"]["unchanged"] == 3
    assert snapshot(folder / "out") == before
    run("src", "--out", "other", "--jobs", "7", cwd=folder, ok=(3,))
    for name, (content, _) in snapshot(folder / "other").items():
        if name.endswith(".sql") or name == "order.txt":
            assert content == before[name][0], name


def test_check_writes_nothing_and_says_what_would_change(folder):
    before = snapshot(folder, hidden=True)
    done = run("src", "--out", "out", "--check", cwd=folder, ok=(5,))
    assert "would write  etl/a_view.sql" in done.stdout
    assert snapshot(folder, hidden=True) == before and not (folder / "out").exists()
    run("src", "--out", "out", cwd=folder, ok=(3,))
    run("src", "--out", "out", "--check", cwd=folder, ok=(3,))
    (folder / "src/etl/a_view.sql").unlink()
    before = snapshot(folder, hidden=True)
    done = run("src", "--out", "out", "--check", cwd=folder, ok=(5,))
    assert "would remove etl/a_view.sql" in done.stdout
    assert snapshot(folder, hidden=True) == before


def test_what_somebody_changed_or_wrote_is_kept(folder):
    run("src", "--out", "out", cwd=folder, ok=(3,))
    mine = folder / "out/etl/a_view.sql"
    mine.write_text(mine.read_text() + "-- by hand\n")
    (folder / "out/own.sql").write_text("select 'not yours';\n")
    (folder / "src/own.sql").write_text("select 1;\n")
    done = result("src", "--out", "out", cwd=folder)
    assert {p["code"] for p in done["problems"]} == {"output-edited", "output-foreign"}
    assert mine.read_text().endswith("-- by hand\n") and "not yours" in (folder / "out/own.sql").read_text()
    (folder / "src/ddl/z_tables.sql").unlink()
    (folder / "src/own.sql").unlink()
    done = result("src", "--out", "out", "--overwrite", cwd=folder)
    assert "by hand" not in mine.read_text()
    assert not (folder / "out/ddl/z_tables.sql").exists() and (folder / "out/own.sql").exists()


def test_names_are_mapped_by_the_mapping_file(folder):
    (folder / "map.yaml").write_text("schemas: {sales: main.shop, warehouse.raw: lake.raw}\n")
    (folder / "src/x.sql").write_text("select * from warehouse.raw.t join other.u on true;\n")
    run("src", "--out", "out", "--mapping", "map.yaml", "--catalog", "rest", cwd=folder, ok=(3,))
    view = (folder / "out/etl/a_view.sql").read_text()
    assert "CREATE VIEW main.shop.daily" in view and "main.shop.orders.note" in view
    text = (folder / "out/x.sql").read_text()
    assert "lake.raw.t" in text and "rest.other.u" in text


def test_no_secret_is_written(folder):
    run("src", "--out", "out", cwd=folder, ok=(3,))
    for path in (folder / "out").rglob("*"):
        assert path.is_dir() or b"canary" not in path.read_bytes(), path
    assert "(redacted)" in (folder / "out/translation.json").read_text()


def test_bad_files_are_named_and_take_no_other_along(folder):
    source = folder / "src"
    (source / "utf16.sql").write_bytes("select 1;".encode("utf-16"))
    (source / "binary.sql").write_bytes(b"select 1;" + b"text" * 50 + b"\0\0PK")
    (source / "latin.sql").write_bytes(b"select 'caf\xe9';\nselect 2;\n")
    (source / "bom.sql").write_bytes(b"\xef\xbb\xbfselect 1;\r\n-- c\r\nselect 2;\r\n")
    (source / "empty.sql").write_bytes(b"")
    (source / "open.sql").write_text("select 'never closed;\nselect 2;\n")
    (source / "deep.sql").write_text("select " + "(" * 100_000 + "1" + ")" * 100_000 + ";\nselect 3;\n")
    (source / "large.sql").write_text("insert into t values " + ", ".join(f"({i}, 'x')" for i in range(150_000)) + ";\n")
    (source / "back").symlink_to("..")
    done = result("src", "--out", "out", cwd=folder)
    assert {p["path"]: p["code"] for p in done["problems"]} == {"utf16.sql": "file-encoding", "binary.sql": "file-binary"}
    by_path = {f["path"]: f for f in report(folder / "out")["files"]}
    assert [s["status"] for s in by_path["latin.sql"]["statements"]] == ["unparsed", "translated"]
    assert by_path["latin.sql"]["statements"][0]["findings"][0]["code"] == "sql-bad-encoding"
    assert [s["status"] for s in by_path["bom.sql"]["statements"]] == ["translated", "translated"]
    assert b"\xef\xbb\xbf" not in (folder / "out/bom.sql").read_bytes() and b"\r" not in (folder / "out/bom.sql").read_bytes()
    assert by_path["empty.sql"]["counts"]["statements"] == 0
    assert by_path["open.sql"]["statements"][0]["findings"][0]["code"] == "sql-unterminated"
    deep = by_path["deep.sql"]["statements"]
    assert (deep[0]["status"], deep[0]["findings"][0]["code"], deep[1]["status"]) == ("unparsed", "sql-too-deep", "translated")
    assert by_path["large.sql"]["counts"]["translated"] == 1
    assert "back/" in report(folder / "out")["not_read"]


def test_an_unreadable_folder_or_output_is_partly_done(folder):
    (folder / "out/etl").mkdir(parents=True)
    (folder / "out/etl/a_view.sql").mkdir()
    done = result("src", "--out", "out", cwd=folder, ok=(4,))
    assert [p["path"] for p in done["problems"]] == ["etl/a_view.sql"]
    assert (folder / "out/etl/b_use.sql").exists()
    (folder / "out/etl/a_view.sql").rmdir()
    result("src", "--out", "out", cwd=folder, ok=(3,))


def test_usage(folder):
    for arguments, words in [(["src"], "--out"), (["src", "--out", "src"], "the same"), (["none", "--out", "out"], "no such folder"),
                             (["src/etl/b_use.sql", "--out", "out"], "is a file")]:
        done = run(*arguments, cwd=folder, ok=(1, 2))
        assert words in done.stderr, done.stderr


def many(folder, files=400):
    for i in range(files):
        (folder / f"src/f{i}.sql").write_text("".join(f"select qty / {j}, trunc(at) from sales.orders where note = 'a{i}';\n" for j in range(1, 20)))


def test_killed_at_any_moment_and_run_again_ends_like_one_run(folder):
    many(folder)
    run("src", "--out", "whole", cwd=folder, ok=(3,))
    wanted = {k: v[0] for k, v in snapshot(folder / "whole").items() if k.endswith(".sql") or k == "order.txt"}
    for round_ in range(6):
        process = subprocess.Popen([LAKESHIFT, "translate", "sql", "src", "--out", "out", "-q"], cwd=folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.05 + 0.25 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
    run("src", "--out", "out", cwd=folder, ok=(3,))
    got = snapshot(folder / "out")
    assert {k: v[0] for k, v in got.items() if k.endswith(".sql") or k == "order.txt"} == wanted
    assert not [k for k in got if ".new-" in k]


def test_interrupted_it_says_so_and_goes_on(folder):
    many(folder, 1500)
    process = subprocess.Popen([LAKESHIFT, "translate", "sql", "src", "--out", "out", "-q"], cwd=folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130 or process.returncode == 3
    if process.returncode == 130:
        assert "run the same command again" in err
    run("src", "--out", "out", cwd=folder, ok=(3,))


def test_a_full_disk_is_partly_done(folder):
    many(folder, 100)
    small = folder / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a test mount a small file system")
    try:
        done = run("src", "--out", "small/out", cwd=folder, ok=(4,))
        assert "free some space and run the same command again" in done.stderr
        subprocess.run(["mount", "-o", "remount,size=100m", str(small)], check=True)
        run("src", "--out", "small/out", cwd=folder, ok=(3,))
        run("src", "--out", "whole", cwd=folder, ok=(3,))
        wanted = {k: v[0] for k, v in snapshot(folder / "whole").items() if k.endswith(".sql")}
        assert {k: v[0] for k, v in snapshot(small / "out").items() if k.endswith(".sql")} == wanted
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_second_process_on_the_same_output_is_told_to_wait(folder):
    (folder / "cache").mkdir()
    with open(folder / "cache/lock", "w", encoding="utf-8") as lock:
        import fcntl
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(str(os.getpid()))
        lock.flush()
        done = run("src", "--out", "out", "--cache", "cache", cwd=folder, ok=(1,))
    assert f"process {os.getpid()}" in done.stderr

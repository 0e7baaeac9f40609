"""The wheel: built offline from the project's folder, installed in a new environment, used; and the C API it stands on."""
import json
import os
import pathlib
import re
import subprocess
import sys
import venv

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

USE = r'''
import json, lakeshift
from lakeshift import translate, RefusedError, Translator

a, b, c = translate("create table t (n int, d date); -- x\nselect n / 2, d - 3 from t;\nselec 1;")
assert (a.index, a.status, a.line) == (1, "translated", 1) and "CREATE TABLE t" in a.output
assert "DIV 2" in b.output and b.ok and any(r.basis == "typed" for r in b.rules), b
assert (c.status, c.output, c.findings[0].code, c.findings[0].severity, c.findings[0].line) == ("unparsed", "", "sql-syntax", "error", 3)
assert c.source == "selec 1" and c.findings[0].remedy

[s] = translate("select x / 2 from s.t where k = 'a'", catalog="main", types={"s.t": {"x": "integer", "k": "varchar(5)"}}, exact_blanks=False)
assert s.output.split() == "SELECT CAST(x DIV 2 AS INT) FROM main.s.t WHERE k = 'a'".split(), s.output
[s] = translate("select * from s.t", schemas={"s": "lake.bronze"}, pretty=False)
assert s.output == "SELECT * FROM lake.bronze.t", s.output
assert translate("select x / 2 from t")[0].assumptions == translate("select x / 2 from t")[0].assumptions
assert translate("") == [] and translate(" ;; -- only a comment\n") == []
assert translate("select 'é中' as \"ü\"")[0].output.count("é中") == 1

try:
    translate("select 1;\nselect nothing_such(1)", on_refusal="raise")
    raise SystemExit("no exception")
except RefusedError as error:
    assert "statement 2, line 2: sql-function-unknown" in str(error) and len(error.statements) == 2 and len(error.refused) == 1
for wrong, kind in [(lambda: translate(b"select 1"), TypeError), (lambda: translate("select 1", pretty=1), TypeError),
                    (lambda: translate("select 1", on_refusal="ignore"), ValueError), (lambda: translate("select 1", types="no tabs"), ValueError)]:
    try:
        wrong()
        raise SystemExit("no exception")
    except kind as error:
        assert str(error)

keeper = Translator()
keeper.translate("create table kept (n integer)")
assert "DIV" in keeper.translate("select n / 2 from kept")[0].output
for _ in range(2000):   # nothing leaks, nothing is used after it was freed
    Translator().translate("select 1; selec; select now()")
print(json.dumps({"version": lakeshift.__version__, "file": lakeshift.__file__}))
'''

C_PROGRAM = r'''
#include <stdio.h>
#include <string.h>
#include "lakeshift_sql.h"
int main(void) {
  const char* text = "select 7/2; selec 1;";
  lakeshift_sql_translator* t = lakeshift_sql_new();
  lakeshift_sql_result* r = NULL;
  lakeshift_sql_statement s;
  lakeshift_sql_finding f;
  if (lakeshift_sql_abi() != LAKESHIFT_SQL_ABI) return 1;
  if (lakeshift_sql_set(t, "nothing", "x") != LAKESHIFT_SQL_BAD_ARGUMENT || !strlen(lakeshift_sql_error(t))) return 2;
  if (lakeshift_sql_set(t, NULL, "x") != LAKESHIFT_SQL_BAD_ARGUMENT) return 3;
  if (lakeshift_sql_translate(t, NULL, 5, &r) != LAKESHIFT_SQL_BAD_ARGUMENT || r) return 4;
  if (lakeshift_sql_translate(NULL, text, 5, &r) != LAKESHIFT_SQL_BAD_ARGUMENT) return 5;
  if (lakeshift_sql_translate(t, text, strlen(text), &r) != LAKESHIFT_SQL_OK) return 6;
  if (lakeshift_sql_count(r) != 2 || lakeshift_sql_statement_at(r, 2, &s) != LAKESHIFT_SQL_BAD_ARGUMENT) return 7;
  if (lakeshift_sql_statement_at(r, 1, &s) || s.status != LAKESHIFT_SQL_UNPARSED || s.findings != 1) return 8;
  if (lakeshift_sql_finding_at(r, 1, 0, &f) || strcmp(f.code.data, "sql-syntax") || f.column != 13) return 9;
  if (lakeshift_sql_statement_at(r, 0, &s) || s.output.data[s.output.size] != '\0') return 10;
  printf("%s\n", s.output.data);
  lakeshift_sql_result_free(r);
  lakeshift_sql_result_free(NULL);
  lakeshift_sql_free(t);
  lakeshift_sql_free(NULL);
  return 0;
}
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    # -O0 builds in a tenth of the time; what is tested is the package, not its speed
    env = dict(os.environ, PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1", CXXFLAGS=os.environ.get("LAKESHIFT_WHEEL_FLAGS", "-O0"),
               LAKESHIFT_WHEEL_BUILD=str(folder / "build"), PYTHONPATH="", PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run([python, "-m", "pip", "install", str(ROOT)], capture_output=True, text=True, timeout=1400, check=False, env=env)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder, python


def test_the_wheel_translates(installed):
    folder, python = installed
    done = subprocess.run([python, "-c", USE], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert str(folder / "venv") in found["file"]
    assert found["version"] == re.search(r"project\(lakeshift VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert f'version = "{found["version"]}"' in (ROOT / "pyproject.toml").read_text()


def test_a_c_program_uses_the_library(installed):
    folder, python = installed
    package = pathlib.Path(subprocess.run([python, "-c", "import lakeshift, os; print(os.path.dirname(lakeshift.__file__))"], cwd=folder,
                                          capture_output=True, text=True, check=True).stdout.strip())
    (folder / "use.c").write_text(C_PROGRAM)
    subprocess.run(["gcc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I", package, "use.c", "-o", "use", "-L", package, "-llakeshift_sql",
                    f"-Wl,-rpath,{package}"], cwd=folder, check=True)
    done = subprocess.run([folder / "use"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"step {done.returncode}"
    assert "7 DIV 2" in done.stdout


def test_the_library_shows_nothing_but_its_api(installed):
    folder, _ = installed
    library = next((folder / "venv").rglob("liblakeshift_sql.so"))
    symbols = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1] for line in symbols.splitlines()}
    assert names and all(n.startswith("lakeshift_sql_") for n in names), sorted(names)[:20]
    needed = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
    assert not re.search(r"libssl|libcurl|libstdc\+\+|libpq", needed), needed
    assert sys.version_info >= (3, 9)

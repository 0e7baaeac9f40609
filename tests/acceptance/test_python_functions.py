"""Functions in Redshift's Python 2.7 as functions of Python 3 in Unity Catalog. What each gives was worked out from the documents of Python 2.7
and of Redshift, and the emitted code is run by this Python 3. Each refused one is run as it is: it must give another result than Python 2."""
import datetime
import json
import re
import subprocess
import sys

import pytest
from harness import LAKESHIFT

FAILS = "fails"


def translate(arguments, returns, body, options="IMMUTABLE"):
    sql = f"CREATE OR REPLACE FUNCTION s.f ({arguments}) RETURNS {returns} {options} AS $$\n{body}\n$$ LANGUAGE plpythonu;\n"
    done = subprocess.run([LAKESHIFT, "translate", "sql", "-", "--json"], input=sql, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 3), done.stderr
    return json.loads(done.stdout.splitlines()[0])


def run(names, code, values):
    """As Databricks does: the text is the body of a function of these names."""
    scope = {}
    lines = ["def f(" + ", ".join(names) + "):"] + ["  " + line for line in code.splitlines()]
    exec("\n".join(lines), scope)
    return scope["f"](*values)


def names_of(arguments):
    return [one.split()[0].lower() for one in arguments.split(",")] if arguments else []


def emitted(found):
    assert found["status"] == "translated", found
    return re.search(r"LANGUAGE PYTHON(?: NOT DETERMINISTIC)?\s+AS\s+\$\$\n(.*)\$\$", found["output"], re.S)[1]


# arguments, returns, body, [(values, what Redshift gives)]
SAME = {
    "the guide's greater": ("a float, b float", "float", "  if a > b:\n    return a\n  return b", [((1.5, 2.5), 2.5), ((3.0, 2.0), 3.0)]),
    "a whole number as a float": ("a int", "float", "return a * 2", [((3,), 6.0), ((None,), FAILS)]),
    "a function within": ("x1 float, y1 float, x2 float, y2 float", "float",
                          "    def distance(x1, y1, x2, y2):\n        import math\n"
                          "        return math.sqrt((y2 - y1) ** 2 + (x2 - x1) ** 2)\n \n    return distance(x1, y1, x2, y2)",
                          [((0.0, 0.0, 3.0, 4.0), 5.0)]),
    "whole numbers divided as such": ("a int, b int", "int", "return a // b", [((7, 2), 3), ((-7, 2), -4)]),
    "a float's division": ("a float, b int", "float", "return a / b + 1.0", [((1.0, 4), 1.25)]),
    "a literal's division": ("a int", "float", "return a / 2.0", [((1,), 0.5)]),
    "the guide's redaction": ("credit_card VARCHAR(16)", "VARCHAR(16)",
                              "    import re\n    regexp = re.compile(\"^([0-9]{6})[0-9]{5,6}([0-9]{4})\")\n"
                              "    match = regexp.search(credit_card)\n    if match != None:\n        first = match.group(1)\n"
                              "        last = match.group(2)\n    else:\n        first = \"000000\"\n        last = \"0000\"\n"
                              "    return \"{}XXXXX{}\".format(first, last)",
                              [(("4111111111111111",), "411111XXXXX1111"), (("no",), "000000XXXXX0000")]),
    "null": ("a int", "int", "if a is None:\n  return -1\nreturn a", [((None,), -1), ((5,), 5)]),
    "null for a result": ("a int", "int", "return None if a == 0 else a", [((0,), None)]),
    "a bool": ("x1 int, x2 int", "bool", "     return x1 > x2", [((1, 2), False), ((2, 1), True)]),
    "its argument assigned": ("a varchar", "varchar", "a = a.strip()\nreturn a[0:2].upper()", [((" abc ",), "AB")]),
    "text of whole numbers": ("a int, b bigint", "varchar", "return '%d-%s' % (a, b)", [((1, 2), "1-2")]),
    "names that are its own": ("value int", "int", "redshift = value + 1\nreturn redshift", [((1,), 2)]),
    "an integer's limit": ("a int", "int", "return a * a", [((46340,), 2147395600), ((46341,), FAILS)]),
    "a result of another type": ("a int", "varchar", "return a", [((1,), FAILS)]),
    "a list's comprehension": ("a varchar", "int", "return len([c for c in a if c.isdigit()])", [(("a1b22",), 3)]),
    "a moment": ("a timestamp", "int", "return a.year * 100 + a.month", [((datetime.datetime(2026, 11, 29),), 202611)]),
    "comments and strings": ("a varchar", "varchar", "# round(x) and 'quotes\nreturn a + ' / <> round( # ' + r'\\d'",
                             [(("x",), "x / <> round( # \\d")]),
    "capitals in its declaration": ("AB int", "int", "return ab", [((4,), 4)]),
}


@pytest.mark.parametrize("name", SAME)
def test_gives_what_redshift_gives(name):
    arguments, returns, body, calls = SAME[name]
    code = emitted(translate(arguments, returns, body))
    for values, wanted in calls:
        try:
            found = run(names_of(arguments), code, values)
        except (TypeError, OverflowError):
            found = FAILS
        assert (found, type(found)) == (wanted, type(wanted)), (name, values, code)


# arguments, returns, body, values, what Python 2 gives, a word of the reason
REFUSED = [
    ("a int", "float", "return 1/a", (2,), 0, "drops the fraction"),
    ("a int", "int", "b = a\nb /= 2\nreturn b", (3,), 1, "drops the fraction"),
    ("a float", "float", "def g(a):\n  return a / 2\nreturn g(3)", (3.0,), 1, "drops the fraction"),
    ("a float", "float", "for a in [3]:\n  pass\nreturn a / 2", (1.0,), 1, "drops the fraction"),
    ("a float", "float", "[a for a in [1, 2]]\nreturn a", (5.0,), 2, "comprehension"),
    ("a float", "float", "return round(a)", (2.5,), 3.0, "halves"),
    ("a float", "varchar", "return str(a)", (0.1 + 0.2,), "0.3", "12 digits"),
    ("a float", "varchar", "f = '%s'\nreturn f % a", (0.1 + 0.2,), "0.3", "12 digits"),
    ("a float", "varchar", "return '{0}'.format(a)", (0.1 + 0.2,), "0.3", "12 digits"),
    ("a int", "bool", "return bool(filter(None, [0]))", (1,), False, "iterator"),
    ("a int", "int", "return map(abs, [a])[0]", (-1,), 1, "iterator"),
    ("a int", "int", "return {1: a}.keys()[0]", (1,), 1, "order"),
    ("a varchar", "varchar", "import re\nreturn re.sub('x*', '-', a)", ("abxd",), "-a-b-d-", "empty matches"),
    ("a varchar", "int", "import re\nreturn len(re.split('x*', a))", ("axbc",), 2, "empty matches"),
    ("a int", "int", "return sorted([None, a])[1]", (1,), 1, "null"),
    ("a int", "int", "return 0777 + a", (1,), 512, "another way"),
    ("a int", "int", "return 10L + a", (1,), 11, "another way"),
    ("a int", "bool", "return a <> 1", (1,), False, "gone"),
    ("a int", "int", "print a\nreturn a", (1,), 1, "statement"),
    ("a int", "int", "try:\n  return a + 1\nexcept TypeError, e:\n  return 0", (1,), 2, "comma"),
    ("a int", "int", "return cmp(a, 2)", (1,), -1, "gone"),
    ("a int", "int", "return len(`a`)", (10,), 2, "`"),
    ("a varchar", "varchar", "return a.decode('utf-8')", ("a",), "a", "bytes"),
    ("a varchar", "int", "return len(a + 'é')", ("a",), 3, "beyond ASCII"),
    ("a varchar", "int", "return len('\\xc3\\xa9'.decode('utf-8') + a)", ("a",), 2, "escape"),
    ("a bigint", "bool", "return isinstance(a + 9223372036854775807, int)", (1,), False, "whole numbers"),
    ("a varchar", "varchar", "import urlparse\nreturn urlparse.urlparse(a).netloc", ("http://x/y",), "x", "imports urlparse"),
    ("a varchar", "varchar", "import hashlib\nreturn hashlib.md5(a).hexdigest()", ("",), "d41d8cd98f00b204e9800998ecf8427e", "imports hashlib"),
    ("a int", "float", "return sum([0.1] * 10)", (1,), 0.9999999999999999, "3.12"),
]


@pytest.mark.parametrize("arguments, returns, body, values, wanted, reason", REFUSED)
def test_what_is_not_the_same_is_refused_and_is_not_the_same(arguments, returns, body, values, wanted, reason):
    found = translate(arguments, returns, body)
    assert found["status"] == "refused", found
    assert all(one["code"] == "sql-function-body" for one in found["findings"])
    assert any(reason in one["message"] for one in found["findings"]), found["findings"]
    try:
        here = run(names_of(arguments), body, values)
    except Exception:  # noqa: BLE001 - whatever it is, Python 2 raised none
        here = FAILS
    if reason != "3.12" or sys.version_info >= (3, 12):
        assert (here, type(here)) != (wanted, type(wanted))


@pytest.mark.parametrize("arguments, returns, body, reason", [
    ("a date", "int", "return 1", "not documented"),
    ("a anyelement", "int", "return 1", "not documented"),
    ("a char(3)", "int", "return 1", "not documented"),
    ("int", "int", "return 1", "has no name"),
    ("a int", "date", "return None", "not documented"),
    ("AB int", "int", "return AB", "spells the argument"),
    ("a int", "int", "import pandas as pd\nreturn a", "imports pandas"),
    ("a int", "int", "from math import *\nreturn a", "not read"),
    ("a int", "int", "if a:\n\treturn 1\nreturn a", "tabs"),
    ("a int", "int", "return a + \\\n  1", "goes on"),
    ("a int", "varchar", 'return """x\ny"""', "several lines"),
    ("a int", "int", "return 'x", "no end"),
    ("a int", "int", "exec 'a = 2'\nreturn a", "statement"),
    ("a int", "int", "d = {}\nfor i in [1]:\n  d[i] = a\nreturn a", "dictionary"),
    ("a int", "int", "class C: pass\nreturn a", "classes"),
    ("a int", "int", "return a.__class__", "__class__"),
])
def test_what_is_not_known_is_refused(arguments, returns, body, reason):
    found = translate(arguments, returns, body)
    assert found["status"] == "refused", found
    assert any(reason in one["message"] for one in found["findings"]), found["findings"]


def test_what_it_rests_on_is_told():
    found = translate("a varchar, b int", "bool", "return len(a) > b", "VOLATILE")
    assert "LANGUAGE PYTHON NOT DETERMINISTIC AS" in " ".join(found["output"].split())
    assert len(found["assumptions"]) == 2 and "ASCII" in found["assumptions"][0] and "null" in found["assumptions"][1]
    assert translate("a int", "int", "return a")["assumptions"] == []

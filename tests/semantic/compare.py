"""Whether two answers are the same: typed multisets, ordered where the case says so; errors are answers too."""
import decimal
import json
import math


def same_family(a, b):
    return a == b or a is None or b is None or {a, b} <= {"string", "char"} or {a, b} <= {"float", "double"}


def canonical(family, text):
    """Equal values of a family have equal texts; None is NULL."""
    if text is None:
        return None
    if family == "boolean":
        return "true" if text in ("t", "true") else "false"
    if family == "char":
        return text.rstrip(" ")
    if family in ("decimal", "integer"):
        value = decimal.Decimal(text)
        return format(value.normalize(), "f") if value else "0"
    if family in ("double", "float"):
        value = float(text)
        if math.isnan(value):
            return "NaN"
        return format(value + 0.0, ".6g" if family == "float" else ".13g")
    if family in ("timestamp", "timestamptz"):
        text = text[:-3] if text.endswith(("+00", "-00")) else text
        return text.rstrip("0").rstrip(".") if "." in text else text
    if family == "binary":
        return text.removeprefix("\\x").lower()
    if family == "json":
        return json.dumps(json.loads(text), sort_keys=True)
    return text


def scale(text):
    return len(text.partition(".")[2]) if text else 0


def cell(value, other_family):
    """CHAR against VARCHAR: blanks that CHAR was filled up with do not count."""
    family, text = value
    if other_family == "char" and family == "string" and text is not None:
        family = "char"
    return canonical(family, text)


def compare(expected, actual, ordered, documented):
    """'' when equal, else ('silent' | 'loud' | 'type', why)."""
    if expected.error is not None:
        return "" if actual.error is not None else ("silent", f"the source fails ({first_line(expected.error)}), the target answers {show(actual)}")
    if actual.error is not None:
        return ("loud", f"the source answers {show(expected)}, the target fails: {first_line(actual.error)}")
    if len(expected.rows) != len(actual.rows):
        return ("silent", f"expected {show(expected)}, got {show(actual)}")
    if expected.rows and len(expected.rows[0]) != len(actual.rows[0]):
        return ("silent", f"expected {len(expected.rows[0])} columns, got {len(actual.rows[0])}")
    left = [[cell(a, b[0]) for a, b in zip(row, actual.rows[0])] for row in expected.rows]
    right = [[cell(b, a[0]) for a, b in zip(expected.rows[0], row)] for row in actual.rows]
    key = lambda row: [(value is not None, str(value)) for value in row]
    if left != right if ordered else sorted(left, key=key) != sorted(right, key=key):
        numbers = {"integer", "decimal", "double", "float"}
        families = [{a[0], b[0]} for a, b in zip(expected.rows[0], actual.rows[0])]
        if any(pair <= numbers for pair in families) and as_numbers(left, right, ordered):
            return other_type(expected, actual)
        return ("silent", f"expected {show(expected)}, got {show(actual)}")
    for index, (a, b) in enumerate(zip(column_families(expected), column_families(actual))):
        if not same_family(a, b):
            return other_type(expected, actual)
        if documented and a == "decimal" and any(scale(x[index][1]) != scale(y[index][1]) for x, y in zip(expected.rows, actual.rows)):
            return ("type", f"expected {show(expected)}, got {show(actual)}: another scale")
    return ""


def as_numbers(left, right, ordered):
    def number(text):
        try:
            return format(float(text), ".13g")
        except (TypeError, ValueError):
            return text

    both = [[[number(value) for value in row] for row in rows] for rows in (left, right)]
    return both[0] == both[1] if ordered else sorted(both[0], key=str) == sorted(both[1], key=str)


def other_type(expected, actual):
    return ("type", f"expected {column_families(expected)}, got {column_families(actual)}: {show(expected)}")


def column_families(answer):
    """A documented NULL has no type: the first row that has one gives the column's."""
    if not answer.rows:
        return []
    return [next((row[i][0] for row in answer.rows if row[i][0] is not None), None) for i in range(len(answer.rows[0]))]


def show(answer):
    if answer.error is not None:
        return f"error {first_line(answer.error)}"
    return "; ".join(" | ".join("NULL" if text is None else repr(text) for _, text in row) for row in answer.rows[:8]) or "no row"


def first_line(text):
    return text.strip().splitlines()[0][:220] if text.strip() else text

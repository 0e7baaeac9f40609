"""translate() and what it gives."""
from __future__ import annotations

import ctypes
import dataclasses
from typing import Iterator, Mapping, Union

from . import _native

_lib = _native.load()
_STATUS = ("translated", "refused", "unparsed")
_SEVERITY = ("note", "warning", "error")

# {"schema.table": {"column": "type"}}, or lines of table TAB column TAB type
Types = Union[Mapping[str, Mapping[str, str]], str]


@dataclasses.dataclass(frozen=True)
class Finding:
    """An observation with its place in the text, from 1; its code is stable."""
    code: str
    severity: str  # "note", "warning", "error"
    line: int
    column: int
    message: str
    remedy: str


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule that changed the statement; its basis is "typed", or "assumed" where types were not known."""
    name: str
    basis: str


@dataclasses.dataclass(frozen=True)
class Statement:
    """One statement of the text. `output` is empty unless translated, and when there is nothing to do in Databricks."""
    index: int  # from 1
    status: str  # "translated", "refused", "unparsed"
    output: str
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    assumptions: tuple[str, ...]
    source: str
    line: int
    column: int

    @property
    def ok(self) -> bool:
        return self.status == "translated"


class RefusedError(Exception):
    """At least one statement is not translated. `statements` are all, `refused` those that are not."""

    def __init__(self, statements: list[Statement]):
        self.statements = statements
        self.refused = [s for s in statements if not s.ok]
        first = self.refused[0]
        why = next((f for f in first.findings if f.severity == "error"), None)
        cause = f"{why.code}: {why.message}; {why.remedy}" if why else first.status
        more = f" (and {len(self.refused) - 1} more)" if len(self.refused) > 1 else ""
        super().__init__(f"statement {first.index}, line {first.line}: {cause}{more}")


def version() -> str:
    """Of the library inside this package."""
    return _lib.lakeshift_sql_version().decode()


def _flag(value: bool) -> bytes:
    if not isinstance(value, bool):
        raise TypeError(f"expected True or False, got {value!r}")
    return b"true" if value else b"false"


def _text(value: str, what: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{what} is {type(value).__name__}, expected str")
    return value.encode("utf-8", "surrogateescape")


class Translator:
    """Keeps options, and what CREATE statements of former calls said. For one thread at a time."""

    def __init__(self, *, catalog: str = "", schemas: Mapping[str, str] | None = None, types: Types | None = None,
                 exact_blanks: bool = True, pretty: bool = True):
        self._handle = _lib.lakeshift_sql_new()
        if not self._handle:
            raise MemoryError("no memory for a translator")
        self._set(b"catalog", _text(catalog, "catalog"))
        for source, target in (schemas or {}).items():
            self._set(b"schema:" + _text(source, "a schema"), _text(target, "a schema"))
        self._set(b"exact_blanks", _flag(exact_blanks))
        self._set(b"pretty", _flag(pretty))
        if types:
            self.add_types(types)

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            _lib.lakeshift_sql_free(self._handle)
            self._handle = None

    def _check(self, code: int) -> None:
        if code == 2:
            raise MemoryError("no memory to translate")
        if code:
            raise ValueError(_lib.lakeshift_sql_error(self._handle).decode("utf-8", "replace"))

    def _set(self, name: bytes, value: bytes) -> None:
        if b"\0" in name + value:
            raise ValueError("a NUL character in an option")
        self._check(_lib.lakeshift_sql_set(self._handle, name, value))

    def add_types(self, types: Types) -> None:
        """Types of columns: {"schema.table": {"column": "type"}}, or lines of table TAB column TAB type."""
        if isinstance(types, Mapping):
            types = "".join(f"{table}\t{column}\t{kind}\n" for table, columns in types.items() for column, kind in columns.items())
        text = _text(types, "types")
        self._check(_lib.lakeshift_sql_add_types(self._handle, text, len(text)))

    def translate(self, sql: str) -> list[Statement]:
        text = _text(sql, "sql")
        result = ctypes.c_void_p()
        self._check(_lib.lakeshift_sql_translate(self._handle, text, len(text), ctypes.byref(result)))
        try:
            return list(_statements(result, text))
        finally:
            _lib.lakeshift_sql_result_free(result)


def _statements(result: ctypes.c_void_p, text: bytes) -> Iterator[Statement]:
    one, finding, rule, assumption = _native.Statement(), _native.Finding(), _native.Rule(), _native.Text()

    def at(function, index, count, out):
        for i in range(count):
            function(result, index, i, ctypes.byref(out))
            yield out

    for index in range(_lib.lakeshift_sql_count(result)):
        _lib.lakeshift_sql_statement_at(result, index, ctypes.byref(one))
        findings = tuple(Finding(str(f.code), _SEVERITY[f.severity], f.line, f.column, str(f.message), str(f.remedy))
                         for f in at(_lib.lakeshift_sql_finding_at, index, one.findings, finding))
        rules = tuple(Rule(str(r.name), "typed" if r.typed else "assumed")
                      for r in at(_lib.lakeshift_sql_rule_at, index, one.rules, rule))
        assumptions = tuple(str(a) for a in at(_lib.lakeshift_sql_assumption_at, index, one.assumptions, assumption))
        source = text[one.begin:one.end].decode("utf-8", "replace").strip().rstrip(";").rstrip()
        yield Statement(index + 1, _STATUS[one.status], str(one.output), findings, rules, assumptions, source, one.line, one.column)


def translate(sql: str, *, catalog: str = "", schemas: Mapping[str, str] | None = None, types: Types | None = None,
              exact_blanks: bool = True, pretty: bool = True, on_refusal: str = "return") -> list[Statement]:
    """Every statement of `sql` once, in order. `on_refusal="raise"`: RefusedError when one is not translated.

    catalog: Unity Catalog's catalog, put before schema.table. schemas: {"schema" or "database.schema": "catalog.schema"}.
    exact_blanks=False: VARCHAR values have no trailing blanks, so comparisons need no rtrim. pretty=False: one line each.
    """
    if on_refusal not in ("return", "raise"):
        raise ValueError(f"on_refusal is {on_refusal!r}: 'return' or 'raise'")
    translator = Translator(catalog=catalog, schemas=schemas, types=types, exact_blanks=exact_blanks, pretty=pretty)
    statements = translator.translate(sql)
    if on_refusal == "raise" and not all(s.ok for s in statements):
        raise RefusedError(statements)
    return statements

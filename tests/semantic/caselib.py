"""Reads *.sqlcase files. See README.md of this folder for the format."""
import dataclasses
import pathlib
import re


@dataclasses.dataclass
class Case:
    file: str
    name: str
    line: int
    source: str = ""  # address of the documentation
    tables: list = dataclasses.field(default_factory=list)  # statements that make the tables
    sql: list = dataclasses.field(default_factory=list)  # Redshift
    postgres: str = ""  # the same meaning in PostgreSQL's words, where Redshift's are not PostgreSQL's
    rows: list = None  # documented rows, as literals
    fails: bool = False  # documented to fail
    ordered: bool = False

    @property
    def id(self):
        return f"{self.file}/{self.name}"


def statements(text):
    """Cuts at ';' outside quotes and $$ bodies."""
    parts, start, i = [], 0, 0
    while i < len(text):
        if text[i] == "'":
            i = text.index("'", i + 1)
        elif text.startswith("$$", i):
            i = text.index("$$", i + 2) + 1
        elif text[i] == ";":
            parts.append(text[start:i].strip())
            start = i + 1
        i += 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def read_file(path):
    cases, tables, source, case, block = [], [], "", None, None
    sql = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith("@source"):
            source, block = line.split(None, 1)[1], None
        elif line.startswith("@tables"):
            block, tables = "tables", []
            sql["tables"] = ""
        elif line.startswith("- "):
            if block == "tables":
                tables = statements(sql["tables"])
            name, _, rest = line[2:].partition(":")
            case = Case(path.stem, name.strip(), number, source, tables)
            cases.append(case)
            block = "sql"
            if rest.strip():
                case.sql.append(rest.strip())
        elif line.startswith("  = "):
            case.rows = (case.rows or []) + [line[4:]]
        elif line.strip() == "= none":
            case.rows = []
        elif line.startswith("  ! error"):
            case.fails = True
        elif line.startswith("  pg> "):
            case.postgres = line[6:]
        elif line.startswith("  pg+ "):
            case.postgres += "\n" + line[6:]
        elif line.startswith("  ordered"):
            case.ordered = True
        elif line.startswith("  from> "):
            case.source = line[8:]
        elif block == "tables":
            sql["tables"] += line + "\n"
        elif block == "sql":
            case.sql.append(line)
        else:
            raise ValueError(f"{path}:{number}: nothing to belong to: {line}")
    for case in cases:
        case.sql = statements("\n".join(case.sql))
    names = [case.name for case in cases]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise ValueError(f"{path}: these names are given twice: {sorted(doubled)}")
    return cases


def read_folder(folder):
    return [case for path in sorted(pathlib.Path(folder).glob("*.sqlcase")) for case in read_file(path)]


def literal(text):
    """A documented value as (family, text): 'a', 1, 1.50, 1.5e0, true, null, date '…', timestamp '…'."""
    text = text.strip()
    if text == "null":
        return (None, None)
    if text in ("true", "false"):
        return ("boolean", text)
    match = re.fullmatch(r"(decimal|date|timestamp|timestamptz|time|binary|json)?\s*'((?:[^']|'')*)'", text, re.S)
    if match:
        return (match[1] or "string", match[2].replace("''", "'"))
    if re.fullmatch(r"[-+]?\d+", text):
        return ("integer", text)
    if re.fullmatch(r"[-+]?\d*\.\d+", text):
        return ("decimal", text)
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)e[-+]?\d+", text):
        return ("double", text)
    raise ValueError(f"not a literal: {text}")

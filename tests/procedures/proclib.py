"""Reads *.sqlproc: procedures of our own writing, with what their calls return and what they leave in the tables."""
import dataclasses
import re


@dataclasses.dataclass
class Step:
    kind: str  # call, error, rows
    sql: str
    line: int
    rows: list = None
    message: str = ""
    postgres: str = ""


@dataclasses.dataclass
class Procedure:
    name: str
    constructs: list
    set_based: str = ""
    tables: str = ""
    source: str = ""
    postgres: str = ""
    steps: list = dataclasses.field(default_factory=list)

    @property
    def table_names(self):
        return re.findall(r"CREATE TABLE (\w+)", self.tables)


def read_file(path):
    procedure = Procedure(path.stem, [])
    section, argument = "head", ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("@"):
            section, _, argument = line[1:].partition(" ")
            if section == "rows":
                procedure.steps.append(Step("rows", argument, number, []))
            continue
        if section == "head":
            key, _, value = line.partition(": ")
            if key == "constructs":
                procedure.constructs = value.split(", ")
            elif key == "set-based":
                procedure.set_based = value
        elif section == "tables":
            procedure.tables += line + "\n"
        elif section == "procedure":
            procedure.source += line + "\n"
        elif section == "postgres":
            procedure.postgres += line + "\n"
        elif section in ("call", "error"):
            step = Step(section, line.rstrip(";"), number)
            if section == "error":
                step.message = argument
            elif argument:
                step.rows = [argument]
            procedure.steps.append(step)
        elif section == "postgres-call":
            procedure.steps[-1].postgres = line.rstrip(";")
        elif section == "rows":
            procedure.steps[-1].rows.append(line)
        else:
            raise ValueError(f"{path}:{number}: no section is called {section}")
    return procedure


def read_folder(folder):
    return [read_file(path) for path in sorted(folder.glob("*.sqlproc"))]

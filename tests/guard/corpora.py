"""Reads the corpora: files of statements, each under a line that names it and says what must come out."""

import re
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
CLICKHOUSE = "clickhouse"
_CASE = re.compile(r"^-- case: (?P<name>[^\n]*)\n(?P<heads>(?:-- (?:rules|role|warns): [^\n]*\n)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One statement and what the guard must make of it."""

    family: str
    name: str
    sql: str
    rules: tuple[str, ...] = ()
    """Exact codes of the refusal, in order of place; empty for an approved statement."""
    warns: tuple[str, ...] = ()
    role: str = "analyst"
    dialect: str = "duckdb"

    def __str__(self) -> str:
        where = "" if self.dialect == "duckdb" else f"{self.dialect} "
        return f"{where}{self.family}: {self.name}"


def read(kind: str) -> list[Case]:
    """All cases of one kind, `allowed` or `refused`: DuckDB's, and those in the folder `clickhouse`."""
    paths = [*sorted((CORPUS / kind).glob("*.sql")), *sorted((CORPUS / kind / CLICKHOUSE).glob("*.sql"))]
    return [case for path in paths for case in _cases(path)]


def _cases(path: Path) -> list[Case]:
    text = path.read_text(encoding="utf-8")
    marks = list(_CASE.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    dialect = CLICKHOUSE if path.parent.name == CLICKHOUSE else "duckdb"
    return [_case(path.stem, dialect, mark, text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]


def _case(family: str, dialect: str, mark: re.Match[str], sql: str) -> Case:
    heads = dict(line[3:].split(": ", 1) for line in mark["heads"].splitlines())
    listed = {
        key: tuple(part.strip() for part in heads.get(key, "").split(",") if part.strip()) for key in ("rules", "warns")
    }
    return Case(
        family,
        mark["name"],
        sql.strip(),
        listed["rules"],
        listed["warns"],
        heads.get("role", "analyst"),
        dialect,
    )

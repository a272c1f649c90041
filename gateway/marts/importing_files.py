"""Opens a CSV or Parquet file as text columns inside DuckDB, and says what is wrong with a file that can't be."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb

from gateway.errors import UsageError
from gateway.marts.importing_warehouse import sql_text
from gateway.marts.warehouse import quoted
from gateway.problems import did_you_mean

DELIMITERS = (",", ";", "\t", "|")
MISSING = ("", "na", "n/a", "nan", "null", "none")
"""What files write for a number that is not there, in any case."""
UTF8_HINT = "Save it as UTF-8 (in Excel: CSV UTF-8), then run this again."


@dataclass(frozen=True, slots=True)
class Table:
    """A readable file: the columns it has, and how to read them."""

    file: Path
    columns: tuple[str, ...]
    reader: str
    """The FROM item. Reads each column as `names` says."""
    names: tuple[str, ...]

    def text(self, column: str) -> str:
        """A column as trimmed text; null where the cell is empty."""
        return f"nullif(trim({self.names[self.columns.index(column)]}::varchar), '')"


def open_table(con: duckdb.DuckDBPyConnection, file: Path) -> Table:
    """The file's columns, before any row is read. Raises UsageError."""
    if file.is_dir():
        raise UsageError(f"{file} is a folder, not a file")
    try:
        with _opened(file) as raw:
            start = raw.read(4096)
    except FileNotFoundError:
        near = did_you_mean(file.name, (each.name for each in file.parent.glob("*"))) if file.parent.is_dir() else ""
        raise UsageError(f"no file at {file}.{near}") from None
    except (OSError, EOFError) as error:
        raise UsageError(f"{file} can't be read: {error}") from error
    if not start:
        raise UsageError(f"{file} is empty", hint="It needs a header line and a row for each unit.")
    if start.startswith(b"PAR1"):
        return _parquet(con, file)
    return _csv(file, start)


def resolve(table: Table, wanted: Sequence[str]) -> list[str]:
    """A problem for each wanted column that the file does not have, or has twice."""
    problems = []
    for column in dict.fromkeys(wanted):
        if column not in table.columns:
            near = did_you_mean(column, table.columns, otherwise="It has")
            problems.append(f"{table.file.name} has no column {column!r}.{near}".rstrip("."))
        elif table.columns.count(column) > 1:
            problems.append(f"{table.file.name} has {table.columns.count(column)} columns named {column!r}")
    return problems


def stage(con: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[tuple[str, str]]) -> int:
    """Read the file into the temporary table `staged`: `row`, from 1, and each (name, expression). Returns its rows."""
    chosen = "".join(f", {expression} as {name}" for name, expression in columns)
    statement = f"create or replace temp table staged as select row_number() over () as row{chosen} from {table.reader}"
    try:
        con.execute(statement)
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise UsageError(f"{table.file}: {_said(error)}", hint=_hint(str(error))) from error
    found = con.execute("select count(*) from staged").fetchone()
    if found is None or not found[0]:
        raise UsageError(f"{table.file} has a header and no rows", hint="It needs a row for each unit.")
    return int(found[0])


def number(text: str) -> str:
    """An expression for a text column as a finite number; null where it is missing or no number."""
    return f"case when isfinite(try_cast({text} as double)) then try_cast({text} as double) end"


def moment(text: str) -> str:
    """An expression for a text column as a time in UTC, an offset taken into account; null where it is no time."""
    return f"(try_cast({text} as timestamptz)::timestamp)"


def missing(text: str) -> str:
    """An expression: is the cell empty, or a word for it?"""
    words = ", ".join(sql_text(word) for word in MISSING)
    return f"({text} is null or lower({text}) in ({words}))"


def _parquet(con: duckdb.DuckDBPyConnection, file: Path) -> Table:
    reader = f"read_parquet({sql_text(str(file))})"
    try:
        found = con.execute(f"describe from {reader}").fetchall()
    except duckdb.Error as error:
        raise UsageError(f"{file} is not a readable Parquet file: {_said(error)}") from error
    columns = tuple(str(row[0]) for row in found)
    return Table(file, columns, reader, tuple(quoted(column) for column in columns))


def _csv(file: Path, start: bytes) -> Table:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{file} is UTF-16 text", hint=UTF8_HINT)
    if b"\x00" in start or start.startswith(b"PK\x03\x04"):
        raise UsageError(f"{file} is neither CSV nor Parquet", hint="Export it as CSV or Parquet first.")
    header, delimiter = _header(file)
    names = tuple(f"c{position}" for position in range(len(header)))
    columns = ", ".join(f"{name}: 'varchar'" for name in names)
    reader = (
        f"read_csv({sql_text(str(file))}, columns = {{{columns}}}, auto_detect = false, header = true, "
        f"delim = {sql_text(delimiter)}, quote = '\"', escape = '\"', strict_mode = true)"
    )
    return Table(file, header, reader, names)


def _header(file: Path) -> tuple[tuple[str, ...], str]:
    """The first line's fields, by the delimiter that makes most of them."""
    try:
        with _opened(file) as raw:
            line = raw.readline(1_000_000).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text: its header holds byte {error.object[error.start]:#04x}",
                         hint=UTF8_HINT) from error  # fmt: skip
    if not line.strip():
        raise UsageError(f"{file} has an empty first line", hint="The first line must name the columns.")
    try:
        split = {delimiter: next(csv.reader([line], delimiter=delimiter)) for delimiter in DELIMITERS}
    except csv.Error as error:
        raise UsageError(f"{file} has no readable header: {error}") from error
    best = max(DELIMITERS, key=lambda delimiter: len(split[delimiter]))
    return tuple(field.strip() for field in split[best]), best


def _opened(file: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")


def _said(error: duckdb.Error) -> str:
    """The lines of DuckDB's message that describe the problem, as one."""
    lines = []
    for line in str(error).splitlines():
        if line.startswith(("Possible", "  file", "*")):
            break
        lines.append(line.strip()[:200])
    return " ".join(line for line in lines if line).removeprefix("Invalid Input Error: ")


def _hint(text: str) -> str:
    if "unicode" in text.lower():
        return UTF8_HINT
    return "Every row needs as many fields as the header, and a field that holds a delimiter or a quote needs quotes."

"""What can be wrong with the rows of a unit-level file: each problem counted, and shown with its first rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from gateway.marts.importing_files import moment, number
from gateway.marts.importing_spec import SHOWN, OnNull, refuse

ROWS_HINT = "Rows count from 1 below the header."
NULL_HINT = "Use --on-null drop to leave those units out, or --on-null zero to count an empty number as zero."


@dataclass(frozen=True, slots=True)
class Staged:
    """The temporary table `staged`: row, variant, perhaps unit and moment, and the numeric columns, all still text."""

    file: Path
    rows: int
    variant: str
    unit: str | None
    assigned_at: str | None
    numeric: Mapping[str, str]
    """Column of the file to its name in the table."""

    def examples(self, con: duckdb.DuckDBPyConnection, where: str, column: str) -> str:
        """The first rows that fulfil a condition, each with its value, and how many there are."""
        total = count(con, where)
        rows = con.execute(f"select row, {column} from staged where {where} order by row limit {SHOWN}").fetchall()
        shown = ", ".join(f"{str(value)[:40]!r} in row {row:,}" for row, value in rows)
        return shown + (f" and {total - SHOWN:,} more" if total > SHOWN else "")


def check_staged(con: duckdb.DuckDBPyConnection, staged: Staged, on_null: OnNull) -> list[str]:
    """Settle empty cells as asked, then refuse what is left. Returns what was done, to be noted."""
    notes = _settle_nulls(con, staged, on_null)
    problems = [*_nulls(con, staged), *_not_numbers(con, staged), *_not_times(con, staged), *_duplicates(con, staged)]
    if problems:
        raise refuse(problems, hint=_hint(problems))
    if not count(con, "true"):
        raise refuse([f"no unit of {staged.file.name} is left: all had an empty cell"])
    return notes


def count(con: duckdb.DuckDBPyConnection, where: str) -> int:
    """Rows of `staged` that fulfil a condition."""
    row = con.execute(f"select count(*) from staged where {where}").fetchone()
    return int(row[0]) if row else 0


def _required(staged: Staged) -> dict[str, str]:
    """Columns that every unit needs, by their names in the table."""
    needed = {"variant": staged.variant}
    if staged.unit:
        needed["unit"] = staged.unit
    if staged.assigned_at:
        needed["moment"] = staged.assigned_at
    return needed | {name: column for column, name in staged.numeric.items()}


def _settle_nulls(con: duckdb.DuckDBPyConnection, staged: Staged, on_null: OnNull) -> list[str]:
    if on_null == "drop":
        where = " or ".join(f"{name} is null" for name in _required(staged))
        dropped = count(con, where)
        con.execute(f"delete from staged where {where}")
        return [f"{dropped:,} of {staged.rows:,} units were left out: a cell they need is empty."] if dropped else []
    notes = []
    for column, name in staged.numeric.items() if on_null == "zero" else ():
        empty = count(con, f"{name} is null")
        con.execute(f"update staged set {name} = '0' where {name} is null")
        if empty:
            notes.append(f"{empty:,} empty cells of {column!r} count as zero.")
    return notes


def _nulls(con: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[str]:
    for name, column in _required(staged).items():
        empty = count(con, f"{name} is null")
        if empty:
            rows = con.execute(f"select row from staged where {name} is null order by row limit {SHOWN}").fetchall()
            shown = ", ".join(f"{row:,}" for (row,) in rows) + (" …" if empty > SHOWN else "")
            yield f"column {column!r} is empty in {empty:,} row{'' if empty == 1 else 's'}: {shown}"


def _not_numbers(con: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[str]:
    for column, name in staged.numeric.items():
        where = f"{name} is not null and {number(name)} is null"
        if count(con, where):
            yield f"column {column!r} must hold numbers, and holds {staged.examples(con, where, name)}"


def _not_times(con: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[str]:
    where = f"moment is not null and {moment('moment')} is null"
    if staged.assigned_at and count(con, where):
        yield f"column {staged.assigned_at!r} must hold times, and holds {staged.examples(con, where, 'moment')}"


def _duplicates(con: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[str]:
    """Units with several rows: in several arms, or several times in one."""
    if staged.unit is None:
        return
    con.execute(
        """create or replace temp table repeated as
           select unit, count(*) as times, count(distinct variant) as arms, min(row) as first
           from staged where unit is not null group by unit having count(*) > 1"""
    )
    for where, said in (("arms > 1", "in several arms"), ("arms = 1", "with several rows in the same arm")):
        found = con.execute(f"select count(*), sum(times) from repeated where {where}").fetchone()
        if found and found[0]:
            query = f"select unit, times from repeated where {where} order by first limit {SHOWN}"
            rows = con.execute(query).fetchall()
            shown = ", ".join(f"{str(unit)[:40]!r} ({times} rows)" for unit, times in rows)
            more = " …" if found[0] > SHOWN else ""
            units = "1 unit" if found[0] == 1 else f"{found[0]:,} units"
            yield f"{units} of column {staged.unit!r} {said}: {shown}{more}"
    con.execute("drop table repeated")


def _hint(problems: list[str]) -> str:
    hints = []
    if any(" is empty in " in each for each in problems):
        hints.append(NULL_HINT)
    if any(" of column " in each for each in problems):
        hints.append("A unit must have one row: aggregate the file first, and leave out units seen in two arms.")
    return " ".join([*hints, ROWS_HINT])

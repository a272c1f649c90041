"""Runs the checks of schema.yml on the warehouse. A check is a query for offending rows; none found is a pass.

Checks of single rows (not_null, accepted_values, holds) share one scan per table; only a check that fails is asked for
its rows.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from gateway.errors import ContractError
from gateway.marts.project import HINT, SCHEMA_FILE, load_project
from gateway.marts.warehouse import explained, first_line, quoted, warehouse_session

ROWS_SHOWN = 5
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of schema.yml, as SQL."""

    kind: str
    table: str
    column: str
    """The column or columns it is about; '' for a condition over the row."""
    arguments: str
    """What else the promise says, for messages: values, the other table, the condition."""
    offence: str
    """For single-row checks, the condition of an offending row; otherwise a query that returns the offending rows."""
    per_row: bool

    @property
    def query(self) -> str:
        """Returns the offending rows."""
        return f"select * from {quoted(self.table)} where {self.offence}" if self.per_row else self.offence

    def describe(self) -> str:
        """The promise in one line: `unique(event_id) of stg_conversion_events`."""
        inside = ": ".join(filter(None, (self.column, self.arguments)))
        return f"{self.kind}({inside}) of {self.table}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found."""

    check: Check
    count: int
    """Offending rows, or repeated keys for a uniqueness check. 0 is a pass."""
    rows: tuple[dict[str, Any], ...] = ()
    """Up to five of them."""

    @property
    def passed(self) -> bool:
        """True when no row offends."""
        return self.count == 0

    def describe(self) -> str:
        """One line: the check, and what offends it."""
        if self.passed:
            return f"{self.check.describe()}: ok"
        shown = "; ".join(", ".join(f"{name}={value!r}" for name, value in row.items()) for row in self.rows)
        more = f" and {self.count - len(self.rows)} more" if self.count > len(self.rows) else ""
        return f"{self.check.describe()}: {self.count} found: {shown}{more}"


def check(
    warehouse: Path, marts_sql: Path, *, progress: Progress | None = None, memory_limit: str = "2GB"
) -> list[CheckResult]:
    """Run every check of schema.yml, in the file's order."""
    checks = read_checks(load_project(marts_sql).schema)
    tables = list(dict.fromkeys(each.table for each in checks))
    results: dict[Check, CheckResult] = {}
    with warehouse_session(warehouse, read_only=True, memory_limit=memory_limit) as con:
        found = con.execute("select table_name from information_schema.tables").fetchall()
        require_tables(tables, {name for (name,) in found})
        for position, table in enumerate(tables, start=1):
            if progress:
                progress(table, position, len(tables))
            results |= {each.check: each for each in _run(con, table, [one for one in checks if one.table == table])}
    return [results[each] for each in checks]


def read_checks(schema: Mapping[str, Any]) -> list[Check]:
    """Every check of schema.yml. Raises ContractError with all that could not be understood."""
    groups = (group.get("tables", ()) for group in schema.get("sources", ()))
    tables = [*schema.get("models", ()), *(table for group in groups for table in group)]
    checks: list[Check] = []
    problems: list[str] = []
    for table in tables:
        for column, spec in _specs(table):
            try:
                checks.append(_parse(table["name"], column, spec))
            except (KeyError, TypeError, ValueError) as error:
                where = f"{table['name']}.{column}" if column else table["name"]
                problems.append(f"{SCHEMA_FILE}: {where}: {_reason(spec, error)}")
    if problems:
        raise ContractError(f"{SCHEMA_FILE} has checks that are not understood", problems=tuple(problems), hint=HINT)
    return list(dict.fromkeys(checks))


def _specs(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(column, test) pairs as written; '' for tests of the whole table."""
    for spec in table.get("data_tests", ()):
        yield "", spec
    for column in table.get("columns", ()):
        for spec in column.get("data_tests", ()):
            yield column["name"], spec


def _reason(spec: Any, error: Exception) -> str:
    missing = f"needs {error}" if isinstance(error, KeyError) else str(error)
    return f"check {spec if isinstance(spec, str) else next(iter(spec), spec)!r}: {missing}"


def _parse(table: str, column: str, spec: Any) -> Check:
    """One test of dbt's schema language: a bare name, or a name with `arguments`."""
    kind, body = (spec, {}) if isinstance(spec, str) else next(iter(spec.items()))
    if kind not in _KINDS:
        raise ValueError(f"no such check; there is {', '.join(_KINDS)}")
    return _KINDS[kind](table, column, (body or {}).get("arguments", body or {}))


def _unique(table: str, column: str, _arguments: Mapping[str, Any]) -> Check:
    return Check("unique", table, column, "", _repeated(table, [column]), per_row=False)


def _unique_combination(table: str, _column: str, arguments: Mapping[str, Any]) -> Check:
    columns = list(arguments["columns"])
    return Check("unique_combination", table, ", ".join(columns), "", _repeated(table, columns), per_row=False)


def _repeated(table: str, columns: list[str]) -> str:
    keys = ", ".join(quoted(column) for column in columns)
    known = " and ".join(f"{quoted(column)} is not null" for column in columns)
    return f"select {keys}, count(*) as n_rows from {quoted(table)} where {known} group by {keys} having count(*) > 1"


def _not_null(table: str, column: str, _arguments: Mapping[str, Any]) -> Check:
    return Check("not_null", table, column, "", f"{quoted(column)} is null", per_row=True)


def _accepted_values(table: str, column: str, arguments: Mapping[str, Any]) -> Check:
    values = [str(value) for value in arguments["values"]]
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    offence = f"{quoted(column)} not in ({listed})"
    return Check("accepted_values", table, column, ", ".join(values), offence, per_row=True)


def _holds(table: str, _column: str, arguments: Mapping[str, Any]) -> Check:
    condition = str(arguments["condition"])
    return Check("holds", table, "", condition, f"not ({condition})", per_row=True)


def _relationships(table: str, column: str, arguments: Mapping[str, Any]) -> Check:
    other = str(arguments["to"]).removeprefix("ref('").removesuffix("')")
    field = str(arguments["field"])
    query = (
        f"select child.* from {quoted(table)} as child left join {quoted(other)} as parent"
        f" on child.{quoted(column)} = parent.{quoted(field)}"
        f" where child.{quoted(column)} is not null and parent.{quoted(field)} is null"
    )
    return Check("relationships", table, column, f"{other}.{field}", query, per_row=False)


_KINDS: Mapping[str, Callable[[str, str, Mapping[str, Any]], Check]] = {
    "unique": _unique,
    "not_null": _not_null,
    "accepted_values": _accepted_values,
    "relationships": _relationships,
    "unique_combination": _unique_combination,
    "holds": _holds,
}


def require_tables(tables: list[str], there: Collection[str]) -> None:
    """Raise ContractError that names every table which is checked and not built yet."""
    absent = [table for table in tables if table not in there]
    if absent:
        raise ContractError(
            f"{len(absent)} of {len(tables)} tables are not built yet",
            problems=tuple(f"{SCHEMA_FILE}: no table {table} in the warehouse" for table in absent),
            hint="Build them: gateway marts build",
        )


def _run(con: duckdb.DuckDBPyConnection, table: str, checks: list[Check]) -> Iterator[CheckResult]:
    """All checks of one table."""
    per_row = [each for each in checks if each.per_row]
    try:
        counts = dict(zip(per_row, _count_offences(con, table, per_row), strict=True))
        for each in checks:
            count = counts[each] if each.per_row else _count(con, each)
            yield CheckResult(each, count, _examples(con, each) if count else ())
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        raise ContractError(f"the checks of {table} do not fit it: {first_line(error)}", hint=HINT) from error
    except duckdb.Error as error:
        raise explained(error, f"checking {table}") from error


def _count_offences(con: duckdb.DuckDBPyConnection, table: str, checks: list[Check]) -> list[int]:
    if not checks:
        return []
    sums = ", ".join(f"count(case when {each.offence} then 1 end)" for each in checks)
    found = con.execute(f"select {sums} from {quoted(table)}").fetchone()
    return [int(count) for count in found or ()]


def _count(con: duckdb.DuckDBPyConnection, one: Check) -> int:
    found = con.execute(f"select count(*) from ({one.query}) as offending").fetchone()
    return int(found[0]) if found else 0


def _examples(con: duckdb.DuckDBPyConnection, one: Check) -> tuple[dict[str, Any], ...]:
    cursor = con.execute(f"select * from ({one.query}) as offending order by all limit {ROWS_SHOWN}")
    names = [column[0] for column in cursor.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())

"""Runs the checks of schema.yml on the marts in ClickHouse: the same promises, the same words about what fails."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from gateway.errors import ContractError
from gateway.marts.build import Progress
from gateway.marts.clickhouse.failures import explained
from gateway.marts.clickhouse.server import Server
from gateway.marts.clickhouse.sources import columns_in
from gateway.marts.clickhouse.transpile import in_database
from gateway.marts.contracts import ROWS_SHOWN, Check, CheckResult, read_checks, require_tables
from gateway.marts.project import HINT, load_project

_DOES_NOT_FIT = frozenset({10, 16, 43, 46, 47, 53, 62, 386})
"""No such column or function, types that don't go together, a condition that is none."""


def check(server: Server, marts_sql: Path, *, progress: Progress | None = None) -> list[CheckResult]:
    """Run every check of schema.yml, in the file's order. Raises ContractError for a check that does not fit."""
    checks = read_checks(load_project(marts_sql).schema)
    tables = list(dict.fromkeys(each.table for each in checks))
    results: dict[Check, CheckResult] = {}
    with explained("checking the marts", ""):
        require_tables(tables, columns_in(server, server.warehouse))
        for position, called in enumerate(tables, start=1):
            if progress:
                progress(called, position, len(tables))
            found = _run(server, called, [each for each in checks if each.table == called])
            results |= {each.check: each for each in found}
    return [results[each] for each in checks]


def _run(server: Server, called: str, checks: Sequence[Check]) -> Iterator[CheckResult]:
    """All checks of one table."""
    per_row = [each for each in checks if each.per_row]
    try:
        counts = dict(zip(per_row, _count_offences(server, called, per_row), strict=True))
        for each in checks:
            count = counts[each] if each.per_row else _count(server, each)
            yield CheckResult(each, count, _examples(server, each) if count else ())
    except ClickHouseError as error:
        if isinstance(error, Error) and error.code in _DOES_NOT_FIT:
            raise ContractError(
                f"the checks of {called} do not fit it (ClickHouse error {error.code})", hint=HINT
            ) from error
        raise


def _count_offences(server: Server, called: str, checks: Sequence[Check]) -> Sequence[int]:
    if not checks:
        return ()
    sums = ", ".join(f"count(case when {each.offence} then 1 end)" for each in checks)
    return [int(count) for count in server.rows(in_database(f'select {sums} from "{called}"', server.warehouse))[0]]


def _count(server: Server, one: Check) -> int:
    return int(server.value(f"SELECT count() FROM ({in_database(one.query, server.warehouse)})"))


def _examples(server: Server, one: Check) -> tuple[dict[str, Any], ...]:
    sql = f"SELECT * FROM ({in_database(one.query, server.warehouse)}) ORDER BY ALL LIMIT {ROWS_SHOWN}"
    found = server.client.query(sql)
    return tuple(dict(zip(found.column_names, row, strict=True)) for row in found.result_rows)

"""Statements that defeat other guards, by class, for each engine; and what proves that one of them got nowhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from gateway.guard import Approved, Refused, check
from gateway.guard.referee import disagreement, named_in_duckdb
from gateway.guard.referee_clickhouse import named_in_clickhouse
from tests.clickhouse import Database, Failed
from tests.guard import world
from tests.guard.drift_clickhouse import parsed as parsed_by_clickhouse
from tests.guard.referee import parsed as parsed_by_duckdb

SECRETS = ("CANARY", "9876543.25", "1234567")
Tried = tuple[str, str]
"""(dialect, statement)."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Both engines, each with the full world and with one that holds other secrets."""

    duckdb: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]
    clickhouse: Callable[[], Mapping[str, Database]]
    """Opened when first needed: without that engine, the other's statements are still tried."""

    def rows(self, dialect: str, sql: str) -> tuple[Any, Any] | None:
        """What the statement gives in each of the two worlds; None where the engine refuses it."""
        try:
            if dialect == "duckdb":
                given: list[list[Any]] = [list(con.execute(sql).fetchall()) for con in self.duckdb]
            else:
                given = [list(self.clickhouse()[name].run(sql).rows) for name in ("full", "other")]
        except (duckdb.Error, Failed):
            return None
        return sorted(map(str, given[0])), sorted(map(str, given[1]))

    def disagreement(self, verdict: Approved) -> str | None:
        """The referee's word on the rendering."""
        if verdict.dialect == "duckdb":
            return disagreement(verdict, named_in_duckdb(parsed_by_duckdb(self.duckdb[0], verdict.sql)))
        return disagreement(verdict, named_in_clickhouse(parsed_by_clickhouse(self.clickhouse()["full"], verdict.sql)))


def holds(tried: Tried, engines: Engines) -> None:
    """Refused, or inside the contract: nothing else named, no secret told, no row that depends on one."""
    dialect, sql = tried
    for role in ("analyst", "partner"):
        verdict = check(sql, world.POLICIES[role], dialect=dialect)
        if isinstance(verdict, Refused):
            assert verdict.violations
            continue
        assert engines.disagreement(verdict) is None
        told = engines.rows(dialect, verdict.sql)
        if told is not None:
            assert told[0] == told[1]
            assert [secret for secret in SECRETS if secret in str(told) and secret not in sql] == []


def refused(tried: Tried, engines: Engines) -> None:
    """Not only harmless: refused, with at least one reason."""
    dialect, sql = tried
    verdict = check(sql, world.ANALYST, dialect=dialect)
    assert isinstance(verdict, Refused), verdict
    assert all(violation.message for violation in verdict.violations)
    holds(tried, engines)


def both(*statements: str) -> list[Tried]:
    """Each statement on each engine."""
    return [(dialect, sql) for dialect in ("duckdb", "clickhouse") for sql in statements]


def on(dialect: str, *statements: str) -> list[Tried]:
    """Statements of one engine."""
    return [(dialect, sql) for sql in statements]

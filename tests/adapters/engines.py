"""The same small marts on each engine, and what each engine's SQL for a thing is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.adapters.clickhouse_limits import Limits
from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.guard import Approved
from gateway.guard.decision import _mint
from tests.adapters.conftest import publish_marts

DATABASE = "engines"
KINDS = ("duckdb", "chdb", "http")
MARTS = (
    "CREATE DATABASE IF NOT EXISTS engines",
    "DROP TABLE IF EXISTS engines.dim_experiments",
    "DROP TABLE IF EXISTS engines.readings",
    """CREATE TABLE engines.dim_experiments (experiment_id String, status LowCardinality(String))
    ENGINE = MergeTree ORDER BY experiment_id""",
    "INSERT INTO engines.dim_experiments VALUES ('a', 'ended'), ('b', 'running')",
    """CREATE TABLE engines.readings (reading_id Int64, label String, price Nullable(Decimal(12, 2)),
    at DateTime64(6), on_day Date) ENGINE = MergeTree ORDER BY reading_id""",
    """INSERT INTO engines.readings SELECT number, concat('row ', toString(number)), toDecimal64(number / 4, 2),
    addSeconds(toDateTime64('2026-02-01 10:00:00', 6), number), toDate('2026-02-01') FROM numbers(10)""",
)
ENDLESS = {
    "duckdb": "SELECT sum(sqrt(a.range + b.range)) FROM range(10000000) AS a, range(1000000) AS b",
    "clickhouse": "SELECT sum(sqrt(a.number + b.number)) FROM numbers(10000000) AS a, numbers(1000000) AS b",
}
ENDLESS_ROWS = {
    "duckdb": "SELECT a.range + b.range FROM range(10000000) AS a, range(1000000) AS b",
    "clickhouse": "SELECT a.number + b.number FROM numbers(10000000) AS a, numbers(1000000) AS b",
}
NEEDS_MEMORY = {
    "duckdb": "SELECT list(range) FROM range(30000000)",
    "clickhouse": "SELECT groupArray(number) FROM numbers(30000000)",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One engine under test."""

    kind: str
    open: Callable[..., DuckDBEngine | ClickHouseEngine]
    """Another engine on the same marts; `memory` is its limit."""
    engine: DuckDBEngine | ClickHouseEngine

    @property
    def dialect(self) -> str:
        return self.engine.name

    def mint(self, sql: str, *, seconds: float = 30.0, rows: int = 100, **reads: Any) -> Approved:
        """A statement that no guard has seen, dressed as approved: what the engine must withstand by itself."""
        return _mint(
            sql=sql,
            proposed=sql,
            dialect=reads.get("dialect", self.dialect),
            role="analyst",
            fingerprint="",
            assets=frozenset(reads.get("assets", ())),
            columns=frozenset(reads.get("columns", ())),
            functions=frozenset(),
            pins=(),
            max_rows=rows,
            max_seconds=seconds,
        )


@contextmanager
def case(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Case]:
    """The engine of that kind, on the marts above."""
    opener = {"duckdb": _duckdb, "chdb": _chdb, "http": _http}[kind](request, folder)
    engine = opener()
    yield Case(kind, opener, engine)
    engine.close()


def _duckdb(request: pytest.FixtureRequest, folder: Path) -> Callable[..., DuckDBEngine | ClickHouseEngine]:
    gold = folder / "gold.duckdb"
    publish_marts(gold)
    return lambda memory="1GB": DuckDBEngine(gold, memory_limit=memory)


def _chdb(request: pytest.FixtureRequest, folder: Path) -> Callable[..., DuckDBEngine | ClickHouseEngine]:
    chdb_folder = request.getfixturevalue("chdb_folder")
    return _clickhouse(f"chdb://{chdb_folder}?database={DATABASE}", interface="chdb", path=str(chdb_folder))


def _http(request: pytest.FixtureRequest, folder: Path) -> Callable[..., DuckDBEngine | ClickHouseEngine]:
    url = f"{request.getfixturevalue('clickhouse_http')}/{DATABASE}"
    address = Address.parse(url)
    login = {"username": address.user, "password": address.password}
    return _clickhouse(url, host=address.host, port=address.port, **login)


def _clickhouse(url: str, **client: Any) -> Callable[..., DuckDBEngine | ClickHouseEngine]:
    import clickhouse_connect

    with clickhouse_connect.get_client(**client) as writer:
        for statement in MARTS:
            writer.command(statement)
    return lambda memory="1GB": ClickHouseEngine(Address.parse(url), Limits(memory=memory))

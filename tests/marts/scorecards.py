"""Scorecards of tiny worlds on every engine: the sources of a warehouse, where each engine reads them."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import duckdb
import pytest

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.marts.clickhouse.server import Server
from gateway.marts.clickhouse.server import table as named
from gateway.marts.clickhouse.tables import Shape, create, nullable, type_of
from gateway.marts.scorecard_compute import Scorecard, compute
from gateway.marts.scorecard_definition import Source, read_definition
from gateway.marts.scorecard_query import Asked
from gateway.marts.scorecard_source import WAREHOUSE, clickhouse_source, duckdb_source
from gateway.marts.warehouse import warehouse_session
from tests.marts.world import MARTS_SQL

ENGINES: Final = ("duckdb", "chdb", "http")
READ: Final = {
    "fct_events": ("event_name", "unit_id"),
    "fct_experiment_assignments": ("experiment_id", "unit_id"),
    "raw_experiments": ("experiment_id",),
    "raw_experiment_variations": ("experiment_id",),
    "raw_experiment_metrics": ("experiment_id",),
}
"""The source tables that a scorecard reads, with an order for ClickHouse."""
Sources = Callable[[Path], AbstractContextManager[Source]]


def sources_on(engine: str, request: pytest.FixtureRequest) -> Sources:
    """Opens the sources of a warehouse file on an engine."""
    if engine == "duckdb":
        return duckdb_source
    if engine == "chdb":
        return on_clickhouse(Address.parse(f"chdb://{request.getfixturevalue('chdb_folder')}?database=scorecards"))
    return on_clickhouse(Address.parse(f"{request.getfixturevalue('clickhouse_http')}/scorecards"))


def on_clickhouse(address: Address) -> Sources:
    """Loads the sources into a database of ClickHouse, which is gone afterwards."""

    @contextmanager
    def opened(warehouse: Path) -> Iterator[Source]:
        database = address.database + WAREHOUSE
        with writing(address) as client, tempfile.TemporaryDirectory() as folder:
            client.command(f"DROP DATABASE IF EXISTS {database}")
            client.command(f"CREATE DATABASE {database}")
            server = Server.of(client, address.database)
            with warehouse_session(warehouse, read_only=True) as con:
                for table, order in READ.items():
                    _load(server, con, table, order, Path(folder))
            with clickhouse_source(client, address.database) as source:
                yield source
            client.command(f"DROP DATABASE {database}")

    return opened


def _load(server: Server, con: duckdb.DuckDBPyConnection, source: str, order: tuple[str, ...], folder: Path) -> None:
    """One source table as somebody else would have it there: every column nullable that is no key."""
    columns = {
        str(column): type_of(str(kind), source) if column in order else nullable(type_of(str(kind), source))
        for column, kind in con.execute(
            "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index", [source]
        ).fetchall()
    }
    create(server, server.warehouse, source, Shape(columns, order))
    file = folder / f"{source}.parquet"
    con.execute(f"copy {source} to '{file}' (format parquet)")
    server.load(named(server.warehouse, source), file)


def scorecard(
    source: Source,
    experiment_id: str = "exp",
    population: Literal["itt", "exposed"] = "exposed",
    as_of: datetime | None = None,
    *,
    method: str = "fieller",
    timeseries: bool = False,
) -> Scorecard:
    """The scorecard of an experiment; as of where its data end, unless told otherwise."""
    definition = read_definition(source, experiment_id)
    asked = Asked(definition, population, as_of or definition.as_of)
    return compute(source, asked, MARTS_SQL, method=method, timeseries=timeseries)


def arm(card: Scorecard, metric: str, variation: str) -> tuple[Any, ...]:
    """n, sum and sum of squares of one arm."""
    totals = next(each for each in card.summary.metrics if each.metric_id == metric).variants[variation]
    return totals.n, totals.sum, totals.sum_squares

"""The statistics kernel's results for marts on ClickHouse: the aggregates come here, the results go there."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from gateway.errors import EngineError
from gateway.marts.clickhouse.server import Server, names, table
from gateway.marts.clickhouse.tables import Shape, create, not_nullable, nullable, type_of
from gateway.marts.warehouse import NOTHING_CHANGED, quoted

READ: Final[Mapping[str, str]] = {
    "dim_experiments": "",
    "dim_experiment_variations": "",
    "dim_experiment_metrics": "",
    "int_experiment_metric_terms": "",
    "int_experiment_metric_caps": "",
    "int_experiment_arm_days": "",
    "fct_experiment_exposure_quality": "",
    "agg_experiment_metric_by_variant": "",
    "fct_experiment_cohort": "NOT in_itt AND NOT is_quarantined",
}
"""What the kernel's tables are made of, and which rows of it: of units, only those of unknown variations."""


def fetch_aggregates(server: Server, con: duckdb.DuckDBPyConnection, database: str) -> None:
    """Fill the kernel's inputs, which are there as empty tables, from ClickHouse."""
    with tempfile.TemporaryDirectory() as folder:
        for called, condition in READ.items():
            file = Path(folder) / f"{called}.parquet"
            columns = [str(row[0]) for row in con.execute(f"describe {quoted(called)}").fetchall()]
            where = f" WHERE {condition}" if condition else ""
            server.fetch(f"SELECT {names(columns)} FROM {table(database, called)}{where}", file)
            con.execute(f"insert into {quoted(called)} select * from read_parquet(?)", [str(file)])


def load_result(
    server: Server, con: duckdb.DuckDBPyConnection, database: str, called: str, grain: tuple[str, ...]
) -> None:
    """One of the kernel's tables into ClickHouse. Raises EngineError where not every row arrives."""
    found = con.execute(f"describe {quoted(called)}").fetchall()
    columns = {str(row[0]): nullable(type_of(str(row[1]), f"{called}.{row[0]}")) for row in found}
    columns |= {key: not_nullable(columns[key]) for key in grain}
    create(server, database, called, Shape(columns, grain))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{called}.parquet"
        con.execute(f"copy {quoted(called)} to '{file}' (format parquet)")
        server.load(table(database, called), file)
    sent = con.execute(f"select count(*) from {quoted(called)}").fetchall()[0][0]
    arrived = server.value(f"SELECT count() FROM {table(database, called)}")
    if sent != arrived:
        raise EngineError(f"{called}: {sent:,} rows were sent and {arrived:,} arrived", hint=NOTHING_CHANGED)

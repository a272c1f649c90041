"""Publishes marts that were built elsewhere: a published DuckDB file, table by table.

The file holds exactly what the contract allows, so the database does too.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from gateway.errors import EngineError
from gateway.marts.build import BUILD_INFO, Progress
from gateway.marts.clickhouse.failures import explained
from gateway.marts.clickhouse.publish import LAST_GOOD, put_in_place, refuse_others
from gateway.marts.clickhouse.server import Server, beside, table
from gateway.marts.clickhouse.tables import Shape, create, fresh_database, nullable, type_of
from gateway.marts.warehouse import quoted, warehouse_session

if TYPE_CHECKING:
    from gateway.semantic.model import Contract


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What was loaded, and where to."""

    database: str
    tables: tuple[tuple[str, int], ...]
    seconds: float


def mirror(gold: Path, server: Server, contract: "Contract", *, progress: Progress | None = None) -> Mirrored:
    """Make the database hold what the published file holds. Raises EngineError, and then no table has changed.

    Tables of the database that the file does not have are dropped: the contract no longer allows them.
    """
    started = time.perf_counter()
    with (
        warehouse_session(gold, read_only=True, what="the published file") as con,
        tempfile.TemporaryDirectory() as folder,
        explained(f"publishing to database {server.published}", LAST_GOOD),
    ):
        names = [str(row[0]) for row in con.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        refuse_others(server)
        with fresh_database(server, beside(server.published)):
            tables = []
            for position, name in enumerate(names, start=1):
                if progress:
                    progress(name, position, len(names))
                asset = contract.assets.get(name)
                tables.append((name, _load(con, server, name, asset.grain if asset else (), Path(folder))))
            put_in_place(server)
    published = tuple(table for table in tables if table[0] != BUILD_INFO)
    return Mirrored(server.published, published, time.perf_counter() - started)


def _load(con: duckdb.DuckDBPyConnection, server: Server, name: str, grain: Sequence[str], folder: Path) -> int:
    """One table, through a Parquet file, which both engines read and write in blocks; its rows."""
    columns = dict(_columns(con, name))
    order = tuple(key for key in grain if key in columns) or tuple(columns)[:1]
    create(server, beside(server.published), name, Shape(columns, order, everywhere=True))
    target, file = table(beside(server.published), name), folder / f"{name}.parquet"
    path = str(file).replace("'", "''")
    con.execute(f"copy {quoted(name)} to '{path}' (format parquet)")
    server.load(target, file)
    file.unlink()
    sent = int(con.execute(f"select count(*) from {quoted(name)}").fetchall()[0][0])
    arrived = int(server.value(f"SELECT count() FROM {target}"))
    if sent != arrived:
        raise EngineError(f"{name}: {sent:,} rows were sent and {arrived:,} arrived", hint=LAST_GOOD)
    return arrived


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[tuple[str, str]]:
    """Names with ClickHouse's types; nullable only where a null is, which is smaller and faster to read."""
    found = con.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index", [name]
    ).fetchall()
    counts = ", ".join(f"count(*) - count({quoted(column)})" for column, _ in found)
    nulls = con.execute(f"select {counts} from {quoted(name)}").fetchall()[0]
    for (column, kind), missing in zip(found, nulls, strict=True):
        known = type_of(str(kind), f"{name}.{column}")
        yield str(column), nullable(known) if missing else known

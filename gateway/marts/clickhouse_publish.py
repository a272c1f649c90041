"""Publishing into ClickHouse: the published file, table by table, as MergeTree tables ordered by their grain.

The file holds exactly what the contract allows, so the database does too. Each table is loaded beside the one that is
read, counted, and then exchanged with it in one step; a reader sees the old one or the new one, never half of either.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from gateway.errors import EngineError
from gateway.marts.build import BUILD_INFO, Progress
from gateway.marts.warehouse import quoted, warehouse_session

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from gateway.semantic.model import Contract

_BESIDE: Final = "__new"
_TYPES: Final[Mapping[str, str]] = {
    "VARCHAR": "String", "BOOLEAN": "Bool", "TINYINT": "Int8", "SMALLINT": "Int16", "INTEGER": "Int32",
    "BIGINT": "Int64", "HUGEINT": "Int128", "UTINYINT": "UInt8", "USMALLINT": "UInt16", "UINTEGER": "UInt32",
    "UBIGINT": "UInt64", "FLOAT": "Float32", "DOUBLE": "Float64", "DATE": "Date32", "TIMESTAMP": "DateTime64(6)",
}  # fmt: skip
_LAST_GOOD: Final = "The last published marts are still in place."


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What was loaded, and where to."""

    database: str
    tables: tuple[tuple[str, int], ...]
    seconds: float


def mirror(
    gold: Path, client: "Client", database: str, contract: "Contract", *, progress: Progress | None = None
) -> Mirrored:
    """Make the database hold what the published file holds. Raises EngineError, and then no table has changed.

    Tables of the database that the file does not have are dropped: the contract no longer allows them.
    """
    started = time.perf_counter()
    beside = database + _BESIDE
    with warehouse_session(gold, read_only=True, what="the published file") as con, tempfile.TemporaryDirectory() as to:
        names = [str(row[0]) for row in con.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        try:
            client.command(f"CREATE DATABASE IF NOT EXISTS {_name(database)}")
            client.command(f"DROP DATABASE IF EXISTS {_name(beside)}")
            client.command(f"CREATE DATABASE {_name(beside)}")
            tables = []
            for position, name in enumerate(names, start=1):
                if progress:
                    progress(name, position, len(names))
                asset = contract.assets.get(name)
                tables.append((name, _load(con, client, beside, name, asset.grain if asset else (), Path(to))))
            _exchange(client, beside, database, names)
            client.command(f"DROP DATABASE {_name(beside)}")
        except ClickHouseError as error:
            raise _failed(error, database) from error
    return Mirrored(database, tuple(table for table in tables if table[0] != BUILD_INFO), time.perf_counter() - started)


def published_at(client: "Client", database: str) -> datetime | None:
    """When the database was published to, or None where it holds nothing of ours."""
    try:
        rows = client.query(f"SELECT published_at FROM {_name(database)}.{_name(BUILD_INFO)}").result_rows
    except ClickHouseError:
        return None
    found = rows[0][0] if rows else None
    return found if isinstance(found, datetime) else None


def _load(
    con: duckdb.DuckDBPyConnection, client: "Client", database: str, table: str, grain: Sequence[str], folder: Path
) -> int:
    """One table, through a Parquet file, which both engines read and write in blocks."""
    columns = dict(_columns(con, table))
    keys = [name for name in grain if name in columns] or list(columns)[:1]
    defined = ", ".join(f"{_name(name)} {kind}" for name, kind in columns.items())
    nullable = any(columns[name].startswith("Nullable") for name in keys)
    target = f"{_name(database)}.{_name(table)}"
    client.command(
        f"CREATE TABLE {target} ({defined}) ENGINE = MergeTree ORDER BY ({', '.join(map(_name, keys))})"
        + (" SETTINGS allow_nullable_key = 1" if nullable else "")
    )
    file = folder / f"{table}.parquet"
    path = str(file).replace("'", "''")
    con.execute(f"copy {quoted(table)} to '{path}' (format parquet)")
    with file.open("rb") as data:
        client.raw_insert(target, insert_block=data, fmt="Parquet")
    file.unlink()
    return _counted(con, client, table, target)


def _counted(con: duckdb.DuckDBPyConnection, client: "Client", table: str, target: str) -> int:
    """The rows that arrived, which must be the rows that were sent."""
    sent = con.execute(f"select count(*) from {quoted(table)}").fetchall()[0][0]
    arrived = client.query(f"SELECT count() FROM {target}").result_rows[0][0]
    if sent != arrived:
        raise EngineError(f"{table}: {sent:,} rows were sent and {arrived:,} arrived", hint=_LAST_GOOD)
    return int(arrived)


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[tuple[str, str]]:
    """Names with ClickHouse's types; nullable only where a null is, which is smaller and faster to read."""
    found = con.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index", [table]
    ).fetchall()
    counts = ", ".join(f"count(*) - count({quoted(name)})" for name, _ in found)
    nulls = con.execute(f"select {counts} from {quoted(table)}").fetchall()[0]
    for (name, kind), missing in zip(found, nulls, strict=True):
        known = _TYPES.get(kind, kind.capitalize() if kind.startswith("DECIMAL(") else "")
        if not known:
            raise EngineError(f"{table}.{name}: ClickHouse gets no column of type {kind}", hint=_LAST_GOOD)
        yield name, f"Nullable({known})" if missing else known


def _exchange(client: "Client", beside: str, database: str, names: Sequence[str]) -> None:
    """New for old, one table after the other, within milliseconds."""
    there = {
        str(row[0])
        for row in client.query(
            "SELECT name FROM system.tables WHERE database = {name:String}", parameters={"name": database}
        ).result_rows
    }
    for name in names:
        new, old = f"{_name(beside)}.{_name(name)}", f"{_name(database)}.{_name(name)}"
        client.command(f"EXCHANGE TABLES {new} AND {old}" if name in there else f"RENAME TABLE {new} TO {old}")
    for name in sorted(there - set(names)):
        client.command(f"DROP TABLE {_name(database)}.{_name(name)}")


def _failed(error: ClickHouseError, database: str) -> EngineError:
    code = error.code if isinstance(error, Error) else None
    if code in (164, 497):
        return EngineError(
            f"the gateway's user may not write to database {database!r}",
            hint=f"Publish as a user that may create databases and tables. {_LAST_GOOD}",
        )
    cause = f"ClickHouse error {code}" if code is not None else "the connection broke"
    return EngineError(f"publishing to database {database!r} failed: {cause}", hint=_LAST_GOOD)


def _name(name: str) -> str:
    """A name as ClickHouse reads it verbatim."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

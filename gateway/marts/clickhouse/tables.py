"""Tables as ClickHouse gets them: types equal to DuckDB's, ordered by the grain, exchanged as a set."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.exceptions import ClickHouseError

from gateway.errors import EngineError
from gateway.marts.clickhouse import cluster
from gateway.marts.clickhouse.server import Server, literal, name, names, table

_TYPES: Final[Mapping[str, str]] = {
    "VARCHAR": "String", "BOOLEAN": "Bool", "TINYINT": "Int8", "SMALLINT": "Int16", "INTEGER": "Int32",
    "BIGINT": "Int64", "HUGEINT": "Int128", "UTINYINT": "UInt8", "USMALLINT": "UInt16", "UINTEGER": "UInt32",
    "UBIGINT": "UInt64", "FLOAT": "Float32", "DOUBLE": "Float64", "DATE": "Date32", "TIMESTAMP": "DateTime64(6, 'UTC')",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """A table but for its rows."""

    columns: Mapping[str, str]
    """Names with ClickHouse's types, in order."""
    order: tuple[str, ...] = ()
    """Its sorting key: the grain."""
    partition: str = ""
    """Expression by which it is cut into parts that can be replaced on their own; empty for one part."""
    everywhere: bool = False
    """On a cluster, whole on every server, though it may have units."""


def type_of(kind: str, where: str) -> str:
    """ClickHouse's type for one of DuckDB's. Raises EngineError where there is none."""
    known = _TYPES.get(kind, kind.capitalize() if kind.startswith("DECIMAL(") else "")
    if not known:
        raise EngineError(f"{where}: ClickHouse gets no column of type {kind}")
    return known


def nullable(kind: str) -> str:
    """The type with nulls."""
    if kind.startswith("LowCardinality("):
        return f"LowCardinality({nullable(kind.removeprefix('LowCardinality(').removesuffix(')'))})"
    return kind if is_nullable(kind) else f"Nullable({kind})"


def not_nullable(kind: str) -> str:
    """The type without nulls."""
    if kind.startswith("LowCardinality("):
        return f"LowCardinality({not_nullable(kind.removeprefix('LowCardinality(').removesuffix(')'))})"
    return kind.removeprefix("Nullable(").removesuffix(")") if is_nullable(kind) else kind


def is_nullable(kind: str) -> bool:
    """Whether a type has nulls."""
    return kind.startswith(("Nullable(", "LowCardinality(Nullable("))


def create(
    server: Server, database: str, called: str, shape: Shape, *, comment: str = "", if_absent: bool = False
) -> None:
    """An empty table; on a cluster, one on every server, and where it is sharded another that reads all of them."""
    keys = [key for key in shape.order if key in shape.columns]
    defined = ", ".join(f"{name(column)} {kind}" for column, kind in shape.columns.items())
    partition = f" PARTITION BY {shape.partition}" if shape.partition else ""
    settings = " SETTINGS allow_nullable_key = 1" if any(map(is_nullable, shape.columns.values())) else ""
    made = f"CREATE TABLE {'IF NOT EXISTS ' if if_absent else ''}"
    told = f" COMMENT {literal(comment)}" if comment else ""
    shards = _shards(server, shape)
    holder = called + cluster.LOCAL if shards else called
    server.run(
        f"{made}{table(database, holder)}{server.on_cluster} ({defined}) ENGINE = {cluster.engine(server, shards)}"
        f"{partition} ORDER BY ({names(keys)}){settings}{told}"
    )
    if shards:
        over = cluster.distributed(server, database, called, shards)
        server.run(f"{made}{table(database, called)}{server.on_cluster} ({defined}) ENGINE = {over}{told}")


def _shards(server: Server, shape: Shape) -> str:
    return "" if shape.everywhere else cluster.shards_of(server, shape.columns)


def create_as(server: Server, database: str, called: str, select: str) -> None:
    """A table of what a query gives, in no order, for one statement to read. On a cluster, it is on one server only."""
    server.run(f"CREATE TABLE {table(database, called)} ENGINE = MergeTree ORDER BY tuple() AS {select}")


def drop(server: Server, database: str, called: str) -> None:
    """A table away, with its data, where it is there."""
    for each in (called, called + cluster.LOCAL) if server.cluster else (called,):
        server.run(f"DROP TABLE IF EXISTS {table(database, each)}{server.on_cluster} SYNC")


def parts_of(server: Server, database: str, called: str, shape: Shape) -> str:
    """The table whose partitions can be replaced: on a cluster, that of each shard."""
    is_sharded = bool(_shards(server, shape))
    return table(database, called + cluster.LOCAL if is_sharded else called)


def create_database(server: Server, database: str) -> None:
    """A database, unless it is there."""
    server.run(f"CREATE DATABASE IF NOT EXISTS {name(database)}{server.on_cluster}")


@contextmanager
def fresh_database(server: Server, database: str) -> Iterator[None]:
    """An empty database to make something in, which is gone afterwards whatever happens.

    Raises EngineError where another run is at work in it.
    """
    busy = server.value(
        "SELECT count() FROM system.processes WHERE position(query, {database:String}) > 0"
        " AND position(query, 'system.processes') = 0",
        database=name(database),
    )
    if busy:
        raise EngineError(f"database {database} is in use by another build, load or publish", hint="Wait for it.")
    _drop_database(server, database)
    server.run(f"CREATE DATABASE {name(database)}{server.on_cluster}")
    try:
        yield
    except BaseException:
        with suppress(ClickHouseError):  # what failed first is what is told
            _drop_database(server, database)
        raise
    _drop_database(server, database)


def _drop_database(server: Server, database: str) -> None:
    server.run(f"DROP DATABASE IF EXISTS {name(database)}{server.on_cluster} SYNC")


def in_database(server: Server, database: str) -> tuple[str, ...]:
    """Names of what a database holds, tables and views."""
    return tuple(called for called in _all_in(server, database) if not called.endswith(cluster.LOCAL))


def _all_in(server: Server, database: str) -> tuple[str, ...]:
    rows = server.rows("SELECT name FROM system.tables WHERE database = {database:String}", database=database)
    return tuple(sorted(str(row[0]) for row in rows))


def exchange(server: Server, source: str, target: str, called: Collection[str]) -> None:
    """Tables of one database for those of the same names in another, all of them in one statement.

    What the other does not have yet is moved there first: nobody reads that.
    """
    here, there = set(_all_in(server, source)), set(_all_in(server, target))
    sharded = [one for one in called if one + cluster.LOCAL in here]
    wanted = sorted({one + cluster.LOCAL if one in sharded else one for one in called})
    cluster.wait_for_replicas(server, source, wanted)
    new = [one for one in wanted if one not in there]
    old = [one for one in wanted if one in there]
    if new:
        server.run(f"RENAME TABLE {_pairs(source, target, new, 'TO')}{server.on_cluster}")
    if old:
        server.run(f"EXCHANGE TABLES {_pairs(source, target, old, 'AND')}{server.on_cluster}")
    for one in sharded:  # the table over the shards names its database, and so can't be exchanged itself
        cluster.put_over_shards(server, source, target, one)


def _pairs(source: str, target: str, called: Sequence[str], word: str) -> str:
    return ", ".join(f"{table(source, one)} {word} {table(target, one)}" for one in called)

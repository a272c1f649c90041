"""Marts on a cluster: units are spread over its shards, everything else is on every server.

A table with units is two: a replicated one on every shard, and a Distributed one of the table's own name over them.
Rows of one unit are on one shard. Tables without units are small, and each server has a replica of them; so are the
published ones, that grants and row policies hold on every server as they do on one.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from gateway.marts.clickhouse.server import Server, literal, table

LOCAL: Final = "__local"
"""Ends the name of a table that holds one shard's rows."""
_UNITS: Final[Mapping[str, str]] = {
    "unit_id": "cityHash64(ifNull(`unit_id`, ''))",
    "unit_key": "cityHash64(`unit_key`)",
}
"""Columns that tell units apart, and what spreads them: no null, which a sharding key can't be."""


def shards_of(server: Server, columns: Collection[str]) -> str:
    """The expression that spreads a table's rows over the shards; empty where each server has all of them."""
    spreads = (spread for column, spread in _UNITS.items() if column in columns)
    return next(spreads, "") if server.cluster else ""


def engine(server: Server, shards: str) -> str:
    """The engine of the table that holds the rows."""
    if not server.cluster:
        return "MergeTree"
    if shards:
        return "ReplicatedMergeTree"
    return "ReplicatedMergeTree('/clickhouse/tables/{uuid}/everywhere', '{shard}-{replica}')"


def distributed(server: Server, database: str, called: str, shards: str) -> str:
    """The engine of the table that reads and fills all shards."""
    return f"Distributed({literal(server.cluster)}, {literal(database)}, {literal(called + LOCAL)}, {shards})"


def put_over_shards(server: Server, source: str, target: str, called: str) -> None:
    """The table over the shards of `target`, with the columns of the one in `source`, and what is said of it."""
    where = " WHERE database = {database:String} AND table = {called:String}"
    rows = server.rows(f"SELECT name FROM system.columns{where}", database=source, called=called)
    comment = server.value(
        "SELECT comment FROM system.tables WHERE database = {database:String} AND name = {called:String}",
        database=source,
        called=called,
    )
    shards = shards_of(server, [str(row[0]) for row in rows])
    server.run(
        f"CREATE OR REPLACE TABLE {table(target, called)}{server.on_cluster} AS {table(source, called)}"
        f" ENGINE = {distributed(server, target, called, shards)} COMMENT {literal(str(comment or ''))}"
    )


def wait_for_replicas(server: Server, database: str, tables: Iterable[str]) -> None:
    """Until every replica has what was written to one of them."""
    for called in tables if server.cluster else ():
        server.run(f"SYSTEM SYNC REPLICA{server.on_cluster} {table(database, called)}")

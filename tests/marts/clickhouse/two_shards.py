"""A cluster of two shards in one engine: what has no second machine here is put in its place, and nothing else.

The engine reads its Distributed tables over two shards, and joins over them, as on two machines; both shards are
itself. What a shard holds is a view of the rows whose sharding key falls to it. In place of replicas are plain tables,
and a statement ON CLUSTER is run once. Every statement, as a cluster would get it, is read by the engine's own parser.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.marts.clickhouse.cluster import LOCAL
from gateway.marts.clickhouse.server import Server, literal, table
from tests import clickhouse

SHARD = f"__shard{LOCAL}"
_CONFIG = """<clickhouse>
  <remote_servers><two>
    <shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard>
    <shard><replica><host>localhost</host><port>9000</port></replica></shard>
  </two></remote_servers>
  <tcp_port>9000</tcp_port>
</clickhouse>"""
_REPLICATED = re.compile(r"ReplicatedMergeTree(\([^)]*\))?")
_OVER = re.compile(r"Distributed\('two', '([^']+)', '([^']+)__local', (.+?\))\)(?= COMMENT|$)")
_INTO = re.compile(r"INSERT INTO `([^`]+)`\.`([^`]+)`")


@dataclass(frozen=True, slots=True)
class TwoShards(Server):
    """A server of that cluster."""

    def run(self, sql: str) -> None:
        assert self.rows(f"SELECT formatQuery({literal(sql)})")
        if sql.startswith("SYSTEM SYNC REPLICA"):
            return
        sql = _REPLICATED.sub("MergeTree", sql.replace(" ON CLUSTER `two`", ""))
        if over := _OVER.search(sql):
            database, called, key = over.groups()
            Server.run(
                self,
                f"CREATE OR REPLACE VIEW {table(database, called + SHARD)} AS SELECT * FROM"
                f" {table(database, called + LOCAL)} WHERE {key} % 2 = shardNum() - 1",
            )
            sql = sql.replace(f"'{called}{LOCAL}'", f"'{called}{SHARD}'")
        Server.run(self, self._into_shards(sql))

    def load(self, target: str, file: Path) -> None:
        Server.load(self, self._into_shards(f"INSERT INTO {target}").removeprefix("INSERT INTO "), file)

    def _into_shards(self, sql: str) -> str:
        """A view takes no rows: they go where it reads."""
        if (into := _INTO.match(sql)) and self._is_sharded(*into.groups()):
            return sql.replace(into[0], f"INSERT INTO {table(into[1], into[2] + LOCAL)}", 1)
        return sql

    def _is_sharded(self, database: str, called: str) -> bool:
        where = "database = {database:String} AND name = {called:String}"
        return bool(
            self.value(f"SELECT count() FROM system.tables WHERE {where}", database=database, called=called + LOCAL)
        )

    def shards(self, database: str, called: str) -> Sequence[Any]:
        """How many rows each shard has."""
        counts = self.rows(f"SELECT shardNum() AS shard, count() FROM {table(database, called)} GROUP BY shard")
        return sorted(tuple(row) for row in counts)


@contextmanager
def two_shards(folder: Path) -> Iterator[TwoShards]:
    """One in a process of its own."""
    config = folder / "config.xml"
    config.write_text(_CONFIG)
    with clickhouse.http_server(f"{folder / 'data'}?config-file={config}") as address:
        where = Address.parse(f"{address}/gold", cluster="two")
        with writing(where) as client:
            yield TwoShards.of(client, where.database, where.cluster)

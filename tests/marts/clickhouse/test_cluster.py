"""On a cluster, units are spread over the shards, everything else is everywhere, and the marts are the same."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.errors import ContractError
from gateway.marts.build import build as build_here
from gateway.marts.clickhouse.build import build
from gateway.marts.clickhouse.checks import check
from gateway.marts.clickhouse.loading import load_sources
from gateway.marts.clickhouse.publish import publish
from gateway.semantic.load import load_contract
from tests.marts.clickhouse.dirty import Dirt
from tests.marts.clickhouse.equality import differences
from tests.marts.clickhouse.two_shards import TwoShards, two_shards
from tests.marts.world import MARTS_SQL, World


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[TwoShards]:
    with two_shards(tmp_path) as server:
        yield server


def test_marts_over_two_shards_are_those_of_one_server(world: World, cluster: TwoShards) -> None:
    Dirt(world, 11).fill(units=30, events=200)
    load_sources(cluster, world.path)
    build(cluster, MARTS_SQL)
    build_here(world.path, MARTS_SQL)
    with duckdb.connect(str(world.path), read_only=True) as con:
        assert differences(con, cluster) == []
        events = con.execute("select count(*) from fct_events").fetchall()[0][0]
    shards = cluster.shards(cluster.warehouse, "fct_events")
    assert [shard for shard, _ in shards] == [1, 2]
    assert sum(count for _, count in shards) == events
    assert check(cluster, MARTS_SQL)
    for _ in range(2):
        report = publish(cluster, load_contract(MARTS_SQL / "semantic_layer.yaml"))
    engines = cluster.rows("SELECT DISTINCT engine FROM system.tables WHERE database = 'gold'")
    assert engines == [("MergeTree",)], "what is published is whole on every server"
    published = cluster.value("SELECT count() FROM gold.fct_experiment_cohort")
    assert dict(report.tables)["fct_experiment_cohort"] == published > 0


@pytest.mark.slow
def test_an_incremental_build_over_two_shards_is_a_full_one(world: World, cluster: TwoShards) -> None:
    Dirt(world, 12).fill(units=40, events=300)
    load_sources(cluster, world.path)
    build(cluster, MARTS_SQL)
    world.insert("fct_events", [("late", None, "u1", "purchase", None, None, "5", None, None, None)])
    world._writing().execute("delete from fct_events where cast(event_ts as date) = date '2026-02-03'")
    load_sources(cluster, world.path)
    build(cluster, MARTS_SQL, incremental=True)
    build_here(world.path, MARTS_SQL)
    with duckdb.connect(str(world.path), read_only=True) as con:
        assert differences(con, cluster) == []


def sent(cluster: TwoShards, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent from here on."""
    statements: list[str] = []
    run = TwoShards.run

    def keep(self: TwoShards, sql: str) -> None:
        statements.append(sql)
        run(self, sql)

    monkeypatch.setattr(TwoShards, "run", keep)
    return statements


def test_what_is_sent_to_a_cluster(world: World, cluster: TwoShards, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = sent(cluster, monkeypatch)
    world.experiment()
    world.enrol("u1", "control")
    load_sources(cluster, world.path)
    (events,) = (sql for sql in statements if sql.startswith("CREATE TABLE `gold_warehouse`.`fct_events__local`"))
    assert " ON CLUSTER `two` (" in events
    assert "ENGINE = ReplicatedMergeTree PARTITION BY ifNull(toYYYYMMDD(`event_ts`), 0) ORDER BY" in events
    (over,) = (sql for sql in statements if sql.startswith("CREATE TABLE `gold_warehouse`.`fct_events` "))
    assert "Distributed('two', 'gold_warehouse', 'fct_events__local', cityHash64(ifNull(`unit_id`, '')))" in over
    (metrics,) = (sql for sql in statements if sql.startswith("CREATE TABLE `gold_warehouse__load`.`raw_metrics`"))
    assert "ReplicatedMergeTree('/clickhouse/tables/{uuid}/everywhere', '{shard}-{replica}')" in metrics
    assert (
        "ALTER TABLE `gold_warehouse`.`fct_events__local` ON CLUSTER `two` REPLACE PARTITION 20260201 FROM"
        " `gold_warehouse__load`.`fct_events__local`" in statements
    )
    assert "SYSTEM SYNC REPLICA ON CLUSTER `two` `gold_warehouse__load`.`raw_metrics`" in statements
    changes = [sql for sql in statements if not sql.startswith("INSERT")]
    assert all(" ON CLUSTER `two`" in sql for sql in changes)


def test_a_cluster_that_is_not_there_is_one_line(chdb_address: str) -> None:
    address = Address.parse(chdb_address, cluster="nowhere")
    with pytest.raises(ContractError, match="has no cluster 'nowhere'"), writing(address):
        pass

"""Sources: loaded from the local warehouse, part by part, or somebody else's own, read as the models expect them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.errors import ContractError, EngineError
from gateway.marts.build import build as build_here
from gateway.marts.clickhouse.build import build
from gateway.marts.clickhouse.loading import load_sources
from gateway.marts.clickhouse.server import Server
from gateway.marts.sources import SOURCE_TABLES
from tests import clickhouse
from tests.marts.clickhouse.dirty import Dirt
from tests.marts.clickhouse.equality import MARTS, differences
from tests.marts.world import MARTS_SQL, World, at


@pytest.fixture
def small(world: World) -> World:
    world.experiment()
    world.metric("revenue", "sum")
    for day in (1, 2, 3):
        world.enrol(f"u{day}", "control", at(day))
        world.event(f"u{day}", "purchase", at(day, 12), "5")
    return world


def loaded(server: Server, world: World) -> list[tuple[str, str, int]]:
    return [(part.source, part.part, part.rows) for part in load_sources(server, world.path).parts]


def rows_there(server: Server, source: str) -> list[tuple[Any, ...]]:
    rows = server.rows(f"SELECT {', '.join(columns(source))} FROM {server.warehouse}.{source}")
    return sorted((tuple(row) for row in rows), key=repr)


def columns(source: str) -> list[str]:
    return [part.split()[0] for part in SOURCE_TABLES[source].split(",")]


def test_every_row_of_every_source_arrives_as_it_is(world: World, server: Server) -> None:
    Dirt(world, 7).fill(units=20, events=100)
    load_sources(server, world.path)
    for source in SOURCE_TABLES:
        here = world.rows(f"select {', '.join(columns(source))} from {source}")
        assert rows_there(server, source) == sorted(here, key=repr), source


def test_only_days_that_changed_are_sent_again(small: World, embedded: Server) -> None:
    first = loaded(embedded, small)
    assert {part for part in first if part[0] == "fct_events"} == {
        ("fct_events", f"2026020{day}", 2) for day in (1, 2, 3)
    }
    assert loaded(embedded, small) == []
    small.event("u1", "purchase", at(2, 13), "7")
    assert loaded(embedded, small) == [("fct_events", "20260202", 3)]
    small._writing().execute("delete from fct_events where event_ts >= timestamp '2026-02-03'")
    assert loaded(embedded, small) == []
    assert len(rows_there(embedded, "fct_events")) == 5


def test_a_null_where_there_was_none_gives_the_table_another_type(small: World, embedded: Server) -> None:
    load_sources(embedded, small.path)
    small.insert("fct_events", [(None, None, None, None, None, None, None, None, None, None)])
    assert len(loaded(embedded, small)) == 4
    assert rows_there(embedded, "fct_events") == sorted(small.rows("from fct_events"), key=repr)


def test_a_load_that_broke_off_is_not_built_from_and_goes_on_where_it_stopped(
    small: World, embedded: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Server.load

    def breaks(self: Server, target: str, file: Path) -> None:
        if "fct_experiment_assignments" in target:
            raise EngineError("the connection broke")
        sent(self, target, file)

    with monkeypatch.context() as patch:
        patch.setattr(Server, "load", breaks)
        with pytest.raises(EngineError):
            load_sources(embedded, small.path)
    with pytest.raises(ContractError, match="are loaded in part: a load broke off"):
        build(embedded, MARTS_SQL)
    again = loaded(embedded, small)
    assert "fct_events" not in {source for source, _, _ in again}
    build(embedded, MARTS_SQL)


def test_tables_of_somebody_else_are_never_replaced(small: World, embedded: Server) -> None:
    embedded.run(f"CREATE DATABASE {embedded.warehouse}")
    embedded.run(f"CREATE TABLE {embedded.warehouse}.fct_events (x Int8) ENGINE = MergeTree ORDER BY x")
    with pytest.raises(ContractError, match="that the gateway did not load: fct_events"):
        load_sources(embedded, small.path)


def test_times_that_clickhouse_does_not_have_are_named(small: World, embedded: Server) -> None:
    small.event("u1", "purchase", datetime(2300, 1, 1), "1")
    with pytest.raises(ContractError, match=r"fct_events\.event_ts: 1 times are before 1900-01-01 or from 2300-01-01"):
        load_sources(embedded, small.path)


def test_a_warehouse_without_sources_says_what_is_missing(embedded: Server) -> None:
    embedded.run(f"CREATE DATABASE {embedded.warehouse}")
    embedded.run(f"CREATE TABLE {embedded.warehouse}.fct_event (event_id String) ENGINE = MergeTree ORDER BY event_id")
    embedded.run(
        f"CREATE TABLE {embedded.warehouse}.raw_metrics (metric_id String, lable String) ENGINE = MergeTree"
        " ORDER BY metric_id"
    )
    with pytest.raises(ContractError) as refused:
        build(embedded, MARTS_SQL)
    assert refused.value.message == f"database {embedded.warehouse} does not hold the sources"
    assert "no table fct_events. Did you mean 'fct_event'?" in refused.value.problems
    assert "raw_metrics has no column label. Did you mean 'lable'?" in refused.value.problems
    assert not any("imp_" in problem for problem in refused.value.problems)


OWN = """
CREATE TABLE {db}.fct_events (event_id UUID, event_ts DateTime('Asia/Tokyo'), unit_id UInt64,
    event_name Enum8('exposure' = 1, 'purchase' = 2), experiment_id LowCardinality(Nullable(String)),
    variation_id Nullable(Enum8('control' = 1, 'treatment' = 2)), value Nullable(Decimal(12, 3)),
    platform LowCardinality(String), country FixedString(2), customer_type Nullable(String))
    ENGINE = MergeTree ORDER BY event_ts;
CREATE TABLE {db}.fct_experiment_assignments (experiment_id String, unit_id UInt64,
    assigned_at DateTime64(3, 'America/New_York'), variation_id Enum8('control' = 1, 'treatment' = 2), platform String,
    country FixedString(2), customer_type Nullable(String)) ENGINE = MergeTree ORDER BY unit_id;
CREATE TABLE {db}.raw_experiments (experiment_id String, name String, description String, hypothesis String,
    owner String, status LowCardinality(String), unit_type String, started_at Date, ended_at Nullable(DateTime),
    as_of DateTime('Europe/Berlin'), primary_metric_id String, origin String) ENGINE = MergeTree ORDER BY experiment_id;
CREATE TABLE {db}.raw_experiment_variations (experiment_id String, variation_id String, name String, is_control UInt8,
    expected_share Float32, origin String) ENGINE = MergeTree ORDER BY experiment_id;
CREATE TABLE {db}.raw_metrics (metric_id String, label String, description String, aggregation String, desired String,
    unit String, origin String) ENGINE = MergeTree ORDER BY metric_id;
CREATE TABLE {db}.raw_experiment_metrics (experiment_id String, metric_id String, label String, role String,
    aggregation String, desired String, window_days UInt16, noninferiority_margin Nullable(Float64),
    numerator_event String, numerator_agg Nullable(String), denominator_event Nullable(String),
    denominator_agg Nullable(String), source String, origin String) ENGINE = MergeTree ORDER BY experiment_id;
INSERT INTO {db}.raw_experiments SELECT 'exp', 'exp', '', '', 'team', 'ended', 'user', '2026-02-01',
    '2026-02-15 00:00:00', toDateTime('2026-02-15 00:00:00', 'UTC'), 'conversion', 'seed';
INSERT INTO {db}.raw_experiment_variations VALUES ('exp', 'control', 'control', 1, 0.5, 'seed'),
    ('exp', 'treatment', 'treatment', 0, 0.5, 'seed');
INSERT INTO {db}.raw_metrics VALUES ('revenue', 'revenue', '', 'sum', 'increase', '', 'seed');
INSERT INTO {db}.raw_experiment_metrics VALUES ('exp', 'revenue', 'revenue', 'primary', 'sum', 'increase', 7, NULL,
    'purchase', NULL, NULL, NULL, 'events', 'seed');
INSERT INTO {db}.fct_experiment_assignments SELECT 'exp', number, toDateTime64('2026-02-01 23:30:00', 3, 'UTC')
    + number, number % 2 + 1, 'web', 'US', 'new' FROM numbers(8);
INSERT INTO {db}.fct_events SELECT generateUUIDv4(), toDateTime('2026-02-01 23:30:00', 'UTC') + number, number, 1,
    'exp', number % 2 + 1, NULL, 'web', 'US', 'new' FROM numbers(8);
INSERT INTO {db}.fct_events SELECT generateUUIDv4(), toDateTime('2026-02-08 23:30:00', 'UTC') + 2, number, 2, NULL,
    NULL, number + 0.125, 'web', 'US', 'new' FROM numbers(8);
"""


def test_sources_of_other_types_and_time_zones_are_read_as_they_mean(world: World, server: Server) -> None:
    """Windows of seven days: the last second counts only for units assigned after the second one, in every zone."""
    server.run(f"CREATE DATABASE {server.warehouse}")
    for statement in OWN.format(db=server.warehouse).split(";\n"):
        if statement.strip():
            server.run(statement)
    world.experiment()
    world.metric("revenue", "sum")
    start = at(1, 23, 30)
    for unit in range(8):
        world.assign(str(unit), ("control", "treatment")[unit % 2], start + timedelta(seconds=unit))
        world.expose(str(unit), ("control", "treatment")[unit % 2], start + timedelta(seconds=unit))
        world.event(str(unit), "purchase", start + timedelta(days=7, seconds=2), f"{unit}.125")
    build_here(world.path, MARTS_SQL)
    build(server, MARTS_SQL)
    with duckdb.connect(str(world.path), read_only=True) as con:
        marts = [mart for mart in MARTS if not mart.startswith("stg_")]  # their event ids are others
        assert differences(con, server, marts) == []
    assert server.value(f"SELECT sum(amount_itt) FROM {server.warehouse}.int_experiment_metric_unit_days") == 25.625


@pytest.mark.slow
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_the_time_zone_of_the_server_does_not_matter(world: World, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    Dirt(world, 3).fill()
    build_here(world.path, MARTS_SQL)
    with clickhouse.http_server() as address, writing(Address.parse(f"{address}/gold")) as client:
        server = Server.of(client, "gold")
        assert server.value("SELECT serverTimezone()") == zone
        load_sources(server, world.path)
        build(server, MARTS_SQL)
        with duckdb.connect(str(world.path), read_only=True) as con:
            assert differences(con, server) == []

"""An incremental build gives what a full one gives, and standardises no day that nothing has happened to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.marts.build import build as build_here
from gateway.marts.clickhouse.build import Build, build, make_models, put_in_place, told
from gateway.marts.clickhouse.loading import load_sources
from gateway.marts.clickhouse.models import columns_of, empty_marts, grains
from gateway.marts.clickhouse.server import Server
from gateway.marts.clickhouse.sources import readable
from gateway.marts.clickhouse.tables import fresh_database
from gateway.marts.project import load_project
from tests.marts.clickhouse.dirty import Dirt
from tests.marts.clickhouse.equality import differences
from tests.marts.world import MARTS_SQL, World, at

NOTHING_BEFORE = "the events of all days were standardised: the last build, if there was one, is nothing to go on from"
PROJECT = load_project(MARTS_SQL)
STAGING = ("dim_experiment_metrics", "int_experiment_metric_terms", "stg_conversion_events", "stg_experiment_exposures",
           "fct_metric_event_quality_daily")  # fmt: skip
"""Events standardised, what that rests on, and a mart made of it: the rest of a build is always made anew."""


@pytest.fixture
def few(world: World) -> World:
    """Five days with an event each, and a metric."""
    world.experiment()
    world.metric("revenue", "sum")
    for day in range(1, 6):
        world.enrol(f"u{day}", "control", at(day))
        world.event(f"u{day}", "purchase", at(day, 12), "5", event_id=f"p{day}")
    return world


def built(server: Server, world: World, *, incremental: bool = True) -> str:
    """What a build of the staging says of itself, once its tables are those that DuckDB makes."""
    load_sources(server, world.path)
    project = replace(PROJECT, models=tuple(model for model in PROJECT.models if model.name in STAGING))
    with empty_marts(project) as con:
        run = Build(server, project, columns_of(con), grains(project.schema), is_incremental=incremental)
    run.relations.update(readable(server, ["fct_events", "raw_experiment_metrics"], run.schema))
    with fresh_database(server, run.target):
        list(make_models(run, lambda *_: None))
        put_in_place(run)
    with duckdb.connect(str(world.path)) as con:
        for model in project.models:
            con.execute(f"create or replace table {model.name} as {model.sql}")
        assert differences(con, server, STAGING) == []
    return told(run)


def test_only_days_that_changed_are_standardised_again(few: World, embedded: Server) -> None:
    assert built(embedded, few) == NOTHING_BEFORE
    assert built(embedded, few) == "the events of 0 of 5 days were standardised again"
    few.event("u2", "purchase", at(3, 13), "7")
    assert built(embedded, few) == "the events of 1 of 5 days were standardised again"
    few.event("u2", "purchase", at(9), "7")
    assert built(embedded, few) == "the events of 1 of 6 days were standardised again"
    assert built(embedded, few, incremental=False) == ""


def test_an_earlier_copy_that_comes_late_takes_the_place_of_the_one_that_counted(few: World, embedded: Server) -> None:
    built(embedded, few)
    few.event("u4", "purchase", at(2, 1), "6", event_id="p4")
    assert built(embedded, few) == "the events of 2 of 5 days were standardised again"
    few._writing().execute("delete from fct_events where event_id = 'p4' and value = '6'")
    assert built(embedded, few) == "the events of 2 of 5 days were standardised again"


def test_a_world_may_last_longer_than_an_insert_may_have_days(few: World, embedded: Server) -> None:
    few.insert(
        "fct_events",
        [(f"d{day}", at(1) - timedelta(days=day), "u1", "purchase", *[None] * 6) for day in range(105)],
    )
    assert built(embedded, few, incremental=False) == ""


@pytest.mark.slow
def test_a_whole_build_goes_on_from_the_one_before(few: World, embedded: Server) -> None:
    load_sources(embedded, few.path)
    assert build(embedded, MARTS_SQL).note == ""
    few.event("u4", "purchase", at(2, 1), "6", event_id="p4")
    load_sources(embedded, few.path)
    report = build(embedded, MARTS_SQL, incremental=True)
    assert report.note == "the events of 2 of 5 days were standardised again"
    build_here(few.path, MARTS_SQL)
    with duckdb.connect(str(few.path), read_only=True) as con:
        assert differences(con, embedded) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda world: world.metric("pages", "mean", "visit"), id="what a visit is held against"),
        pytest.param(lambda world: world.insert("fct_events", [(None,) * 10]), id="columns that have nulls now"),
    ],
)
def test_what_can_not_be_told_is_done_whole(few: World, embedded: Server, change: Callable[[World], None]) -> None:
    built(embedded, few)
    change(few)
    assert built(embedded, few) == NOTHING_BEFORE


def churn(world: World, random: Random) -> None:
    """What happens to a table of events between two builds."""
    dirt = Dirt(world, random.randrange(2**32))
    dirt.event_ids = [row[0] for row in world.rows("select event_id from fct_events")]
    dirt.events([f"u{i}" for i in range(20)], random.choice([0, 1, 30]))
    for _ in range(random.choice([0, 1, 5])):
        dirt.event(f"u{random.randrange(20)}", "exposure", dirt.moment(), None, "exp0", "control")
    dirt.write()
    if random.random() < 0.5:
        day = f"2026-02-{random.randrange(1, 15):02}"
        world._writing().execute(f"delete from fct_events where cast(event_ts as date) = date '{day}'")
    if random.random() < 0.5:
        world._writing().execute("update fct_events set value = '99' where event_id in ('e10', 'e200')")
    if random.random() < 0.3:
        world._writing().execute("update fct_events set event_ts = event_ts + interval 1 day where event_id = 'e11'")


def churned(seed: int, server: Server, folder: Path, rounds: int) -> None:
    for leftover in (server.published, server.warehouse):
        server.run(f"DROP DATABASE IF EXISTS {leftover} SYNC")
    world = World(folder / f"{seed}.duckdb")
    Dirt(world, seed).fill(units=20, events=150)
    built(server, world)
    random = Random(seed)  # noqa: S311  no secret
    for _ in range(rounds):
        churn(world, random)
        built(server, world)


@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_after_any_change_the_marts_are_those_of_a_full_build(seed: int, embedded: Server, tmp_path: Path) -> None:
    churned(seed, embedded, tmp_path, rounds=3)


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_after_many_changes_too(seed: int, embedded: Server, tmp_path: Path) -> None:
    churned(seed, embedded, tmp_path, rounds=6)

"""A scorecard is what the marts say, in both populations and on both engines: in the demo world, and in worlds made up
to go wrong: copies with other contents, values that are none, empty ids, moments on every edge, several variations.
"""

import math
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.marts.scorecard_compute import Scorecard
from gateway.marts.scorecard_definition import Source
from gateway.marts.scorecard_source import duckdb_source
from tests.conftest import Demo
from tests.marts.scorecards import Sources, scorecard, sources_on
from tests.marts.world import END, START, World

POPULATIONS: tuple[Literal["itt", "exposed"], ...] = ("itt", "exposed")
COLUMNS = ("n", "sum", "sum_squares", "m2", "denominator_m2", "cross_m2", "denominator_mean")
INFERENCE = {
    "lift": "uplift_rel", "ci_low": "lift_ci_low", "ci_high": "lift_ci_high", "chance_to_win": "chance_to_win",
}  # fmt: skip
MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)


def assert_equal(source: Source, warehouse: Path) -> int:
    """Every arm of every metric, every split and what was excluded; returns how many arms there were."""
    arms = 0
    with duckdb_source(warehouse) as marts:
        for row in marts.rows("select experiment_id from raw_experiments order by 1"):
            for population in POPULATIONS:
                experiment = row["experiment_id"]
                card = scorecard(source, experiment, population)
                stored = _stored(marts.con, experiment, population)
                assert _measured(card) == close(stored), (experiment, population)
                inferred = _stored_inference(marts.con, experiment, population)
                shown = {key: value for key, value in _inferred(card).items() if key in inferred}
                assert shown == close(inferred), (experiment, population)
                assert _split(card) == close(_stored_split(marts.con, experiment, population)), (experiment, population)
                arms += len(stored) // len(COLUMNS)
    return arms


def close(values: dict[Any, Any]) -> Any:
    """Floats to 1e-12; what is null is NaN on both sides."""
    return pytest.approx(values, rel=1e-12, abs=1e-12, nan_ok=True)


def nan(value: float | None) -> float:
    return math.nan if value is None else value


def _measured(card: Scorecard) -> dict[tuple[str, str, str], float]:
    found: dict[tuple[str, str, str], float] = {}
    for metric in card.summary.metrics:
        for variation, totals in metric.variants.items():
            below = totals.denominator_sum
            mean = below / totals.n if below is not None and totals.n else None
            spreads = (totals.m2, totals.denominator_m2, totals.cross_m2) if totals.n else (None, None, None)
            values = (totals.n, totals.sum, totals.sum_squares, *spreads, mean)
            named = zip(COLUMNS, values, strict=True)
            found |= {(metric.metric_id, variation, name): nan(value) for name, value in named}
    return found


def _stored(con: duckdb.DuckDBPyConnection, experiment: str, population: str) -> dict[tuple[str, str, str], Any]:
    rows = con.execute(
        f"select metric_id, variation_id, {', '.join(COLUMNS)} from agg_experiment_metric_by_variant"
        " where experiment_id = ? and analysis_population = ? and dimension = 'all'",
        [experiment, population],
    ).fetchall()
    return {(row[0], row[1], name): nan(value) for row in rows for name, value in zip(COLUMNS, row[2:], strict=True)}


def _inferred(card: Scorecard) -> dict[tuple[str, str, str], float]:
    """What is shown of each treatment: NaN where it is null."""
    found: dict[tuple[str, str, str], float] = {}
    for metric in card.summary.payload()["metrics"]:
        for variation, shown in metric["inference"].items():
            for name in INFERENCE:
                found[metric["metric_id"], variation, name] = nan((shown or {}).get(name))
    return found


def _stored_inference(con: duckdb.DuckDBPyConnection, experiment: str, population: str) -> dict[Any, float]:
    """Of what is not adjusted. The marts show the chance also where the lift has no interval."""
    columns = ", ".join(f"case when lift_ci_low is not null then {column} end" for column in INFERENCE.values())
    rows = con.execute(
        f"select metric_id, variation_id, {columns} from fct_experiment_results"
        " where experiment_id = ? and analysis_population = ? and dimension = 'all' and estimator = 'unadjusted'",
        [experiment, population],
    ).fetchall()
    return {(row[0], row[1], name): nan(value) for row in rows for name, value in zip(INFERENCE, row[2:], strict=True)}


def _split(card: Scorecard) -> dict[str, Any]:
    return {
        "p_value": nan(card.summary.srm.p_value),
        "n_quarantined": card.summary.excluded_units,
        "n_unknown_variation": sum(card.summary.unknown_variations.values()),
    }


def _stored_split(con: duckdb.DuckDBPyConnection, experiment: str, population: str) -> dict[str, Any]:
    cursor = con.execute(
        "select p_value, n_quarantined, n_unknown_variation from fct_experiment_srm"
        " where experiment_id = ? and analysis_population = ?",
        [experiment, population],
    )
    names = [column[0] for column in cursor.description or ()]
    return dict(zip(names, map(nan, cursor.fetchall()[0]), strict=True))


@pytest.fixture
def demo_warehouse(demo: Demo) -> Path:
    return demo.home / "warehouse.duckdb"


def test_the_demo_world_on_duckdb(demo_warehouse: Path) -> None:
    with duckdb_source(demo_warehouse) as source:
        assert assert_equal(source, demo_warehouse) == 168


@pytest.mark.parametrize("engine", ["chdb", pytest.param("http", marks=pytest.mark.slow)])
def test_the_demo_world_on_clickhouse(demo_warehouse: Path, engine: str, request: pytest.FixtureRequest) -> None:
    with sources_on(engine, request)(demo_warehouse) as source:
        assert assert_equal(source, demo_warehouse) == 168


UNITS = st.sampled_from(["u1", "u2", "u3", "u4", "u5", "nobody", "", None])
IDS = st.sampled_from([*(f"e{i}" for i in range(14)), "", None])
VALUES = st.sampled_from([None, "", " ", "1", "2.5", " 7 ", "-3", "1e3", "nan", "inf", "1e400", "abc", "0x1", "5."])
NAMES = st.sampled_from(["purchase", "page", "ticket", "other"])
VARIATIONS = st.sampled_from(["control", "treatment", "treatment", "elsewhere", "", None])
TIMES = st.one_of(
    st.sampled_from([START, END, START + DAY, START + 8 * DAY, END + DAY, END + 5 * DAY]).flatmap(
        lambda at: st.sampled_from([at, at - MOMENT, at + MOMENT])
    ),
    st.datetimes(START - 2 * DAY, END + 6 * DAY),
)
EXPERIMENTS = st.sampled_from(["one", "one", "two"])
EVENTS = st.lists(st.tuples(IDS, TIMES, UNITS, NAMES, VALUES), max_size=40)
EXPOSURES = st.lists(st.tuples(IDS, TIMES, UNITS, EXPERIMENTS, VARIATIONS), max_size=16)
ASSIGNMENTS = st.lists(st.tuples(EXPERIMENTS, UNITS, TIMES, VARIATIONS), min_size=1, max_size=14)
STEADY = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["control", "treatment"]), TIMES, VALUES), max_size=20)


def made_up(path: Path, assignments: Any, exposures: Any, events: Any, steady: Any) -> World:
    """Two experiments over the same events: one that has ended, and one that runs."""
    world = World(path)
    world.experiment("one", as_of=END + 5 * DAY)
    world.experiment("two", status="running", ended_at=None, as_of=END, arms={"control": 2.0, "treatment": 1.0})
    for experiment in ("one", "two"):
        world.metric("conversion", "occurrence", experiment_id=experiment)
        world.metric("orders", "count", experiment_id=experiment, window_days=1.0)
        world.metric("tickets", "count", "ticket", experiment_id=experiment, window_days=None)
        world.metric("load", "mean", "page", experiment_id=experiment, window_days=0.3)
    world.metric("revenue", "sum", experiment_id="one", winsorise=0.8)
    world.metric("value", "ratio", experiment_id="one", numerator_agg="sum", denominator=("page", "count"))
    for experiment in ("one", "two"):  # without any assignment, exposures assign: the marts have no such experiment
        world.assign("silent", "control", START, experiment_id=experiment)
    for unit, variation, when, value in steady:
        world.assign(f"s{unit}", variation, START, experiment_id="one")
        world.expose(f"s{unit}", variation, START + DAY, experiment_id="one")
        world.event(f"s{unit}", "purchase", when, value)
    world.insert("fct_experiment_assignments", [(*row, "web", "US", "new") for row in assignments])
    world.insert("fct_events", [(i, at, unit, "exposure", experiment, variation, None, "web", "US", "new")
                                for i, at, unit, experiment, variation in exposures])  # fmt: skip
    world.insert("fct_events", [(i, at, unit, name, None, None, value, "web", "US", "new")
                                for i, at, unit, name, value in events])  # fmt: skip
    return world


def hold(sources: Sources, *rows: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = made_up(Path(folder) / "warehouse.duckdb", *rows)
        world.build()
        for opened in (duckdb_source, sources):
            with opened(world.path) as source:
                assert_equal(source, world.path)


@pytest.fixture
def in_process(request: pytest.FixtureRequest) -> Sources:
    return sources_on("chdb", request)


@given(assignments=ASSIGNMENTS, exposures=EXPOSURES, events=EVENTS, steady=STEADY)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_made_up_worlds(in_process: Sources, assignments: Any, exposures: Any, events: Any, steady: Any) -> None:
    hold(in_process, assignments, exposures, events, steady)


@pytest.mark.slow
@given(assignments=ASSIGNMENTS, exposures=EXPOSURES, events=EVENTS, steady=STEADY)
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_many_made_up_worlds(in_process: Sources, assignments: Any, exposures: Any, events: Any, steady: Any) -> None:
    hold(in_process, assignments, exposures, events, steady)

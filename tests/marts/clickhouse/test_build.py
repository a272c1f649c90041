"""Marts built inside ClickHouse are the marts that DuckDB builds: the same rows, values and types."""

from pathlib import Path

import duckdb
import pytest

from gateway.marts.build import build as build_here
from gateway.marts.clickhouse.build import build
from gateway.marts.clickhouse.loading import load_sources
from gateway.marts.clickhouse.server import Server
from gateway.marts.synthetic import seed
from gateway.settings import resource
from tests.marts.clickhouse.conftest import Opener
from tests.marts.clickhouse.equality import MARTS, differences
from tests.marts.world import MARTS_SQL, World


@pytest.fixture(scope="module")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo world, small, with its marts built on DuckDB."""
    warehouse = tmp_path_factory.mktemp("small") / "warehouse.duckdb"
    seed(warehouse, seeds=resource("seeds"), users=200)
    build_here(warehouse, MARTS_SQL)
    return warehouse


def test_every_mart_of_the_demo_world_is_equal_row_for_row(
    small_demo: Path, opened: Opener, clickhouse_http: str
) -> None:
    """Over HTTP; generated worlds are built by the engine in the process."""
    server = opened(clickhouse_http)
    loaded = load_sources(server, small_demo)
    report = build(server, MARTS_SQL)
    with duckdb.connect(str(small_demo), read_only=True) as con:
        assert differences(con, server) == []
        events = con.execute("select count(*) from fct_events").fetchall()[0][0]
    assert loaded.rows > events
    assert {built.model for built in report.models} == set(MARTS)


@pytest.mark.slow
def test_a_value_whose_square_outgrows_a_double_is_as_little_computable_there(world: World, embedded: Server) -> None:
    world.experiment()
    world.metric("revenue", "sum")
    world.metric("orders", "ratio", numerator_agg="count", denominator=("purchase", "sum"))
    world.many_units({"control": [1.0, 2.0, *[3.0] * 57, 1e308], "treatment": [3.0, 4.0] * 30})
    build_here(world.path, MARTS_SQL)
    load_sources(embedded, world.path)
    build(embedded, MARTS_SQL)
    with duckdb.connect(str(world.path), read_only=True) as con:
        lost = con.execute("select count(*) from agg_experiment_metric_by_variant where not isfinite(m2)").fetchall()
        assert lost[0][0] > 0
        assert differences(con, embedded) == []

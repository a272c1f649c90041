"""Whatever is in a warehouse, every mart built in ClickHouse equals the one that DuckDB builds."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.marts.build import build as build_here
from gateway.marts.clickhouse.build import build
from gateway.marts.clickhouse.loading import load_sources
from gateway.marts.clickhouse.server import Server
from tests.marts.clickhouse.dirty import Dirt, small_cells
from tests.marts.clickhouse.equality import differences
from tests.marts.world import World

SEEDS = st.integers(0, 2**32)


def unequal(seed: int, server: Server, models: Path) -> list[str]:
    """What differs between the engines in the world of this seed."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder) / "warehouse.duckdb")
        Dirt(world, seed).fill()
        build_here(world.path, models)
        load_sources(server, world.path)
        build(server, models)
        with duckdb.connect(str(world.path), read_only=True) as con:
            return differences(con, server)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_cells(tmp_path_factory.mktemp("models"))


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=SEEDS)
def test_generated_worlds_are_equal(seed: int, embedded: Server, models: Path) -> None:
    assert unequal(seed, embedded, models) == []


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=SEEDS)
def test_many_generated_worlds_are_equal(seed: int, embedded: Server, models: Path) -> None:
    assert unequal(seed, embedded, models) == []

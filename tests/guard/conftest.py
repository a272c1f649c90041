"""The tests' worlds, each made once on each engine: with canaries, without, with others, and a partner's part."""

from collections.abc import Iterator, Mapping

import duckdb
import pytest

from tests.clickhouse import Database
from tests.guard import world, world_clickhouse


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The full world, canaries included: what approved statements run on."""
    path = tmp_path_factory.mktemp("guard") / "full.duckdb"
    world.build(path)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def visible(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world without hidden columns: what the caller's own text runs on, for comparison."""
    path = tmp_path_factory.mktemp("guard") / "visible.duckdb"
    world.build_visible(path)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def other_secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The full world with other secrets in it: approved statements must not tell it from the first."""
    path = tmp_path_factory.mktemp("guard") / "other.duckdb"
    world.build_with_other_secrets(path)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def partner_part(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world as far as the role `partner` may see it, and nothing else."""
    path = tmp_path_factory.mktemp("guard") / "partner.duckdb"
    world.build_for_partner(path)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[Mapping[str, Database]]:
    """Every world on a real ClickHouse engine, read-only: `full`, `visible`, `other` and `partner`."""
    worlds = world_clickhouse.build()
    yield worlds
    for database in worlds.values():
        database.close()

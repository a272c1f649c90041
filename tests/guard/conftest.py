"""One DuckDB file with canaries, one without hidden columns, both made once."""

from collections.abc import Iterator

import duckdb
import pytest

from tests.guard import world


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

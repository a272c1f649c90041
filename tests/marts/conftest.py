"""A fresh warehouse for each test that asks for one."""

from pathlib import Path

import pytest

from tests.marts.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty warehouse with its source tables."""
    return World(tmp_path / "warehouse.duckdb")

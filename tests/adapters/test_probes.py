"""The doctor's probes: every attempt is refused by each wall alone, and a wall with a hole is told from a sound one."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.adapters.probes import _on_engine, attempts, engine_probes, guard_probes
from gateway.guard import Policy

NAMES = [
    "file_read",
    "file_list",
    "own_file_read",
    "attach",
    "own_file_attach",
    "install",
    "load",
    "copy_out",
    "own_file_write",
    "create",
    "delete",
    "setting",
    "unlock",
    "time_limit",
    "table_outside",
    "hidden_column:dim_experiments.owner",
]


def test_the_engine_alone_refuses_every_attempt(engine: DuckDBEngine, contract: dict[str, Any]) -> None:
    probes = engine_probes(engine, contract)
    assert [probe.name for probe in probes] == NAMES
    assert [probe for probe in probes if not probe.refused] == []
    assert {probe.wall for probe in probes} == {"engine"}


def test_the_guard_alone_refuses_every_attempt_with_its_codes(gold: Path, contract: dict[str, Any]) -> None:
    probes = guard_probes(Policy.from_mapping(contract, "analyst"), gold, contract)
    assert [probe.name for probe in probes] == NAMES
    assert [probe for probe in probes if not probe.refused] == []
    assert all(probe.detail for probe in probes)


def test_probing_leaves_nothing_behind(engine: DuckDBEngine, contract: dict[str, Any]) -> None:
    before = engine.gold.read_bytes()
    engine_probes(engine, contract)
    assert [path.name for path in engine.gold.parent.iterdir()] == ["gold.duckdb"]
    assert engine.gold.read_bytes() == before


def test_the_session_of_a_probe_ends_with_its_connection(engine: DuckDBEngine) -> None:
    with engine.connection(1) as first:
        first.execute("CREATE TEMP TABLE mine AS SELECT 1")
        first.execute("CREATE TEMP MACRO my_macro() AS 1")
        first.execute("SET VARIABLE mine = 1")
        first.execute("SET schema = 'information_schema'")
    with engine.connection(1) as second:
        assert second.execute("SELECT getvariable('mine'), current_schema()").fetchall() == [(None, "main")]
        for sql in ("FROM mine", "SELECT my_macro()"):
            with pytest.raises(duckdb.CatalogException):
                second.execute(sql)


def test_a_hole_in_the_wall_is_found(tmp_path: Path, contract: dict[str, Any]) -> None:
    """A file published with too much in it: the two probes that look for it, and only they, say so."""
    leaky = tmp_path / "gold.duckdb"
    with duckdb.connect(leaky) as connection:
        connection.execute("CREATE TABLE dim_experiments (experiment_id VARCHAR, status VARCHAR, owner VARCHAR)")
        connection.execute("CREATE TABLE fct_events (unit_id VARCHAR)")
    found = [probe for probe in engine_probes(DuckDBEngine(leaky), contract) if not probe.refused]
    assert [probe.name for probe in found] == ["table_outside", "hidden_column:dim_experiments.owner"]
    assert {probe.detail for probe in found} == {"it worked: this wall has a hole"}


def test_an_attempt_that_fails_for_another_reason_proves_nothing(tmp_path: Path, contract: dict[str, Any]) -> None:
    empty = tmp_path / "gold.duckdb"
    duckdb.connect(empty).close()
    hidden = attempts(empty, contract)[-1]
    probe = _on_engine(DuckDBEngine(empty), hidden)
    assert not probe.refused
    assert probe.detail.startswith("not proven, it failed for another reason: Catalog Error")

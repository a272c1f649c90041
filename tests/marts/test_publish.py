"""Publishing: only what the contract allows, all or nothing, and the last good file kept."""

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.errors import ContractError, EngineError
from gateway.marts.publish import publish, status
from gateway.semantic.load import load_contract
from gateway.semantic.model import Contract
from tests.marts.world import MARTS_SQL, World


@pytest.fixture(scope="module")
def contract() -> Contract:
    """The marts' own semantic layer."""
    return load_contract(MARTS_SQL / "semantic_layer.yaml")


@pytest.fixture
def built(world: World) -> World:
    """A built world with two units."""
    world.experiment()
    world.metric("conversion", "occurrence")
    world.enrol("a", "control")
    world.enrol("b", "treatment")
    world.build()
    return world


def _only(contract: Contract, changes: dict[str, Any]) -> Contract:
    """The contract with some assets' columns replaced, in the file's own terms."""
    data = contract.mapping()
    for name, columns in changes.items():
        asset = data["assets"].setdefault(name, {"description": "x", "grain": [next(iter(columns))], "columns": {}})
        asset["columns"] |= columns
    return Contract.model_validate(data)


def _read(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_the_published_file_holds_the_allowed_assets_with_their_allowed_columns_and_nothing_else(
    built: World, contract: Contract, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.duckdb"
    report = publish(built.path, gold, contract)
    found: dict[str, list[str]] = {}
    query = "select table_name, column_name from information_schema.columns order by ordinal_position"
    for table, column in _read(gold, query):
        found.setdefault(table, []).append(column)
    assert found.pop("gateway_build_info") == ["built_at", "published_at"]
    assert found == {name: list(asset.visible()) for name, asset in contract.assets.items()}
    assert "unit_id" not in found["fct_experiment_cohort"]
    assert "owner" not in found["dim_experiments"]
    assert dict(report.tables)["fct_experiment_cohort"] == 2
    assert [name for name, _ in report.tables] == list(contract.assets)


def test_the_allowed_assets_table_is_the_contract(built: World, contract: Contract, tmp_path: Path) -> None:
    gold = tmp_path / "gold.duckdb"
    publish(built.path, gold, contract)
    rows = _read(gold, "select asset_name, is_allowed_for_ai, primary_keys from dim_ai_allowed_assets order by 1")
    assert [name for name, _, _ in rows] == sorted(contract.assets)
    assert ("fct_experiment_srm", True, "experiment_id, analysis_population") in rows


def test_everything_the_warehouse_lacks_is_reported_and_nothing_is_published(
    built: World, contract: Contract, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.duckdb"
    publish(built.path, gold, contract)
    before = gold.read_bytes()
    wanted = _only(
        contract,
        {"dim_metrics": {"colour": {"type": "string"}}, "fct_absent": {"id": {"type": "string", "role": "key"}}},
    )
    with pytest.raises(ContractError) as caught:
        publish(built.path, gold, wanted)
    assert caught.value.problems == ("dim_metrics.colour: no such column", "fct_absent: no such table in the warehouse")
    assert gold.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gold.duckdb", "warehouse.duckdb"]


def test_a_full_disk_keeps_the_last_good_file_and_leaves_no_trace(
    built: World, contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = tmp_path / "gold.duckdb"
    publish(built.path, gold, contract)
    before = gold.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EngineError, match="No space left on device") as caught:
        publish(built.path, gold, contract)
    assert "still in place" in caught.value.hint
    assert gold.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gold.duckdb", "warehouse.duckdb"]


def test_a_reader_keeps_the_old_file_while_a_new_one_takes_its_place(
    built: World, contract: Contract, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.duckdb"
    publish(built.path, gold, contract)
    held = gold.open("rb")
    try:
        old = held.read(64)
        built.enrol("c", "control")
        built.build()
        publish(built.path, gold, contract)
        held.seek(0)
        assert held.read(64) == old
    finally:
        held.close()
    assert _read(gold, "select count(*) from fct_experiment_cohort") == [(3,)]


def test_publishing_before_building_says_to_build(world: World, contract: Contract, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        publish(world.path, tmp_path / "gold.duckdb", contract)
    assert "no such table in the warehouse" in caught.value.problems[0]
    assert not (tmp_path / "gold.duckdb").exists()
    with pytest.raises(ContractError, match="no warehouse at"):
        publish(tmp_path / "none.duckdb", tmp_path / "gold.duckdb", contract)


def test_a_folder_that_cannot_be_made_is_an_engine_error(built: World, contract: Contract, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be written"):
        publish(built.path, tmp_path / "file" / "gold.duckdb", contract)


def test_status_says_where_the_pipeline_stands(world: World, contract: Contract, tmp_path: Path) -> None:
    gold = tmp_path / "gold.duckdb"
    nowhere = status(tmp_path / "none.duckdb", gold)
    assert (nowhere.built_at, nowhere.published_at, nowhere.tables, nowhere.is_stale) == (None, None, (), False)
    assert status(world.path, gold).built_at is None
    world.experiment()
    world.build()
    assert status(world.path, gold).is_stale
    report = publish(world.path, gold, contract)
    published = status(world.path, gold)
    assert (published.published_at, published.gold_built_at) == (report.published_at, report.built_at)
    assert dict(published.tables) == dict(report.tables)
    assert not published.is_stale
    world.build()
    assert status(world.path, gold).is_stale

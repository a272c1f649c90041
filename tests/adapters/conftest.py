"""A small published file, its contract, and the guard that approves statements over both."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.guard import Approved, Policy, check
from gateway.guard.decision import _mint

Approve = Callable[..., Approved]


def _columns(**types: str) -> dict[str, dict[str, str]]:
    return {name: {"type": kind, "role": "dimension", "description": name} for name, kind in types.items()}


@pytest.fixture
def contract() -> dict[str, Any]:
    """Two assets; `owner` is hidden, and `small` may see few rows for a moment only."""
    experiments = _columns(experiment_id="string", status="string", owner="string")
    experiments["owner"]["access"] = "hidden"
    readings = _columns(reading_id="integer", label="string", price="decimal", at="timestamp", on_day="date")
    return {
        "version": 1,
        "assets": {
            "dim_experiments": {"description": "Experiments.", "grain": ["experiment_id"], "columns": experiments},
            "readings": {"description": "Readings.", "grain": ["reading_id"], "columns": readings},
        },
        "metrics": {},
        "roles": {
            "analyst": {"assets": "*", "limits": {"rows": 100, "seconds": 30}},
            "small": {"assets": "*", "limits": {"rows": 3, "seconds": 30}},
            "hurried": {"assets": "*", "limits": {"rows": 3, "seconds": 0.02}},
        },
    }


def publish_marts(gold: Path, *, readings: int = 10) -> None:
    beside = gold.with_name("gold.new.duckdb")
    with duckdb.connect(beside) as connection:
        connection.execute("CREATE TABLE dim_experiments (experiment_id VARCHAR, status VARCHAR)")
        connection.execute("INSERT INTO dim_experiments VALUES ('a', 'ended'), ('b', 'running')")
        connection.execute(
            f"""CREATE TABLE readings AS
            SELECT i AS reading_id, 'row ' || i AS label, (i / 4)::DECIMAL(12, 2) AS price,
                TIMESTAMP '2026-02-01 10:00:00' + to_seconds(i) AS at, DATE '2026-02-01' AS on_day
            FROM range({readings}) AS t(i)"""
        )
    beside.replace(gold)


@pytest.fixture
def publish() -> Callable[..., None]:
    """Writes the file as `marts publish` would: beside, then renamed over the old one. `owner` is not in it."""
    return publish_marts


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.duckdb"
    publish_marts(path)
    return path


@pytest.fixture
def engine(gold: Path) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(gold)
    yield engine
    engine.close()


@pytest.fixture
def approve(contract: dict[str, Any]) -> Approve:
    """The guard's approval of a statement; a refusal fails the test with its reasons."""

    def approve(sql: str, role: str = "analyst") -> Approved:
        verdict = check(sql, Policy.from_mapping(contract, role))
        assert isinstance(verdict, Approved), verdict.violations
        return verdict

    return approve


@pytest.fixture
def unguarded() -> Approve:
    """A statement that no guard has seen, dressed as approved: what the engine must withstand by itself."""

    def mint(sql: str, *, seconds: float = 30.0, rows: int = 100, dialect: str = "duckdb", **reads: Any) -> Approved:
        return _mint(
            sql=sql,
            proposed=sql,
            dialect=dialect,
            role="analyst",
            fingerprint="",
            assets=frozenset(reads.get("assets", ())),
            columns=frozenset(reads.get("columns", ())),
            functions=frozenset(),
            pins=(),
            max_rows=rows,
            max_seconds=seconds,
        )

    return mint

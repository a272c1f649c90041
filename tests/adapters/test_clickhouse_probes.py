"""The doctor's probes on ClickHouse prove both walls, and lint reads its tables as the contract does."""

from typing import Any

import pytest

from gateway.adapters.clickhouse_catalogue import ClickHouseCatalogue
from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.adapters.clickhouse_probes import attempts, engine_probes, guard_probes
from gateway.guard import Policy
from gateway.semantic.lint import contract_type
from tests.adapters.engines import case


@pytest.fixture(params=["chdb", "http"], scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with case(request.param, request, tmp_path_factory.mktemp("probes")) as found:
        yield found.engine


def test_every_probe_is_refused_by_each_wall_alone(engine: ClickHouseEngine, contract: dict[str, Any]) -> None:
    alone = [*engine_probes(engine, contract), *guard_probes(Policy.from_mapping(contract, "analyst"), contract)]
    assert [(probe.wall, probe.name, probe.detail) for probe in alone if not probe.refused] == []
    assert len(alone) == 2 * len(attempts(contract))


def test_a_column_that_must_not_be_there_is_found(engine: ClickHouseEngine, contract: dict[str, Any]) -> None:
    contract["assets"]["dim_experiments"]["columns"]["status"]["access"] = "hidden"
    found = {probe.name: probe.refused for probe in engine_probes(engine, contract)}
    assert found["hidden_column:dim_experiments.status"] is False
    assert found["hidden_column:dim_experiments.owner"] is True


def test_a_catalogue_tells_tables_columns_and_counts(engine: ClickHouseEngine) -> None:
    with engine.session(30) as lease:
        catalogue = ClickHouseCatalogue(lease)
        columns = catalogue.columns_of("readings") or {}
        assert catalogue.columns_of("nowhere") is None
        assert catalogue.duplicate_count("readings", ["reading_id"]) == 0
        assert catalogue.duplicate_count("readings", ["on_day"]) == 1
        assert catalogue.null_count("readings", "price") == 0
    assert {name: contract_type(kind) for name, kind in columns.items()} == {
        "reading_id": "integer", "label": "string", "price": "double", "at": "timestamp", "on_day": "date",
    }  # fmt: skip

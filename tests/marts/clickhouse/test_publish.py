"""Built marts are published as the contract allows, all at once, and a failure leaves the last good ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.errors import ContractError, EngineError
from gateway.marts.clickhouse.build import build
from gateway.marts.clickhouse.checks import check
from gateway.marts.clickhouse.loading import load_sources
from gateway.marts.clickhouse.publish import publish
from gateway.marts.clickhouse.server import Server
from gateway.marts.clickhouse.stamp import status
from gateway.semantic.load import load_contract
from gateway.semantic.model import Contract
from tests.marts.world import MARTS_SQL, World


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract(MARTS_SQL / "semantic_layer.yaml")


@pytest.fixture(scope="module")
def template(chdb_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A small world, built once."""
    world = World(tmp_path_factory.mktemp("published") / "warehouse.duckdb")
    world.experiment()
    world.metric("conversion", "occurrence")
    world.many_units({"control": [0.0, 1.0, 0.0], "treatment": [1.0, 1.0, 0.0]})
    with writing(Address.parse(f"chdb://{chdb_folder}")) as client:
        server = Server.of(client, "template")
        load_sources(server, world.path)
        build(server, MARTS_SQL)
        yield server
        server.run(f"DROP DATABASE {server.warehouse} SYNC")


@pytest.fixture
def built(template: Server, embedded: Server) -> Server:
    """A copy of it, to do anything to."""
    embedded.run(f"CREATE DATABASE {embedded.warehouse}")
    for name, engine in embedded.rows(
        "SELECT name, engine FROM system.tables WHERE database = {database:String}", database=template.warehouse
    ):
        ours, theirs = f"{embedded.warehouse}.{name}", f"{template.warehouse}.{name}"
        view = f"CREATE VIEW {ours} AS SELECT * FROM {theirs}"
        embedded.run(view if engine == "View" else f"CREATE TABLE {ours} CLONE AS {theirs}")
    return embedded


def test_only_what_the_contract_allows_is_there(built: Server, contract: Contract) -> None:
    report = publish(built, contract)
    rows = built.rows(
        f"SELECT table, groupArray(name) FROM system.columns WHERE database = '{built.published}' GROUP BY table"
    )
    there = {str(table): set(columns) for table, columns in rows}
    assert there.pop("gateway_build_info") == {"built_at", "published_at"}
    assert there == {name: set(asset.visible()) for name, asset in contract.assets.items()}
    assert [name for name, _ in report.tables] == list(contract.assets)
    assert dict(report.tables)["fct_experiment_cohort"] == 6
    assert built.value(f"SELECT count() FROM {built.published}.dim_ai_allowed_assets") == len(contract.assets)


def test_tables_are_ordered_by_their_grain_and_nullable_only_where_a_null_is(built: Server, contract: Contract) -> None:
    publish(built, contract)
    key = built.value(
        f"SELECT sorting_key FROM system.tables WHERE database = '{built.published}' AND name = 'fct_experiment_srm'"
    )
    rows = built.rows(
        f"SELECT name, type FROM system.columns WHERE database = '{built.published}' AND table = 'dim_experiments'"
    )
    kinds = {str(name): str(kind) for name, kind in rows}
    assert key == "experiment_id, analysis_population"
    assert (kinds["as_of"], kinds["ended_at"]) == ("DateTime64(6, 'UTC')", "DateTime64(6, 'UTC')")
    assert kinds["experiment_id"] == "LowCardinality(String)"


def test_status_tells_what_is_next(built: Server, contract: Contract) -> None:
    before = status(built)
    assert (before.has_sources, before.published_at, before.is_stale, before.tables) == (True, None, True, ())
    publish(built, contract)
    after = status(built)
    assert (after.built_at, after.is_stale) == (before.built_at, False)
    assert after.published_at is not None
    assert dict(after.tables)["fct_experiment_cohort"] == 6


def test_a_failure_while_copying_leaves_the_last_published_marts(
    built: Server, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(built, contract)
    last = list(contract.assets)[-1]
    built.run(f"ALTER TABLE {built.warehouse}.dim_experiments DELETE WHERE 1 SETTINGS mutations_sync = 1")
    sent = Server.run

    def run(self: Server, sql: str) -> None:
        sent(self, f"SELECT throwIf(1) -- {sql}" if sql.startswith("INSERT") and f"`{last}`" in sql else sql)

    monkeypatch.setattr(Server, "run", run)
    with pytest.raises(EngineError, match=r"publishing to database .* failed: ClickHouse error 395") as failed:
        publish(built, contract)
    assert failed.value.hint == "The last published marts are still in place."
    assert status(built).published_at == first.published_at
    assert built.value(f"SELECT count() FROM {built.published}.dim_experiments") == 1
    assert built.value(f"SELECT count() FROM system.databases WHERE name = '{built.published}__new'") == 0


def test_a_failed_build_leaves_the_last_built_marts(built: Server, tmp_path: Path) -> None:
    before = status(built).built_at
    broken = tmp_path / "marts_sql"
    for file in MARTS_SQL.rglob("*"):
        if file.is_file():
            copy = broken / file.relative_to(MARTS_SQL)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    model = broken / "marts" / "agg_experiment_metric_daily.sql"
    model.write_text(model.read_text().replace("select * from typed", "select *, 1 // (n - n) as x from typed"))
    with pytest.raises((ContractError, EngineError), match=r"agg_experiment_metric_daily\.sql"):
        build(built, broken)
    assert status(built).built_at == before
    assert built.value(f"SELECT count() FROM {built.warehouse}.fct_experiment_cohort") == 6
    assert built.value(f"SELECT count() FROM system.databases WHERE name = '{built.warehouse}__new'") == 0


def test_what_the_contract_allows_and_nobody_built_is_named(built: Server, contract: Contract) -> None:
    built.run(f"ALTER TABLE {built.warehouse}.dim_experiments DROP COLUMN hypothesis")
    built.run(f"DROP TABLE {built.warehouse}.fct_experiment_srm SYNC")
    with pytest.raises(ContractError) as refused:
        publish(built, contract)
    assert refused.value.problems == (
        "dim_experiments.hypothesis: no such column",
        "fct_experiment_srm: no such table in the warehouse",
    )


def test_the_checks_pass_and_a_failing_one_names_its_rows(built: Server) -> None:
    assert [result.describe() for result in check(built, MARTS_SQL) if not result.passed] == []
    built.run(f"INSERT INTO {built.warehouse}.dim_experiments SELECT * FROM {built.warehouse}.dim_experiments")
    built.run(f"INSERT INTO {built.warehouse}.dim_experiment_variations VALUES ('nowhere', 'a', 'a', false, 1.5)")
    offending = "experiment_id='nowhere', variation_id='a', name='a', is_control=False, expected_share=1.5"
    assert [result.describe() for result in check(built, MARTS_SQL) if not result.passed] == [
        "unique(experiment_id) of dim_experiments: 1 found: experiment_id='exp', n_rows=2",
        f"holds(expected_share between 0 and 1) of dim_experiment_variations: 1 found: {offending}",
        "relationships(experiment_id: dim_experiments.experiment_id) of dim_experiment_variations: 1 found: "
        + offending,
    ]

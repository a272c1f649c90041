"""Marts of a file are published as the file holds them, and answers on ClickHouse are the same answers."""

import math
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from pydantic import SecretStr

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.errors import ContractError, EngineError
from gateway.marts.clickhouse.mirror import mirror
from gateway.marts.clickhouse.server import Server
from gateway.marts.clickhouse.stamp import published_at
from gateway.semantic.load import load_contract
from gateway.semantic.model import Contract
from gateway.service import Caller
from gateway.settings import Settings, resource
from gateway.wiring import build
from tests.conftest import Demo

QUESTIONS = (
    "Did one-page checkout increase conversion?",
    "How did price badges do?",
    "Is the exposure logging of new onboarding healthy?",
    "Is there an SRM in pin leaderboard?",
    "How does mobile paywall do by platform?",
    "Which experiment has the biggest lift in revenue?",
    "Should we launch express refunds?",
)
ODD = """
create table fct_odd as select * from (values
    (1, 'a', true, date '1950-02-03', timestamp '2026-02-01 10:00:00.123456', 1.5::double, 12.25::decimal(10, 2), null),
    (2, 'é''\\', false, date '2026-02-01', null, 'nan'::double, null, 'x'),
    (3, '', null, null, timestamp '2026-02-01 00:00:00', 'infinity'::double, -0.01, ''),
    (null, null, true, date '2026-02-01', timestamp '1969-12-31 23:59:59', 5e-324, 0, null)
) as rows(id, word, flag, day, moment, number, price, note)
"""


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(ODD)
        con.execute("create table dim_small as select range as id from range(3)")
        con.execute("create table gateway_build_info as select timestamp '2026-03-01' built_at, "
                    "timestamp '2026-03-02 10:00:00.5' published_at")  # fmt: skip
    return path


def contract_of(**grains: list[str]) -> Contract:
    column = {"type": "integer", "role": "key", "description": "x"}
    assets = {
        name: {"description": "x", "grain": grain, "columns": dict.fromkeys(grain, column)}
        for name, grain in grains.items()
    }
    return Contract.model_validate({"version": 1, "assets": assets, "metrics": {}, "roles": {"a": {"assets": "*"}}})


def rows_in(server: Server, table: str) -> list[tuple[Any, ...]]:
    return [tuple(map(plain, row)) for row in server.rows(f"SELECT * FROM {server.published}.{table} ORDER BY 1")]


def rows_of(gold: Path, table: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(gold), read_only=True) as con:
        return [tuple(map(plain, row)) for row in con.execute(f"select * from {table} order by 1").fetchall()]


def plain(value: Any) -> Any:
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def test_every_value_arrives_as_it_is(server: Server, gold: Path) -> None:
    contract = contract_of(fct_odd=["id", "word"], dim_small=["id"])
    report = mirror(gold, server, contract)
    assert rows_in(server, "fct_odd") == rows_of(gold, "fct_odd")
    assert rows_in(server, "dim_small") == rows_of(gold, "dim_small")
    keys = server.rows(
        f"SELECT name, sorting_key, engine FROM system.tables WHERE database = '{server.published}' ORDER BY name"
    )
    at = published_at(server, server.published)
    assert report.tables == (("dim_small", 3), ("fct_odd", 4))
    made = [(name, key.strip("()"), kind) for name, key, kind in keys[:2]]
    assert made == [("dim_small", "id", "MergeTree"), ("fct_odd", "id, word", "MergeTree")]
    assert at is not None
    assert at.isoformat() == "2026-03-02T10:00:00.500000"


def test_publishing_again_replaces_tables_and_drops_what_is_no_longer_allowed(server: Server, gold: Path) -> None:
    contract = contract_of(dim_small=["id"])
    mirror(gold, server, contract)
    with duckdb.connect(str(gold)) as con:
        con.execute("drop table fct_odd")
        con.execute("insert into dim_small values (3)")
    mirror(gold, server, contract)
    assert rows_in(server, "dim_small") == [(0,), (1,), (2,), (3,)]
    with pytest.raises(DatabaseError):
        rows_in(server, "fct_odd")
    beside = f"{server.published}__new"
    assert server.value("SELECT count() FROM system.databases WHERE name = {name:String}", name=beside) == 0


def test_a_failure_leaves_the_last_published_marts(server: Server, gold: Path) -> None:
    contract = contract_of(dim_small=["id"])
    mirror(gold, server, contract)
    with duckdb.connect(str(gold)) as con:
        con.execute("insert into dim_small values (3)")
        con.execute("create table last_one as select interval 1 day as wait")
    with pytest.raises(EngineError, match=r"last_one\.wait: ClickHouse gets no column of type INTERVAL"):
        mirror(gold, server, contract)
    assert rows_in(server, "dim_small") == [(0,), (1,), (2,)]


def test_tables_of_somebody_else_are_not_replaced(embedded: Server, gold: Path) -> None:
    embedded.run(f"CREATE DATABASE {embedded.published}")
    embedded.run(f"CREATE TABLE {embedded.published}.theirs ENGINE = MergeTree ORDER BY x AS SELECT 1 AS x")
    with pytest.raises(ContractError, match="holds tables that the gateway did not publish, such as theirs"):
        mirror(gold, embedded, contract_of(dim_small=["id"]))
    assert rows_in(embedded, "theirs") == [(1,)]


@pytest.fixture
def demo_gold(demo: Demo, tmp_path: Path) -> Path:
    """A copy: the demo's own file is open in this process, locked down."""
    return Path(shutil.copy(demo.home / "gold.duckdb", tmp_path / "demo.duckdb"))


def test_the_demo_world_is_answered_the_same_on_both_engines(
    demo: Demo, demo_gold: Path, chdb_folder: Path, tmp_path: Path
) -> None:
    url = f"chdb://{chdb_folder}?database=demo_world"
    address = Address.parse(url)
    contract = load_contract(resource("marts_sql") / "semantic_layer.yaml")
    with writing(address) as client:
        mirror(demo_gold, Server.of(client, address.database), contract)
    settings = Settings(
        home=tmp_path, semantic=resource("marts_sql") / "semantic_layer.yaml", principal="ana",
        engine="clickhouse", clickhouse_url=SecretStr(url),
    )  # fmt: skip
    caller = Caller("ana", "analyst", "python", "itt")
    with build(settings) as gateway:
        for question in QUESTIONS:
            there, here = gateway.ask(question, caller).answer, demo.gateway.ask(question, caller).answer
            assert there.status == here.status == "answered", (question, there.text, here.text)
            assert (there.text, there.evidence, there.table) == (here.text, here.evidence, here.table), question
        assert {event.engine for event in gateway.audit.recent()} == {"clickhouse"}


def test_every_mart_of_the_demo_world_is_equal_row_for_row(demo_gold: Path, embedded: Server) -> None:
    contract = load_contract(resource("marts_sql") / "semantic_layer.yaml")
    report = mirror(demo_gold, embedded, contract)
    assert {name for name, _ in report.tables} == set(contract.assets)
    with duckdb.connect(str(demo_gold), read_only=True) as con:
        for name, _ in report.tables:
            seen, grain = contract.assets[name].visible(), contract.assets[name].grain
            keys = dict.fromkeys([key for key in grain if key in seen] + list(seen))  # part of a grain may be hidden
            order = ", ".join(f"{key} nulls last" for key in keys)
            here = con.execute(f"select * from {name} order by {order}").fetchall()
            there = embedded.rows(f"SELECT * FROM {embedded.published}.{name} ORDER BY {order}")
            assert [tuple(map(plain, row)) for row in there] == [tuple(map(plain, row)) for row in here], name

"""Marts that something else built: published through a contract of one's own, and asked through the same guard."""

from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Cli, succeed

CONTRACT = """
version: 1
assets:
  orders_daily:
    description: One row per shop and day.
    grain: [shop, day]
    columns:
      shop:     {type: string, role: key, description: Shop.}
      day:      {type: date, role: time, description: Day.}
      orders:   {type: integer, role: measure, additive: [shop, day], description: Orders of the day.}
      manager:  {type: string, access: hidden, description: A person.}
roles:
  analyst: {assets: "*"}
"""


@pytest.fixture
def own(empty: Cli) -> Cli:
    (empty.folder / "contract.yaml").write_text(CONTRACT, "utf-8")
    (empty.folder / "gateway.yaml").write_text("semantic: contract.yaml\n", "utf-8")
    with duckdb.connect(str(empty.folder / "ours.duckdb")) as con:
        con.execute("create table orders_daily (shop varchar, day date, orders integer, manager varchar)")
        con.execute("insert into orders_daily values ('a', '2026-01-01', 3, 'Ada'), ('b', '2026-01-01', 4, 'Bob')")
        con.execute("create table payroll as select 1 as salary")
    return empty


def test_own_marts_are_published_and_asked(own: Cli) -> None:
    succeed(own("marts", "publish", "--from", "ours.duckdb"))
    result = succeed(own("sql", "select sum(orders) as orders from orders_daily", "--format", "csv"))
    assert result.out.split() == ["orders", "7"]
    assert own("sql", "select manager from orders_daily").code == 3
    with duckdb.connect(str(own.home / "gold.duckdb"), read_only=True) as con:
        columns = con.execute("select column_name from duckdb_columns() where table_name = 'orders_daily'").fetchall()
        tables = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
    assert [name for (name,) in columns] == ["shop", "day", "orders"]
    assert "payroll" not in tables


def test_own_marts_that_are_not_as_the_contract_says_are_not_published(own: Cli) -> None:
    succeed(own("marts", "publish", "--from", "ours.duckdb"))
    before = (own.home / "gold.duckdb").read_bytes()
    with duckdb.connect(str(own.folder / "ours.duckdb")) as con:
        con.execute("insert into orders_daily values ('a', '2026-01-01', 9, 'Cy')")
        con.execute("alter table orders_daily alter orders type varchar")
    result = own("marts", "publish", "--from", "ours.duckdb")
    assert result.code == 6
    assert "orders_daily" in result.err
    assert "orders" in result.err
    assert (own.home / "gold.duckdb").read_bytes() == before


def test_a_file_that_is_not_there_is_said(own: Cli) -> None:
    result = own("marts", "publish", "--from", "nowhere.duckdb")
    assert result.code == 6
    assert result.err.startswith("error: no database at nowhere.duckdb")
    assert not Path(own.home / "gold.duckdb").exists()

"""Linting against a real DuckDB file."""

from pathlib import Path

import duckdb
import pytest

from gateway.adapters.duckdb_catalogue import DuckDBCatalogue
from gateway.errors import ContractError
from gateway.semantic.lint import lint
from gateway.semantic.load import parse_contract

CONTRACT = parse_contract(
    """\
version: 1
assets:
  fct_sales:
    description: One row per shop and kind.
    grain: [shop, kind]
    pins: [kind]
    columns:
      shop: {type: string, role: key}
      kind: {type: string, role: key}
      revenue: {type: double, role: measure, additive: [shop]}
roles:
  analyst: {assets: "*"}
""",
    "test",
)


def database(folder: Path, rows: str) -> Path:
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table fct_sales (shop varchar, kind varchar, revenue double)")
        connection.execute(f"insert into fct_sales values {rows}")
        connection.execute("create schema other")
        connection.execute("create table other.elsewhere (a integer)")
    return path


def test_a_file_that_keeps_the_contract_has_no_problems(tmp_path: Path) -> None:
    with DuckDBCatalogue(database(tmp_path, "('a', 'x', 1), ('a', 'y', 2), ('b', 'x', 3)")) as catalogue:
        assert lint(CONTRACT, catalogue) == []


def test_repeated_grains_and_empty_pins_are_counted(tmp_path: Path) -> None:
    rows = "('a', 'x', 1), ('a', 'x', 2), ('b', null, 3), ('b', null, 3), ('c', 'x', 1)"
    with DuckDBCatalogue(database(tmp_path, rows)) as catalogue:
        assert lint(CONTRACT, catalogue) == [
            "fct_sales: grain (shop, kind) is not unique: 2 combinations repeat",
            "fct_sales.kind: is a pin, and 2 rows have no value in it",
        ]


def test_columns_come_in_the_tables_order_and_only_from_main(tmp_path: Path) -> None:
    with DuckDBCatalogue(database(tmp_path, "('a', 'x', 1)")) as catalogue:
        assert list((catalogue.columns_of("FCT_SALES") or {}).items()) == [
            ("shop", "VARCHAR"),
            ("kind", "VARCHAR"),
            ("revenue", "DOUBLE"),
        ]
        assert catalogue.columns_of("elsewhere") is None
        assert catalogue.columns_of("nothing") is None


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"^no database at "):
        DuckDBCatalogue(tmp_path / "none.duckdb")


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "text.duckdb"
    path.write_text("not a database" * 100, encoding="utf-8")
    with pytest.raises(ContractError, match=r"is not a DuckDB database that can be read"):
        DuckDBCatalogue(path)

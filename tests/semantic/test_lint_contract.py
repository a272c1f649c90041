"""The contract against a database: every way in which they can differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from gateway.semantic.lint import contract_type, lint
from gateway.semantic.load import parse_contract

CONTRACT = parse_contract(
    """\
version: 1
assets:
  fct_sales:
    description: One row per shop, day and kind.
    grain: [shop, day, kind]
    pins: [kind]
    columns:
      shop: {type: string, role: key}
      day: {type: date, role: time}
      kind: {type: string, role: key}
      revenue: {type: double, role: measure, additive: [shop]}
      clerk: {type: string, access: hidden}
  dim_visits:
    description: One row per visitor.
    grain: [visitor]
    columns:
      visitor: {type: string, access: hidden}
      visits: {type: integer}
roles:
  analyst: {assets: "*"}
""",
    "test",
)
SALES = {"shop": "VARCHAR", "day": "DATE", "kind": "VARCHAR", "revenue": "DOUBLE", "clerk": "VARCHAR"}
VISITS = {"visitor": "VARCHAR", "visits": "BIGINT"}


@dataclass
class FakeCatalogue:
    """A database that says what the test gave it."""

    tables: Mapping[str, Mapping[str, str]]
    duplicates: Mapping[str, int] = field(default_factory=dict)
    nulls: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def columns_of(self, asset: str) -> Mapping[str, str] | None:
        return self.tables.get(asset)

    def duplicate_count(self, asset: str, grain: Sequence[str]) -> int:
        assert {column.casefold() for column in grain} <= {column.casefold() for column in self.tables[asset]}
        return self.duplicates.get(asset, 0)

    def null_count(self, asset: str, column: str) -> int:
        return self.nulls.get((asset, column), 0)


def test_a_database_that_keeps_the_contract_has_no_problems() -> None:
    assert lint(CONTRACT, FakeCatalogue({"fct_sales": SALES, "dim_visits": VISITS})) == []


def test_every_difference_is_reported_at_once() -> None:
    sales = {"shop": "INTEGER", "dya": "DATE", "kind": "VARCHAR", "revenue": "DECIMAL(18,2)", "clerk": "VARCHAR"}
    catalogue = FakeCatalogue({"fct_sales": sales}, nulls={("fct_sales", "kind"): 1200})
    assert lint(CONTRACT, catalogue) == [
        "fct_sales.shop: the contract says string, the table has INTEGER",
        "fct_sales.day: the table has no such column. Did you mean 'dya'?",
        "fct_sales.kind: is a pin, and 1,200 rows have no value in it",
        "dim_visits: the database has no such table",
    ]


def test_a_grain_that_repeats_is_reported() -> None:
    catalogue = FakeCatalogue({"fct_sales": SALES, "dim_visits": VISITS}, duplicates={"fct_sales": 2})
    assert lint(CONTRACT, catalogue) == ["fct_sales: grain (shop, day, kind) is not unique: 2 combinations repeat"]


def test_names_are_compared_without_case_as_engines_do() -> None:
    upper = {name.upper(): type_ for name, type_ in SALES.items()}
    assert lint(CONTRACT, FakeCatalogue({"fct_sales": upper, "dim_visits": VISITS})) == []


def test_the_published_file_must_not_hold_hidden_or_unlisted_columns() -> None:
    sales = {**SALES, "salary": "DOUBLE"}
    assert lint(CONTRACT, FakeCatalogue({"fct_sales": sales, "dim_visits": {"visits": "BIGINT"}}), published=True) == [
        "fct_sales.clerk: is published, and the contract does not allow it",
        "fct_sales.salary: is published, and the contract does not allow it",
    ]


def test_the_build_side_may_hold_more_than_the_contract_names() -> None:
    assert lint(CONTRACT, FakeCatalogue({"fct_sales": {**SALES, "salary": "DOUBLE"}, "dim_visits": VISITS})) == []


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        ("VARCHAR", "string"),
        ("Nullable(String)", "string"),
        ("LowCardinality(Nullable(String))", "string"),
        ("FixedString(3)", "string"),
        ("Enum8('a' = 1)", "string"),
        ("UUID", "string"),
        ("JSON", "string"),
        ("BIGINT", "integer"),
        ("HUGEINT", "integer"),
        ("UInt8", "integer"),
        ("Int64", "integer"),
        ("UTINYINT", "integer"),
        ("DOUBLE", "double"),
        ("FLOAT", "double"),
        ("DECIMAL(18,3)", "double"),
        ("Nullable(Float64)", "double"),
        ("BOOLEAN", "boolean"),
        ("Bool", "boolean"),
        ("DATE", "date"),
        ("Date32", "date"),
        ("TIMESTAMP", "timestamp"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp"),
        ("DateTime64(3)", "timestamp"),
        ("VARCHAR[]", None),
        ("STRUCT(a INTEGER)", None),
        ("INTERVAL", None),
        ("BLOB", None),
        ("Array(String)", None),
    ],
)
def test_engine_types_have_the_contracts_names(engine: str, expected: str | None) -> None:
    assert contract_type(engine) == expected

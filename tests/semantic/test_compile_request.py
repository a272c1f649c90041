"""Semantic requests as SQL: what they say, what they refuse, and that a real engine agrees."""

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from gateway.errors import UsageError
from gateway.semantic.compile import compile_request
from gateway.semantic.literals import needs_quotes
from gateway.semantic.load import parse_contract
from gateway.semantic.request import SemanticRequest

CONTRACT = parse_contract(
    """\
version: 1
assets:
  fct_sales:
    description: One row per shop and day.
    grain: [shop, day]
    columns:
      shop: {type: string, role: key}
      day: {type: date, role: time}
      seen_at: {type: timestamp}
      revenue: {type: double, role: measure, additive: [shop]}
      orders: {type: integer, role: measure, additive: [shop]}
      is_open: {type: boolean}
      region: {type: string, access: filter}
      age: {type: integer, access: aggregate}
      clerk: {type: string, access: hidden}
      order: {type: string}
  dim_payroll:
    description: One row per person.
    grain: [person]
    columns: {person: {type: string}}
roles:
  analyst: {assets: "*"}
  partner: {assets: [fct_sales]}
""",
    "test",
)


def sql(**request: Any) -> str:
    return compile_request(SemanticRequest(asset="fct_sales", **request), CONTRACT)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param({"columns": ("shop", "revenue")}, "SELECT shop, revenue FROM fct_sales", id="columns"),
        pytest.param(
            {}, 'SELECT shop, day, seen_at, revenue, orders, is_open, "order" FROM fct_sales', id="all that is readable"
        ),
        pytest.param(
            {"columns": ("shop",), "order_by": (("revenue", "desc"), ("shop", "asc")), "limit": 3},
            "SELECT shop FROM fct_sales ORDER BY revenue DESC, shop ASC LIMIT 3",
            id="order and limit",
        ),
        pytest.param(
            {"group_by": ("shop",), "aggregates": (("sum", "revenue", "total"),), "order_by": (("total", "desc"),)},
            "SELECT shop, SUM(revenue) AS total FROM fct_sales GROUP BY shop ORDER BY total DESC",
            id="aggregate",
        ),
        pytest.param(
            {"aggregates": (("count", "*", "n"), ("count_distinct", "shop", "shops"), ("avg", "age", "mean_age"))},
            "SELECT COUNT(*) AS n, COUNT(DISTINCT shop) AS shops, AVG(age) AS mean_age FROM fct_sales",
            id="totals",
        ),
        pytest.param(
            {"group_by": ("shop", "day")}, "SELECT shop, day FROM fct_sales GROUP BY shop, day", id="combinations"
        ),
    ],
)
def test_a_request_becomes_one_select(request_: dict[str, Any], expected: str) -> None:
    assert sql(**request_) == expected


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        pytest.param(("shop", "=", "a"), "shop = 'a'", id="equal"),
        pytest.param(("shop", "!=", "a"), "shop <> 'a'", id="not equal"),
        pytest.param(("revenue", "<", 0.5), "revenue < 0.5", id="less"),
        pytest.param(("revenue", ">=", -1e-7), "revenue >= -0.0000001", id="no exponent"),
        pytest.param(("revenue", "=", 2.5e183), "revenue = CAST('2.5e+183' AS DOUBLE)", id="too long for a decimal"),
        pytest.param(
            ("revenue", "=", -0.1234567890123456), "revenue = CAST('-0.1234567890123456' AS DOUBLE)", id="16 digits"
        ),
        pytest.param(("orders", "<=", 3), "orders <= 3", id="at most"),
        pytest.param(("orders", ">", 3), "orders > 3", id="more"),
        pytest.param(("shop", "in", ["a", "b"]), "shop IN ('a', 'b')", id="in"),
        pytest.param(("shop", "not_in", {"b", "a"}), "NOT shop IN ('a', 'b')", id="not in"),
        pytest.param(("shop", "is_null", None), "shop IS NULL", id="null"),
        pytest.param(("shop", "not_null", None), "NOT shop IS NULL", id="not null"),
        pytest.param(("shop", "like", "a%"), "shop LIKE 'a%'", id="like"),
        pytest.param(("orders", "between", (1, 2)), "orders BETWEEN 1 AND 2", id="between"),
        pytest.param(("is_open", "=", True), "is_open = TRUE", id="boolean"),
        pytest.param(("day", "=", "2026-02-01"), "day = CAST('2026-02-01' AS DATE)", id="date as text"),
        pytest.param(("day", "=", date(2026, 2, 1)), "day = CAST('2026-02-01' AS DATE)", id="date"),
        pytest.param(
            ("seen_at", ">=", datetime(2026, 2, 1, 10, tzinfo=UTC)),
            "seen_at >= CAST('2026-02-01 10:00:00' AS TIMESTAMP)",
            id="moment with a zone",
        ),
        pytest.param(
            ("seen_at", ">=", "2026-02-01T12:00:00+02:00"),
            "seen_at >= CAST('2026-02-01 10:00:00' AS TIMESTAMP)",
            id="moment as text, elsewhere",
        ),
        pytest.param(
            ("seen_at", ">=", date(2026, 2, 1)),
            "seen_at >= CAST('2026-02-01 00:00:00' AS TIMESTAMP)",
            id="start of a day",
        ),
        pytest.param(("region", "=", "north"), "region = 'north'", id="column for conditions only"),
        pytest.param(("shop", "=", "o'clock"), "shop = 'o''clock'", id="quote"),
    ],
)
def test_every_operator_compiles(filter_: tuple[str, Any, Any], expected: str) -> None:
    assert sql(columns=("shop",), filters=(filter_,)) == f"SELECT shop FROM fct_sales WHERE {expected}"


def test_clickhouse_gets_its_own_writing() -> None:
    request = SemanticRequest(asset="fct_sales", columns=("shop",), filters=(("shop", "=", "a\\'b"),))
    assert compile_request(request, CONTRACT, "clickhouse") == r"SELECT shop FROM fct_sales WHERE shop = 'a\\''b'"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param({"columns": ("shopp",)}, "no column 'shopp'. Did you mean 'shop'?", id="column"),
        pytest.param({"columns": ("clerk",)}, "no column 'clerk'.", id="hidden column is an absent one"),
        pytest.param({"columns": ("region",)}, "column 'region' may only be filtered on", id="filter column shown"),
        pytest.param({"columns": ("age",)}, "column 'age' may only be aggregated", id="aggregate column shown"),
        pytest.param(
            {"filters": (("age", ">", 3),)}, "column 'age' may only be aggregated", id="aggregate column filtered"
        ),
        pytest.param(
            {"aggregates": (("max", "region", "r"),)}, "column 'region' may only be filtered on", id="filter aggregated"
        ),
        pytest.param(
            {"columns": ("day",), "aggregates": (("sum", "revenue", "total"),)},
            "column 'day' stands beside aggregates, so it must be in group_by",
            id="ungrouped",
        ),
        pytest.param(
            {"aggregates": (("stddev", "revenue", "m"),)},
            "no aggregate 'stddev'. Known: count, count_distinct, sum, avg, min, max.",
            id="aggregate",
        ),
        pytest.param(
            {"aggregates": (("summ", "revenue", "m"),)}, "no aggregate 'summ'. Did you mean 'sum'?", id="near aggregate"
        ),
        pytest.param(
            {"aggregates": (("sum", "shop", "m"),)},
            "sum needs a number, and column 'shop' is a string",
            id="sum of text",
        ),
        pytest.param({"aggregates": (("sum", "*", "m"),)}, "no column '*'.", id="sum of everything"),
        pytest.param(
            {"aggregates": (("count", "*", "a b"),)}, "alias 'a b' is already taken, or not a plain name", id="alias"
        ),
        pytest.param(
            {"filters": (("shop", "contains", "a"),)},
            "no operator 'contains'. Known: =, !=, <, <=, >, >=, like, in, not_in, is_null, not_null, between.",
            id="operator",
        ),
        pytest.param(
            {"filters": (("shop", "notin", "a"),)}, "no operator 'notin'. Did you mean 'not_in'?", id="near operator"
        ),
        pytest.param(
            {"filters": (("orders", "=", "3"),)}, "orders =: expected a finite number, got '3'", id="text for a number"
        ),
        pytest.param(
            {"filters": (("orders", "=", True),)}, "orders =: expected a finite number, got true", id="yes for a number"
        ),
        pytest.param(
            {"filters": (("revenue", "<", float("nan")),)}, "revenue <: expected a finite number, got nan", id="nan"
        ),
        pytest.param({"filters": (("shop", "=", 3),)}, "shop =: expected text, got 3", id="number for text"),
        pytest.param(
            {"filters": (("is_open", "=", "yes"),)}, "is_open =: expected true or false, got 'yes'", id="text for yes"
        ),
        pytest.param(
            {"filters": (("day", "=", "soon"),)},
            "day =: expected a date such as 2026-02-01, got 'soon'",
            id="text for a date",
        ),
        pytest.param(
            {"filters": (("seen_at", "=", 5),)},
            "seen_at =: expected a time such as 2026-02-01 10:30:00, got 5",
            id="number for a time",
        ),
        pytest.param(
            {"filters": (("shop", "=", None),)}, "shop =: needs a value; for rows without one use is_null", id="null"
        ),
        pytest.param({"filters": (("shop", "is_null", "x"),)}, "shop is_null: takes no value", id="value for is_null"),
        pytest.param(
            {"filters": (("shop", "in", "ab"),)}, "shop in: needs a list of values, got 'ab'", id="in without list"
        ),
        pytest.param({"filters": (("shop", "in", ()),)}, "shop in: needs at least one value", id="in nothing"),
        pytest.param(
            {"filters": (("orders", "between", (1,)),)}, "orders between: needs two values, got 1", id="half between"
        ),
        pytest.param(
            {"filters": (("orders", "like", "1%"),)},
            "orders like: needs a text column, and this is a integer",
            id="like a number",
        ),
        pytest.param({"order_by": (("shop", "down"),)}, "order is asc or desc, not 'down'", id="direction"),
        pytest.param({"limit": 0}, "limit must be a whole number of at least 1, not 0", id="limit"),
    ],
)
def test_what_does_not_fit_is_said(request_: dict[str, Any], expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        sql(**request_)
    assert str(caught.value) == f"fct_sales: {expected}"


def test_every_problem_of_a_request_is_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        sql(columns=("shopp",), filters=(("orders", "=", "x"),), order_by=(("dya", "asc"),))
    assert str(caught.value) == (
        "fct_sales: no column 'shopp'. Did you mean 'shop'?; orders =: expected a finite number, got 'x'; "
        "no column 'dya'. Did you mean 'day'?"
    )


def test_an_unknown_mart_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"^no mart named 'fct_sale'\. Did you mean 'fct_sales'\?$"):
        compile_request(SemanticRequest(asset="fct_sale"), CONTRACT)


def test_a_role_is_not_told_of_marts_it_does_not_have() -> None:
    with pytest.raises(UsageError, match=r"^no mart named 'dim_payroll'\. There are: fct_sales\.$"):
        compile_request(SemanticRequest(asset="dim_payroll"), CONTRACT, role="partner")


@settings(max_examples=200, deadline=None)
@given(value=st.text(max_size=40), dialect=st.sampled_from(["duckdb", "clickhouse"]))
def test_no_text_escapes_its_literal(value: str, dialect: str) -> None:
    request = SemanticRequest(asset="fct_sales", columns=("shop",), filters=(("shop", "=", value),))
    statements = sqlglot.parse(compile_request(request, CONTRACT, dialect), dialect=dialect)
    assert len(statements) == 1
    query = statements[0]
    assert query is not None
    literals = [node.this for node in query.find_all(exp.Literal)]
    assert literals == [value]
    assert [node.name for node in query.find_all(exp.Column)] == ["shop", "shop"]


@settings(max_examples=100, deadline=None)
@given(
    text=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20),
    number=st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1, 1),
    whole=st.integers(-(2**63), 2**63 - 1),
)
def test_duckdb_reads_back_exactly_the_values_that_were_given(text: str, number: float, whole: int) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table fct_sales (shop varchar, revenue double, orders bigint)")
        connection.execute("insert into fct_sales values (?, ?, ?)", [text, number, whole])
        statement = sql(
            columns=("shop",), filters=(("shop", "=", text), ("revenue", "=", number), ("orders", "=", whole))
        )
        assert connection.execute(statement).fetchall() == [(text,)]


def test_every_word_that_duckdb_reserves_is_quoted() -> None:
    with duckdb.connect() as connection:
        words = [word for (word,) in connection.execute("select keyword_name from duckdb_keywords()").fetchall()]
        for word in words:
            name = exp.to_identifier(word, quoted=needs_quotes(word, "duckdb")).sql("duckdb")
            found = connection.execute(f'select {name} from (select 1 as "{word}") order by {name}').fetchall()
            assert found == [(1,)], word
            connection.execute(f'create or replace table "{word}" as select 1')
            assert connection.execute(f"select * from {name}").fetchall() == [(1,)], word

"""What sqlglot reads is what the engine reads: a text and its plain round trip are one tree to DuckDB's own parser."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import parse_one
from sqlglot.dialects.dialect import Dialect

from gateway.guard import Approved, check
from gateway.guard.parse import parse
from gateway.guard.plain import plain
from gateway.guard.report import Report
from tests.guard import world
from tests.guard.corpora import Case, read
from tests.guard.drift import differences, meaning
from tests.guard.grammar import honest, joined
from tests.guard.test_properties import SETTINGS, mutated

CASES = [case for case in read("allowed") if case.dialect == "duckdb"]
DUCKDB = Dialect.get_or_raise("duckdb")


def round_trip(sql: str) -> str:
    """The text parsed and rendered, with nothing done in between but the guard's second spellings."""
    tree = parse(sql, DUCKDB, Report(sql))
    assert tree is not None
    return plain(tree, sql, "duckdb").sql(dialect="duckdb", comments=False)


def drift(con: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return differences(meaning(con, sql), meaning(con, round_trip(sql)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_allowed_statement_does_not_drift(case: Case, guarded: duckdb.DuckDBPyConnection) -> None:
    assert drift(guarded, case.sql) == []


@SETTINGS
@given(st.one_of(honest(), joined()))
def test_statements_of_the_grammar_do_not_drift(guarded: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert drift(guarded, sql) == []


@SETTINGS
@given(mutated())
def test_whatever_is_approved_does_not_drift(guarded: duckdb.DuckDBPyConnection, sql: str) -> None:
    if not isinstance(check(sql, world.ANALYST), Approved):
        return
    try:
        guarded.execute("select json_serialize_sql(?::varchar)", [sql])
        found = drift(guarded, sql)
    except AssertionError:
        return  # the engine cannot read the text, so there is no other answer to give
    assert found == []


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ("select 1e3-1e2", "alias"),
        ("select interval '3 days ago'", "interval"),
        ("select name in ['One', null] from dim_experiments", "where"),
        ("select '{}' ->> 'a.b'", "text"),
        ("select log2(3)", "function_name"),
    ],
)
def test_the_comparison_sees_known_drifts(guarded: duckdb.DuckDBPyConnection, sql: str, part: str) -> None:
    """A comparison that made these equal would be worth nothing."""
    plainly = parse_one(sql, dialect="duckdb").sql(dialect="duckdb")
    assert differences(meaning(guarded, sql), meaning(guarded, plainly)) != []

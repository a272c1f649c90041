"""A second opinion: what DuckDB's own parser says the rendering names must be what the verdict says. Parse-only."""

from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.guard import Approved, check
from gateway.guard.referee import Named, disagreement, named_in_duckdb
from tests.guard import world
from tests.guard.corpora import Case, read
from tests.guard.grammar import honest, joined
from tests.guard.referee import parsed
from tests.guard.test_properties import SETTINGS

CASES = [case for case in read("allowed") if case.dialect == "duckdb"]


def approved(sql: str, role: str = "analyst") -> Approved:
    verdict = check(sql, world.POLICIES[role])
    assert isinstance(verdict, Approved), verdict
    return verdict


def named(con: duckdb.DuckDBPyConnection, sql: str) -> Named:
    return named_in_duckdb(parsed(con, sql))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_engines_parser_names_the_same_relations_and_columns(
    case: Case, guarded: duckdb.DuckDBPyConnection
) -> None:
    verdict = approved(case.sql, case.role)
    assert disagreement(verdict, named(guarded, verdict.sql)) is None


@SETTINGS
@given(st.one_of(honest(), joined()))
def test_statements_of_the_grammar_agree_with_the_referee(guarded: duckdb.DuckDBPyConnection, sql: str) -> None:
    verdict = approved(sql)
    assert disagreement(verdict, named(guarded, verdict.sql)) is None


@pytest.mark.parametrize(
    ("sql", "relations"),
    [
        ("select * from payroll", {"payroll"}),
        ("with payroll as (select * from payroll) select * from payroll", {"payroll"}),
        ("with a as (select 1), b as (select * from a) select * from b", set()),
        ("select * from (with p as (select 1) select * from p) x, p", {"p"}),
        ("select * from hr.payroll", {"hr.payroll"}),
        ("with payroll as (select 1) select * from hr.payroll", {"hr.payroll"}),
        ("select * from read_csv('x.csv')", {"read_csv()"}),
        ("select * from 'x.csv'", {"x.csv"}),
        ("select 1 where exists (select 1 from payroll)", {"payroll"}),
        ("select sum(x) over (order by (select max(y) from payroll)) from range(3) r(x)", {"payroll"}),
        ("select (select max(a) from t1) from t2 group by (select 1 from t3) having (select true from t4)", 4),
        ("select * from t1 union all (select * from t2 order by (select 1 from t3) limit 1)", 3),
        ("select * from t1 join t2 on t1.a = (select max(b) from t3) left join t4 using (a)", 4),
        ("select * from t1, lateral (select * from t2 where t2.a = t1.a) l", 2),
    ],
)
def test_relations_are_found_wherever_they_stand(
    guarded: duckdb.DuckDBPyConnection, sql: str, relations: set[str] | int
) -> None:
    wanted = relations if isinstance(relations, set) else {f"t{i + 1}" for i in range(relations)}
    assert named(guarded, sql).relations == wanted
    assert named(guarded, sql).refused == frozenset()


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("with d as (delete from t returning *) select * from d", "DELETE_QUERY_NODE"),
        ("with d as (insert into t values (1) returning *) select * from d", "INSERT_QUERY_NODE"),
        ("with d as (update t set a = 1 returning *) select * from d", "UPDATE_QUERY_NODE"),
        ("with recursive t as (select 1 as n union all select n + 1 from t) select * from t", "RECURSIVE_CTE_NODE"),
        ("select * from t pivot (sum(a) for b in ('x'))", "PIVOT"),
        ("select * from (describe t)", "SHOW_REF"),
        ("select * from t where a = ?", "PARAMETER"),
        ("select #1 from t", "POSITIONAL_REFERENCE"),
    ],
)
def test_kinds_of_node_that_nobody_allowed_are_refused(guarded: duckdb.DuckDBPyConnection, sql: str, kind: str) -> None:
    found = named(guarded, sql)
    assert kind in found.refused
    told = disagreement(approved("select 1"), found)
    assert told is not None
    assert kind in told


def test_the_referee_tells_another_relation_and_another_column(guarded: duckdb.DuckDBPyConnection) -> None:
    verdict = approved("select name from dim_experiments")
    assert disagreement(verdict, named(guarded, "select name from payroll")) == (
        "the engine reads relations payroll, the guard approved dim_experiments"
    )
    assert disagreement(verdict, named(guarded, "select name, owner from dim_experiments")) == (
        "of what the guard approved, the engine reads also dim_experiments.owner"
    )
    assert disagreement(verdict, named(guarded, "select owner from dim_experiments")) == (
        "of what the guard approved, the engine reads also dim_experiments.owner and not dim_experiments.name"
    )
    assert disagreement(verdict, named(guarded, "select * from dim_experiments")) == (
        "of what the guard approved, the engine reads also dim_experiments.* and not dim_experiments.name"
    )


@pytest.mark.parametrize("tree", [{}, {"error": True}, {"error": False, "statements": []}, {"statements": [{}, {}]}])
def test_what_is_not_one_statement_agrees_with_nothing(tree: dict[str, Any]) -> None:
    assert disagreement(approved("select 1"), named_in_duckdb(tree)) is not None

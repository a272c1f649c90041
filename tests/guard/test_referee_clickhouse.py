"""The referee's ClickHouse half finds relations wherever they stand, and refuses kinds that nobody allowed."""

from collections.abc import Mapping

import pytest

from gateway.guard import Approved, check
from gateway.guard.referee import Named, disagreement
from gateway.guard.referee_clickhouse import named_in_clickhouse
from tests.clickhouse import Database
from tests.guard import world
from tests.guard.drift_clickhouse import parsed, with_names

Worlds = Mapping[str, Database]


def readings(database: Database, sql: str) -> tuple[Named, Named]:
    """By the whole tree, and by EXPLAIN AST."""
    tree = parsed(database, sql)
    return named_in_clickhouse(tree), named_in_clickhouse(database.text(f"EXPLAIN AST {sql}"), with_names(tree))


@pytest.mark.parametrize(
    ("sql", "relations"),
    [
        ("select * from payroll", {"payroll"}),
        ("select * from hr.payroll", {"hr.payroll"}),
        ("select 1 where 1 in payroll", {"payroll"}),
        ("select 1 where 1 not in hr.payroll", {"hr.payroll"}),
        ("select 1 where 1 global in payroll", {"payroll"}),
        ("select 1 where in(1, payroll)", {"payroll"}),
        ("select 1 where 1 in (payroll)", {"payroll"}),
        ("with a as (select 1 as x), b as (select x from a) select x from b", set()),
        ("with a as (select 1 as x) select x from a union all select x from a", set()),
        ("with a as (select 1 as x) select x from a intersect select x from a", set()),
        ("select * from file('x.csv')", {"file()"}),
        ("select * from merge('d', '.*')", {"merge()"}),
        ("select generate_series from generate_series(1, 2)", set()),
        ("select dictGet('people', 'person', 1)", {"dictget()"}),
        ("select joinGet('people_join', 'person', 1)", {"joinget()"}),
        ("select file('x')", {"file()"}),
        ("select 1 from t1 where exists (select 1 from t2) and (select max(a) from t3) = 1", 3),
        ("select sum(x) over (order by (select max(y) from t1)) from t2", 2),
        ("select 1 from t1 join t2 on t1.a = (select max(b) from t3) left join t4 using (a)", 4),
        ("select 1 from t1 group by (select 1 from t2) having (select true from t3) order by (select 1 from t4)", 4),
        ("select 1 from t1 limit 1 by (select 1 from t2)", 2),
        ("(select a from t1 order by (select 1 from t2) limit 1) union all select a from t3", 3),
        ("select sumIf(a, (select max(b) from t1) > 1) from t2", 2),
        ("select quantile((select 0.5 from t1))(a) from t2", 2),
        ("select * from view(select person from t1)", {"view()", "t1"}),
    ],
)
def test_relations_are_found_wherever_they_stand(clickhouse: Worlds, sql: str, relations: set[str] | int) -> None:
    wanted = relations if isinstance(relations, set) else {f"t{i + 1}" for i in range(relations)}
    for found in readings(clickhouse["full"], sql):
        assert found.relations == wanted


@pytest.mark.parametrize(
    ("sql", "whole", "lines"),
    [
        ("select a from t settings max_threads = 1", "settings", "Set"),
        ("select a from t final", "final", ""),
        ("select a from t sample 0.1", "sample_size", "SampleRatio"),
        ("select a from t prewhere b", "prewhere", ""),
        ("select a from t array join b as c", "ArrayJoin", "ArrayJoin"),
        ("select a from t group by a with totals", "group_by_with_totals", ""),
        ("select a from t order by a limit 1 with ties", "limit_with_ties", ""),
        ("select columns('a.*') from t", "ColumnsRegexpMatcher", "ColumnsRegexpMatcher"),
        ("select * except (a) from t", "ColumnsTransformerList", "ColumnsTransformerList"),
        ("select * apply(sum) from t", "ColumnsTransformerList", "ColumnsTransformerList"),
        ("select arrayMap(x -> x, [1]) from t where 1 in (select 1 settings max_threads = 1)", "settings", "Set"),
    ],
)
def test_kinds_of_node_that_nobody_allowed_are_refused(clickhouse: Worlds, sql: str, whole: str, lines: str) -> None:
    by_tree, by_lines = readings(clickhouse["writable"], sql)
    assert whole in by_tree.refused
    assert not lines or lines in by_lines.refused
    verdict = approved("select 1 as one")
    assert disagreement(verdict, by_tree) is not None


def test_a_cte_hides_a_table_of_its_name_in_its_own_scope_only(clickhouse: Worlds) -> None:
    """EXPLAIN AST cannot tell: there, a name of a CTE is one everywhere. The guard refuses such names beforehand."""
    sql = "select x from (with p as (select 1 as x) select x from p) as t, p"
    whole, lines = readings(clickhouse["full"], sql)
    assert whole.relations == {"p"}
    assert lines.relations == frozenset()
    assert not isinstance(check(sql, world.ANALYST, dialect="clickhouse"), Approved)


def approved(sql: str) -> Approved:
    verdict = check(sql, world.ANALYST, dialect="clickhouse")
    assert isinstance(verdict, Approved), verdict
    return verdict


def test_the_referee_tells_another_relation_and_another_column(clickhouse: Worlds) -> None:
    verdict = approved("select name from dim_experiments")
    full = clickhouse["full"]
    for other, told in (
        ("select name from payroll", "the engine reads relations payroll, the guard approved dim_experiments"),
        (
            "select name, owner from dim_experiments",
            "of what the guard approved, the engine reads also dim_experiments.owner",
        ),
        (
            "select owner from dim_experiments",
            "of what the guard approved, the engine reads also dim_experiments.owner and not dim_experiments.name",
        ),
        (
            "select * from dim_experiments",
            "of what the guard approved, the engine reads also dim_experiments.* and not dim_experiments.name",
        ),
    ):
        for found in readings(full, other):
            assert disagreement(verdict, found) == told


@pytest.mark.parametrize(
    "tree", [{}, {"type": "InsertQuery"}, "", "CreateQuery", "SelectQuery (children 1)\nx y z\n\n!"]
)
def test_what_is_not_one_query_agrees_with_nothing(tree: str | dict[str, str]) -> None:
    assert disagreement(approved("select 1 as one"), named_in_clickhouse(tree)) is not None

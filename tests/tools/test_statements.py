"""Statements and semantic queries: what is approved comes back as a table, what is not comes back with every reason."""

from typing import Any

import pytest

from gateway.errors import UsageError
from gateway.guard import Rule
from gateway.ports import RefusedError
from gateway.tools import registry
from tests.conftest import Demo, rows_of

REFUSED = [
    pytest.param("drop table dim_experiments", [Rule.NOT_A_QUERY], id="write"),
    pytest.param("select 1; select 2", [Rule.MANY_STATEMENTS], id="two statements"),
    pytest.param("select * from payroll", [Rule.TABLE_NOT_ALLOWED], id="table outside the contract"),
    pytest.param("select owner from dim_experiments", [Rule.COLUMN_NOT_FOUND], id="hidden column"),
    pytest.param("select * from read_csv('/etc/passwd')", [Rule.TABLE_FUNCTION_NOT_ALLOWED], id="file"),
    pytest.param("select experiment_id from fct_experiment_srm", [Rule.PIN_NOT_FIXED], id="population left open"),
    pytest.param(
        "select unit_id, sum(uplift_abs) as s from fct_experiment_results where metric_id = 'conversion_7d' group by 1",
        [Rule.COLUMN_NOT_FOUND, Rule.NOT_ADDITIVE, Rule.PIN_NOT_FIXED, Rule.PIN_NOT_FIXED],
        id="every reason at once",
    ),
]


@pytest.mark.parametrize(("statement", "rules"), REFUSED)
@pytest.mark.parametrize("tool", ["check_sql", "run_sql"])
def test_a_refused_statement_raises_every_reason_and_runs_nothing(
    demo: Demo, tool: str, statement: str, rules: list[Rule]
) -> None:
    ctx = demo.context()
    with pytest.raises(RefusedError) as refused:
        registry.call(tool, {"statement": statement}, ctx)
    assert sorted(violation.rule for violation in refused.value.refused.violations) == sorted(rules)
    (record,) = ctx.queries
    assert (record.info.verdict, record.info.approved, record.rows, record.query_id) == ("refused", "", 0, "")


def test_check_gives_the_text_that_would_run_and_runs_nothing(demo: Demo) -> None:
    ctx = demo.context()
    result = registry.call("check_sql", {"statement": "select experiment_id from dim_experiments limit 3"}, ctx)
    (record,) = ctx.queries
    assert rows_of(result) == [{"approved": record.info.approved}]
    assert (record.rows, record.query_id) == (0, "")


def test_run_gives_the_rows(demo: Demo) -> None:
    result = demo.call(
        "run_sql", statement="select status, count(*) as n from dim_experiments group by status order by status"
    )
    assert (result.table.columns, result.table.rows) == (["status", "n"], [["ended", 11], ["running", 2]])
    assert (result.table.truncated, result.warnings) == (False, ())


def test_a_cut_result_says_so_and_how_to_get_the_rest(demo: Demo) -> None:
    statement = {"statement": "select metric_id from dim_metrics order by 1"}
    cut = registry.call("run_sql", statement, demo.context(rows=2))
    whole = registry.call("run_sql", statement, demo.context(rows=10))
    assert (cut.table.rows, cut.table.truncated) == ([["average_order_value"], ["conversion_7d"]], True)
    assert cut.warnings == ("cut at 2 rows, the limit of role 'analyst': filter, aggregate or add LIMIT",)
    assert (len(whole.table.rows), whole.table.truncated, whole.warnings) == (10, False, ())


def test_a_limit_in_the_statement_is_no_cut(demo: Demo) -> None:
    result = demo.call("run_sql", statement="select metric_id from dim_metrics order by 1 limit 2")
    assert (len(result.table.rows), result.table.truncated, result.warnings) == (2, False, ())


def test_a_semantic_query_selects_filters_orders_and_limits(demo: Demo) -> None:
    result = demo.call(
        "query_marts",
        asset="fct_experiment_results",
        columns=["experiment_id", "verdict"],
        filters=[
            ["analysis_population", "=", "itt"],
            ["dimension", "=", "all"],
            ["metric_id", "=", "conversion_7d"],
            ["verdict", "in", ["better", "unreliable"]],
            ["not_computable", "is_null", None],
        ],
        order_by=[["experiment_id", "desc"]],
        limit=3,
    )
    assert result.table.rows == [
        ["price_badges", "better"],
        ["pin_leaderboard_carousel", "unreliable"],
        ["one_page_checkout", "better"],
    ]


def test_a_semantic_query_passes_the_same_guard(demo: Demo) -> None:
    with pytest.raises(RefusedError) as refused:
        demo.call("query_marts", asset="fct_experiment_results", columns=["experiment_id", "verdict"])
    assert [v.rule for v in refused.value.refused.violations] == [Rule.PIN_NOT_FIXED, Rule.PIN_NOT_FIXED]


def test_a_value_is_never_sql(demo: Demo) -> None:
    result = demo.call(
        "query_marts",
        asset="dim_experiments",
        columns=["experiment_id"],
        filters=[["name", "=", "x' or '1' = '1"]],
    )
    assert result.table.rows == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"columns": ["unit_id"]}, "fct_experiment_cohort: no column 'unit_id'.", id="hidden column"),
        pytest.param({"columns": []}, "query_marts can't take these arguments: columns", id="no columns"),
        pytest.param(
            {"columns": ["variation_id"], "filters": [["variation_id", "~", "x"]]},
            "query_marts can't take these arguments: filters.0.1",
            id="operator",
        ),
        pytest.param(
            {"columns": ["variation_id"], "limit": 0}, "query_marts can't take these arguments: limit", id="limit"
        ),
    ],
)
def test_a_semantic_query_that_does_not_fit_is_said(demo: Demo, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        demo.call("query_marts", asset="fct_experiment_cohort", **arguments)
    assert refused.value.message.startswith(message)

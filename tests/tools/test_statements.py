"""Statements: what is approved comes back as a table, what is not comes back with every reason."""

import pytest

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
@pytest.mark.parametrize("explain", [True, False])
def test_a_refused_statement_raises_every_reason_and_runs_nothing(
    demo: Demo, explain: bool, statement: str, rules: list[Rule]
) -> None:
    ctx = demo.context()
    with pytest.raises(RefusedError) as refused:
        registry.call("run_sql", {"statement": statement, "explain": explain}, ctx)
    assert sorted(violation.rule for violation in refused.value.refused.violations) == sorted(rules)
    (record,) = ctx.queries
    assert (record.info.verdict, record.info.approved, record.rows, record.query_id) == ("refused", "", 0, "")


def test_explain_gives_the_text_that_would_run_and_runs_nothing(demo: Demo) -> None:
    ctx = demo.context()
    statement = "select experiment_id from dim_experiments limit 3"
    result = registry.call("run_sql", {"statement": statement, "explain": True}, ctx)
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


def test_sum_over_a_rate_names_the_tool_that_is_right(demo: Demo) -> None:
    statement = (
        "select sum(uplift_abs) as s from fct_experiment_results where analysis_population = 'itt' "
        "and dimension = 'all' and metric_id = 'conversion_7d'"
    )
    with pytest.raises(RefusedError) as refused:
        demo.call("run_sql", statement=statement)
    assert "use experiment_results" in refused.value.hint

"""Semantic queries: names and expressions compiled for the caller, and guarded twice."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.errors import UsageError
from gateway.guard import Approved, Refused, Rule
from gateway.ports import RefusedError, Rows
from gateway.tools import registry
from gateway.tools.base import ToolContext
from tests.conftest import Demo, rows_of
from tests.guard.corpora import read

TOTALS = ["analysis_population = 'itt'", "dimension = 'all'"]


def refused(demo: Demo, **arguments: Any) -> Refused:
    with pytest.raises(RefusedError) as error:
        demo.call("query_marts", **arguments)
    return error.value.refused


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


def test_filters_and_order_may_be_written_as_sql(demo: Demo) -> None:
    """The same rows as by parts, in the same order, with the parts and the texts mixed."""
    columns = ["experiment_id", "variation_id", "n_users"]
    by_parts = demo.call(
        "query_marts",
        asset="fct_experiment_results",
        columns=columns,
        filters=[["analysis_population", "=", "itt"], ["dimension", "=", "platform"],
                 ["dimension_value", "=", "ios"], ["n_users", ">", 100], ["metric_id", "=", "conversion_7d"]],
        order_by=[["n_users", "desc"], ["variation_id", "asc"]],
    )  # fmt: skip
    written = demo.call(
        "query_marts",
        asset="fct_experiment_results",
        columns=columns,
        filters=["analysis_population = 'itt' and dimension = 'platform'", "dimension_value = 'ios' and n_users > 100",
                 ["metric_id", "=", "conversion_7d"]],
        order_by=["n_users desc", ["variation_id", "asc"]],
    )  # fmt: skip
    assert len(by_parts.table.rows) > 5
    assert written.table.rows == by_parts.table.rows


def test_a_condition_with_or_loosens_nothing_that_stands_beside_it(demo: Demo) -> None:
    given = demo.call(
        "query_marts",
        asset="dim_experiments",
        columns=["experiment_id"],
        filters=["status = 'running' or 1 = 1", "experiment_id = 'price_badges' or 1 = 0"],
    )
    assert given.table.rows == [["price_badges"]]


def test_a_semantic_query_passes_the_same_guard(demo: Demo) -> None:
    found = refused(demo, asset="fct_experiment_results", columns=["experiment_id", "verdict"])
    assert [v.rule for v in found.violations] == [Rule.PIN_NOT_FIXED, Rule.PIN_NOT_FIXED]


def test_a_value_is_never_sql(demo: Demo) -> None:
    result = demo.call(
        "query_marts",
        asset="dim_experiments",
        columns=["experiment_id"],
        filters=[["name", "=", "x' or '1' = '1"]],
    )
    assert result.table.rows == []


@pytest.mark.parametrize(
    ("arguments", "rules"),
    [
        pytest.param({"filters": ["owner = 'x'"]}, [Rule.COLUMN_NOT_FOUND], id="hidden column in a filter"),
        pytest.param({"order_by": ["owner desc"]}, [Rule.COLUMN_NOT_FOUND], id="hidden column in an order"),
        pytest.param(
            {"filters": ["owner = 'x'", "name = 'x' --"], "order_by": ["(select 1)"]},
            [Rule.COLUMN_NOT_FOUND, Rule.SYNTAX_NOT_ALLOWED, Rule.SYNTAX_NOT_ALLOWED],
            id="every expression at once",
        ),
        pytest.param(
            {"filters": ["1 = 1) union select metric_id from dim_metrics where (1 = 1"]},
            [Rule.SYNTAX_NOT_ALLOWED],
            id="union",
        ),
    ],
)
def test_a_refused_expression_raises_every_reason_and_nothing_runs(
    demo: Demo, arguments: dict[str, Any], rules: list[Rule]
) -> None:
    ctx = demo.context()
    with pytest.raises(RefusedError) as error:
        registry.call("query_marts", {"asset": "dim_experiments", "columns": ["name"], **arguments}, ctx)
    assert [violation.rule for violation in error.value.refused.violations] == rules
    texts = [text for part in arguments.values() for text in part]
    assert [(record.info.verdict, record.info.proposed) for record in ctx.queries] == [
        ("refused", text) for text in texts
    ]


HOSTILE = [case for case in read("expressions") if case.rules and case.name != "name that shadows a column"]


@pytest.mark.parametrize("case", HOSTILE, ids=str)
def test_no_hostile_expression_of_the_corpora_comes_through(demo: Demo, case: Any) -> None:
    """Over a mart with none of the corpora's columns: whatever the text is, nothing but a refusal comes of it."""
    place = {"conditions": "filters", "orders": "order_by", "measures": "metrics"}[case.family]
    form = {"dimensions": ["status"]} if place == "metrics" else {"columns": ["name"]}
    arguments = {"asset": "dim_experiments", **form, place: [case.sql]}
    reply = demo.gateway.call_tool("query_marts", arguments, demo.caller())
    assert (reply.answer.status, reply.exit_code) == ("blocked", 3)
    assert reply.answer.table.rows == []
    assert [query.verdict for query in reply.answer.queries] == ["refused"]


def test_measures_are_folded_by_dimensions(demo: Demo) -> None:
    folded = demo.call(
        "query_marts",
        asset="agg_experiment_metric_by_variant",
        metrics=["n", "count(*) as arms", "max(n) - min(n) as gap"],
        dimensions=["experiment_id"],
        filters=[*TOTALS, "metric_id = 'conversion_7d'"],
        order_by=["sum_n desc", "experiment_id"],
    )
    plain = demo.call(
        "run_sql",
        statement="select experiment_id, sum(n) as s, count(*) as a, max(n) - min(n) as g "
        "from agg_experiment_metric_by_variant where analysis_population = 'itt' and dimension = 'all' "
        "and metric_id = 'conversion_7d' group by 1 order by 2 desc, 1",
    )
    assert folded.table.columns == ["experiment_id", "sum_n", "arms", "gap"]
    assert folded.table.rows == plain.table.rows
    assert len(folded.table.rows) > 5


def test_a_total_needs_no_dimension_and_dimensions_alone_are_a_listing(demo: Demo) -> None:
    assert rows_of(demo.call("query_marts", asset="dim_experiments", metrics=["count(*)"])) == [{"count": 13}]
    listed = demo.call("query_marts", asset="dim_experiments", dimensions=["status"], order_by=["status"])
    assert listed.table.rows == [["ended"], ["running"]]


@pytest.mark.parametrize(
    ("metrics", "rule"),
    [
        pytest.param(["uplift_abs"], Rule.NOT_ADDITIVE, id="a measure that does not add up"),
        pytest.param(["sum(n_users)"], Rule.PIN_NOT_FIXED, id="populations mixed"),
        pytest.param(["count(*) as n, owner"], Rule.SYNTAX_NOT_ALLOWED, id="two at once"),
    ],
)
def test_a_number_that_would_be_wrong_is_refused(demo: Demo, metrics: list[str], rule: Rule) -> None:
    filters = [] if rule is Rule.PIN_NOT_FIXED else TOTALS
    found = refused(
        demo, asset="fct_experiment_results", metrics=metrics, dimensions=["experiment_id"], filters=filters
    )
    assert rule in {violation.rule for violation in found.violations}


def test_values_of_metrics_come_for_every_arm_as_the_results_have_them(demo: Demo) -> None:
    """A ratio is the ratio of sums, never a mean of ratios; every value is the one that the evidence shows."""
    metrics = ["refund_rate", "conversion_7d", "revenue_per_user"]
    told = rows_of(
        demo.call(
            "query_marts",
            metrics=metrics,
            dimensions=["platform"],
            filters=["experiment_id = 'express_refunds' and platform = 'ios'", "analysis_population = 'itt'"],
            order_by=["value desc"],
        )
    )
    values = [row["value"] for row in told]
    assert values == sorted(values, reverse=True)
    assert {row["metric_id"] for row in told} == set(metrics)
    shown = {(row["metric_id"], row["variation_id"]): (row["n_users"], row["value"]) for row in told}
    for metric in metrics:
        segment = {"metric_id": metric, "dimension": "platform", "dimension_value": "ios"}
        (item,) = demo.call(
            "experiment_segments", experiment_id="express_refunds", population="itt", **segment
        ).evidence
        for arm, value in ((item.variation_id, item.treatment), (item.control_variation_id, item.control)):
            assert shown[metric, arm] == (value.n, pytest.approx(value.value, rel=1e-12))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"metrics": ["convresion_7d"]}, "no metric named 'convresion_7d' here", id="metric"),
        pytest.param(
            {"metrics": ["conversion_7d"], "dimensions": ["plattform"]},
            "no dimension named 'plattform' here",
            id="dimension",
        ),
        pytest.param(
            {"metrics": ["conversion_7d"], "dimensions": ["platform", "country"]},
            "segments are not crossed: platform and country",
            id="crossed",
        ),
        pytest.param({}, "neither a mart nor metrics", id="nothing"),
        pytest.param({"asset": "dim_metrics"}, "neither columns nor metrics", id="no columns"),
        pytest.param(
            {"asset": "dim_metrics", "columns": ["label"], "metrics": ["count(*)"]},
            "columns are rows as they are, and metrics fold rows",
            id="both",
        ),
        pytest.param({"asset": "dim_metric", "columns": ["label"]}, "no mart named 'dim_metric' here", id="mart"),
        pytest.param(
            {"asset": "fct_experiment_cohort", "columns": ["unit_id"]},
            "fct_experiment_cohort: no column 'unit_id'.",
            id="hidden column",
        ),
        pytest.param(
            {"asset": "dim_metrics", "columns": ["label"], "filters": [["label", "~", "x"]]},
            "query_marts can't take these arguments: filters.0.parts.1: Input should be '='",
            id="operator",
        ),
        pytest.param(
            {"asset": "dim_metrics", "columns": ["label"], "filters": [7]},
            "query_marts can't take these arguments: filters.0.parts: Input should be a valid tuple",
            id="neither text nor parts",
        ),
        pytest.param(
            {"asset": "dim_metrics", "columns": ["label"], "limit": 0},
            "query_marts can't take these arguments: limit",
            id="limit",
        ),
    ],
)
def test_a_semantic_query_that_does_not_fit_is_said(demo: Demo, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as error:
        demo.call("query_marts", **arguments)
    assert error.value.message.startswith(message)


@pytest.mark.parametrize("filters", [[], ["n_users > 100"]])
def test_a_role_without_the_arms_is_told_what_to_call_instead(demo: Demo, filters: list[str]) -> None:
    with pytest.raises(UsageError, match="role 'viewer' has no mart that holds the values of metrics") as error:
        demo.call("query_marts", role="viewer", metrics=["conversion_7d"], filters=filters)
    assert error.value.hint == "call experiment_results, or name a mart with its columns"


def test_no_rows_of_a_known_metric_are_no_error(demo: Demo) -> None:
    filters = ["experiment_id = 'nowhere'"]
    assert demo.call("query_marts", metrics=["conversion_7d"], filters=filters).table.rows == []


@dataclass
class Unplugged:
    """An engine of ClickHouse's dialect that keeps what it was to run."""

    name: str = "clickhouse"
    ran: list[Approved] = field(default_factory=list)

    def run(self, approved: Approved) -> Rows:
        self.ran.append(approved)
        return Rows(("metric_id", "value"), (("conversion_7d", 0.5),))

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(
    "arguments",
    [
        {"metrics": ["conversion_7d"], "dimensions": ["platform"], "order_by": ["value desc"],
         "filters": ["platform = 'ios' and n_users > 100"]},
        {"asset": "agg_experiment_metric_by_variant", "metrics": ["n", "countIf(n > 100) as large"],
         "dimensions": ["experiment_id"], "filters": [*TOTALS, "metric_id = 'conversion_7d'"],
         "order_by": ["sum_n desc"]},
        {"asset": "dim_experiments", "columns": ["name"], "filters": ["startsWith(name, 'One')"],
         "order_by": ["lower(name) desc nulls last"]},
    ],
)  # fmt: skip
def test_the_same_queries_are_approved_in_clickhouses_dialect(demo: Demo, arguments: dict[str, Any]) -> None:
    engine = Unplugged()
    ctx = ToolContext(engine, demo.gateway.contract, demo.context().policy)
    registry.call("query_marts", arguments, ctx)
    assert [approved.dialect for approved in engine.ran] == ["clickhouse"]
    assert [record.info.verdict for record in ctx.queries] == ["approved"]


def test_expressions_are_written_in_the_contracts_dialect(demo: Demo) -> None:
    """A backslash keeps a quote open in one dialect, and is a letter in the other: the engine's is not what is read."""
    engine = Unplugged()
    contract = demo.gateway.contract.model_copy(update={"dialect": "duckdb"})
    ctx = ToolContext(engine, contract, demo.context().policy)
    arguments = {
        "asset": "dim_experiments",
        "columns": ["name"],
        "filters": [r"name = 'x\'"],
        "order_by": ["name desc"],
    }
    registry.call("query_marts", arguments, ctx)
    (approved,) = engine.ran
    assert approved.dialect == "clickhouse"
    assert r"(name = 'x\\')" in approved.sql


def test_an_expression_of_another_dialect_than_the_contracts_is_refused(demo: Demo) -> None:
    contract = demo.gateway.contract.model_copy(update={"dialect": "clickhouse"})
    ctx = ToolContext(demo.gateway.engine, contract, demo.context().policy)
    arguments = {"asset": "dim_experiments", "columns": ["name"], "filters": ["list_contains(['x'], name)"]}
    with pytest.raises(RefusedError) as error:
        registry.call("query_marts", arguments, ctx)
    assert [violation.rule for violation in error.value.refused.violations] == [Rule.FUNCTION_NOT_ALLOWED]
    arguments["filters"] = ["coalesce(name, 'x') = 'Price badges'"]
    assert registry.call("query_marts", arguments, ctx).table.rows

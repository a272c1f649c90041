"""Questions about the marts: what they hold, their rows and columns. What the asker may not know of is not there."""

import pytest

from gateway.answer import Cell, Table
from gateway.ask.compose import compose
from gateway.ask.plan import OfflinePlanner
from gateway.ask.vocabulary import Mart, Vocabulary
from gateway.ports import Plan, ToolCall
from gateway.tools.base import ToolResult
from tests.ask.asking import tool
from tests.ask.world import CATALOGUE, EXPERIMENTS

MARTS = {
    "dim_metrics": Mart(("metric_id", "label"), is_list=True),
    "fct_experiment_results": Mart(("experiment_id", "uplift_abs", "srm_status"), is_list=False),
    "fct_experiment_srm": Mart(("experiment_id", "n_units"), is_list=False),
    "fct_sales": Mart(("day", "n_units"), is_list=True),
    "fct_metric_event_quality_daily": Mart(("event_name", "date_day", "n_duplicates"), is_list=True),
}


def ask(question: str) -> Plan:
    return OfflinePlanner(Vocabulary(EXPERIMENTS, CATALOGUE, marts=lambda: MARTS), "itt").plan(question, {})


def described(mart: str) -> ToolCall:
    return tool("describe_marts", asset=mart)


ROWS = tool("query_marts", asset="dim_metrics", columns=["metric_id", "label"])
COUNT = tool("query_marts", asset="dim_metrics", metrics=["count(*) as n_rows"])


@pytest.mark.parametrize(
    ("question", "call"),
    [
        ("describe fct_experiment_results", described("fct_experiment_results")),
        ("which columns does dim_metrics have", described("dim_metrics")),
        ("what is in the table fct_experiment_srm?", described("fct_experiment_srm")),
        ("schema of dim_metrics", described("dim_metrics")),
        ("dim_metrics columns", described("dim_metrics")),
        ("and dim_metrics?", described("dim_metrics")),
        ("what does uplift_abs mean", described("fct_experiment_results")),
        ("meaning of the column srm_status", described("fct_experiment_results")),
        ("show me the rows of dim_metrics", ROWS),
        ("list dim_metrics", ROWS),
        ("how many rows does dim_metrics have", COUNT),
        ("row count of dim_metrics", COUNT),
    ],
)
def test_marts_are_described_listed_and_counted(question: str, call: ToolCall) -> None:
    assert ask(question).calls == (call,)


def test_dropped_events_are_read_from_their_mart() -> None:
    (call,) = ask("how many duplicate events were dropped per day").calls
    assert call.arguments["asset"] == "fct_metric_event_quality_daily"
    assert call.arguments["columns"] == ["event_name", "date_day", "n_duplicates"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("rows of fct_experiment_results", "can't be listed as they are"),
        ("how many rows does fct_experiment_srm have", "can't be listed as they are"),
        ("what does n_units mean", "n_units is a column of fct_experiment_srm, fct_sales: in which?"),
        ("describe fct_payroll", "There is no mart named fct_payroll here"),
        ("columns of the payroll table", "There is no mart named payroll here"),
    ],
)
def test_what_can_not_be_told_is_asked_back(question: str, said: str) -> None:
    plan = ask(question)
    assert said in plan.question_back
    assert plan.choices
    assert all(ask(choice).calls for choice in plan.choices)


def test_an_id_of_an_experiment_or_a_metric_is_no_mart() -> None:
    assert [call.tool for call in ask("what does conversion_7d mean").calls] == ["list_metrics"]
    assert [call.tool for call in ask("describe price_badges").calls] == ["query_marts"]


def test_a_column_is_explained_in_the_text() -> None:
    plan = ask("what does uplift_abs mean")
    columns = ["column", "type", "role", "access", "description"]
    rows: list[list[Cell]] = [
        ["uplift_abs", "double", "measure", "select", "The difference."],
        ["p", "double", "", "", "P."],
    ]
    text = compose(plan, [(plan.calls[0], ToolResult(table=Table(columns=columns, rows=rows)))])
    assert text == "uplift_abs (double, measure): The difference."

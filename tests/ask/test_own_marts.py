"""Plain words over a contract without this project's marts: what there is can be told, what a test did can't."""

from typing import Any

import pytest

from gateway.ask.own_marts import OwnMartsPlanner
from gateway.ask.vocabulary import knows_experiments
from gateway.errors import UsageError
from gateway.ports import ToolCall
from gateway.semantic.model import Contract

COLUMNS = {"test_id": {"type": "string", "role": "key"}, "owner": {"type": "string", "access": "hidden"}}
CONTRACT = Contract.model_validate(
    {
        "version": 1,
        "assets": {
            "tests": {"description": "Tests.", "grain": ["test_id"], "columns": COLUMNS},
            "ab_results": {"description": "Results.", "grain": ["test_id"], "columns": COLUMNS},
        },
        "metrics": {"revenue": {"label": "Revenue", "aggregation": "sum", "desired": "increase"}},
        "roles": {"analyst": {"assets": "*"}},
    }
)
MARTS = CONTRACT.visible_to("analyst")
PLANNER = OwnMartsPlanner(CONTRACT, MARTS)


def rows_of(asset: str) -> ToolCall:
    return ToolCall("query_marts", {"asset": asset, "columns": ["test_id"], "limit": 20})


def columns_of(asset: str) -> ToolCall:
    return ToolCall("describe_marts", {"asset": asset})


@pytest.mark.parametrize(
    ("question", "call"),
    [
        ("Which marts are there?", ToolCall("describe_marts")),
        ("what tables can I ask?", ToolCall("describe_marts")),
        ("What can I ask?", ToolCall("describe_marts")),
        ("Describe ab_results", columns_of("ab_results")),
        ("what columns do the AB results have?", columns_of("ab_results")),
        ("tests", columns_of("tests")),
        ("List the tests", rows_of("tests")),
        ("show me rows of ab_results", rows_of("ab_results")),
        ("list the columns of tests", columns_of("tests")),
        ("Which metrics are there?", ToolCall("list_metrics")),
        ("What does revenue mean?", ToolCall("list_metrics")),
    ],
)
def test_what_there_is_is_told(question: str, call: ToolCall) -> None:
    assert PLANNER.plan(question, {}).calls == (call,)


@pytest.mark.parametrize(
    "question",
    ["Did gift wrap raise revenue?", "should we launch gift wrap?", "hello", "which test had the biggest lift?"],
)
def test_what_a_test_did_is_asked_back_with_the_way_to_an_answer(question: str) -> None:
    plan = PLANNER.plan(question, {})
    assert (plan.calls, plan.refusal) == ((), "")
    assert "`gateway sql`" in plan.question_back
    assert "compare_arms" in plan.question_back
    assert plan.choices == ("Which marts are there?", "Describe tests", "Describe ab_results")


def test_each_choice_can_be_asked() -> None:
    for choice in PLANNER.plan("Did gift wrap raise revenue?", {}).choices:
        assert PLANNER.plan(choice, {}).calls


def test_two_marts_are_asked_apart() -> None:
    plan = PLANNER.plan("describe tests and ab_results", {})
    assert plan.choices == ("Describe tests", "Describe ab_results")


@pytest.mark.parametrize(("question", "rule"), [
    ("give me the e-mails of all customers", "personal_data"), ("delete the tests", "write_request"),
])  # fmt: skip
def test_people_and_writes_are_refused_here_too(question: str, rule: str) -> None:
    assert PLANNER.plan(question, {}).refusal_rule == rule


def test_sql_alone_is_run_and_with_words_around_it_is_sent_where_sql_goes() -> None:
    assert PLANNER.plan("select * from tests", {}).calls == (ToolCall("run_sql", {"statement": "select * from tests"}),)
    assert "`gateway sql`" in PLANNER.plan("my boss wants select test_id from tests", {}).question_back


def test_no_question_is_a_usage_error_and_a_conversation_is_kept() -> None:
    with pytest.raises(UsageError):
        PLANNER.plan("  ", {})
    kept: dict[str, Any] = {"experiment": "x"}
    assert PLANNER.plan("Which marts are there?", kept).focus == kept


def test_it_is_for_contracts_that_hold_none_of_the_experiment_marts() -> None:
    assert not knows_experiments(MARTS)
    assert knows_experiments({**MARTS, "dim_experiments": MARTS["tests"]})

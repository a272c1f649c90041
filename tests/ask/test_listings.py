"""Lists of experiments by what they are. A question that is not wholly one of these forms is no list."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.answer import Table
from gateway.ask.compose import compose
from gateway.ask.plan import OfflinePlanner
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan
from gateway.tools.base import ToolResult
from tests.ask.world import CATALOGUE, EXPERIMENTS, SEGMENTS

DATED = tuple(
    replace(item, started=date(2026, 2, 1 + place), ended=date(2026, 2, 15 + place % 10))
    for place, item in enumerate(EXPERIMENTS)
)
OLDER = (*DATED[:-1], replace(DATED[-1], started=date(2025, 2, 1), ended=date(2025, 3, 1)))


def ask(question: str, experiments: tuple[Any, ...] = DATED) -> Plan:
    return OfflinePlanner(Vocabulary(experiments, CATALOGUE, lambda: SEGMENTS), "itt").plan(question, {})


def filters(question: str) -> tuple[str, list[list[Any]]]:
    (call,) = ask(question).calls
    assert call.tool == "query_marts"
    return call.arguments["asset"], call.arguments["filters"]


FEBRUARY = [["ended_at", ">=", "2026-02-01"], ["ended_at", "<", "2026-03-01"]]


@pytest.mark.parametrize(
    ("question", "asset", "wanted"),
    [
        ("which experiments ended in February 2026", "dim_experiments", FEBRUARY),
        ("Which experiments ended in February?", "dim_experiments", FEBRUARY),
        ("list the tests that finished in Feb 2026", "dim_experiments", FEBRUARY),
        ("how many experiments were concluded between 1 and 28 February", "dim_experiments", FEBRUARY),
        ("what started after 2026-02-03", "dim_experiments", [["started_at", ">=", "2026-02-04"]]),
        ("experiments launched before 3 feb", "dim_experiments", [["started_at", "<", "2026-02-03"]]),
        ("experiments with more than two arms", "dim_experiments", [["n_variations", ">", 2]]),
        ("which experiments have 4 or more variants", "dim_experiments", [["n_variations", ">=", 4]]),
        ("tests with exactly 3 arms", "dim_experiments", [["n_variations", "=", 3]]),
        ("which experiments randomize by device", "dim_experiments", [["unit_type", "=", "device"]]),
        ("which experiments measure refund rate", "dim_experiment_metrics", [["metric_id", "=", "refund_rate"]]),
        ("experiments that track refunds as a guardrail", "dim_experiment_metrics",
         [["metric_id", "=", "refund_rate"], ["role", "=", "guardrail"]]),
        ("which experiments have sessions as their primary metric", "dim_experiments",
         [["primary_metric_id", "=", "sessions_per_user"]]),
    ],
)  # fmt: skip
def test_list_is_asked_of_the_marts(question: str, asset: str, wanted: list[list[Any]]) -> None:
    assert filters(question) == (asset, wanted)


@pytest.mark.parametrize(
    ("question", "search"),
    [
        ("which experiments are about checkout", "checkout"),
        ("find experiments with carousel in the name", "carousel"),
        ("search for badge experiments", "badge"),
        ("any experiments on shipping?", "shipping"),
        ("are there tests called paywall", "paywall"),
    ],
)
def test_words_are_searched_for(question: str, search: str) -> None:
    assert [(call.tool, call.arguments) for call in ask(question).calls] == [("list_experiments", {"search": search})]


def test_a_missing_year_is_asked_for_with_complete_questions() -> None:
    plan = ask("which experiments ended in February", OLDER)
    assert plan.question_back == "Of which year?"
    assert plan.choices == (
        "Which experiments ended in february 2025?",
        "Which experiments ended in february 2026?",
    )
    assert ask(plan.choices[0], OLDER).calls[0].arguments["filters"][0] == ["ended_at", ">=", "2025-02-01"]


@pytest.mark.parametrize(
    "question",
    [
        "which experiments ended last week",
        "which experiments ended in February and lifted revenue",
        "which experiments started this year",
        "experiments with more than two arms that won",
        "which experiments are about revenue",
        "experiments with carousel in the name that raised conversion",
        "which experiments measure joy",
    ],
)
def test_a_condition_that_is_left_over_makes_it_no_list(question: str) -> None:
    plan = ask(question)
    assert plan.calls == ()
    assert plan.question_back


def test_two_metrics_of_one_name_are_asked_about() -> None:
    plan = ask("which experiments measure conversion")
    assert plan.choices == ("Which experiments measure conversion_7d?", "Which experiments measure conversion?") or (
        plan.calls and plan.calls[0].arguments["filters"] == [["metric_id", "=", "conversion"]]
    )


def test_people_behind_experiments_are_refused_before_any_list() -> None:
    assert ask("which experiments are owned by bob").refusal_rule == "personal_data"


def test_a_list_of_one_is_told_by_its_name() -> None:
    plan = ask("which experiments measure refund rate")
    columns = ["experiment_id", "metric_id", "role", "window_days", "noninferiority_margin"]
    table = Table(columns=columns, rows=[["price_badges", "refund_rate", "guardrail", 7.0, 0.1]])
    assert compose(plan, [(plan.calls[0], ToolResult(table=table))]) == "1 experiment: Price badges."

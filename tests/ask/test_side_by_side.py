"""Several experiments in one question: the same of each, and nothing that sets them against each other."""

import json
from typing import Any

import pytest

from gateway.ask.compose import compose
from gateway.ask.side_by_side import NOTE
from gateway.ports import Plan, ToolCall
from gateway.tools.base import ToolResult
from tests.ask.asking import ask, decision, health, results, trend

OPC, BADGES = "one_page_checkout", "price_badges"


@pytest.mark.parametrize(
    ("question", "calls"),
    [
        ("one page checkout and price badges, revenue",
         [results(OPC, "revenue_per_user"), results(BADGES, "revenue_per_user")]),
        ("compare one page checkout with price badges on conversion",
         [results(OPC, "conversion_7d"), results(BADGES, "conversion_7d")]),
        ("how did price badges and one page checkout do", [results(BADGES), results(OPC)]),
        ("are one page checkout and price badges healthy", [health(OPC), health(BADGES)]),
        ("should we launch one page checkout and price badges", [decision(OPC), decision(BADGES)]),
        ("one page checkout vs price badges over time, conversion",
         [trend(OPC, "conversion_7d"), trend(BADGES, "conversion_7d")]),
    ],
)  # fmt: skip
def test_the_same_is_asked_of_each(question: str, calls: list[ToolCall]) -> None:
    plan = ask(question)
    assert list(plan.calls) == calls
    assert plan.warnings == (NOTE,)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("did one page checkout beat price badges", "can't be compared with each other"),
        ("is one page checkout better than price badges on revenue", "can't be compared with each other"),
        ("did conversion rise in one page checkout and revenue in price badges", "on the same metrics"),
        ("one page checkout and price badges on ios", "on the same metrics"),
        ("sessions of search ranker v2 and one page checkout", "does not measure Sessions per user"),
        ("refund rate of express refunds and free shipping threshold", "does not measure Refund rate"),
        ("price badges, one page checkout, express refunds, recs carousel and checkout copy", "4 at a time"),
    ],
)
def test_what_can_not_be_asked_of_each_is_asked_back(question: str, said: str) -> None:
    plan = ask(question)
    assert said in plan.question_back
    assert plan.calls == ()
    assert plan.choices


def converse(*questions: str) -> Plan:
    focus: dict[str, Any] = {}
    for question in questions:
        plan = ask(question, focus)
        focus = json.loads(json.dumps(plan.focus))
    return plan


def test_follow_ups_keep_all_of_them_until_one_is_named() -> None:
    both = "compare one page checkout and price badges on revenue"
    assert converse(both, "and conversion?").calls == (results(OPC, "conversion_7d"), results(BADGES, "conversion_7d"))
    assert converse(both, "and express refunds?").calls == (results("express_refunds", "revenue_per_user"),)


def test_the_text_keeps_them_apart_and_calls_each_arm_by_its_own_experiment() -> None:
    plan = ask("one page checkout and price badges, revenue")
    text = compose(plan, [(call, ToolResult()) for call in plan.calls])
    nothing = "There is no stored result for this. That is not the same as no effect."
    assert text.split("\n") == ["One-page checkout:", nothing, "Price badges:", nothing]

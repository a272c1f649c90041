"""Conversations: what each question becomes in the light of those before it. The focus goes through JSON in between."""

import json
from typing import Any

import pytest

from gateway.ports import Plan, ToolCall
from tests.ask.asking import ask, decision, health, rank, results, segment, trend

OPC, HILL = "one_page_checkout", "hillstrom_email"
START = "Did one-page checkout increase conversion, itt?"


def converse(*questions: str, population: str | None = None) -> Plan:
    focus: dict[str, Any] = {}
    for question in questions:
        plan = ask(question, focus, population)
        focus = json.loads(json.dumps(plan.focus))
    return plan


@pytest.mark.parametrize(
    ("questions", "calls"),
    [
        ((START, "and revenue?"), [results(OPC, "revenue_per_user")]),
        ((START, "only iOS?"), [segment(OPC, "conversion_7d", "platform", "ios")]),
        ((START, "only iOS?", "what about Android"), [segment(OPC, "conversion_7d", "platform", "android")]),
        ((START, "only iOS?", "and revenue?"), [segment(OPC, "revenue_per_user", "platform", "ios")]),
        ((START, "only iOS?", "overall?"), [results(OPC, "conversion_7d")]),
        ((START, "by platform"), [segment(OPC, "conversion_7d", "platform")]),
        ((START, "as exposed"), [results(OPC, "conversion_7d", population="exposed")]),
        ((START, "as exposed", "and revenue?"), [results(OPC, "revenue_per_user", population="exposed")]),
        ((START, "at 90%"), [results(OPC, "conversion_7d", level=0.9)]),
        ((START, "over time"), [trend(OPC, "conversion_7d")]),
        ((START, "should we ship it?"), [decision(OPC)]),
        ((START, "should we ship it?", "why?"), [decision(OPC)]),
        ((START, "should we ship it?", "and price badges?"), [decision("price_badges")]),
        ((START, "should we ship it?", "and revenue?"), [results(OPC, "revenue_per_user")]),
        ((START, "can I trust it?"), [health(OPC)]),
        ((START, "any SRM?"), [health(OPC)]),
        ((START, "what about price badges?"), [results("price_badges", "conversion_7d")]),
        ((START, "same for recs carousel"), [results("recs_carousel", "conversion_7d")]),
        ((START, "Did price badges increase revenue?"), [results("price_badges", "revenue_per_user")]),
        ((START, "list user ids", "and revenue"), [results(OPC, "revenue_per_user")]),
        ((START, "asdf qwer", "and revenue"), [results(OPC, "revenue_per_user")]),
        (("did conversion increase", "price badges", "itt"), [results("price_badges", "conversion_7d")]),
        (("how did checkout do", "One-page checkout", "--population itt"), [results(OPC)]),
        (("biggest lift in revenue, itt", "and the worst?"), [rank("revenue_per_user", order="worst")]),
        (("biggest lift in revenue, itt", "and orders?"), [rank("orders_per_user")]),
        (("how did hillstrom email do, itt", "mens only"), [results(HILL, arms=("mens_e_mail",))]),
        (("how did hillstrom email do, itt", "mens only", "spend?"), [results(HILL, "spend", arms=("mens_e_mail",))]),
    ],
    ids=lambda value: " | ".join(value) if isinstance(value, tuple) else "",
)
def test_follow_up_keeps_what_it_does_not_change(questions: tuple[str, ...], calls: list[ToolCall]) -> None:
    plan = converse(*questions)
    # a health check names its population only when it is known, as it is in all of these
    assert list(plan.calls) == calls


@pytest.mark.parametrize(
    ("questions", "said"),
    [
        ((START, "and hillstrom email?"), "hillstrom_email has no 7-day conversion"),
        ((START, "only tablet?"), "“tablet”"),
        ((START, "why?"), "not why"),
        ((START, "and visits?"), "does not measure"),
        ((START, "did it increase conversion on mobile"), "“mobile”"),
        ((START, "what about carousel"), "Pin leaderboard carousel, Recs carousel"),
        ((START, "only iOS?", "and new customers by country"), "One dimension at a time"),
    ],
)
def test_follow_up_that_does_not_fit_is_said(questions: tuple[str, ...], said: str) -> None:
    plan = converse(*questions)
    assert said in plan.question_back
    assert plan.calls == ()


def test_default_population_is_not_kept_as_if_spoken() -> None:
    focus = dict(ask("did one page checkout increase conversion", population="itt").focus)
    assert ask("and revenue?", focus, population="exposed").calls == (
        results(OPC, "revenue_per_user", population="exposed"),
    )


def test_focus_of_an_experiment_that_is_gone_is_dropped() -> None:
    plan = ask("and revenue?", {"experiment_id": "gone", "metric_ids": ["lost"], "intents": ["outcome"]})
    assert plan.question_back.startswith("Which experiment?")

"""The many ways people put a question: what each becomes, and that no near miss is taken for an answer."""

import json
from typing import Any

import pytest

from gateway.ask.plan import OfflinePlanner
from gateway.ask.vocabulary import Arm, Experiment, Metric, Vocabulary
from gateway.ports import Plan, ToolCall
from tests.ask.asking import ask, decision, health, rank, results, segment, tool, trend

OPC, HILL, PUSH = "one_page_checkout", "hillstrom_email", "push_cadence"
BOTH_TYPES = [segment(OPC, "conversion_7d", "customer_type", value) for value in ("new", "returning")]
SPEND_OF_NEWBIES = [segment(HILL, "spend", "newbie", "1")]


def arms(experiment: str) -> ToolCall:
    columns = ["variation_id", "name", "is_control", "expected_share"]
    filters = [["experiment_id", "=", experiment]]
    return tool("query_marts", asset="dim_experiment_variations", columns=columns, filters=filters)


def ratios_of_all() -> ToolCall:
    columns = ["experiment_id", "n_units", "p_value", "status"]
    filters = [["analysis_population", "=", "itt"]]
    order = [["experiment_id", "asc"]]
    return tool("query_marts", asset="fct_experiment_srm", columns=columns, filters=filters, order_by=order)


def quality_of_all() -> ToolCall:
    columns = ["experiment_id", "n_assigned", "exposure_rate", "valid_exposure_rate", "mismatch_rate", "flags"]
    order = [["experiment_id", "asc"]]
    return tool("query_marts", asset="fct_experiment_exposure_quality", columns=columns, order_by=order)


EFFECTS: list[tuple[str, list[ToolCall]]] = [
    ("did one page checkout move the needle on revenue", [results(OPC, "revenue_per_user")]),
    ("did free shipping bring in more orders", [results("free_shipping_threshold", "orders_per_user")]),
    ("Did the recs carousel lead to more revenue?", [results("recs_carousel", "revenue_per_user")]),
    ("quick summary of price badges pls", [results("price_badges")]),
    ("hey, how are the loyalty tiers looking?", [results("loyalty_tiers")]),
    ("Did search ranker v2 have no effect on conversion?", [results("search_ranker_v2", "conversion_7d")]),
    ("was there really no difference in conversion for price badges", [results("price_badges", "conversion_7d")]),
    ("what is the relative lift of one page checkout in conversion", [results(OPC, "conversion_7d")]),
    ("absolute difference in conversion for one page checkout", [results(OPC, "conversion_7d")]),
    ("by how many percentage points did one page checkout increase conversion", [results(OPC, "conversion_7d")]),
    ("percentage change in revenue from one page checkout", [results(OPC, "revenue_per_user")]),
    ("what's the delta in revenue for one page checkout", [results(OPC, "revenue_per_user")]),
    ("average revenue per user in recs carousel", [results("recs_carousel", "revenue_per_user")]),
    ("did one page checkout convert better", [results(OPC, "conversion_7d")]),
    ("how many users converted in one page checkout", [results(OPC, "conversion_7d")]),
    ("conversion within a week for price badges", [results("price_badges", "conversion_7d")]),
    ("all metrics for express refunds", [results("express_refunds")]),
    ("Has checkout copy changed anything?", [results("checkout_copy")]),
    ("which metrics improved in one page checkout", [results(OPC)]),
    ("did any metric get worse in express refunds", [results("express_refunds")]),
    (
        "one page checkout: conversion, orders and refund rate",
        [results(OPC, "conversion_7d", "orders_per_user", "refund_rate")],
    ),
    ("chance that badge amount beats control", [results("price_badges", arms=("badge_amount",))]),
    ("one page checkout for users who were actually exposed", [results(OPC, population="exposed")]),
    ("one page checkout conversion among those who saw it", [results(OPC, "conversion_7d", population="exposed")]),
]
SEGMENTS: list[tuple[str, list[ToolCall]]] = [
    ("which customers benefited most from one page checkout, new or returning?", BOTH_TYPES),
    ("one page checkout conversion, new vs returning", BOTH_TYPES),
    ("which users gained the most from one page checkout by platform", [segment(OPC, "conversion_7d", "platform")]),
    ("which country had the biggest lift in one page checkout", [segment(OPC, "conversion_7d", "country")]),
    ("break down mobile paywall revenue by platform", [segment("mobile_paywall", "revenue_per_user", "platform")]),
    (
        "new customers only, one page checkout revenue",
        [segment(OPC, "revenue_per_user", "customer_type", "new")],
    ),
    ("spend for newbies in hillstrom email", SPEND_OF_NEWBIES),
    ("is spend up for newbies in hillstrom email", SPEND_OF_NEWBIES),
    ("how did non-newbies react to hillstrom email on spend", [segment(HILL, "spend", "newbie", "0")]),
    ("spend by newbie in hillstrom email", [segment(HILL, "spend", "newbie")]),
    ("newbie breakdown of hillstrom email spend", [segment(HILL, "spend", "newbie")]),
]
REST: list[tuple[str, list[ToolCall]]] = [
    ("can push cadence be rolled out to all devices", [decision(PUSH)]),
    ("is one page checkout worth launching", [decision(OPC)]),
    ("is push cadence a go", [decision(PUSH)]),
    ("is the data of checkout copy ok", [health("checkout_copy")]),
    ("number of users in price badges", [health("price_badges")]),
    ("how many customers saw express refunds", [health("express_refunds")]),
    ("how big is the sample of loyalty tiers", [health("loyalty_tiers")]),
    ("SRM check hillstrom", [health(HILL)]),
    ("observed vs expected split for recs carousel", [health("recs_carousel")]),
    ("pre-assignment exposures in checkout copy", [health("checkout_copy")]),
    ("any SRM anywhere?", [ratios_of_all()]),
    ("which experiments are unhealthy", [quality_of_all()]),
    ("when did conversion increase in one page checkout", [trend(OPC, "conversion_7d")]),
    ("plot conversion by day for one page checkout", [trend(OPC, "conversion_7d")]),
    ("number of arms in price badges", [arms("price_badges")]),
    ("what is the control in push cadence", [arms(PUSH)]),
    ("what are the treatments in hillstrom email", [arms(HILL)]),
    ("what is the primary metric of price badges", [tool("list_metrics", experiment_id="price_badges")]),
    ("list ended experiments", [tool("list_experiments", status="ended")]),
    ("is anything running right now", [tool("list_experiments", status="running")]),
    ("which experiments had a positive effect on revenue", [rank("revenue_per_user")]),
    ("which experiments had a negative effect on revenue", [rank("revenue_per_user", order="worst")]),
    ("three worst experiments", [rank(order="worst", limit=3)]),
]


@pytest.mark.parametrize(("question", "calls"), [*EFFECTS, *SEGMENTS, *REST])
def test_paraphrase_becomes_exactly_these_calls(question: str, calls: list[ToolCall]) -> None:
    plan = ask(question)
    assert (plan.question_back, plan.refusal) == ("", "")
    assert list(plan.calls) == calls


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("one page checkout for everyone but iOS", "Leaving a segment out"),
        ("one page checkout everywhere but Germany", "Leaving a segment out"),
        ("one page checkout minus Germany", "Leaving a segment out"),
        ("one page checkout for all but returning customers", "Leaving a segment out"),
        ("variant A of price badges", "“A” for Price badges"),
        ("group A in price badges", "“A” for Price badges"),
        ("revenue per order in one page checkout", "divided by another"),
        ("revenue per session in search ranker v2", "divided by another"),
        ("rank experiments by number of users", "by nothing else"),
        ("which experiment has the most users", "by nothing else"),
        ("lowest refund rate experiment", "lower is better"),
        ("which experiments should we launch", "Which experiment?"),
        ("which experiments breached guardrails", "Which experiment?"),
        ("which experiments are ready to ship", "Which experiment?"),
    ],
)
def test_near_miss_is_asked_back(question: str, said: str) -> None:
    plan = ask(question)
    assert said in plan.question_back
    assert plan.calls == ()


@pytest.mark.parametrize(
    "question",
    [
        "which users converted in one page checkout",
        "which ios users converted in mobile paywall",
        "who converted in one page checkout",
        "show me user 12345's events",
        "top spending customers in hillstrom email",
        "give me the customers who unsubscribed in push cadence",
        "which 10 customers spent the most in hillstrom email",
        "who is in the control group of price badges",
    ],
)
def test_request_that_lists_people_is_refused(question: str) -> None:
    assert ask(question).refusal_rule == "personal_data"


def test_change_of_a_primary_metric_is_refused() -> None:
    assert ask("change the primary metric of price badges to revenue").refusal_rule == "write_request"


def converse(*questions: str) -> Plan:
    focus: dict[str, Any] = {}
    for question in questions:
        plan = ask(question, focus)
        focus = json.loads(json.dumps(plan.focus))
    return plan


@pytest.mark.parametrize(
    ("questions", "calls"),
    [
        (("one page checkout revenue", "no, conversion"), [results(OPC, "conversion_7d")]),
        (("one page checkout revenue", "sorry, price badges"), [results("price_badges", "revenue_per_user")]),
        (("one page checkout revenue", "all metrics"), [results(OPC)]),
        (("one page checkout revenue", "did it hurt anything?"), [results(OPC)]),
        (("badge amount of price badges", "all arms"), [results("price_badges")]),
        (("is new onboarding healthy", "when did it break"), [health("new_onboarding", daily=True)]),
        (("biggest lift in revenue", "by chance to win"), [rank("revenue_per_user", by="chance_to_win")]),
        (("how did price badges do", "which experiments have an SRM"), [ratios_of_all()]),
        (("how did price badges do", "what is average order value"), [tool("list_metrics")]),
    ],
    ids=lambda value: " | ".join(value) if isinstance(value, tuple) else "",
)
def test_follow_up_is_read_as_meant(questions: tuple[str, ...], calls: list[ToolCall]) -> None:
    assert list(converse(*questions).calls) == calls


LETTERED = Experiment(
    "trial_a",
    "Trial A",
    primary_metric="clicks",
    arms=(Arm("c", "Control", True), Arm("a", "A", False), Arm("b", "B", False)),
    metrics=(Metric("clicks", "Clicks", "primary", "count"),),
)


@pytest.mark.parametrize("question", ["trial_a", "did trial_a increase clicks", "how did trial a do", "Trial A clicks"])
def test_a_name_that_ends_in_an_article_is_a_name(question: str) -> None:
    calls = OfflinePlanner(Vocabulary((LETTERED,)), "itt").plan(question, {}).calls
    assert [call.arguments.get("experiment_id") for call in calls] == ["trial_a"]
    assert "variation_ids" not in calls[0].arguments


def test_an_article_is_no_arm() -> None:
    planner = OfflinePlanner(Vocabulary((LETTERED,)), "itt")
    assert "variation_ids" not in planner.plan("is the variant a success in trial_a", {}).calls[0].arguments
    assert planner.plan("how did variant A do in trial_a", {}).calls[0].arguments["variation_ids"] == ["a"]


def test_names_from_the_database_carry_no_control_characters_into_a_plan() -> None:
    metric = Metric("clicks", "Clicks", "primary")
    arms = (Arm("c", "Control", True), Arm("\x1b[31mred", "Red", False))
    hostile = Experiment("evil\x1b]0;x\x07\u202e", "", primary_metric="clicks", arms=arms, metrics=(metric,))
    other = Experiment("good", "Good", metrics=(metric,))
    plan = OfflinePlanner(Vocabulary((hostile, other)), "itt").plan("did clicks increase", {})
    for text in (plan.question_back, plan.interpretation, *plan.choices):
        assert not set(text) & {"\x1b", "\x07", "\u202e"}

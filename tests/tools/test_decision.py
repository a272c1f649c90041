"""Launch or not: for each demo experiment the decision that its planted truth calls for, and what it rests on."""

from typing import Any

import pytest

from gateway.errors import UsageError
from gateway.ports import RefusedError
from tests.conftest import Demo, rows_of

BOTH = ("itt", "exposed")
SPLIT = "the observed split does not match the planned shares (sample ratio mismatch)"
LOGGING = "exposure cannot be trusted: exposure logging dropped"
MIXED = (
    "exposure cannot be trusted: units were exposed to another arm than their own; units were exposed to several arms"
)
MISTIMED = (
    "exposure cannot be trusted: units were exposed before they were assigned; "
    "units were exposed outside the experiment's run"
)
GAIN = "the primary metric is significantly better and every guardrail holds"
NOTHING = "no effect on the primary metric was found and the experiment is complete"


def decided(demo: Demo, experiment_id: str, population: str, **arguments: Any) -> list[tuple[str, str, str]]:
    """(treatment, decision, reason) of each primary row."""
    found = demo.call("experiment_decision", experiment_id=experiment_id, population=population, **arguments)
    rows = [row for row in rows_of(found) if row["role"] == "primary"]
    return [(row["variation_id"], row["decision"], row["reason"]) for row in rows]


@pytest.mark.parametrize("population", BOTH)
@pytest.mark.parametrize(
    ("experiment_id", "expected"),
    [
        pytest.param(
            "one_page_checkout",
            [("one_page", "STRONG_LAUNCH", f"{GAIN}: average_order_value, support_tickets_per_user")],
            id="strong winner",
        ),
        pytest.param(
            "free_shipping_threshold",
            [("threshold_35", "STRONG_LAUNCH", f"{GAIN}: average_order_value")],
            id="winner whose guardrail falls within its margin",
        ),
        pytest.param("search_ranker_v2", [("ranker_v2", "NO_LAUNCH", NOTHING)], id="flat"),
        pytest.param("pin_leaderboard_carousel", [("pinned", "INVALID", SPLIT)], id="sample ratio mismatch"),
        pytest.param(
            "express_refunds",
            [("express", "NO_LAUNCH", "guardrail breached: refund_rate")],
            id="gain with a breached guardrail",
        ),
        pytest.param(
            "push_cadence",
            [("twice_a_week", "STRONG_LAUNCH", f"{GAIN}: sessions_per_user")],
            id="lower is better",
        ),
        pytest.param("recs_carousel", [("carousel", "INVALID", MIXED)], id="mixed arms"),
        pytest.param("checkout_copy", [("plain_copy", "INVALID", MISTIMED)], id="early and late exposures"),
        pytest.param("mobile_paywall", [("full_screen", "NO_LAUNCH", NOTHING)], id="opposite effects that cancel out"),
        pytest.param(
            "loyalty_tiers",
            [("tiers", "EXTEND_TEST", "no gain is shown yet, and the experiment is not complete")],
            id="promising and under-powered",
        ),
        pytest.param(
            "exp_demo_001",
            [("treatment", "EXTEND_TEST", "there is not enough data on the primary metric to judge it")],
            id="three users",
        ),
        pytest.param(
            "price_badges",
            [
                ("discount_badge", "NO_LAUNCH", NOTHING),
                ("scarcity_badge", "NO_LAUNCH", NOTHING),
                ("social_proof_badge", "STRONG_LAUNCH", f"{GAIN}: support_tickets_per_user"),
            ],
            id="one winner of three",
        ),
    ],
)
def test_the_decision_is_the_one_that_the_planted_truth_calls_for(
    demo: Demo, experiment_id: str, population: str, expected: list[tuple[str, str, str]]
) -> None:
    assert decided(demo, experiment_id, population) == expected


def test_broken_exposure_logging_invalidates_and_shows_as_a_mismatch_among_the_exposed(demo: Demo) -> None:
    assert decided(demo, "new_onboarding", "itt") == [("tour", "INVALID", LOGGING)]
    assert decided(demo, "new_onboarding", "exposed") == [("tour", "INVALID", f"{SPLIT}; {LOGGING}")]


def test_the_table_shows_every_guardrail_with_its_state(demo: Demo) -> None:
    found = rows_of(demo.call("experiment_decision", experiment_id="express_refunds", population="itt"))
    assert [(row["metric_id"], row["role"], row["state"]) for row in found] == [
        ("conversion_7d", "primary", "significant_positive"),
        ("refund_rate", "guardrail", "fail"),
        ("support_tickets_per_user", "guardrail", "pass"),
    ]


def test_a_falling_guardrail_within_its_margin_holds(demo: Demo) -> None:
    result = demo.call("experiment_decision", experiment_id="free_shipping_threshold", population="itt")
    value = next(item for item in result.evidence if item.metric_id == "average_order_value")
    assert (value.verdict, value.decision) == ("worse", "STRONG_LAUNCH")
    assert value.lift.ci_low is not None
    assert value.lift.ci_low > -0.08
    assert [row["state"] for row in rows_of(result) if row["role"] == "guardrail"] == ["pass"]


def test_evidence_is_the_primary_and_the_guardrails_each_with_its_treatments_decision(demo: Demo) -> None:
    found = demo.call("experiment_decision", experiment_id="price_badges", population="itt").evidence
    assert [(item.metric_id, item.variation_id, item.decision) for item in found] == [
        ("conversion_7d", "discount_badge", "NO_LAUNCH"),
        ("conversion_7d", "scarcity_badge", "NO_LAUNCH"),
        ("conversion_7d", "social_proof_badge", "STRONG_LAUNCH"),
        ("support_tickets_per_user", "discount_badge", "NO_LAUNCH"),
        ("support_tickets_per_user", "scarcity_badge", "NO_LAUNCH"),
        ("support_tickets_per_user", "social_proof_badge", "STRONG_LAUNCH"),
    ]


def test_the_text_says_what_would_change_it(demo: Demo) -> None:
    text = demo.call("experiment_decision", experiment_id="express_refunds", population="itt").text
    assert text == (
        "express: NO_LAUNCH: guardrail breached: refund_rate. "
        "What would change it: A version of the treatment that keeps every guardrail within its margin."
    )


def test_one_treatment_can_be_decided_alone(demo: Demo) -> None:
    found = decided(demo, "price_badges", "itt", variation_ids=["social_proof_badge"])
    assert [(arm, code) for arm, code, _ in found] == [("social_proof_badge", "STRONG_LAUNCH")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"experiment_id": "nothing"}, "no experiment named 'nothing' here", id="experiment"),
        pytest.param(
            {"experiment_id": "price_badges", "variation_ids": ["gold"]}, "no variation named 'gold' here", id="arm"
        ),
    ],
)
def test_what_is_not_there_is_said(demo: Demo, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        demo.call("experiment_decision", population="itt", **arguments)
    assert refused.value.message == message


def test_a_role_without_the_raw_statistics_is_refused_rather_than_answered_without_guardrails(demo: Demo) -> None:
    with pytest.raises(RefusedError) as refused:
        demo.call("experiment_decision", role="viewer", experiment_id="express_refunds", population="itt")
    assert [violation.rule for violation in refused.value.refused.violations] == ["table_not_allowed"]

"""Looks on the main path: each answer says what its conversation has examined, and the log keeps it."""

from dataclasses import replace

import pytest

from gateway.service import Caller
from gateway.stats import holm
from tests.conftest import Demo
from tests.model import RESULTS, asking
from tests.openai_server import call, say

PRICES = {"experiment_id": "price_badges", "population": "itt"}


@pytest.fixture
def caller(demo: Demo, request: pytest.FixtureRequest) -> Caller:
    """A conversation of this test's own."""
    return replace(demo.caller("itt"), conversation=request.node.name)


def test_a_conversation_adds_up_over_tools_and_questions(demo: Demo, caller: Caller) -> None:
    first = demo.gateway.call_tool("experiment_results", PRICES | {"metric_ids": ["conversion_7d"]}, caller).answer
    second = demo.gateway.ask("price badges revenue", caller).answer
    third = demo.gateway.call_tool(
        "experiment_segments", PRICES | {"metric_id": "conversion_7d", "dimension": "platform"}, caller
    ).answer
    again = demo.gateway.call_tool("experiment_results", PRICES | {"metric_ids": ["conversion_7d"]}, caller).answer
    counted = [
        (looks.metrics, looks.variations, looks.segments, looks.comparisons)
        for (looks,) in (first.looks, second.looks, third.looks, again.looks)
    ]
    assert counted == [(1, 3, 0, 3), (2, 3, 0, 6), (2, 3, 3, 15), (2, 3, 3, 15)]
    everything = [item.p_value for item in (*first.evidence, *second.evidence, *third.evidence)]
    told = [item.p_value_looks for item in third.evidence]
    assert told == pytest.approx(holm(everything)[-len(told) :].tolist(), rel=1e-12)
    assert [item.verdict for item in again.evidence] == [item.verdict for item in first.evidence]


def test_a_request_without_a_conversation_stands_alone(demo: Demo) -> None:
    for _ in range(2):
        (looks,) = demo.gateway.call_tool("experiment_results", PRICES, demo.caller("itt")).answer.looks
        assert looks.comparisons == 9


def test_days_of_a_trend_are_counted(demo: Demo, caller: Caller) -> None:
    answer = demo.gateway.call_tool("experiment_trend", PRICES | {"metric_id": "conversion_7d"}, caller).answer
    (looks,) = answer.looks
    assert looks.days == len({row[0] for row in answer.table.rows}) > 10
    assert looks.comparisons == 3


def test_what_was_examined_is_on_record(demo: Demo, caller: Caller) -> None:
    answer = demo.gateway.call_tool("experiment_results", PRICES, caller).answer
    event = demo.gateway.audit.get(answer.audit_id)
    assert event is not None
    assert (event.conversation, event.looks) == (caller.conversation, [each.model_dump() for each in answer.looks])
    assert [item["p_value_looks"] for item in event.evidence] == [item.p_value_looks for item in answer.evidence]


def test_a_refused_or_wrong_request_examines_nothing(demo: Demo, caller: Caller) -> None:
    for arguments in ({"experiment_id": "nowhere", "population": "itt"}, {"population": "itt"}):
        assert demo.gateway.call_tool("experiment_results", arguments, caller).answer.looks == []
    assert demo.gateway.run_sql("select owner from dim_experiments", caller).answer.looks == []


def test_the_calls_of_a_model_are_looks_of_one_conversation(demo: Demo) -> None:
    """Also of a question that stands alone: what it examines on the way is its own family, corrected at its end."""
    revenue = call(
        "experiment_results", experiment_id="one_page_checkout", population="itt", metric_ids=["revenue_per_user"]
    )
    with asking(demo, RESULTS, revenue, RESULTS, say("See the evidence.")) as (gateway, _):
        answer = gateway.ask("Did one-page checkout increase conversion and revenue?", demo.caller("itt")).answer
        event = gateway.audit.get(answer.audit_id)
    (looks,) = answer.looks
    assert (looks.metrics, looks.comparisons, len(answer.evidence)) == (2, 2, 2)
    wanted = holm([item.p_value for item in answer.evidence])
    assert [item.p_value_looks for item in answer.evidence] == pytest.approx(wanted.tolist(), rel=1e-12)
    assert event is not None
    assert event.looks == [looks.model_dump()]


def test_a_verdict_that_the_conversation_has_worn_out_is_warned_about(demo: Demo, caller: Caller) -> None:
    """loyalty_tiers and its like: many metrics, segments and populations make a lone small p-value expected."""
    warned = []
    for experiment in ("free_shipping_threshold", "express_refunds", "price_badges"):
        for population in ("itt", "exposed"):
            about = {"experiment_id": experiment, "population": population}
            for dimension in ("platform", "country", "customer_type"):
                asked = about | {"metric_id": "conversion_7d", "dimension": dimension}
                answer = demo.gateway.call_tool("experiment_segments", asked, caller).answer
                worn = [
                    item
                    for item in answer.evidence
                    if item.verdict in ("better", "worse") and (item.p_value_looks or 0) > 0.05
                ]
                told = [note for note in answer.warnings if "once corrected for the" in note]
                assert len(told) == len(worn)
                warned += told
    assert warned

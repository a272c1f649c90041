"""Answers over the demo world, read as its reader would: what leads, which way, in which words."""

import pytest

from tests.conftest import Demo


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("which customers benefited most from one page checkout, new or returning?", "customer_type = returning"),
        ("how many users are in price badges", "No badge 10,421 (24.8 %, planned 25 %)"),
        ("when did exposure break in new onboarding", "on 2026-02-12: from"),
        ("is there an SRM in pinned leaderboard carousel", "Carousel only 12,103 (53.5 %, planned 50 %)"),
        ("which experiments are unhealthy", "New onboarding (exposure integrity failed, exposure drop)"),
        ("what is the primary metric of price badges", "7-day conversion (primary)"),
        ("biggest lift in revenue", "1. Price badges (Social proof badge, Revenue per user)"),
        ("biggest lift in winsorised revenue", "1. One-page checkout (One-page checkout, Revenue per user, winsorised"),
        ("did free shipping raise revenue", "Difference after CUPED +1.02 USD"),
        ("which arm of price badges is best", "Social proof badge is the likeliest to be the best of all arms"),
        ("is pinned leaderboard carousel healthy", "The split is off in segments of population itt: customer_type ="),
        ("should we launch express refunds", "NO_LAUNCH (do not launch): guardrail breached: Refund rate."),
        ("one page checkout conversion, itt and exposed", "7-day conversion (exposed units), One-page checkout vs"),
    ],
)
def test_answer_says(demo: Demo, question: str, said: str) -> None:
    reply = demo.ask(question, "itt")
    assert reply.answer.status == "answered"
    assert said in reply.answer.text


def test_text_that_is_no_question_is_an_error_with_its_exit_code(demo: Demo) -> None:
    for text in ("", "x" * 10_000):
        reply = demo.ask(text, "itt")
        assert (reply.answer.status, reply.exit_code) == ("error", 2)


def test_segments_are_known_to_a_role_without_the_aggregates(demo: Demo) -> None:
    reply = demo.ask("one page checkout conversion on ios", "itt", role="viewer")
    assert reply.answer.status == "answered"
    assert [item.dimension_value for item in reply.answer.evidence] == ["ios"]

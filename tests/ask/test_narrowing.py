"""A question with something added that narrows it never becomes the calls of the question without it."""

import pytest

from tests.ask.asking import ask

QUESTIONS = [
    "did one page checkout increase conversion",
    "how did price badges do",
    "revenue of recs carousel",
    "mobile paywall revenue by platform",
    "one page checkout conversion on ios",
    "should we launch express refunds",
    "is exposure logging healthy for new onboarding",
    "is there a sample ratio mismatch in pin leaderboard carousel",
    "one page checkout conversion over time",
    "which arm of price badges is best",
    "biggest lift in revenue",
    "what is running",
    "which metrics does one page checkout have",
    "which arms does price badges have",
    "how many users would one page checkout need to detect a 5% lift",
    "what effect could loyalty tiers detect",
    "when did one page checkout end",
    "compare one page checkout and price badges on conversion",
]
NARROWED = [
    "for women", "excluding Germany", "in March", "last week", "without bots", "on tablets", "for users older than 30",
    "per week", "compared to last year", "if we ignore outliers", "on Mondays", "for logged-in users",
    "among high spenders", "by more than 5%", "in Japan", "not in the US", "for our best customers", "at night",
    "for premium accounts", "using the old definition", "for power users", "during the sale", "rather than revenue",
    "for orders above 50", "assuming a fair split", "median", "in the first week", "for repeat buyers",
    "except on weekends", "in euros",
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_narrows_a_question_is_not_passed_over(question: str) -> None:
    plain = ask(question).calls
    assert plain
    passed_over = [added for added in NARROWED if ask(f"{question} {added}").calls == plain]
    assert passed_over == []


@pytest.mark.parametrize("added", ["excluding Germany", "in March", "for women", "assuming a 10% drop", "on tablets"])
def test_nor_is_what_stands_before_it(added: str) -> None:
    assert [question for question in QUESTIONS if ask(f"{added}, {question}").calls == ask(question).calls] == []

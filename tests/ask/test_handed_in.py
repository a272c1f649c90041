"""Arms that a question hands in: which figures make one, and what has to be asked before they are compared."""

import json
from typing import Any

import pytest

from gateway.ask.handed_in import arms_in
from gateway.ports import Plan
from tests.ask.asking import ask


def counts(text: str) -> list[tuple[float | None, float]]:
    return [(arm.conversions, arm.n) for arm in arms_in(text)]


def moments(text: str) -> list[tuple[float, float | None, float]]:
    return [(arm.n, arm.mean, round(arm.m2 or 0.0, 6)) for arm in arms_in(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("120 of 1000 with 150 of 1000", [(120, 1000), (150, 1000)]),
        ("120/1000 vs 150/1000", [(120, 1000), (150, 1000)]),
        ("340 conversions out of 5,000 users and 395 out of 5,010", [(340, 5000), (395, 5010)]),
        ("5.2% of 20,000 vs 5.9% of 20,000", [(1040, 20000), (1180, 20000)]),
        ("1 of 2k and 3 of 1.5k", [(1, 2000), (3, 1500)]),
        ("10 of 20, 11 of 21, 12 of 22", [(10, 20), (11, 21), (12, 22)]),
        ("120 of 1000", []),
        ("120 and 150", []),
        ("1.5 of 3 and 2 of 4", []),
        ("3 of 0 and 2 of 4", []),
    ],
)
def test_conversions_of_units(text: str, found: list[tuple[float, float]]) -> None:
    assert counts(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "control: mean 5.2 sd 3 n 400, treatment: mean 5.6 sd 3.1 n 410",
        "5.2 mean sd 3 n 400 and 5.6 mean sd 3.1 n 410",
        "n=400, mean=5.2, std=3 versus n=410, mean=5.6, std=3.1",
        "5.2 ± 3 (n = 400) against 5.6 ± 3.1 (n = 410)",
        "mean 5.2, variance 9, 400 users; mean 5.6, variance 9.61, 410 users",
        "average of 5.2, standard deviation of 3, 400 users, and average of 5.6, standard deviation of 3.1, 410 users",
    ],
)
def test_mean_spread_and_size(text: str) -> None:
    assert moments(text) == [(400, 5.2, 399 * 9), (410, 5.6, round(409 * 3.1**2, 6))]


@pytest.mark.parametrize(
    "text", ["mean 5.2 sd 3 n 400 vs mean 5.6 n 410", "mean 5.2 vs mean 5.6", "mean 5.2 sd 3 n 400"]
)
def test_half_an_arm_is_none(text: str) -> None:
    assert arms_in(text) == ()


def test_names_are_those_before_the_figures_and_control_is_the_control() -> None:
    call = ask("Treatment: 150 of 1000, control: 120 of 1000, the test has ended").calls[0]
    assert call.tool == "compare_arms"
    assert [arm["name"] for arm in call.arguments["arms"]] == ["Treatment", "control"]
    assert (call.arguments["control"], call.arguments["running"]) == ("control", False)


def test_what_was_counted_says_whether_it_should_fall() -> None:
    arguments = ask("90 refunds of 1000 vs 120 of 1000, the test has ended").calls[0].arguments
    assert (arguments["metric"], arguments["desired"]) == ("refunds", "decrease")
    assert "desired" not in ask("90 signups of 1000 vs 120 of 1000, the test has ended").calls[0].arguments


def test_planned_shares_and_level_are_read_beside_the_arms() -> None:
    arguments = ask("10 of 100 vs 30 of 300, planned split 25/75, ended, at 99% confidence").calls[0].arguments
    assert arguments["shares"] == {"A": 25.0, "B": 75.0}
    assert arguments["level"] == 0.99


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("compare 120 of 1000 with 150 of 1000", "Has the test ended, or is it still running?"),
        ("compare 1200 of 1000 with 150 of 1000, ended", "1,200 of 1,000 can't be"),
        ("120 of 1000 excluding bots vs 150 of 1000, ended", "did not understand “excluding”"),
        ("3 of 9 February vs 4 of 10 March, ended", "did not understand “february”, “march”"),
        ("10 of 100 vs 30 of 300, planned split 20/30/50, ended", "3 shares for 2 arms"),
        ("10 of 100 vs 30 of 300, three arms, ended", "did not understand “three”"),
    ],
)
def test_what_is_missing_or_unclear_is_asked_back(question: str, said: str) -> None:
    plan = ask(question)
    assert said in plan.question_back
    assert plan.calls == ()
    assert plan.choices


def converse(*questions: str, population: str | None = "itt") -> Plan:
    focus: dict[str, Any] = {}
    for question in questions:
        plan = ask(question, focus, population)
        focus = json.loads(json.dumps(plan.focus))
    return plan


def test_the_answer_completes_the_comparison() -> None:
    ended = converse("compare 120 of 1000 with 150 of 1000", "it has ended")
    running = converse("compare 120 of 1000 with 150 of 1000", "still running")
    assert [plan.calls[0].arguments["running"] for plan in (ended, running)] == [False, True]
    tighter = converse("compare 120 of 1000 with 150 of 1000, ended", "at 90% confidence")
    assert tighter.calls[0].arguments["level"] == 0.9


def test_choices_are_complete_questions() -> None:
    first = ask("compare 120 of 1000 with 150 of 1000")
    assert [ask(choice).calls[0].arguments["running"] for choice in first.choices] == [False, True]


def test_a_missing_population_is_asked_for() -> None:
    assert converse("120 of 1000 vs 150 of 1000, ended", population=None).choices == (
        "--population itt", "--population exposed",
    )  # fmt: skip
    answered = converse("120 of 1000 vs 150 of 1000, ended", "exposed", population=None)
    assert answered.calls[0].arguments["population"] == "exposed"


def test_another_question_leaves_the_arms_behind() -> None:
    plan = converse("compare 120 of 1000 with 150 of 1000", "how did price badges do")
    assert [call.tool for call in plan.calls] == ["experiment_results"]

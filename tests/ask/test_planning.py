"""Planning in plain words: what becomes a plan, with exactly these arguments, and what is asked back."""

from typing import Any

import pytest

from gateway.ports import ToolCall
from tests.ask.asking import ask, decision, health, results

FROM = "with the control of {} as the baseline, intent-to-treat"
OPC_POWER = f"{FROM.format('One-page checkout')}, 90 % power"
OPC, LOYAL = "one_page_checkout", "loyalty_tiers"


def plan(experiment: str, metric: str = "conversion_7d", **more: Any) -> ToolCall:
    named = {"experiment_id": experiment, "population": "itt", "metric_id": metric}
    return ToolCall("plan_experiment", named | more | {"curve": True})


def alone(baseline: float, **more: Any) -> ToolCall:
    given = {"aggregation": "occurrence", "baseline": baseline}
    return ToolCall("plan_experiment", given | more | {"curve": True})


PLANS: list[tuple[str, list[ToolCall]]] = [
    # how many
    ("how many users do I need to detect a 2% lift in one page checkout?", [plan(OPC, effect=0.02)]),
    ("how many users do I need to detct a 2% lift in one page chekout", [plan(OPC, effect=0.02)]),
    ("How many customers are needed to see +3 % in One-page checkout on revenue",
     [plan(OPC, "revenue_per_user", effect=0.03)]),
    ("what sample size do we need for a 3% lift in revenue in one page checkout",
     [plan(OPC, "revenue_per_user", effect=0.03)]),
    ("required sample size for 5% in price badges", [plan("price_badges", effect=0.05)]),
    ("how many units would push cadence need to detect a 5% drop in unsubscribes",
     [plan("push_cadence", "unsubscribe_rate", effect=-0.05)]),
    ("how many units would push cadence need to detect a 5% improvement in unsubscribes",
     [plan("push_cadence", "unsubscribe_rate", effect=-0.05)]),
    ("how many users do we need to detect 0.5pp in one page checkout", [plan(OPC, effect=0.005, scale="absolute")]),
    ("how many users do we need to detect 0.5 percentage points in one page checkout",
     [plan(OPC, effect=0.005, scale="absolute")]),
    ("how many users to detect 5% in one page checkout with 90% power and 99% confidence",
     [plan(OPC, effect=0.05, power=0.9, level=0.99)]),
    ("how many users to detect 5% in one page checkout with power of 90% at alpha 0.01",
     [plan(OPC, effect=0.05, power=0.9, level=0.99)]),
    ("how many users to detect 5% in price badges on conversion and revenue",
     [plan("price_badges", effect=0.05), plan("price_badges", "revenue_per_user", effect=0.05)]),
    ("how many shoppers does hillstrom email need to find a 10% lift in spend",
     [plan("hillstrom_email", "spend", effect=0.1)]),
    # how long
    ("how long should loyalty tiers run to see a 5% lift?", [plan(LOYAL, effect=0.05)]),
    ("how long would one page checkout take to find +3% with cuped",
     [plan(OPC, effect=0.03, variance_reduction="measured")]),
    ("how many weeks would price badges need to detect 3% at 90% power",
     [plan("price_badges", effect=0.03, power=0.9)]),
    ("how long must we wait until 3% is detectable in one page checkout", [plan(OPC, effect=0.03)]),
    ("how long to detect 5% in one page checkout with 3,000 users per day",
     [plan(OPC, effect=0.05, daily_units=3000.0)]),
    ("how long should one page checkout run to detect 5%, looking daily", [plan(OPC, effect=0.05, sequential=True)]),
    ("how long should one page checkout run to detect 5% with a one-sided test",
     [plan(OPC, effect=0.05, one_sided=True)]),
    # how small an effect
    ("what effect could loyalty_tiers detect?", [plan(LOYAL, units="actual")]),
    ("what is the MDE of search ranker v2", [plan("search_ranker_v2", "sessions_per_user", units="actual")]),
    ("minimum detectable effect of mobile paywall on revenue",
     [plan("mobile_paywall", "revenue_per_user", units="actual")]),
    ("smallest effect we could detect in hillstrom email on spend", [plan("hillstrom_email", "spend", units="actual")]),
    ("with 20,000 users what effect could one page checkout detect?", [plan(OPC, units=20_000)]),
    ("with 10k users per arm what effect could price badges detect", [plan("price_badges", units=40_000)]),
    ("what could we detect in 2 weeks in one page checkout", [plan(OPC, days=14.0)]),
    # was it powered: the design at its real size, never the power of what was measured
    ("was one page checkout powered enough?", [plan(OPC, units="actual")]),
    ("was the loyalty tiers test underpowered?", [plan(LOYAL, units="actual")]),
    ("what was the statistical power of price badges", [plan("price_badges", units="actual")]),
    ("was one page checkout powered to find the observed effect", [plan(OPC, units="actual")]),
    ("was the sample large enough in one page checkout", [plan(OPC, units="actual")]),
    ("did we have enough users in price badges", [plan("price_badges", units="actual")]),
    ("could one page checkout detect a 2% lift in conversion?", [plan(OPC, effect=0.02, units="actual")]),
    ("what is the power of one page checkout to detect 5%", [plan(OPC, effect=0.05, units="actual")]),
    # a baseline of one's own
    ("how many users do I need to detect a 10% lift from a 5% baseline", [alone(0.05, effect=0.1)]),
    ("how many users to go from 5% to 6% conversion", [alone(0.05, effect=0.01, scale="absolute")]),
    ("with a baseline of 4% and 3000 users a day, how long to detect 5%",
     [alone(0.04, effect=0.05, daily_units=3000.0)]),
]  # fmt: skip
ASKED_BACK = [
    ("how many users do I need to detect a 2% lift in conversion?", "Which experiment? A plan starts from"),
    ("what sample size do we need", "Which experiment?"),
    ("which experiments were underpowered", "Which experiment?"),
    ("how long should the checkout test run to see +5%?", "which experiment: One-page checkout, Checkout copy?"),
    ("how long should we run loyalty tiers", "To find which effect?"),
    ("plan a new test like one page checkout", "To find which effect?"),
    ("how many users do I need with a baseline of 5%", "To find which effect?"),
    ("sample size for a 5% lift and a 10% lift in one page checkout", "One effect at a time"),
    ("how many users on ios does one page checkout need to detect 5%", "Plans are over all units"),
    ("how long should badge amount in price badges run to detect 5%", "the whole design of Price badges"),
    ("how many users do I need in one page checkout with a baseline of 4% to detect 2%", "own, or 4 %: which?"),
    ("how many users do we need to detect 5% in the blue button test", "“blue”"),
    ("how many users does one page checkout need to detect 5% in retention", "“retention”"),
    ("how many users does one page checkout need to detect 5% in AOV", "does not measure Average order value"),
    ("is the effect of one page checkout large enough", "“large”"),
    ("can we detect an effect in one page checkout", "“detect”"),
    ("do we have enough data to launch one page checkout", "“enough”"),
    ("how many users should we launch one page checkout to", "“launch”"),
]
NO_PLANS: list[tuple[str, list[ToolCall]]] = [
    ("how many users are in one page checkout", [health(OPC)]),
    ("how many users converted in one page checkout", [results(OPC, "conversion_7d")]),
    ("one page checkout at 90% confidence", [results(OPC, level=0.9)]),
]


@pytest.mark.parametrize(("question", "calls"), PLANS, ids=[case[0][:70] for case in PLANS])
def test_question_becomes_a_plan(question: str, calls: list[ToolCall]) -> None:
    assert list(ask(question).calls) == calls


@pytest.mark.parametrize(("question", "said"), ASKED_BACK, ids=[case[0][:70] for case in ASKED_BACK])
def test_what_is_missing_or_unclear_is_asked_back(question: str, said: str) -> None:
    found = ask(question)
    assert found.calls == ()
    assert said in found.question_back
    assert found.choices


@pytest.mark.parametrize("question", [case[0] for case in ASKED_BACK])
def test_choices_read_back_and_keep_the_figures(question: str) -> None:
    found = ask(question)
    for choice in found.choices:
        again = ask(choice, dict(found.focus))
        assert again.calls or again.question_back != found.question_back, choice
        if "detect" in choice and "%" in choice:
            assert {call.tool for call in again.calls} == {"plan_experiment"}, choice
            assert all("effect" in call.arguments for call in again.calls)


@pytest.mark.parametrize(("question", "calls"), NO_PLANS)
def test_questions_about_results_stay_questions_about_results(question: str, calls: list[ToolCall]) -> None:
    assert list(ask(question).calls) == calls


@pytest.mark.parametrize(
    ("follow_up", "calls"),
    [
        ("and for 2%?", [plan(LOYAL, effect=0.02)]),
        ("2%", [plan(LOYAL, effect=0.02)]),
        ("what about a drop of 3%?", [plan(LOYAL, effect=-0.03)]),
        ("what about revenue", [plan(LOYAL, "revenue_per_user", effect=0.05)]),
        ("with 90% power", [plan(LOYAL, effect=0.05, power=0.9)]),
        ("at 90% confidence", [plan(LOYAL, effect=0.05, level=0.9)]),
        ("with 20k users?", [plan(LOYAL, effect=0.05, units=20_000)]),
        ("in 4 weeks?", [plan(LOYAL, effect=0.05, days=28.0)]),
        ("and price badges?", [plan("price_badges", effect=0.05)]),
        ("was it powered enough?", [plan(LOYAL, units="actual")]),
        ("did it increase conversion", [results(LOYAL, "conversion_7d")]),
        ("did conversion go up at 90% confidence", [results(LOYAL, "conversion_7d", level=0.9)]),
        ("should we launch it?", [decision(LOYAL)]),
    ],
)
def test_a_follow_up_changes_what_it_names_and_no_more(follow_up: str, calls: list[ToolCall]) -> None:
    before = ask("how long should loyalty tiers run to see a 5% lift?")
    assert list(ask(follow_up, dict(before.focus)).calls) == calls


@pytest.mark.parametrize("answered", ["5%", "a 5% lift", "to detect 5%"])
def test_the_missing_effect_alone_will_do_as_an_answer(answered: str) -> None:
    before = ask("how long should we run loyalty tiers")
    assert list(ask(answered, dict(before.focus)).calls) == [plan(LOYAL, effect=0.05)]


def test_the_missing_experiment_alone_will_do_as_an_answer() -> None:
    before = ask("how many users do I need to detect a 2% lift in conversion?")
    assert list(ask("one page checkout", dict(before.focus)).calls) == [plan(OPC, effect=0.02)]


def test_a_plan_from_an_experiment_needs_a_population_and_one_of_ones_own_does_not() -> None:
    before = ask("what effect could loyalty tiers detect?", population=None)
    assert before.question_back == "Which population: itt or exposed?"
    assert ask("exposed", dict(before.focus), population=None).calls[0].arguments["population"] == "exposed"
    assert ask("how many users to detect a 10% lift from a 5% baseline", population=None).calls


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "how long should loyalty tiers run to see a 5% lift?",
            f"days needed to find +5 % relative in 7-day conversion, {FROM.format('Loyalty tiers')}",
        ),
        (
            "how many users do we need to detect 0.5pp in one page checkout with 90% power",
            f"units needed to find +0.5 percentage points in 7-day conversion, {OPC_POWER}",
        ),
        (
            "what effect could loyalty_tiers detect?",
            f"smallest effect that its actual size can find in 7-day conversion, {FROM.format('Loyalty tiers')}",
        ),
        (
            "how many users to detect a 10% lift from a 5% baseline",
            "units needed to find +10 % relative, from a rate of 5 %",
        ),
    ],
)
def test_the_interpretation_says_every_figure_that_was_read(question: str, said: str) -> None:
    assert ask(question).interpretation == f"Plan: {said}."

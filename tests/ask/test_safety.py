"""Whatever is asked: nothing is raised, no name is invented, and a slip in a name is corrected or asked about."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ports import Plan
from tests.ask.asking import ask, results
from tests.ask.world import CATALOGUE, EXPERIMENTS, SEGMENTS

_NAMES = [item.name for item in EXPERIMENTS]
_PIECES = [
    *_NAMES, *(metric.label for metric in CATALOGUE), "Mens E-Mail", "ios", "web", "DE", "US", "did", "increase", (
        "should "
        "we launch"
    ),
    "over time", "by platform", "only", "not", "and", "SRM", (
        "biggest "
        "lift in"
    ), "why", "itt", "exposed", "90%", "14-day", "v2", "B",
    (
        "what is "
        "running"
    ), "guardrails", "best arm of", "'; drop table x", "emails of users", "for", "on", "?", "…", "’", "the", "worst",
]  # fmt: skip
_SETTINGS = settings(max_examples=150, deadline=None, derandomize=True)
_focus = st.fixed_dictionaries(
    {},
    optional={
        "experiment_id": st.sampled_from([item.id for item in EXPERIMENTS] + ["gone"]),
        "intents": st.lists(st.sampled_from(["outcome", "decision", "rank", "health"]), min_size=1, max_size=1),
        "metric_ids": st.lists(st.sampled_from([metric.id for metric in CATALOGUE] + ["gone"]), max_size=2),
        "dimension": st.sampled_from(["platform", "gone"]),
        "dimension_values": st.lists(st.sampled_from(["ios", "gone"]), max_size=1),
        "pending": st.booleans(),
    },
)


def _check(plan: Plan) -> None:
    assert sum(map(bool, (plan.calls, plan.question_back, plan.refusal))) == 1
    metrics = {item.id: {metric.id for metric in item.metrics} for item in EXPERIMENTS}
    arms = {item.id: {arm.id for arm in item.treatments} for item in EXPERIMENTS}
    everywhere = set().union(*metrics.values())
    for call in plan.calls:
        arguments: dict[str, Any] = call.arguments
        experiment = arguments.get("experiment_id")
        assert experiment is None or experiment in metrics
        named = [*arguments.get("metric_ids", ()), *filter(None, [arguments.get("metric_id")])]
        assert set(named) <= (metrics[experiment] if experiment else everywhere)
        assert set(arguments.get("variation_ids", ())) <= (arms[experiment] if experiment else set())
        if "dimension" in arguments:
            assert experiment is not None
            values = {item.name: item.values for item in SEGMENTS[experiment]}[arguments["dimension"]]
            assert arguments.get("dimension_value") in (None, *values)
        assert arguments.get("population") in (None, "itt", "exposed")
        assert 0.5 <= arguments.get("level", 0.95) < 1


@_SETTINGS
@given(st.text(max_size=300).filter(str.strip), _focus)
def test_any_text_gets_a_plan_that_names_only_what_there_is(text: str, focus: dict[str, Any]) -> None:
    _check(ask(text, focus))


@_SETTINGS
@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=8), _focus)
def test_any_mix_of_known_words_gets_a_plan_that_names_only_what_there_is(
    pieces: list[str], focus: dict[str, Any]
) -> None:
    _check(ask(" ".join(pieces), focus))


@st.composite
def _slip(draw: st.DrawFn) -> tuple[str, str]:
    """An experiment, and its name with one letter changed, dropped, doubled or two swapped."""
    experiment = draw(st.sampled_from(EXPERIMENTS))
    name = experiment.name.lower()
    place = draw(st.integers(0, len(name) - 2))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    kind = draw(st.sampled_from(["change", "drop", "add", "swap"]))
    changed = {
        "change": name[:place] + letter + name[place + 1 :],
        "drop": name[:place] + name[place + 1 :],
        "add": name[:place] + letter + name[place:],
        "swap": name[:place] + name[place + 1] + name[place] + name[place + 2 :],
    }
    return experiment.id, changed[kind]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(_slip())
def test_one_slip_in_a_name_keeps_the_reading_or_asks(case: tuple[str, str]) -> None:
    experiment, typed = case
    plan = ask(f"how did {typed} do")
    assert plan.question_back or plan.calls in ((results(experiment),), ())


def test_most_slips_are_corrected_rather_than_asked_about() -> None:
    name = "pin leaderboard carousel"
    typed = [name[:place] + name[place + 1 :] for place in range(len(name))]
    corrected = [text for text in typed if ask(f"how did {text} do").calls == (results("pin_leaderboard_carousel"),)]
    assert len(corrected) == len(typed)

"""What a conversation has examined: counted by hypotheses, corrected over them, apart for each conversation."""

import threading
from typing import Any

import pytest

from gateway.answer import ArmValue, Evidence, Looks
from gateway.experiments import ledger as ledgers
from gateway.experiments.ledger import HANDED_IN, Ledger, Ledgers, warned
from gateway.stats import holm


def effect(p: float | None, metric: str = "m", **more: Any) -> Evidence:
    """One effect; `day` gives it data of its own."""
    day = more.pop("day", 1)
    given: dict[str, Any] = {
        "experiment_id": "e",
        "metric_id": metric,
        "variation_id": "t",
        "control_variation_id": "c",
        "analysis_population": "itt",
        "control": ArmValue(n=1_000 * day, value=0.1),
        "treatment": ArmValue(n=1_000 * day, value=0.1 + day / 1_000),
        "p_value": p,
        **more,
    }
    return Evidence(**given)


def corrected(ledger: Ledger, *items: Evidence) -> list[float | None]:
    return [item.p_value_looks for item in ledger.look(items)[0]]


def summary(ledger: Ledger, *items: Evidence) -> Looks:
    (looks,) = ledger.look(items)[1]
    return looks


def test_one_comparison_is_worth_its_own_p_value() -> None:
    ledger = Ledger()
    assert corrected(ledger, effect(0.03)) == [0.03]
    assert summary(ledger, effect(0.03)) == Looks(
        experiment_id="e", metrics=1, variations=1, populations=1, looks=1, comparisons=1
    )


def test_asking_the_same_again_adds_nothing() -> None:
    ledger = Ledger()
    first = ledger.look([effect(0.03), effect(0.2, "other")])
    assert ledger.look([effect(0.03), effect(0.2, "other")]) == first
    assert corrected(ledger, effect(0.03)) == [0.06]


def test_every_distinct_hypothesis_joins_the_family() -> None:
    """By metric, arm, control, population, dimension and segment; the kernel's own Holm is the oracle."""
    several = [
        effect(0.001),
        effect(0.002, "other"),
        effect(0.003, variation_id="t2"),
        effect(0.004, control_variation_id="c2"),
        effect(0.005, analysis_population="exposed"),
        effect(0.006, dimension="platform", dimension_value="ios"),
        effect(0.007, dimension="platform", dimension_value="web"),
        effect(0.008, dimension="country", dimension_value="ios"),
    ]
    ledger = Ledger()
    for place, item in enumerate(several, 1):
        family = [other.p_value for other in several[:place]]
        assert corrected(ledger, item) == [pytest.approx(holm(family)[place - 1], rel=1e-15)]
    assert summary(ledger, several[0]) == Looks(
        experiment_id="e", metrics=2, variations=2, populations=2, segments=3, looks=1, comparisons=8
    )


def test_a_new_day_is_a_new_look_and_at_a_fixed_horizon_a_further_test() -> None:
    ledger = Ledger()
    ledger.look([effect(0.04, day=1)])
    assert corrected(ledger, effect(0.03, day=2)) == [0.06]
    looks = summary(ledger, effect(0.03, day=2))
    assert (looks.looks, looks.comparisons) == (2, 2)


def test_an_always_valid_p_value_holds_at_every_look() -> None:
    """It pays for other hypotheses, and not for having been looked at before."""
    ledger = Ledger()
    for day in range(1, 20):
        assert corrected(ledger, effect(0.04, day=day, basis="always_valid")) == [0.04]
    assert corrected(ledger, effect(0.5, "other", basis="always_valid", day=19)) == [0.5]
    looks = summary(ledger, effect(0.04, day=19, basis="always_valid"))
    assert (looks.looks, looks.comparisons) == (19, 2)
    assert corrected(ledger, effect(0.04, day=19, basis="always_valid")) == [0.08]


def test_what_has_no_p_value_is_examined_and_no_member_of_the_family() -> None:
    ledger = Ledger()
    assert corrected(ledger, effect(None), effect(0.03, "other")) == [None, 0.03]
    looks = summary(ledger, effect(None))
    assert (looks.metrics, looks.comparisons) == (2, 1)


def test_experiments_have_families_of_their_own() -> None:
    items, looks = Ledger().look([effect(0.03), effect(0.03, experiment_id="f")])
    assert [item.p_value_looks for item in items] == [0.03, 0.03]
    assert [each.experiment_id for each in looks] == ["e", "f"]


def test_arms_that_were_handed_in_are_of_no_experiment() -> None:
    items, looks = Ledger().look([effect(0.03, experiment_id=HANDED_IN)])
    assert ([item.p_value_looks for item in items], looks) == ([None], [])


def test_days_of_a_trend_are_counted_and_cost_nothing() -> None:
    ledger = Ledger()
    _, (looks,) = ledger.look([effect(0.03)], {"e": ["2026-02-01", "2026-02-02"]})
    assert (looks.days, looks.comparisons) == (2, 1)
    _, (looks,) = ledger.look([effect(0.03)], {"e": ["2026-02-02", "2026-02-03"]})
    assert looks.days == 3


def test_conversations_are_apart_and_so_are_principals() -> None:
    known = Ledgers()
    ana = known.of("ana", "1")
    assert known.of("ana", "1") is ana
    assert known.of("ben", "1") is not ana
    assert known.of("ana", "2") is not ana
    assert known.of("ana", "") is not known.of("ana", "")


def test_the_conversation_that_was_silent_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "MAX_CONVERSATIONS", 2)
    known = Ledgers()
    first, second = known.of("ana", "1"), known.of("ana", "2")
    assert known.of("ana", "1") is first
    known.of("ana", "3")
    assert known.of("ana", "1") is first
    assert known.of("ana", "2") is not second


def test_the_experiment_that_was_asked_about_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "MAX_EXPERIMENTS", 2)
    ledger = Ledger()
    ledger.look([effect(0.01, experiment_id="a")])
    ledger.look([effect(0.01, experiment_id="b")])
    ledger.look([effect(0.01, "other", experiment_id="a")])
    ledger.look([effect(0.01, experiment_id="c")])
    assert summary(ledger, effect(0.01, experiment_id="a")).comparisons == 2
    assert summary(ledger, effect(0.01, experiment_id="b")).comparisons == 1


def test_many_threads_count_every_comparison_once() -> None:
    ledger = Ledger()

    def work(start: int) -> None:
        for step in range(200):
            ledger.look([effect(0.5, f"m{(start + step) % 100}")])

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 100, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert summary(ledger, effect(0.5, "m0")).comparisons == 100


def test_a_verdict_that_does_not_survive_the_correction_is_warned_about_and_stays() -> None:
    strong, weak = (
        effect(0.001, verdict="better"),
        effect(0.03, "weak", verdict="worse", dimension="d", dimension_value="x"),
    )
    items, looks = Ledger().look([strong, weak, effect(0.5, "flat"), effect(0.6, "flat2")])
    (told,) = warned([], items, looks)
    assert told == (
        "e, weak of t (itt, d = x): worse by itself, "
        "but p is 0.09 once corrected for the 4 comparisons of this conversation"
    )
    assert [item.verdict for item in items[:2]] == ["better", "worse"]
    assert warned([told, "another"], *Ledger().look([weak])) == ["another"]

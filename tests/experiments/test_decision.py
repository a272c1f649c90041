"""The decision table: each rule fires, the first match wins, and every situation has a decision."""

from itertools import product

import pytest

from gateway.experiments.decision import RULES, Decision, DecisionCode, Situation, decide
from gateway.stats import GuardrailState, SrmStatus, Statsig

PASS = (("refund_rate", GuardrailState.PASS), ("page_load_ms", GuardrailState.PASS))
UNSURE = (("refund_rate", GuardrailState.PASS), ("page_load_ms", GuardrailState.INCONCLUSIVE))
BREACHED = (("refund_rate", GuardrailState.FAIL), ("page_load_ms", GuardrailState.INCONCLUSIVE))


def situation(
    primary: Statsig = Statsig.SIGNIFICANT_POSITIVE,
    *,
    srm: SrmStatus = SrmStatus.OK,
    running: bool = False,
    integrity_failures: tuple[str, ...] = (),
    guardrails: tuple[tuple[str, GuardrailState], ...] = PASS,
    mature_share: float | None = 1.0,
    planned_size_reached: bool | None = True,
) -> Situation:
    """A finished, sound experiment with a gain, unless told otherwise."""
    return Situation(srm, primary, running, integrity_failures, guardrails, mature_share, planned_size_reached)


CASES = [
    pytest.param(situation(srm=SrmStatus.MISMATCH), "INVALID", "sample ratio mismatch", id="broken split"),
    pytest.param(
        situation(integrity_failures=("12 % saw two variations",)), "INVALID", "12 % saw two", id="broken exposure"
    ),
    pytest.param(situation(guardrails=BREACHED), "NO_LAUNCH", "guardrail breached: refund_rate", id="breached"),
    pytest.param(situation(Statsig.SIGNIFICANT_NEGATIVE), "NO_LAUNCH", "significantly worse", id="worse"),
    pytest.param(situation(Statsig.INSUFFICIENT_DATA), "EXTEND_TEST", "not enough data", id="no data"),
    pytest.param(situation(mature_share=0.6), "EXTEND_TEST", "only 60% of units", id="gain on open outcomes"),
    pytest.param(
        situation(srm=SrmStatus.NOT_COMPUTABLE), "CONSIDER_LAUNCH", "split could not be checked", id="split unknown"
    ),
    pytest.param(situation(guardrails=UNSURE), "CONSIDER_LAUNCH", "not ruled out on page_load_ms", id="harm possible"),
    pytest.param(situation(), "STRONG_LAUNCH", "every guardrail holds: refund_rate, page_load_ms", id="all good"),
    pytest.param(situation(guardrails=()), "LAUNCH", "no guardrail was watched", id="unguarded gain"),
    pytest.param(situation(running=True), "LAUNCH", "before the planned end", id="early gain"),
    pytest.param(situation(Statsig.DIRECTIONAL_POSITIVE), "CONSIDER_LAUNCH", "at its planned size", id="leaning"),
    pytest.param(
        situation(Statsig.DIRECTIONAL_POSITIVE, planned_size_reached=False),
        "EXTEND_TEST",
        "not significant",
        id="promising",
    ),
    pytest.param(
        situation(Statsig.FLAT, running=True, planned_size_reached=None), "EXTEND_TEST", "not complete", id="flat yet"
    ),
    pytest.param(situation(Statsig.DIRECTIONAL_NEGATIVE), "NO_LAUNCH", "leans the wrong way", id="leaning away"),
    pytest.param(situation(Statsig.FLAT), "NO_LAUNCH", "no effect", id="flat at the end"),
]


@pytest.mark.parametrize(("given", "code", "reason"), CASES)
def test_decision(given: Situation, code: str, reason: str) -> None:
    found = decide(given)
    assert found.code == code
    assert reason in found.reasons[0]
    assert found.would_change.endswith(".")


def test_every_rule_decides_one_of_the_cases() -> None:
    given = [case.values[0] for case in CASES]
    fired = [next(rule for rule in RULES if rule.applies(one)) for one in given if isinstance(one, Situation)]
    assert fired == list(RULES), "one case per rule, in the table's order"


def everything() -> list[Situation]:
    """Every combination of what a situation can say."""
    return [
        Situation(srm, primary, running, failures, guardrails, mature, planned)
        for srm, primary, running, failures, guardrails, mature, planned in product(
            SrmStatus,
            Statsig,
            (True, False),
            ((), ("exposure logging broke",)),
            ((), PASS, UNSURE, BREACHED),
            (None, 0.5, 1.0),
            (None, False, True),
        )
    ]


def test_every_situation_has_a_decision_with_reasons() -> None:
    decisions = [decide(given) for given in everything()]
    assert {found.code for found in decisions} == set(DecisionCode)
    assert all(found.reasons and all(found.reasons) and found.would_change for found in decisions)


def test_no_launch_of_any_kind_without_trust_or_past_a_breach() -> None:
    launches = {DecisionCode.STRONG_LAUNCH, DecisionCode.LAUNCH, DecisionCode.CONSIDER_LAUNCH}
    for given in everything():
        code = decide(given).code
        if given.srm == SrmStatus.MISMATCH or given.integrity_failures:
            assert code is DecisionCode.INVALID
        elif given.guardrails == BREACHED:
            assert code is DecisionCode.NO_LAUNCH
        if code in launches:
            assert given.primary in {Statsig.SIGNIFICANT_POSITIVE, Statsig.DIRECTIONAL_POSITIVE}
            assert not given.immature


def test_reasons_of_trust_are_all_given() -> None:
    found = decide(situation(srm=SrmStatus.MISMATCH, integrity_failures=("a", "b"), guardrails=BREACHED))
    assert found == Decision(
        DecisionCode.INVALID,
        (
            "the observed split does not match the planned shares (sample ratio mismatch)",
            "exposure cannot be trusted: a; b",
        ),
        "Find and fix what upsets the split, then run the experiment again.",
    )


def test_harm_on_guardrail_and_primary_is_told_together() -> None:
    found = decide(situation(Statsig.SIGNIFICANT_NEGATIVE, guardrails=BREACHED))
    assert [reason.split(":")[0] for reason in found.reasons] == [
        "guardrail breached",
        "the primary metric is significantly worse than control",
    ]

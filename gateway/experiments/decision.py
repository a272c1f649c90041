"""From evidence to a decision: a table of rules, read from the top, the first match wins.

Trust comes first (a broken split or broken exposure makes every number moot), then harm, then whether there is enough
data to say anything, then benefit. Every rule says in a sentence why it fired and what would change it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gateway.stats.result import GuardrailState, SrmStatus, Statsig

MATURE_SHARE = 0.8
"""A gain is acted on once this share of units has a closed outcome window."""


class DecisionCode(StrEnum):
    """What to do, strongest first; INVALID means that the data can't say."""

    STRONG_LAUNCH = "STRONG_LAUNCH"
    LAUNCH = "LAUNCH"
    CONSIDER_LAUNCH = "CONSIDER_LAUNCH"
    EXTEND_TEST = "EXTEND_TEST"
    NO_LAUNCH = "NO_LAUNCH"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision on one treatment may rest on."""

    srm: SrmStatus
    primary: Statsig
    """Of the primary metric, on the basis that the experiment's state calls for."""
    running: bool
    integrity_failures: tuple[str, ...] = ()
    """Exposure problems that make the populations untrustworthy, as phrases; empty when exposure is sound."""
    guardrails: tuple[tuple[str, GuardrailState], ...] = ()
    """Each guardrail metric with its state."""
    mature_share: float | None = None
    """Units whose outcome window has closed; None where the metric has no window."""
    planned_size_reached: bool | None = None
    """Against the size planned before the start; None where none was planned. Power is never post hoc."""

    def named(self, state: GuardrailState) -> str:
        """Guardrails in this state, comma-separated."""
        return ", ".join(name for name, found in self.guardrails if found == state)

    def explain(self, reason: str) -> str:
        """A rule's reason with this situation's names in it."""
        return reason.format(
            integrity="; ".join(self.integrity_failures),
            failed=self.named(GuardrailState.FAIL),
            inconclusive=self.named(GuardrailState.INCONCLUSIVE),
            passed=self.named(GuardrailState.PASS),
            mature="an unknown share" if self.mature_share is None else f"{self.mature_share:.0%}",
        )

    @property
    def immature(self) -> bool:
        """Too many outcomes are still open."""
        return self.mature_share is not None and self.mature_share < MATURE_SHARE

    @property
    def gained(self) -> bool:
        """The primary metric is significantly better."""
        return self.primary == Statsig.SIGNIFICANT_POSITIVE


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, and why."""

    code: DecisionCode
    reasons: tuple[str, ...]
    """Never empty: the rule that decided, then others that say the same."""
    would_change: str
    """A sentence on what it would take to decide otherwise."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table."""

    code: DecisionCode
    applies: Callable[[Situation], bool]
    reason: str
    """May name {integrity}, {failed}, {inconclusive}, {passed} and {mature} of the situation."""
    would_change: str


TRUST_AND_HARM: tuple[Rule, ...] = (
    Rule(  # the split is not the planned one, so the arms differ by more than the treatment
        DecisionCode.INVALID,
        lambda s: s.srm == SrmStatus.MISMATCH,
        "the observed split does not match the planned shares (sample ratio mismatch)",
        "Find and fix what upsets the split, then run the experiment again.",
    ),
    Rule(  # exposure is broken, so the analysed units are not the treated ones
        DecisionCode.INVALID,
        lambda s: bool(s.integrity_failures),
        "exposure cannot be trusted: {integrity}",
        "Repair the exposure logging, then run the experiment again.",
    ),
    Rule(  # a guardrail is breached: no gain elsewhere pays for it
        DecisionCode.NO_LAUNCH,
        lambda s: bool(s.named(GuardrailState.FAIL)),
        "guardrail breached: {failed}",
        "A version of the treatment that keeps every guardrail within its margin.",
    ),
    Rule(  # the primary metric is shown to be worse
        DecisionCode.NO_LAUNCH,
        lambda s: s.primary == Statsig.SIGNIFICANT_NEGATIVE,
        "the primary metric is significantly worse than control",
        "A changed treatment, tested anew.",
    ),
)
"""What stops a launch whatever else is true."""

GAIN: tuple[Rule, ...] = (
    Rule(  # nothing can be said yet
        DecisionCode.EXTEND_TEST,
        lambda s: s.primary == Statsig.INSUFFICIENT_DATA,
        "there is not enough data on the primary metric to judge it",
        "More units or conversions in the smaller arm.",
    ),
    Rule(  # a gain that rests on outcomes which are still open
        DecisionCode.EXTEND_TEST,
        lambda s: s.gained and s.immature,
        "only {mature} of units have a closed outcome window",
        f"The same gain once at least {MATURE_SHARE:.0%} of units have a closed outcome window.",
    ),
    Rule(  # a gain on a split that nobody could check
        DecisionCode.CONSIDER_LAUNCH,
        lambda s: s.gained and s.srm == SrmStatus.NOT_COMPUTABLE,
        "the primary metric is significantly better, but the split could not be checked",
        "The planned shares of the arms, so that the split can be checked.",
    ),
    Rule(  # a gain, with harm not yet ruled out
        DecisionCode.CONSIDER_LAUNCH,
        lambda s: s.gained and bool(s.named(GuardrailState.INCONCLUSIVE)),
        "the primary metric is significantly better, but harm is not ruled out on {inconclusive}",
        "More units, until every guardrail is shown to hold within its margin.",
    ),
    Rule(  # a gain, every guardrail held, and the experiment complete
        DecisionCode.STRONG_LAUNCH,
        lambda s: s.gained and bool(s.guardrails) and not s.running and s.planned_size_reached is not False,
        "the primary metric is significantly better and every guardrail holds: {passed}",
        "A breached guardrail or a failed check of the data.",
    ),
    Rule(  # a gain that nothing guarded
        DecisionCode.LAUNCH,
        lambda s: s.gained and not s.guardrails,
        "the primary metric is significantly better; no guardrail was watched",
        "Guardrails: held, they make it a strong launch; breached, they reverse it.",
    ),
    Rule(  # a gain, every guardrail held, before the experiment is complete
        DecisionCode.LAUNCH,
        lambda s: s.gained,
        "the primary metric is significantly better before the planned end, and every guardrail holds: {passed}",
        "The same picture at the planned end makes it a strong launch; a breached guardrail reverses it.",
    ),
    Rule(  # as large as planned, leaning the right way, nothing harmed
        DecisionCode.CONSIDER_LAUNCH,
        lambda s: (
            s.primary == Statsig.DIRECTIONAL_POSITIVE
            and s.planned_size_reached is True
            and not s.immature
            and not s.named(GuardrailState.INCONCLUSIVE)
        ),
        "the primary metric leans the right way at its planned size, and no harm was found",
        "A significant gain in a larger test.",
    ),
    Rule(  # promising, but not shown
        DecisionCode.EXTEND_TEST,
        lambda s: s.primary == Statsig.DIRECTIONAL_POSITIVE,
        "the primary metric leans the right way but is not significant",
        "More units: a significant gain would launch, a fading one would not.",
    ),
    Rule(  # no gain yet, and the planned size or the outcomes are not there yet either
        DecisionCode.EXTEND_TEST,
        lambda s: s.immature or s.planned_size_reached is False or (s.running and s.planned_size_reached is None),
        "no gain is shown yet, and the experiment is not complete",
        "The planned size with closed outcomes: then the same picture means no launch.",
    ),
    Rule(  # complete, and leaning the wrong way
        DecisionCode.NO_LAUNCH,
        lambda s: s.primary == Statsig.DIRECTIONAL_NEGATIVE,
        "the primary metric leans the wrong way and the experiment is complete",
        "A significant gain in a new test.",
    ),
    Rule(  # complete, and nothing found
        DecisionCode.NO_LAUNCH,
        lambda _: True,
        "no effect on the primary metric was found and the experiment is complete",
        "A larger test, if an effect too small for this one would still be worth having.",
    ),
)
"""Enough data, then benefit: each line assumes that none above it applied, and the last applies to everything."""

RULES: tuple[Rule, ...] = TRUST_AND_HARM + GAIN
"""The whole policy, in the order it is read."""


def decide(situation: Situation) -> Decision:
    """The first rule that applies; where it is one of trust or harm, every other that agrees gives its reason too."""
    first = next(rule for rule in RULES if rule.applies(situation))
    agreeing = [rule for rule in TRUST_AND_HARM if rule.code is first.code and rule.applies(situation)] or [first]
    return Decision(first.code, tuple(situation.explain(rule.reason) for rule in agreeing), first.would_change)

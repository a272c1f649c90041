"""Sentences about evidence: who against whom, how much, how sure, and what stands against believing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.answer import ArmValue, Evidence
from gateway.ask.figures import Scale, chance, p_value, percent, relative
from gateway.ask.phrases import POPULATION, few
from gateway.ask.text import plain

_BASIS = {
    "fixed": "{} are fixed-horizon: the experiment has ended.",
    "always_valid": (
        "{} are always-valid, made for looking while the experiment is still running; the chance to win is not "
        "corrected for looking."
    ),
}
_INTEGRITY = "exposure_integrity_failed"
_CAUSES = {
    "exposure_drop": "exposure logging dropped",
    "variant_mismatch": "units were exposed to another arm than their own",
    "multi_variation": "units were exposed to several arms",
    "pre_assignment": "units were exposed before they were assigned",
    "outside_window": "units were exposed outside the experiment's run",
}
_UNSTABLE = "unstable_baseline"
_FLAGS = {
    "segment_srm_mismatch": (
        "The sample ratio is off in a segment, though not overall: what broke it there may bias the effect. "
        "The experiment's health names the segment."
    ),
    "covariate_imbalance": (
        "The arms already differed before the experiment, by more than chance allows: find out what chose their units."
    ),
    "cuped_not_available": (
        "The metric's definition asks for CUPED, but its units have no past to adjust by: the numbers are unadjusted."
    ),
}
"""Flags that have a sentence of their own."""
_DECISIONS = {
    "STRONG_LAUNCH": "launch, strongly supported",
    "LAUNCH": "launch",
    "CONSIDER_LAUNCH": "consider launching",
    "EXTEND_TEST": "extend the test",
    "NO_LAUNCH": "do not launch",
    "INVALID": "invalid, so no launch is recommended",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What the things in an answer are called; ids where nothing better is known."""

    metrics: Mapping[str, Mapping[str, str]]
    arms: Mapping[str, str]
    experiments: Mapping[str, str]
    side_by_side: bool = False
    """Evidence of both populations stands in one text: each line names its own."""

    @classmethod
    def of(cls, focus: Mapping[str, Any]) -> "Words":
        known = focus.get("wording") or {}
        return cls(known.get("metrics", {}), known.get("arms", {}), known.get("experiments", {}))

    def metric(self, metric_id: str) -> str:
        return plain(str(self.metrics.get(metric_id, {}).get("label") or metric_id))

    def arm(self, variation_id: str, experiment_id: str = "") -> str:
        """Of a text about many experiments, arms are kept by experiment: ids repeat between them."""
        within = self.arms.get(f"{experiment_id}/{variation_id}", variation_id) if experiment_id else variation_id
        return plain(self.arms.get(variation_id, within))

    def within(self, experiment_id: str) -> "Words":
        """The words of one experiment of several: arms by their own ids."""
        own = {key.partition("/")[2]: name for key, name in self.arms.items() if key.startswith(f"{experiment_id}/")}
        return replace(self, arms=own or self.arms)

    def experiment(self, experiment_id: str) -> str:
        return plain(self.experiments.get(experiment_id, experiment_id))

    def population(self, name: str) -> str:
        """ " (exposed units)", only where a text holds both."""
        return f" ({POPULATION.get(name, name)})" if self.side_by_side else ""

    def scale(self, metric_id: str) -> Scale:
        known = self.metrics.get(metric_id, {})
        return Scale(known.get("aggregation", ""), known.get("unit", ""))

    def lower_is_better(self, metric_id: str) -> bool:
        return self.metrics.get(metric_id, {}).get("desired") == "decrease"


def mismatch(evidence: Sequence[Evidence], words: Words) -> str:
    """What an answer leads with when units were not split as planned."""
    broken = {
        (item.experiment_id, item.analysis_population): item.srm.p_value
        for item in evidence
        if item.srm.status == "mismatch"
    }
    if not broken:
        return ""
    named = [
        f"{words.experiment(name)}{words.population(population)}{f' ({p_value(p)})' if p is not None else ''}"
        for (name, population), p in sorted(broken.items())
    ]
    return f"Sample ratio mismatch in {few(named, 12)}: the effect is not trustworthy and no launch is recommended."


def integrity(evidence: Sequence[Evidence], words: Words) -> str:
    """Said before any effect: with exposures that can't be relied on, the rules call an experiment invalid."""
    broken = {item.experiment_id: item.quality.flags for item in evidence if _INTEGRITY in item.quality.flags}
    named = [
        f"Exposure integrity failed in {words.experiment(name)}"
        + (f": {'; '.join(causes)}" if (causes := [_CAUSES[flag] for flag in flags if flag in _CAUSES]) else "")
        + ". No launch is recommended on this."
        for name, flags in sorted(broken.items())
    ]
    return " ".join(named)


def effect(item: Evidence, words: Words, level: float = 0.95) -> str:
    """One treatment against control on one metric, in a sentence or two."""
    scale, metric = words.scale(item.metric_id), words.metric(item.metric_id)
    where = f" ({plain(f'{item.dimension} = {item.dimension_value}')})" if item.dimension else ""
    where += words.population(item.analysis_population)
    head = f"{metric}{where}, {words.arm(item.variation_id)} vs {words.arm(item.control_variation_id)}"
    arms = _arms(item, scale)
    if item.not_computable:
        return f"{head}: no effect can be stated, because {item.not_computable}. {arms}"
    return f"{head}: {_finding(item, words)}. {arms} {_numbers(item, scale, level)}"


def _finding(item: Evidence, words: Words) -> str:
    """Direction and verdict in words: the direction is the number's, the verdict is by what is wanted of the metric."""
    change = item.difference.value
    way = "unchanged" if not change else "higher" if change > 0 else "lower"
    wanted = " (lower is better)" if words.lower_is_better(item.metric_id) else ""
    match item.verdict:
        case "better":
            return f"{way} with the treatment{wanted}, which is better"
        case "worse":
            return f"{way} with the treatment{wanted}, which is worse"
        case "unreliable":
            return f"measured as {way}{wanted}, but not trustworthy"
        case _:
            return f"inconclusive{wanted}: the data do not tell the difference from none"


def _arms(item: Evidence, scale: Scale) -> str:
    treatment, control = item.treatment, item.control
    return f"{_arm(treatment, scale)} against {_arm(control, scale)}."


def _arm(arm: ArmValue, scale: Scale) -> str:
    """A ratio is not taken over units: it says how many stand behind it, and no more."""
    if arm.n is None:
        return scale.value(arm.value)
    units = f"{arm.n:,} unit{'' if arm.n == 1 else 's'}"
    return f"{scale.value(arm.value)} {f'(of {units})' if scale.aggregation == 'ratio' else f'over {units}'}"


def _numbers(item: Evidence, scale: Scale, level: float) -> str:
    found = item.difference
    adjusted = " after CUPED" if item.cuped and item.cuped.judged else ""
    parts = [f"Difference{adjusted} {scale.difference(found.value)}"]
    if found.ci_low is not None or found.ci_high is not None:
        parts[0] += f" ({level * 100:.4g} % interval {scale.bound(found.ci_low)} to {scale.bound(found.ci_high)})"
    if item.lift.value is not None:
        lift = f"relative lift {relative(item.lift.value)}"
        if item.lift.ci_low is not None or item.lift.ci_high is not None:
            lift += f" ({relative(item.lift.ci_low)} to {relative(item.lift.ci_high)})"
        parts.append(lift)
    if item.p_value is not None:
        parts.append(p_value(item.p_value))
    if item.p_value_adjusted is not None and item.p_value_adjusted != item.p_value:
        parts.append(f"corrected {p_value(item.p_value_adjusted)}")
    if item.chance_to_win is not None:
        parts.append(f"chance to win {chance(item.chance_to_win)}")
    return ", ".join(parts) + "."


def decision(item: Evidence, words: Words) -> str:
    """What the rules make of one treatment."""
    code = item.decision or ""
    who = f"{words.arm(item.variation_id)}{words.population(item.analysis_population)}"
    return f"{who}: {code} ({_DECISIONS.get(code, code)})."


def caveats(evidence: Sequence[Evidence], intervals: str = "Intervals") -> list[str]:
    """What a reader must know beside the numbers: the basis, immature units, exposure flags.

    `intervals` names those of the evidence where the answer shows others as well.
    """
    bases = sorted({item.basis for item in evidence if not item.not_computable})
    notes = [_BASIS[basis].format(intervals) for basis in bases]
    shares = [item.quality.mature_share for item in evidence if item.quality.mature_share is not None]
    if shares and min(shares) < 1:
        notes.append(
            f"Only {percent(min(shares))} of units have a closed outcome window, so the effect may still move."
        )
    raised = {flag for item in evidence for flag in item.quality.flags}
    if any(_UNSTABLE in item.quality.flags and item.lift.value is not None for item in evidence):
        notes.append("The control's value is small beside its own error, so a relative lift here is unstable.")
    notes += [_said(flag, evidence) for flag in _FLAGS if flag in raised]
    known = {_INTEGRITY, _UNSTABLE, *_FLAGS, *(_CAUSES if _INTEGRITY in raised else ())}
    flags = sorted(plain(flag.replace("_", " ")) for flag in raised - known)
    if flags:
        notes.append(f"Flags: {', '.join(flags)}.")
    return notes


def _said(flag: str, evidence: Sequence[Evidence]) -> str:
    """A flag in words. A broken split is told of the segments themselves where they are what the answer is about."""
    broken = [item for item in evidence if flag in item.quality.flags and item.dimension]
    if flag != "segment_srm_mismatch" or not broken:
        return _FLAGS[flag]
    cells = dict.fromkeys(plain(f"{item.dimension} = {item.dimension_value}") for item in broken)
    return f"The sample ratio is off in {', '.join(cells)}: the effect there is not trustworthy."


def mixed(evidence: Sequence[Evidence]) -> list[str]:
    """The basis of a ranking's intervals: each experiment has its own; the rest is in its evidence."""
    if not evidence:
        return []
    return ["Intervals are always-valid for experiments that are running, fixed-horizon for those that have ended."]

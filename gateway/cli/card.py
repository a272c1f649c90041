"""The evidence card: what one answer rests on, aligned, in plain text that reads without colour.

A sample ratio mismatch comes first, since everything below it is in doubt. Units are shown as the metric's definition
says; where the definition isn't known here, numbers stay as they are rather than be dressed up.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gateway.answer import ArmValue, Cuped, Estimate, Evidence
from gateway.cli import figures
from gateway.cli.figures import Scale
from gateway.cli.output import aligned
from gateway.cli.paint import Paint, Tone
from gateway.cli.plain import plain, width


@dataclass(frozen=True, slots=True)
class MetricView:
    """How a metric is shown."""

    label: str = ""
    proportion: bool = False
    lower_is_better: bool = False


Views = Callable[[Evidence], MetricView]
"""The view of an evidence's metric, or the neutral one where nothing is known about it."""

_TONES: dict[str, Tone] = {"better": "good", "worse": "bad", "inconclusive": "caution", "unreliable": "bad"}
_VERDICTS = {
    "better": "better than control",
    "worse": "worse than control",
    "inconclusive": "inconclusive: no effect is shown, and none is ruled out",
    "unreliable": "unreliable: don't act on the effect before its data is explained",
}
_BASES = {
    "fixed": "fixed horizon, for an experiment that has ended",
    "always_valid": "always valid, for an experiment that is still running",
}


def mismatches(evidence: Iterable[Evidence]) -> list[str]:
    """A sentence for each experiment and population whose split is not the planned one."""
    found: dict[tuple[str, str], str] = {}
    for item in evidence:
        if item.srm.status == "mismatch":
            found[item.experiment_id, item.analysis_population] = (
                f"SAMPLE RATIO MISMATCH in {plain(item.experiment_id)} ({item.analysis_population}), "
                f"p = {figures.p_value(item.srm.p_value)}: the arms are not split as planned, "
                "so the effect below can't be trusted."
            )
    return list(found.values())


def card(item: Evidence, view: MetricView, paint: Paint, level: float = 0.95) -> str:
    """One treatment against control, in full."""
    rows = [["arm", "n", "value"], _control(item, view), _treatment(item, view)]
    arms = aligned(rows, right=(False, True, True), indent="  ")
    facts = aligned([[name, plain(value)] for name, value in _facts(item, view, level)], indent="  ")
    return "\n".join([paint(_heading(item, view), "strong"), "", arms, "", _toned(facts, item, paint)])


def comparison(evidence: Sequence[Evidence], views: Views, paint: Paint, level: float = 0.95, columns: int = 0) -> str:
    """Several treatments or metrics: under a heading for each group of comparable rows, a line for each arm.

    Where that is wider than `columns`, each arm's effect goes on lines of its own; 0 stands for any width.
    """
    groups: dict[tuple[str, ...], list[Evidence]] = {}
    for item in evidence:
        groups.setdefault(_group(item), []).append(item)
    wide = [_compared(items, views(items[0]), level) for items in groups.values()]
    fits = not columns or max(width(line) for block in wide for line in block.splitlines()) <= columns
    blocks = wide if fits else [_stacked(items, views(items[0]), level) for items in groups.values()]
    headings = [paint(_heading(items[0], views(items[0])), "strong") for items in groups.values()]
    return "\n\n".join([*map("\n".join, zip(headings, blocks, strict=True)), _trust(evidence)])


def _compared(items: Sequence[Evidence], view: MetricView, level: float) -> str:
    interval = f"[{_level(level)}]"
    head = ["arm", "n", "value", f"difference {interval}", f"lift {interval}", "p", "chance"]
    rows = [[*_treatment(item, view), *_effect(item, view)] for item in items]
    if any(item.chance_to_be_best is not None for item in items):
        head.append("best of all")
        rows = [[*row, figures.chance(item.chance_to_be_best)] for row, item in zip(rows, items, strict=True)]
    rows = [[*row, plain(_verdict(item))] for row, item in zip(rows, items, strict=True)]
    control = _control(items[0], view)
    lines = [[*head, "verdict"], [*control, *[""] * (len(head) + 1 - len(control))], *rows]
    return aligned(lines, right=(False, *[True] * (len(head) - 1)), rule=True, indent="  ")


def _stacked(items: Sequence[Evidence], view: MetricView, level: float) -> str:
    arms = [["arm", "n", "value"], _control(items[0], view), *[_treatment(item, view) for item in items]]
    lines = aligned(arms, right=(False, True, True), indent="  ").splitlines()
    effects: list[str] = []
    for item, line in zip(items, lines[2:], strict=True):
        difference, lift, p_value, chance = _effect(item, view)
        effects += [
            line,
            f"      difference {difference}   ({_level(level)} interval)",
            f"      lift {lift}   p {p_value}",
            f"      chance to win {chance}{_best_of_all(item)}: {plain(_verdict(item))}",
        ]
    return "\n".join([*lines[:2], *effects])


def _effect(item: Evidence, view: MetricView) -> list[str]:
    return [
        bracketed(item.difference, scale_of(view)),
        bracketed(item.lift, figures.RELATIVE),
        figures.p_value(item.p_value),
        figures.chance(item.chance_to_win),
    ]


def _best_of_all(item: Evidence) -> str:
    return "" if item.chance_to_be_best is None else f", to be the best of all {figures.chance(item.chance_to_be_best)}"


def _verdict(item: Evidence) -> str:
    return item.verdict if item.not_computable is None else f"not computable: {item.not_computable}"


def _group(item: Evidence) -> tuple[str, ...]:
    return (
        item.experiment_id, item.metric_id, item.analysis_population, item.dimension or "", item.dimension_value or "",
        item.control_variation_id, repr(item.control),
    )  # fmt: skip


def _trust(evidence: Sequence[Evidence]) -> str:
    """What bears on every row: the split, the exposure and the basis of an experiment, once each; what was adjusted."""
    lines: dict[str, None] = {}
    for item in evidence:
        where = f"{item.experiment_id} ({item.analysis_population})"
        lines[plain(f"{where}: sample ratio {_srm(item)}; {_quality(item)}; {_BASES[item.basis]}")] = None
    for item in evidence:
        if item.cuped and item.cuped.judged:
            segment = f", {item.dimension} = {item.dimension_value}" if item.dimension else ""
            where = f"{item.metric_id}, {item.variation_id}{segment}"
            lines[plain(f"{where}: effect after CUPED, {_variance(item.cuped)}")] = None
    return "\n".join(lines)


def _heading(item: Evidence, view: MetricView) -> str:
    metric = f"{view.label} ({item.metric_id})" if view.label else item.metric_id
    segment = f"{item.dimension} = {item.dimension_value}" if item.dimension else "all units"
    better = ", lower is better" if view.lower_is_better else ""
    return plain(f"{metric}{better} · {item.experiment_id} · {item.analysis_population} · {segment}")


def _control(item: Evidence, view: MetricView) -> list[str]:
    name = item.control_variation_id
    return _arm(name if name.casefold() == "control" else f"{name} (control)", item.control, view)


def _treatment(item: Evidence, view: MetricView) -> list[str]:
    return _arm(item.variation_id, item.treatment, view)


def _arm(name: str, arm: ArmValue, view: MetricView) -> list[str]:
    value = figures.percent(arm.value) if view.proportion else figures.number(arm.value)
    return [plain(name), figures.count(arm.n), value]


def _facts(item: Evidence, view: MetricView, level: float) -> list[tuple[str, str]]:
    facts = [] if item.not_computable is None else [("not computable", item.not_computable)]
    if item.difference.value is not None:
        facts.append(("difference", _with_interval(item.difference, scale_of(view), level)))
    if item.lift.value is not None:
        facts.append(("relative lift", _with_interval(item.lift, figures.RELATIVE, level)))
    if item.cuped is not None:
        facts.append(("CUPED", _cuped(item.cuped, view, level)))
    facts += [("p-value", _p_values(item)), ("chance to win", figures.chance(item.chance_to_win))]
    if item.chance_to_be_best is not None:
        facts.append(("best of all", _best(item, view)))
    facts.append(("verdict", _VERDICTS[item.verdict]))
    if item.statsig:
        facts.append(("class", item.statsig.replace("_", " ")))
    if item.decision:
        facts.append(("decision", item.decision))
    facts += [("basis", _BASES[item.basis]), ("sample ratio", _srm(item)), ("exposure", _quality(item))]
    if item.quality.flags:
        facts.append(("flags", ", ".join(item.quality.flags)))
    return facts


def _cuped(cuped: Cuped, view: MetricView, level: float) -> str:
    """The adjusted difference, beside the plain one that judges; or that the difference above is the adjusted one."""
    shown = "adjusted as the metric's definition asks" if cuped.judged else ""
    return f"{shown or _with_interval(cuped.difference, scale_of(view), level)}   ({_variance(cuped)})"


def _variance(cuped: Cuped) -> str:
    return "variance –" if cuped.variance_reduction is None else f"variance {-100 * cuped.variance_reduction:+.1f} %"


def _best(item: Evidence, view: MetricView) -> str:
    """The arm's chance among all, and the cost of choosing it; a cost far below its value is not spelt out."""
    loss, value = item.expected_loss, abs(item.treatment.value or 0.0)
    if loss is not None and loss < 1e-4 * value:
        cost = "under 0.01 % of its value"
    else:
        cost = f"{figures.hundredths(loss)} points" if view.proportion and loss is not None else figures.number(loss)
    return f"{figures.chance(item.chance_to_be_best)}, expected loss {cost}"


def _p_values(item: Evidence) -> str:
    raw = figures.p_value(item.p_value)
    if item.p_value_adjusted is None or item.p_value_adjusted == item.p_value:
        return raw
    return f"{raw}, {figures.p_value(item.p_value_adjusted)} corrected for the number of comparisons"


def _srm(item: Evidence) -> str:
    if item.srm.status == "not_computable":
        return "not computable: no planned shares, or under 100 units"
    return f"{item.srm.status} (p = {figures.p_value(item.srm.p_value)})"


def _quality(item: Evidence) -> str:
    quality = item.quality
    shown = (
        (quality.exposure_rate, "exposed"),
        (quality.valid_exposure_rate, "valid"),
        (quality.mature_share, "mature"),
    )
    known = [f"{figures.percent(share)} {name}" for share, name in shown if share is not None]
    return ", ".join(known) or "no exposure data"


def _with_interval(estimate: Estimate, scale: Scale, level: float) -> str:
    value = scale.full(estimate.value)
    if estimate.ci_low is None or estimate.ci_high is None:
        return f"{value}   no bounded {_level(level)} interval"
    low, high = scale.digits(estimate.ci_low), scale.full(estimate.ci_high)
    return f"{value}   {_level(level)} interval {low} to {high}"


def bracketed(estimate: Estimate, scale: Scale) -> str:
    """An effect with its interval, for a narrow column."""
    if estimate.value is None:
        return figures.MISSING
    if estimate.ci_low is None or estimate.ci_high is None:
        return f"{scale.short(estimate.value)} [no bounds]"
    return f"{scale.short(estimate.value)} [{scale.digits(estimate.ci_low)}, {scale.digits(estimate.ci_high)}]"


def scale_of(view: MetricView) -> Scale:
    """How differences of this metric are written."""
    return figures.POINTS if view.proportion else figures.PLAIN


def _level(level: float) -> str:
    return f"{100 * level:g} %"


def _toned(facts: str, item: Evidence, paint: Paint) -> str:
    """The facts, with the line of the verdict and of a broken split in their tones."""
    lines = []
    for line in facts.splitlines():
        name = line.strip().split("  ")[0]
        if name == "verdict":
            lines.append(paint(line, _TONES[item.verdict]))
        elif name == "sample ratio" and item.srm.status == "mismatch":
            lines.append(paint(line, "bad"))
        else:
            lines.append(line)
    return "\n".join(lines)

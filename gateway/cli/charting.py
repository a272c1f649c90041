"""`--chart FILE`: which drawing an answer gets, and what its rows and title are called."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.answer import Answer, Evidence, Table

_TREND = {"date_day", "variation_id", "difference", "ci_low", "ci_high"}


def draw(answer: "Answer", focus: Mapping[str, Any], file: Path, *, level: float = 0.95, under: str = "") -> bool:
    """Draw the answer; False where it holds nothing to draw. `under` stands below a plan's title."""
    from gateway.experiments import charts

    wording = focus.get("wording", {})
    plan = rows_of(answer.table)
    if "solved_for" in answer.table.columns:
        metrics = [*focus.get("metric_ids", ()), *list(wording.get("metrics", {}))[:1], ""]
        plan = [row for row in plan if row.get("metric_id", metrics[0]) == metrics[0]]
        if not any(row["row"] == "curve" for row in plan):
            return False
        told = under or ", ".join(
            f"baseline: the control of {name}" for name in wording.get("experiments", {}).values()
        )
        figure = charts.power_figure(plan, title=plan_title(plan, _label(wording, metrics[0])), under=told)
    elif answer.table.columns and set(answer.table.columns) >= _TREND and "metric_id" not in answer.table.columns:
        figure = _trend(answer, plan, wording)
    elif answer.evidence:
        figure = charts.effects_figure(
            answer.evidence, label=_labels(answer.evidence, wording), title=_title(answer.evidence, wording),
            under=_under(answer.evidence, wording), level=level,
        )  # fmt: skip
    else:
        return False
    charts.save(figure, file)
    return True


def rows_of(table: "Table") -> list[dict[str, Any]]:
    """A table's rows as mappings."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def plan_title(rows: Sequence[Mapping[str, Any]], metric: str) -> str:
    """What a plan's chart is about."""
    asked = rows[0]
    effect = asked["effect_relative"]
    on = f" in {metric}" if metric else ""
    if asked["solved_for"] == "effect":
        return f"Power of {asked['units']:,} units{on}"
    if not asked["effect_absolute"]:
        return f"Power to rule out harm beyond the margin{on}"
    said = f"{100 * effect:+.3g} %" if effect is not None else f"a difference of {asked['effect_absolute']:+.4g}"
    return f"Power to find {said}{on}"


def _trend(answer: "Answer", rows: Sequence[Mapping[str, Any]], wording: Mapping[str, Any]) -> Any:
    from gateway.experiments import charts

    metric_id = answer.evidence[0].metric_id if answer.evidence else ""
    known = wording.get("metrics", {}).get(metric_id, {})
    share = known.get("aggregation") == "occurrence" or known.get("unit") == "proportion"
    times = 100.0 if share else 1.0
    scaled = [
        {**row, **{key: None if row[key] is None else times * row[key] for key in ("difference", "ci_low", "ci_high")}}
        for row in rows
    ]
    unit = "percentage points" if share else str(known.get("unit", ""))
    return charts.trend_figure(
        scaled, answer.evidence, arms=lambda name: str(wording.get("arms", {}).get(name, name)),
        title=_title(answer.evidence, wording), unit=unit,
    )  # fmt: skip


def _title(evidence: "Sequence[Evidence]", wording: Mapping[str, Any]) -> str:
    experiments = list(dict.fromkeys(item.experiment_id for item in evidence))
    metrics = list(dict.fromkeys(item.metric_id for item in evidence))
    on = f": {_label(wording, metrics[0])}" if len(metrics) == 1 else ""
    if len(experiments) != 1:
        return f"Effects in {len(experiments)} experiments{on}"
    return f"{wording.get('experiments', {}).get(experiments[0], experiments[0])}{on}"


def _under(evidence: "Sequence[Evidence]", wording: Mapping[str, Any]) -> str:
    """Against whom, where that is one arm."""
    controls = {(item.experiment_id, item.control_variation_id) for item in evidence}
    if len(controls) != 1:
        return "each against its own control"
    control = next(iter(controls))[1]
    return f"against {wording.get('arms', {}).get(control, control)}"


def _labels(evidence: "Sequence[Evidence]", wording: Mapping[str, Any]) -> Any:
    """A row says what its title does not: the experiment, metric, arm, segment or population in which rows differ."""
    experiments, metrics = ({getattr(item, name) for item in evidence} for name in ("experiment_id", "metric_id"))
    arms = {(item.experiment_id, item.variation_id) for item in evidence}
    populations = {item.analysis_population for item in evidence}

    def label(item: "Evidence") -> str:
        parts = []
        if len(experiments) > 1:
            parts.append(str(wording.get("experiments", {}).get(item.experiment_id, item.experiment_id)))
        if len(metrics) > 1:
            parts.append(_label(wording, item.metric_id))
        if item.dimension is not None:
            parts.append(f"{item.dimension} = {item.dimension_value}")
        if len(arms) > len(experiments) or not parts:
            named = wording.get("arms", {})
            own = named.get(f"{item.experiment_id}/{item.variation_id}", item.variation_id)
            parts.append(str(named.get(item.variation_id, own)))
        if len(populations) > 1:
            parts.append(item.analysis_population)
        return " · ".join(parts)

    return label


def _label(wording: Mapping[str, Any], metric_id: str = "") -> str:
    return str(wording.get("metrics", {}).get(metric_id, {}).get("label") or metric_id)

"""Intervals at another level than the stored 95 %: recomputed by the kernel from the stored arms, never rescaled."""

from collections.abc import Sequence
from typing import Any

from gateway.answer import Estimate, Evidence
from gateway.tools.arms import adjust_rows, compare_rows, stored_arms
from gateway.tools.base import ToolContext
from gateway.tools.reading import evidence_of, whole

DEFAULT_LEVEL = 0.95


def at_level(ctx: ToolContext, rows: Sequence[dict[str, Any]], level: float) -> tuple[Evidence, ...]:
    """Stored results as evidence, with intervals of the level asked for. Verdicts stay those of 95 %."""
    stored = tuple(evidence_of(row) for row in rows)
    if level == DEFAULT_LEVEL or not rows:
        return stored
    control, treatment = stored_arms(ctx, rows)
    kinds = [row["aggregation"] for row in rows]
    plain = compare_rows(
        control,
        treatment,
        aggregation=kinds,
        desired=[row["desired"] for row in rows],
        running=[item.basis == "always_valid" for item in stored],
        level=level,
    )
    adjusted = adjust_rows(control, treatment, aggregation=kinds, level=level) if any(e.cuped for e in stored) else None
    return tuple(_with_intervals(item, plain, adjusted, place) for place, item in enumerate(stored))


def _with_intervals(item: Evidence, plain: Any, adjusted: Any, place: int) -> Evidence:
    """One evidence with the intervals of row `place`: its own, and those after CUPED where it has them."""
    if item.cuped is None:
        return item.model_copy(update=_intervals(item, item, plain, place))
    cuped = item.cuped.model_copy(update=_intervals(item, item.cuped, adjusted, place))
    judging = adjusted if cuped.judged else plain
    return item.model_copy(update={**_intervals(item, item, judging, place), "cuped": cuped})


def _intervals(item: Evidence, shown: Any, columns: Any, place: int) -> dict[str, Estimate]:
    """Difference and lift of `shown` with the intervals of its columns, on the evidence's basis."""
    prefix = "sequential_" if item.basis == "always_valid" else ""

    def estimate(name: str, value: float | None) -> Estimate:
        low, high = (float(getattr(columns, f"{prefix}{name}_{end}")[place]) for end in ("low", "high"))
        return whole(value, low, high)

    return {"difference": estimate("ci", shown.difference.value), "lift": estimate("lift_ci", shown.lift.value)}

"""Intervals at another level than the stored 95 %: recomputed by the kernel from the stored arms, never rescaled."""

from collections.abc import Sequence
from typing import Any

from gateway.answer import Estimate, Evidence
from gateway.tools.arms import compare_stored
from gateway.tools.base import ToolContext
from gateway.tools.reading import evidence_of, whole

DEFAULT_LEVEL = 0.95


def at_level(ctx: ToolContext, rows: Sequence[dict[str, Any]], level: float) -> tuple[Evidence, ...]:
    """Stored results as evidence, with intervals of the level asked for. Verdicts stay those of 95 %."""
    stored = tuple(evidence_of(row) for row in rows)
    if level == DEFAULT_LEVEL or not rows:
        return stored
    columns = compare_stored(ctx, rows, level)
    return tuple(_with_intervals(item, columns, place) for place, item in enumerate(stored))


def _with_intervals(item: Evidence, columns: Any, place: int) -> Evidence:
    prefix = "sequential_" if item.basis == "always_valid" else ""

    def estimate(name: str, value: float | None) -> Estimate:
        low, high = (float(getattr(columns, f"{prefix}{name}_{end}")[place]) for end in ("low", "high"))
        return whole(value, low, high)

    update = {"difference": estimate("ci", item.difference.value), "lift": estimate("lift_ci", item.lift.value)}
    return item.model_copy(update=update)

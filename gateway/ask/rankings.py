"""Sentences about a ranking: a line for each place, and what has none."""

from collections.abc import Mapping
from typing import Any

from gateway.ask.effects import integrity, mismatch
from gateway.ask.figures import chance, relative
from gateway.ask.part import MOST, Part, dicts


def ranking(part: Part) -> list[str]:
    ranked = [row for row in dicts(part.result.table) if row.get("rank") is not None]
    lines = [_rank(row, part) for row in ranked[:MOST]]
    if not ranked:
        lines = ["No experiment has a result here that can be ranked. That is not the same as no effect."]
    elif part.call.arguments.get("by") == "difference" and len({row["metric_id"] for row in ranked}) > 1:
        lines.append("Differences are in each metric's own unit: their order across metrics says little.")
    return [*lines, mismatch(part.result.evidence, part.words), integrity(part.result.evidence, part.words)]


def _rank(row: Mapping[str, Any], part: Part) -> str:
    words, key = part.words, (row["experiment_id"], row["variation_id"], row["metric_id"])
    metric = words.metric(str(row["metric_id"]))
    wanted = ", lower is better" if words.lower_is_better(str(row["metric_id"])) else ""
    found = [item for item in part.result.evidence if (item.experiment_id, item.variation_id, item.metric_id) == key]
    difference = ""
    if found and part.call.arguments.get("by") == "difference":
        difference = f"difference {words.scale(found[0].metric_id).difference(found[0].difference.value)}, "
    return (
        f"{row['rank']}. {words.experiment(str(row['experiment_id']))} "
        f"({words.arm(str(row['variation_id']), str(row['experiment_id']))}, {metric}{wanted})"
        f"{words.population(str(part.call.arguments.get('population', '')))}: "
        f"{difference}relative lift {_lift(row)}{_chance(row)}, {row['verdict']}."
    )


def _lift(row: Mapping[str, Any]) -> str:
    return (
        "not available"
        if row["lift"] is None
        else f"{relative(row['lift'])} ({relative(row['ci_low'])} to {relative(row['ci_high'])}"
        f"{', always-valid' if row['basis'] == 'always_valid' else ''})"
    )


def _chance(row: Mapping[str, Any]) -> str:
    return "" if row.get("chance_to_win") is None else f", chance to win {chance(float(row['chance_to_win']))}"

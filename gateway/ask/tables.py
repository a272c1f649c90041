"""Sentences about what there is: lists of experiments and metrics, what a mart holds, and any other table."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.ask import checks
from gateway.ask.effects import Words
from gateway.ask.part import Part, dicts
from gateway.ask.phrases import few
from gateway.ask.text import plain


def experiments(part: Part) -> list[str]:
    rows = dicts(part.result.table)
    status = f"{part.call.arguments['status']} " if "status" in part.call.arguments else ""
    search = str(part.call.arguments.get("search") or "")
    having = f" with “{search}” in their id, name or description" if search else ""
    if not rows:
        return [f"No {status}experiment is published here{having.replace('their', 'its')}."]
    named = [str(row["name"]) if status else _experiment(row) for row in rows]
    cut = f" The list was {_cut(part)}." if part.result.table.truncated else ""
    return [f"{len(rows)} {status}experiment{'s' if len(rows) > 1 else ''}{having}: {few(named, 15)}.{cut}"]


def metrics(part: Part) -> list[str]:
    rows = dicts(part.result.table)
    wanted = part.metric_ids if "meaning" in part.intents else ()
    chosen = [row for row in rows if row["metric_id"] in wanted]
    if wanted and chosen:
        return [_definition(row) for row in chosen]
    if not rows:
        return ["No metrics are published here."]
    return [f"{len(rows)} metrics: {few([_metric(row) for row in rows], 15)}."]


def _metric(row: Mapping[str, Any]) -> str:
    said = filter(None, (row.get("role"), "lower is better" if row.get("desired") == "decrease" else ""))
    notes = ", ".join(map(str, said))
    return f"{row['label']} ({notes})" if notes else str(row["label"])


def _definition(row: Mapping[str, Any]) -> str:
    better = "lower" if row.get("desired") == "decrease" else "higher"
    described = f": {str(row['description']).rstrip('.')}" if row.get("description") else ""
    window = f", over {row['window_days']:g} days" if row.get("window_days") else ""
    return (
        f"{row['label']} ({row['metric_id']}){described}. Aggregation: "
        f"{row['aggregation']}{window}; {better} is better."
    )


def marts(part: Part) -> list[str]:
    names = [plain(str(row[0])) for row in part.result.table.rows]
    asked = [row for row in dicts(part.result.table) if part.column and row.get("column") == part.column]
    if asked:
        return [f"{row['column']} ({row['type']}, {row['role']}): {row['description']}" for row in asked]
    return [
        f"{len(names)} in the table: {few(names, 15)}." if names else "Nothing may be asked in this role.",
        part.text,
    ]


def rows_of(part: Part) -> list[str]:
    """Any other table: says how much there is, and reads out a single row, or what is known of its mart."""
    rows = dicts(part.result.table)
    if part.result.table.columns and not rows:
        return ["No rows match. That says what is stored, not what happened.", part.text]
    if not rows:
        return [part.text]
    asset = part.call.arguments.get("asset")
    if asset == "fct_experiment_srm":
        return [checks.ratios(rows, part.words)]
    if asset == "fct_experiment_exposure_quality":
        return checks.quality(rows, part.words)
    if len(rows) == 1 and "list" not in part.intents:
        return [_row(rows[0]), part.text]
    cut = f", {_cut(part)}" if part.result.table.truncated else ""
    return [_listed(asset, rows, part.words) or f"{len(rows)} rows{cut}; see the table.", part.text]


def _cut(part: Part) -> str:
    return f"cut at the {part.result.table.limit_source or 'role'}'s row limit"


def _row(row: Mapping[str, Any]) -> str:
    said = [
        f"{name.replace('_', ' ')}: {str(value).removesuffix('T00:00:00').rstrip('.')}"
        for name, value in row.items()
        if value is not None
    ]
    return f"{', '.join(said)}."


def _listed(asset: Any, rows: Sequence[Mapping[str, Any]], words: Words) -> str:
    """The rows of a mart by their names, where they have one; empty for any other."""
    first = rows[0].keys()
    if asset == "dim_experiments" and {"name", "status"} <= first:
        return f"{_counted(rows)}: {few([_experiment(row) for row in rows], 15)}."
    if asset == "dim_experiment_metrics" and "experiment_id" in first:
        return f"{_counted(rows)}: {few([words.experiment(str(row['experiment_id'])) for row in rows], 15)}."
    if asset == "dim_experiment_variations" and {"name", "variation_id", "is_control"} <= first:
        return f"{len(rows)} arms: {few([_arm(row) for row in rows])}."
    return ""


def _counted(rows: Sequence[Mapping[str, Any]]) -> str:
    return f"{len(rows)} experiment{'' if len(rows) == 1 else 's'}"


def _experiment(row: Mapping[str, Any]) -> str:
    return f"{row['name']} ({row['status']})"


def _arm(row: Mapping[str, Any]) -> str:
    return f"{row['name']} ({row['variation_id']}{', control' if row['is_control'] else ''})"


WRITERS: Final = {"list_experiments": experiments, "list_metrics": metrics, "describe_marts": marts}

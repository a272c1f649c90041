"""The text of an answer, from tool results alone: every number in it stands in the evidence or the table beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.answer import Evidence, Table
from gateway.ask.effects import Words, caveats, decision, effect, mismatch, mixed
from gateway.ask.figures import chance, p_value, percent, relative
from gateway.ask.phrases import few
from gateway.ports import Plan, ToolCall
from gateway.tools.base import ToolResult

_MOST = 12
"""Sentences of one kind in a text; the evidence beside it holds them all."""
_HELD = {
    "pass": "held, within its margin",
    "fail": "breached",
    "inconclusive": "not settled: neither held nor breached",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One call with what it found, and how to speak of it."""

    call: ToolCall
    result: ToolResult
    words: Words
    intents: tuple[str, ...] = ()
    metric_ids: tuple[str, ...] = ()


Writer = Callable[[Part], list[str]]


def compose(plan: Plan, results: Sequence[tuple[ToolCall, ToolResult]]) -> str:
    """The answer in words. Leads with a sample ratio mismatch, since it makes every number after it moot."""
    words = Words.of(plan.focus)
    intents, metric_ids = (tuple(plan.focus.get(key, ())) for key in ("intents", "metric_ids"))
    evidence = [item for _, result in results for item in result.evidence]
    ranked = any(call.tool == "rank_experiments" for call, _ in results)
    lines = [] if ranked else [mismatch(evidence, words)]
    for call, result in results:
        lines += WRITERS.get(call.tool, _rows)(Part(call, result, words, intents, metric_ids))
    lines += mixed(evidence) if ranked else caveats(evidence)
    return "\n".join(dict.fromkeys(filter(None, lines)))


def _effects(part: Part) -> list[str]:
    level = float(part.call.arguments.get("level", 0.95))
    if not part.result.evidence:
        return ["There is no stored result for this. That is not the same as no effect."]
    lines = [effect(item, part.words, level) for item in part.result.evidence[:_MOST]]
    if len(part.result.evidence) > _MOST:
        lines.append(f"{len(part.result.evidence) - _MOST} more are in the evidence.")
    best = _best_arm(part.result.evidence, part.words) if "arms" in part.intents else []
    return [*best, *lines, part.result.text]


def _best_arm(evidence: Sequence[Evidence], words: Words) -> list[str]:
    """Which arm comes first, and only that it does: the arms were each compared with control, not with each other."""
    if (
        len({item.variation_id for item in evidence}) < 2
        or len({(item.metric_id, item.dimension_value) for item in evidence}) > 1
    ):
        return []
    trusted = [item for item in evidence if item.verdict != "unreliable" and item.chance_to_win is not None]
    better = [item for item in trusted if item.verdict == "better"]
    if not better:
        return ["No arm is clearly better than control."]
    sign = -1 if words.lower_is_better(evidence[0].metric_id) else 1
    first = max(better, key=lambda item: sign * (item.difference.value or 0.0))
    others = (
        "" if len(better) == 1 else " More than one arm is better than control; arms are not tested against each other."
    )
    return [
        f"{words.arm(first.variation_id)} has the best result of the arms that are clearly better than control.{others}"
    ]


def _decisions(part: Part) -> list[str]:
    decided = [item for item in part.result.evidence if item.decision]
    lines = [decision(item, part.words) for item in decided]
    guardrails = _guardrails(part.result.table, part.words)
    if "guardrail" in part.intents:
        lines = [*(guardrails or ["No guardrail was judged: there is no result for one here."]), *lines]
    else:
        lines += guardrails
    return [*lines, part.result.text, *(effect(item, part.words) for item in part.result.evidence[:_MOST])]


def _guardrails(table: Table, words: Words) -> list[str]:
    """The state of each guardrail against its margin, as the decision's table has it."""
    rows = [row for row in _dicts(table) if row.get("role") == "guardrail"]
    return [
        (
            f"Guardrail {words.metric(str(row['metric_id']))}, "
            f"{words.arm(str(row['variation_id']))}: {_HELD.get(str(row['state']), row['state'])}."
        )
        for row in rows
    ]


def _ranking(part: Part) -> list[str]:
    ranked = [row for row in _dicts(part.result.table) if row.get("rank") is not None]
    lines = [
        f"{row['rank']}. {part.words.experiment(str(row['experiment_id']))} "
        f"({part.words.arm(str(row['variation_id']))}, "
        f"{part.words.metric(str(row['metric_id']))}): "
        f"relative lift {_lift(row)}{_chance(row)}, {row['verdict']}."
        for row in ranked[:_MOST]
    ]
    if not ranked:
        lines = ["No experiment has a result here that can be ranked. That is not the same as no effect."]
    return [*lines, mismatch(part.result.evidence, part.words)]


def _lift(row: Mapping[str, Any]) -> str:
    return (
        "not available"
        if row["lift"] is None
        else f"{relative(row['lift'])} ({relative(row['ci_low'])} to {relative(row['ci_high'])})"
    )


def _chance(row: Mapping[str, Any]) -> str:
    return "" if row.get("chance_to_win") is None else f", chance to win {chance(float(row['chance_to_win']))}"


def _trend(part: Part) -> list[str]:
    rows = _dicts(part.result.table)
    if not rows:
        return [
            "No daily results are stored for this; the final state follows.",
            *(effect(item, part.words) for item in part.result.evidence),
        ]
    days = [str(row["date_day"]) for row in rows]
    count = len(set(days))
    lead = f"{count} day{'s' if count > 1 else ''}, {min(days)} to {max(days)}. {part.result.text}"
    return [lead, *(f"Final state: {effect(item, part.words)}" for item in part.result.evidence[:_MOST])]


def _health(part: Part) -> list[str]:
    rows = _dicts(part.result.table)
    if part.call.arguments.get("daily"):
        return [
            part.result.text,
            f"{len(rows)} days of exposure rates are in the table." if rows else "No daily exposure rates are stored.",
        ]
    if not rows:
        return ["No health checks are stored for this experiment. That is not the same as healthy.", part.result.text]
    ratio = [row for row in rows if row["check"] == "sample_ratio"]
    concerns = [row for row in rows if row["status"] in ("attention", "mismatch")]
    unknown = [row for row in rows if row["status"] == "not_computable"]
    broken = [row for row in ratio if row["status"] == "mismatch"]
    lines = [_ratio(row) for row in (broken or ratio)]
    others = [_check(row) for row in concerns if row["check"] != "sample_ratio"]
    verdict = "Needs attention: " + "; ".join(dict.fromkeys(others)) + "." if others else ""
    if not concerns and not unknown:
        verdict = "Every check passed."
    if unknown:
        verdict += f" Not computable: {', '.join(dict.fromkeys(_name(row) for row in unknown))}."
    return [*lines, verdict.strip(), part.result.text]


def _ratio(row: Mapping[str, Any]) -> str:
    p = f" ({p_value(float(row['value']))})" if row["value"] is not None else ""
    among = f" in population {row['population']}" if row["population"] else ""
    match row["status"]:
        case "mismatch":
            return f"Sample ratio mismatch{among}{p}: effects of this experiment are not trustworthy. {row['detail']}."
        case "ok":
            return f"No sample ratio mismatch{among}{p}."
        case _:
            return f"The sample ratio can't be judged{among}: {row['detail']}."


def _check(row: Mapping[str, Any]) -> str:
    value = row["value"]
    if value is None:
        return _name(row)
    shown = percent(float(value)) if str(row["check"]).endswith(("_rate", "_share")) else f"{value:,}"
    return f"{_name(row)} {shown}"


def _name(row: Mapping[str, Any]) -> str:
    return str(row["check"]).replace("_", " ")


def _experiments(part: Part) -> list[str]:
    rows = _dicts(part.result.table)
    status = f"{part.call.arguments['status']} " if "status" in part.call.arguments else ""
    if not rows:
        return [f"No {status}experiment is published here."]
    named = [f"{row['name']} ({row['status']})" if not status else str(row["name"]) for row in rows]
    cut = " The list was cut at the role's row limit." if part.result.table.truncated else ""
    return [f"{len(rows)} {status}experiment{'s' if len(rows) > 1 else ''}: {few(named, 15)}.{cut}"]


def _metrics(part: Part) -> list[str]:
    rows = _dicts(part.result.table)
    wanted = part.metric_ids if "meaning" in part.intents else ()
    chosen = [row for row in rows if row["metric_id"] in wanted]
    if wanted and chosen:
        return [_definition(row) for row in chosen]
    if not rows:
        return ["No metrics are published here."]
    return [f"{len(rows)} metrics: {few([str(row['label']) for row in rows], 15)}."]


def _definition(row: Mapping[str, Any]) -> str:
    better = "lower" if row.get("desired") == "decrease" else "higher"
    described = f": {str(row['description']).rstrip('.')}" if row.get("description") else ""
    window = f", over {row['window_days']:g} days" if row.get("window_days") else ""
    return (
        f"{row['label']} ({row['metric_id']}){described}. Aggregation: "
        f"{row['aggregation']}{window}; {better} is better."
    )


def _marts(part: Part) -> list[str]:
    names = [str(row[0]) for row in part.result.table.rows]
    return [
        f"{len(names)} in the table: {few(names, 15)}." if names else "Nothing may be asked in this role.",
        part.result.text,
    ]


def _rows(part: Part) -> list[str]:
    """Any other table: says how much there is, and reads out a table of sample ratios or a single row."""
    rows = _dicts(part.result.table)
    if part.result.table.columns and not rows:
        return ["No rows match. That says what is stored, not what happened.", part.result.text]
    if part.call.arguments.get("asset") == "fct_experiment_srm":
        return [_ratios(rows)]
    if len(rows) == 1:
        said = [
            f"{name.replace('_', ' ')}: {str(value).rstrip('.')}"
            for name, value in rows[0].items()
            if value is not None
        ]
        return [f"{', '.join(said)}.", part.result.text]
    if part.call.arguments.get("asset") == "dim_experiment_variations":
        return [f"{len(rows)} arms: {few([_arm(row) for row in rows])}."]
    cut = ", cut at the role's row limit" if part.result.table.truncated else ""
    return [f"{len(rows)} rows{cut}; see the table." if rows else "", part.result.text]


def _arm(row: Mapping[str, Any]) -> str:
    return f"{row['name']} ({row['variation_id']}{', control' if row['is_control'] else ''})"


def _ratios(rows: Sequence[Mapping[str, Any]]) -> str:
    broken = [(
        f"{row['experiment_id']} "
        f"({p_value(float(row['p_value']))})"
    ) if row["p_value"] is not None else str(row["experiment_id"])
              for row in rows if row["status"] == "mismatch"]  # fmt: skip
    unknown = [str(row["experiment_id"]) for row in rows if row["status"] not in ("ok", "mismatch")]
    said = (
        f"Sample ratio mismatch in {few(broken)}; their effects are not trustworthy."
        if broken
        else "No sample ratio mismatch where it can be judged."
    )
    return said + (f" Not computable for {few(unknown)}." if unknown else "")


def _dicts(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


WRITERS: Final[dict[str, Writer]] = {
    "experiment_results": _effects,
    "experiment_segments": _effects,
    "experiment_decision": _decisions,
    "rank_experiments": _ranking,
    "experiment_trend": _trend,
    "experiment_health": _health,
    "list_experiments": _experiments,
    "list_metrics": _metrics,
    "describe_marts": _marts,
}

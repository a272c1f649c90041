"""The text of an answer, from tool results alone: every number in it stands in the evidence or the table beside it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.answer import Evidence, Table
from gateway.ask import checks
from gateway.ask.effects import Words, caveats, decision, effect, integrity, mismatch, mixed
from gateway.ask.figures import Scale, chance, relative
from gateway.ask.phrases import few
from gateway.ask.text import plain
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

    @property
    def text(self) -> str:
        """What the tool says in words; names in it come from the database."""
        return plain(self.result.text)


Writer = Callable[[Part], list[str]]


def compose(plan: Plan, results: Sequence[tuple[ToolCall, ToolResult]]) -> str:
    """The answer in words. Leads with a sample ratio mismatch, since it makes every number after it moot."""
    evidence = [item for _, result in results for item in result.evidence]
    populations = {call.arguments["population"] for call, _ in results if call.arguments.get("population")}
    words = replace(Words.of(plan.focus), side_by_side=len(populations) > 1)
    intents, metric_ids = (tuple(plan.focus.get(key, ())) for key in ("intents", "metric_ids"))
    ranked = any(call.tool == "rank_experiments" for call, _ in results)
    lines = [] if ranked else [mismatch(evidence, words), integrity(evidence, words)]
    for call, result in results:
        lines += WRITERS.get(call.tool, _rows)(Part(call, result, words, intents, metric_ids))
    daily = any(call.tool == "experiment_trend" for call, _ in results)
    intervals = "The intervals of the final state" if daily else "Intervals"
    lines += mixed(evidence) if ranked else caveats(evidence, intervals)
    return "\n".join(dict.fromkeys(filter(None, lines)))


def _effects(part: Part) -> list[str]:
    level = float(part.call.arguments.get("level", 0.95))
    if not part.result.evidence:
        return ["There is no stored result for this. That is not the same as no effect."]
    lines = [effect(item, part.words, level) for item in part.result.evidence[:_MOST]]
    if len(part.result.evidence) > _MOST:
        lines.append(f"{len(part.result.evidence) - _MOST} more are in the evidence.")
    best = _best_arm(part.result.evidence, part.words) if "arms" in part.intents else []
    cells = {item.dimension_value for item in part.result.evidence}
    apart = "Segments are each compared with control, not with each other." if len(cells) > 1 else ""
    return [*best, *lines, part.text, apart]


def _best_arm(evidence: Sequence[Evidence], words: Words) -> list[str]:
    """Which arm comes first, and only that it does: the arms were each compared with control, not with each other."""
    if (
        len({item.variation_id for item in evidence}) < 2
        or len({(item.metric_id, item.dimension_value) for item in evidence}) > 1
    ):
        return []
    trusted = [item for item in evidence if item.verdict != "unreliable" and item.chance_to_win is not None]
    better = [item for item in trusted if item.verdict == "better"]
    likely = _likeliest(trusted, words)
    if not better:
        return ["No arm is clearly better than control.", likely]
    sign = -1 if words.lower_is_better(evidence[0].metric_id) else 1
    first = max(better, key=lambda item: sign * (item.difference.value or 0.0))
    others = (
        "" if len(better) == 1 else " More than one arm is better than control; arms are not tested against each other."
    )
    said = f"{words.arm(first.variation_id)} has the best result of the arms that are clearly better than control."
    return [f"{said}{others}", likely]


def _likeliest(trusted: Sequence[Evidence], words: Words) -> str:
    """The treatment with the largest chance to be the best of all arms, and what choosing it may cost."""
    known = [(item.chance_to_be_best, item) for item in trusted if item.chance_to_be_best is not None]
    if not known:
        return ""
    most, item = max(known, key=lambda pair: pair[0])
    loss = item.expected_loss or 0.0
    small = loss < 1e-4 * abs(item.treatment.value or 0.0)
    cost = "under 0.01 % of its value" if small else words.scale(item.metric_id).amount(loss)
    return (
        f"Of the treatments, {words.arm(item.variation_id)} is the likeliest to be the best of all arms, control "
        f"included: chance {chance(most)}; choosing it is expected to cost {cost} against the best."
    )


def _decisions(part: Part) -> list[str]:
    decided = list({item.variation_id: item for item in reversed(part.result.evidence) if item.decision}.values())[::-1]
    text, lines = part.text, []
    for item in decided:
        said, name = f"{item.variation_id}: {item.decision}: ", decision(item, part.words)
        lines += [] if said in text else [name]
        text = text.replace(said, f"\n{name[:-1]}: ", 1)
    reasons = [_in_words(line.strip(), part.words) for line in text.split("\n")]
    guardrails = _guardrails(part)
    told = [effect(item, part.words) for item in part.result.evidence[:_MOST]]
    if "guardrail" in part.intents:
        guardrails = guardrails or ["No guardrail was judged: there is no result for one here."]
        return [*guardrails, *lines, *reasons, *told]
    return [*lines, *reasons, *guardrails, *told]


def _in_words(text: str, words: Words) -> str:
    """Metric ids in a tool's sentence, by their labels."""
    return re.sub(
        r"\w+", lambda found: words.metric(found.group()) if found.group() in words.metrics else found.group(), text
    )


def _guardrails(part: Part) -> list[str]:
    """The state of each guardrail against its margin, as the decision's table has it."""
    words, population = part.words, part.words.population(str(part.call.arguments.get("population", "")))
    rows = [row for row in _dicts(part.result.table) if row.get("role") == "guardrail"]
    return [
        (
            f"Guardrail {words.metric(str(row['metric_id']))}, "
            f"{words.arm(str(row['variation_id']))}{population}: {_HELD.get(str(row['state']), row['state'])}."
        )
        for row in rows
    ]


def _ranking(part: Part) -> list[str]:
    ranked = [row for row in _dicts(part.result.table) if row.get("rank") is not None]
    lines = [_rank(row, part) for row in ranked[:_MOST]]
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


def _trend(part: Part) -> list[str]:
    rows = _dicts(part.result.table)
    if not rows:
        return [
            "No daily results are stored for this; the final state follows.",
            *(effect(item, part.words) for item in part.result.evidence),
        ]
    days = [str(row["date_day"]) for row in rows]
    count = len(set(days))
    lead = f"{count} day{'s' if count > 1 else ''}, {min(days)} to {max(days)}. {part.text}"
    return [lead, *(f"Final state: {effect(item, part.words)}" for item in part.result.evidence[:_MOST])]


def _health(part: Part) -> list[str]:
    rows = _dicts(part.result.table)
    if part.call.arguments.get("daily"):
        return [*checks.daily(rows), part.text]
    if not rows:
        return ["No health checks are stored for this experiment. That is not the same as healthy.", part.text]
    return [*checks.health(rows, part.words), part.text]


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


def _plan(part: Part) -> list[str]:
    """A plan's metric is the one in focus; without one it is read as the arguments say."""
    from gateway.ask import plans  # most answers hold no plan

    arguments, rows = part.call.arguments, _dicts(part.result.table)
    metric_id = str(arguments.get("metric_id") or "")
    aggregation = str(rows[0]["aggregation"]) if rows else ""
    scale = part.words.scale(metric_id)
    known = scale if scale.aggregation else Scale(aggregation)
    about = part.words.metric(metric_id) if metric_id else ""
    named = [arguments.get(name) for name in ("units", "effect", "days", "margin")]
    actual = arguments.get("units") == "actual" or (bool(arguments.get("experiment_id")) and not any(named))
    return [*plans.sentences(rows, known, about, actual=actual), _in_words(part.text, part.words)]


def _compared(part: Part) -> list[str]:
    """Arms handed in: how their metric reads is known from the arguments alone."""
    given = part.call.arguments
    counted = any(dict(arm).get("conversions") is not None for arm in given.get("arms", ()))
    kind = given.get("aggregation") or ("occurrence" if counted else "mean")
    metric = {"aggregation": str(kind), "desired": str(given.get("desired", "increase"))}
    words = replace(part.words, metrics={str(given.get("metric", "metric")): metric})
    return _effects(replace(part, words=words))


def _marts(part: Part) -> list[str]:
    names = [plain(str(row[0])) for row in part.result.table.rows]
    return [
        f"{len(names)} in the table: {few(names, 15)}." if names else "Nothing may be asked in this role.",
        part.text,
    ]


def _rows(part: Part) -> list[str]:
    """Any other table: says how much there is, and reads out a table of sample ratios or a single row."""
    rows = _dicts(part.result.table)
    if part.result.table.columns and not rows:
        return ["No rows match. That says what is stored, not what happened.", part.text]
    if part.call.arguments.get("asset") == "fct_experiment_srm":
        return [checks.ratios(rows, part.words)]
    if part.call.arguments.get("asset") == "fct_experiment_exposure_quality":
        return checks.quality(rows, part.words)
    if len(rows) == 1:
        said = [
            f"{name.replace('_', ' ')}: {str(value).removesuffix('T00:00:00').rstrip('.')}"
            for name, value in rows[0].items()
            if value is not None
        ]
        return [f"{', '.join(said)}.", part.text]
    if part.call.arguments.get("asset") == "dim_experiment_variations":
        return [f"{len(rows)} arms: {few([_arm(row) for row in rows])}."]
    cut = ", cut at the role's row limit" if part.result.table.truncated else ""
    return [f"{len(rows)} rows{cut}; see the table." if rows else "", part.text]


def _arm(row: Mapping[str, Any]) -> str:
    return f"{row['name']} ({row['variation_id']}{', control' if row['is_control'] else ''})"


def _dicts(table: Table) -> list[dict[str, Any]]:
    """Rows as mappings, texts fit to be shown."""
    return [
        {name: plain(cell) if isinstance(cell, str) else cell for name, cell in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]


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
    "plan_experiment": _plan,
    "compare_arms": _compared,
}

"""The text of an answer, from tool results alone: every number in it stands in the evidence or the table beside it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from gateway.answer import Evidence
from gateway.ask.effects import Words, caveats, decision, effect, integrity, mismatch, mixed
from gateway.ask.figures import Scale, chance
from gateway.ask.part import MOST, Part, dicts
from gateway.ports import Plan, ToolCall
from gateway.tools.base import ToolResult

_HELD = {
    "pass": "held, within its margin",
    "fail": "breached",
    "inconclusive": "not settled: neither held nor breached",
}


Writer = Callable[[Part], list[str]]


def compose(plan: Plan, results: Sequence[tuple[ToolCall, ToolResult]]) -> str:
    """The answer in words. Leads with a sample ratio mismatch, since it makes every number after it moot."""
    evidence = [item for _, result in results for item in result.evidence]
    populations = {call.arguments["population"] for call, _ in results if call.arguments.get("population")}
    words = replace(Words.of(plan.focus), side_by_side=len(populations) > 1)
    intents, metric_ids = (tuple(plan.focus.get(key, ())) for key in ("intents", "metric_ids"))
    column = str(plan.focus.get("column", ""))
    ranked = any(call.tool == "rank_experiments" for call, _ in results)
    lines = [] if ranked else [mismatch(evidence, words), integrity(evidence, words)]
    about = dict.fromkeys(_about(call) for call, _ in results)
    for experiment in about:
        own = words.within(experiment) if len(about) > 1 else words
        lines += [f"{words.experiment(experiment)}:"] if experiment and len(about) > 1 else []
        told = [
            line
            for call, result in results
            if _about(call) == experiment
            for line in _writer(call.tool)(Part(call, result, own, intents, metric_ids, column))
        ]
        lines += dict.fromkeys(told)
    daily = any(call.tool == "experiment_trend" for call, _ in results)
    intervals = "The intervals of the final state" if daily else "Intervals"
    lines += mixed(evidence) if ranked else caveats(evidence, intervals)
    return "\n".join(filter(None, lines))


def _about(call: ToolCall) -> str:
    """The experiment that a call is about; empty where it is about none, or about many."""
    return str(call.arguments.get("experiment_id") or "")


def _effects(part: Part) -> list[str]:
    level = float(part.call.arguments.get("level", 0.95))
    if not part.result.evidence:
        return ["There is no stored result for this. That is not the same as no effect."]
    lines = [effect(item, part.words, level) for item in part.result.evidence[:MOST]]
    if len(part.result.evidence) > MOST:
        lines.append(f"{len(part.result.evidence) - MOST} more are in the evidence.")
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
    told = [effect(item, part.words) for item in part.result.evidence[:MOST]]
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
    rows = [row for row in dicts(part.result.table) if row.get("role") == "guardrail"]
    return [
        (
            f"Guardrail {words.metric(str(row['metric_id']))}, "
            f"{words.arm(str(row['variation_id']))}{population}: {_HELD.get(str(row['state']), row['state'])}."
        )
        for row in rows
    ]


def _trend(part: Part) -> list[str]:
    rows = dicts(part.result.table)
    if not rows:
        return [
            "No daily results are stored for this; the final state follows.",
            *(effect(item, part.words) for item in part.result.evidence),
        ]
    days = [str(row["date_day"]) for row in rows]
    count = len(set(days))
    lead = f"{count} day{'s' if count > 1 else ''}, {min(days)} to {max(days)}. {part.text}"
    return [lead, *(f"Final state: {effect(item, part.words)}" for item in part.result.evidence[:MOST])]


def _health(part: Part) -> list[str]:
    from gateway.ask import checks  # most answers hold none

    rows = dicts(part.result.table)
    if part.call.arguments.get("daily"):
        return [*checks.daily(rows), part.text]
    if not rows:
        return ["No health checks are stored for this experiment. That is not the same as healthy.", part.text]
    return [*checks.health(rows, part.words), part.text]


def _plan(part: Part) -> list[str]:
    """A plan's metric is the one in focus; without one it is read as the arguments say."""
    from gateway.ask import plans  # most answers hold no plan

    arguments, rows = part.call.arguments, dicts(part.result.table)
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


WRITERS: Final[dict[str, Writer]] = {
    "experiment_results": _effects,
    "experiment_segments": _effects,
    "experiment_decision": _decisions,
    "experiment_trend": _trend,
    "experiment_health": _health,
    "plan_experiment": _plan,
    "compare_arms": _compared,
}


def _writer(tool: str) -> Writer:
    """What speaks of a tool's result. Lists and rankings are loaded for those who ask for one."""
    if tool in WRITERS:
        return WRITERS[tool]
    if tool == "rank_experiments":
        from gateway.ask.rankings import ranking

        return ranking
    from gateway.ask import tables

    return tables.WRITERS.get(tool, tables.rows_of)

"""From what is settled to tool calls, and to the sentence that says what they will answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from gateway.ask.focus import Focus
from gateway.ask.phrases import POPULATION, among, between_arms, listed, on_metrics
from gateway.ask.plan_calls import plan_calls, plan_sentence
from gateway.ask.reading import Reading
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import ToolCall

EXPERIMENT_FREE: Final = frozenset(("rank", "running", "ended", "list", "help", "metrics", "marts", "meaning"))
NEEDS_POPULATION: Final = frozenset(("outcome", "arms", "trend", "decision", "guardrail", "rank", "plan"))
_SRM_COLUMNS = ("experiment_id", "n_units", "p_value", "status")
_QUALITY_COLUMNS = ("experiment_id", "n_assigned", "exposure_rate", "valid_exposure_rate", "mismatch_rate", "flags")

Maker = Callable[[Focus], list[ToolCall]]


def calls_for(settled: Focus) -> tuple[ToolCall, ...]:
    """Every call, populations side by side where both were asked for; none twice."""
    calls: list[ToolCall] = []
    about = [replace(settled, experiment=item, also=()) for item in (settled.experiment, *settled.also)]
    each = [replace(one, populations=(name,)) for one in about for name in settled.populations] or about
    for one in each:
        for intent in settled.intents:
            if intent == "list" and {"srm", "health"} & set(settled.intents):
                continue
            calls += [call for call in MAKERS[intent](one) if call not in calls]
    return tuple(calls)


def _about(settled: Focus) -> dict[str, Any]:
    return {"experiment_id": settled.experiment.id} if settled.experiment else {}


def _population(settled: Focus) -> dict[str, Any]:
    return {"population": settled.populations[0]} if settled.populations else {}


def _effect(settled: Focus) -> list[ToolCall]:
    if settled.experiment is None:
        return []
    shared = {**_about(settled), **_population(settled)}
    narrowed: dict[str, Any] = {}
    if settled.arms:
        narrowed["variation_ids"] = list(settled.arms)
    if settled.level not in (None, 0.95):
        narrowed["level"] = settled.level
    if not settled.dimension:
        metrics = {"metric_ids": list(settled.metrics)} if settled.metrics else {}
        return [ToolCall("experiment_results", {**shared, **metrics, **narrowed})]
    cells = [{"dimension_value": value} for value in settled.values] or [{}]
    return [
        ToolCall(
            "experiment_segments", {**shared, "metric_id": metric, "dimension": settled.dimension, **cell, **narrowed}
        )
        for metric in settled.metrics or (settled.experiment.default_metric(),)
        for cell in cells
    ]


def _arms(settled: Focus) -> list[ToolCall]:
    if settled.experiment is None or settled.metrics or settled.dimension:
        return _effect(settled)
    metric = settled.experiment.default_metric()
    arguments = {**_about(settled), **_population(settled), "metric_ids": [metric]}
    return [ToolCall("experiment_results", {**arguments, **({"level": settled.level} if settled.level else {})})]


def _decision(settled: Focus) -> list[ToolCall]:
    """The decision's evidence holds the guardrails as well, each judged against its margin."""
    if settled.experiment is None:
        return []
    arms = {"variation_ids": list(settled.arms)} if settled.arms else {}
    return [ToolCall("experiment_decision", {**_about(settled), **_population(settled), **arms})]


def _health(settled: Focus) -> list[ToolCall]:
    if settled.experiment is None:
        return [ToolCall("query_marts", {"asset": "fct_experiment_exposure_quality", "columns": list(_QUALITY_COLUMNS),
                                         "order_by": [["experiment_id", "asc"]]})]  # fmt: skip
    daily = {"daily": True} if settled.daily else {}
    return [ToolCall("experiment_health", {**_about(settled), **_population(settled), **daily})]


def _srm(settled: Focus) -> list[ToolCall]:
    if settled.experiment is not None:
        return _health(settled)
    filters = [["analysis_population", "=", settled.populations[0]]]
    return [ToolCall("query_marts", {"asset": "fct_experiment_srm", "columns": list(_SRM_COLUMNS), "filters": filters,
                                     "order_by": [["experiment_id", "asc"]]})]  # fmt: skip


def _trend(settled: Focus) -> list[ToolCall]:
    if settled.experiment is None:
        return []
    arms = {"variation_ids": list(settled.arms)} if settled.arms else {}
    return [
        ToolCall("experiment_trend", {**_about(settled), **_population(settled), "metric_id": metric, **arms})
        for metric in settled.metrics or (settled.experiment.default_metric(),)
    ]


def _rank(settled: Focus) -> list[ToolCall]:
    ranking = settled.ranking
    arguments: dict[str, Any] = {**_population(settled), "by": ranking.by, "order": ranking.order}
    if settled.metrics:
        arguments["metric_id"] = settled.metrics[0]
    if ranking.limit:
        arguments["limit"] = ranking.limit
    return [ToolCall("rank_experiments", arguments)]


def _experiments(status: str) -> Maker:
    arguments = {"status": status} if status else {}
    return lambda _: [ToolCall("list_experiments", dict(arguments))]


def _help(_: Focus) -> list[ToolCall]:
    return [ToolCall("list_experiments"), ToolCall("list_metrics")]


def _metrics(settled: Focus) -> list[ToolCall]:
    return [ToolCall("list_metrics", _about(settled))]


def _marts(_: Focus) -> list[ToolCall]:
    return [ToolCall("describe_marts")]


def _card(asset: str, *columns: str) -> Maker:
    def make(settled: Focus) -> list[ToolCall]:
        filters = [["experiment_id", "=", settled.experiment.id if settled.experiment else ""]]
        return [ToolCall("query_marts", {"asset": asset, "columns": list(columns), "filters": filters})]

    return make


MAKERS: Final[dict[str, Maker]] = {
    "outcome": _effect,
    "arms": _arms,
    "decision": _decision,
    "health": _health,
    "srm": _srm,
    "guardrail": _decision,
    "trend": _trend,
    "rank": _rank,
    "plan": plan_calls,
    "running": _experiments("running"),
    "ended": _experiments("ended"),
    "list": _experiments(""),
    "help": _help,
    "metrics": _metrics,
    "meaning": _metrics,
    "marts": _marts,
    "about": _card(
        "dim_experiments", "experiment_id", "name", "status", "started_at", "ended_at", "hypothesis", "description"
    ),
    "arm_list": _card("dim_experiment_variations", "variation_id", "name", "is_control", "expected_share"),
}


def interpretation(settled: Focus, vocabulary: Vocabulary, reading: Reading) -> str:
    """One sentence that says how the question was read, with what was corrected and which way it was asked."""
    about = [replace(settled, experiment=item, also=()) for item in (settled.experiment, *settled.also)]
    parts = [_sentence(intent, one, vocabulary) for one in about for intent in settled.intents if intent in _SENTENCES]
    said = "; ".join(dict.fromkeys(part for part in parts if part)) or "Catalogue"
    asked = {"up": ", asked whether it rose", "down": ", asked whether it fell"}
    direction = asked.get(settled.direction, "") if "outcome" in settled.intents and settled.direction == "down" else ""
    read = [
        f"read {note}" if " as " in note else f"read {note} as {_experiment(settled, vocabulary)}"
        for note in _notes(reading)
    ]
    noted = f" ({'; '.join(read)})" if read else ""
    return f"{said[:1].upper()}{said[1:]}{direction}.{noted}"


def _notes(reading: Reading) -> list[str]:
    return reading.links.notes


def _experiment(settled: Focus, vocabulary: Vocabulary) -> str:
    return vocabulary.title(settled.experiment) if settled.experiment else "the experiments"


def _populations(settled: Focus) -> str:
    return listed([POPULATION[name] for name in settled.populations if name in POPULATION]) or "population not chosen"


def _sentence(intent: str, settled: Focus, vocabulary: Vocabulary) -> str:
    name = _experiment(settled, vocabulary)
    population = _populations(settled)
    level = f", {settled.level * 100:.4g} % intervals" if settled.level and settled.level != 0.95 else ""
    if intent in ("outcome", "arms") and settled.experiment:
        arms = between_arms(settled.experiment, settled.arms)
        lead = "effect of" if intent == "outcome" else "arms compared:"
        shown = settled.metrics
        if not shown and (intent == "arms" or settled.dimension):
            shown = (settled.experiment.default_metric(),)
        metrics = listed([vocabulary.label(metric, settled.experiment) for metric in shown]) or on_metrics(
            settled, vocabulary
        )
        return f"{lead} {name} ({arms}) on {metrics}, {population}, {among(settled)}{level}"
    if intent == "trend" and settled.experiment:
        metrics = listed(
            [vocabulary.label(m, settled.experiment) for m in settled.metrics or (settled.experiment.default_metric(),)]
        )
        return (
            f"effect of {name} ({between_arms(settled.experiment, settled.arms)}) on {metrics} by "
            f"day, {population}, all units"
        )
    if intent == "plan":
        return plan_sentence(settled, vocabulary)
    if intent == "rank":
        metric = vocabulary.label(settled.metrics[0]) if settled.metrics else "each experiment's primary metric"
        by = {"lift": "relative lift", "difference": "difference", "chance_to_win": "chance to win"}[settled.ranking.by]
        return f"experiments ranked by {by} in {metric}, {settled.ranking.order} first, {population}, all units"
    return _SENTENCES[intent].format(name=name, population=population, metrics=on_metrics(settled, vocabulary))


_SENTENCES: Final = {
    "outcome": "", "arms": "", "trend": "", "rank": "", "plan": "",
    "decision": "decision on {name}, {population}, all units",
    "guardrail": "guardrails of {name} against their margins, {population}, all units",
    "health": "exposure quality and checks of {name}",
    "srm": "sample ratio of {name}, observed against planned",
    "running": "experiments that are running", "ended": "experiments that have ended", "list": "all experiments",
    "help": (
        "what can be asked: "
        "experiments and metrics"
    ), "metrics": "metrics of {name}", "marts": "marts that may be asked",
    "meaning": "meaning of {metrics}", "about": "set-up of {name}", "arm_list": "arms of {name}",
}  # fmt: skip

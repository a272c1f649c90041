"""What the conversation is about, between questions: plain JSON, checked against the vocabulary when it comes back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gateway.ask import planning
from gateway.ask.reading import Intent, Ranking
from gateway.ask.vocabulary import Experiment, Vocabulary


@dataclass(frozen=True, slots=True)
class Focus:
    """Everything that a question settles, said in it or kept from before. Empty parts are not settled."""

    intents: tuple[Intent, ...] = ()
    experiment: Experiment | None = None
    also: tuple[Experiment, ...] = ()
    """Further experiments that the same is asked about, side by side."""
    metrics: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    dimension: str = ""
    values: tuple[str, ...] = ()
    level: float | None = None
    ranking: Ranking = field(default_factory=Ranking)
    daily: bool = False
    direction: str = ""
    dropped: tuple[str, ...] = ()
    """What the conversation was about and the experiment it moved to does not have."""
    plan: planning.Planned | None = None
    """What is to be planned; None where the conversation is about no plan."""
    pending: bool = False
    """A question was asked back: what comes next may be only the missing piece."""


def read(focus: dict[str, Any], vocabulary: Vocabulary) -> Focus:
    """The focus of an earlier plan. Names that are no longer there are dropped: the marts may have been republished."""
    experiment = vocabulary.experiment(str(focus.get("experiment_id", "")))
    known = (
        {metric.id for metric in experiment.metrics} if experiment else {*vocabulary.metrics(), *vocabulary.catalogue}
    )
    arms = {arm.id for arm in experiment.treatments} if experiment else set()
    dimensions = (
        {item.name: item.values for item in vocabulary.dimensions(experiment.id)}
        if experiment and focus.get("dimension")
        else {}
    )
    dimension = focus["dimension"] if focus.get("dimension") in dimensions else ""
    ranking = focus.get("ranking") or {}
    return Focus(
        intents=tuple(focus.get("intents", ())),
        experiment=experiment,
        also=tuple(item for name in focus.get("also", ()) if (item := vocabulary.experiment(str(name)))),
        metrics=_kept(focus.get("metric_ids", ()), known),
        arms=_kept(focus.get("variation_ids", ()), arms),
        populations=_kept(focus.get("populations", ()), ("itt", "exposed")),
        dimension=dimension,
        values=_kept(focus.get("dimension_values", ()), dimensions.get(dimension, ())),
        level=focus.get("level"),
        ranking=Ranking(**ranking),
        daily=bool(focus.get("daily")),
        plan=planning.from_json(focus["plan"]) if "plan" in focus else None,
        pending=bool(focus.get("pending")),
    )


def _kept(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    there = set(known)
    return tuple(name for name in names if name in there)


def write(settled: Focus, vocabulary: Vocabulary, *, spoken: tuple[str, ...], pending: bool = False) -> dict[str, Any]:
    """The focus as JSON. A population is kept only if it was spoken: a default stays a default and may change."""
    kept: dict[str, Any] = {
        "intents": list(settled.intents),
        "experiment_id": settled.experiment.id if settled.experiment else "",
        "also": [item.id for item in settled.also],
        "metric_ids": list(settled.metrics),
        "variation_ids": list(settled.arms),
        "populations": list(spoken),
        "dimension": settled.dimension,
        "dimension_values": list(settled.values),
        "level": settled.level,
        "daily": settled.daily,
        "pending": pending,
    }
    if "rank" in settled.intents:
        ranking = settled.ranking
        kept["ranking"] = {
            "by": ranking.by,
            "order": ranking.order,
            "limit": ranking.limit,
            "direction": ranking.direction,
        }
    if settled.plan is not None:
        kept["plan"] = planning.as_json(settled.plan) or {"kind": settled.plan.kind}
    kept = {key: value for key, value in kept.items() if value not in ("", [], None, False)}
    return {**kept, "wording": wording(settled, vocabulary)}


def wording(settled: Focus, vocabulary: Vocabulary) -> dict[str, Any]:
    """How the things in the answer are called, and how their numbers read: what the text is written with."""
    experiment = settled.experiment
    shown = [experiment, *settled.also] if experiment else []
    metric_ids = (
        dict.fromkeys(metric.id for item in shown for metric in item.metrics)
        if shown
        else (settled.metrics or [*vocabulary.metrics()])
    )
    everywhere = vocabulary.metrics()
    metrics = {}
    for metric_id in metric_ids:
        own = next((found for item in shown if (found := item.metric(metric_id))), None)
        own = own or (everywhere.get(metric_id) if experiment is None else None)
        known = vocabulary.catalogue.get(metric_id)
        metrics[metric_id] = {
            "label": own.label if own and own.label else vocabulary.label(metric_id),
            "aggregation": own.aggregation if own else known.aggregation if known else "",
            "desired": own.desired if own else known.desired if known else "increase",
            "unit": known.unit if known else "",
            "role": own.role if own and experiment else "",
        }
    arms = {arm.id: arm.name for arm in experiment.arms} if experiment else {}
    across = {"rank", "srm", "health", "list"} & set(settled.intents) and experiment is None
    named = shown or (vocabulary.experiments if across else [])
    if "rank" in settled.intents or settled.also:
        arms = {f"{item.id}/{arm.id}": arm.name for item in shown or vocabulary.experiments for arm in item.arms}
    names = {item.id: vocabulary.title(item) for item in named}
    return {"metrics": metrics, "arms": arms, "experiments": names}

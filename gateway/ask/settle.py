"""What a question says, completed from the conversation where it leans on it."""

from dataclasses import replace
from typing import Any

from gateway.ask.calls import EXPERIMENT_FREE
from gateway.ask.focus import Focus
from gateway.ask.planning import Planned
from gateway.ask.reading import Reading
from gateway.ask.vocabulary import Experiment, Vocabulary

_OF_ONE = frozenset(("about", "arm_list", "metrics", "dimensions"))
"""What there is to one experiment: "and of price badges?" asks the same of another."""
_CATALOGUE = frozenset(
    ("running", "ended", "list", "help", "metrics", "dimensions", "marts", "meaning", "about", "arm_list")
)


def settle(reading: Reading, before: Focus, vocabulary: Vocabulary) -> Focus:
    """What the question says, completed from the conversation where it leans on it."""
    links = reading.links
    named = vocabulary.experiment(links.experiments[0]) if links.experiments else None
    intents = reading.intents or ("outcome",)
    ranks = "rank" in intents or ("rank" in before.intents and named is None and _elliptical(reading))
    if ranks:
        return _settled_ranking(reading, before)
    if "meaning" in intents and links.foreign:
        return Focus(intents=intents, metrics=tuple(links.foreign), populations=before.populations)
    everywhere = not reading.experiment_from_focus or "list" in intents
    if named is None and everywhere and EXPERIMENT_FREE & set(intents):
        options = links.ambiguity.options if links.ambiguity and links.ambiguity.kind == "metric" else ()
        metrics = (*links.metrics, *(option[1] for option in options))
        return Focus(intents=intents, metrics=metrics, populations=reading.populations or before.populations)
    leans = reading.experiment_from_focus or before.pending or (named is not None and reading.follow_up)
    if not reading.intents and leans and before.intents:
        same = named is not None and reading.follow_up and not (reading.links.metrics or reading.links.arms)
        carried = [one for one in before.intents if one not in _CATALOGUE or (same and one in _OF_ONE)]
        intents = tuple(carried or ["outcome"])
        intents = _with_new_subject(intents, reading)
    base = before if leans else Focus(populations=before.populations)
    experiment = named or (base.experiment if reading.experiment_from_focus or before.pending else None)
    return _fill(reading, replace(base, intents=intents), experiment, vocabulary)


def directed(settled: Focus, vocabulary: Vocabulary) -> Focus:
    """A ranking by which way a metric moved ("raised refunds the most"), as best or worst by what is wanted of it."""
    ranking, known = settled.ranking, vocabulary.metrics()
    if "rank" not in settled.intents or len(settled.metrics) != 1 or ranking.order == "worst" or not ranking.direction:
        return settled
    metric = known.get(settled.metrics[0])
    wanted = {"increase": "up", "decrease": "down"}.get(metric.desired if metric else "")
    if wanted in (None, ranking.direction):
        return settled
    return replace(settled, ranking=replace(ranking, order="worst", direction=""))


def _elliptical(reading: Reading) -> bool:
    return not reading.intents or (reading.intents == ("outcome",) and reading.follow_up)


def _with_new_subject(intents: tuple[Any, ...], reading: Reading) -> tuple[Any, ...]:
    """ "and revenue?" after a decision or a health check asks for the effect: those are not about one metric."""
    links = reading.links
    subject = links.metrics or links.segments or links.dimensions or links.arms or reading.levels
    if subject and set(intents) & {"decision", "health", "srm", "guardrail"}:
        return ("outcome",)
    if (links.segments or links.dimensions) and "trend" in intents:
        return ("outcome",)
    return intents


def _settled_ranking(reading: Reading, before: Focus) -> Focus:
    new = "rank" in reading.intents
    ranking = reading.ranking
    if not new:
        changed = ranking.order if ranking.order == "worst" else before.ranking.order
        ranking = replace(before.ranking, order=changed, by=ranking.by if ranking.by != "lift" else before.ranking.by)
    kept = not new or ("rank" in before.intents and not reading.links.names_anything and reading.follow_up)
    metrics = tuple(reading.links.metrics) or (before.metrics if kept else ())
    return Focus(
        intents=("rank",),
        metrics=metrics,
        populations=reading.populations or before.populations,
        level=reading.levels[0] if reading.levels else None,
        ranking=ranking,
    )


def _fill(reading: Reading, base: Focus, experiment: Experiment | None, vocabulary: Vocabulary) -> Focus:
    links = reading.links
    moved = experiment != base.experiment
    own = {metric.id for metric in experiment.metrics} if experiment else None
    kept_metrics = () if reading.all_metrics else base.metrics
    metrics = tuple(links.metrics) or tuple(metric for metric in kept_metrics if own is None or metric in own)
    if links.ambiguity and links.ambiguity.kind == "metric" and experiment is None:
        metrics = tuple(option[1] for option in links.ambiguity.options)
    dimension, values = _segment(reading, base, experiment, vocabulary)
    if experiment and reading.all_metrics and (dimension or "trend" in base.intents):
        metrics = tuple(metric.id for metric in experiment.metrics)
    dropped = (
        [vocabulary.label(metric, base.experiment) for metric in base.metrics] if kept_metrics and not metrics else []
    )
    if base.dimension and not dimension and not reading.whole:
        dropped.append(" ".join((base.dimension, *base.values)))
    return replace(
        base,
        experiment=experiment,
        also=tuple(item for name in links.experiments[1:] if (item := vocabulary.experiment(name)))
        if links.experiments
        else (() if moved else base.also),
        metrics=metrics,
        arms=tuple(links.arms) or (() if moved or reading.all_arms else base.arms),
        populations=reading.populations or base.populations,
        dimension=dimension,
        values=values,
        level=reading.levels[0] if reading.levels else base.level,
        daily=reading.daily,
        direction=reading.direction,
        plan=_plan(reading, base) if "plan" in base.intents else None,
        dropped=tuple(dropped) if moved else (),
        pending=False,
    )


def _plan(reading: Reading, base: Focus) -> Planned:
    """What is said of the plan; a follow-up changes only what it names."""
    said = reading.plan or Planned()
    leans = base.plan is not None and (reading.plan is None or not reading.plan.kind)
    return said.over(base.plan) if leans and base.plan else said


def _segment(
    reading: Reading, base: Focus, experiment: Experiment | None, vocabulary: Vocabulary
) -> tuple[str, tuple[str, ...]]:
    links = reading.links
    if links.segments:
        first = links.segments[0][0]
        return first, tuple(value for dimension, value in links.segments if dimension == first)
    if links.dimensions:
        return links.dimensions[0], ()
    if reading.whole or not base.dimension or experiment is None:
        return "", ()
    there = {item.name: item.values for item in vocabulary.dimensions(experiment.id)}
    values = tuple(value for value in base.values if value in there.get(base.dimension, ()))
    return (base.dimension, values) if base.dimension in there and len(values) == len(base.values) else ("", ())

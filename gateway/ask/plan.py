"""The offline planner: one question in plain words becomes tool calls, a question back, or a refusal.

It reads (`understand`), settles what was left unsaid from the conversation (`settle`), asks back where something stands
in the way (`replies.CHECKS`), and otherwise writes down calls. It never sees a number, so it can't invent one.
"""

from dataclasses import replace
from typing import Any

from gateway.ask import focus as kept
from gateway.ask import replies
from gateway.ask.calls import EXPERIMENT_FREE, NEEDS_POPULATION, calls_for, interpretation
from gateway.ask.focus import Focus
from gateway.ask.phrases import few, question
from gateway.ask.plan_calls import without_marts
from gateway.ask.plan_replies import unplanned
from gateway.ask.planning import Planned
from gateway.ask.text import plain
from gateway.ask.understand import Reading, understand
from gateway.ask.vocabulary import Experiment, Vocabulary
from gateway.ports import Plan

_ANSWERS_TO_WHY = frozenset(("decision", "health", "srm"))
_CATALOGUE = frozenset(
    ("running", "ended", "list", "help", "metrics", "dimensions", "marts", "meaning", "about", "arm_list")
)


class OfflinePlanner:
    """Plans without a model: the same question, conversation and vocabulary always give the same plan."""

    name = "offline"

    def __init__(self, vocabulary: Vocabulary, population: str | None = None) -> None:
        self._vocabulary = vocabulary
        self._population = population

    def plan(self, question: str, focus: dict[str, Any]) -> Plan:
        """Read one question in the light of what the conversation is about. Raises UsageError where there is none."""
        return _shown(self._planned(question, focus))

    def _planned(self, question: str, focus: dict[str, Any]) -> Plan:
        vocabulary = self._vocabulary
        replies.readable(question)
        before = kept.read(focus, vocabulary)
        about = before.experiment.id if before.experiment else ""
        reading = understand(question, vocabulary, about, planning_on=before.plan is not None)
        if reading.refusal:
            return replace(replies.refuse(reading.refusal), focus=focus)
        if reading.sql:
            return replace(
                replies.lost(vocabulary, "That looks like SQL: `gateway sql` and `/sql` take statements."), focus=focus
            )
        if reading.is_empty and not (reading.follow_up and reading.unread and before.experiment):
            return replace(replies.lost(vocabulary, "I did not understand that."), focus=focus)
        reading = _why(reading, before)
        settled = settle(reading, before, vocabulary)
        for check in (*replies.CHECKS, unplanned):
            found = check(reading, settled, vocabulary)
            if found:
                return found
        return self._decide(reading, settled)

    def _decide(self, reading: Reading, settled: Focus) -> Plan:
        """What is still missing, or the calls."""
        vocabulary = self._vocabulary
        missing = _missing_experiment(settled, vocabulary) or _nothing_to_show(settled, vocabulary)
        if missing:
            return missing
        populations = settled.populations or ((self._population,) if self._population else ())
        needed = NEEDS_POPULATION & set(settled.intents) and not without_marts(settled)
        needed = needed or ("srm" in settled.intents and settled.experiment is None)
        if needed and not populations:
            return replies.ask_back(
                "Which population: itt or exposed?",
                ("--population itt", "--population exposed"),
                settled,
                vocabulary,
                interpretation=interpretation(replace(settled, populations=()), vocabulary, reading),
            )
        resolved = replace(settled, populations=populations)
        return Plan(
            interpretation=interpretation(resolved, vocabulary, reading),
            calls=calls_for(resolved),
            focus=kept.write(settled, vocabulary, spoken=settled.populations),
        )


def _shown(plan: Plan) -> Plan:
    """The plan with its sentences fit to be shown: ids and segments come from the database as they are."""
    return replace(
        plan,
        interpretation=plain(plan.interpretation),
        question_back=plain(plan.question_back),
        choices=tuple(map(plain, plan.choices)),
    )


def _why(reading: Reading, before: Focus) -> Reading:
    """A bare "why?" after a decision or a health check asks for the reasons that those answers carry."""
    bare = reading.unsupported == "cause" and not reading.explicit and not reading.unread and not reading.links.metrics
    if bare and reading.experiment_from_focus and before.intents and before.intents[0] in _ANSWERS_TO_WHY:
        return replace(reading, unsupported="", intents=before.intents)
    return reading


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
        intents = tuple(intent for intent in before.intents if intent not in _CATALOGUE) or ("outcome",)
        intents = _with_new_subject(intents, reading)
    base = before if leans else Focus(populations=before.populations)
    experiment = named or (base.experiment if reading.experiment_from_focus or before.pending else None)
    return _fill(reading, replace(base, intents=intents), experiment, vocabulary)


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
    metrics = tuple(reading.links.metrics) or (() if new else before.metrics)
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


def _missing_experiment(settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    if settled.experiment is not None or EXPERIMENT_FREE & set(settled.intents) or without_marts(settled):
        return None
    intent = settled.intents[0]
    fitting = [item for item in vocabulary.experiments if not settled.metrics or any(map(item.metric, settled.metrics))]
    if settled.metrics and not fitting:
        labels = few([vocabulary.label(metric) for metric in settled.metrics])
        return replies.lost(vocabulary, f"No experiment here measures {labels}.")
    choices = []
    for item in fitting:
        label = next((metric.label for metric in item.metrics if metric.id in settled.metrics), "")
        choices.append(question(intent, vocabulary.title(item), metric=label, plan=settled.plan))
    if "outcome" in settled.intents:
        choices.insert(0, "Which experiment had the biggest lift?") if not settled.metrics else None
    titles = [vocabulary.title(item) for item in fitting]
    why = " A plan starts from what a metric is without treatment, and takes that from one." if settled.plan else ""
    text = f"Which experiment?{why} There is: {few(titles) or 'none yet'}."
    return replies.ask_back(text, choices, settled, vocabulary)


def _nothing_to_show(settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """Things that this experiment does not have: guardrails, segments, or any metric."""
    experiment = settled.experiment
    if "rank" in settled.intents:
        return _which_direction(settled, vocabulary)
    if experiment is None:
        return None
    title = vocabulary.title(experiment)
    if "guardrail" in settled.intents and not experiment.guardrails:
        choices = [question("outcome", title), question("decision", title)]
        return replies.ask_back(
            f"{title} has no guardrail metrics, so none could be breached.", choices, settled, vocabulary
        )
    if "dimensions" in settled.intents:
        names = [f"{item.name} ({few(item.values, 8)})" for item in vocabulary.dimensions(experiment.id)]
        choices = [
            question("outcome", title, segment=f"by {item.name}") for item in vocabulary.dimensions(experiment.id)
        ]
        text = f"{title} can be broken down by {few(names)}. By which?" if names else f"{title} has no segments."
        return replies.ask_back(text, choices or [question("outcome", title)], settled, vocabulary)
    return None


def _which_direction(settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """ "Biggest rise" of a metric that should fall: best or worst? Better asked than guessed."""
    ranking = settled.ranking
    known = vocabulary.metrics()
    desired = {metric: known[metric].desired for metric in settled.metrics if metric in known}
    lower = [metric for metric, wanted in desired.items() if wanted == "decrease"]
    if lower and ranking.order == "worst" and ranking.direction == "down":  # "lowest": the number, or the effect?
        return _best_or_worst(settled, vocabulary, lower=True)
    if len(settled.metrics) > 1:
        choices = [f"Which experiment had the biggest lift in metric {metric}?" for metric in settled.metrics]
        return replies.ask_back("One metric at a time: which is the ranking by?", choices, settled, vocabulary)
    if not ranking.direction or (settled.metrics and (ranking.direction == "up") == (not lower)):
        return None
    if not settled.metrics:
        return None if ranking.order == "worst" or ranking.direction == "up" else replies.ask_back(
            "Best or worst? Each experiment's own metric may be one that should rise or fall.",
            ("Which experiment had the best effect?", "Which experiment had the worst effect?"), settled, vocabulary,
        )  # fmt: skip
    return _best_or_worst(settled, vocabulary, lower=bool(lower))


def _best_or_worst(settled: Focus, vocabulary: Vocabulary, *, lower: bool) -> Plan:
    label, name = vocabulary.label(settled.metrics[0]), f"metric {settled.metrics[0]}"
    better = "lower" if lower else "higher"
    text = f"For {label}, {better} is better: is this about the best or the worst experiments?"
    both = (f"Which experiment had the best effect on {name}?", f"Which experiment had the worst effect on {name}?")
    return replies.ask_back(text, both, settled, vocabulary)

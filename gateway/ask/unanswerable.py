"""Questions back about what the tools can't give: other dates, other windows, crossed segments, missing metrics."""

from typing import Final

from gateway.ask.focus import Focus
from gateway.ask.phrases import examples, few, question
from gateway.ask.reading import Reading
from gateway.ask.replies import ask_back, outcomes, own_label, title_of, what_it_has
from gateway.ask.vocabulary import Metric, Vocabulary
from gateway.ports import Plan

_UNSUPPORTED: Final = {
    "unwanted": "That says what not to show, and I don't know what to show instead. What would you like to know?",
    "cause": (
        "These marts say what changed, not why. What can be checked: segments, exposure "
        "quality and the reasons behind a decision."
    ),
    "forecast": "These marts hold what was measured; forecasts and extrapolations are not answered from them.",
    "dates": (
        "Results cover an experiment's whole run, with each metric's own window; they can't "
        "be cut to other dates. By day, there is the trend."
    ),
    "condition": (
        "I can't apply the condition {said}: results are over an experiment's whole run and all its units, or by "
        "segment, "
        "as they were measured."
    ),
    "ratio": (
        "One metric divided by another can't be made from stored results; a ratio is there only where it is a metric "
        "of its own."
    ),
    "ordering": (
        "Experiments are ranked by what they changed: relative lift, difference or chance to win, in one metric; by "
        "nothing else, and not by how high a metric stood."
    ),
    "negated": "A ranking shows what moved a metric the most; what did not is not picked out. Best or worst first?",
    "coarse": "Trends are kept by day, not by week or month.",
    "exclusion": (
        "Leaving a segment out can't be computed from the published segments. One segment, or "
        "a breakdown by all, can be shown."
    ),
    "method": (
        "{said} is not among the stored results: there is the difference, the "
        "relative lift, p-value, chance to win and their intervals."
    ),
}


def beyond(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """Kinds of question that no tool answers."""
    if not reading.unsupported:
        return None
    choices = list(examples(vocabulary))
    if settled.experiment:
        title = title_of(settled, vocabulary)
        metric = own_label(settled.experiment, settled)
        breakdowns = [
            question("outcome", title, metric=metric or settled.experiment.metrics[0].label, segment=f"by {item.name}")
            for item in vocabulary.dimensions(settled.experiment.id)
            if settled.experiment.metrics
        ]
        daily = [question("trend", title, metric=metric)] if reading.unsupported in ("dates", "coarse") else []
        choices = [
            *daily,
            question("outcome", title, metric=metric),
            *breakdowns,
            question("decision", title),
            question("health", title),
        ]
    said = f"“{reading.unsupported_words}”" if reading.unsupported_words else "That"
    return ask_back(_UNSUPPORTED[reading.unsupported].format(said=said), choices, settled, vocabulary)


def not_measured(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """A metric that exists elsewhere, but not in this experiment."""
    if not reading.links.foreign or settled.experiment is None or "meaning" in settled.intents:
        return None
    labels = few([vocabulary.label(metric) for metric in reading.links.foreign])
    title = title_of(settled, vocabulary)
    text = (
        f"{title} does not measure {labels}. It measures: "
        f"{few([metric.label for metric in settled.experiment.metrics])}."
    )
    return ask_back(text, outcomes(settled.experiment, vocabulary), settled, vocabulary)


_OF_METRICS: Final = frozenset(
    ("outcome", "arms", "trend", "rank", "plan", "metrics", "meaning", "guardrail", "segments")
)
_LISTS: Final = frozenset(("list", "running", "ended", "marts", "help"))
_WHOLE: Final = {
    "decision": "A decision is over the primary metric and the guardrails",
    "health": "Health checks are of the experiment, whatever the metric",
    "srm": "The sample ratio is of the experiment, whatever the metric",
}


def metrics_for_nothing(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """A metric beside something that is not by metric: it may be a condition, so it is not passed over."""
    named = (*reading.links.metrics, *reading.links.foreign)
    if not named or not settled.intents or _OF_METRICS & set(settled.intents):
        return None
    if settled.experiment is None:
        if not _LISTS & set(settled.intents):
            return None
        label = vocabulary.label(named[0])
        text = f"A list of experiments is not by a metric: what is {label} to it?"
        which = (f"Which experiments measure {label}?", f"Which experiment had the biggest lift in metric {named[0]}?")
        return ask_back(text, which, settled, vocabulary)
    title, label = title_of(settled, vocabulary), vocabulary.label(named[0], settled.experiment)
    what = _WHOLE.get(settled.intents[0], f"That is about {title} as a whole")
    own = settled.experiment.metric(named[0])
    choices = [question(settled.intents[0], title)]
    choices += [question("outcome", title, metric=own.label)] if own else []
    return ask_back(f"{what}; what is {label} to it?", choices, settled, vocabulary)


def lost_on_the_way(_: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """The conversation moved to an experiment that lacks the metric or segment it was about: said, not left out."""
    if not settled.dropped or settled.experiment is None or not {"outcome", "arms", "trend"} & set(settled.intents):
        return None
    title = title_of(settled, vocabulary)
    text = f"{title} has no {few(settled.dropped)}. It has {what_it_has(settled.experiment, vocabulary)}."
    return ask_back(text, outcomes(settled.experiment, vocabulary), settled, vocabulary)


def wrong_window(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """A window other than the metric's own."""
    known = vocabulary.metrics()
    metrics = [
        metric
        for name in reading.links.metrics
        if (metric := settled.experiment.metric(name) if settled.experiment else known.get(name))
    ]
    missing = [days for days in reading.windows if not any(metric.window_days == days for metric in metrics)]
    if not missing:
        return None
    asked = f"{missing[0]:g} day{'' if missing[0] == 1 else 's'}"
    if not metrics or settled.experiment is None:
        text = f"Results can't be cut to {asked}: each metric has a window of its own."
        return ask_back(
            text,
            outcomes(settled.experiment, vocabulary) if settled.experiment else examples(vocabulary),
            settled,
            vocabulary,
        )
    has = few([f"{metric.label} ({_window(metric)})" for metric in metrics])
    others = [f"{metric.label} ({_window(metric)})" for metric in settled.experiment.metrics if metric.window_days]
    also = f" Windows in {title_of(settled, vocabulary)}: {few(others)}." if others else ""
    text = f"There is no window of {asked} here; it has {has}.{also}"
    return ask_back(text, outcomes(settled.experiment, vocabulary, metrics), settled, vocabulary)


def _window(metric: Metric) -> str:
    return f"{metric.window_days:g} days" if metric.window_days else "the whole run"


def wrong_level(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """An interval level that can't be had, or several at once."""
    intents = set(settled.intents)
    if len(reading.levels) > 1:
        return ask_back(
            "One interval level at a time: which?", [f"at {level:.0%}" for level in reading.levels], settled, vocabulary
        )
    if settled.level is None or not reading.levels:
        return None
    if not 0.5 <= settled.level < 1:
        text = f"A level of {settled.level:.4g} is no interval level: it must be from 50 % to below 100 %."
        return ask_back(text, ("at 90%", "at 95%", "at 99%"), settled, vocabulary)
    if intents & {"rank", "decision", "trend", "health", "srm", "guardrail"} and settled.level != 0.95:
        text = (
            f"{'Rankings' if 'rank' in intents else 'Decisions, trends and health checks'} use 95 "
            f"% intervals only; effects can be shown at {settled.level:.4g}."
        )
        choices = (
            [question("outcome", title_of(settled, vocabulary)) + f" at {settled.level:.0%}"]
            if settled.experiment
            else list(examples(vocabulary))
        )
        return ask_back(text, choices, settled, vocabulary)
    return None


def two_treatments(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """Treatments against each other: the stored results hold each against control."""
    if not reading.pairwise or settled.experiment is None:
        return None
    names = [arm.name for arm in settled.experiment.treatments if arm.id in reading.links.arms]
    control = settled.experiment.control
    text = (
        f"Results compare each treatment with {control.name if control else 'control'}, not {' with '.join(names)} "
        "directly. Both can be shown side by side, each against control."
    )
    metric = own_label(settled.experiment, settled)
    return ask_back(
        text, [question("outcome", title_of(settled, vocabulary), metric=metric, arms=names)], settled, vocabulary
    )


def crossed_segments(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """Segments that the tools can't give: two dimensions at once, or for something that is judged over all units."""
    if settled.experiment is None:
        return None
    title = title_of(settled, vocabulary)
    metric = own_label(settled.experiment, settled)
    dimensions = list(dict.fromkeys((*(name for name, _ in reading.links.segments), *reading.links.dimensions)))
    if len(dimensions) > 1:
        choices = [question("outcome", title, metric=metric, segment=f"by {name}") for name in dimensions]
        return ask_back(
            f"One dimension at a time: {' and '.join(dimensions)} are not crossed in the marts.",
            choices,
            settled,
            vocabulary,
        )
    whole = {
        "decision": "Decisions",
        "health": "Health checks",
        "srm": "Sample ratio checks",
        "guardrail": "Guardrails",
        "trend": "Trends",
        "plan": "Plans",
    }
    said = [whole[intent] for intent in settled.intents if intent in whole]
    if not dimensions or not said:
        return None
    segment = f"for {dimensions[0]} {settled.values[0]}" if settled.values else f"by {dimensions[0]}"
    whole_question = question(settled.intents[0], title, plan=settled.plan)
    choices = [question("outcome", title, metric=metric, segment=segment), whole_question]
    return ask_back(f"{said[0]} are over all units, not per segment.", choices, settled, vocabulary)

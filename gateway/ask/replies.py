"""Questions back and refusals: what stands in the way of a plan, said with what would settle it.

Each check looks at one way in which a question can't be taken as it stands, and returns the plan that says so.
The first that finds something decides; where none does, the question can be planned.
"""

from collections.abc import Callable, Sequence
from typing import Final

from gateway.ask.focus import Focus, write
from gateway.ask.phrases import examples, few, question
from gateway.ask.understand import LONGEST, Reading
from gateway.ask.vocabulary import Experiment, Metric, Vocabulary
from gateway.errors import UsageError
from gateway.ports import Plan

Check = Callable[[Reading, Focus, Vocabulary], Plan | None]
_MOST_CHOICES = 8

REFUSALS: Final = {
    "personal_data": (
        "Not answered: only aggregates are published here. Ids, e-mails, names, owners and rows of single units "
        "are outside the contract, whoever asks. Ask for counts, effects or segments instead."
    ),
    "write_request": (
        "Not answered: this gateway only reads. It can't launch, stop, change or delete anything. "
        "It can say what the evidence supports: ask “should we launch …?”."
    ),
}
_UNSUPPORTED: Final = {
    "cause": (
        "These marts say what changed, not why. What can be checked: segments, exposure "
        "quality and the reasons behind a decision."
    ),
    "forecast": "These marts hold what was measured; forecasts and extrapolations are not answered from them.",
    "dates": (
        "Results cover an experiment's whole run, with each metric's own window; they can't "
        "be cut to other dates. By day, there is the trend."
    ),
    "ratio": (
        "One metric divided by another can't be made from stored results; a ratio is there only where it is a metric "
        "of its own."
    ),
    "ordering": "Experiments are ranked by relative lift, difference or chance to win, in one metric; by nothing else.",
    "coarse": "Trends are kept by day, not by week or month.",
    "exclusion": (
        "Leaving a segment out can't be computed from the published segments. One segment, or "
        "a breakdown by all, can be shown."
    ),
    "method": (
        "That statistic or method is not among the stored results: there is the difference, "
        "the relative lift, p-value, chance to win and their intervals."
    ),
}


def ask_back(
    text: str, choices: Sequence[str], settled: Focus, vocabulary: Vocabulary, *, interpretation: str = ""
) -> Plan:
    """A question back that keeps what is already settled, so that the missing piece alone will do as an answer."""
    return Plan(
        interpretation=interpretation,
        question_back=text,
        choices=tuple(dict.fromkeys(choices))[:_MOST_CHOICES],
        focus=write(settled, vocabulary, spoken=settled.populations, pending=True),
    )


def refuse(rule: str) -> Plan:
    return Plan(refusal=REFUSALS[rule], refusal_rule=rule)


def lost(vocabulary: Vocabulary, why: str) -> Plan:
    """Nothing to go on: says what can be asked. Leaves the conversation as it was."""
    text = (
        f"{why} I answer questions about experiments: did one change a metric, should it be launched, can it be "
        "trusted (sample ratio, exposure quality), segments, trends, guardrails, rankings, and what "
        "there is to ask about."
    )
    return Plan(question_back=text, choices=examples(vocabulary))


def readable(text: str) -> None:
    """Raises UsageError for a text that is no question at all."""
    if not text.strip():
        raise UsageError("the question is empty", hint="ask in plain words: “what can I ask?” lists what there is")
    if len(text) > LONGEST:
        raise UsageError(
            f"the question has {len(text):,} characters, and may have {LONGEST:,}", hint="ask it in a sentence or two"
        )


def title_of(settled: Focus, vocabulary: Vocabulary) -> str:
    return vocabulary.title(settled.experiment) if settled.experiment else ""


def _outcomes(experiment: Experiment, vocabulary: Vocabulary, metrics: Sequence[Metric] = ()) -> list[str]:
    title = vocabulary.title(experiment)
    return [question("outcome", title, metric=metric.label) for metric in metrics or experiment.metrics]


def what_it_has(experiment: Experiment, vocabulary: Vocabulary) -> str:
    """The metrics, arms and segments that may be named for this experiment."""
    parts = [
        f"metrics: {few([metric.label for metric in experiment.metrics])}",
        f"arms: {few([arm.name for arm in experiment.arms])}",
    ]
    dimensions = [f"{item.name} ({few(item.values, 6)})" for item in vocabulary.dimensions(experiment.id)]
    return "; ".join([*parts, f"segments: {few(dimensions)}" if dimensions else "no segments"])


def ambiguous(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """Words that stand for several things."""
    found = reading.links.ambiguity
    if found is None:
        return None
    intent = next(iter(reading.intents or settled.intents), "outcome")
    if found.kind == "experiment":
        named = [item for option in found.options if (item := vocabulary.experiment(option[1]))]
        titles = [vocabulary.title(item) for item in named]
        choices = [
            question(intent, title, metric=own_label(item, settled), plan=settled.plan)
            for item, title in zip(named, titles, strict=True)
        ]
        which = f"which experiment: {few(titles)}?" if len(titles) > 1 else f"do you mean {titles[0]}?"
        return ask_back(f"“{found.shown}” is not enough of a name: {which}", choices, settled, vocabulary)
    if found.kind == "metric" and intent != "rank" and settled.experiment is None:
        return None  # which experiment comes first: it may settle the metric too
    return ask_back(
        (
            f"“{found.shown}” could mean "
            f"{few([_described(option, settled, vocabulary) for option in found.options])}. Which?"
        ),
        [choice for option in found.options for choice in _option_choice(option, intent, settled, vocabulary)],
        settled,
        vocabulary,
    )


def own_label(experiment: Experiment, settled: Focus) -> str:
    return next((metric.label for metric in experiment.metrics if metric.id in settled.metrics), "")


def _described(option: tuple[str, ...], settled: Focus, vocabulary: Vocabulary) -> str:
    if option[0] in ("metric", "foreign"):
        return f"the metric {vocabulary.label(option[1], settled.experiment)} ({option[1]})"
    if option[0] == "segment":
        return f"{option[1]} = {option[2]}"
    return f"the {'dimension' if option[0] == 'dimension' else 'arm'} {option[1]}"


def _option_choice(option: tuple[str, ...], intent: str, settled: Focus, vocabulary: Vocabulary) -> list[str]:
    if option[0] == "metric" and intent == "rank":
        return [f"Which experiment had the biggest lift in metric {option[1]}?"]
    if settled.experiment is None:
        return []
    title = title_of(settled, vocabulary)
    if option[0] == "segment":
        return [question("outcome", title, segment=f"for {option[1]} {option[2]}")]
    if option[0] == "dimension":
        return [question("outcome", title, segment=f"by {option[1]}")]
    if option[0] == "metric":
        return [question(intent, title, metric=option[1], plan=settled.plan)]
    return [question("outcome", title, arms=(option[1],))]


def several_experiments(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """Two experiments in one question: each has its own control, so nothing here sets one against the other."""
    named = [item for name in reading.links.experiments if (item := vocabulary.experiment(name))]
    if len(named) < 2:
        return None
    intent = next(iter(reading.intents), "outcome")
    titles = [vocabulary.title(item) for item in named]
    text = (
        f"{' and '.join(titles)} are two experiments, each with its own control and units: they can't be compared with "
        "each other here. I can answer for one at a time, or rank all by their effect."
    )
    choices = [
        question(intent, title, metric=own_label(item, settled)) for item, title in zip(named, titles, strict=True)
    ]
    return ask_back(text, [*choices, "Which experiment had the biggest lift?"], settled, vocabulary)


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
    return ask_back(_UNSUPPORTED[reading.unsupported], choices, settled, vocabulary)


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
    return ask_back(text, _outcomes(settled.experiment, vocabulary), settled, vocabulary)


def lost_on_the_way(_: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """The conversation moved to an experiment that lacks the metric or segment it was about: said, not left out."""
    if not settled.dropped or settled.experiment is None or not {"outcome", "arms", "trend"} & set(settled.intents):
        return None
    title = title_of(settled, vocabulary)
    text = f"{title} has no {few(settled.dropped)}. It has {what_it_has(settled.experiment, vocabulary)}."
    return ask_back(text, _outcomes(settled.experiment, vocabulary), settled, vocabulary)


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
            _outcomes(settled.experiment, vocabulary) if settled.experiment else examples(vocabulary),
            settled,
            vocabulary,
        )
    has = few([f"{metric.label} ({_window(metric)})" for metric in metrics])
    others = [f"{metric.label} ({_window(metric)})" for metric in settled.experiment.metrics if metric.window_days]
    also = f" Windows in {title_of(settled, vocabulary)}: {few(others)}." if others else ""
    text = f"There is no window of {asked} here; it has {has}.{also}"
    return ask_back(text, _outcomes(settled.experiment, vocabulary, metrics), settled, vocabulary)


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


def unread_words(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """Words nobody understood: they may change the question, so it is not answered as if they weren't there."""
    if not reading.unread:
        return None
    shown = few([f"“{word}”" for word in reading.unread], 6)
    if settled.experiment is None:
        titles = [vocabulary.title(item) for item in vocabulary.experiments]
        return ask_back(
            f"I know no experiment, metric or other meaning for {shown}. Experiments: {few(titles) or 'none yet'}.",
            (*_nearest(reading, vocabulary), *examples(vocabulary)),
            settled,
            vocabulary,
        )
    intent = next(iter(settled.intents), "outcome")
    title = title_of(settled, vocabulary)
    if all(word.endswith("%") for word in reading.unread):
        text = (
            f"I can't test against a threshold of {shown}; the effect is shown with its interval, "
            "to be held against it."
        )
        return ask_back(
            text, [question(intent, title, metric=own_label(settled.experiment, settled))], settled, vocabulary
        )
    text = (
        f"I did not understand {shown} for {title}, and leaving it out could change the "
        f"answer. {title} has {what_it_has(settled.experiment, vocabulary)}."
    )
    metric = own_label(settled.experiment, settled)
    breakdowns = [
        question("outcome", title, metric=metric, segment=f"by {item.name}")
        for item in vocabulary.dimensions(settled.experiment.id)
    ]
    whole = question(intent, title, metric=metric, plan=settled.plan)
    return ask_back(text, [whole, *breakdowns], settled, vocabulary)


def _nearest(reading: Reading, vocabulary: Vocabulary) -> list[str]:
    """Questions about the experiments whose names are most like what was typed."""
    from difflib import get_close_matches  # only on the way to a question back

    typed = " ".join(reading.unread).casefold()
    by_name = {item.name.casefold(): item for item in vocabulary.experiments}
    return [
        question("outcome", vocabulary.title(by_name[name]))
        for name in get_close_matches(typed, by_name, n=3, cutoff=0.55)
    ]


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


CHECKS: tuple[Check, ...] = (
    several_experiments,
    beyond,
    ambiguous,
    not_measured,
    lost_on_the_way,
    wrong_window,
    unread_words,
    wrong_level,
    two_treatments,
    crossed_segments,
)

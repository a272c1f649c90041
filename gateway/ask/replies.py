"""Questions back and refusals: what stands in the way of a plan, said with what would settle it.

Each check looks at one way in which a question can't be taken as it stands, and returns the plan that says so.
The first that finds something decides; where none does, the question can be planned.
"""

from collections.abc import Sequence
from typing import Final

from gateway.ask.focus import Focus, write
from gateway.ask.phrases import examples, few, question
from gateway.ask.reading import LONGEST
from gateway.ask.vocabulary import Experiment, Metric, Vocabulary
from gateway.errors import UsageError
from gateway.ports import Plan

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


def outcomes(experiment: Experiment, vocabulary: Vocabulary, metrics: Sequence[Metric] = ()) -> list[str]:
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


def own_label(experiment: Experiment, settled: Focus) -> str:
    return next((metric.label for metric in experiment.metrics if metric.id in settled.metrics), "")

"""Two experiments or more in one question: the same is asked of each, and answered side by side.

Which of them beats the other is another matter: they have other units and other controls, so that is asked back.
"""

from typing import Final

from gateway.ask.focus import Focus
from gateway.ask.phrases import few, question
from gateway.ask.reading import Intent, Reading
from gateway.ask.replies import ask_back, own_label, what_it_has
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan

_EACH: Final[frozenset[Intent]] = frozenset(
    ("outcome", "arms", "decision", "health", "srm", "guardrail", "trend", "about", "arm_list", "metrics")
)
_MOST: Final = 4
NOTE: Final = "Each experiment is compared with its own control; the experiments are not compared with each other."


def several_experiments(reading: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """What can't be asked of several experiments at once; None where it can, or where there is one."""
    if not settled.also or settled.experiment is None:
        return None
    named = (settled.experiment, *settled.also)
    titles = [vocabulary.title(item) for item in named]
    together = " and ".join(titles)
    choices = [
        question(next(iter(settled.intents), "outcome"), title, metric=own_label(item, settled))
        for item, title in zip(named, titles, strict=True)
    ]
    lacking = [item for item in named if not all(map(item.metric, settled.metrics))]
    if reading.contest:
        text = (
            f"{together} are two experiments, each with its own control and units: they can't be compared with "
            "each other here. I can answer for one at a time, or rank all by their effect."
        )
        choices.append("Which experiment had the biggest lift?")
    elif len(named) > _MOST:
        text = f"That is about {len(named)} experiments: {_MOST} at a time are answered."
    elif reading.interleaved or settled.arms or settled.dimension or not set(settled.intents) <= _EACH:
        text = f"{together}: of several experiments the same can be asked, on the same metrics. One at a time?"
    elif lacking:
        labels = few([vocabulary.label(metric) for metric in settled.metrics])
        text = (
            f"{vocabulary.title(lacking[0])} does not measure {labels}. It has {what_it_has(lacking[0], vocabulary)}."
        )
    else:
        return None
    return ask_back(text, choices, settled, vocabulary)

"""Questions back about words: what could mean two things, and what was not understood."""

from gateway.ask.focus import Focus
from gateway.ask.phrases import examples, few, question
from gateway.ask.reading import Reading
from gateway.ask.replies import ask_back, own_label, title_of, what_it_has
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan


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

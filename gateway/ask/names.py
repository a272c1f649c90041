"""The names by which things may be called: ids, labels, synonyms, and the shorter forms that people use for them."""

import re
from collections.abc import Iterator

from gateway.ask.matching import Index
from gateway.ask.text import stems_of
from gateway.ask.vocabulary import Arm, Dimension, Experiment, Vocabulary

Thing = tuple[str, ...]
"""('metric', id) · ('foreign', id) · ('arm', id) · ('control', id) · ('dimension', name) · ('segment', name, value)"""

FOREIGN = 10
"""Tier of a metric that exists, but not in the experiment at hand: known by name, so that it can be said."""
_LEADING = frozenset(("average", "avg", "mean", "number", "total", "num"))
_TRAILING = frozenset(("rate", "ms", "avg", "mean", "total", "count", "amount"))
_WINSORISED = re.compile(r"winsor|capped$|cap[0-9]+$|w[5-9][0-9]")
_CAPPED = ("winsorised", "winsorized", "capped")
_BARE = frozenset(("yes", "no", "true", "false", "other", "unknown", "none", "null", "all", "any"))
_COUNTRIES = {
    "at": "austria", "au": "australia", "be": "belgium", "br": "brazil", "ca": "canada", "ch": "switzerland",
    "cn": "china", "cz": "czechia", "de": "germany", "dk": "denmark", "es": "spain", "fi": "finland", "fr": "france",
    "gb": "united kingdom", "gr": "greece", "hu": "hungary", "ie": "ireland", "il": "israel", "in": "india",
    "it": "italy", "jp": "japan", "kr": "korea", "mx": "mexico", "nl": "netherlands", "no": "norway",
    "nz": "new zealand", "pl": "poland", "pt": "portugal", "ro": "romania", "se": "sweden", "sg": "singapore",
    "tr": "turkey", "ua": "ukraine", "uk": "united kingdom", "us": "united states", "za": "south africa",
}  # fmt: skip
_ALIASES = {
    "gb": ("uk", "britain", "great britain"),
    "uk": ("gb", "britain"),
    "us": ("usa", "america"),
    "de": ("deutschland",),
}


def experiment_names(vocabulary: Vocabulary) -> Index[str]:
    """Experiments by id and by name."""

    def make() -> Index[str]:
        index: Index[str] = Index()
        for experiment in vocabulary.experiments:
            index.add(experiment.id, experiment.id)
            index.add(experiment.id, experiment.name)
            stems = stems_of(experiment.name)
            if len(stems) > 1 and stems[0] in ("the", "a"):
                index.add(experiment.id, stems[1:])
        return index

    return vocabulary.once("experiments", make)


def metric_names(index: Index[Thing], vocabulary: Vocabulary, experiment: Experiment | None) -> None:
    """The experiment's own metrics, and those that exist elsewhere. Without an experiment, all metrics alike."""
    own = {metric.id for metric in experiment.metrics} if experiment else set()
    everywhere = vocabulary.metrics()
    for metric_id in {**everywhere, **vocabulary.catalogue}:
        is_own = experiment is None or metric_id in own
        kind, offset = ("metric", 0) if is_own else ("foreign", FOREIGN)
        label = vocabulary.label(metric_id, experiment)
        known = vocabulary.catalogue.get(metric_id)
        for name in filter(None, (metric_id, label, known.label if known else "")):
            index.add((kind, metric_id), name, offset)
            for short in _shorter(stems_of(name)):
                index.add((kind, metric_id), short, offset + 2)
        for synonym in known.synonyms if known else ():
            index.add((kind, metric_id), synonym, offset + 1)


def _shorter(stems: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Forms that drop the window, the unit and filler: `revenue_per_user` is also "revenue"; and initials.

    A winsorised metric keeps that word in all its forms: without it, it would bear the name of the raw one beside it.
    """
    cut = next((place for place, stem in enumerate(stems) if _WINSORISED.match(stem)), None)
    if cut is not None:
        raw = stems[:cut]
        for form in (raw, *_shorter(raw)) if raw else ():
            yield from (pair for said in _CAPPED for pair in ((*form, said), (said, *form)))
        return
    core = stems
    if len(core) > 2 and core[-2].isdigit() and core[-1] == "day":
        core = core[:-2]
    if len(core) > 2 and core[0].isdigit() and core[1] == "day":
        core = core[2:]
    if "per" in core[1:]:
        core = core[: core.index("per")]
    if len(core) > 1 and core[-1] in _TRAILING:
        core = core[:-1]
    if core:
        yield core
        yield (*core, "rate")
    if core == ("conversion",):
        yield from (("convert",), ("converted",), ("converting",))
    if len(stems) >= 3 and all(stem.isalpha() for stem in stems) and "per" not in stems:
        yield ("".join(stem[0] for stem in stems),)
    if len(core) > 2 and core[0] in _LEADING:
        yield core[1:]


def arm_names(index: Index[Thing], experiment: Experiment) -> None:
    """The experiment's arms by id and name."""
    for arm in experiment.arms:
        key = thing_of(arm)
        index.add(key, arm.id)
        index.add(key, arm.name)


def thing_of(arm: Arm) -> Thing:
    return ("control" if arm.is_control else "arm", arm.id)


def segment_names(index: Index[Thing], dimensions: tuple[Dimension, ...]) -> None:
    """Dimensions, and their values: on their own where they say enough, otherwise only after the dimension's name."""
    for dimension in dimensions:
        index.add(("dimension", dimension.name), dimension.name)
        stems = stems_of(dimension.name)
        for value in dimension.values:
            key = ("segment", dimension.name, value)
            named = stems_of(value)
            for prefix in (stems, (*stems, "is"), (*stems, "equal"), (*stems, "value")):
                index.add(key, prefix + named)
            if all(len(stem) == 1 or stem[0].isdigit() or stem in _BARE for stem in named):
                continue
            index.add(key, named)
            code = value.casefold()
            if len(code) == 2 and dimension.name.casefold() in ("country", "market", "region", "geo", "locale"):
                for name in (_COUNTRIES.get(code, ""), *_ALIASES.get(code, ())):
                    index.add(key, name)

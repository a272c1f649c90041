"""Lists of experiments by what they are: when they began or ended, what they measure, how they are built, their words.

A list is read only where the whole question is one of these forms: what is left over may be a condition.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from gateway.ask.dates import YearNeeded, days_in
from gateway.ask.lexical import is_lexical
from gateway.ask.lexicon import COUNTS, HARMLESS
from gateway.ask.linking import context_names
from gateway.ask.phrases import listed
from gateway.ask.text import Board, flat, stem, words_of
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan, ToolCall

_TESTS: Final = r"(?:experiments?|tests?|trials?)"
_ASKING: Final = (
    r"(?:(?:please|show|list|give|tell|name|find|get|see|search|look|count|for|me|us|all|the|our|any|every|which|what|"
    r"how|many|number|of|are|is|was|were|there|do|does|did|we|you|i|have|has|had|can|could|want|need|know|to|an?|and|"
    r"so|ok|hey|hi|those|these|exactly|currently) )*"
)
_LINKING: Final = r"(?: (?:that|which|who|have|has|had|been|were|was|are|is|did|do|we|there|got|already|all))*"
_BEGAN: Final = r"(?:start(?:s|ed|ing)?|beg[aiu]n(?:s|ning)?|launch(?:ed|es)?|went live|kicked off|commenced)"
_ENDED: Final = r"(?:end(?:s|ed|ing)?|finish(?:ed|es)?|conclud(?:ed|es)|clos(?:ed|es)|stop(?:ped|s)?|complet(?:ed|es))"
_DATED: Final = re.compile(
    rf"{_ASKING}(?:{_TESTS}{_LINKING} |(?<=what )|(?<=which ))(?:(?P<began>{_BEGAN})|(?P<ended>{_ENDED})) (?P<when>.+)"
)
_MEASURED: Final = re.compile(
    rf"{_ASKING}{_TESTS}{_LINKING} (?:measur(?:e|es|ed|ing)|track(?:s|ed|ing)?|us(?:e|es|ed|ing)|report(?:s|ed|ing)?|"
    r"with|have|has|whose)(?: an?| the)?(?P<before> (?:primary|main|guardrail|secondary)(?: metrics?)?(?: is| of)?)? "
    r"(?P<metric>.+?)(?: as (?:an?|the|their|its) (?P<after>primary|main|guardrail|secondary)(?: metrics?)?)?"
)
_RANDOMISED: Final = re.compile(
    rf"{_ASKING}{_TESTS}{_LINKING} (?:randomi[sz](?:e|es|ed|ing)|assign(?:s|ed|ing)?|run|ran|split|splits)"
    r"(?: (?:by|on|over|at|the|level))* (?P<unit>users?|devices?|rows?)(?: level)?"
)
_ARMED: Final = re.compile(
    rf"{_ASKING}{_TESTS}{_LINKING} (?:with|have|has|having) (?P<how>more than |at least |over |fewer than |less than "
    r"|at most |exactly |only )?(?P<count>\d+|two|three|four|five) (?:or (?P<or>more|fewer) )?"
    r"(?:arms?|variants?|variations?|groups?|treatments?)"
)
_SOUGHT: Final = (
    re.compile(
        rf"{_ASKING}{_TESTS}{_LINKING} (?:about|on|regarding|concerning|called|named|mentioning|around|involving|"
        r"to do with|dealing with)(?: the| our| an?)? (?P<words>.+?)(?: in (?:the|their|its) (?:names?|titles?|ids?|"
        r"descriptions?))?"
    ),
    re.compile(
        rf"{_ASKING}{_TESTS}{_LINKING} (?:with|containing|having|that contain|whose names? (?:contains?|has|have))"
        r"(?: the)?(?: words?)? (?P<words>.+?) in (?:the|their|its) (?:names?|titles?|ids?|descriptions?)"
    ),
    re.compile(rf"(?=(?:search|find|look|list|show|which|what|any|all|are|is) ){_ASKING}(?P<words>.+?) {_TESTS}"),
)
_COLUMNS: Final = ("experiment_id", "name", "status", "started_at", "ended_at")
_NO_YEAR: Final = 2000
"""Of the day that stands where an import gave none."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One reading of a question as a list."""

    said: str
    call: ToolCall | None = None
    ask: str = ""
    choices: tuple[str, ...] = ()


def read(text: str, focus: dict[str, Any], vocabulary: Vocabulary) -> Plan | None:
    """The plan for a question that asks for such a list, and for nothing else."""
    spoken = flat(text)
    for reader in _READERS:
        found = reader(spoken, vocabulary)
        if found and found.call:
            return Plan(f"{found.said}.", (found.call,), focus={**_kept(focus), **_words(vocabulary)})
        if found:
            return Plan(f"{found.said}.", question_back=found.ask, choices=found.choices, focus=focus)
    return None


def _words(vocabulary: Vocabulary) -> dict[str, Any]:
    titles = {item.id: vocabulary.title(item) for item in vocabulary.experiments}
    return {"intents": ["list"], "wording": {"experiments": titles}}


def _kept(focus: dict[str, Any]) -> dict[str, Any]:
    return {name: focus[name] for name in ("populations",) if name in focus}


def _dated(spoken: str, vocabulary: Vocabulary) -> Listing | None:
    found = _DATED.fullmatch(spoken)
    if found is None:
        return None
    verb, column = ("began", "started_at") if found["began"] else ("ended", "ended_at")
    moments = [item.started if found["began"] else item.ended for item in vocabulary.experiments]
    years = {moment.year for moment in moments if moment and moment.year != _NO_YEAR}
    days = days_in(found["when"], years)
    if isinstance(days, YearNeeded):
        choices = tuple(f"Which experiments {verb} {found['when']} {year}?" for year in days.years)
        return Listing(f"experiments that {verb} {found['when']}", ask="Of which year?", choices=choices)
    if days is None:
        return None
    return Listing(
        f"experiments that {verb} {days.in_words()}", _query("dim_experiments", _COLUMNS, days.filters(column))
    )


def _query(asset: str, columns: tuple[str, ...], filters: list[list[Any]]) -> ToolCall:
    order = [["experiment_id", "asc"]]
    return ToolCall("query_marts", {"asset": asset, "columns": list(columns), "filters": filters, "order_by": order})


def _measured(spoken: str, vocabulary: Vocabulary) -> Listing | None:
    found = _MEASURED.fullmatch(spoken)
    if found is None:
        return None
    metrics = _metrics(found["metric"], vocabulary)
    role = (found["before"] or found["after"] or "").split()
    if not metrics:
        return None
    if len(metrics) > 1:
        choices = tuple(f"Which experiments measure {metric}?" for metric in metrics)
        return Listing("experiments by what they measure", ask=f"Which one: {listed(metrics, 'or')}?", choices=choices)
    label = vocabulary.label(metrics[0])
    if role and role[0] in ("primary", "main"):
        filters = [["primary_metric_id", "=", metrics[0]]]
        return Listing(f"experiments whose primary metric is {label}", _query("dim_experiments", _COLUMNS, filters))
    filters = [["metric_id", "=", metrics[0]], *([["role", "=", role[0]]] if role else [])]
    columns = ("experiment_id", "metric_id", "role", "window_days", "noninferiority_margin")
    as_a = f" as a {role[0]} metric" if role else ""
    return Listing(f"experiments that measure {label}{as_a}", _query("dim_experiment_metrics", columns, filters))


def _metrics(text: str, vocabulary: Vocabulary) -> list[str]:
    """The metrics that a text is the whole name of."""
    index = context_names(vocabulary, None, segments=False)
    words = list(words_of(text))
    hit = next(index.exact(Board(words), lambda start, end, _: end - start == len(words)), None)
    return [key[1] for key in hit.keys] if hit else []


def _randomised(spoken: str, _: Vocabulary) -> Listing | None:
    found = _RANDOMISED.fullmatch(spoken)
    if found is None:
        return None
    unit = stem(found["unit"])
    columns = (*_COLUMNS, "unit_type")
    return Listing(f"experiments that assign by {unit}", _query("dim_experiments", columns, [["unit_type", "=", unit]]))


def _armed(spoken: str, _: Vocabulary) -> Listing | None:
    found = _ARMED.fullmatch(spoken)
    if found is None:
        return None
    count = int(COUNTS.get(found["count"]) or found["count"])
    sign = {"more": ">=", "fewer": "<="}.get(found["or"] or "") or {
        "more than": ">", "over": ">", "at least": ">=", "fewer than": "<", "less than": "<", "at most": "<=",
    }.get((found["how"] or "").strip(), "=")  # fmt: skip
    columns = (*_COLUMNS, "n_variations")
    call = _query("dim_experiments", columns, [["n_variations", sign, count]])
    how = {">": "more than ", ">=": "at least ", "<": "fewer than ", "<=": "at most ", "=": ""}[sign]
    return Listing(f"experiments with {how}{count} arms, control included", call)


def _sought(spoken: str, vocabulary: Vocabulary) -> Listing | None:
    found = next((found for pattern in _SOUGHT if (found := pattern.fullmatch(spoken))), None)
    if found is None:
        return None
    words = words_of(found["words"])
    known = Board(list(words))
    named = next(context_names(vocabulary, None, segments=False).exact(known, lambda *_: True), None)
    if named or not words or len(words) > 3 or not all(word.text.isalpha() and len(word.text) > 2 for word in words):
        return None
    told = [f"{item.id} {item.name} {item.description}".casefold() for item in vocabulary.experiments]
    introduced = found.re is not _SOUGHT[-1] and all(any(word.stem in text for text in told) for word in words)
    if any(word.text in HARMLESS or (is_lexical(word.text) and not introduced) for word in words):
        return None
    whole = {item.name.casefold() for item in vocabulary.experiments}
    if found["words"] in whole:
        return None
    search = " ".join((*(word.text for word in words[:-1]), words[-1].stem))
    said = f"experiments with “{search}” in their id, name or description"
    return Listing(said, ToolCall("list_experiments", {"search": search}))


_READERS: Final[tuple[Callable[[str, Vocabulary], Listing | None], ...]] = (
    _dated, _armed, _randomised, _measured, _sought,
)  # fmt: skip

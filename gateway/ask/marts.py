"""Questions about the marts themselves: what one holds, what a column means, its rows, how many there are.

A mart that the asker may not know of reads as one that is not there.
"""

import re
from dataclasses import replace
from typing import Any, Final

from gateway.ask import replies
from gateway.ask.lexicon import HARMLESS
from gateway.ask.phrases import few
from gateway.ask.text import flat
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan, ToolCall

_NOUN: Final = r"(?:mart|marts|table|tables|asset|dataset|view)"
_IT: Final = rf"(?:(?:the|a|our|this|{_NOUN}) )*(?P<mart>[a-z]\w*)(?: {_NOUN})?"
_PART: Final = r"(?:columns?|fields?|schema|structure|grain|keys?|pins?)"
_POLITE: Final = (
    r"(?:(?:please|pls|can|could|you|now|and|so|then|ok|what about|how about|tell|me|us|i|want|to|know|need) )*"
)
_SHOW: Final = r"(?:show|list|give|print|display|get)(?: me| us)?(?: the| all| every)*"
_DESCRIBE: Final = (
    rf"(?:(?:describe|explain|document|about) )?{_IT}",
    rf"(?:what|which)(?: are| is)?(?: the)? {_PART} (?:does|do|are in|of|has|in|there in) {_IT}(?: have| contain)?",
    rf"what (?:is|are|does) (?:there )?(?:in )?{_IT}(?: (?:hold|contain|have|about|for|mean|store))?",
    rf"(?:{_SHOW} |what (?:are|is)(?: the)? )?(?:the )?(?:{_PART}|definition|description) (?:of|in|for|from) {_IT}",
    rf"{_IT} {_PART}",
    rf"how is {_IT} (?:built|structured|defined|organi[sz]ed)",
)
_ROWS: Final = (
    rf"(?:{_SHOW} )?(?:rows?|contents?|content|data|entries|records) (?:of|in|from) {_IT}",
    rf"(?:show|list|display|get)(?: me| us)?(?: the| all)* {_IT}",
)
_COUNT: Final = (
    rf"how (?:many rows|big|large|long)(?: (?:are|is))?(?: there)?(?: in)?(?: does)? {_IT}(?: have| has| contain)?",
    rf"(?:number of rows|row count|count (?:the )?rows)(?: (?:of|in|for))? {_IT}",
)
_COLUMN: Final = re.compile(
    rf"{_POLITE}(?:what (?:does|is|do|are)(?: the)?(?: column| field)? (?P<first>[a-z]\w*)"
    r"(?: (?:mean|means|stand for|hold|contain))?"
    r"|(?:meaning|definition|description) of(?: the)?(?: column| field)? (?P<second>[a-z]\w*)"
    r"|(?:explain|define|describe)(?: the)?(?: column| field)? (?P<third>[a-z]\w*))"
)
_EVENTS: Final = re.compile(
    rf"{_POLITE}(?:(?:what is|how is|show|show me|is|check) )?(?:the )?(?:metric |raw )?events? (?:data )?quality"
    r"(?: (?:by|per) (?:day|event))*(?: (?:ok|like))?"
    rf"|{_POLITE}(?:how many|number of|show|list|were there|are there)(?: me)?(?: any| the)* "
    r"(?:duplicate[ds]?|dropped|dirty|invalid|not finite|non finite|raw) (?:metric )?(?:events?|values?)"
    r"(?: (?:were|are|was|have|been|there|dropped|removed|found|left out|received|per|by|each|a|every|day|event|"
    r"over time|daily))*"
)
_FORMS: Final = tuple(
    (kind, re.compile(_POLITE + form))
    for kind, forms in (("count", _COUNT), ("rows", _ROWS), ("describe", _DESCRIBE))
    for form in forms
)
_LOOKS_LIKE_ONE: Final = re.compile(r"(?:fct|dim|agg|int|stg|raw|rpt|mart)_\w+")
_NAMED_ONE: Final = re.compile(
    r"\b(?:(?:mart|table|dataset) (?P<after>[a-z]\w*)|(?P<before>[a-z]\w*) (?:mart|table|dataset))\b"
)
_EVENT_MART: Final = "fct_metric_event_quality_daily"


def read(text: str, focus: dict[str, Any], vocabulary: Vocabulary) -> Plan | None:
    """The plan for a question about the marts; None where it is about something else."""
    spoken = flat(text)
    for kind, form in _FORMS:
        found = form.fullmatch(spoken)
        if found and found["mart"] in vocabulary.marts:
            return _PLANS[kind](found["mart"], focus, vocabulary)
    if _EVENT_MART in vocabulary.marts and _EVENTS.fullmatch(spoken):
        columns = list(vocabulary.marts[_EVENT_MART].columns)
        call = ToolCall("query_marts", {"asset": _EVENT_MART, "columns": columns, "order_by": [["date_day", "asc"]]})
        return Plan("Metric events received, and dropped, by event and day.", (call,), focus=focus)
    return _column(spoken, focus, vocabulary) or _missing(spoken, focus, vocabulary)


def _describe(mart: str, focus: dict[str, Any], _: Vocabulary) -> Plan:
    return Plan(f"What {mart} holds.", (ToolCall("describe_marts", {"asset": mart}),), focus=focus)


def _rows(mart: str, focus: dict[str, Any], vocabulary: Vocabulary) -> Plan:
    """Its rows, where they may be listed as they are."""
    known = vocabulary.marts[mart]
    if known.is_list:
        return Plan(
            f"The rows of {mart}.",
            (ToolCall("query_marts", {"asset": mart, "columns": list(known.columns)}),),
            focus=focus,
        )
    text = (
        f"The rows of {mart} can't be listed as they are: something has to be fixed or counted first. "
        "What it holds can be told."
    )
    return Plan(f"The rows of {mart}.", question_back=text, choices=(f"describe {mart}",), focus=focus)


def _count(mart: str, focus: dict[str, Any], vocabulary: Vocabulary) -> Plan:
    if not vocabulary.marts[mart].is_list:
        return _rows(mart, focus, vocabulary)
    call = ToolCall("query_marts", {"asset": mart, "metrics": ["count(*) as n_rows"]})
    return Plan(f"How many rows {mart} has.", (call,), focus=focus)


_PLANS: Final = {"describe": _describe, "rows": _rows, "count": _count}


def _column(spoken: str, focus: dict[str, Any], vocabulary: Vocabulary) -> Plan | None:
    """ "What does uplift_abs mean": the mart that has the column describes it."""
    found = _COLUMN.fullmatch(spoken)
    name = found and (found["first"] or found["second"] or found["third"])
    if not name or "_" not in name or _is_known(name, vocabulary):
        return None
    holders = [mart for mart, known in vocabulary.marts.items() if name in known.columns]
    if not holders:
        return None
    if len(holders) == 1:
        about = {**focus, "column": name}
        return replace(_describe(holders[0], about, vocabulary), interpretation=f"Column {name}, of {holders[0]}.")
    text = f"{name} is a column of {few(holders)}: in which?"
    return Plan(
        f"Column {name}.", question_back=text, choices=tuple(f"describe {mart}" for mart in holders), focus=focus
    )


def _missing(spoken: str, focus: dict[str, Any], vocabulary: Vocabulary) -> Plan | None:
    """A mart that is named and is not there."""
    said = _LOOKS_LIKE_ONE.search(spoken)
    named = _NAMED_ONE.search(spoken)
    name = said.group() if said else (named["after"] or named["before"]) if named else ""
    if not name or name in vocabulary.marts or name in HARMLESS or _is_known(name, vocabulary):
        return None
    choices = tuple(f"describe {mart}" for mart in list(vocabulary.marts)[:8])
    text = f"There is no mart named {name} here. There is: {few(list(vocabulary.marts), 20)}."
    return Plan(question_back=text, choices=choices or replies.lost(vocabulary, "").choices, focus=focus)


def _is_known(name: str, vocabulary: Vocabulary) -> bool:
    """Whether it is an experiment's or a metric's id: then that is what is meant."""
    return bool(vocabulary.experiment(name)) or name in vocabulary.metrics() or name in vocabulary.catalogue

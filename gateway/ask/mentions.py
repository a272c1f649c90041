"""Which things a sentence names, and which of their names hold digits that are no numbers.

Names come out of a database. One that reads like a finding ("up 40 %") stays unread as a name, whatever it is the name
of: its number then has to be borne out like any other.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.answer import Answer, Evidence
from gateway.ask import numerals
from gateway.ask.claims import judges
from gateway.ask.facts import WHOLE
from gateway.ask.numerals import MASK
from gateway.ask.prose import harmless

ATTRIBUTES: Final = ("experiment_id", "metric_id", "variation_id", "dimension_value")
_NAME_OF: Final = {"name": ("experiment_id", "variation_id"), "label": ("metric_id",)}
"""Columns that say how the thing of another column of the same row is called; the first that the table has."""
_ID: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z_][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
_FINDING: Final = re.compile(
    r"(?i)\b(?:up|down|by|plus|minus|rose|rise[sn]?|fell|falls?|gain\w*|drop\w*|lift\w*|increas\w*|decreas\w*|improv\w*"
    r"|high\w*|low\w*|better|worse|win\w*|won|los[est]\w*|significant\w*|launch\w*|more|less|fewer|users?|units?|"
    r"customers?)\b"
)
_COMMON: Final = frozenset(
    ("new", "all", "other", "none", "yes", "no", "true", "false", "total", "control", "treatment")
)
"""Names of segments and arms that are words of any sentence: alone they name something only with a noun behind them."""
_SEGMENT: Final = re.compile(r"(?i)\s+(?:users?|customers?|visitors?|units?|people|segment|buyers?|shoppers?)\b")
_WHOLE: Final = re.compile(r"(?i)\b(?:overall|in total|all units|all users|everyone|altogether)\b")
_LONGEST: Final = 80


@dataclass(slots=True)
class Names:
    """Names that may stand in a sentence, and the ids of what they name."""

    ids: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    """By name, case folded: (attribute, id)."""
    trusted: set[str] = field(default_factory=set)
    """Names that the contract gives, or the user: they may hold any digits."""
    _pattern: re.Pattern[str] | None = None
    _masking: re.Pattern[str] | None = None

    def trust(self, name: str, attribute: str = "", of: str = "") -> None:
        """A name of the contract's or the user's own."""
        self.trusted.add(name.casefold())
        self._know(name, attribute, of)

    def learn(self, answer: Answer) -> None:
        """The names that a result holds."""
        for item in answer.evidence:
            for attribute in (*ATTRIBUTES, "control_variation_id"):
                name = getattr(item, attribute)
                self._know(name or "", attribute.removeprefix("control_"), name or "")
        for row in answer.table.rows[:500]:
            self._learn_row(dict(zip(answer.table.columns, row, strict=True)))

    def masked(self, text: str) -> str:
        """The text with the names that hold digits or number words taken out."""
        if self._masking is None:
            names = [name for name in self.ids if _holds_number(name) and (name in self.trusted or is_harmless(name))]
            self._masking = _any_of(names)
        return self._masking.sub(lambda found: MASK * len(found.group()), text)

    def unclaimed(self, text: str) -> str:
        """The text without the names that hold a word of a claim, such as "Free shipping" or "Drop-off"."""
        return self._names().sub(self._without_claims, text)

    def _without_claims(self, found: re.Match[str]) -> str:
        name = found.group().casefold()
        kept = name not in self.trusted and (" " not in name or judges(name))
        return found.group() if kept else MASK * len(found.group())

    def blanked(self, text: str) -> str:
        """The text without any name at all, however it reads: of what a tool wrote, what is its own."""
        return self._names().sub(" ", text)

    def about(self, text: str, evidence: Iterable[Evidence]) -> list[Evidence]:
        """The evidence that a sentence is about: all of it where the sentence names nothing."""
        kept = list(evidence)
        for attribute, ids in self.named(text).items():
            fitting = [item for item in kept if getattr(item, attribute, None) in ids]
            kept = fitting or kept
        return kept

    def named(self, text: str) -> dict[str, set[str]]:
        """The ids of what a text names, by attribute."""
        named: dict[str, set[str]] = {}
        besides: set[tuple[str, str]] = set()
        for found in self._names().finditer(text):
            name = found.group().casefold()
            if name in _COMMON and not _SEGMENT.match(text, found.end()):
                besides |= self.ids[name]
                continue
            for attribute, of in self.ids[name]:
                named.setdefault(attribute, set()).add(of)
        for attribute, of in besides:  # "in control and in tour"
            if attribute in named:
                named[attribute].add(of)
        if _WHOLE.search(text) and "dimension_value" in named:
            named["dimension_value"].add(WHOLE)
        return named

    def _names(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = _any_of(self.ids)
        return self._pattern

    def _learn_row(self, row: Mapping[str, Any]) -> None:
        for attribute in ATTRIBUTES:
            if isinstance(row.get(attribute), str):
                self._know(row[attribute], attribute, row[attribute])
        for column, attributes in _NAME_OF.items():
            attribute = next((name for name in attributes if name in row), "")
            if attribute and isinstance(row.get(column), str):
                self._know(row[column], attribute, str(row[attribute]))
        for column in ("asset", "column"):
            if isinstance(row.get(column), str):
                self._know(row[column], "", "")

    def _know(self, name: str, attribute: str, of: str) -> None:
        told = harmless(name).casefold()
        if not 1 < len(told) <= _LONGEST:
            return
        known = self.ids.setdefault(told, set())
        if attribute and (attribute, of) not in known:
            known.add((attribute, of))
        self._pattern = self._masking = None


def is_harmless(name: str) -> bool:
    """Whether the digits of a name can't be taken for a finding: an id, or words with a plain number among them."""
    if _ID.fullmatch(name):
        return True
    if _FINDING.search(name):
        return False
    read = numerals.read(name)
    if read.unreadable and not all(_ID.fullmatch(word) for word in re.findall(r"\w*\d\w*", name) if not word.isdigit()):
        return False
    return all(item.unit in ("", "days") and not item.sign and not item.bound for item in read.quantities)


def _holds_number(name: str) -> bool:
    read = numerals.read(name)
    return bool(read.quantities or read.days or read.unreadable)


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """Any of these names, the longest first, where it stands by itself."""
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?i)(?<![\w%])(?:{'|'.join(map(re.escape, ordered))})(?![\w%])" if ordered else r"(?!)")

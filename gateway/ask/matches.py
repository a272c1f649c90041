"""Whether a number in a sentence is a value of the evidence: the same, rounded, in its unit, with its sign."""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from gateway.ask.facts import EFFECTS, Fact, Kind
from gateway.ask.numerals import Quantity

_NEAR: Final = 0.05
"""How far, relative to the value, round figures ("15,000", "doubled", "one in eight") may be from it."""
_DUST: Final = 1e-9
_P: Final = re.compile(r"(?i)\bp(?:[- ]?values?)?\b[^0-9,;()]{0,30}[(=<>≤≥~≈ ]*$")
_THRESHOLDS: Final = frozenset((0.1, 0.05, 0.01, 0.005, 0.001, 0.0001))
"""What p-values are held against by custom: "p < 0.05" is said of any that is."""
_CHANCE_BEFORE: Final = re.compile(r"(?i)\b(?:chances?|probabilit\w+|likel\w+|odds|certain\w*)\b[^.;,]{0,60}$")
_CHANCE_AFTER: Final = re.compile(r"(?i)^[^.;,(]{0,12}\b(?:chance|probability|likel\w+|odds|certain\w*|sure)\b")
_LEVEL: Final = re.compile(
    r"(?i)^\W*(?:always[- ]valid |fixed[- ]horizon |two[- ]sided )?(?:confidence|credible"
    r"|interval|ci\b|cis\b|coverage)"
)
_ALPHA: Final = re.compile(r"(?i)^\W*(?:significance|level|alpha)")
_CHANGED: Final = re.compile(
    r"(?i)\b(?:(?P<up>rose|risen|rise|rises|rising|increas\w*|rais\w*|grew|grow\w*|gain\w*|climb\w*|higher|up|boost\w*"
    r"|lifted|jump\w*|improv\w*|plus|more)"
    r"|(?P<down>fell|fall\w*|drop\w*|declin\w*|decreas\w*|lower\w*|down|reduc\w*|shr[aiu]nk|plung\w*|minus|less|"
    r"fewer|loss|lost)"
    r"|(?P<open>lift|uplift|difference|effect|change[sd]?|delta))\b"
)
_IDIOMS: Final = re.compile(
    r"(?i)\b(?:(?:lower|higher|less|more) (?:is|are) better|(?:lower|upper|higher) (?:end|bound|limit)s?|(?:more"
    r"|less|higher|lower|fewer) than"
    r"|up to)\b"
)
_BY: Final = re.compile(
    r"(?i)(?:(?:by|of|is|was|were|are)\s*)?(?:(?:about|around|roughly|over|nearly|almost|some|an?|the|more than"
    r"|under|~|≈|[<>≤≥])\s*)*"
)
"""Between a word of change and its amount: "rose by about", "a lift of"; not "rose to", which says where it got."""
_PLANNING: Final = re.compile(
    r"(?i)\b(?:detect\w*|finds?|need(?:s|ed)?|takes?|power|plan(?:s|ned|ning)?|smallest|minimum|sample size"
    r"|to see|target\w*)\b"
)
_DONE: Final = re.compile(
    r"(?i)\b(?:rose|increased|grew|gained|fell|dropped|declined|decreased|improved|won|beat"
    r"|measured|was|were)\b"
)


class Facts:
    """Values in the order of their size, so that a number is held only against those that it could be."""

    def __init__(self) -> None:
        self._all: set[Fact] = set()
        self._sorted: list[Fact] | None = None
        self._sizes: list[float] = []
        self._ids: dict[str, set[str]] = {}

    def __iadd__(self, facts: Iterable[Fact]) -> Self:
        for fact in facts:
            if math.isfinite(fact.value):
                self._all.add(fact)
                for attribute, ids in fact.about:
                    self._ids.setdefault(attribute, set()).update(ids)
        self._sorted = None
        return self

    def near(self, item: Quantity) -> Iterator[Fact]:
        """The facts that a number may stand for, by their size in any unit that it may be in; and every p-value."""
        ordered = self._ordered()
        shown, step = float(item.value), float(item.step)
        sizes = (
            (shown, step),  # as it stands
            (shown / 100, step / 100),  # percent, points
            (shown / 10_000, step / 10_000),  # basis points
            (1 - shown / 100, step / 100),  # a level of significance
            (shown - 1, max(step, _NEAR * shown)),  # times
        )
        places = {place for size, room in sizes for place in self._between(abs(size), room)}
        yield from (ordered[place] for place in places)
        if item.bound:
            yield from (fact for fact in ordered if fact.kind is Kind.P)

    def named(self, attribute: str) -> set[str]:
        """The ids of an attribute that any value is of."""
        return self._ids.get(attribute, set())

    def hold(self, value: float) -> bool:
        """Whether a value is among them."""
        ordered = self._ordered()
        near = self._between(abs(value), 0.0)
        return any(abs(ordered[place].value - value) <= _DUST * abs(value) for place in near)

    def _between(self, size: float, room: float) -> range:
        room = max(room, 2 * _NEAR * size) * (1 + _DUST) + _DUST * size
        return range(bisect_left(self._sizes, size - room), bisect_right(self._sizes, size + room))

    def _ordered(self) -> list[Fact]:
        if self._sorted is None:
            self._sorted = sorted(self._all, key=lambda fact: abs(fact.value))
            self._sizes = [abs(fact.value) for fact in self._sorted]
        return self._sorted


@dataclass(frozen=True, slots=True)
class Place:
    """What stands around a number, as far as it says what the number is."""

    is_p: bool = False
    is_chance: bool = False
    is_level: bool = False
    is_alpha: bool = False
    is_change: bool = False
    """Said of a change: "by 3 %", "3 % higher", "+3 %"."""
    direction: int = 0
    """The sign that the words around it give it; 0 where they give none."""
    is_planning: bool = False

    @classmethod
    def of(cls, text: str, item: Quantity) -> Self:
        """The place of one number in its sentence."""
        plain = _IDIOMS.sub(lambda found: " " * len(found.group()), text)
        before, after = plain[: item.start], plain[item.end :]
        behind, last = _CHANGED.match(after.lstrip(" ,(")), _last(before)
        near = behind or last
        direction = 0 if near is None else 1 if near["up"] else -1 if near["down"] else 0
        between = None if last is None else before[last.end() :].strip("+−–- (=:")
        is_change = behind is not None or (between is not None and _BY.fullmatch(between) is not None)
        return cls(
            is_p=_P.search(before) is not None,
            is_chance=any((_CHANCE_BEFORE.search(before), _CHANCE_AFTER.search(after))),
            is_level=_LEVEL.match(after) is not None,
            is_alpha=_ALPHA.match(after) is not None,
            is_change=is_change or item.sign > 0,
            direction=direction,
            is_planning=_PLANNING.search(text) is not None and _DONE.search(text) is None,
        )


def matches(item: Quantity, fact: Fact, place: Place) -> bool:
    """Whether the number may stand for the fact."""
    if fact.kind is Kind.LEVEL:
        return _is_level(item, fact, place)
    if fact.kind is not Kind.CELL and ((fact.kind is Kind.P) != place.is_p or _is_other_chance(fact, place)):
        return False
    if place.is_change and fact.kind not in (*EFFECTS, Kind.CELL, Kind.PLANNED, Kind.COUNT, Kind.DAYS):
        return False
    units = {item.unit, item.inherits} if not item.unit and item.inherits else {item.unit}
    return any(_in_unit(item, unit, fact, place) for unit in units)


def _is_other_chance(fact: Fact, place: Place) -> bool:
    """A probability is said as one, and nothing else that is a percentage is."""
    return (fact.kind is Kind.CHANCE) != place.is_chance and (
        fact.kind is Kind.CHANCE or fact.kind in (Kind.SHARE, Kind.VALUE)
    )


def _is_level(item: Quantity, fact: Fact, place: Place) -> bool:
    shown = float(item.value)
    if item.unit != "%" or item.sign:
        return False
    return (place.is_level and abs(shown - 100 * fact.value) < _DUST * 100) or (
        place.is_alpha and abs(shown - 100 * (1 - fact.value)) < _DUST * 100
    )


def _in_unit(item: Quantity, unit: str, fact: Fact, place: Place) -> bool:
    """Whether the number, read in this unit, is the fact in this unit."""
    kind, value = fact.kind, fact.value
    match unit:
        case "%":
            fits = kind in (Kind.SHARE, Kind.CHANCE, Kind.LIFT, Kind.PLANNED) or (kind is Kind.VALUE and fact.share)
            fits = fits or (kind is Kind.CELL and value != int(value))
            whole = kind in (Kind.SHARE, Kind.CHANCE) and float(item.value) in (0, 100) and value not in (0, 1)
            return fits and not whole and _signed(item, 100 * value, fact, place)
        case "points":
            fits = (kind in (Kind.CHANGE, Kind.SIZE) and fact.share) or kind in (Kind.CELL, Kind.PLANNED)
            return fits and abs(value) <= 1 and _signed(item, 100 * value, fact, place)
        case "bps":
            return kind is Kind.CHANGE and fact.share and _signed(item, 10_000 * value, fact, place)
        case "times":
            return kind is Kind.LIFT and not item.sign and _close(item, 1 + value, round_figure=item.step == 0)
        case "ratio":
            fits = kind in (Kind.SHARE, Kind.CHANCE) or (kind is Kind.VALUE and fact.share)
            return fits and not item.sign and abs(float(item.value) - value) <= _NEAR * value
        case "days":
            return kind is Kind.DAYS and not item.sign and _close(item, value)
        case "currency":
            return kind in (Kind.VALUE, Kind.CHANGE, Kind.SIZE, Kind.CELL) and _signed(item, value, fact, place)
        case "":
            return _bare(item, fact, place)
        case _:
            return False


def _bare(item: Quantity, fact: Fact, place: Place) -> bool:
    """A number without a unit. Fractions need their decimals: "1" is no 0.95."""
    if fact.kind is Kind.DAYS:
        return not item.sign and _close(item, fact.value)
    if fact.kind is Kind.COUNT:
        return not item.sign and not place.is_change and not item.decimals and _close(item, fact.value)
    if fact.kind is Kind.P:
        value = float(item.value)
        return value > 0 and (
            _close(item, fact.value) or (item.bound == "<" and value in _THRESHOLDS and fact.value < value)
        )
    if not item.decimals and abs(fact.value) < 10 and fact.value != float(item.value):
        return False
    return _signed(item, fact.value, fact, place)


def _signed(item: Quantity, value: float, fact: Fact, place: Place) -> bool:
    """The size, and the sign: of effects and cells it has to be said, by a sign or by a word like "fell"."""
    if not _close(item, abs(value)):
        return False
    if fact.kind not in (*EFFECTS, Kind.CELL, Kind.PLANNED):
        return item.sign >= 0 and (value >= 0) and not (item.sign > 0)
    if value == 0 or item.value == 0:
        return True
    if item.sign:
        return (item.sign > 0) == (value > 0)
    return value > 0 if place.direction >= 0 else value < 0


def _close(item: Quantity, value: float, *, round_figure: bool = False) -> bool:
    """Whether the size that is shown is the value, rounded to the digits that are shown."""
    shown, step = float(item.value), float(item.step)
    gap = abs(shown - value)
    if round_figure:
        return gap <= _NEAR * abs(value)
    if gap <= _DUST * max(abs(shown), abs(value)):
        return True
    if shown == 0:
        return item.decimals and gap <= step / 2
    if gap <= step / 2 * (1 + _DUST):
        return step <= 1 or gap <= _NEAR * abs(value)
    return _is_bound(item, value) or _is_round(shown, step, gap, value)


def _is_round(shown: float, step: float, gap: float, value: float) -> bool:
    """Zeros at the end of a whole number may be rounding: 15,000 for 15,101."""
    if step < 1 or gap > _NEAR * abs(value):
        return False
    while shown % (10 * step) == 0 and shown:
        step *= 10
    return gap <= step / 2


def _is_bound(item: Quantity, value: float) -> bool:
    """ "over 99.9 %" of 99.97, "under 0.1 %" of 0.03: true, and the closest that its digits can say."""
    shown, step = float(item.value), float(item.step)
    if item.bound == ">":
        return 0 <= value - shown < max(step, min(_NEAR * abs(value), _zeros(shown, step)))
    if item.bound == "<":
        return 0 <= shown - value < max(step, min(_NEAR * abs(value), _zeros(shown, step)))
    return False


def _zeros(shown: float, step: float) -> float:
    """What the last digit that is not a zero counts."""
    while step >= 1 and shown and shown % (10 * step) == 0:
        step *= 10
    return step


def _last(text: str) -> re.Match[str] | None:
    found = None
    for found in _CHANGED.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found

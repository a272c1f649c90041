"""How people ask for plans: how many units, how long, how small an effect, and whether a test is powered.

A planning question is told by its own words. Its figures are read here, each by the words around it, before any other
reading can take a percentage for an interval's level. Words that are left over are not understood, as everywhere.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from gateway.ask import intents
from gateway.ask.planning_words import EFFECT, FALLING, FILLER, KINDS, ON_THE_WAY, OPTIONS, SLOTS, TRIGGER, Kind
from gateway.ask.text import Board


@dataclass(frozen=True, slots=True)
class Planned:
    """What a planning question says. None where it says nothing."""

    kind: Kind = ""
    """What it asks for: a size, a time, an effect, or whether a size is enough."""
    twice: str = ""
    """What the question gives two figures for, and a plan takes one of."""
    effects: tuple[float, ...] = ()
    """Unsigned, as fractions: a plan takes one."""
    points: bool = False
    """The effect is in percentage points, not relative."""
    falling: bool = False
    """The effect is spoken of as a fall."""
    units: int | None = None
    per_arm: bool = False
    days: float | None = None
    daily_units: float | None = None
    power: float | None = None
    level: float | None = None
    baseline: float | None = None
    """A rate, typed with the question: then no experiment is needed."""
    mean: float | None = None
    sd: float | None = None
    """The same for a metric that is no rate: it takes both."""
    shares: tuple[float, ...] = ()
    """The split of the traffic, control first."""
    margin: float | None = None
    """A loss that would be tolerable, as a fraction: a test of no more harm than that is planned."""
    one_sided: bool = False
    sequential: bool = False
    cuped: bool = False

    @property
    def stands_alone(self) -> bool:
        """Whether what the metric is without treatment was typed with the question."""
        return self.baseline is not None or self.mean is not None

    def over(self, before: "Planned") -> "Planned":
        """What is said now, completed from what was said before."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        blank = Planned()
        given = {name: value for name, value in said.items() if value != getattr(blank, name)}
        if self.effects:
            given |= {"points": self.points, "falling": self.falling}
        if (self.days is None) != (self.units is None):  # a size is in units or in days: the new one takes the place
            before = replace(before, units=None, days=None, per_arm=False)
        return replace(before, **given)


def as_json(planned: Planned) -> dict[str, Any]:
    """What was said, as the focus keeps it."""
    blank = asdict(Planned())
    return {name: value for name, value in asdict(planned).items() if value != blank[name] and name != "twice"}


def from_json(kept: Mapping[str, Any]) -> Planned:
    """The same, read back."""
    known = {field.name for field in fields(Planned)}
    given = {name: value for name, value in kept.items() if name in known}
    return Planned(**{**given, **{name: tuple(given.get(name, ())) for name in ("effects", "shares")}})


_COUNTS: Final = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "eight": 8,
    "ten": 10,
}
_DAYS: Final = {"day": 1, "week": 7, "month": 30}
_TIMES: Final = {"k": 1_000, "m": 1_000_000}


def read(board: Board, harmless: frozenset[str], *, continuing: bool) -> Planned | None:
    """The plan that a question asks for, its words claimed; None where it asks for none.

    `continuing`: the conversation is about a plan, so that figures alone are enough: "and for 2 %?".
    """
    start = board.masked()[0]
    if continuing and not intents.QUESTIONS_OF_OUTCOME.matches(start):
        found = _continued(board, harmless)
        if found is not None:
            return found
    if not TRIGGER.matches(start):
        return None
    found = _slots(board)
    board.consume(TRIGGER)
    board.consume(FILLER)
    return found


def _continued(board: Board, harmless: frozenset[str]) -> Planned | None:
    """A follow-up is one only when nothing else is in it."""
    trial = board.copy()
    found = _slots(trial)
    trial.consume(ON_THE_WAY)
    if replace(found, kind="") == Planned() or trial.unread(harmless):
        return None
    board.marks = trial.marks
    return replace(found, kind="")


def _slots(board: Board) -> Planned:
    start = board.masked()[0]
    kind: Kind = next((kind for kind, pattern in KINDS if pattern.matches(start)), "")
    found: dict[str, Any] = {name: bool(board.consume(pattern)) for name, pattern in OPTIONS.items()}
    matched = {name: board.consume(pattern) for name, pattern in SLOTS.items()}
    effects = board.consume(EFFECT)
    for name in ("power", "baseline", "margin"):
        if matched[name]:
            found[name] = _fraction(matched[name][0])
    for name in ("mean", "sd"):
        if matched[name]:
            found[name] = _amount(matched[name][0])
    if matched["shares"]:
        found["shares"] = tuple(float(share) for share in next(filter(None, matched["shares"][0].groups())).split())
    if matched["level"]:
        said = _fraction(matched["level"][0])
        found["level"] = said if said >= 0.5 else 1.0 - said
    if matched["days"]:
        count, unit = (part for part in matched["days"][0].groups() if part)
        found["days"] = float(_COUNTS.get(count) or count) * _DAYS[unit.removesuffix("s")]
    if matched["daily"]:
        found["daily_units"] = _amount(matched["daily"][0])
    if matched["units"]:
        found["units"] = round(_amount(matched["units"][0]))
        found["per_arm"] = bool(re.search(r"(?:arm|group|variant|variation)$", matched["units"][0].group()))
    found |= _effects(matched, effects)
    found["twice"] = next(
        (name for name in matched if name not in ("points", "from_to") and _differ(matched[name])), ""
    )
    found["falling"] = bool(FALLING.matches(start)) and bool(found["effects"])
    return Planned(kind=kind, **found)


def _differ(found: list[re.Match[str]]) -> bool:
    return len({match.groups() for match in found}) > 1


def _effects(matched: Mapping[str, list[re.Match[str]]], relative: list[re.Match[str]]) -> dict[str, Any]:
    if matched["from_to"]:
        start, end = (float(part) / 100 for part in matched["from_to"][0].groups())
        return {"effects": (round(abs(end - start), 12),), "points": True, "baseline": start}
    if matched["target"]:  # a level to be reached: the change to it is known where the baseline is
        target = _fraction(matched["target"][0], percent=True)
        known = [_fraction(match) for match in matched["baseline"][:1]]
        return {"effects": tuple(round(abs(target - start), 12) for start in known), "points": bool(known)}
    in_points = tuple(_fraction(match, percent=True) for match in matched["points"])
    shares = tuple(_fraction(match, percent=True) for match in relative)
    return {"effects": (*in_points, *shares), "points": bool(in_points)}


def _fraction(match: re.Match[str], *, percent: bool = False) -> float:
    """The figure of a match as a fraction: 80% and 0.8 alike."""
    said = next(part for part in match.groups() if part)
    value = float(said)
    return round(
        value if said.startswith("0.") and not percent and f"{said}%" not in match.group() else value / 100, 12
    )


def _amount(match: re.Match[str]) -> float:
    """A count with its thousands: 30k, 1.5m."""
    number, *rest = (part for part in match.groups() if part)
    return float(number) * _TIMES.get(rest[0] if rest else "", 1)

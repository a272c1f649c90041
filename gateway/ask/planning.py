"""How people ask for plans: how many units, how long, how small an effect, and whether a test is powered.

A planning question is told by its own words. Its figures are read here, each by the words around it, before any other
reading can take a percentage for an interval's level. Words that are left over are not understood, as everywhere.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Literal

from gateway.ask import intents
from gateway.ask.patterns import Cued
from gateway.ask.text import Board

Kind = Literal["", "units", "days", "effect", "power"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a planning question says. None where it says nothing."""

    kind: Kind = ""
    """What it asks for: a size, a time, an effect, or whether a size is enough."""
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
    one_sided: bool = False
    sequential: bool = False
    cuped: bool = False

    def over(self, before: "Planned") -> "Planned":
        """What is said now, completed from what was said before."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        blank = Planned()
        given = {name: value for name, value in said.items() if value != getattr(blank, name)}
        if self.effects:
            given |= {"points": self.points, "falling": self.falling}
        return replace(before, **given)


def as_json(planned: Planned) -> dict[str, Any]:
    """What was said, as the focus keeps it."""
    blank = asdict(Planned())
    return {name: value for name, value in asdict(planned).items() if value != blank[name]}


def from_json(kept: Mapping[str, Any]) -> Planned:
    """The same, read back."""
    known = {field.name for field in fields(Planned)}
    given = {name: value for name, value in kept.items() if name in known}
    return Planned(**{**given, "effects": tuple(given.get("effects", ()))})


_PEOPLE = r"(?:users?|customers?|people|persons?|units?|visitors?|shoppers?|devices?|participants?|subjects?|samples?)"
_TO_FIND = r"(?:detect|find|see|show|pick up|measure|notice|catch|prove|tell|discover|observe|identify)"
_NEED = r"(?:needs?|needed|require[sd]?|necessary|sufficient|enough|should|must|have to|has to|would|takes?)"
_EFFECTS = (
    r"(?:effects?|lift|uplift|changes?|differences?|increases?|improvements?|decreases?|drops?|reductions?|gains?|"
    r"movements?|declines?)"
)
_WAITING = r"(?:should|must|would|will|shall|do|does|can|to|until|before|are needed|are required|is needed)"
TRIGGER: Final = Cued(
    "power under over sample mde minimum min smallest minimal detect pick many much long big large enough plan design",
    r"(?:statistical(?:ly)? )?power(?:ed)?(?: (?:calculations?|analysis))?",
    r"(?:under|over|well|adequately|properly|sufficiently) ?powered",
    r"(?:required|needed|necessary|minimum|min) sample(?: sizes?)?",
    rf"sample sizes? (?:\w+ ){{0,4}}?(?:{_NEED}|to {_TO_FIND}|for (?:an? )?\d)",
    r"mde|(?:minimum|min|smallest|minimal) (?:detectable|measurable|discernible)",
    r"detectable",
    rf"(?:smallest|minimum|minimal) (?:true |real |relative |absolute )*{_EFFECTS} (?:\w+ ){{0,4}}?{_TO_FIND}",
    r"(?:to|could|can|would|able to|might|will) (?:\w+ ){0,3}?(?:detect|pick up)"
    rf"(?! (?:an?|any|the) (?:\w+ )?{_EFFECTS}(?! of))",
    rf"how (?:many|much) (?:more |additional |extra )?(?:{_PEOPLE}|traffic|data) (?:\w+ ){{0,5}}?"
    rf"(?:{_NEED}|to {_TO_FIND}|to (?:go|get|move) from)",
    rf"how (?:long|many (?:more |additional |extra )?(?:days?|weeks?|months?)) {_WAITING}",
    r"samples?(?: sizes?)? (?:is |was )?(?:not )?(?:big|large|sufficient) enough",
    r"long enough|(?:is|was) xexp (?:big|large) enough",
    rf"enough (?:{_PEOPLE}|data|traffic|time|power)(?! to (?:launch|ship|decide|roll|release|call|conclude|stop|end))",
    r"(?:plan|planning|design|designing) (?:an? |the |our |my )*(?:new |next )?(?:experiment|test|xexp)",
)  # fmt: skip


def _figures(cues: str, *alternatives: str) -> Cued:
    """A pattern that may end in a percentage, behind which there is no word boundary."""
    return Cued.exact(cues, r"\b(?:" + "|".join(alternatives) + r")(?![\w%])")


_NUMBER = r"(\d+(?:\.\d+)?)"
_SLOTS: Final = {
    "power": _figures("power",
        rf"(?:with |at |for |and )?(?:an? )?{_NUMBER}% (?:statistical )?power",
        r"(?:with |at |for |and )?(?:an? )?(?:statistical )?power (?:of |at |is |to )*(0\.\d+)",
        rf"(?:with |at |for |and )?(?:an? )?(?:statistical )?power (?:of |at |is |to )*{_NUMBER}%"),
    "level": _figures("confidence significance alpha with at",
        rf"(?:with |at |and )?(?:an? |the )?{_NUMBER}% (?:confidence|significance)(?: level| intervals?)?",
        r"(?:with |at |and )?(?:an? |the )?(?:confidence|significance|alpha)(?: level)?(?: of| at| is)? (0\.\d+)",
        rf"(?:with |at |and )?(?:an? |the )?(?:confidence|significance|alpha)(?: level)?(?: of| at| is)? "
        rf"{_NUMBER}%"),
    "from_to": _figures("from", rf"from {_NUMBER}% to {_NUMBER}%"),
    "baseline": _figures("baseline base current control starting today now at",
        rf"(?:with |at |from |given )?(?:an? |the |our )?(?:baseline|base|current|starting|control)"
        rf"(?: (?:conversion|rate|xmet|xctl|value|of|is|at|around|about|level))* {_NUMBER}%",
        rf"(?:with |at |from |given )?(?:an? |the |our )?{_NUMBER}% (?:baseline|base rate|base|current rate)",
        rf"{_NUMBER}% (?:today|currently|now|at the moment)",
        rf"(?:baseline|currently|today)(?: \w+){{0,3}}? {_NUMBER}%"),
    "daily": _figures("*",
        rf"(?:with |at |given |and )?(?:about |around )?{_NUMBER} ?([km])?(?: new)?(?: {_PEOPLE})? "
        r"(?:a|per|each|every) day",
        rf"(?:with |at |given |and )?{_NUMBER} ?([km])? daily(?: {_PEOPLE})?",
        rf"(?:with |at |given |and )?daily traffic (?:of |is )?{_NUMBER} ?([km])?"),
    "units": _figures("*",
        rf"(?:with |at |for |only |just |given |and |have |about |around )*{_NUMBER} ?([km])? "
        rf"(?:more |total |new |assigned )?{_PEOPLE}"
        r"(?: (?:per|in each|in every|each|a) (?:arm|group|variant|variation))?"),
    "days": _figures("*",
        r"(?:in|within|after|for|over|only|just|with|another) (\d+|an?|one|two|three|four|five|six|eight|ten) "
        r"(day|days|week|weeks|month|months)",
        r"(\d+|one|two|three|four|five|six|eight|ten) (day|days|week|weeks|month|months)"),
    "points": _figures("*",
        rf"(?:an? |the |of |by |at least |about |around |even |only |just )*{_NUMBER} ?"
        r"(?:pp|percentage points?|points?|%? ?absolute|%? points?)"),
}  # fmt: skip
_EFFECT: Final = Cued.exact(
    "*",
    rf"(?:\b(?:an?|the|of|by|at least|about|around|even|only|just|relative|true|real|as small as|plus|minus) )*"
    rf"\b{_NUMBER}%(?: relative(?:ly)?)?(?= |$)",
)
_FALLING: Final = Cued(
    "drop decreas reduc declin fall lower loss down minus worse harm",
    r"(?:drop|decreas|reduc|declin|worse|harm)\w*", "falls?", "lower(?:ing)?", "loss", "down", "minus",
)  # fmt: skip
_OPTIONS: Final = {
    "one_sided": Cued("one", r"(?:with |using )?(?:an? )?one (?:sided|tailed)(?: test)?"),
    "sequential": Cued("sequential always peek looking",
        r"(?:with |using |and )?(?:sequential(?:ly)?|always valid|peeking|looking (?:daily|every day|at it daily))"
        r"(?: (?:test(?:ing)?|intervals?|analysis))?"),
    "cuped": Cued("cuped variance", r"(?:with |using |and )?(?:cuped|variance reduction)"),
}  # fmt: skip
_KINDS: Final[tuple[tuple[Kind, Cued], ...]] = (
    ("days", Cued("how when days weeks",
        r"how long", r"how many (?:more |additional |extra )?(?:days?|weeks?|months?)", "when")),
    ("units", Cued("how sample required needed minimum min",
        rf"how (?:many|much) (?:more |additional |extra )?(?:{_PEOPLE}|traffic|data)",
        r"(?:required|needed|necessary|minimum|min) sample",
        rf"sample sizes? (?:\w+ ){{0,4}}?(?:{_NEED}|to {_TO_FIND})",
        r"(?:what|which|calculate|compute|give)(?: me| the| a| my| is| would)* sample sizes?")),
    ("effect", Cued("mde minimum min smallest what which how detectable",
        "mde", r"(?:minimum|min|smallest|minimal)",
        rf"(?:what|which|how (?:small|big|large|much))(?: \w+){{0,4}}? {_EFFECTS}",
        rf"what (?:could|can|would) (?:\w+ ){{1,3}}?{_TO_FIND}")),
    ("power", Cued("power under over well enough can could able is was",
        r"\w*power(?:ed)?", "enough", "able", "can|could|would")),
)  # fmt: skip
FILLER: Final = Cued(
    "*",
    _EFFECTS, _TO_FIND, _NEED, _PEOPLE,
    r"(?:long|many|much|more|additional|extra|less|fewer|big|large|small|smaller|least|at least|true|real|actual|"
    r"relative|absolute|reliably|reliable|day|days|week|weeks|month|months|daily|traffic|time|total|all together|"
    r"run(?:s|ning)?|keep|last|wait|go|going|on|up|until|before|able|chance|observed|measured|actually|found|"
    r"size|sizes|sized|sample|samples|plan(?:ning|ned)?|design(?:ed|ing)?|calculat\w*|comput\w*|estimate|work out|"
    r"minimum|min|smallest|minimal|detectable|measurable|statistical(?:ly)?|power(?:ed)?|underpowered|overpowered|"
    r"under|over|well|adequately|properly|sufficiently|analysis|mde|raise|rise|improve|grow|move|higher|lower|"
    r"increase|decrease|drop|reduce|will|might|new|next|per|arm|group|significan\w*|conclusive|reach|get)",
)  # fmt: skip
"""Words of planning questions that say no more than the trigger and the figures do."""
_ON_THE_WAY: Final = Cued("*", _EFFECTS, r"(?:power|relative|run(?:ning)?|detect|find|see|traffic|new|instead)")
"""Words that a follow-up may have around its figures."""
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
    trial.consume(_ON_THE_WAY)
    if replace(found, kind="") == Planned() or trial.unread(harmless):
        return None
    board.marks = trial.marks
    return replace(found, kind="")


def _slots(board: Board) -> Planned:
    start = board.masked()[0]
    kind: Kind = next((kind for kind, pattern in _KINDS if pattern.matches(start)), "")
    found: dict[str, Any] = {name: bool(board.consume(pattern)) for name, pattern in _OPTIONS.items()}
    matched = {name: board.consume(pattern) for name, pattern in _SLOTS.items()}
    effects = board.consume(_EFFECT)
    for name in ("power", "baseline"):
        if matched[name]:
            found[name] = _fraction(matched[name][0])
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
    found["falling"] = bool(_FALLING.matches(start)) and bool(found["effects"])
    return Planned(kind=kind, **found)


def _effects(matched: Mapping[str, list[re.Match[str]]], relative: list[re.Match[str]]) -> dict[str, Any]:
    if matched["from_to"]:
        start, end = (float(part) / 100 for part in matched["from_to"][0].groups())
        return {"effects": (round(abs(end - start), 12),), "points": True, "baseline": start}
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

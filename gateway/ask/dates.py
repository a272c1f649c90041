"""Days in plain words: "in February 2026", "after 2026-02-03", "between 2 and 4 Feb". Half-open: without their end.

Only what names its days is read. "Last week" depends on the day on which it is said, and is for the asker to name.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_NAMES: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH: Final = rf"(?:{'|'.join(rf'{name[:3]}(?:{name[3:]})?' for name in _NAMES)}|sept)\.?"
_ORDINAL: Final = r"(?:st|nd|rd|th)?"
_POINT: Final = (
    r"(?:(?P<{0}iso>\d{{4}}-\d{{2}}-\d{{2}})"
    rf"|(?:the )?(?P<{{0}}day>\d{{{{1,2}}}}){_ORDINAL}(?: of)? (?P<{{0}}dm>{_MONTH})(?:,? (?P<{{0}}dy>\d{{{{4}}}}))?"
    rf"|(?P<{{0}}md>{_MONTH}) (?:the )?(?P<{{0}}mday>\d{{{{1,2}}}}){_ORDINAL}(?!\d)(?:,? (?P<{{0}}mdy>\d{{{{4}}}}))?"
    rf"|(?P<{{0}}month>{_MONTH})(?:,? (?:of )?(?P<{{0}}my>\d{{{{4}}}}))?"
    r"|q(?P<{0}quarter>[1-4])(?:,? (?:of )?(?P<{0}qy>\d{{4}}))?"
    r"|(?P<{0}year>(?:19|20)\d\d)"
    r"|(?P<{0}bare>\d{{1,2}}))"
)
_ONE: Final = re.compile(
    rf"(?:(?P<how>in|on|during|of|within|at|for|after|since|from|before|until|till|by|up to|not before|not after) )?"
    rf"{_POINT.format('a')}(?: (?:on|onwards?|or later))?"
)
_TWO: Final = re.compile(rf"(?:between|from) {_POINT.format('a')} (?:and|to|until|till|through|-) {_POINT.format('b')}")


@dataclass(frozen=True, slots=True)
class Days:
    """From `start` up to, and without, `end`. None is open."""

    start: date | None
    end: date | None

    def filters(self, column: str) -> list[list[str]]:
        """Conditions on a column of moments."""
        low = [[column, ">=", self.start.isoformat()]] if self.start else []
        return low + ([[column, "<", self.end.isoformat()]] if self.end else [])

    def in_words(self) -> str:
        last = self.end - timedelta(days=1) if self.end else None
        if self.start and last:
            return f"on {self.start}" if self.start == last else f"from {self.start} to {last}"
        return f"from {self.start} on" if self.start else f"before {self.end}"


@dataclass(frozen=True, slots=True)
class YearNeeded:
    """Days without their year, where several would do."""

    years: tuple[int, ...]


def days_in(text: str, years: Collection[int]) -> Days | YearNeeded | None:
    """The days that a text names and nothing else; None where it is no such text, or names a day that there is not.

    A year that is not said is that of `years`, if it holds only one.
    """
    two, one = _TWO.fullmatch(text), _ONE.fullmatch(text)
    found = two or one
    if found is None:
        return None
    said = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    if said is None and len(set(years)) != 1:
        return YearNeeded(tuple(sorted(set(years))))
    year = int(said.group()) if said else next(iter(years))
    try:
        if two:
            end = _span(two, "b", year, "")
            start = _span(two, "a", year, two["bdm"] or two["bmd"] or two["bmonth"] or "")
            return Days(start[0], end[1]) if start and end and start[0] < end[1] else None
        span = _span(found, "a", year, "")
    except ValueError:
        return None
    return _opened(found["how"] or "in", span) if span else None


def _opened(how: str, span: tuple[date, date]) -> Days:
    first, last = span
    match how:
        case "after" | "not before":
            return Days(last if how == "after" else first, None)
        case "since" | "from":
            return Days(first, None)
        case "before":
            return Days(None, first)
        case "until" | "till" | "by" | "up to" | "not after":
            return Days(None, last)
        case _:
            return Days(first, last)


def _span(found: re.Match[str], prefix: str, year: int, month: str) -> tuple[date, date] | None:
    """First day, and the day after the last, of the point that a match names. `month` is that of the point after it."""
    part = {
        name: found[prefix + name] for name in ("iso", "day", "dm", "md", "mday", "month", "quarter", "year", "bare")
    }
    year = next((int(own) for name in ("dy", "mdy", "my", "qy") if (own := found[prefix + name])), year)
    if part["iso"]:
        day = date.fromisoformat(part["iso"])
        return day, day + timedelta(days=1)
    if part["year"]:
        return date(int(part["year"]), 1, 1), date(int(part["year"]) + 1, 1, 1)
    if part["bare"] and not month:
        return None
    if part["quarter"]:
        first = 3 * int(part["quarter"]) - 2
        return date(year, first, 1), _month_after(year, first + 2)
    number = _number(part["dm"] or part["md"] or part["month"] or month)
    if part["month"]:
        return date(year, number, 1), _month_after(year, number)
    day = date(year, number, int(part["day"] or part["mday"] or part["bare"]))
    return day, day + timedelta(days=1)


def _number(month: str) -> int:
    return next(place for place, name in enumerate(_NAMES, 1) if name.startswith(month[:3]))


def _month_after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)

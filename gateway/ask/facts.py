"""What a tool result makes known, as values with the ways in which each may be written.

Only numbers of evidence and of table cells are facts. Texts are not: names and descriptions come out of a database,
and a number that somebody wrote into one is no measurement.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from gateway.answer import Evidence, Table
from gateway.ask import numerals
from gateway.ports import ToolCall


class Kind(StrEnum):
    """What a value is, which says how it may be written."""

    COUNT = "count"  # 15,101
    SHARE = "share"  # 0.9492: 94.92 %, 0.95
    CHANCE = "chance"  # of winning, of being best: over 99.9 %
    P = "p"  # 0.0021: p = 0.002
    VALUE = "value"  # of an arm: 12.40, or 0.1504 as 15.04 %
    CHANGE = "change"  # signed, in the metric's unit: +1.20, or 0.0239 as +2.39 points
    LIFT = "lift"  # signed: 0.189 as +18.9 %, or 1.19 times
    CELL = "cell"  # of a statement: as it stands, or 0.15 as 15 %
    DAYS = "days"
    PLANNED = "planned"  # an effect that a plan is for, and that nobody measured
    LEVEL = "level"  # coverage of an interval: 95 %
    SIZE = "size"  # of a difference, without a sign: an expected loss


EFFECTS: Final = frozenset((Kind.CHANGE, Kind.LIFT))
_OF_A_METRIC: Final = frozenset((Kind.VALUE, Kind.CHANGE, Kind.SIZE))
"""In the metric's unit, which may be that of a proportion."""


About = tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One value. `share` is true where a value or change is of proportions, and so may be written in percent."""

    value: float
    kind: Kind
    share: bool = False
    doubtful: bool = False
    """An effect of a result that can't be trusted: not to be told without saying so."""
    about: About = ()
    """What it is a value of: for each attribute the ids that a sentence may name it by. Empty: of nothing by name."""

    def fits(self, named: Mapping[str, AbstractSet[str]]) -> bool:
        """Whether a sentence that names these things can speak of this value."""
        return all(attribute not in named or ids & named[attribute] for attribute, ids in self.about)


WHOLE: Final = "all"
"""Stands for no segment, as in the marts."""
_MOST_ROWS: Final = 500
_MOST_COUNTS: Final = 50
_LIFT: Final = re.compile(r"lift|uplift_rel|effect_relative")
_SIZE: Final = re.compile(r"expected_loss")
_CHANGE: Final = re.compile(r"difference|uplift_abs|effect_absolute|^(?:cuped_)?(?:sequential_)?ci_(?:low|high)$")
_CHANCE: Final = re.compile(r"chance|probability")
_SHARE: Final = re.compile(r"rate$|share$|power|variance_reduction|margin|^expected_share")
_COUNT: Final = re.compile(r"^n$|^n_|_n_|units|users|count$|conversions|^rank$|^rows?$|_to$")
_DAYS: Final = re.compile(r"days?$")
_VALUE: Final = re.compile(r"value$|^baseline$|^mean$|_rate$|cap$|^sum")
_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:$|[T ])")


def of_evidence(item: Evidence) -> Iterator[Fact]:
    """Every number of one evidence, and the units of its two arms together."""
    arms = (item.control, item.treatment)
    share = all(arm.value is None or 0 <= arm.value <= 1 for arm in arms)
    doubtful = item.verdict == "unreliable"
    about = _subject(item.model_dump())
    for fact in _leaves(item.model_dump(), "", share):
        yield replace(fact, doubtful=doubtful and fact.kind in EFFECTS, about=about)
    counts = [arm.n for arm in arms if arm.n is not None]
    if len(counts) > 1:
        yield Fact(float(sum(counts)), Kind.COUNT, about=about)


def of_table(table: Table, *, planned: bool = False) -> Iterator[Fact]:
    """Every number of a table, by what its column is called; how many rows there are, and how many of each kind."""
    rows = table.rows[:_MOST_ROWS]
    lift_only = any(_LIFT.search(name) for name in table.columns) and not any(
        re.search("difference|uplift_abs", name) for name in table.columns
    )
    subjects = [_subject(dict(zip(table.columns, row, strict=True))) for row in rows]
    for place, name in enumerate(table.columns):
        kind = kind_of(name, lift_only=lift_only)
        for row, about in zip(rows, subjects, strict=True):
            cell = row[place]
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                fact = _cell(float(cell), _planned(name, kind) if planned else kind, _checks(table, row), cell)
                yield replace(fact, about=about)
    if not table.truncated and (table.limit is None or table.row_count < table.limit):
        yield Fact(float(len(table.rows)), Kind.COUNT)
        yield from _tallies(table)
        days = set(days_of(table))
        if days:
            yield Fact(float(len(days)), Kind.DAYS)


def kind_of(column: str, *, lift_only: bool = False) -> Kind:
    """What a column holds, by its name; ends of intervals are of the lift where no difference stands beside them."""
    if "p_value" in column:
        return Kind.P
    if _LIFT.search(column) or (lift_only and re.search("ci_(?:low|high)$", column)):
        return Kind.LIFT
    for pattern, kind in (
        (_SIZE, Kind.SIZE), (_CHANGE, Kind.CHANGE), (_COUNT, Kind.COUNT),
        (_DAYS, Kind.DAYS), (_CHANCE, Kind.CHANCE), (_SHARE, Kind.SHARE), (_VALUE, Kind.VALUE),
    ):  # fmt: skip
        if pattern.search(column):
            return kind
    return Kind.CELL


def levels(calls: Sequence[ToolCall]) -> Iterator[Fact]:
    """The coverage of the intervals that these calls asked for."""
    yield Fact(0.95, Kind.LEVEL)
    for call in calls:
        level = call.arguments.get("level")
        if isinstance(level, int | float):
            yield Fact(float(level), Kind.LEVEL)


def of_words(text: str) -> Iterator[Fact]:
    """Numbers of a sentence that a tool wrote itself, about arguments and counts."""
    for item in numerals.read(text).quantities:
        value = float(item.value)
        if item.unit == "%":
            yield Fact(value / 100, Kind.SHARE)
        elif item.unit == "days":
            yield Fact(value, Kind.DAYS)
        else:
            yield Fact(value, Kind.COUNT if item.value == item.value.to_integral_value() else Kind.CELL)


def days_in(text: str) -> Iterator[date]:
    """Dates in what a tool wrote, with their year."""
    for day in numerals.read(text).days:
        if day.year is not None:
            yield date(day.year, day.month, day.day)


def days_of(table: Table) -> Iterator[date]:
    """Dates that stand in a table, in cells that hold nothing else."""
    for row in table.rows[:_MOST_ROWS]:
        for cell in row:
            found = _DATE.match(cell) if isinstance(cell, str) and len(cell) <= 32 else None
            if found:
                try:
                    yield date(int(found[1]), int(found[2]), int(found[3]))
                except ValueError:
                    continue


def _subject(row: Mapping[str, Any]) -> About:
    """What a row is about. A row of a whole population is of no segment: a sentence about one does not mean it."""
    about = [(name, frozenset((str(row[name]),))) for name in ("experiment_id", "metric_id") if row.get(name)]
    arms = {str(row[name]) for name in ("variation_id", "control_variation_id") if row.get(name)}
    if arms:
        about.append(("variation_id", frozenset(arms)))
    if "dimension_value" in row:
        about.append(("dimension_value", frozenset((str(row["dimension_value"] or WHOLE),))))
    return tuple(about)


def _leaves(value: Any, path: str, share: bool) -> Iterator[Fact]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else str(name), share)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        kind = _leaf_kind(path)
        yield Fact(float(value), kind, share and kind in _OF_A_METRIC)


def _leaf_kind(path: str) -> Kind:
    """What a number of the evidence is, by where it stands."""
    parts = path.split(".")
    if "lift" in parts:
        return Kind.LIFT
    if "difference" in parts:
        return Kind.CHANGE
    if parts[0] in ("control", "treatment"):
        return Kind.COUNT if parts[-1] == "n" else Kind.VALUE
    if "p_value" in parts[-1]:
        return Kind.P
    return kind_of(parts[-1]) if parts[-1] != "value" else Kind.CELL


def _cell(value: float, kind: Kind, check: str, raw: int | float) -> Fact:
    if check:  # a table of checks: what its values are, their check says
        if "sample_ratio" in check and kind is Kind.VALUE:
            kind = Kind.P
        elif kind is Kind.VALUE:
            kind = Kind.COUNT if isinstance(raw, int) and abs(raw) > 1 else Kind.SHARE
    return Fact(value, kind, kind in _OF_A_METRIC and -1 <= value <= 1)


def _checks(table: Table, row: Sequence[Any]) -> str:
    return str(row[table.columns.index("check")]) if "check" in table.columns else ""


def _planned(column: str, kind: Kind) -> Kind:
    """The effects of a plan are wishes; its sizes and days are what they take."""
    return Kind.PLANNED if column.startswith(("effect", "treatment_value")) else kind


def _tallies(table: Table) -> Iterator[Fact]:
    """How often each text stands in a column: "3 of the 13 are running"."""
    for place in range(len(table.columns)):
        texts = [row[place] for row in table.rows if isinstance(row[place], str)]
        counted = Counter(texts)
        if len(counted) <= _MOST_COUNTS:
            yield from (Fact(float(count), Kind.COUNT) for count in {len(counted), *counted.values()} if count)


def counts(evidence: Sequence[Evidence]) -> Iterator[Fact]:
    """How many results, experiments, metrics, arms and segments there are; arms with and without control."""
    yield Fact(float(len(evidence)), Kind.COUNT)
    for attribute in ("experiment_id", "metric_id", "variation_id", "dimension_value"):
        found = {getattr(item, attribute) for item in evidence} - {None}
        if found:
            yield Fact(float(len(found)), Kind.COUNT)
    arms = {item.variation_id for item in evidence} | {item.control_variation_id for item in evidence}
    yield Fact(float(len(arms)), Kind.COUNT)


def states(table: Table) -> set[str]:
    """The states of guardrails in a table of decisions."""
    return {str(row[table.columns.index("state")]) for row in table.rows} if "state" in table.columns else set()


def is_broken(table: Table) -> bool:
    """Whether a check of a table found that units were not split as planned."""
    places = [table.columns.index(name) for name in ("status", "srm_status") if name in table.columns]
    return any(row[place] == "mismatch" for row in table.rows for place in places)

"""What an import asks for and what it reports: plain values, and the rules for names."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from gateway.errors import UsageError
from gateway.problems import did_you_mean

AGGREGATIONS: Final = ("occurrence", "count", "sum", "mean", "ratio")
OnNull = Literal["error", "drop", "zero"]
DAY_ZERO: Final = datetime(2000, 1, 1)
"""Stands in for a start that the file does not give: plainly a placeholder, and the same on every import."""
LAST_YEAR: Final = 2999
"""A later date stands for "never", and leaves no room to count days from it."""
SHOWN: Final = 5
"""How many examples a message gives."""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric of an import: which column, added up how."""

    name: str
    column: str
    aggregation: str | None = None
    """None: `occurrence` when the column holds only 0 and 1, `sum` otherwise; the report says which."""
    denominator: str | None = None
    """The other column of a ratio."""
    role: Literal["primary", "secondary", "guardrail"] | None = None
    """None: the first metric is the primary one, the others are secondary."""
    desired: Literal["increase", "decrease"] = "increase"
    noninferiority_margin: float | None = None
    unit: str = ""
    winsorise: float | None = None
    """Values above this quantile of all units together count as the quantile."""
    cap: float | None = None
    """Values above this one count as it."""
    cuped: bool = False
    """Judged by CUPED-adjusted numbers: needs a covariate."""
    raw: str = ""
    """Of a winsorised metric, the name of the raw one beside it."""

    @property
    def label(self) -> str:
        if not self.raw:
            return labelled(self.name)
        at = f"{100 * self.winsorise:g} %" if self.winsorise is not None else f"{self.cap:g}"
        return f"{labelled(self.raw)}, winsorised at {at}"

    def winsorised(self, at: float) -> "MetricSpec":
        """A metric of its own beside this one: at a quantile where `at` is below 1, at that value otherwise."""
        quantile, cap = (at, None) if at < 1 else (None, at)
        name = f"{self.name}_w{100 * at:g}" if cap is None else f"{self.name}_cap{at:g}"
        return replace(
            self, name=name, raw=self.name, role="secondary", noninferiority_margin=None, winsorise=quantile, cap=cap
        )


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was written to the warehouse."""

    warehouse: Path
    file: Path
    experiments: tuple[str, ...]
    variations: tuple[tuple[str, str, int], ...]
    """(variation_id, name, units) of a unit-level import, control first; empty for sufficient statistics."""
    metrics: tuple[tuple[str, str], ...]
    """(metric_id, aggregation), primary first."""
    rows: int
    """Units, or snapshots of an arm."""
    replaced: bool
    notes: tuple[str, ...]
    """What was assumed or left out, a sentence each: to be shown."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Dates:
    """When an imported experiment ran. `ended_at` is None while it runs; data is known up to `as_of`, exclusive."""

    started_at: datetime
    ended_at: datetime | None
    as_of: datetime


def parse_metric(text: str) -> MetricSpec:
    """`NAME=COLUMN[:aggregation]`, or `NAME=NUMERATOR/DENOMINATOR:ratio`. Raises UsageError."""
    name, equals, rest = text.partition("=")
    column, colon, aggregation = (rest if equals else name).rpartition(":")
    if not colon:
        column, aggregation = aggregation, ""
    if not equals:
        name = column
    name, column, aggregation = name.strip(), column.strip(), aggregation.strip()
    if not name or not column:
        raise UsageError(f"metric {text!r} lacks a name or a column", hint="Write NAME=COLUMN:aggregation.")
    if aggregation and aggregation not in AGGREGATIONS:
        raise UsageError(unknown_aggregation(name, aggregation), hint=f"Known: {', '.join(AGGREGATIONS)}.")
    if aggregation != "ratio":
        return MetricSpec(name, column, aggregation or None)
    numerator, slash, denominator = column.partition("/")
    if not slash or not numerator.strip() or not denominator.strip():
        raise UsageError(f"ratio {name!r} needs two columns", hint=f"Write {name}=NUMERATOR/DENOMINATOR:ratio.")
    return MetricSpec(name, numerator.strip(), "ratio", denominator.strip())


def unknown_aggregation(metric: str, aggregation: str) -> str:
    return f"metric {metric!r}: no aggregation named {aggregation!r}.{did_you_mean(aggregation, AGGREGATIONS)}"


def slug(text: str) -> str:
    """A name fit for an id: lower case, words joined by `_`. May be empty."""
    return re.sub(r"\W+", "_", text.casefold()).strip("_")


def labelled(name: str) -> str:
    """An id as a person would write it."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def arm_ids(values: Iterable[str]) -> dict[str, str]:
    """A distinct id for each arm's value: its slug, numbered where two values would share one."""
    ids: dict[str, str] = {}
    for value in values:
        wanted = slug(value) or "arm"
        number, found = 2, wanted
        while found in ids.values():
            found, number = f"{wanted}_{number}", number + 1
        ids[value] = found
    return ids


def check_names(kind: str, names: Iterable[str]) -> list[str]:
    """Names that can't serve as ids, each with one that can."""
    problems = []
    for name in names:
        if not re.fullmatch(r"\w[\w.-]*", name):
            better = slug(name)
            problems.append(f"{name!r} can't be {kind}" + (f": write {better!r}" if better else ""))
    return problems


def refuse(problems: Iterable[str], *, hint: str = "") -> UsageError:
    """One error for every problem found."""
    found = list(problems)
    more = "" if len(found) == 1 else f"{len(found)} problems: "
    return UsageError(more + "; ".join(found), hint=hint)


def ran(
    started_at: date | None, ended_at: date | None, first: datetime | None, last: datetime | None, *, running: bool
) -> Dates:
    """Dates from what was given, else from the data, else the placeholder. Raises UsageError when they can't be."""
    for moment in (started_at, ended_at, first, last):
        if moment is not None and moment.year > LAST_YEAR:
            raise UsageError(f"{moment:%Y-%m-%d} is no day on which an experiment can run", hint="Check the dates.")
    start = _at(started_at) or first or DAY_ZERO
    known = (last or start).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    end = _at(ended_at) or known
    if end < start:
        raise UsageError(f"the experiment would end ({end:%Y-%m-%d}) before it starts ({start:%Y-%m-%d})")
    if running and ended_at is not None:
        raise UsageError("an experiment that is still running has no end", hint="Leave out --running or the end.")
    return Dates(start, None if running else end, max(end, known, start))


def _at(moment: date | None) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day)


def shares_of(shares: Mapping[str, float] | None, ids: Mapping[str, str]) -> dict[str, float] | None:
    """Expected shares by arm id; None when none were given. Raises UsageError for an arm without one."""
    if shares is None:
        return None
    by_id = {ids.get(name, slug(name)): share for name, share in shares.items()}
    bad = [(name, share) for name, share in shares.items() if not 0 < share < math.inf]
    problems = [f"share of {name!r} must be positive, got {share:g}" for name, share in bad]
    problems += [f"no share given for {value!r}" for value, arm in ids.items() if arm not in by_id]
    if problems:
        raise refuse(problems, hint=f"Give one for each arm: {', '.join(ids)}.")
    return by_id

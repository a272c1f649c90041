"""What a simulation reports: counted rates beside the ones that are promised, as tables that documents hold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

SIGMAS = 3.0
"""Monte-Carlo standard errors that a rate may lie away from its promise before it counts as missed."""


NOTHING = "–"


class Promise(StrEnum):
    """What the nominal rate is."""

    EXACTLY = "exactly"
    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened over independent runs."""

    method: str
    case: str
    hits: int
    runs: int
    nominal: float = math.nan
    """NaN where nothing is promised."""
    promise: Promise = Promise.EXACTLY
    below: float | None = None
    """Share of runs whose interval lay wholly below the truth."""
    above: float | None = None
    unanswered: float = 0.0
    """Share of runs that got a reason instead of a number; they are not among `runs`."""

    @property
    def share(self) -> float:
        return self.hits / self.runs if self.runs else math.nan

    @property
    def error(self) -> float:
        """Monte-Carlo standard error, at the nominal rate or the counted one, whichever is the larger."""
        rates = [rate for rate in (self.share, self.nominal) if not math.isnan(rate)]
        return math.sqrt(max((rate * (1.0 - rate) for rate in rates), default=0.0) / max(self.runs, 1))

    @property
    def slack(self) -> float:
        """What counts as kept, beside Monte-Carlo error: a twentieth of the nominal rate, or of its complement."""
        return 0.05 * min(self.nominal, 1.0 - self.nominal)

    @property
    def verdict(self) -> str:
        """Whether the promise was kept, in words that the documents show."""
        if math.isnan(self.share - self.nominal):
            return NOTHING
        away, room = self.share - self.nominal, SIGMAS * self.error + self.slack
        low = away < -room and self.promise is not Promise.AT_MOST
        high = away > room and self.promise is not Promise.AT_LEAST
        if not (low or high):
            return "kept"
        return f"{'low' if away < 0 else 'high'} by {100 * abs(away):.{2 if self.nominal < 0.01 else 1}f} points"


@dataclass(frozen=True, slots=True)
class Table:
    """Rates of one kind under one heading; `key` names its place in the document."""

    key: str
    counted: str
    """What the rate is of, as its column's heading."""
    rates: tuple[Rate, ...]
    tails: bool = False
    """True where the misses on either side are shown."""

    def lines(self) -> list[str]:
        """The table as Markdown."""
        heads = ["method", "case", self.counted, "promised", *(["below", "above"] if self.tails else []),
                 "no answer", "runs", "verdict"]  # fmt: skip
        rows = [self._row(rate) for rate in self.rates]
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        rule = ["-" * (width - 1) + ":" if 2 <= i < len(widths) - 1 else "-" * width for i, width in enumerate(widths)]
        return [_line(cells, widths) for cells in (heads, rule, *rows)]

    def _row(self, rate: Rate) -> list[str]:
        sign = {Promise.EXACTLY: "", Promise.AT_MOST: "≤ ", Promise.AT_LEAST: "≥ "}[rate.promise]
        promised = NOTHING if math.isnan(rate.nominal) else sign + percent(rate.nominal)
        tails = [percent(rate.below), percent(rate.above)] if self.tails else []
        return [rate.method, rate.case, percent(rate.share), promised, *tails,
                percent(rate.unanswered), f"{rate.runs:,}", rate.verdict]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A rate as a document holds it."""

    method: str
    case: str
    share: float
    runs: int
    verdict: str


def percent(share: float | None) -> str:
    """Two decimals below one percent, one above."""
    if share is None or math.isnan(share):
        return NOTHING
    return f"{100 * share:.{2 if 0 < share < 0.01 else 1}f} %"


def replace_tables(text: str, tables: Sequence[Table]) -> str:
    """The document with each table between its markers; a table without a place in it is an error."""
    for table in tables:
        start, end = f"<!-- table: {table.key} -->", "<!-- end -->"
        before, found, rest = text.partition(start)
        if not found:
            raise ValueError(f"the document has no place for table {table.key!r}: add {start} and {end}")
        _, _, after = rest.partition(end)
        text = "\n".join((before + start, *table.lines(), end + after))
    return text


def written(text: str) -> dict[str, list[Written]]:
    """The tables of a document, by key."""
    return {key: list(_rows(body)) for key, body in re.findall(r"<!-- table: (\S+) -->\n(.*?)<!-- end -->", text, re.S)}


def _rows(body: str) -> Iterator[Written]:
    for line in body.splitlines()[2:]:
        method, case, share, *_, runs, verdict = (cell.strip() for cell in line.strip("|").split("|"))
        yield Written(method, case, float(share.rstrip(" %")) / 100.0, int(runs.replace(",", "")), verdict)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.rjust(width) if 2 <= i < len(widths) - 1 else cell.ljust(width)
              for i, (cell, width) in enumerate(zip(cells, widths, strict=True))]  # fmt: skip
    return "| " + " | ".join(padded) + " |"

"""Numbers as people read them: proportions as percentages, their differences as points, nothing rounded to zero."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

MISSING = "–"


def count(value: int | None) -> str:
    """A number of units."""
    return MISSING if value is None else f"{value:,}"


def number(value: float | None, *, signed: bool = False) -> str:
    """A number with four significant digits, or whole thousands with one decimal."""
    if value is None or not math.isfinite(value):
        return MISSING
    sign = "+" if signed else ""
    size = abs(value)
    if size == 0:
        return f"{0:{sign}}"
    if size >= 1e9 or size < 1e-4:
        return f"{value:{sign}.3e}"
    decimals = 1 if size >= 1000 else max(0, 3 - math.floor(math.log10(size)))
    return f"{value:{sign},.{decimals}f}"


def percent(value: float | None) -> str:
    """A fraction as a percentage."""
    return MISSING if value is None else f"{hundredths(value)} %"


def hundredths(value: float, *, signed: bool = False) -> str:
    """A fraction in hundredths: two decimals, or as many as show two digits, so that a small rate isn't none."""
    scaled = 100 * value
    sign = "+" if signed else ""
    if scaled == 0 or abs(scaled) >= 1:
        return f"{scaled:{sign},.2f}"
    return f"{scaled:{sign}.{min(8, 1 - math.floor(math.log10(abs(scaled))))}f}"


@dataclass(frozen=True, slots=True)
class Scale:
    """How an effect is written: its digits, and the unit behind them, in full and for narrow columns."""

    digits: Callable[[float], str]
    unit: str = ""
    short_unit: str = ""

    def full(self, value: float | None) -> str:
        """The effect with its unit."""
        return MISSING if value is None else self.digits(value) + self.unit

    def short(self, value: float | None) -> str:
        """The effect with its short unit."""
        return MISSING if value is None else self.digits(value) + self.short_unit


POINTS: Final = Scale(partial(hundredths, signed=True), " points", " pp")
"""Differences of proportions."""
RELATIVE: Final = Scale(partial(hundredths, signed=True), " %", " %")
"""Relative lifts."""
PLAIN: Final = Scale(partial(number, signed=True))
"""Differences of anything else."""


def p_value(value: float | None) -> str:
    """A p-value, never shown as zero."""
    if value is None:
        return MISSING
    return f"{value:.4f}" if value >= 0.0001 else f"{value:.1e}" if value > 0 else "< 1e-300"


def chance(value: float | None) -> str:
    """A probability as a percentage that claims no certainty."""
    if value is None:
        return MISSING
    if value > 0.9999:
        return "> 99.99 %"
    return "< 0.01 %" if value < 0.0001 else f"{100 * value:.2f} %"

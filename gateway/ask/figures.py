"""How numbers read: percentages, percentage points, amounts, p-values. Rounds for reading, and never to nothing."""

from dataclasses import dataclass

_PROPORTION = "proportion"


@dataclass(frozen=True, slots=True)
class Scale:
    """What a metric's values are: shares are shown as percentages, their differences as percentage points."""

    aggregation: str = ""
    unit: str = ""

    @property
    def is_share(self) -> bool:
        return self.aggregation == "occurrence" or self.unit == _PROPORTION

    def value(self, number: float | None) -> str:
        """A value of one arm."""
        if number is None:
            return "no value"
        if self.is_share:
            return f"{significant(number * 100)} %"
        return f"{significant(number)}{self._suffix()}"

    def difference(self, number: float | None) -> str:
        """A difference between arms, with its sign."""
        if number is None:
            return "not known"
        if self.is_share:
            return f"{signed(number * 100)} percentage points"
        return f"{signed(number)}{self._suffix()}"

    def amount(self, number: float) -> str:
        """The size of a difference, such as a loss, without a sign."""
        return (
            f"{significant(number * 100, 3)} percentage points"
            if self.is_share
            else (f"{significant(number, 3)}{self._suffix()}")
        )

    def bound(self, number: float | None) -> str:
        """An end of an interval of a difference, without its unit."""
        return "unbounded" if number is None else signed(number * 100 if self.is_share else number)

    def _suffix(self) -> str:
        """Only units that read on after a number: not "currency", which names no currency."""
        return f" {self.unit}" if self.unit not in ("", "currency", "ratio", _PROPORTION) else ""


def significant(number: float, digits: int = 4) -> str:
    """A number to a few significant digits, written out, with thousands set apart."""
    if number == 0:
        return "0"
    if abs(number) >= 10 ** (digits - 1):
        return f"{number:,.0f}"
    text = f"{number:.{digits}g}"
    return text if "e" not in text else f"{number:.3g}"


def signed(number: float) -> str:
    return f"{'+' if number > 0 else ''}{significant(number, 3)}"


def relative(number: float | None) -> str:
    """A relative lift as a signed percentage."""
    return "unbounded" if number is None else f"{signed(number * 100)} %"


def percent(share: float) -> str:
    """A share of something whole; close to all is not rounded up to all."""
    if share < 1 and share > 0.9995:
        return "over 99.9 %"
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return f"{significant(share * 100, 3)} %"


def chance(probability: float) -> str:
    """A probability from data is never certainty, even where a float is 1."""
    return "over 99.9 %" if probability > 0.9995 else "under 0.1 %" if probability < 0.0005 else percent(probability)


def p_value(number: float) -> str:
    return "p < 0.0001" if number < 0.0001 else f"p = {number:.2g}"

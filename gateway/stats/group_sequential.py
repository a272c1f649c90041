"""Group-sequential bounds: a few planned looks, each with its share of the error.

Lan and DeMets (1983): by information fraction t (units so far over units planned) a test may have spent

    O'Brien-Fleming:  2 (1 - Phi(z / sqrt t)), z the normal quantile with a/2 above it
    Pocock:           a ln(1 + (e - 1) t)

of a one-sided error a; a two-sided test spends (1 - level)/2 on each side. The bound of look k on |Z| is solved so
that the chance of a first crossing there is what has been added, by the recursive integral of Armitage, McPherson and
Rowe (1969) over B = Z sqrt(t), whose increments are independent. Exact for normal increments; the number of looks is
planned, but with spending functions their times need not be. For looks without a plan see `sequential`, which is wider.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from scipy import special

from gateway.stats.result import DEFAULT_LEVEL, Estimate
from gateway.stats.tails import FloatArray, check_level

MAX_LOOKS = 100
_REACH = 9.0
"""Standard deviations beyond which no mass is followed; 1e-19 is lost."""


@lru_cache(maxsize=1)
def _gauss() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of a piece of the grid; made on first use, as they cost as much as importing this module."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    return nodes, weights


class Spending(StrEnum):
    """How fast the error is spent."""

    OBRIEN_FLEMING = "obrien_fleming"
    """Hardly anything early; the last look is nearly a fixed test."""
    POCOCK = "pocock"
    """About evenly: earlier stops, a wider last look."""


@dataclass(frozen=True, slots=True)
class GroupSequential:
    """Bounds for planned looks: stop when |Z| (Z, one-sided) passes the look's bound."""

    spending: Spending
    level: float
    one_sided: bool
    fractions: tuple[float, ...]
    """Information at each look over the planned total; rising, the last at most 1."""
    bounds: tuple[float, ...]
    """On the z scale; infinite where the look's error is too small for any number."""
    spent: tuple[float, ...]
    """Error spent up to and with each look, both sides together in a two-sided test."""
    nominal_p: tuple[float, ...]
    """A fixed-horizon p below this crosses the bound."""

    def crossed(self, scores: Sequence[float]) -> int | None:
        """Index of the first look whose score (difference over standard error) crosses; None while none has."""
        if len(scores) > len(self.bounds):
            raise ValueError(f"{len(scores)} scores for {len(self.bounds)} planned looks")
        reached = (score if self.one_sided else abs(score) for score in scores)
        return next((k for k, (z, bound) in enumerate(zip(reached, self.bounds, strict=False)) if z > bound), None)

    def interval(self, look: int, difference: float, standard_error: float) -> Estimate:
        """Repeated confidence interval at a look (Jennison and Turnbull 1989): they all hold together, at `level`.

        A one-sided design bounds the difference from below alone.
        """
        half = self.bounds[look] * standard_error
        return Estimate(difference, difference - half, math.inf if self.one_sided else difference + half)

    def power(self, drift: float) -> float:
        """Chance to cross at some look when Z at full information has mean `drift`, above the bound if one-sided."""
        return math.fsum(_exits(self.fractions, self.bounds, self.one_sided, drift))

    def inflation(self, power: float = 0.8) -> float:
        """Planned units over those of the fixed test with this power: what the looks cost at most."""
        check_level(power)
        tail = (1.0 - self.level) if self.one_sided else (1.0 - self.level) / 2.0
        fixed = float(special.ndtri(power) - special.ndtri(tail))
        low, high = 0.0, 4.0 * fixed
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (low, middle) if self.power(middle) >= power else (middle, high)
        return (high / fixed) ** 2


def group_sequential_bounds(
    fractions: Sequence[float],
    *,
    spending: str = Spending.OBRIEN_FLEMING,
    level: float = DEFAULT_LEVEL,
    one_sided: bool = False,
) -> GroupSequential:
    """Bounds for looks at these information fractions; ten even looks are `[k / 10 for k in range(1, 11)]`."""
    times = tuple(float(fraction) for fraction in fractions)
    rising = all(later > sooner for sooner, later in zip((0.0, *times), times, strict=False))
    if not (0 < len(times) <= MAX_LOOKS and rising and times[-1] <= 1.0):
        raise ValueError(f"fractions are 1 to {MAX_LOOKS} rising numbers above 0 and up to 1, not {times!r}")
    named, sides = Spending(spending), 1 if one_sided else 2
    alpha = (1.0 - check_level(level)) / sides
    spent = [sides * _spent(named, alpha, t) for t in times]
    path, bounds = _Path(times, one_sided, 0.0), []
    for k in range(len(times)):
        bounds.append(path.solve(spent[k] - (spent[k - 1] if k else 0.0)))
        path.advance(bounds[-1])
    nominal = tuple(sides * float(special.ndtr(-bound)) for bound in bounds)
    return GroupSequential(named, level, one_sided, times, tuple(bounds), tuple(spent), nominal)


def _spent(spending: Spending, alpha: float, t: float) -> float:
    if spending is Spending.POCOCK:
        return alpha * math.log1p((math.e - 1.0) * t)
    return float(2.0 * special.ndtr(special.ndtri(alpha / 2.0) / math.sqrt(t)))


def _exits(times: Sequence[float], bounds: Sequence[float], one_sided: bool, drift: float) -> list[float]:
    """Chance of a first crossing at each look."""
    path, found = _Path(times, one_sided, drift), []
    for bound in bounds:
        found.append(path.crossing(bound))
        path.advance(bound)
    return found


class _Path:
    """The density of B = Z sqrt(t) among paths that have not crossed yet, carried from look to look on a grid."""

    def __init__(self, times: Sequence[float], one_sided: bool, drift: float) -> None:
        self.times, self.one_sided, self.drift, self.look = times, one_sided, drift, 0
        self.points, self.mass = np.zeros(1), np.ones(1)
        """Where the paths are after the last look, and how much of them: all at 0 before the first."""

    def _step(self) -> float:
        return self.times[self.look] - (self.times[self.look - 1] if self.look else 0.0)

    def crossing(self, bound: float) -> float:
        """Chance of being inside at every look before this one and beyond `bound` at it."""
        if math.isinf(bound):
            return 0.0
        edge, step = bound * math.sqrt(self.times[self.look]), self._step()
        moved, sd = self.points + self.drift * step, math.sqrt(step)
        beyond = special.ndtr((moved - edge) / sd)
        if not self.one_sided:
            beyond = beyond + special.ndtr((-edge - moved) / sd)
        return float(self.mass @ beyond)

    def solve(self, target: float) -> float:
        """The bound that is crossed first here with this chance."""
        low, high = -40.0 if self.one_sided else 0.0, 40.0
        if not target > self.crossing(high):
            return math.inf
        for _ in range(80):
            middle = (low + high) / 2.0
            low, high = (middle, high) if self.crossing(middle) > target else (low, middle)
        return (low + high) / 2.0

    def advance(self, bound: float) -> None:
        """Go past this look with the paths that stayed inside the bound."""
        t, step = self.times[self.look], self._step()
        root, sd, centre = math.sqrt(t), math.sqrt(step), self.drift * t
        high = min(bound * root, max(centre, 0.0) + _REACH * root)
        low = min(centre, 0.0) - _REACH * root
        low = low if self.one_sided else max(low, -bound * root)
        self.look += 1
        if high <= low:
            self.points, self.mass = np.zeros(1), np.zeros(1)
            return
        ahead = math.sqrt(self.times[self.look] - t) if self.look < len(self.times) else sd
        points, weights = _grid(low, high, min(sd, ahead))
        away = (points[:, None] - self.points - self.drift * step) / sd
        density = np.exp(-0.5 * away * away) @ self.mass / (sd * math.sqrt(2.0 * math.pi))
        self.points, self.mass = points, density * weights


def _grid(low: float, high: float, width: float) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre points and weights on pieces no wider than the normal kernel that they meet."""
    pieces = max(8, math.ceil((high - low) / width))
    edges = np.linspace(low, high, pieces + 1)
    half = (high - low) / (2.0 * pieces)
    nodes, weights = _gauss()
    points = ((edges[:-1] + half)[:, None] + half * nodes).ravel()
    return points, np.tile(half * weights, pieces)

"""Mann-Whitney's test with ties, from value counts, for one pair of arms or whole columns of them.

Mann and Whitney (1947) ask whether treatment units tend to exceed control units, with half for ties; it is not a test
of means. U = sum over treatment of (control below + control equal / 2), n_C n_T / 2 if nothing differs; its variance is
n_C n_T / 12 (N + 1 - sum(t^3 - t) / (N (N - 1))) over groups of t ties. Exact where there are no ties and at most 2,500
pairs of units, else normal with continuity correction. Assumes independent units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from gateway.stats.arms import is_none
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_UNITS,
    Alternative,
    Estimate,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray, normal_critical, normal_two_sided
from gateway.stats.value_counts import ValueCountColumns, ValueCounts

EXACT_PAIRS = 2_500
"""Without ties, up to this many pairs of units have their exact distribution worked out."""


@dataclass(frozen=True, slots=True)
class RankTest:
    """Mann-Whitney's test of treatment against control."""

    level: float
    u: float
    """Pairs in which treatment exceeds control, ties half."""
    effect: Estimate
    """P(treatment > control) + P(equal)/2: 0.5 is no effect; interval by DeLong, DeLong and Clarke-Pearson (1988).

    Where the arms do not overlap at all that has no width, and the interval is Newcombe's (2006, method 5).
    """
    z: float
    """Tie- and continuity-corrected."""
    p_value: float
    """Two-sided."""
    exact: bool
    control: ValueCounts = field(repr=False, compare=False)
    treatment: ValueCounts = field(repr=False, compare=False)
    method: Method = Method.MANN_WHITNEY
    alternative: Alternative = Alternative.TWO_SIDED


@dataclass(frozen=True, slots=True, eq=False)
class RankTestColumns:
    """Row i tests treatment i against control i; fields as in `RankTest`, NaN and a reason where unanswered."""

    control: ValueCountColumns
    treatment: ValueCountColumns
    level: float
    u: FloatArray
    effect: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    z: FloatArray
    p_value: FloatArray
    exact: BoolArray
    reason: ObjectArray

    def __len__(self) -> int:
        return len(self.u)


def mann_whitney(
    control: ValueCounts, treatment: ValueCounts, *, level: float = DEFAULT_LEVEL, min_units: int = MIN_UNITS
) -> RankTest | NotComputable:
    """`mann_whitney_columns` for one pair of arms."""
    sides = ValueCountColumns.from_arms([control]), ValueCountColumns.from_arms([treatment])
    found = mann_whitney_columns(*sides, level=level, min_units=min_units)
    match found.reason[0]:
        case ReasonCode.TOO_FEW_UNITS:
            counted = f"control has {control.n:,}, treatment {treatment.n:,}"
            return NotComputable(f"needs {max(min_units, 2)} units per arm: {counted}", ReasonCode.TOO_FEW_UNITS)
        case ReasonCode.ZERO_VARIANCE:
            return NotComputable("every unit of both arms has the same value", ReasonCode.ZERO_VARIANCE)
    return RankTest(
        level=level,
        u=float(found.u[0]),
        effect=Estimate(float(found.effect[0]), float(found.ci_low[0]), float(found.ci_high[0])),
        z=float(found.z[0]),
        p_value=float(found.p_value[0]),
        exact=bool(found.exact[0]),
        control=control,
        treatment=treatment,
    )


def mann_whitney_columns(
    control: ValueCountColumns,
    treatment: ValueCountColumns,
    *,
    level: float = DEFAULT_LEVEL,
    min_units: int = MIN_UNITS,
) -> RankTestColumns:
    """Every pair at once, on the values that either of its arms has."""
    if len(control) != len(treatment):
        raise ValueError(f"{len(control)} control arms for {len(treatment)} treatment arms")
    critical = normal_critical(level)
    both, c, t = _grid(control, treatment)
    n_c, n_t, n, arm = both.total(c), both.total(t), both.n, both.arm
    with np.errstate(all="ignore"):
        placed_t, placed_c = (_below(both, c) + c / 2.0) / n_c[arm], (_below(both, t) + t / 2.0) / n_t[arm]
        theta, pairs = both.total(t * placed_t) / n_t, n_c * n_t
        u, ties = theta * pairs, both.total((both.counts**3 - both.counts) / n[arm] / (n[arm] - 1.0))
        away = np.maximum(0.0, np.abs(u - pairs / 2.0) - 0.5)
        z = np.copysign(away / np.sqrt(pairs / 12.0 * (n + 1.0 - ties)), u - pairs / 2.0)
        spread_t = both.total(t * (placed_t - theta[arm]) ** 2) / (n_t - 1.0) / n_t
        spread_c = both.total(c * (placed_c - (1.0 - theta[arm])) ** 2) / (n_c - 1.0) / n_c
        half = critical * np.sqrt(spread_t + spread_c)
        low, high = np.maximum(0.0, theta - half), np.minimum(1.0, theta + half)
    reason = np.full(len(both), None, dtype=object)
    reason[np.diff(both.starts) == 1] = ReasonCode.ZERO_VARIANCE.value
    reason[np.minimum(n_c, n_t) < max(min_units, 2)] = ReasonCode.TOO_FEW_UNITS.value
    answered = is_none(reason)
    exact = (both.total(np.asarray(both.counts != 1, dtype=np.float64)) == 0) & (pairs <= EXACT_PAIRS) & answered
    p_value = np.minimum(1.0, normal_two_sided(z))
    p_value[exact] = _exact_p(u[exact], n_c[exact], n_t[exact])
    apart = answered & (half == 0.0)
    low[apart], high[apart] = _apart(theta[apart], n_c[apart], n_t[apart], critical)
    u, theta, low, high, z, p_value = (
        np.where(answered, column, np.nan) for column in (u, theta, low, high, z, p_value)
    )
    return RankTestColumns(control, treatment, level, u, theta, low, high, z, p_value, exact, reason)


def _grid(control: ValueCountColumns, treatment: ValueCountColumns) -> tuple[ValueCountColumns, FloatArray, FloatArray]:
    """Each pair's distinct values, counted over both arms, and what each arm has of them."""
    both = control.merge(treatment)
    counts = []
    for side in (control, treatment):
        arm = np.concatenate([both.arm, side.arm])
        values, found = np.concatenate([both.values, side.values]), np.zeros(len(both.values))
        order = np.lexsort((np.arange(len(arm)) >= len(found), values, arm))
        own = np.flatnonzero(order >= len(found))
        found[order[own - 1]] = side.counts[order[own] - len(found)]
        counts.append(found)
    return both, counts[0], counts[1]


def _below(grid: ValueCountColumns, counts: FloatArray) -> FloatArray:
    """Of each row, the arm's units strictly below it."""
    return ValueCountColumns(grid.values, counts, grid.starts).cumulative() - counts


def _apart(theta: FloatArray, n_c: FloatArray, n_t: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """Score interval at 0 or 1: the other end solves |theta - x| = z sqrt(V(x)), V for two exponential arms."""
    half_units = (n_c + n_t) / 2.0 - 1.0
    near, far = np.zeros(len(theta)), np.ones(len(theta))
    for _ in range(80):
        gap = (near + far) / 2.0
        spread = gap * (1.0 - gap) * (1.0 + half_units * (gap / (1.0 + gap) + (1.0 - gap) / (2.0 - gap)))
        inside = gap < z * np.sqrt(spread / (n_c * n_t))
        near, far = np.where(inside, gap, near), np.where(inside, far, gap)
    above = theta > 0.5
    return np.where(above, 1.0 - far, 0.0), np.where(above, 1.0, far)


def _exact_p(u: FloatArray, n_c: FloatArray, n_t: FloatArray) -> FloatArray:
    """Two-sided p of U without ties; each pair of sizes has its distribution worked out once."""
    p = np.empty(len(u))
    extreme = np.maximum(np.rint(u), n_c * n_t - np.rint(u)).astype(np.intp)
    for sizes in dict.fromkeys(zip(n_c.tolist(), n_t.tolist(), strict=True)):
        rows = (n_c == sizes[0]) & (n_t == sizes[1])
        p[rows] = np.minimum(1.0, 2.0 * _tails(int(sizes[0]), int(sizes[1]))[extreme[rows]])
    return p


@lru_cache(maxsize=64)
def _tails(n_c: int, n_t: int) -> FloatArray:
    """P(U >= u) for each u: ways to reach each U are the coefficients of the Gaussian binomial."""
    ways = np.zeros(n_c * n_t + 1)
    ways[0] = 1.0
    for k in range(1, n_t + 1):
        _times_one_minus(ways, n_c + k)
        _over_one_minus(ways, k)
    return np.asarray(np.cumsum(ways[::-1])[::-1] / ways.sum(), dtype=np.float64)


def _times_one_minus(ways: FloatArray, power: int) -> None:
    """Multiply a polynomial by 1 - x^power, in place."""
    if power < len(ways):
        ways[power:] -= ways[:-power].copy()


def _over_one_minus(ways: FloatArray, power: int) -> None:
    """Divide a polynomial by 1 - x^power, in place."""
    for start in range(power):
        ways[start::power] = np.cumsum(ways[start::power])

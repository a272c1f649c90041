"""Tests for counts with heavy tails, from value counts: the bootstrap, and Mann-Whitney with ties.

Bootstrap (Efron 1979): drawing n units with replacement is one multinomial draw over the value counts, so the cost
follows the distinct values, not the units. The percentile interval takes the draws' own quantiles; the studentised one
those of (d* - d)/se*, which corrects for skew and is the better where both can be had. Draws are seeded: the same arms
always get the same answer. Mann-Whitney (1947) asks whether treatment units tend to exceed control units, with half
for ties; it is not a test of means. Both assume independent units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from gateway.stats.result import DEFAULT_LEVEL, MIN_UNITS, Estimate, NotComputable, ReasonCode
from gateway.stats.tails import FloatArray, check_level, normal_critical
from gateway.stats.value_counts import ValueCounts

DRAWS = 2_000
EXACT_PAIRS = 2_500
"""Without ties, up to this many pairs of units have their exact distribution worked out."""
_CELLS = 4_000_000
"""Multinomial cells drawn at a time, for flat memory."""


class BootstrapInterval(StrEnum):
    """How draws become an interval."""

    PERCENTILE = "percentile"
    STUDENTISED = "studentised"


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Treatment minus control, of means or of a quantile."""

    interval: BootstrapInterval
    level: float
    draws: int
    seed: int
    quantile: float | None
    """None for means."""
    difference: Estimate
    standard_error: float
    """Standard deviation of the draws."""
    p_value: float
    """Two-sided; never below 2 / (draws + 1)."""
    lift: Estimate | NotComputable
    """By percentiles of the draws, whichever interval the difference has."""


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


def bootstrap(
    control: ValueCounts,
    treatment: ValueCounts,
    *,
    quantile: float | None = None,
    interval: str | None = None,
    level: float = DEFAULT_LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
    min_units: int = MIN_UNITS,
) -> Bootstrap | NotComputable:
    """Interval of the difference of means (studentised) or of a quantile (percentile), unless told otherwise."""
    check_level(level)
    named = BootstrapInterval(interval or ("studentised" if quantile is None else "percentile"))
    if quantile is not None and (named is BootstrapInterval.STUDENTISED or not 0.0 < quantile < 1.0):
        raise ValueError("a quantile lies between 0 and 1 and has a percentile interval")
    if draws < 100:
        raise ValueError(f"needs 100 draws or more, not {draws}")
    problem = _too_small(control, treatment, min_units)
    if problem:
        return problem
    rng = np.random.default_rng(seed)
    low, high = (_draw(arm, draws, rng, quantile) for arm in (control, treatment))
    values = [arm.stats().mean if quantile is None else arm.quantile(quantile) for arm in (control, treatment)]
    difference, moved = values[1] - values[0], high.value - low.value
    if not float(np.ptp(moved)) > 0.0:
        return NotComputable("every draw gives the same difference", ReasonCode.ZERO_VARIANCE)
    if named is BootstrapInterval.STUDENTISED:
        error = math.sqrt(sum(arm.stats().variance / arm.n for arm in (control, treatment)))
        shown, p_value = _studentised(difference, error, moved, np.sqrt(low.squared_error + high.squared_error), level)
        if not (math.isfinite(shown.ci_low) and math.isfinite(shown.ci_high)):
            return NotComputable("too many draws have no variance at all", ReasonCode.VARIANCE_UNDEFINED)
    else:
        shown = _percentile(difference, moved, level)
        p_value = _two_sided(float((moved <= 0).sum()), float((moved >= 0).sum()), draws)
    return Bootstrap(
        interval=named,
        level=level,
        draws=draws,
        seed=seed,
        quantile=quantile,
        difference=shown,
        standard_error=float(np.std(moved, ddof=1)),
        p_value=p_value,
        lift=_lift(values[0], difference, low.value, moved, level),
    )


def mann_whitney(
    control: ValueCounts, treatment: ValueCounts, *, level: float = DEFAULT_LEVEL, min_units: int = MIN_UNITS
) -> RankTest | NotComputable:
    """U = sum over treatment of (control below + control equal / 2), n_C n_T / 2 if nothing differs.

    Its variance is n_C n_T / 12 (N + 1 - sum(t^3 - t) / (N (N - 1))) over groups of t ties. Exact where there are no
    ties and at most 2,500 pairs, else normal with continuity correction.
    """
    problem = _too_small(control, treatment, min_units)
    if problem:
        return problem
    both = control + treatment
    c, t = (_on(arm, both.values) for arm in (control, treatment))
    n_c, n_t, n = float(control.n), float(treatment.n), float(both.n)
    if len(both.values) == 1:
        return NotComputable("every unit of both arms has the same value", ReasonCode.ZERO_VARIANCE)
    placed_t, placed_c = (np.cumsum(c) - c / 2.0) / n_c, (np.cumsum(t) - t / 2.0) / n_t
    theta = float(t @ placed_t) / n_t
    u, pairs = theta * n_c * n_t, n_c * n_t
    ties = float(((both.counts**3 - both.counts) / n / (n - 1.0)).sum())
    sd = math.sqrt(pairs / 12.0 * (n + 1.0 - ties))
    away = max(0.0, abs(u - pairs / 2.0) - 0.5)
    z = math.copysign(away / sd, u - pairs / 2.0)
    exact = bool((both.counts == 1).all()) and pairs <= EXACT_PAIRS
    p_value = _exact_p(round(u), int(n_c), int(n_t)) if exact else float(2.0 * special.ndtr(-abs(z)))
    spread_t = float(t @ (placed_t - theta) ** 2) / (n_t - 1.0) / n_t
    spread_c = float(c @ (placed_c - (1.0 - theta)) ** 2) / (n_c - 1.0) / n_c
    half = normal_critical(level) * math.sqrt(spread_t + spread_c)
    effect = Estimate(theta, max(0.0, theta - half), min(1.0, theta + half))
    if half == 0.0:
        effect = _apart(theta, n_c, n_t, level)
    return RankTest(level, u, effect, z, min(1.0, p_value), exact)


@dataclass(frozen=True, slots=True, eq=False)
class _Draws:
    value: FloatArray
    squared_error: FloatArray


def _draw(arm: ValueCounts, draws: int, rng: np.random.Generator, quantile: float | None) -> _Draws:
    """The statistic of each draw, and for means its squared standard error."""
    n, share = arm.n, arm.counts / arm.counts.sum()
    block = max(1, _CELLS // len(arm.values))
    centre = float(arm.counts @ arm.values / n)
    off = arm.values - centre
    value, squared = np.empty(draws), np.full(draws, np.nan)
    for start in range(0, draws, block):
        rows = slice(start, min(start + block, draws))
        drawn = rng.multinomial(n, share, rows.stop - start).astype(np.float64)
        if quantile is None:
            mean = drawn @ off / n
            value[rows] = centre + mean
            squared[rows] = np.maximum(drawn @ (off * off) / n - mean * mean, 0.0) / (n - 1.0)
        else:
            rank = max(1.0, math.ceil(round(n * quantile, 9)))
            value[rows] = arm.values[(np.cumsum(drawn, axis=1) >= rank).argmax(axis=1)]
    return _Draws(value, squared)


def _percentile(value: float, draws: FloatArray, level: float) -> Estimate:
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail])
    return Estimate(value, float(low), float(high))


def _studentised(
    difference: float, error: float, moved: FloatArray, errors: FloatArray, level: float
) -> tuple[Estimate, float]:
    """Bootstrap-t; a draw without any variance is infinitely far out, on the side that it moved to."""
    with np.errstate(all="ignore"):
        scores = np.where(moved == difference, 0.0, (moved - difference) / errors)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(scores, [tail, 1.0 - tail], method="nearest")
    found = difference / error
    p_value = _two_sided(float((scores >= found).sum()), float((scores <= found).sum()), len(scores))
    return Estimate(difference, difference - float(high) * error, difference - float(low) * error), p_value


def _two_sided(one: float, other: float, draws: int) -> float:
    return min(1.0, 2.0 * (1.0 + min(one, other)) / (draws + 1.0))


def _lift(
    base: float, difference: float, bases: FloatArray, moved: FloatArray, level: float
) -> Estimate | NotComputable:
    if base == 0.0:
        return NotComputable("the control value is zero, so nothing is relative to it", ReasonCode.ZERO_BASELINE)
    if (np.sign(bases) != math.copysign(1.0, base)).any():
        return NotComputable("draws of the control value lie on both sides of zero", ReasonCode.LIFT_UNBOUNDED)
    return _percentile(difference / abs(base), moved / np.abs(bases), level)


def _too_small(control: ValueCounts, treatment: ValueCounts, min_units: int) -> NotComputable | None:
    if min(control.n, treatment.n) >= max(min_units, 2):
        return None
    found = f"control has {control.n:,}, treatment {treatment.n:,}"
    return NotComputable(f"needs {max(min_units, 2)} units per arm: {found}", ReasonCode.TOO_FEW_UNITS)


def _on(arm: ValueCounts, values: FloatArray) -> FloatArray:
    """The arm's count at each of these values, which include its own."""
    counts = np.zeros(values.shape)
    counts[np.searchsorted(values, arm.values)] = arm.counts
    return counts


def _apart(theta: float, n_c: float, n_t: float, level: float) -> Estimate:
    """Score interval at 0 or 1: the other end solves |theta - x| = z sqrt(V(x)), V for two exponential arms."""
    z, half_units = normal_critical(level), (n_c + n_t) / 2.0 - 1.0
    near, far = 0.0, 1.0
    for _ in range(80):
        gap = (near + far) / 2.0
        spread = gap * (1.0 - gap) * (1.0 + half_units * (gap / (1.0 + gap) + (1.0 - gap) / (2.0 - gap)))
        near, far = (gap, far) if gap < z * math.sqrt(spread / (n_c * n_t)) else (near, gap)
    return Estimate(theta, 1.0 - far, 1.0) if theta > 0.5 else Estimate(theta, 0.0, far)


def _exact_p(u: int, n_c: int, n_t: int) -> float:
    """Two-sided p of U without ties: ways to reach each U are the coefficients of the Gaussian binomial."""
    ways = np.zeros(n_c * n_t + 1)
    ways[0] = 1.0
    for k in range(1, n_t + 1):
        _times_one_minus(ways, n_c + k)
        _over_one_minus(ways, k)
    extreme = max(u, n_c * n_t - u)
    return min(1.0, 2.0 * float(ways[extreme:].sum() / ways.sum()))


def _times_one_minus(ways: FloatArray, power: int) -> None:
    """Multiply a polynomial by 1 - x^power, in place."""
    if power < len(ways):
        ways[power:] -= ways[:-power].copy()


def _over_one_minus(ways: FloatArray, power: int) -> None:
    """Divide a polynomial by 1 - x^power, in place."""
    for start in range(power):
        ways[start::power] = np.cumsum(ways[start::power])

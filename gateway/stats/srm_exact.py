"""Sample ratio mismatch in few units: the exact binomial test of two arms, and every segment of a population.

Chi-squared needs counts; below its floor of 100 units two arms are tested exactly. The two-sided p is the probability
of every count that is no likelier than the one observed, as SciPy's `binomtest` has it. Segments are one family: each
gets a p-value of its own, corrected for how many were looked at, and is judged by that alone.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special

from gateway.stats.families import correct
from gateway.stats.result import Correction, SrmResult, SrmStatus
from gateway.stats.srm import MIN_TOTAL, MISMATCH_P, check_srm
from gateway.stats.tails import FloatArray

_TIE = 1.0 + 1e-7
"""Counts this close in probability count as equally likely, as in SciPy."""


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """Observed units sorted by what the plan says of their arm."""

    tested: Mapping[str, int]
    shares: Mapping[str, float]
    """Of the tested arms, as given; the SRM functions normalise them, so a holdout's share falls to the others."""
    holdout: Mapping[str, int]
    """Held out by design: never part of the test, whether or not their units are logged."""
    unknown: Mapping[str, int]
    """In no plan: shown and counted, never tested."""


@dataclass(frozen=True, slots=True)
class SegmentSrm:
    """One segment; `result.status` is by the corrected p."""

    segment: str
    result: SrmResult
    p_value_adjusted: float | None
    exact: bool
    """True where the binomial test stood in for chi-squared."""


@dataclass(frozen=True, slots=True)
class SrmSegments:
    """Every segment, and the worst of their states."""

    status: SrmStatus
    correction: Correction
    segments: tuple[SegmentSrm, ...]


def sort_arms(
    observed: Mapping[str, int], expected_shares: Mapping[str, float], holdouts: Collection[str] = ()
) -> ArmCounts:
    """Tell tested arms from holdouts and unknown ones; an expected arm without units is tested with zero."""
    shares = {arm: share for arm, share in expected_shares.items() if arm not in holdouts and share != 0}
    return ArmCounts(
        tested={arm: int(observed.get(arm, 0)) for arm in shares},
        shares=shares,
        holdout={arm: int(count) for arm, count in observed.items() if arm in holdouts},
        unknown={arm: int(count) for arm, count in observed.items() if arm not in shares and arm not in holdouts},
    )


def binomial_p_value(successes: int, trials: int, share: float) -> float:
    """Two-sided exact p of `successes` of `trials` under `share`; exact at any size, its tail kept to 1e-300."""
    if not (0 <= successes <= trials and 0.0 < share < 1.0):
        raise ValueError("needs 0 <= successes <= trials and a share between 0 and 1")
    if successes > trials * share:
        return binomial_p_value(trials - successes, trials, 1.0 - share)
    if successes == trials * share:
        return 1.0
    limit = _log_chance(successes, trials, share) + math.log(_TIE)
    low, high = math.ceil(trials * share) - 1, trials + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _log_chance(middle, trials, share) <= limit else (middle, high)
    below = float(special.bdtr(successes, trials, share))
    above = float(special.bdtr(trials - high, trials, 1.0 - share)) if high <= trials else 0.0
    return min(1.0, below + above)


def check_srm_exact(observed: Mapping[str, int], expected_shares: Mapping[str, float]) -> SrmResult:
    """`check_srm` for two arms of any size, small ones above all; judged by the exact p alone."""
    counts = sort_arms(observed, expected_shares)
    total, whole = sum(counts.tested.values()), math.fsum(counts.shares.values())
    expected = tuple((arm, share / whole if whole else math.nan) for arm, share in counts.shares.items())
    n_unknown = sum(counts.unknown.values())

    def result(status: SrmStatus, p_value: float | None, reason: str) -> SrmResult:
        return SrmResult(status, p_value, reason, total, n_unknown, expected)

    if not all(math.isfinite(share) and share > 0 for share in counts.shares.values()):
        return result(SrmStatus.NOT_COMPUTABLE, None, "an expected share is not a positive number")
    if len(expected) != 2:
        return result(SrmStatus.NOT_COMPUTABLE, None, f"the exact test is for two arms, got {len(expected)}")
    share = expected[0][1]
    smallest = min(share, 1.0 - share) ** total if total else 1.0
    if smallest >= MISMATCH_P:
        return result(SrmStatus.NOT_COMPUTABLE, None, f"{total} units cannot show a mismatch whatever their split")
    p_value = binomial_p_value(counts.tested[expected[0][0]], total, share)
    if p_value < MISMATCH_P:
        return result(SrmStatus.MISMATCH, p_value, f"observed shares are not the expected ones (p = {p_value:.3g})")
    return result(SrmStatus.OK, p_value, "")


def check_srm_segments(
    segments: Mapping[str, Mapping[str, int]],
    expected_shares: Mapping[str, float],
    *,
    holdouts: Collection[str] = (),
    correction: str = Correction.HOLM,
) -> SrmSegments:
    """Every segment's split against the one plan, corrected for their number.

    Chi-squared above 100 units; the exact test below for two arms, not computable for more. An empty arm is a mismatch
    only where the corrected p says so: in a thin segment chance empties arms.
    """
    shares = {arm: share for arm, share in expected_shares.items() if arm not in holdouts}
    named, found = Correction(correction), []
    for segment, observed in segments.items():
        counts = sort_arms(observed, expected_shares, holdouts)
        exact = sum(counts.tested.values()) <= MIN_TOTAL and len(counts.shares) == 2
        seen = {arm: count for arm, count in observed.items() if arm not in holdouts}
        found.append((segment, (check_srm_exact if exact else check_srm)(seen, shares), exact))
    raw = [math.nan if result.p_value is None else result.p_value for _, result, _ in found]
    adjusted = correct(raw, correction=named, family="segments").p_value_adjusted
    rows = tuple(_judge(*row, p) for row, p in zip(found, adjusted.tolist(), strict=True))
    states = {row.result.status for row in rows}
    order = (SrmStatus.MISMATCH, SrmStatus.OK, SrmStatus.NOT_COMPUTABLE)
    return SrmSegments(next((state for state in order if state in states), SrmStatus.NOT_COMPUTABLE), named, rows)


def _judge(segment: str, result: SrmResult, exact: bool, adjusted: float) -> SegmentSrm:
    """The segment's own result with the status that its corrected p gives it."""
    if result.p_value is None or result.status is SrmStatus.NOT_COMPUTABLE:
        return SegmentSrm(segment, result, None, exact)
    off = adjusted < MISMATCH_P
    reason = f"observed shares are not the expected ones (corrected p = {adjusted:.3g})" if off else ""
    status = SrmStatus.MISMATCH if off else SrmStatus.OK
    return SegmentSrm(segment, replace(result, status=status, reason=reason), adjusted, exact)


def srm_p_values(counts: Any, shares: Any) -> FloatArray:
    """Chi-squared p per row of counts, shape (g, k); shares (k,) or (g, k), normalised per row.

    NaN in a count is an arm that the row does not have. NaN comes back with fewer than two arms, no units, or a share
    that is not positive and finite; floors are the caller's.
    """
    observed = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    planned = np.broadcast_to(np.asarray(shares, dtype=np.float64), observed.shape)
    present = ~np.isnan(observed)
    if (observed[present] < 0).any():
        raise ValueError("an arm cannot have fewer than zero units")
    with np.errstate(all="ignore"):
        weight = np.where(present, planned, 0.0)
        due = np.nansum(observed, axis=1, keepdims=True) * weight / weight.sum(axis=1, keepdims=True)
        parts = np.where(present, (observed - due) ** 2 / due, 0.0)
        p = special.chdtrc(present.sum(axis=1) - 1.0, parts.sum(axis=1))
        sound = (~present | (np.isfinite(planned) & (planned > 0))).all(axis=1)
        usable = sound & (present.sum(axis=1) > 1) & (np.nansum(observed, axis=1) > 0)
    return np.where(usable, p, np.nan)


def _log_chance(successes: int, trials: int, share: float) -> float:
    """Log of the binomial probability of one count."""
    ways = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    return ways + successes * math.log(share) + (trials - successes) * math.log1p(-share)

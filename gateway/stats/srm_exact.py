"""Sample ratio mismatch in few units: the exact binomial test of two arms.

Chi-squared needs counts; below its floor of 100 units two arms are tested exactly. The two-sided p is the probability
of every count that is no likelier than the one observed, as SciPy's `binomtest` has it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from scipy import special

from gateway.stats.arms import as_column
from gateway.stats.result import Method, ReasonCode, SrmResult, SrmStatus
from gateway.stats.srm_split import (
    MISMATCH_P,
    ArmCounts,
    Split,
    SrmColumns,
    first_reason,
    judged,
    one_row,
    row_of,
    sort_arms,
    split,
)
from gateway.stats.tails import FloatArray

__all__ = [
    "ArmCounts",
    "binomial_p_value",
    "binomial_p_values",
    "check_srm_exact",
    "check_srm_exact_columns",
    "exact",
    "sort_arms",
]

_TIE = math.log1p(1e-7)
"""Counts this close in log probability count as equally likely, as in SciPy."""


def binomial_p_value(successes: int, trials: int, share: float) -> float:
    """Two-sided exact p of `successes` of `trials` under `share`, its tail kept to 1e-300.

    From about 1e8 trials, which counts are as likely as the one observed is told to a few counts only: p near 1 is then
    good to three digits, small p to five and more.
    """
    return float(binomial_p_values(successes, trials, share)[0])


def binomial_p_values(successes: Any, trials: Any, share: Any) -> FloatArray:
    """`binomial_p_value` over columns of one length; the far tail's edge is found by bisection in every row at once."""
    given = np.broadcast_arrays(as_column(successes), as_column(trials), as_column(share))
    seen, n, p = (np.array(column) for column in given)
    if not ((seen >= 0) & (seen <= n) & (p > 0.0) & (p < 1.0) & np.isfinite(n)).all():
        raise ValueError("needs 0 <= successes <= trials and a share between 0 and 1")
    above = seen > n * p
    seen, p = np.where(above, n - seen, seen), np.where(above, 1.0 - p, p)
    limit = _log_chance(seen, n, p) + _TIE
    low, high = np.ceil(n * p) - 1.0, n + 1.0
    while (open_ := high - low > 1.0).any():
        middle = np.floor((low + high) / 2.0)
        rarer = _log_chance(middle, n, p) <= limit
        low, high = np.where(open_ & ~rarer, middle, low), np.where(open_ & rarer, middle, high)
    with np.errstate(all="ignore"):
        far = np.where(high <= n, _at_most(n - high, n, 1.0 - p), 0.0)
    return np.where(seen == n * p, 1.0, np.minimum(1.0, _at_most(seen, n, p) + far))


def check_srm_exact_columns(counts: Any, shares: Any, *, holdout: Any = False, unknown: Any = 0.0) -> SrmColumns:
    """`check_srm_exact` for g experiments; arguments as in `check_srm_columns`, two tested arms in every row."""
    return exact(split(counts, shares, holdout, unknown))


def exact(parts: Split) -> SrmColumns:
    """Judged by the exact p alone; no answer where not even the rarest split could be a mismatch."""
    first = parts.tested.argmax(axis=-1)[:, None]
    seen = np.take_along_axis(parts.observed, first, axis=-1)[:, 0]
    share = np.take_along_axis(parts.share, first, axis=-1)[:, 0]
    not_two = parts.arms != 2
    usable = ~not_two & parts.sound
    with np.errstate(all="ignore"):
        rarest = np.minimum(share, 1.0 - share) ** parts.n_units
        too_small = ~(rarest < MISMATCH_P)
    p = np.full(len(seen), np.nan)
    p[usable] = binomial_p_values(seen[usable], parts.n_units[usable], share[usable])
    return judged(parts, p, Method.BINOMIAL, first_reason(parts, not_two, ReasonCode.NOT_TWO_ARMS, too_small))


def check_srm_exact(
    observed: Mapping[str, int], expected_shares: Mapping[str, float], holdouts: Collection[str] = ()
) -> SrmResult:
    """`check_srm` for two arms of any size, small ones above all; judged by the exact p alone."""
    names, counts, shares, held, unknown = one_row(observed, expected_shares, holdouts)
    columns = check_srm_exact_columns([counts], shares, holdout=held, unknown=unknown)
    return row_of(columns, 0, names, sentence(columns, 0))


def sentence(columns: SrmColumns, i: int) -> str:
    """What was found in row i, with its numbers; empty where the split is as planned."""
    match columns.reason[i]:
        case ReasonCode.SHARE_NOT_POSITIVE:
            return "an expected share is not a positive number"
        case ReasonCode.NOT_TWO_ARMS:
            return f"the exact test is for two arms, got {(~np.isnan(columns.observed[i])).sum()}"
        case ReasonCode.TOO_FEW_UNITS:
            return f"{columns.n_units[i]:.0f} units cannot show a mismatch whatever their split"
    alarm = columns.status[i] == SrmStatus.MISMATCH
    return f"observed shares are not the expected ones (p = {columns.p_value[i]:.3g})" if alarm else ""


def _at_most(count: FloatArray, trials: FloatArray, share: FloatArray) -> FloatArray:
    """P(X <= count) of a binomial X, by the incomplete beta function: SciPy's `bdtr` fails from about 1e9 trials."""
    with np.errstate(all="ignore"):
        return np.where(count >= trials, 1.0, special.betaincc(count + 1.0, trials - count, share))


def _log_chance(successes: FloatArray, trials: FloatArray, share: FloatArray) -> FloatArray:
    """Log of the binomial probability of one count."""
    failures = trials - successes
    ways = special.gammaln(trials + 1.0) - special.gammaln(successes + 1.0) - special.gammaln(failures + 1.0)
    return np.asarray(ways + successes * np.log(share) + failures * np.log1p(-share))

"""Sample ratio mismatch: did units arrive in the shares that were planned?

Chi-squared goodness of fit over the arms with an expected share, k - 1 degrees of freedom, by its survival function
(Fabijan et al., KDD 2019). A mismatch means that something other than chance chose the arms; no effect is then trusted.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from gateway.stats.result import Method, ReasonCode, SrmResult, SrmStatus
from gateway.stats.srm_split import (
    MIN_TOTAL,
    MISMATCH_P,
    SrmColumns,
    first_reason,
    judged,
    one_row,
    row_of,
    split,
)
from gateway.stats.tails import FloatArray, chi_squared_sf

__all__ = ["MIN_TOTAL", "MISMATCH_P", "check_srm", "check_srm_columns", "srm_p_value", "srm_p_values"]


def srm_p_value(observed: Mapping[str, int], expected_shares: Mapping[str, float]) -> float | None:
    """p of the observed counts under the expected shares, the original kernel's rules with shares normalised.

    An arm that is expected and not observed counts as zero units; one that is observed and not expected is left out.
    None with fewer than two expected arms, no units in them, or a share that is not a positive finite number.
    """
    if not expected_shares:
        return None
    counts = [float(observed.get(arm, 0)) for arm in expected_shares]
    p = float(srm_p_values(counts, list(expected_shares.values()))[0])
    return None if math.isnan(p) else p


def srm_p_values(counts: Any, shares: Any) -> FloatArray:
    """Chi-squared p per row of counts, shape (g, k); shares (k,) or (g, k), normalised per row.

    NaN in a count is an arm that the row does not have. NaN comes back with fewer than two arms, no units, or a share
    that is not positive and finite, zero included; floors are the caller's.
    """
    parts = split(counts, shares)
    no_share = (np.broadcast_to(np.asarray(shares, dtype=np.float64), parts.tested.shape) == 0) & ~np.isnan(
        np.atleast_2d(np.asarray(counts, dtype=np.float64))
    )
    with np.errstate(all="ignore"):
        p = chi_squared_sf(parts.chi_squared, parts.arms - 1.0)
        usable = parts.sound & ~no_share.any(axis=-1) & (parts.arms > 1) & (parts.n_units > 0)
    return np.where(usable & np.isfinite(parts.n_units), p, np.nan)


def check_srm_columns(counts: Any, shares: Any, *, holdout: Any = False, unknown: Any = 0.0) -> SrmColumns:
    """`check_srm` for g experiments of up to k arms: counts (g, k), shares and holdout (k,) or (g, k), unknown (g,).

    A NaN count is an arm that the row does not have; a share of zero makes an arm unknown.
    """
    parts = split(counts, shares, holdout, unknown)
    reason = first_reason(parts, parts.arms < 2, ReasonCode.TOO_FEW_ARMS, ~(parts.n_units > MIN_TOTAL))
    with np.errstate(all="ignore"):
        p = chi_squared_sf(parts.chi_squared, parts.arms - 1.0)
    return judged(parts, p, Method.CHI_SQUARED, reason, parts.empty)


def check_srm(
    observed: Mapping[str, int], expected_shares: Mapping[str, float], holdouts: Collection[str] = ()
) -> SrmResult:
    """The verdict that answers lead with: ok, not computable, or mismatch: p < 0.001, or an expected arm without units.

    Arms with no share, or a share of zero, are unknown: counted beside, never tested. Arms held out by design are
    counted beside too. Quarantined units belong in neither mapping.
    """
    names, counts, shares, held, unknown = one_row(observed, expected_shares, holdouts)
    columns = check_srm_columns([counts], shares, holdout=held, unknown=unknown)
    return row_of(columns, 0, names, sentence(columns, 0, names))


def sentence(columns: SrmColumns, i: int, names: tuple[str, ...]) -> str:
    """What was found in row i, with its numbers; empty where the split is as planned."""
    match columns.reason[i]:
        case ReasonCode.SHARE_NOT_POSITIVE:
            return "an expected share is not a positive number"
        case ReasonCode.TOO_FEW_ARMS:
            arms = int((~np.isnan(columns.observed[i])).sum())
            return f"needs two arms with an expected share, got {arms}"
        case ReasonCode.TOO_FEW_UNITS:
            return f"needs more than {MIN_TOTAL} units in total, got {columns.n_units[i]:.0f}"
    if columns.status[i] == SrmStatus.OK:
        return ""
    if columns.empty[i]:
        bare = ", ".join(repr(name) for name, count in zip(names, columns.observed[i], strict=True) if count == 0)
        return f"no units in {bare}, expected to have a share"
    return f"observed shares are not the expected ones (p = {columns.p_value[i]:.3g})"

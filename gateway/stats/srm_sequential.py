"""Sample ratio mismatch that may be checked at every look: the Dirichlet-multinomial e-value.

Lindon and Malek (NeurIPS 2022, arXiv 2011.03567): against the planned shares theta stands a Dirichlet(a), a = c theta.
After N_j units in arm j, with B the multivariate beta function,

    ln E = ln B(a + N) - ln B(a) - sum N_j ln theta_j,      p = min over looks so far of 1/E, at most 1

E is a martingale under the plan, so p < 0.001 at any look, ever, has a chance below 0.001. The concentration c says how
far off a mismatch is expected to be: at 10,000 (Optimizely's) by a percent or so. Units must be assigned independently.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from gateway.stats.result import SrmStatus
from gateway.stats.srm import MISMATCH_P
from gateway.stats.srm_exact import sort_arms
from gateway.stats.tails import FloatArray, chi_squared_sf

CONCENTRATION = 10_000.0


@dataclass(frozen=True, slots=True)
class SequentialSrm:
    """What the looks so far say of the split."""

    status: SrmStatus
    p_value: float | None
    """Always valid; it never rises from one look to the next."""
    log_e_value: float | None
    """Natural log of the evidence against the plan at the last look; below 0 where it speaks for the plan."""
    first_alarm: int | None
    """Index of the first look with p < 0.001."""
    reason: str
    n_units: int
    n_unknown: int
    expected: tuple[tuple[str, float], ...]
    concentration: float


def log_e_values(counts: Any, shares: Any, concentration: float = CONCENTRATION) -> FloatArray:
    """ln E of each row of cumulative counts, shape (..., k), under shares of shape (k,), normalised."""
    if not (math.isfinite(concentration) and concentration > 0):
        raise ValueError(f"a concentration is a positive number, not {concentration!r}")
    planned = np.asarray(shares, dtype=np.float64)
    theta = planned / planned.sum()
    prior, observed = concentration * theta, np.asarray(counts, dtype=np.float64)
    total = observed.sum(axis=-1)
    gained = (special.gammaln(prior + observed) - special.gammaln(prior) - observed * np.log(theta)).sum(axis=-1)
    return np.asarray(gained + special.gammaln(concentration) - special.gammaln(concentration + total))


def check_srm_sequential(
    looks: Sequence[Mapping[str, int]],
    expected_shares: Mapping[str, float],
    *,
    concentration: float = CONCENTRATION,
) -> SequentialSrm:
    """Cumulative counts of every look, oldest first; unknown arms are counted at the last look and never tested."""
    sorted_looks = [sort_arms(look, expected_shares) for look in looks]
    planned = sort_arms({}, expected_shares).shares
    whole = math.fsum(planned.values())
    expected = tuple((arm, share / whole if whole else math.nan) for arm, share in planned.items())
    last = sorted_looks[-1] if sorted_looks else sort_arms({}, expected_shares)
    n_units, n_unknown = sum(last.tested.values()), sum(last.unknown.values())

    def silent(reason: str) -> SequentialSrm:
        state = SrmStatus.NOT_COMPUTABLE
        return SequentialSrm(state, None, None, None, reason, n_units, n_unknown, expected, concentration)

    if not all(math.isfinite(share) and share > 0 for share in planned.values()):
        return silent("an expected share is not a positive number")
    if len(planned) < 2:
        return silent(f"needs two arms with an expected share, got {len(planned)}")
    if not n_units:
        return silent("no units in the arms that have an expected share")
    counts = np.array([list(look.tested.values()) for look in sorted_looks], dtype=np.float64)
    if (counts < 0).any() or (np.diff(counts, axis=0) < 0).any():
        raise ValueError("looks are cumulative: no arm can have fewer units than at the look before")
    evidence = log_e_values(counts, list(planned.values()), concentration)
    p_values = np.exp(-np.maximum(np.maximum.accumulate(evidence), 0.0))
    alarms = np.flatnonzero(p_values < MISMATCH_P)
    first = int(alarms[0]) if len(alarms) else None
    p_value = float(p_values[-1])
    reason = "" if first is None else f"observed shares left the expected ones (always-valid p = {p_value:.3g})"
    status = SrmStatus.OK if first is None else SrmStatus.MISMATCH
    return SequentialSrm(
        status, p_value, float(evidence[-1]), first, reason, n_units, n_unknown, expected, concentration
    )


def srm_p_value_over_phases(phases: Sequence[tuple[Mapping[str, int], Mapping[str, float]]]) -> float | None:
    """p over phases that each had a split of their own, so that a changed split is not read as a mismatch.

    Each phase brings the units that were assigned in it and its shares; the chi-squared statistics and their degrees of
    freedom add up. None where no phase has two arms with shares and a unit; an unusable phase is left out.
    """
    statistic, dof = 0.0, 0
    for observed, shares in phases:
        counts = sort_arms(observed, shares)
        total, whole = sum(counts.tested.values()), math.fsum(counts.shares.values())
        if len(counts.shares) < 2 or not total or not all(share > 0 for share in counts.shares.values()):
            continue
        due = [total * share / whole for share in counts.shares.values()]
        found = zip(counts.tested.values(), due, strict=True)
        statistic += math.fsum((seen - expected) ** 2 / expected for seen, expected in found)
        dof += len(due) - 1
    return chi_squared_sf(statistic, dof) if dof else None

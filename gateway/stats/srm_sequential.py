"""Sample ratio mismatch that may be checked at every look: the Dirichlet-multinomial e-value.

Lindon and Malek (NeurIPS 2022, arXiv 2011.03567): against the planned shares theta stands a Dirichlet(a), a = c theta.
After N_j units in arm j, with B the multivariate beta function,

    ln E = ln B(a + N) - ln B(a) - sum N_j ln theta_j,      p = min over looks so far of 1/E, at most 1

E is a martingale under the plan, so p < 0.001 at any look, ever, has a chance below 0.001. The concentration c says how
far off a mismatch is expected to be: at 10,000 (Optimizely's) by a percent or so. Units must be assigned independently.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from gateway.stats.arms import is_none
from gateway.stats.result import Method, ReasonCode, SrmStatus
from gateway.stats.srm_split import MISMATCH_P, Split, first_reason, one_row, over_arms, split
from gateway.stats.tails import FloatArray, ObjectArray

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
    method: Method = Method.DIRICHLET_MULTINOMIAL
    level: float = 1.0 - MISMATCH_P
    observed: tuple[tuple[str, int], ...] = ()
    """Units of the tested arms at the last look."""
    n_holdout: int = 0
    code: ReasonCode | None = None
    """Where `status` is not_computable."""


@dataclass(frozen=True, slots=True, eq=False)
class SequentialSrmColumns:
    """Row g is an experiment; fields as in `SequentialSrm`, NaN or None where there is no answer."""

    status: ObjectArray
    p_value: FloatArray
    p_values: FloatArray
    """After each look, shape (g, looks); NaN for looks not made."""
    log_e_value: FloatArray
    first_alarm: FloatArray
    """Index of the first look with p < 0.001; NaN where there was none."""
    reason: ObjectArray
    n_units: FloatArray
    n_unknown: FloatArray
    n_holdout: FloatArray
    observed: FloatArray
    """Units of the tested arms at the last look, shape (g, k); NaN where an arm is not tested."""
    expected: FloatArray
    concentration: float
    level: float = 1.0 - MISMATCH_P

    def __len__(self) -> int:
        return len(self.status)


def log_e_values(counts: Any, shares: Any, concentration: float = CONCENTRATION) -> FloatArray:
    """ln E of each row of cumulative counts, shape (..., k), under shares that broadcast to it, normalised."""
    _check(concentration)
    observed = np.asarray(counts, dtype=np.float64)
    planned = np.broadcast_to(np.asarray(shares, dtype=np.float64), observed.shape)
    return _log_e(observed, planned / over_arms(planned)[..., None], concentration)


def check_srm_sequential_columns(
    looks: Any, shares: Any, *, holdout: Any = False, unknown: Any = 0.0, concentration: float = CONCENTRATION
) -> SequentialSrmColumns:
    """Cumulative counts of g experiments at every look, shape (g, looks, k), oldest first.

    `shares` and `holdout` are (k,), or (g, 1, k) where experiments differ; `unknown` is (g,), at the last look. NaN in
    all looks is an arm that the experiment does not have; NaN in all arms is a look not made yet, after the last one.
    """
    _check(concentration)
    counts = np.asarray(looks, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        if (np.diff(counts, axis=1) < 0).any():
            raise ValueError("looks are cumulative: no arm can have fewer units than at the look before")
    made = ~np.isnan(counts).all(axis=-1)
    parts = split(counts, shares, holdout)
    rows, last = np.arange(len(counts)), np.maximum(made.sum(axis=1) - 1, 0)
    final = _at(parts, rows, last, unknown)
    reason = first_reason(final, final.arms < 2, ReasonCode.TOO_FEW_ARMS, final.n_units == 0)
    with np.errstate(all="ignore"):
        evidence = np.where(made, _log_e(parts.observed, parts.share, concentration), -np.inf)
        p_values = np.exp(-np.maximum(np.maximum.accumulate(evidence, axis=1), 0.0))
    alarms = (p_values < MISMATCH_P) & is_none(reason)[:, None]
    status = np.where(alarms.any(axis=1), SrmStatus.MISMATCH.value, SrmStatus.OK.value).astype(object)
    status[~is_none(reason)] = SrmStatus.NOT_COMPUTABLE.value
    silent = ~is_none(reason)
    return SequentialSrmColumns(
        status=status,
        p_value=np.where(silent, np.nan, p_values[rows, last]),
        p_values=np.where(silent[:, None] | ~made, np.nan, p_values),
        log_e_value=np.where(silent, np.nan, evidence[rows, last]),
        first_alarm=np.where(alarms.any(axis=1), alarms.argmax(axis=1), np.nan),
        reason=reason,
        n_units=final.n_units,
        n_unknown=final.n_unknown,
        n_holdout=final.n_holdout,
        observed=np.where(final.tested, final.observed, np.nan),
        expected=np.where(final.tested, final.share, np.nan),
        concentration=concentration,
    )


def check_srm_sequential(
    looks: Sequence[Mapping[str, int]],
    expected_shares: Mapping[str, float],
    *,
    holdouts: Collection[str] = (),
    concentration: float = CONCENTRATION,
) -> SequentialSrm:
    """Cumulative counts of every look, oldest first; unknown arms are counted at the last look and never tested."""
    held_seen = {arm: 0 for look in looks for arm in look if arm in set(holdouts)}
    rows = [one_row(held_seen | dict(look), expected_shares, holdouts) for look in looks or [{}]]
    names, _, shares, held, unknown = rows[-1]
    counts = np.array([[row[1] for row in rows]])
    found = check_srm_sequential_columns(counts, shares, holdout=held, unknown=unknown, concentration=concentration)
    silent, alarm = found.reason[0] is not None, float(found.first_alarm[0])
    tested = np.flatnonzero(~np.isnan(found.observed[0])).tolist()
    return SequentialSrm(
        status=SrmStatus(found.status[0]),
        p_value=None if silent else float(found.p_value[0]),
        log_e_value=None if silent else float(found.log_e_value[0]),
        first_alarm=None if math.isnan(alarm) else int(alarm),
        reason=_sentence(found),
        n_units=int(found.n_units[0]),
        n_unknown=int(found.n_unknown[0]),
        expected=tuple((names[j], float(found.expected[0, j])) for j in tested),
        concentration=concentration,
        observed=tuple((names[j], int(found.observed[0, j])) for j in tested),
        n_holdout=int(found.n_holdout[0]),
        code=ReasonCode(found.reason[0]) if silent else None,
    )


def _at(parts: Split, rows: Any, last: Any, unknown: Any) -> Split:
    """The split at each row's last look."""
    return Split(
        observed=parts.observed[rows, last],
        share=parts.share[rows, last],
        tested=parts.tested[rows, last],
        arms=parts.arms[rows, last],
        n_units=parts.n_units[rows, last],
        n_unknown=parts.n_unknown[rows, last] + np.asarray(unknown, dtype=np.float64),
        n_holdout=parts.n_holdout[rows, last],
        sound=parts.sound[rows, last],
    )


def _log_e(observed: FloatArray, theta: FloatArray, concentration: float) -> FloatArray:
    """Arms with a theta of zero are not tested and add nothing."""
    prior = concentration * theta
    with np.errstate(all="ignore"):
        gained = special.gammaln(prior + observed) - special.gammaln(prior) - observed * np.log(theta)
    total = over_arms(observed)
    start = special.gammaln(concentration) - special.gammaln(concentration + total)
    return over_arms(np.where(theta == 0.0, 0.0, gained)) + np.asarray(start)


def _check(concentration: float) -> None:
    if not (math.isfinite(concentration) and concentration > 0):
        raise ValueError(f"a concentration is a positive number, not {concentration!r}")


def _sentence(found: SequentialSrmColumns) -> str:
    match found.reason[0]:
        case ReasonCode.SHARE_NOT_POSITIVE:
            return "an expected share is not a positive number"
        case ReasonCode.TOO_FEW_ARMS:
            return f"needs two arms with an expected share, got {(~np.isnan(found.observed[0])).sum()}"
        case ReasonCode.TOO_FEW_UNITS:
            return "no units in the arms that have an expected share"
    if found.status[0] == SrmStatus.OK:
        return ""
    return f"observed shares left the expected ones (always-valid p = {found.p_value[0]:.3g})"

"""Sample ratio mismatch in every segment of a population, and over phases that each had a split of their own.

Segments are one family: each gets a p-value of its own, corrected for how many were looked at, and is judged by that
alone. Phases are one test: their chi-squared statistics and degrees of freedom add up, so that a split that was changed
on purpose is not read as a mismatch.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gateway.stats import srm, srm_exact
from gateway.stats.families import correct
from gateway.stats.groups import number, total
from gateway.stats.result import Correction, Method, ReasonCode, SrmResult, SrmStatus
from gateway.stats.srm_split import (
    MIN_TOTAL,
    MISMATCH_P,
    SrmColumns,
    first_reason,
    judged,
    one_row,
    over_arms,
    row_of,
    split,
)
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray, chi_squared_sf

Phases = Sequence[tuple[Mapping[str, int], Mapping[str, float]]]
"""Each phase's own units and its shares."""


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


@dataclass(frozen=True, slots=True, eq=False)
class SrmSegmentColumns:
    """Row g is one segment of one experiment; `rows.status` is by the corrected p."""

    rows: SrmColumns
    p_value_adjusted: FloatArray
    correction: Correction
    experiment: ObjectArray
    """Of each row: its segments are one family."""
    experiments: tuple[Any, ...]
    """In order of first appearance."""
    status: ObjectArray
    """The worst state of each experiment's segments."""

    @property
    def exact(self) -> BoolArray:
        """Rows in which the binomial test stood in for chi-squared."""
        return np.asarray(self.rows.method == Method.BINOMIAL, dtype=np.bool_)


def check_srm_segments_columns(
    counts: Any,
    shares: Any,
    *,
    experiment: Any = "all",
    holdout: Any = False,
    unknown: Any = 0.0,
    correction: str = Correction.HOLM,
) -> SrmSegmentColumns:
    """Segments of many experiments: counts (g, k), shares and holdout (k,) or (g, k), experiment one or (g,).

    Chi-squared above 100 units; the exact test below for two arms, not computable for more. An empty arm is a mismatch
    only where the corrected p says so: in a thin segment chance empties arms.
    """
    parts, named = split(counts, shares, holdout, unknown), Correction(correction)
    small = (parts.n_units <= MIN_TOTAL) & (parts.arms == 2)
    usual = srm.check_srm_columns(counts, shares, holdout=holdout, unknown=unknown)
    few = srm_exact.exact(parts)
    method, reason = np.where(small, few.method, usual.method), np.where(small, few.reason, usual.reason)
    p = np.where(small, few.p_value, usual.p_value)
    labels = np.broadcast_to(np.asarray(experiment, dtype=object), p.shape)
    adjusted = correct(p, correction=named, family=labels).p_value_adjusted
    rows = judged(parts, adjusted, method, reason)
    rows = replace(rows, p_value=p)
    names, codes = number(labels, len(p))
    status = np.full(len(names), SrmStatus.NOT_COMPUTABLE.value, dtype=object)
    for state in (SrmStatus.OK, SrmStatus.MISMATCH):
        status[total(codes, len(names), rows.status == state.value) > 0] = state.value
    return SrmSegmentColumns(rows, adjusted, named, labels, names, status)


def check_srm_segments(
    segments: Mapping[str, Mapping[str, int]],
    expected_shares: Mapping[str, float],
    *,
    holdouts: Collection[str] = (),
    correction: str = Correction.HOLM,
) -> SrmSegments:
    """Every segment's split against the one plan, corrected for their number; see `check_srm_segments_columns`."""
    named = Correction(correction)
    if not segments:
        return SrmSegments(SrmStatus.NOT_COMPUTABLE, named, ())
    seen_holdouts = {arm: 0 for observed in segments.values() for arm in observed if arm in set(holdouts)}
    rows = [one_row(seen_holdouts | dict(observed), expected_shares, holdouts) for observed in segments.values()]
    names, _, shares, held, _ = rows[0]
    found = check_srm_segments_columns(
        [row[1] for row in rows],
        shares,
        holdout=held,
        unknown=[row[4] for row in rows],
        correction=named,
    )
    return SrmSegments(
        SrmStatus(found.status[0]),
        named,
        tuple(_segment(found, i, names, segment) for i, segment in enumerate(segments)),
    )


def _segment(found: SrmSegmentColumns, i: int, names: tuple[str, ...], segment: str) -> SegmentSrm:
    exact, adjusted = bool(found.exact[i]), float(found.p_value_adjusted[i])
    if found.rows.reason[i] is not None:
        reason = srm_exact.sentence(found.rows, i) if exact else srm.sentence(found.rows, i, names)
    else:
        off = adjusted < MISMATCH_P
        reason = f"observed shares are not the expected ones (corrected p = {adjusted:.3g})" if off else ""
    return SegmentSrm(segment, row_of(found.rows, i, names, reason), None if math.isnan(adjusted) else adjusted, exact)


def check_srm_phases_columns(counts: Any, shares: Any, *, holdout: Any = False, unknown: Any = 0.0) -> SrmColumns:
    """Experiments with phases: counts (g, phases, k), shares and holdout broadcast to that, unknown (g,).

    A phase without two tested arms or without units is left out; a share that is no positive number leaves the row
    without an answer. A NaN count is an arm that the phase does not have. `expected` is each arm's share of the units
    as planned over all phases, and an arm that was expected in some phase and got no unit in any is a mismatch.
    """
    parts = split(counts, shares, holdout)
    usable = parts.sound & (parts.arms > 1) & (parts.n_units > 0)
    with np.errstate(all="ignore"):
        statistic = over_arms(np.where(usable, parts.chi_squared, 0.0))
        dof = over_arms(np.where(usable, parts.arms - 1.0, 0.0))
        due = _over_phases(np.where(usable[..., None], parts.n_units[..., None] * parts.share, 0.0))
        tested = np.asarray((parts.tested & usable[..., None]).any(axis=-2))
        observed = _over_phases(np.where(usable[..., None], parts.observed, 0.0))
        units = over_arms(observed)
        p = chi_squared_sf(statistic, dof)
        whole = replace(
            parts,
            observed=observed,
            share=np.where(tested, due / units[..., None], 0.0),
            tested=tested,
            arms=over_arms(np.asarray(tested, dtype=np.float64)),
            n_units=units,
            n_unknown=over_arms(parts.n_unknown) + np.asarray(unknown, dtype=np.float64),
            n_holdout=over_arms(parts.n_holdout),
            sound=np.asarray(parts.sound.all(axis=-1)),
        )
    reason = first_reason(whole, dof == 0, ReasonCode.TOO_FEW_ARMS, ~(whole.n_units > MIN_TOTAL))
    return judged(whole, p, Method.CHI_SQUARED, reason, whole.empty)


def check_srm_phases(phases: Phases, holdouts: Collection[str] = ()) -> SrmResult:
    """`check_srm` over phases that each had a split of their own; an arm absent from a phase's shares had none then."""
    names, counts, shares, held, unknown = _stacked(phases, holdouts)
    columns = check_srm_phases_columns([counts], shares, holdout=held, unknown=unknown)
    return row_of(columns, 0, names, srm.sentence(columns, 0, names))


def srm_p_value_over_phases(phases: Phases) -> float | None:
    """p over phases, without the floors of `check_srm_phases`. None where no phase has two arms with shares and a unit.

    Each phase brings the units that were assigned in it and its shares; an unusable phase is left out.
    """
    _, counts, shares, _, _ = _stacked(phases, ())
    parts = split(np.asarray(counts), shares)
    usable = parts.sound & (parts.arms > 1) & (parts.n_units > 0)
    with np.errstate(all="ignore"):
        statistic = over_arms(np.where(usable, parts.chi_squared, 0.0))
    dof = over_arms(np.where(usable, parts.arms - 1.0, 0.0))
    return float(chi_squared_sf(statistic, dof)) if dof > 0 else None


def _stacked(phases: Phases, holdouts: Collection[str]) -> tuple[tuple[str, ...], Any, Any, Any, float]:
    """Every phase on the arms of all of them, shape (phases, k)."""
    every = {arm: 0.0 for _, shares in phases for arm in shares}
    held_seen = {arm: 0 for observed, _ in phases for arm in observed if arm in set(holdouts)}
    rows = [one_row(held_seen | dict(observed), every | dict(shares), holdouts) for observed, shares in phases]
    if not rows:
        return (), np.zeros((1, 0)), np.zeros((1, 0)), np.zeros((1, 0), dtype=np.bool_), 0.0
    counts, shares, held = (np.array([row[part] for row in rows]) for part in (1, 2, 3))
    return rows[0][0], counts, shares, held, sum(row[4] for row in rows)


def _over_phases(values: FloatArray) -> FloatArray:
    return over_arms(np.moveaxis(values, -2, -1))

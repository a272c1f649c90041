"""The observed split of experiments beside the planned one: which arms are tested, which are only counted.

Row g is an experiment (or a segment, or a phase), column j its arm j. A NaN count is an arm that the row does not have.
An arm held out by design is counted beside; so is one whose share is zero, as unknown. Sums run over arms one at a
time, so that arms which a row does not have change no bit of its answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from gateway.stats.arms import is_none
from gateway.stats.result import Method, ReasonCode, SrmResult, SrmStatus
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray

MIN_TOTAL = 100
"""The chi-squared test needs more units than this in total."""
MISMATCH_P = 0.001


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


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """k arms of g rows, ready for a test."""

    observed: FloatArray
    """Units of the tested arms, shape (..., k); 0 elsewhere."""
    share: FloatArray
    """Normalised over the tested arms; 0 elsewhere."""
    tested: BoolArray
    arms: FloatArray
    """Tested arms of each row."""
    n_units: FloatArray
    n_unknown: FloatArray
    n_holdout: FloatArray
    sound: BoolArray
    """Rows whose tested arms all have a positive, finite share."""

    @property
    def empty(self) -> BoolArray:
        """Rows in which an expected arm has no units."""
        return np.asarray((self.tested & (self.observed == 0)).any(axis=-1))

    @property
    def chi_squared(self) -> FloatArray:
        """Pearson's statistic; arms - 1 degrees of freedom."""
        due = self.n_units[..., None] * self.share
        return over_arms(np.where(self.tested, (self.observed - due) ** 2 / due, 0.0))


def split(counts: Any, shares: Any, holdout: Any = False, unknown: Any = 0.0) -> Split:
    """Sort arms and normalise shares; `shares` and `holdout` are (k,) or as `counts`, `unknown` is one per row."""
    given = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    planned = np.broadcast_to(np.asarray(shares, dtype=np.float64), given.shape)
    if (given < 0).any():
        raise ValueError("an arm cannot have fewer than zero units")
    exists = ~np.isnan(given)
    held = exists & np.broadcast_to(np.asarray(holdout, dtype=np.bool_), given.shape)
    tested = exists & ~held & (planned != 0)
    observed = np.where(tested, given, 0.0)
    with np.errstate(all="ignore"):
        weight = np.where(tested, planned, 0.0)
        sound = (~tested | (np.isfinite(planned) & (planned > 0))).all(axis=-1)
        share = weight / over_arms(weight)[..., None]
    return Split(
        observed,
        share,
        tested,
        over_arms(tested.astype(np.float64)),
        over_arms(observed),
        over_arms(np.where(exists & ~held & ~tested, given, 0.0)) + np.asarray(unknown, dtype=np.float64),
        over_arms(np.where(held, given, 0.0)),
        sound,
    )


def over_arms(values: FloatArray) -> FloatArray:
    """Sum over the last axis, one arm after the other."""
    found = np.zeros(values.shape[:-1])
    for arm in range(values.shape[-1]):
        found = found + values[..., arm]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class SrmColumns:
    """The verdict per row. Columns of names hold plain text; NaN or None where there is no answer."""

    observed: FloatArray
    """Shape (g, k); NaN where an arm is not tested."""
    expected: FloatArray
    """Normalised shares, shape (g, k); NaN where an arm is not tested."""
    method: ObjectArray
    p_value: FloatArray
    status: ObjectArray
    """SrmStatus' text; never None."""
    reason: ObjectArray
    """A ReasonCode where nothing is computable."""
    empty: BoolArray
    """An expected arm has no units."""
    n_units: FloatArray
    n_unknown: FloatArray
    n_holdout: FloatArray
    level: float = 1.0 - MISMATCH_P

    def __len__(self) -> int:
        return len(self.n_units)

    def take(self, rows: Any) -> SrmColumns:
        """The rows that a mask or an index array picks."""
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return SrmColumns(**{name: column if name == "level" else column[rows] for name, column in columns.items()})


def judged(
    parts: Split, p_value: FloatArray, method: Any, reason: ObjectArray, empty: BoolArray | None = None
) -> SrmColumns:
    """Columns from a test's p-values: mismatch by p or, where `empty` is given, by an expected arm without units."""
    silent = ~is_none(reason)
    bare = parts.empty if empty is None else empty
    status = np.full(len(reason), SrmStatus.OK.value, dtype=object)
    with np.errstate(invalid="ignore"):
        alarm = p_value < MISMATCH_P
    status[alarm if empty is None else alarm | bare] = SrmStatus.MISMATCH.value
    status[silent] = SrmStatus.NOT_COMPUTABLE.value
    return SrmColumns(
        observed=np.where(parts.tested, parts.observed, np.nan),
        expected=np.where(parts.tested, parts.share, np.nan),
        method=np.full(len(reason), str(method), dtype=object) if isinstance(method, str) else method,
        p_value=np.where(silent, np.nan, p_value),
        status=status,
        reason=reason,
        empty=bare,
        n_units=parts.n_units,
        n_unknown=parts.n_unknown,
        n_holdout=parts.n_holdout,
    )


def first_reason(parts: Split, few_arms: BoolArray, code: ReasonCode, too_small: BoolArray) -> ObjectArray:
    """Why a row can't be tested, None where it can: its shares, its arms, its units, in this order."""
    reason = np.full(len(parts.n_units), None, dtype=object)
    reason[too_small] = ReasonCode.TOO_FEW_UNITS.value
    reason[few_arms] = code.value
    reason[~parts.sound] = ReasonCode.SHARE_NOT_POSITIVE.value
    return reason


def one_row(
    observed: Mapping[str, int], expected_shares: Mapping[str, float], holdouts: Iterable[str] = ()
) -> tuple[tuple[str, ...], list[float], list[float], list[bool], float]:
    """Names, counts, shares and holdouts of every planned arm, and the units of unplanned ones."""
    held = set(holdouts)
    names = tuple(dict.fromkeys((*expected_shares, *(arm for arm in observed if arm in held))))
    counts = [float(int(observed.get(arm, 0))) for arm in names]
    shares = [float(expected_shares.get(arm, 0.0)) for arm in names]
    unknown = float(sum(int(count) for arm, count in observed.items() if arm not in names))
    return names, counts, shares, [arm in held for arm in names], unknown


def row_of(columns: SrmColumns, i: int, names: tuple[str, ...], reason: str) -> SrmResult:
    """Row i as a value of its own, with its arms' names; `reason` is the sentence for it."""
    tested = np.flatnonzero(~np.isnan(columns.observed[i])).tolist()
    p_value, code = float(columns.p_value[i]), columns.reason[i]
    return SrmResult(
        status=SrmStatus(columns.status[i]),
        p_value=None if np.isnan(p_value) else p_value,
        reason=reason,
        n_units=int(columns.n_units[i]),
        n_unknown=int(columns.n_unknown[i]),
        expected=tuple((names[j], float(columns.expected[i, j])) for j in tested),
        method=Method(columns.method[i]),
        level=columns.level,
        observed=tuple((names[j], int(columns.observed[i, j])) for j in tested),
        n_holdout=int(columns.n_holdout[i]),
        code=None if code is None else ReasonCode(code),
    )

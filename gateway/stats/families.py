"""Families of tests by name: which tests were corrected together, how, and how many they were.

Adds to `multiplicity` what holds under independence or positive dependence (Hochberg), what holds under any dependence
for false discoveries (Benjamini and Yekutieli), and a split of the error that puts the primary metric first. Every
function takes columns of p-values; NaN passes through and belongs to no family.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.stats import multiplicity
from gateway.stats.groups import IntArray, number, total
from gateway.stats.multiplicity import by_family, checked, from_the_top
from gateway.stats.result import Correction
from gateway.stats.tails import FloatArray, ObjectArray

PRIMARY_SHARE = 0.5
"""Of the error, spent on the primary metric."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """One p-value among its family."""

    p_value: float
    p_value_adjusted: float
    correction: Correction
    family: str
    """Names what was corrected together."""
    size: int
    """Tests in the family that had a p-value."""


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedColumns:
    """Fields as in `Corrected`, per row; a row without a p-value has NaN, its family's name, and its family's size."""

    p_value: FloatArray
    p_value_adjusted: FloatArray
    correction: Correction
    family: ObjectArray
    size: FloatArray

    def __len__(self) -> int:
        return len(self.p_value)

    @property
    def controls(self) -> str:
        """What the correction keeps at its level."""
        discovery = {Correction.BENJAMINI_HOCHBERG, Correction.BENJAMINI_YEKUTIELI}
        return "false discovery rate" if self.correction in discovery else "family-wise error rate"

    def row(self, i: int) -> Corrected:
        """Row i as a value of its own."""
        numbers = float(self.p_value[i]), float(self.p_value_adjusted[i])
        return Corrected(*numbers, self.correction, str(self.family[i]), int(self.size[i]))


def hochberg(p_values: Any, family: Any = None) -> FloatArray:
    """Hochberg (1988): p_(i) (m - i + 1), running minimum from the top. Family-wise error, if tests are independent or
    positively dependent, as one metric over several treatments mostly is; never larger than Holm's.
    """
    return by_family(_hochberg, p_values, family)


def benjamini_yekutieli(p_values: Any, family: Any = None) -> FloatArray:
    """Benjamini and Yekutieli (2001): Benjamini-Hochberg times 1 + 1/2 + ... + 1/m; any dependence."""
    return by_family(_benjamini_yekutieli, p_values, family)


def primary_first(p_values: Any, primary: Any, family: Any = None, share: float = PRIMARY_SHARE) -> FloatArray:
    """Weighted Bonferroni: `share` of the error to the primary metric's k tests, the rest to the others' k (m - 1).

    p k / share for the primary, p k (m - 1) / (1 - share) for others, at most 1 (Eppo's preferential Bonferroni, with
    k treatments and m metrics). A family of one kind alone gets the whole error. Family-wise, any dependence.
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"the primary's share of the error is between 0 and 1, not {share!r}")
    p = checked(p_values)
    known, first = ~np.isnan(p), np.broadcast_to(np.asarray(primary, dtype=np.bool_), p.shape)
    names, codes = number(family, len(p))
    firsts, others = (total(codes, len(names), known & rows)[codes] for rows in (first, ~first))
    part = np.where((firsts == 0) | (others == 0), 1.0, np.where(first, share, 1.0 - share))
    return np.minimum(1.0, p * (np.where(first, firsts, others) / part))


CORRECTIONS: dict[Correction, Callable[..., FloatArray]] = {
    Correction.HOLM: multiplicity.holm,
    Correction.HOCHBERG: hochberg,
    Correction.BONFERRONI: multiplicity.bonferroni,
    Correction.BENJAMINI_HOCHBERG: multiplicity.benjamini_hochberg,
    Correction.BENJAMINI_YEKUTIELI: benjamini_yekutieli,
}


def correct(
    p_values: Any,
    *,
    correction: str = Correction.HOLM,
    family: Any = "all",
    primary: Any = None,
    share: float = PRIMARY_SHARE,
) -> CorrectedColumns:
    """Correct by name. `family` names each row's family, or the one of them all; `primary` marks the primary's rows."""
    named, p = Correction(correction), checked(p_values)
    labels = np.broadcast_to(np.asarray(family, dtype=object), p.shape)
    if named is Correction.PRIMARY_FIRST:
        if primary is None:
            raise ValueError("primary_first needs to know which rows are the primary metric's")
        adjusted = primary_first(p, primary, labels, share)
    else:
        adjusted = CORRECTIONS[named](p, labels)
    names, codes = number(labels, len(p))
    return CorrectedColumns(p, adjusted, named, labels, total(codes, len(names), ~np.isnan(p))[codes])


def _hochberg(ordered: FloatArray, rank: IntArray, size: IntArray) -> FloatArray:
    return from_the_top(ordered * (size - rank + 1), rank, size)


def _benjamini_yekutieli(ordered: FloatArray, rank: IntArray, size: IntArray) -> FloatArray:
    harmonic = np.concatenate(([0.0], np.cumsum(1.0 / np.arange(1, int(size.max(initial=0)) + 1))))
    return from_the_top(ordered * (size * harmonic[size]) / rank, rank, size)

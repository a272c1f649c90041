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
from gateway.stats.arms import as_column
from gateway.stats.multiplicity import _by_family as by_family
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
    p = as_column(p_values)
    first = np.broadcast_to(np.asarray(primary, dtype=np.bool_), p.shape)
    codes = _codes(family, len(p))
    adjusted = np.full(p.shape, np.nan)
    checked = by_family(lambda ordered: ordered, p, None)
    for code in range(int(codes.max(initial=-1)) + 1):
        members = (codes == code) & ~np.isnan(checked)
        alone = (members & first).any() != (members & ~first).any()
        for rows, part in ((members & first, share), (members & ~first, 1.0 - share)):
            adjusted[rows] = np.minimum(1.0, checked[rows] * (rows.sum() / (1.0 if alone else part)))
    return adjusted


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
    named, p = Correction(correction), as_column(p_values)
    labels = np.broadcast_to(np.asarray(family, dtype=object), p.shape)
    if named is Correction.PRIMARY_FIRST:
        if primary is None:
            raise ValueError("primary_first needs to know which rows are the primary metric's")
        adjusted = primary_first(p, primary, labels, share)
    else:
        adjusted = CORRECTIONS[named](p, labels)
    codes = _codes(labels, len(p))
    sizes = np.bincount(codes, weights=~np.isnan(p), minlength=1)
    return CorrectedColumns(p, adjusted, named, labels, np.asarray(sizes[codes], dtype=np.float64))


def _hochberg(ordered: FloatArray) -> FloatArray:
    left = np.arange(len(ordered), 0, -1)
    return np.asarray(np.minimum(1.0, np.minimum.accumulate((ordered * left)[::-1])[::-1]))


def _benjamini_yekutieli(ordered: FloatArray) -> FloatArray:
    rank = np.arange(1, len(ordered) + 1)
    scaled = ordered * (len(ordered) * (1.0 / rank).sum()) / rank
    return np.asarray(np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1]))


def _codes(family: Any, rows: int) -> Any:
    """A number per family, in order of first appearance."""
    if family is None:
        return np.zeros(rows, dtype=np.intp)
    seen: dict[Any, int] = {}
    labels = np.broadcast_to(np.asarray(family, dtype=object), (rows,)).tolist()
    return np.fromiter((seen.setdefault(label, len(seen)) for label in labels), np.intp, rows)

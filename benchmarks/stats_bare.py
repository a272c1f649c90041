"""The same formulas in bare NumPy: no floors, no reasons, no names, every row assumed to have an answer.

What the kernel adds to this is the price of its answers being safe to read. Columns in, columns out.
"""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats: TypeAlias = NDArray[np.float64]
ALPHA = 0.05
TUNING = 5_000.0
Z = float(special.ndtri(1.0 - ALPHA / 2.0))
_SPENT = -2.0 * math.log(ALPHA)
RHO = (_SPENT + math.log(_SPENT + 1.0)) / TUNING


def compare(control: Sequence[Floats], treatment: Sequence[Floats], *, binary: bool) -> dict[str, Floats]:
    """One family of metrics; each side is units, means and centred sums of squares."""
    (n_c, m_c, s_c), (n_t, m_t, s_t) = control, treatment
    e_c, e_t = s_c / (n_c - 1.0) / n_c, s_t / (n_t - 1.0) / n_t
    total, difference, units = e_c + e_t, m_t - m_c, n_c + n_t
    error = np.sqrt(total)
    if binary:
        pooled = (n_c * m_c + n_t * m_t) / units
        p_value = 2.0 * special.ndtr(-np.abs(difference) / np.sqrt(pooled * (1.0 - pooled) * (1.0 / n_c + 1.0 / n_t)))
        half = np.asarray(Z * np.sqrt(m_c * (1.0 - m_c) / n_c + m_t * (1.0 - m_t) / n_t), dtype=np.float64)
    else:
        dof = total * total / (e_c * e_c / (n_c - 1.0) + e_t * e_t / (n_t - 1.0))
        p_value = 2.0 * special.stdtr(dof, -np.abs(difference / error))
        half = np.asarray(special.stdtrit(dof, 1.0 - ALPHA / 2.0) * error, dtype=np.float64)
    information = units * RHO
    growth = (information + 1.0) / information
    wide = np.sqrt(2.0 * growth * (0.5 * np.log1p(information) - math.log(ALPHA)))
    evidence = (difference / error) ** 2 / growth / 2.0 - 0.5 * np.log1p(information)
    lift, (lift_low, lift_high), (always_low, always_high) = _lifts(m_c, m_t, e_c, e_t, wide)
    return {
        "difference": difference, "ci_low": difference - half, "ci_high": difference + half, "p_value": p_value,
        "lift": lift, "lift_ci_low": lift_low, "lift_ci_high": lift_high,
        "sequential_ci_low": difference - wide * error, "sequential_ci_high": difference + wide * error,
        "sequential_lift_ci_low": always_low, "sequential_lift_ci_high": always_high,
        "sequential_p_value": np.exp(-np.maximum(evidence, 0.0)), "chance_to_win": special.ndtr(difference / error),
    }  # fmt: skip


def _lifts(
    m_c: Floats, m_t: Floats, e_c: Floats, e_t: Floats, wide: Floats
) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats]]:
    """The lift with Fieller's interval at the normal quantile and at the sequence's."""
    base = np.abs(m_c)
    lift, r_c, r_t, ratio = (m_t - m_c) / base, np.sqrt(e_c) / base, np.sqrt(e_t) / base, m_t / m_c

    def ends(critical: float | Floats) -> tuple[Floats, Floats]:
        g = (critical * r_c) ** 2
        centre = (lift + np.sign(m_c) * g) / (1.0 - g)
        half = critical * np.sqrt((ratio * r_c) ** 2 + (1.0 - g) * r_t**2) / (1.0 - g)
        return centre - half, centre + half

    return lift, ends(Z), ends(wide)


def holm(p: Floats) -> Floats:
    """Holm over the rows of a matrix, one family each."""
    order = np.argsort(p, axis=1)
    left = np.arange(p.shape[1], 0, -1)
    stepped = np.minimum(1.0, np.maximum.accumulate(np.take_along_axis(p, order, axis=1) * left, axis=1))
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, stepped, axis=1)
    return adjusted


def srm(counts: Floats) -> float:
    """Chi-squared p of equal shares."""
    due = counts.sum() / len(counts)
    return float(special.chdtrc(len(counts) - 1.0, ((counts - due) ** 2 / due).sum()))

"""Always-valid inference: intervals and p-values that may be looked at every day.

Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (arXiv 2103.06476), in the form that
gbstats uses. With N = nC + nT, a = 1 - level and a standard error se of the estimate at N:

    rho^2 = (-2 ln a + ln(-2 ln a + 1)) / N*                  N* = total units at which the sequence is tightest
    half width = se sqrt(2 (N rho^2 + 1) / (N rho^2) ln(sqrt(N rho^2 + 1) / a))
    p = min(1, 1/E),  ln E = (d/se)^2 N rho^2 / (2 (N rho^2 + 1)) - ln(N rho^2 + 1) / 2

so p < a exactly where the interval leaves zero out. Assumes independent units; valid as N grows, at every N at once.
"""

from __future__ import annotations

import math

import numpy as np

from gateway.stats.result import DEFAULT_LEVEL
from gateway.stats.tails import FloatArray, check_level

TUNING_UNITS = 5000.0
"""Default N*, gbstats' own: an experiment of a few thousand units and up loses little."""


def rho_squared(level: float, tuning: float = TUNING_UNITS) -> float:
    """The mixture's precision, tuned to be tightest at `tuning` total units."""
    if not tuning > 0:
        raise ValueError(f"tuning is a positive number of units, not {tuning!r}")
    spent = -2.0 * math.log1p(-check_level(level))
    return (spent + math.log(spent + 1.0)) / tuning


def critical_value(units: FloatArray, level: float = DEFAULT_LEVEL, tuning: float = TUNING_UNITS) -> FloatArray:
    """Half width in standard errors at `units` in both arms together: it takes the normal quantile's place."""
    with np.errstate(all="ignore"):
        information = units * rho_squared(level, tuning)
        boundary = 0.5 * np.log1p(information) - math.log1p(-level)
        return np.asarray(np.sqrt(2.0 * (information + 1.0) / information * boundary))


def always_valid_p(
    estimate: FloatArray,
    error: FloatArray,
    units: FloatArray,
    level: float = DEFAULT_LEVEL,
    tuning: float = TUNING_UNITS,
) -> FloatArray:
    """The smallest a at which a sequence tuned for `level` leaves zero out; at most 1."""
    with np.errstate(all="ignore"):
        information = units * rho_squared(level, tuning)
        score = estimate / error
        log_evidence = score * score * (information / (2.0 * (information + 1.0))) - 0.5 * np.log1p(information)
        return np.asarray(np.exp(np.minimum(0.0, -log_evidence)))

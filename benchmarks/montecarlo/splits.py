"""Sample ratio mismatch: false alarms of each test on sound splits, and how soon an unsound one is seen."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gateway.stats import binomial_p_value, log_e_values, srm_p_values
from gateway.stats.srm import MISMATCH_P
from montecarlo.coverage import happened
from montecarlo.populations import Generator
from montecarlo.tables import Promise, Rate, Table

DAYS = 28
LOOKS = 20_000
"""Units of an experiment whose split is looked at after each of them."""


def splits(rng: Generator, runs: int) -> list[Table]:
    """Alarms at p < 0.001. One look costs nothing to simulate, so it gets ten times the runs."""
    rows = [*_chi_squared(rng, 10 * runs), *_exact(rng, 10 * runs), *_daily(rng, runs),
            *_continuous(rng, max(200, runs // 10))]  # fmt: skip
    return [Table("srm", "alarms", tuple(rows)), Table("srm-power", "alarms", tuple(_broken(rng, runs)))]


def _chi_squared(rng: Generator, runs: int) -> Iterator[Rate]:
    for total, shares in ((101, (0.5, 0.5)), (1_000, (0.5, 0.5)), (101, (0.9, 0.1)), (1_000, (0.9, 0.1)),
                          (1_000, (0.98, 0.02)), (50_000, (0.5, 0.3, 0.2)), (1_000_000, (0.5, 0.5))):  # fmt: skip
        p = srm_p_values(rng.multinomial(total, shares, runs), shares)
        yield happened("chi-squared", _case(total, shares), p < MISMATCH_P, MISMATCH_P)


def _exact(rng: Generator, runs: int) -> Iterator[Rate]:
    for total, share in ((20, 0.5), (50, 0.5), (100, 0.5), (100, 0.9), (1_000, 0.98)):
        by_count = np.array([binomial_p_value(k, total, share) for k in range(total + 1)])
        p = by_count[rng.binomial(total, share, runs)]
        yield happened("exact", _case(total, (share, 1.0 - share)), p < MISMATCH_P, MISMATCH_P, Promise.AT_MOST)


def _daily(rng: Generator, runs: int) -> Iterator[Rate]:
    """Both tests at each of 28 daily looks."""
    for per_day in (100, 10_000):
        counts = rng.multinomial(per_day, (0.5, 0.5), (runs, DAYS)).cumsum(axis=1)
        case = f"50 : 50, {per_day:,} a day, 28 looks"
        p = srm_p_values(counts.reshape(-1, 2), (0.5, 0.5)).reshape(runs, DAYS)
        yield happened("chi-squared, any look", case, (p < MISMATCH_P).any(axis=1), MISMATCH_P, Promise.AT_MOST)
        alarm = log_e_values(counts, (0.5, 0.5)).max(axis=1) > -math.log(MISMATCH_P)
        yield happened("sequential, any look", case, alarm, MISMATCH_P, Promise.AT_MOST)


def _continuous(rng: Generator, runs: int) -> Iterator[Rate]:
    """A look after every unit. At p < 0.05 as well: the bound is the same kind, and easier to see."""
    for shares in ((0.5, 0.5), (0.9, 0.1)):
        highest = np.concatenate([_highest(rng, min(50, runs - start), shares) for start in range(0, runs, 50)])
        for level in (MISMATCH_P, 0.05):
            case = f"{_case(LOOKS, shares)}, look at each"
            name = f"sequential, p < {level:g}"
            yield happened(name, case, highest > -math.log(level), level, Promise.AT_MOST)


def _highest(rng: Generator, runs: int, shares: tuple[float, float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The largest log e-value over all looks, per run."""
    first = (rng.random((runs, LOOKS)) < shares[0]).cumsum(axis=1, dtype=np.int64)
    counts = np.stack((first, np.arange(1, LOOKS + 1) - first), axis=-1)
    return np.asarray(log_e_values(counts, shares).max(axis=1))


def _broken(rng: Generator, runs: int) -> Iterator[Rate]:
    """A treatment that loses units: how often each test sees it by the end."""
    for lost, per_day in ((0.02, 2_000), (0.02, 10_000), (0.05, 2_000), (0.10, 500)):
        kept = 1.0 / (2.0 - lost)
        counts = rng.multinomial(per_day, (kept, 1.0 - kept), (runs, DAYS)).cumsum(axis=1)
        case = f"{100 * lost:.0f} % of treatment lost, {per_day:,} a day"
        p = srm_p_values(counts[:, -1], (0.5, 0.5))
        yield happened("chi-squared, once on day 28", case, p < MISMATCH_P)
        alarm = log_e_values(counts, (0.5, 0.5)).max(axis=1) > -math.log(MISMATCH_P)
        yield happened("sequential, any of 28 looks", case, alarm)


def _case(total: int, shares: tuple[float, ...]) -> str:
    return f"{' : '.join(f'{100 * share:.0f}' for share in shares)}, {total:,} units"

"""Looking every day for four weeks: fixed verdicts, always-valid ones, and bounds for planned looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gateway.stats import (
    ArmColumns,
    ComparisonColumns,
    Scale,
    compare_columns,
    group_sequential_bounds,
    one_sided_columns,
    posterior_columns,
)
from montecarlo.coverage import Bools, happened
from montecarlo.populations import Floats, Generator, Population, conversions, lognormal, merge, revenue
from montecarlo.tables import Promise, Rate, Table

DAYS = 28
SHOWN = (1, 7, 14, 28)
PER_DAY = 2_000
RATE = 0.05
UNITS_DRAWN = 20_000_000
"""At most so many units per arm and case."""


@dataclass(frozen=True, slots=True)
class Watched:
    """An experiment that is looked at every day; `per_day` new units in control and treatment."""

    name: str
    aggregation: str
    control: Population
    treatment: Population
    per_day: tuple[int, int]
    cost: float = 0.0
    """Share of the units that has to be drawn."""
    since: int = 1
    """The first day that is looked at."""

    def looks(self, rng: Generator, runs: int) -> Iterator[ComparisonColumns]:
        """The comparison of all units so far, day by day."""
        units = max(1.0, self.cost * DAYS * max(self.per_day))
        runs = min(runs, int(UNITS_DRAWN / units))
        sides: list[ArmColumns | None] = [None, None]
        for day in range(1, DAYS + 1):
            for i, (population, n) in enumerate(zip((self.control, self.treatment), self.per_day, strict=True)):
                today, so_far = population.draw(rng, n, runs), sides[i]
                sides[i] = today if so_far is None else merge(so_far, today)
            control, treatment = sides
            assert control is not None
            assert treatment is not None
            if day >= self.since:
                yield compare_columns(control, treatment, aggregation=self.aggregation, running=True)


def _conversion(per_day: int, rate: float, treated: float) -> Watched:
    name = f"conversion {100 * rate:.0f} → {100 * treated:g} %, {per_day:,} per arm and day"
    return Watched(name, "occurrence", conversions(rate), conversions(treated), (per_day, per_day))


WATCHED = (
    _conversion(20, 0.15, 0.15),
    _conversion(50, 0.05, 0.05),
    _conversion(50, 0.05, 0.075),
    _conversion(500, 0.02, 0.02),
    _conversion(2_000, 0.05, 0.055),
    Watched("conversion 5 %, 450 control and 50 treatment a day", "occurrence", conversions(0.05), conversions(0.05),
            (450, 50)),
    Watched("revenue, 5 % pay, 100 per arm and day", "sum", revenue(2, 0.05, 1.0), revenue(2.4, 0.06, 1.0),
            (100, 100), 0.05),
    Watched("revenue, 5 % pay, 2,000 per arm and day", "sum", revenue(2, 0.05, 1.0), revenue(2.2, 0.055, 1.0),
            (2_000, 2_000), 0.05),
    Watched("revenue, 5 % pay, 900 control and 100 treatment a day", "sum", revenue(2, 0.05, 1.0),
            revenue(2, 0.05, 1.0), (900, 100), 0.05),
    *(
        Watched(f"the same, looked at from day {since}", "sum", revenue(2, 0.05, 1.0), revenue(2, 0.05, 1.0),
                (900, 100), 0.05, since)
        for since in (7, 14)
    ),
    Watched("lognormal sigma 2, 50 per arm and day", "sum", lognormal(10, 2), lognormal(11, 2), (50, 50), 1.0),
)  # fmt: skip


def looks(rng: Generator, runs: int) -> list[Table]:
    """A/A tests at 5 %, 2,000 units per arm and day: how often has a verdict been wrong by day 1, 7, 14, 28?"""
    experiment = _conversion(PER_DAY, RATE, RATE)
    bounds = group_sequential_bounds([(day + 1) / DAYS for day in range(DAYS)]).bounds
    ever: dict[str, Bools] = {}
    rows: dict[str, list[Rate]] = {}
    for day, found in enumerate(experiment.looks(rng, runs), start=1):
        chance = posterior_columns(found.control, found.treatment, aggregation="occurrence", scale=Scale.LIFT)
        won, lost = chance.belief.chance_to_win > 0.95, chance.belief.chance_to_win < 0.05
        alarms = {
            "original: winning": (won, 0.05, Promise.AT_MOST),
            "original: winning or losing": (won | lost, 0.10, Promise.AT_MOST),
            "fixed 95 % interval leaves zero out": (_outside(found.ci_low, found.ci_high), 0.05, Promise.AT_MOST),
            "always-valid interval leaves zero out": (
                _outside(found.sequential_ci_low, found.sequential_ci_high), 0.05, Promise.AT_MOST,
            ),
            "O'Brien-Fleming bound for 28 planned looks": (
                np.abs(found.statistic) > bounds[day - 1], 0.05, Promise.AT_MOST,
            ),
        }  # fmt: skip
        for name, (rows_hit, nominal, promise) in alarms.items():
            ever[name] = ever.get(name, np.zeros(len(found), dtype=np.bool_)) | rows_hit
            if day in SHOWN:
                case = f"{day} look{'s' if day > 1 else ''}"
                rows.setdefault(name, []).append(happened(name, case, ever[name], nominal, promise))
    return [Table("looks", "ever wrong", tuple(row for several in rows.values() for row in several))]


def sequences(rng: Generator, runs: int) -> list[Table]:
    """How often the always-valid interval holds the truth at all 28 daily looks together."""
    return [Table("sequence", "coverage", tuple(row for case in WATCHED for row in _sequence(rng, case, runs)))]


def _sequence(rng: Generator, case: Watched, runs: int) -> Iterator[Rate]:
    difference = case.treatment.value - case.control.value
    lift = difference / abs(case.control.value)
    wrong: dict[str, Bools] = {}
    silent = dict.fromkeys(("difference", "lift", "one-sided lower bound", "one-sided upper bound"), 0.0)
    for found in case.looks(rng, runs):
        ends: dict[str, tuple[Floats | float, Floats | float, float]] = {
            "difference": (found.sequential_ci_low, found.sequential_ci_high, difference),
            "lift": (found.sequential_lift_ci_low, found.sequential_lift_ci_high, lift),
            "one-sided lower bound": (one_sided_columns(found, "greater").sequential_bound, np.inf, difference),
            "one-sided upper bound": (-np.inf, one_sided_columns(found, "less").sequential_bound, difference),
        }
        for name, (low, high, truth) in ends.items():
            missed = np.asarray(np.less(truth, low) | np.greater(truth, high))
            wrong[name] = wrong.get(name, np.zeros(len(found), dtype=np.bool_)) | missed
            silent[name] += float(np.mean(np.isnan(low) | np.isnan(high))) / (DAYS + 1 - case.since)
    for name, missed in wrong.items():
        yield happened(name, case.name, ~missed, 0.95, Promise.AT_LEAST, unanswered=silent[name])


def _outside(low: Floats, high: Floats) -> Bools:
    return np.asarray((low > 0) | (high < 0))

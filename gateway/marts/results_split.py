"""How units were to be split, and how they were: what the sample-ratio checks read of the marts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import duckdb

Key = tuple[str, str]
"""Experiment and population."""
Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one experiment in one population was meant to be, and what stands beside its arms."""

    shares: Mapping[str, float | None]
    """Planned share per known arm; None where it is not known."""
    running: bool
    n_quarantined: int
    unknown: Counts

    @property
    def holdouts(self) -> tuple[str, ...]:
        """Arms that were planned to get nothing."""
        return tuple(arm for arm, share in self.shares.items() if share == 0)

    @property
    def tested(self) -> dict[str, float]:
        """The shares that the kernel holds the split against; NaN where unknown."""
        known = {arm: share for arm, share in self.shares.items() if share != 0}
        return {arm: math.nan if share is None else share for arm, share in known.items()}


def plans_of(con: duckdb.DuckDBPyConnection) -> dict[Key, Plan]:
    """Every experiment in both populations."""
    plans = {}
    for key, rows in groupby(con.execute(_ARMS).fetchall(), key=lambda row: (row[0], row[1])):
        arms = list(rows)
        plans[key] = Plan(
            shares={arm: share for *_, arm, is_known, _, share, _, _ in arms if is_known},
            running=arms[0][-2] == "running",
            n_quarantined=int(arms[0][-1]),
            unknown={arm: int(n) for *_, arm, is_known, n, _, _, _ in arms if not is_known and arm is not None},
        )
    return plans


def looks_of(con: duckdb.DuckDBPyConnection, *, total: bool) -> dict[Key, dict[tuple[str, str], list[Counts]]]:
    """Cumulative counts per arm at the end of each day, oldest first, by experiment and population, then by segment;
    of the total, or of every segment of a breakdown.

    An arm without units on a day has what it had before.
    """
    found: dict[Key, dict[tuple[str, str], list[Counts]]] = {}
    rows = con.execute(_DAYS.format(operator="=" if total else "<>")).fetchall()
    for cell, of_cell in groupby(rows, key=lambda row: row[:4]):
        looks: list[Counts] = []
        for _, of_day in groupby(of_cell, key=lambda row: row[4]):
            before = looks[-1] if looks else {}
            looks.append(before | {arm: int(n) for *_, arm, n in of_day})
        found.setdefault((cell[0], cell[1]), {})[cell[2], cell[3]] = looks
    return found


_DAYS = """
select experiment_id, analysis_population, dimension, dimension_value, date_day, variation_id, n
from int_experiment_arm_days
where dimension {operator} 'all'
order by experiment_id, analysis_population, dimension, dimension_value, date_day, variation_id
"""

_ARMS = """
with populations as (
    select 'itt' as analysis_population
    union all
    select 'exposed' as analysis_population
),
unknown_arms as (
    select cohort.experiment_id, populations.analysis_population, cohort.variation_id, count(*) as n
    from fct_experiment_cohort as cohort
    cross join populations
    left join dim_experiment_variations as variations
        on cohort.experiment_id = variations.experiment_id and cohort.variation_id = variations.variation_id
    where variations.variation_id is null
        and not cohort.is_quarantined
        and (populations.analysis_population = 'itt' or cohort.validation_status = 'valid')
    group by cohort.experiment_id, populations.analysis_population, cohort.variation_id
    union all
    select days.experiment_id, days.analysis_population, days.variation_id, days.n
    from int_experiment_arm_days as days
    left join dim_experiment_variations as variations
        on days.experiment_id = variations.experiment_id and days.variation_id = variations.variation_id
    where variations.variation_id is null and days.is_final and days.dimension = 'all'
),
arms as (
    select
        variations.experiment_id,
        populations.analysis_population,
        variations.variation_id,
        true as is_known,
        0 as n,
        variations.expected_share
    from dim_experiment_variations as variations
    cross join populations
    union all
    select experiment_id, analysis_population, variation_id, false as is_known, n, null as expected_share
    from unknown_arms
)
select
    arms.experiment_id,
    arms.analysis_population,
    arms.variation_id,
    arms.is_known,
    arms.n,
    arms.expected_share,
    experiments.status,
    coalesce(quality.n_quarantined, 0) as n_quarantined
from arms
inner join dim_experiments as experiments on arms.experiment_id = experiments.experiment_id
inner join fct_experiment_exposure_quality as quality on arms.experiment_id = quality.experiment_id
order by arms.experiment_id, arms.analysis_population desc, arms.is_known desc, arms.variation_id
"""

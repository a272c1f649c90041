"""Sample ratio mismatch of every experiment and population, from the units that are in its arms.

Quarantined units are in no arm and are counted beside, as are units of variations that the experiment does not have.
"""

import json
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final

import duckdb
import numpy as np

from gateway.marts.results_columns import write_table
from gateway.stats import check_srm

SRM_TABLE: Final = "fct_experiment_srm"
SRM_COLUMNS: Final = MappingProxyType(
    {
        "experiment_id": "varchar",
        "analysis_population": "varchar",
        "n_units": "bigint",
        "n_quarantined": "bigint",
        "n_unknown_variation": "bigint",
        "observed": "varchar",
        "expected": "varchar",
        "p_value": "double",
        "status": "varchar",
    }
)


def write_srm(con: duckdb.DuckDBPyConnection) -> int:
    """Write fct_experiment_srm and return its rows."""
    arms: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for experiment_id, population, *arm in con.execute(_ARMS).fetchall():
        arms.setdefault((experiment_id, population), []).append(tuple(arm))
    rows = [(*key, *_judge(found)) for key, found in arms.items()]
    columns = {name: _column(row[i] for row in rows) for i, name in enumerate(SRM_COLUMNS)}
    return write_table(con, SRM_TABLE, SRM_COLUMNS, columns)


def _judge(arms: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """One experiment in one population; each arm is (variation, n, is known, expected share, quarantined units)."""
    observed = {variation: int(n) for variation, n, *_ in arms if variation is not None}
    known = {variation: share for variation, _, is_known, share, _ in arms if is_known}
    found = check_srm(observed, {arm: float("nan") if share is None else share for arm, share in known.items()})
    return (
        sum(observed[arm] for arm in known),
        int(arms[0][4]),
        sum(n for arm, n in observed.items() if arm not in known),
        json.dumps(observed),
        json.dumps(known),
        float("nan") if found.p_value is None else found.p_value,
        str(found.status),
    )


def _column(values: Iterable[Any]) -> Any:
    listed = list(values)
    if listed and isinstance(listed[0], str):
        column = np.empty(len(listed), dtype=object)
        column[:] = listed
        return column
    return np.array(listed)


_ARMS = """
with populations as (
    select 'itt' as analysis_population
    union all
    select 'exposed' as analysis_population
),
unit_counts as (
    select
        cohort.experiment_id,
        populations.analysis_population,
        cohort.variation_id,
        count(*) as n
    from fct_experiment_cohort as cohort
    cross join populations
    where not cohort.is_quarantined
        and (populations.analysis_population = 'itt' or cohort.validation_status = 'valid')
    group by cohort.experiment_id, populations.analysis_population, cohort.variation_id
),
imported_metrics as (
    select
        imported.experiment_id,
        imported.analysis_population,
        imported.metric_id,
        row_number() over (
            partition by imported.experiment_id, imported.analysis_population
            order by
                case when imported.metric_id = experiments.primary_metric_id then 0 else 1 end,
                sum(imported.n) desc,
                imported.metric_id
        ) as preference
    from int_imported_aggregates as imported
    inner join dim_experiments as experiments on imported.experiment_id = experiments.experiment_id
    where imported.is_final and imported.dimension = 'all' and imported.n > 0
    group by
        imported.experiment_id, imported.analysis_population, imported.metric_id, experiments.primary_metric_id
),
imported_counts as (
    select imported.experiment_id, imported.analysis_population, imported.variation_id, imported.n
    from int_imported_aggregates as imported
    inner join imported_metrics as metrics
        on imported.experiment_id = metrics.experiment_id
        and imported.analysis_population = metrics.analysis_population
        and imported.metric_id = metrics.metric_id
    where imported.is_final and imported.dimension = 'all' and metrics.preference = 1
),
counts as (
    select * from unit_counts
    union all
    select * from imported_counts
),
totals as (
    select experiment_id, analysis_population, variation_id, sum(n) as n
    from counts
    group by experiment_id, analysis_population, variation_id
),
arms as (
    select
        variations.experiment_id,
        populations.analysis_population,
        variations.variation_id,
        true as is_known,
        variations.expected_share
    from dim_experiment_variations as variations
    cross join populations
    union all
    select
        totals.experiment_id,
        totals.analysis_population,
        totals.variation_id,
        false as is_known,
        null as expected_share
    from totals
    left join dim_experiment_variations as variations
        on totals.experiment_id = variations.experiment_id and totals.variation_id = variations.variation_id
    where variations.variation_id is null
)
select
    arms.experiment_id,
    arms.analysis_population,
    arms.variation_id,
    coalesce(totals.n, 0) as n,
    arms.is_known,
    arms.expected_share,
    coalesce(quality.n_quarantined, 0) as n_quarantined
from arms
inner join fct_experiment_exposure_quality as quality on arms.experiment_id = quality.experiment_id
left join totals
    on arms.experiment_id = totals.experiment_id
    and arms.analysis_population = totals.analysis_population
    and arms.variation_id = totals.variation_id
order by arms.experiment_id, arms.analysis_population desc, arms.is_known desc, arms.variation_id
"""

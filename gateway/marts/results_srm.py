"""Sample ratio mismatch: of every experiment and population, and of every segment of them.

Quarantined units are in no arm and are counted beside, as are units of variations that the experiment does not have,
and those of an arm that was planned with a share of 0: a holdout is no part of the split.
Chi-squared judges. A running experiment is also held to the sequential test over its days, which remembers: a split
that broke on one day stays a mismatch when later days balance it. Below 100 units nothing is judged; two arms get their
exact p all the same.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

import duckdb
import numpy as np

from gateway.marts.results_columns import write_rows
from gateway.marts.results_split import Counts, Plan, looks_of, plans_of
from gateway.stats import (
    Basis,
    SegmentSrm,
    SrmStatus,
    binomial_p_value,
    check_srm,
    check_srm_segments,
    check_srm_sequential,
    holm,
)
from gateway.stats.srm import MIN_TOTAL, MISMATCH_P

SRM_TABLE: Final = "fct_experiment_srm"
SEGMENTS_TABLE: Final = "fct_experiment_srm_segments"
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
        "basis": "varchar",
        "sequential_p_value": "double",
        "exact_p_value": "double",
        "n_holdout": "bigint",
    }
)
SEGMENT_COLUMNS: Final = MappingProxyType(
    {
        "experiment_id": "varchar",
        "analysis_population": "varchar",
        "dimension": "varchar",
        "dimension_value": "varchar",
        "n_units": "bigint",
        "n_smallest_arm": "bigint",
        "observed": "varchar",
        "expected": "varchar",
        "p_value": "double",
        "sequential_p_value": "double",
        "p_value_adjusted": "double",
        "is_exact": "boolean",
        "basis": "varchar",
        "status": "varchar",
    }
)


def write_srm(con: duckdb.DuckDBPyConnection, _: int) -> int:
    """Write fct_experiment_srm and return its rows."""
    looks = looks_of(con, total=True)
    rows = [
        (*key, *_judge(plan, [day for days in looks.get(key, {}).values() for day in days]))
        for key, plan in plans_of(con).items()
    ]
    return write_rows(con, SRM_TABLE, SRM_COLUMNS, rows)


def write_srm_segments(con: duckdb.DuckDBPyConnection, min_cell_size: int) -> int:
    """Write fct_experiment_srm_segments and return its rows. All segments of a population are one family (Holm)."""
    plans = plans_of(con)
    rows: list[tuple[Any, ...]] = []
    for key, segments in looks_of(con, total=False).items():
        rows += [(*key, *row) for row in _judge_segments(plans[key], segments, min_cell_size)]
    return write_rows(con, SEGMENTS_TABLE, SEGMENT_COLUMNS, rows)


def _judge(plan: Plan, looks: Sequence[Counts]) -> tuple[Any, ...]:
    """One experiment in one population, as the table's columns after its key."""
    final = looks[-1] if looks else {}
    known = {arm: final.get(arm, 0) for arm in plan.shares}
    observed = known | plan.unknown
    fixed = check_srm(observed, plan.tested)
    sequential = _sequential(looks, plan.tested)
    alarmed = plan.running and fixed.status is SrmStatus.OK and sequential < MISMATCH_P
    return (
        sum(count for arm, count in known.items() if arm not in plan.holdouts),
        plan.n_quarantined,
        sum(plan.unknown.values()),
        json.dumps(observed),
        json.dumps(dict(plan.shares)),
        _number(fixed.p_value),
        str(SrmStatus.MISMATCH if alarmed else fixed.status),
        str(Basis.ALWAYS_VALID if alarmed else Basis.FIXED),
        sequential,
        _exact(known, plan.tested),
        sum(known[arm] for arm in plan.holdouts),
    )


def _sequential(looks: Sequence[Counts], shares: Mapping[str, float]) -> float:
    """The always-valid p over the days. Where counts fall from one day to the next, only the last is a look."""
    known = [{arm: look.get(arm, 0) for arm in shares} for look in looks]
    rising = all(before[arm] <= after[arm] for before, after in pairwise(known) for arm in shares)
    return _number(check_srm_sequential(known if rising else known[-1:], shares).p_value)


def _exact(known: Counts, shares: Mapping[str, float]) -> float:
    """The exact p of two arms of few units; NaN elsewhere."""
    arms, total = list(shares), sum(known[arm] for arm in shares)
    sound = all(math.isfinite(share) and share > 0 for share in shares.values())
    if len(arms) != 2 or not sound or not 0 < total <= MIN_TOTAL:
        return math.nan
    return binomial_p_value(known[arms[0]], total, shares[arms[0]] / sum(shares.values()))


def _judge_segments(
    plan: Plan, segments: Mapping[tuple[str, str], Sequence[Counts]], min_cell_size: int
) -> Iterator[tuple[Any, ...]]:
    """Every segment of one experiment in one population, as the table's columns after its key."""
    names = {str(position): segment for position, segment in enumerate(segments)}
    final = {name: segments[names[name]][-1] for name in names}
    judged = check_srm_segments(final, plan.tested | dict.fromkeys(plan.holdouts, 0.0), holdouts=plan.holdouts)
    sequential = [_sequential(segments[names[row.segment]], plan.tested) for row in judged.segments]
    alarms = _alarms(judged.segments, sequential) if plan.running else {}
    for row, always in zip(judged.segments, sequential, strict=True):
        alarmed = row.segment in alarms
        counts = {arm: final[row.segment].get(arm, 0) for arm in plan.shares}
        smallest = min(count for arm, count in counts.items() if arm not in plan.holdouts)
        shown = all(count >= min_cell_size for count in counts.values())
        yield (
            *names[row.segment],
            row.result.n_units,
            smallest if shown else math.nan,
            json.dumps(counts) if shown else None,
            json.dumps(dict(plan.shares)),
            _number(row.result.p_value),
            always,
            alarms.get(row.segment, _number(row.p_value_adjusted)),
            row.exact,
            str(Basis.ALWAYS_VALID if alarmed else Basis.FIXED),
            str(SrmStatus.MISMATCH if alarmed else row.result.status),
        )


def _alarms(rows: Sequence[SegmentSrm], sequential: Sequence[float]) -> dict[str, float]:
    """Segments that chi-squared passes and a day before did not, with their corrected always-valid p."""
    usable = [row.result.status is not SrmStatus.NOT_COMPUTABLE for row in rows]
    adjusted = holm(np.where(usable, sequential, np.nan)).tolist()
    return {
        row.segment: p
        for row, p in zip(rows, adjusted, strict=True)
        if row.result.status is SrmStatus.OK and p < MISMATCH_P
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else value

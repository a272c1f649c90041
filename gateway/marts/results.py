"""Aggregates to results: the kernel judges every treatment against its control, whole columns at once.

Nothing is computed here that a stored arm does not hold, so any stored result can be recomputed from the aggregates by
the kernel version it names.
"""

from typing import Any, Final

import duckdb
import numpy as np

from gateway.marts.results_best import best
from gateway.marts.results_columns import RESULT_COLUMNS, write_table
from gateway.marts.results_cuped import COVARIATE_MOMENTS, Cuped, Judged
from gateway.marts.results_srm import SEGMENTS_TABLE, SRM_TABLE, write_srm, write_srm_segments
from gateway.stats import (
    KERNEL_VERSION,
    ArmColumns,
    ComparisonColumns,
    ReasonCode,
    compare_columns,
    holm,
    noninferiority_columns,
)
from gateway.stats.result import DEFAULT_LEVEL

RESULTS_TABLE: Final = "fct_experiment_results"
RESULT_TABLES: Final = (SRM_TABLE, SEGMENTS_TABLE, RESULTS_TABLE)
"""What this layer writes, in order: results carry the SRM status."""

INTEGRITY_FLAG: Final = "exposure_integrity_failed"
"""Flag of fct_experiment_exposure_quality under which nothing about the exposed population is trusted."""

SEGMENT_SRM: Final = "segment_srm_mismatch"
"""Flag: the split is off in the row's segment, or, on a total whose own split is fine, in some segment of it."""
HIDDEN_CONTROL: Final = "the control's cell has fewer units than a breakdown may show"
_MOMENTS = ("n", "mean", "m2", "conversions", "denominator_mean", "denominator_m2", "cross_m2")


def write_results(con: duckdb.DuckDBPyConnection, table: str = "", *, min_cell_size: int) -> int:
    """Write one table of RESULT_TABLES, or all of them; returns how many rows the last one has."""
    writers = {SRM_TABLE: write_srm, SEGMENTS_TABLE: write_srm_segments, RESULTS_TABLE: _write_results}
    rows = 0
    for name in (table,) if table else RESULT_TABLES:
        rows = writers[name](con, min_cell_size)
    return rows


def _write_results(con: duckdb.DuckDBPyConnection, _: int) -> int:
    cells = con.execute(_CELLS).fetchnumpy()
    compared = compare_columns(
        _arms(cells, "control_"),
        _arms(cells, "treatment_"),
        aggregation=_texts(cells["aggregation"]),
        desired=_texts(cells["desired"]),
        running=_texts(cells["experiment_status"]) == "running",
    )
    return write_table(con, RESULTS_TABLE, RESULT_COLUMNS, _columns(cells, compared))


def _side(cells: dict[str, Any], side: str, moments: tuple[str, ...] = _MOMENTS) -> dict[str, Any]:
    return {name: cells[side + name] for name in moments}


def _arms(cells: dict[str, Any], side: str) -> ArmColumns:
    given = _side(cells, side)
    return ArmColumns.of(given.pop("n"), given.pop("mean"), given.pop("m2"), **given)


def _columns(cells: dict[str, Any], compared: ComparisonColumns) -> dict[str, Any]:
    """Every column of fct_experiment_results, by name."""
    kept = {name: _texts(cells[name]) for name in _CARRIED}
    measured = {name: _numbers(cells[name]) for name in _MEASURED}
    families, lower_is_better = _families(kept), kept["desired"] == "decrease"
    every = _MOMENTS + COVARIATE_MOMENTS
    cuped = Cuped.of(_side(cells, "control_", every), _side(cells, "treatment_", every), kept["aggregation"])
    judged = cuped.judge(compared, kept["asked_estimator"], lower_is_better)
    adjusted = holm(judged.p_value, families)
    flags = (kept["quality_flags"].tolist(), compared.flag_texts(), _split_flags(kept),
             cuped.flags(compared, kept["asked_estimator"], families))  # fmt: skip
    return kept | measured | _plain(cells, kept, compared) | cuped.columns() | _guardrails(kept, measured, compared) | {
        "p_value_adjusted": adjusted,
        "chance_to_win": judged.chance_to_win,
        "statsig": _texts(judged.statsig),
        "verdict": _verdicts(kept, judged, adjusted),
        "flags": _objects([",".join(filter(None, row)) for row in zip(*flags, strict=True)]),
        "not_computable": _reasons(kept["dimension"], compared),
        "kernel_version": np.full(len(compared), KERNEL_VERSION, dtype=object),
        "estimator": judged.estimator,
    } | best(compared, _comparisons(kept), _numbers(cells["n_variations"]), lower_is_better)  # fmt: skip


def _plain(cells: dict[str, Any], kept: dict[str, Any], compared: ComparisonColumns) -> dict[str, Any]:
    """The unadjusted comparison's own columns."""
    occurrence = kept["aggregation"] == "occurrence"
    return {
        "basis": _texts(compared.basis),
        "n_users": cells["treatment_n"],
        "value": compared.treatment_value,
        "conversion_rate": np.where(occurrence, compared.treatment_value, np.nan),
        "control_n_users": _numbers(cells["control_n"]),
        "control_value": compared.control_value,
        "control_conversion_rate": np.where(occurrence, compared.control_value, np.nan),
        "uplift_abs": compared.difference,
        "ci_low": compared.ci_low,
        "ci_high": compared.ci_high,
        "p_value_two_sided": compared.p_value,
        "uplift_rel": compared.lift,
        "lift_ci_low": compared.lift_ci_low,
        "lift_ci_high": compared.lift_ci_high,
        "sequential_ci_low": compared.sequential_ci_low,
        "sequential_ci_high": compared.sequential_ci_high,
        "sequential_lift_ci_low": compared.sequential_lift_ci_low,
        "sequential_lift_ci_high": compared.sequential_lift_ci_high,
        "sequential_p_value": compared.sequential_p_value,
    }


def _guardrails(kept: dict[str, Any], measured: dict[str, Any], compared: ComparisonColumns) -> dict[str, Any]:
    """Non-inferiority against the agreed margin, unadjusted; null where a metric has none and is no guardrail."""
    margin = measured["noninferiority_margin"] = np.where(
        measured["noninferiority_margin"] >= 0, measured["noninferiority_margin"], np.nan
    )
    tested = noninferiority_columns(compared, margin)
    watched = ~np.isnan(margin) | (kept["metric_role"] == "guardrail")
    return {
        "noninferiority_p_value": np.where(watched, tested.p_value, np.nan),
        "guardrail_status": np.where(watched, _texts(tested.state), _NOTHING),
    }


def _families(kept: dict[str, Any]) -> Any:
    """What is corrected together: the treatments of one metric, or all cells of one dimension of it."""
    return _objects(_keys(kept, "experiment_id", "metric_id", "analysis_population", "dimension"))


def _comparisons(kept: dict[str, Any]) -> list[Any]:
    """Which rows are the treatments of one experiment on one metric, in one population and segment."""
    return _keys(kept, "experiment_id", "metric_id", "analysis_population", "dimension", "dimension_value")


def _keys(kept: dict[str, Any], *parts: str) -> list[Any]:
    return list(zip(*(kept[part].tolist() for part in parts), strict=True))


def _verdicts(kept: dict[str, Any], judged: Judged, adjusted: Any) -> Any:
    """Unreliable where the split or the exposures are broken; else by the interval of the row's basis and estimator.

    An effect among several is only called where its corrected p-value agrees.
    """
    low, high = judged.low, judged.high
    lower_is_better = kept["desired"] == "decrease"
    failed = np.array([INTEGRITY_FLAG in flags.split(",") for flags in kept["quality_flags"]], dtype=np.bool_)
    verdict = np.full(len(low), "inconclusive", dtype=object)
    called = adjusted < 1 - DEFAULT_LEVEL
    verdict[called & np.where(lower_is_better, high < 0, low > 0)] = "better"
    verdict[called & np.where(lower_is_better, low > 0, high < 0)] = "worse"
    verdict[failed & (kept["analysis_population"] == "exposed")] = "unreliable"
    verdict[kept["srm_status"] == "mismatch"] = "unreliable"
    verdict[kept["segment_srm_status"] == "mismatch"] = "unreliable"
    return verdict


def _split_flags(kept: dict[str, Any]) -> list[str]:
    """Of a segment, its own split; of a total whose split is fine, whether some segment's is not."""
    broken = (kept["segment_srm_status"] == "mismatch") | (
        (kept["dimension"] == "all") & (kept["any_segment_srm"] == "mismatch") & (kept["srm_status"] != "mismatch")
    )
    return [SEGMENT_SRM if off else "" for off in broken.tolist()]


def _reasons(dimensions: Any, compared: ComparisonColumns) -> Any:
    """Why there is no answer. In a breakdown an absent control is one that is too small to show."""
    hidden = (dimensions != "all") & (compared.reason == ReasonCode.NO_CONTROL)
    return np.where(hidden, np.array(HIDDEN_CONTROL, dtype=object), _objects(compared.not_computable()))


def _objects(values: list[Any]) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _texts(values: Any) -> Any:
    """A text column as plain strings, null as None: DuckDB gives masked arrays, the kernel enum members."""
    listed = values.tolist()
    return _objects([None if value is None else str(value) for value in listed])


def _numbers(values: Any) -> Any:
    """A number column as float64, null as NaN."""
    return np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan)


_CARRIED = (
    "experiment_id", "metric_id", "variation_id", "control_variation_id", "analysis_population", "dimension",
    "dimension_value", "metric_role", "aggregation", "desired", "experiment_status", "srm_status", "quality_flags",
    "asked_estimator", "segment_srm_status", "any_segment_srm",
)  # fmt: skip
_MEASURED = (
    "srm_p_value", "exposure_rate", "valid_exposure_rate", "mature_share", "value_cap", "noninferiority_margin",
    "segment_srm_p_value",
)  # fmt: skip
_NOTHING = np.array(None, dtype=object)

_ARM_COLUMNS = ",\n".join(
    f"    treatment.{name} as treatment_{name}, control.{name} as control_{name}"
    for name in _MOMENTS + COVARIATE_MOMENTS
)
_CELLS = f"""
with arms as (
    select
        variations.experiment_id,
        variations.variation_id,
        controls.variation_id as control_variation_id
    from dim_experiment_variations as variations
    inner join dim_experiment_variations as controls on variations.experiment_id = controls.experiment_id
    where controls.is_control and not variations.is_control
),
caps as (
    select terms.experiment_id, terms.metric_id, caps.value_cap
    from int_experiment_metric_caps as caps
    inner join int_experiment_metric_terms as terms on caps.metric_key = terms.metric_key
    where terms.term = 'numerator'
),
broken_segments as (
    select distinct experiment_id, analysis_population, status
    from fct_experiment_srm_segments
    where status = 'mismatch'
)
select
    treatment.experiment_id,
    treatment.metric_id,
    treatment.variation_id,
    arms.control_variation_id,
    treatment.analysis_population,
    treatment.dimension,
    treatment.dimension_value,
    metrics.role as metric_role,
    metrics.aggregation,
    metrics.desired,
    experiments.status as experiment_status,
    coalesce(srm.status, 'not_computable') as srm_status,
    case when srm.basis = 'always_valid' then srm.sequential_p_value else srm.p_value end as srm_p_value,
    segments.status as segment_srm_status,
    segments.p_value_adjusted as segment_srm_p_value,
    broken_segments.status as any_segment_srm,
    metrics.estimator as asked_estimator,
    metrics.noninferiority_margin,
    caps.value_cap,
    experiments.n_variations,
    coalesce(quality.flags, '') as quality_flags,
    quality.exposure_rate,
    quality.valid_exposure_rate,
    (treatment.n_mature + coalesce(control.n_mature, 0)) / nullif(treatment.n + coalesce(control.n, 0), 0)
        as mature_share,
{_ARM_COLUMNS}
from agg_experiment_metric_by_variant as treatment
inner join arms on treatment.experiment_id = arms.experiment_id and treatment.variation_id = arms.variation_id
inner join dim_experiment_metrics as metrics
    on treatment.experiment_id = metrics.experiment_id and treatment.metric_id = metrics.metric_id
inner join dim_experiments as experiments on treatment.experiment_id = experiments.experiment_id
left join agg_experiment_metric_by_variant as control
    on treatment.experiment_id = control.experiment_id
    and treatment.metric_id = control.metric_id
    and arms.control_variation_id = control.variation_id
    and treatment.analysis_population = control.analysis_population
    and treatment.dimension = control.dimension
    and treatment.dimension_value = control.dimension_value
left join fct_experiment_srm as srm
    on treatment.experiment_id = srm.experiment_id and treatment.analysis_population = srm.analysis_population
left join fct_experiment_srm_segments as segments
    on treatment.experiment_id = segments.experiment_id
    and treatment.analysis_population = segments.analysis_population
    and treatment.dimension = segments.dimension
    and treatment.dimension_value = segments.dimension_value
left join broken_segments
    on treatment.experiment_id = broken_segments.experiment_id
    and treatment.analysis_population = broken_segments.analysis_population
left join caps on treatment.experiment_id = caps.experiment_id and treatment.metric_id = caps.metric_id
left join fct_experiment_exposure_quality as quality on treatment.experiment_id = quality.experiment_id
order by
    treatment.experiment_id, treatment.metric_id, treatment.analysis_population, treatment.dimension,
    treatment.dimension_value, treatment.variation_id
"""

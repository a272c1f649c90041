"""Aggregates to results: the kernel judges every treatment against its control, whole columns at once.

Nothing is computed here that a stored arm does not hold, so any stored result can be recomputed from the aggregates by
the kernel version it names.
"""

from typing import Any, Final

import duckdb
import numpy as np

from gateway.marts.results_columns import RESULT_COLUMNS, write_table
from gateway.marts.results_srm import SRM_TABLE, write_srm
from gateway.stats import KERNEL_VERSION, ArmColumns, Basis, ComparisonColumns, ReasonCode, compare_columns, holm
from gateway.stats.result import DEFAULT_LEVEL

RESULTS_TABLE: Final = "fct_experiment_results"
RESULT_TABLES: Final = (SRM_TABLE, RESULTS_TABLE)
"""What this layer writes, in order: results carry the SRM status."""

INTEGRITY_FLAG: Final = "exposure_integrity_failed"
"""Flag of fct_experiment_exposure_quality under which nothing about the exposed population is trusted."""

HIDDEN_CONTROL: Final = "the control's cell has fewer units than a breakdown may show"
_MOMENTS = ("n", "mean", "m2", "conversions", "denominator_mean", "denominator_m2", "cross_m2")


def write_results(con: duckdb.DuckDBPyConnection, table: str = "") -> int:
    """Write one table of RESULT_TABLES, or all of them; returns how many rows the last one has."""
    writers = {SRM_TABLE: write_srm, RESULTS_TABLE: _write_results}
    rows = 0
    for name in (table,) if table else RESULT_TABLES:
        rows = writers[name](con)
    return rows


def _write_results(con: duckdb.DuckDBPyConnection) -> int:
    cells = con.execute(_CELLS).fetchnumpy()
    compared = compare_columns(
        _arms(cells, "control_"),
        _arms(cells, "treatment_"),
        aggregation=_texts(cells["aggregation"]),
        desired=_texts(cells["desired"]),
        running=_texts(cells["experiment_status"]) == "running",
    )
    return write_table(con, RESULTS_TABLE, RESULT_COLUMNS, _columns(cells, compared))


def _arms(cells: dict[str, Any], side: str) -> ArmColumns:
    given = {name: cells[side + name] for name in _MOMENTS}
    return ArmColumns.of(given.pop("n"), given.pop("mean"), given.pop("m2"), **given)


def _columns(cells: dict[str, Any], compared: ComparisonColumns) -> dict[str, Any]:
    """Every column of fct_experiment_results, by name."""
    basis = _texts(compared.basis)
    judged_p = np.where(basis == Basis.ALWAYS_VALID, compared.sequential_p_value, compared.p_value)
    kept = {name: _texts(cells[name]) for name in _CARRIED}
    adjusted = holm(judged_p, _families(kept))
    measured = {name: _numbers(cells[name]) for name in _MEASURED}
    return kept | measured | {
        "basis": basis,
        "n_users": cells["treatment_n"],
        "value": compared.treatment_value,
        "conversion_rate": np.where(kept["aggregation"] == "occurrence", compared.treatment_value, np.nan),
        "control_n_users": _numbers(cells["control_n"]),
        "control_value": compared.control_value,
        "control_conversion_rate": np.where(kept["aggregation"] == "occurrence", compared.control_value, np.nan),
        "uplift_abs": compared.difference,
        "ci_low": compared.ci_low,
        "ci_high": compared.ci_high,
        "p_value_two_sided": compared.p_value,
        "p_value_adjusted": adjusted,
        "uplift_rel": compared.lift,
        "lift_ci_low": compared.lift_ci_low,
        "lift_ci_high": compared.lift_ci_high,
        "sequential_ci_low": compared.sequential_ci_low,
        "sequential_ci_high": compared.sequential_ci_high,
        "sequential_lift_ci_low": compared.sequential_lift_ci_low,
        "sequential_lift_ci_high": compared.sequential_lift_ci_high,
        "sequential_p_value": compared.sequential_p_value,
        "chance_to_win": compared.chance_to_win,
        "statsig": _texts(compared.statsig),
        "verdict": _verdicts(kept, compared, adjusted),
        "flags": _flags(kept["quality_flags"], compared),
        "not_computable": _reasons(kept["dimension"], compared),
        "kernel_version": np.full(len(compared), KERNEL_VERSION, dtype=object),
    }  # fmt: skip


def _families(kept: dict[str, Any]) -> Any:
    """What is corrected together: the treatments of one metric, or all cells of one dimension of it."""
    parts = ("experiment_id", "metric_id", "analysis_population", "dimension")
    family = np.empty(len(kept["dimension"]), dtype=object)
    family[:] = list(zip(*(kept[part].tolist() for part in parts), strict=True))
    return family


def _verdicts(kept: dict[str, Any], compared: ComparisonColumns, adjusted: Any) -> Any:
    """Unreliable where the split or the exposures are broken; else by the interval of the row's basis.

    An effect among several is only called where its corrected p-value agrees.
    """
    running = compared.running
    low = np.where(running, compared.sequential_ci_low, compared.ci_low)
    high = np.where(running, compared.sequential_ci_high, compared.ci_high)
    lower_is_better = kept["desired"] == "decrease"
    failed = np.array([INTEGRITY_FLAG in flags.split(",") for flags in kept["quality_flags"]], dtype=np.bool_)
    verdict = np.full(len(compared), "inconclusive", dtype=object)
    called = adjusted < 1 - DEFAULT_LEVEL
    verdict[called & np.where(lower_is_better, high < 0, low > 0)] = "better"
    verdict[called & np.where(lower_is_better, low > 0, high < 0)] = "worse"
    verdict[failed & (kept["analysis_population"] == "exposed")] = "unreliable"
    verdict[kept["srm_status"] == "mismatch"] = "unreliable"
    return verdict


def _flags(quality: Any, compared: ComparisonColumns) -> Any:
    """The experiment's exposure flags, then those of the row's own numbers."""
    rows = zip(quality.tolist(), compared.flag_texts(), strict=True)
    return _objects([",".join(filter(None, pair)) for pair in rows])


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
)  # fmt: skip
_MEASURED = ("srm_p_value", "exposure_rate", "valid_exposure_rate", "mature_share")

_ARM_COLUMNS = ",\n".join(
    f"    treatment.{name} as treatment_{name}, control.{name} as control_{name}" for name in _MOMENTS
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
    srm.p_value as srm_p_value,
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
left join fct_experiment_exposure_quality as quality on treatment.experiment_id = quality.experiment_id
order by
    treatment.experiment_id, treatment.metric_id, treatment.analysis_population, treatment.dimension,
    treatment.dimension_value, treatment.variation_id
"""

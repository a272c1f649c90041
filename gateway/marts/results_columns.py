"""The tables that the kernel's results go into: their columns in order, and how NumPy columns become rows of them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import duckdb
import numpy as np

RESULT_COLUMNS: Final = MappingProxyType(
    {
        "experiment_id": "varchar",
        "metric_id": "varchar",
        "variation_id": "varchar",
        "control_variation_id": "varchar",
        "analysis_population": "varchar",
        "dimension": "varchar",
        "dimension_value": "varchar",
        "metric_role": "varchar",
        "aggregation": "varchar",
        "desired": "varchar",
        "experiment_status": "varchar",
        "basis": "varchar",
        "n_users": "bigint",
        "value": "double",
        "conversion_rate": "double",
        "control_n_users": "bigint",
        "control_value": "double",
        "control_conversion_rate": "double",
        "uplift_abs": "double",
        "ci_low": "double",
        "ci_high": "double",
        "p_value_two_sided": "double",
        "p_value_adjusted": "double",
        "uplift_rel": "double",
        "lift_ci_low": "double",
        "lift_ci_high": "double",
        "sequential_ci_low": "double",
        "sequential_ci_high": "double",
        "sequential_lift_ci_low": "double",
        "sequential_lift_ci_high": "double",
        "sequential_p_value": "double",
        "chance_to_win": "double",
        "statsig": "varchar",
        "verdict": "varchar",
        "srm_status": "varchar",
        "srm_p_value": "double",
        "exposure_rate": "double",
        "valid_exposure_rate": "double",
        "mature_share": "double",
        "flags": "varchar",
        "not_computable": "varchar",
        "kernel_version": "varchar",
        "estimator": "varchar",
        "cuped_uplift_abs": "double",
        "cuped_ci_low": "double",
        "cuped_ci_high": "double",
        "cuped_p_value_two_sided": "double",
        "cuped_uplift_rel": "double",
        "cuped_lift_ci_low": "double",
        "cuped_lift_ci_high": "double",
        "cuped_sequential_ci_low": "double",
        "cuped_sequential_ci_high": "double",
        "cuped_sequential_lift_ci_low": "double",
        "cuped_sequential_lift_ci_high": "double",
        "cuped_sequential_p_value": "double",
        "cuped_variance_reduction": "double",
        "cuped_covariate_p_value": "double",
        "value_cap": "double",
        "chance_to_be_best": "double",
        "expected_loss": "double",
        "control_chance_to_be_best": "double",
        "control_expected_loss": "double",
        "noninferiority_margin": "double",
        "noninferiority_p_value": "double",
        "guardrail_status": "varchar",
        "segment_srm_status": "varchar",
        "segment_srm_p_value": "double",
    }
)
"""Columns of fct_experiment_results, in order, with their types."""

_STAGED = "staged_columns"


def write_table(
    con: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str], columns: Mapping[str, Any]
) -> int:
    """Replace `table` by these columns and return its rows. What is not a finite number is stored as null."""
    con.execute(f"create or replace table {table} ({', '.join(f'{name} {kind}' for name, kind in types.items())})")
    length = len(next(iter(columns.values())))
    if not length:
        return 0
    con.register(_STAGED, {name: columns[name] for name in types})
    try:
        values = ", ".join(_value(*column) for column in types.items())
        con.execute(f"insert into {table} select {values} from {_STAGED}")
    finally:
        con.unregister(_STAGED)
    return length


def write_rows(
    con: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]]
) -> int:
    """The same from rows, in the order of the columns."""
    columns = {
        name: np.array([row[i] for row in rows], dtype=np.float64 if kind in ("bigint", "double") else object)
        for i, (name, kind) in enumerate(types.items())
    }
    return write_table(con, table, types, columns)


def _value(name: str, kind: str) -> str:
    if kind in ("varchar", "boolean"):
        return f"cast({name} as {kind})"
    return f"cast(case when isfinite(cast({name} as double)) then {name} end as {kind})"

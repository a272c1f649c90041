"""The warehouse's source tables: what seeds and imports write, and what the models read through `source()`.

Every table exists even when nothing has written to it yet, so that a build never depends on which writer came first.
Timestamps are UTC. Rows carry `origin` where seeds and imports share a table: a seed replaces only its own rows.
"""

from types import MappingProxyType
from typing import Final

import duckdb

SOURCE_TABLES: Final = MappingProxyType(
    {
        "fct_events": """
            event_id varchar, event_ts timestamp, unit_id varchar, event_name varchar,
            experiment_id varchar, variation_id varchar, value varchar,
            platform varchar, country varchar, customer_type varchar""",
        "fct_experiment_assignments": """
            experiment_id varchar, unit_id varchar, assigned_at timestamp, variation_id varchar,
            platform varchar, country varchar, customer_type varchar""",
        "raw_experiments": """
            experiment_id varchar, name varchar, description varchar, hypothesis varchar, owner varchar,
            status varchar, unit_type varchar, started_at timestamp, ended_at timestamp, as_of timestamp,
            primary_metric_id varchar, origin varchar""",
        "raw_experiment_variations": """
            experiment_id varchar, variation_id varchar, name varchar, is_control boolean,
            expected_share double, origin varchar""",
        "raw_metrics": """
            metric_id varchar, label varchar, description varchar, aggregation varchar,
            desired varchar, unit varchar, origin varchar""",
        "raw_experiment_metrics": """
            experiment_id varchar, metric_id varchar, label varchar, role varchar, aggregation varchar,
            desired varchar, window_days double, noninferiority_margin double,
            numerator_event varchar, numerator_agg varchar, denominator_event varchar, denominator_agg varchar,
            source varchar, origin varchar,
            winsorise_quantile double, winsorise_cap double, estimator varchar""",
        "imp_units": """
            experiment_id varchar, unit_id varchar, variation_id varchar, assigned_at timestamp""",
        "imp_unit_dimensions": """
            experiment_id varchar, unit_id varchar, dimension varchar, dimension_value varchar""",
        "imp_outcomes": """
            experiment_id varchar, metric_id varchar, unit_id varchar,
            value double, denominator double, covariate double""",
        "imp_aggregates": """
            experiment_id varchar, metric_id varchar, variation_id varchar, analysis_population varchar,
            dimension varchar, dimension_value varchar, date_day date,
            n bigint, mean double, m2 double, conversions bigint""",
    }
)
"""Table name to its column definitions, in the order in which writers may rely on them."""

ADDED_COLUMNS: Final = (
    ("raw_experiment_metrics", "winsorise_quantile", "double"),
    ("raw_experiment_metrics", "winsorise_cap", "double"),
    ("raw_experiment_metrics", "estimator", "varchar"),
)
"""Columns that tables of earlier versions lack, in order: a warehouse outlives the version that made it."""


def ensure_sources(con: duckdb.DuckDBPyConnection) -> None:
    """Create every source table that is not there yet, and every column that an older version did not write.

    Rows that are there stay as they are; new columns come last, here as in the definitions, and are null for them.
    """
    for table, columns in SOURCE_TABLES.items():
        con.execute(f"create table if not exists {table} ({columns})")
    for table, column, kind in ADDED_COLUMNS:
        con.execute(f"alter table {table} add column if not exists {column} {kind}")

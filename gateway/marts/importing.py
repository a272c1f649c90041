"""Imports real experiments from CSV or Parquet: a row for each unit, or sufficient statistics for each arm."""

from gateway.marts.importing_aggregates import import_aggregates
from gateway.marts.importing_spec import AGGREGATIONS, ImportReport, MetricSpec, parse_metric
from gateway.marts.importing_units import import_units

__all__ = ["AGGREGATIONS", "ImportReport", "MetricSpec", "import_aggregates", "import_units", "parse_metric"]

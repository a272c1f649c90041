"""Whether two engines hold the same mart: every row, every value and its type, floats to the twelfth digit."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from gateway.marts.clickhouse.models import grains
from gateway.marts.clickhouse.server import Server, names, table
from gateway.marts.project import load_project
from gateway.marts.results import RESULT_TABLES
from gateway.marts.results_columns import RESULT_COLUMNS
from tests.marts.world import MARTS_SQL

TOLERANCE = 1e-12
CANCELLING = frozenset({
    "m2", "denominator_m2", "covariate_m2", "v1", "v2", "d1", "d2", "x1", "x2", "x1_active",
    *(column for column in RESULT_COLUMNS if "uplift" in column or "ci_" in column),
})  # fmt: skip
"""Differences, and what is left of sums whose terms cancel: they have the digits of the metric's largest value of the
column, not of their own."""
PRODUCTS = {
    "cross_m2": ("m2", "denominator_m2"),
    "covariate_cross_m2": ("m2", "covariate_m2"),
    "covariate_denominator_cross_m2": ("denominator_m2", "covariate_m2"),
    "vd": ("v2", "d2"),
    "vx": ("v2", "x2"),
    "dx": ("d2", "x2"),
}
"""Sums of products: they have the digits of the roots of their factors' largest sums of squares."""
SHOWN = 5

_PROJECT = load_project(MARTS_SQL)
_GRAINS = grains(_PROJECT.schema)
MARTS = (*(model.name for model in _PROJECT.models), *RESULT_TABLES)


def differences(con: duckdb.DuckDBPyConnection, server: Server, marts: Iterable[str] = MARTS) -> list[str]:
    """What differs, a line each: mart, key, column and both values. Empty means equal."""
    return [line for mart in marts for line in _of_one(con, server, mart)]


def _of_one(con: duckdb.DuckDBPyConnection, server: Server, mart: str) -> list[str]:
    columns = [str(row[0]) for row in con.execute(f"describe {mart}").fetchall()]
    key = [columns.index(column) for column in _GRAINS[mart]]
    here = con.execute(f"select {', '.join(columns)} from {mart}").fetchall()
    there = [tuple(row) for row in server.rows(f"SELECT {names(columns)} FROM {table(server.warehouse, mart)}")]
    mine, theirs = _by_key(here, key), _by_key(there, key)
    lines = [f"{mart}: {len(here)} rows here, {len(there)} there"] if len(here) != len(there) else []
    lines += [f"{mart} {one}: only here" for one in sorted(set(mine) - set(theirs), key=repr)[:SHOWN]]
    lines += [f"{mart} {one}: only there" for one in sorted(set(theirs) - set(mine), key=repr)[:SHOWN]]
    scales = _scales(columns, here)
    unequal = [
        f"{mart} {one}: {column} {left!r} here, {right!r} there"
        for one in mine.keys() & theirs.keys()
        for column, left, right in zip(columns, mine[one], theirs[one], strict=True)
        if not same(left, right, scales.get((column, _metric(columns, mine[one])), 0.0))
    ]
    return lines + sorted(unequal)[:SHOWN]


def same(left: Any, right: Any, scale: float = 0.0) -> bool:
    """Equal values of one type; floats to the twelfth digit of themselves, or of `scale` where that is larger."""
    if type(left) is not type(right):
        return False
    if not isinstance(left, float):
        return bool(left == right)
    if not (math.isfinite(left) and math.isfinite(right)):
        return left == right or (math.isnan(left) and math.isnan(right))
    return bool(abs(left - right) <= TOLERANCE * max(abs(left), abs(right), scale))


def _by_key(rows: Sequence[tuple[Any, ...]], key: Sequence[int]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {tuple(row[position] for position in key): row for row in rows}


def _metric(columns: Sequence[str], row: Sequence[Any]) -> Any:
    return tuple(row[columns.index(name)] for name in ("experiment_id", "metric_id", "metric_key") if name in columns)


def _scales(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[tuple[str, Any], float]:
    """How large the values of a metric's column are, where they have no more digits than that."""
    largest: dict[tuple[str, Any], float] = defaultdict(float)
    cancelling = [(position, column) for position, column in enumerate(columns) if column in CANCELLING]
    for row in rows if cancelling else ():
        metric = _metric(columns, row)
        for position, column in cancelling:
            largest[column, metric] = max(largest[column, metric], abs(row[position] or 0.0))
    metrics = {metric for _, metric in largest}
    products = {
        (column, metric): math.sqrt(largest[one, metric]) * math.sqrt(largest[other, metric])
        for column, (one, other) in PRODUCTS.items()
        for metric in metrics
    }
    shares = {("cuped_variance_reduction", metric): 1.0 for metric in metrics}  # what a share leaves of one
    return dict(largest) | products | shares

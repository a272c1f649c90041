"""Imports sufficient statistics: rows that hold n, mean and variance of an arm instead of its units.

Two layouts: `paired`, control and treatment side by side on each row, and `long`, a row for each arm. Both become one
temporary table `arms` with a row for each snapshot of an arm; everything after that is the same.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from gateway.errors import UsageError
from gateway.marts.importing_catalogue import claim, describe, describe_arms, describe_metrics, with_roles
from gateway.marts.importing_checks import ROWS_HINT
from gateway.marts.importing_files import open_table, resolve, stage
from gateway.marts.importing_snapshots import (
    Layout,
    check_arms,
    check_snapshots,
    fill_arms,
    fold_days,
    layout_of,
)
from gateway.marts.importing_spec import (
    AGGREGATIONS,
    ImportReport,
    MetricSpec,
    arm_ids,
    check_names,
    ran,
    refuse,
    shares_of,
    slug,
    unknown_aggregation,
)
from gateway.marts.importing_warehouse import warehouse_write
from gateway.problems import did_you_mean

CONTROL = "control"


@dataclass(frozen=True, slots=True)
class AggregateRequest:
    """What to import, as it was asked for."""

    mapping: Mapping[str, str]
    layout: Layout
    experiment: str | None
    control: str
    aggregations: Mapping[str, str]
    prefix: str


def import_aggregates(
    warehouse: Path,
    file: Path,
    *,
    mapping: Mapping[str, str],
    experiment: str | None = None,
    control: str | None = None,
    metric_aggregations: Mapping[str, str] | None = None,
    prefix: str = "",
    shares: Mapping[str, float] | None = None,
    running: bool = False,
    name: str | None = None,
    started_at: date | None = None,
    replace: bool = False,
) -> ImportReport:
    """Import a CSV or Parquet file of sufficient statistics. Nothing changes unless all of it succeeds.

    `mapping` names the file's column for each part. Paired: n_control, n_treatment, mean_control, mean_treatment,
    variance_control, variance_treatment, and if there are such columns experiment, variation, metric, time. Long:
    variation, n, and mean with variance or sum with sum_squares, and perhaps experiment, metric, time.
    `time` is days since the start, or a date. With an experiment column, `experiment` picks one of the file's
    experiments and None takes all, each under `prefix` and its own name. `metric_aggregations` maps a metric as the
    file names it (or, with no metric column, the one metric's name) to its aggregation; the others are means. Empty
    cells stay empty: what needs them comes out as not computable.
    """
    began = time.perf_counter()
    request = _request(mapping, experiment, control, metric_aggregations or {}, prefix)
    with warehouse_write(warehouse, memory_limit="1GB") as con:
        notes: list[str] = []
        _read(con, file, request)
        ids = _experiment_ids(con, request)
        replaced = claim(con, list(ids.values()), replace=replace)
        metrics = _metrics(con, request, notes)
        start = ran(started_at, None, None, None, running=False).started_at
        notes += fold_days(con, start, {each.column: each.name for each in metrics})
        dated = con.execute("select 1 from arms where dated is not null limit 1").fetchone() is not None
        if started_at is None and not dated:
            notes.append(f"No start given: days count from {start:%Y-%m-%d}.")
        for value, each in ids.items():
            begins = None if dated and started_at is None else start
            _describe(con, value, each, request, metrics, shares, begins, running=running, name=name, file=file)
        rows = con.execute("select count(*) from snapshots").fetchone()
        if shares is None:
            notes.append("Equal shares of an experiment's arms are assumed for the sample-ratio check.")
    used = tuple((metric.name, metric.aggregation or "") for metric in metrics)
    return ImportReport(
        warehouse, file, tuple(ids.values()), (), used, int(rows[0]) if rows else 0, replaced, tuple(notes),
        time.perf_counter() - began,
    )  # fmt: skip


def _request(
    mapping: Mapping[str, str],
    experiment: str | None,
    control: str | None,
    aggregations: Mapping[str, str],
    prefix: str,
) -> AggregateRequest:
    layout, problems = layout_of(mapping)
    if experiment is None and "experiment" not in mapping:
        problems.append("no experiment: name it, or map the column that holds it")
    if experiment is not None and "experiment" not in mapping:
        problems += check_names("an experiment's name", [prefix + experiment])
    if layout == "long" and control is None:
        problems.append("no control: say which arm it is")
    if "metric" not in mapping and len(aggregations) != 1:
        problems.append("no metric: map the column that holds it, or name one metric with its aggregation")
    unknown = [unknown_aggregation(*each) for each in aggregations.items() if each[1] not in AGGREGATIONS]
    problems += unknown
    for metric, aggregation in aggregations.items():
        if aggregation == "ratio":
            problems.append(f"metric {metric!r}: a ratio can't be made from one column's sufficient statistics")
    if problems:
        raise refuse(problems, hint=f"Aggregations: {', '.join(AGGREGATIONS)}." if unknown else "")
    return AggregateRequest(mapping, layout, experiment, control or CONTROL, aggregations, prefix)


def _read(con: duckdb.DuckDBPyConnection, file: Path, request: AggregateRequest) -> None:
    """Stage the file, check every cell, and spread it out to one row for each snapshot of an arm."""
    table = open_table(con, file)
    problems = resolve(table, list(request.mapping.values()))
    if problems:
        raise refuse(problems)
    stage(con, table, [(part, table.text(column)) for part, column in request.mapping.items()])
    _only_experiment(con, request)
    problems = check_snapshots(con, request.mapping, request.layout)
    if problems:
        raise refuse(problems, hint=ROWS_HINT)
    if request.layout == "long":
        _check_control(con, request)
    fill_arms(con, request.mapping, request.layout, request.control)


def _only_experiment(con: duckdb.DuckDBPyConnection, request: AggregateRequest) -> None:
    if request.experiment is None or "experiment" not in request.mapping:
        return
    found = _values(con, "experiment")
    if request.experiment not in found:
        near = did_you_mean(request.experiment, found, otherwise="It has")
        raise UsageError(f"column {request.mapping['experiment']!r} has no {request.experiment!r}.{near}".rstrip("."))
    con.execute("delete from staged where experiment is distinct from ?", [request.experiment])


def _check_control(con: duckdb.DuckDBPyConnection, request: AggregateRequest) -> None:
    found = _values(con, "variation")
    if request.control not in found:
        column = request.mapping["variation"]
        near = did_you_mean(request.control, found)
        raise UsageError(f"column {column!r} has no value {request.control!r}.{near}".rstrip("."),
                         hint=f"It has {', '.join(repr(each) for each in found[:10])}.")  # fmt: skip


def _values(con: duckdb.DuckDBPyConnection, part: str) -> list[str]:
    rows = con.execute(f"select {part} from staged where {part} is not null group by 1 order by min(row)").fetchall()
    return [str(value) for (value,) in rows]


def _experiment_ids(con: duckdb.DuckDBPyConnection, request: AggregateRequest) -> dict[str, str]:
    """Each experiment of the file, as `arms` names it, with its id in the warehouse."""
    rows = con.execute("select experiment from arms group by 1 order by min(row)").fetchall()
    if "experiment" not in request.mapping:
        return {"": request.prefix + (request.experiment or "")}
    ids = {str(value): slug(request.prefix + str(value)) for (value,) in rows}
    if len(set(ids.values())) < len(ids) or "" in ids.values():
        raise UsageError(f"experiments of column {request.mapping['experiment']!r} would share a name",
                         hint="Give them names that differ in letters or digits.")  # fmt: skip
    return ids


def _metrics(con: duckdb.DuckDBPyConnection, request: AggregateRequest, notes: list[str]) -> list[MetricSpec]:
    """The file's metrics; `column` holds what the file calls each. The first is the primary one."""
    if "metric" not in request.mapping:
        name, aggregation = next(iter(request.aggregations.items()))
        metrics = [MetricSpec(_metric_id(name), "", aggregation)]
    else:
        found = _values(con, "metric")
        unknown = [f"no metric {each!r}.{did_you_mean(each, found, otherwise='The file has')}".rstrip(".")
                   for each in request.aggregations if each not in found]  # fmt: skip
        if unknown:
            raise refuse(unknown)
        metrics = [MetricSpec(_metric_id(each), each, request.aggregations.get(each, "mean")) for each in found]
        means = [each.name for each in metrics if each.column not in request.aggregations]
        if means:
            notes.append(f"Taken as mean, since no aggregation was given: {', '.join(means)}.")
    if len({each.name for each in metrics}) < len(metrics):
        raise UsageError("two metrics of the file would share a name", hint="Rename one of them.")
    problems = check_arms(con, request.layout, [each.column for each in metrics if each.aggregation == "occurrence"])
    if problems:
        raise refuse(problems, hint=ROWS_HINT)
    return with_roles(metrics)


def _metric_id(value: str) -> str:
    """A bare number is no name for a metric: `1` becomes `metric_1`."""
    name = slug(value)
    return f"metric_{name}" if not name or name[0].isdigit() else name


def _describe(
    con: duckdb.DuckDBPyConnection,
    value: str,
    experiment: str,
    request: AggregateRequest,
    metrics: Sequence[MetricSpec],
    shares: Mapping[str, float] | None,
    begins: datetime | None,
    *,
    running: bool,
    name: str | None,
    file: Path,
) -> None:
    """Write one experiment: its snapshots, then what they are snapshots of."""
    rows = con.execute(
        "select variation, metric, min(date_day), max(date_day) from snapshots where experiment = ? group by 1, 2",
        [value],
    ).fetchall()
    arms = arm_ids(sorted({str(row[0]) for row in rows}, key=lambda arm: (arm != request.control, arm)))
    used = [metric for metric in metrics if metric.column in {row[1] for row in rows}]
    if request.control not in arms or len(arms) < 2:
        raise UsageError(f"experiment {value or experiment!r} lacks {'a control' if len(arms) > 1 else 'a second arm'}",
                         hint=f"Its arms: {', '.join(arms)}.")  # fmt: skip
    first, last = min(row[2] for row in rows), max(row[3] for row in rows)
    dates = ran(begins, None, _midnight(first), _midnight(last), running=running)
    con.execute("create or replace temp table names as select unnest(?) as variation, unnest(?) as id",
                [list(arms), list(arms.values())])  # fmt: skip
    con.execute(
        """insert into imp_aggregates
           select ?, metric_id, names.id, 'itt', 'all', 'all', date_day, n, mean, m2,
               case when list_contains(?, metric) then round(n * mean)::bigint end
           from snapshots inner join names using (variation) where experiment = ?
           order by metric_id, names.id, date_day""",
        [experiment, [each.column for each in used if each.aggregation == "occurrence"], value],
    )
    describe(con, experiment, name=name or "", source=file.name, unit_type="unit", dates=dates, primary=used[0].name)
    names = {each: arm for arm, each in arms.items()}
    describe_arms(con, experiment, names, arms[request.control], shares_of(shares, arms))
    describe_metrics(con, experiment, used, "aggregates", file.name)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)

"""Imports an experiment with a row for each unit. Rows are read, checked and written inside DuckDB, never in Python."""

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from gateway.errors import UsageError
from gateway.marts.importing_catalogue import claim, describe, describe_arms, describe_metrics, with_roles
from gateway.marts.importing_checks import Staged, check_staged
from gateway.marts.importing_files import missing, moment, number, open_table, resolve, stage
from gateway.marts.importing_spec import (
    AGGREGATIONS,
    DAY_ZERO,
    Dates,
    ImportReport,
    MetricSpec,
    OnNull,
    arm_ids,
    check_names,
    ran,
    refuse,
    shares_of,
    slug,
    unknown_aggregation,
)
from gateway.marts.importing_warehouse import sql_text, warehouse_write
from gateway.problems import did_you_mean

MAX_ARMS = 50


@dataclass(frozen=True, slots=True)
class UnitRequest:
    """What to import, as it was asked for."""

    experiment: str
    variant: str
    control: str
    metrics: tuple[MetricSpec, ...]
    unit: str | None
    covariates: Mapping[str, str]
    """Metric to its covariate's column."""
    dimensions: tuple[str, ...]
    assigned_at: str | None
    on_null: OnNull

    def numeric(self) -> tuple[str, ...]:
        """Columns that must hold numbers, each once."""
        return tuple(
            dict.fromkeys(
                [
                    column
                    for metric in self.metrics
                    for column in (metric.column, metric.denominator, self.covariates.get(metric.name))
                    if column
                ]
            )
        )


def import_units(
    warehouse: Path,
    file: Path,
    *,
    experiment: str,
    variant: str,
    control: str,
    metrics: Sequence[MetricSpec],
    unit: str | None = None,
    covariate: str | Mapping[str, str] | None = None,
    dimensions: Sequence[str] = (),
    shares: Mapping[str, float] | None = None,
    running: bool = False,
    name: str | None = None,
    assigned_at: str | None = None,
    started_at: date | None = None,
    ended_at: date | None = None,
    replace: bool = False,
    on_null: OnNull = "error",
) -> ImportReport:
    """Import a CSV or Parquet file; without `unit`, each row is a unit. Nothing changes unless all of it succeeds.

    `covariate` is a column for all metrics, or a column by metric. `on_null` says what an empty cell does: refuse the
    import, drop the unit, or count as zero. Imported units count as assigned and exposed.
    """
    began = time.perf_counter()
    roles = with_roles(metrics) if metrics else []
    covariates = _covariates(covariate, roles)
    request = UnitRequest(
        experiment, variant, control, tuple(roles), unit, covariates, tuple(dimensions), assigned_at, on_null
    )
    _check_request(request)
    with warehouse_write(warehouse, memory_limit="1GB") as con:
        replaced = claim(con, [experiment], replace=replace)
        staged = _stage(con, file, request)
        notes = check_staged(con, staged, request.on_null)
        request = dataclasses.replace(request, metrics=tuple(_aggregations(con, staged, request, notes)))
        check_occurrences(con, staged, request)
        arms, control_id = _arms(con, request, shares, notes)
        if started_at is None and assigned_at is None:
            notes.append(f"No dates given: the experiment is placed on {DAY_ZERO:%Y-%m-%d}.")
        dates = ran(started_at, ended_at, *_first_and_last(con, request), running=running)
        _write(con, staged, request, arms, control_id, shares, dates, name or "", file)
        counted = con.execute("select variant, count(*) from staged group by variant").fetchall()
    units = {str(value): int(count) for value, count in counted}
    order = sorted(arms, key=lambda value: arms[value] != control_id)
    return ImportReport(
        warehouse, file, (experiment,), tuple((arms[value], value, units.get(value, 0)) for value in order),
        tuple((metric.name, metric.aggregation or "") for metric in request.metrics), sum(units.values()), replaced,
        tuple(notes), time.perf_counter() - began,
    )  # fmt: skip


def _covariates(given: str | Mapping[str, str] | None, metrics: Sequence[MetricSpec]) -> dict[str, str]:
    """Metric to its covariate's column; a winsorised metric has that of its raw one."""
    if not isinstance(given, Mapping):
        return {metric.name: given for metric in metrics if given}
    shared = {metric.name: given[metric.raw] for metric in metrics if metric.raw in given}
    return shared | dict(given)


def _check_request(request: UnitRequest) -> None:
    misnamed = check_names("an experiment's name", [request.experiment])
    problems = check_names("a metric's name", [metric.name for metric in request.metrics])
    names = [metric.name for metric in request.metrics]
    if not names:
        problems.append("no metric given")
    problems += [f"metric {each!r} is given twice" for each in sorted({n for n in names if names.count(n) > 1})]
    for metric in request.metrics:
        if metric.aggregation is not None and metric.aggregation not in AGGREGATIONS:
            problems.append(unknown_aggregation(metric.name, metric.aggregation))
        if (metric.aggregation == "ratio") != (metric.denominator is not None):
            problems.append(f"metric {metric.name!r}: a ratio, and only a ratio, has a denominator")
    problems += _unfit(request)
    problems += [f"covariate for {each!r}, which is no metric here" for each in request.covariates if each not in names]
    if len(set(request.dimensions)) < len(request.dimensions):
        problems.append("a dimension is given twice")
    if any(slug(each) in ("", "all") for each in request.dimensions):
        problems.append("a dimension can't be called 'all': that names the total")
    if misnamed or problems:
        hint = f"Write --metric NAME=COLUMN:aggregation, aggregation being one of {', '.join(AGGREGATIONS)}."
        raise refuse([*misnamed, *problems], hint=hint if problems else "An id is letters, digits, _, . and -.")


def _unfit(request: UnitRequest) -> Iterator[str]:
    """Metrics that can't be adjusted or winsorised as asked."""
    for metric in request.metrics:
        if metric.cuped and metric.name not in request.covariates:
            yield f"metric {metric.name!r}: CUPED needs a covariate"
        if metric.cuped and metric.role == "guardrail":
            yield f"metric {metric.name!r}: a guardrail is tested on unadjusted numbers"
        if metric.winsorise is not None and not 0.5 < metric.winsorise < 1:
            yield f"metric {metric.raw!r}: a quantile to winsorise at lies between 0.5 and 1, not {metric.winsorise:g}"
        if metric.raw and metric.aggregation in ("occurrence", "ratio"):
            yield f"metric {metric.raw!r}: only a count, a sum or a mean can be winsorised"


def _stage(con: duckdb.DuckDBPyConnection, file: Path, request: UnitRequest) -> Staged:
    table = open_table(con, file)
    optional = [column for column in (request.unit, request.assigned_at) if column]
    problems = resolve(table, [request.variant, *optional, *request.numeric(), *request.dimensions])
    if problems:
        raise refuse(problems)
    columns = [("variant", table.text(request.variant))]
    columns += [("unit", table.text(request.unit))] if request.unit else []
    columns += [("moment", table.text(request.assigned_at))] if request.assigned_at else []
    numeric = {column: f"v{position}" for position, column in enumerate(request.numeric())}
    columns += [(name, _as_number_text(table.text(column))) for column, name in numeric.items()]
    columns += [(f"d{position}", table.text(column)) for position, column in enumerate(request.dimensions)]
    rows = stage(con, table, columns)
    return Staged(file, rows, request.variant, request.unit, request.assigned_at, numeric)


def _as_number_text(text: str) -> str:
    """Words for yes and no become 1 and 0, words for nothing become null; the rest is left as it came."""
    return (
        f"case when {missing(text)} then null when lower({text}) = 'true' then '1' "
        f"when lower({text}) = 'false' then '0' else {text} end"
    )


def _aggregations(
    con: duckdb.DuckDBPyConnection, staged: Staged, request: UnitRequest, notes: list[str]
) -> list[MetricSpec]:
    """Metrics with an aggregation each; what had to be chosen is noted."""
    chosen = []
    for metric in request.metrics:
        if metric.aggregation is None:
            binary = _none(con, f"{number(staged.numeric[metric.column])} not in (0, 1)")
            metric = dataclasses.replace(metric, aggregation="occurrence" if binary else "sum")
            seen = "holds only 0 and 1" if binary else "holds other numbers than 0 and 1"
            notes.append(f"{metric.name} is taken as {metric.aggregation}: column {metric.column!r} {seen}.")
        chosen.append(metric)
    return chosen


def check_occurrences(con: duckdb.DuckDBPyConnection, staged: Staged, request: UnitRequest) -> None:
    """An occurrence either happened or did not."""
    problems = list(_unfit(request))
    for metric in request.metrics:
        if metric.aggregation == "occurrence":
            column = staged.numeric[metric.column]
            where = f"{number(column)} not in (0, 1)"
            if not _none(con, where):
                found = staged.examples(con, where, column)
                problems.append(f"metric {metric.name!r}: an occurrence is 0 or 1, but {metric.column!r} holds {found}")
    if problems:
        raise refuse(problems, hint="Use :count, :sum or :mean for these metrics.")


def _none(con: duckdb.DuckDBPyConnection, where: str) -> bool:
    return con.execute(f"select 1 from staged where {where} limit 1").fetchone() is None


def _arms(
    con: duckdb.DuckDBPyConnection, request: UnitRequest, shares: Mapping[str, float] | None, notes: list[str]
) -> tuple[dict[str, str], str]:
    """Each arm's value with its id, and the control's id. Arms that only `shares` names have no units."""
    rows = con.execute("select variant, count(*) from staged group by variant order by min(row)").fetchall()
    found = {str(value): int(count) for value, count in rows}
    listed = ", ".join(f"{value!r} ({count:,})" for value, count in list(found.items())[:10])
    if len(found) > MAX_ARMS:
        raise UsageError(f"column {request.variant!r} has {len(found):,} different values: {listed}, …",
                         hint="--variant must name the column that holds the arm.")  # fmt: skip
    known = {*found, *arm_ids(found).values()}
    ids = arm_ids([*found, *(each for each in shares or {} if each not in known)])
    wanted = request.control.strip()
    matching = [value for value in found if value == wanted] or [value for value in found if ids[value] == wanted]
    column = f"column {request.variant!r}"
    if not matching:
        near = did_you_mean(request.control, found)
        raise UsageError(f"{column} has no value {request.control!r}.{near}".rstrip("."), hint=f"It has {listed}.")
    if len(ids) < 2:
        raise UsageError(f"{column} has only the value {listed}", hint="An experiment needs two arms.")
    if shares is None:
        notes.append(f"Equal shares of {len(ids)} arms are assumed for the sample-ratio check.")
    return ids, ids[matching[0]]


def _first_and_last(con: duckdb.DuckDBPyConnection, request: UnitRequest) -> tuple[datetime | None, datetime | None]:
    if request.assigned_at is None:
        return None, None
    row = con.execute(f"select min({moment('moment')}), max({moment('moment')}) from staged").fetchone()
    return (row[0], row[1]) if row else (None, None)


def _write(
    con: duckdb.DuckDBPyConnection,
    staged: Staged,
    request: UnitRequest,
    arms: Mapping[str, str],
    control: str,
    shares: Mapping[str, float] | None,
    dates: Dates,
    name: str,
    file: Path,
) -> None:
    experiment = sql_text(request.experiment)
    unit = "unit" if request.unit else "'row_' || row"
    at = moment("moment") if request.assigned_at else f"timestamp '{dates.started_at:%Y-%m-%d %H:%M:%S.%f}'"
    arm = " ".join(f"when {sql_text(value)} then {sql_text(each)}" for value, each in arms.items())
    con.execute(f"insert into imp_units select {experiment}, {unit}, case variant {arm} end, {at} from staged")
    for position, dimension in enumerate(request.dimensions):
        con.execute(
            f"""insert into imp_unit_dimensions
                select {experiment}, {unit}, {sql_text(dimension)}, coalesce(d{position}, 'unknown')
                from staged"""
        )
    for metric in request.metrics:
        columns = (metric.column, metric.denominator, request.covariates.get(metric.name))
        values = ", ".join(number(staged.numeric[each]) if each else "null" for each in columns)
        con.execute(
            f"""insert into imp_outcomes
                select {experiment}, {sql_text(metric.name)}, {unit}, {values} from staged"""
        )
    describe(con, request.experiment, name=name, source=file.name, unit_type="unit" if request.unit else "row",
             dates=dates, primary=request.metrics[0].name)  # fmt: skip
    describe_arms(con, request.experiment, {each: value for value, each in arms.items()}, control,
                  shares_of(shares, arms))  # fmt: skip
    describe_metrics(con, request.experiment, request.metrics, "outcomes", file.name)

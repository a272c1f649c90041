"""Builds the marts inside ClickHouse: every model in order, then the results by the kernel, beside the ones in place.

The tables are made in a database of their own and exchanged at the end, so a build that fails changes nothing.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from clickhouse_connect.driver.exceptions import ClickHouseError, Error
from sqlglot import exp

from gateway.errors import ContractError
from gateway.marts.build import BuildReport, BuiltModel, Progress
from gateway.marts.clickhouse.failures import explained
from gateway.marts.clickhouse.incremental import (
    Increment,
    Redone,
    before,
    changed_days,
    increments,
    note,
    now,
    redo,
)
from gateway.marts.clickhouse.loading import require_loaded
from gateway.marts.clickhouse.models import columns_of, empty_marts, grains
from gateway.marts.clickhouse.results import fetch_aggregates, load_result
from gateway.marts.clickhouse.server import Server, beside, name, table
from gateway.marts.clickhouse.sources import readable, relation
from gateway.marts.clickhouse.stamp import stamp
from gateway.marts.clickhouse.steps import separate
from gateway.marts.clickhouse.tables import (
    Shape,
    create,
    create_as,
    drop,
    exchange,
    fresh_database,
    in_database,
    is_nullable,
    nullable,
    type_of,
)
from gateway.marts.clickhouse.transpile import Columns, to_clickhouse
from gateway.marts.project import HINT, Model, Project, load_project
from gateway.marts.results import RESULT_TABLES, write_results
from gateway.marts.warehouse import NOTHING_CHANGED


@dataclass(frozen=True, slots=True)
class Build:
    """One build: what it makes, where, and what its models read."""

    server: Server
    project: Project
    schema: Mapping[str, Columns]
    """Every source and model with its columns and DuckDB's types."""
    grains: Mapping[str, tuple[str, ...]]
    relations: dict[str, exp.Expr] = field(default_factory=dict)
    """What stands for a table's name in a FROM; models are added as they are made."""
    redone: list[Redone | None] = field(default_factory=list)
    """Of models cut by day, which had to be done; None for all of them."""
    is_incremental: bool = False

    @property
    def increments(self) -> Mapping[str, Increment]:
        """Models that are cut by day."""
        return increments(self.project.schema)

    @property
    def target(self) -> str:
        """Database in which the tables are made."""
        return beside(self.server.warehouse)


def build(
    server: Server, marts_sql: Path, *, incremental: bool = False, progress: Progress | None = None
) -> BuildReport:
    """Build every mart from the sources in the warehouse's database. On any failure the last good tables stay.

    Incremental: events are standardised again only on days that have changed since the last build, where that can be
    told; the marts come out the same. Raises ContractError for sources or models that are not as they must be,
    EngineError where the server fails.
    """
    started = time.perf_counter()
    project = load_project(marts_sql)
    with explained("building the marts", NOTHING_CHANGED), empty_marts(project) as con:
        run = Build(server, project, columns_of(con), grains(project.schema), is_incremental=incremental)
        require_loaded(server)
        run.relations.update(readable(server, _sources(project), run.schema))
        with fresh_database(server, run.target):
            built = list(make_models(run, progress or _silent))
            built += _results(run, con, progress or _silent)
            stamp(server, run.target)
            put_in_place(run)
    return BuildReport(tuple(built), time.perf_counter() - started, told(run))


def told(run: Build) -> str:
    """What an incremental build saved, for people to read."""
    if not run.is_incremental:
        return ""
    done = [redone for redone in run.redone if redone]
    if len(done) < len(run.redone):
        return "the events of all days were standardised: the last build, if there was one, is nothing to go on from"
    most = max(done, key=lambda redone: redone.days)
    return f"the events of {most.days} of {most.of} days were standardised again"


def _sources(project: Project) -> list[str]:
    return list(dict.fromkeys(source for model in project.models for source in model.sources))


def make_models(run: Build, progress: Progress) -> Iterator[BuiltModel]:
    """Every model of the project, beside the one in place."""
    steps = len(run.project.models) + len(RESULT_TABLES)
    for position, model in enumerate(run.project.models, start=1):
        progress(model.name, position, steps)
        started = time.perf_counter()
        increment = run.increments.get(model.name)
        rows = _make_by_day(run, model, increment) if increment else _make(run, model)
        run.relations[model.name] = relation(run.target, model.name)
        yield BuiltModel(model.name, rows, time.perf_counter() - started)


def _make(run: Build, model: Model) -> int | None:
    """One model as a table or view; its rows, unless it is a view."""
    select = _select(run, model)
    target, columns = table(run.target, model.name), _columns(run, model, select)
    if model.is_view:
        run.server.run(_view(run.server, target, columns, select))
        return None
    create(run.server, run.target, model.name, Shape(columns, run.grains.get(model.name, ())))
    with explained(model.file, NOTHING_CHANGED):
        _fill(run, model, target)
    return int(run.server.value(f"SELECT count() FROM {target}"))


def _make_by_day(run: Build, model: Model, increment: Increment) -> int:
    """One model cut by day, from the days of the one in place where those will do; its rows."""
    select, (source,) = _select(run, model), model.sources
    shape = Shape(_columns(run, model, select), run.grains.get(model.name, ()), increment.partition)
    with explained(model.file, NOTHING_CHANGED):
        made_of = now(run.server, model, increment, run.relations, select)
        changed = changed_days(before(run.server, model.name), made_of) if run.is_incremental else None
        redone = None
        if changed is not None:
            raw = run.relations[source]
            redone = redo(
                run.server, run.target, model, increment, shape, changed, raw, lambda few: _select(run, model, few)
            )
        if redone is None:
            create(run.server, run.target, model.name, shape)
            _fill(run, model, table(run.target, model.name))
        run.redone.append(redone)
        note(run.server, run.target, model.name, made_of)
        return int(run.server.value(f"SELECT count() FROM {table(run.target, model.name)}"))


def _fill(run: Build, model: Model, target: str) -> None:
    """The model's rows into its table, by way of its steps that are read more than once."""
    steps, query = separate(to_clickhouse(model, run.schema, run.relations), run.target, model.name)
    for step in steps:
        create_as(run.server, run.target, step.called, step.select)
    run.server.run(f"INSERT INTO {target} {query.sql(dialect='clickhouse', comments=False)}")
    for step in steps:
        drop(run.server, run.target, step.called)


def _select(run: Build, model: Model, source: exp.Expr | None = None) -> str:
    """The model's SELECT; with something else in the place of its source."""
    relations = run.relations | (dict.fromkeys(model.sources, source) if source else {})
    return to_clickhouse(model, run.schema, relations).sql(dialect="clickhouse", comments=False)


def _view(server: Server, target: str, columns: Columns, select: str) -> str:
    """A view has no types of its own: its columns are cast."""
    cast = ", ".join(f"CAST({name(column)} AS {kind}) AS {name(column)}" for column, kind in columns.items())
    return f"CREATE OR REPLACE VIEW {target}{server.on_cluster} AS SELECT {cast} FROM ({select})"


def _columns(run: Build, model: Model, select: str) -> Columns:
    """The model's columns with the types that they get in ClickHouse."""
    found = _described(run.server, model, select)
    return {
        column: _type(f"{model.file}: {column}", kind, found[column]) for column, kind in run.schema[model.name].items()
    }


def _described(server: Server, model: Model, select: str) -> dict[str, str]:
    """The types that ClickHouse finds, before it reads a row: where it finds none, the file is at fault."""
    try:
        return {str(row[0]): str(row[1]) for row in server.rows(f"DESCRIBE TABLE ({select})")}
    except ClickHouseError as error:
        if not isinstance(error, Error) or error.code is None:
            raise
        message = str(error).split("DB::Exception: ", 1)[-1].split("\n", 1)[0].split(" (version ", 1)[0]
        raise ContractError(
            f"{model.file} does not run on ClickHouse: {message}", hint=f"{HINT} {NOTHING_CHANGED}"
        ) from error


def _type(where: str, kind: str, found: str) -> str:
    """DuckDB's type, with nulls where ClickHouse finds that there can be some, and its dictionary of texts."""
    known = "Int64" if kind == "HUGEINT" else type_of(kind, where)
    if known == "String" and found.startswith("LowCardinality("):
        known = f"LowCardinality({known})"
    return nullable(known) if is_nullable(found) else known


def _results(run: Build, con: duckdb.DuckDBPyConnection, progress: Progress) -> Iterator[BuiltModel]:
    """The kernel's tables, by the same code that writes them in the embedded warehouse, from the same aggregates."""
    before = len(run.project.models)
    fetch_aggregates(run.server, con, run.target)
    for position, called in enumerate(RESULT_TABLES, start=before + 1):
        progress(called, position, before + len(RESULT_TABLES))
        started = time.perf_counter()
        rows = write_results(con, called, min_cell_size=int(run.project.variables["min_cell_size"]))
        load_result(run.server, con, run.target, called, run.grains.get(called, ()))
        yield BuiltModel(called, rows, time.perf_counter() - started)


def put_in_place(run: Build) -> None:
    """The new tables for the old ones, all in one statement; then the views, which name what they read."""
    server, views = run.server, {model.name for model in run.project.models if model.is_view}
    made = [called for called in in_database(server, run.target) if called not in views]
    _drop_other_kinds(server, {called: called in views for called in (*made, *views)})
    exchange(server, run.target, server.warehouse, made)
    for called in made:
        run.relations[called] = relation(server.warehouse, called)
    for model in run.project.models:
        if model.is_view:
            select = _select(run, model)
            run.server.run(_view(server, table(server.warehouse, model.name), _columns(run, model, select), select))
            run.relations[model.name] = relation(server.warehouse, model.name)


def _drop_other_kinds(server: Server, is_view: Mapping[str, bool]) -> None:
    """A table does not take a view's place, nor a view a table's: an older version may have left the other."""
    rows = server.rows(
        "SELECT name, engine FROM system.tables WHERE database = {database:String}", database=server.warehouse
    )
    for called, engine in rows:
        if called in is_view and (engine == "View") != is_view[called]:
            drop(server, server.warehouse, str(called))


def _silent(_model: str, _position: int, _steps: int) -> None:
    """Progress that nobody watches."""

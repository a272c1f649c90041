"""Builds the marts: every model in order, then the results, in one transaction over the warehouse.

Either all tables are the new ones, or all are the old ones. Readers of the published file notice nothing of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from gateway.errors import ContractError, EngineError, GatewayError
from gateway.marts.project import HINT, Model, Project, load_project
from gateway.marts.results import RESULT_TABLES, write_results
from gateway.marts.sources import ensure_sources
from gateway.marts.warehouse import NOTHING_CHANGED, explained, first_line, quoted, warehouse_session

Progress = Callable[[str, int, int], None]
"""Called before each step with its name, its position from 1, and how many there are."""

BUILD_INFO = "gateway_build_info"
MODEL_AT_FAULT = (
    duckdb.ParserException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
    duckdb.SyntaxException,
    duckdb.TypeMismatchException,
)


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """One table of the build."""

    model: str
    rows: int | None
    """None for a view: it has rows only when it is read."""
    seconds: float


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made."""

    models: tuple[BuiltModel, ...]
    seconds: float
    note: str = ""
    """What a reader should know of how it was made; empty for nothing."""

    def rows(self, model: str) -> int | None:
        """Rows of one table. Raises KeyError for a table that this build did not make."""
        return {built.model: built.rows for built in self.models}[model]


def build(
    warehouse: Path, marts_sql: Path, *, progress: Progress | None = None, memory_limit: str = "2GB"
) -> BuildReport:
    """Build every mart from the warehouse's sources. On any failure the last good tables stay."""
    started = time.perf_counter()
    project = load_project(marts_sql)
    with warehouse_session(warehouse, memory_limit=memory_limit) as con:
        ensure_sources(con)
        con.begin()
        built = _run(con, project, progress or _silent)
        _stamp(con)
        con.commit()
    return BuildReport(tuple(built), time.perf_counter() - started)


def _run(con: duckdb.DuckDBPyConnection, project: Project, progress: Progress) -> list[BuiltModel]:
    models, min_cell_size = project.models, int(project.variables["min_cell_size"])
    steps = len(models) + len(RESULT_TABLES)
    built = []
    for position, model in enumerate(models, start=1):
        progress(model.name, position, steps)
        built.append(_create(con, model))
    for position, table in enumerate(RESULT_TABLES, start=len(models) + 1):
        progress(table, position, steps)
        started = time.perf_counter()
        rows = write_results(con, table, min_cell_size=min_cell_size)
        built.append(BuiltModel(table, rows, time.perf_counter() - started))
    return built


def _create(con: duckdb.DuckDBPyConnection, model: Model) -> BuiltModel:
    started = time.perf_counter()
    kind = "view" if model.is_view else "table"
    try:
        _drop_other_kind(con, model.name, kind)
        made = con.execute(f"create or replace {kind} {quoted(model.name)} as\n{model.sql}").fetchone()
    except duckdb.Error as error:
        raise _failed(model, error) from error
    rows = int(made[0]) if made and not model.is_view else None
    return BuiltModel(model.name, rows, time.perf_counter() - started)


def _drop_other_kind(con: duckdb.DuckDBPyConnection, name: str, kind: str) -> None:
    """A table does not replace a view, nor a view a table: dbt or an older version may have left the other."""
    found = con.execute("select table_type from information_schema.tables where table_name = ?", [name]).fetchone()
    if found and (found[0] == "VIEW") != (kind == "view"):
        con.execute(f"drop {'table' if kind == 'view' else 'view'} {quoted(name)}")


def _failed(model: Model, error: duckdb.Error) -> GatewayError:
    """The model's own fault, or the engine's; either way the file is named."""
    if isinstance(error, MODEL_AT_FAULT):
        return ContractError(f"{model.file} does not run: {first_line(error)}", hint=f"{HINT} {NOTHING_CHANGED}")
    cause = explained(error, model.file)
    return cause if isinstance(cause, EngineError) else EngineError(cause.message, hint=cause.hint)


def _stamp(con: duckdb.DuckDBPyConnection) -> None:
    """When these tables were built: publish carries it over, and status compares it."""
    con.execute(f"create or replace table {BUILD_INFO} (built_at timestamp, published_at timestamp)")
    con.execute(f"insert into {BUILD_INFO} values (?, null)", [datetime.now(UTC).replace(tzinfo=None)])


def _silent(_model: str, _position: int, _steps: int) -> None:
    """Progress that nobody watches."""

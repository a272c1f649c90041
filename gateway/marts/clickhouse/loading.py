"""Loads a local warehouse's sources into ClickHouse: events day by day, other tables whole, what is there not again.

Each part is loaded beside and then takes its place in one step, and its fingerprint is noted. A load that broke off
goes on where it stopped; until it is through, nothing is built from what is there.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from gateway.errors import ContractError, EngineError
from gateway.marts.build import Progress
from gateway.marts.clickhouse.failures import explained
from gateway.marts.clickhouse.server import Server, literal, name, table
from gateway.marts.clickhouse.sources import columns_in
from gateway.marts.clickhouse.tables import (
    Shape,
    create,
    create_database,
    drop,
    exchange,
    fresh_database,
    nullable,
    parts_of,
    type_of,
)
from gateway.marts.sources import SOURCE_TABLES
from gateway.marts.warehouse import quoted, warehouse_session

OURS: Final = "loaded by gateway marts load"
"""Comment of the source tables that this module made: the only ones that it replaces."""
LOADED: Final = "gateway_loaded"
"""What is loaded: one row for each part and time."""
_NOTED: Final = Shape(
    {"source": "String", "part": "String", "fingerprint": "String", "loaded_at": "DateTime64(6, 'UTC')"},
    ("source", "part"),
)
Key = tuple[str, str]
"""A source and a part of it."""
_WHOLE: Final = "load"
"""Stands for all sources: its fingerprint is `begun` or `done`."""
_EVENTS: Final = "fct_events"
_DAY: Final = "event_ts"
_ORDER: Final = {
    "fct_events": ("event_name", "unit_id", "event_ts"),
    "fct_experiment_assignments": ("experiment_id", "unit_id"),
    "imp_units": ("experiment_id", "unit_id"),
    "imp_unit_dimensions": ("experiment_id", "unit_id"),
    "imp_outcomes": ("experiment_id", "metric_id", "unit_id"),
}
_FEW_VALUES: Final = frozenset({
    "experiment_id", "variation_id", "metric_id", "event_name", "platform", "country", "customer_type", "dimension",
    "analysis_population",
})  # fmt: skip
"""Columns of few distinct texts, kept as numbers with a dictionary."""
_KEPT: Final = "What was loaded before is still in place; the same command goes on from here."
_FIRST: Final = "1900-01-01"
_AFTER: Final = "2300-01-01"
"""Times from the first day on and before the other are those that ClickHouse has."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a source, loaded in one step."""

    source: str
    part: str
    """The day as YYYYMMDD, 0 for events without a time; empty for a whole table."""
    rows: int
    fingerprint: str
    """Equal for equal rows in equal columns."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was loaded, and what was there already."""

    parts: tuple[Part, ...]
    unchanged: int
    """Rows that were there already."""
    seconds: float

    @property
    def rows(self) -> int:
        """Rows that were loaded."""
        return sum(part.rows for part in self.parts)


def load_sources(server: Server, warehouse: Path, *, progress: Progress | None = None) -> LoadReport:
    """Make the warehouse's database hold what the local warehouse's source tables hold.

    Raises ContractError where the database has source tables of somebody else's making, EngineError on failure.
    """
    started = time.perf_counter()
    with (
        warehouse_session(warehouse, read_only=True) as con,
        explained("loading the sources", _KEPT),
        tempfile.TemporaryDirectory() as folder,
    ):
        create_database(server, server.warehouse)
        _refuse_others(server)
        create(server, server.warehouse, LOADED, _NOTED, if_absent=True)
        shapes = {source: _shape(con, source) for source in SOURCE_TABLES}
        _note(server, _WHOLE, "", "begun")
        noted = _still_there(server, shapes)
        wanted = [part for source, shape in shapes.items() for part in _parts(con, source, shape)]
        changed = [part for part in wanted if noted.get((part.source, part.part)) != part.fingerprint]
        with fresh_database(server, _beside(server)):
            for position, part in enumerate(changed, start=1):
                if progress:
                    progress(f"{part.source} {part.part}".strip(), position, len(changed))
                _load(server, con, part, shapes[part.source], Path(folder))
        _drop_gone(server, shapes, wanted, noted)
        _note(server, _WHOLE, "", "done")
    kept = sum(part.rows for part in wanted) - sum(part.rows for part in changed)
    return LoadReport(tuple(changed), kept, time.perf_counter() - started)


def require_loaded(server: Server) -> None:
    """Raise ContractError where a load broke off, and what is there is neither the old sources nor the new ones."""
    if LOADED in columns_in(server, server.warehouse) and _noted(server).get((_WHOLE, "")) == "begun":
        raise ContractError(
            f"the sources in database {server.warehouse} are loaded in part: a load broke off",
            hint="Go on with it: gateway marts load",
        )


def _beside(server: Server) -> str:
    return f"{server.warehouse}__load"


def _refuse_others(server: Server) -> None:
    rows = server.rows(
        "SELECT name FROM system.tables WHERE database = {database:String} AND comment != {ours:String}",
        database=server.warehouse,
        ours=OURS,
    )
    others = sorted({str(row[0]) for row in rows} & set(SOURCE_TABLES))
    if others:
        raise ContractError(
            f"database {server.warehouse} has source tables that the gateway did not load: {', '.join(others)}",
            hint="They are left as they are. Build from them: gateway marts build; or load into another database.",
        )


def _shape(con: duckdb.DuckDBPyConnection, source: str) -> Shape:
    """The source's columns with ClickHouse's types, nullable only where a null is."""
    found = con.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index", [source]
    ).fetchall()
    if not found:
        raise ContractError(f"the local warehouse has no table {source}", hint="Seed or import again.")
    _refuse_far_times(con, source, [str(column) for column, kind in found if kind in ("TIMESTAMP", "DATE")])
    counts = ", ".join(f"count(*) - count({quoted(column)})" for column, _ in found)
    nulls = con.execute(f"select {counts} from {quoted(source)}").fetchall()[0]
    columns = {}
    for (column, kind), missing in zip(found, nulls, strict=True):
        known = type_of(kind, f"{source}.{column}")
        known = f"LowCardinality({known})" if column in _FEW_VALUES else known
        columns[str(column)] = nullable(known) if missing else known
    partition = f"ifNull(toYYYYMMDD({name(_DAY)}), 0)" if source == _EVENTS else ""
    return Shape(columns, _ORDER.get(source, tuple(columns)[:2]), partition)


def _refuse_far_times(con: duckdb.DuckDBPyConnection, source: str, columns: Sequence[str]) -> None:
    for column in columns:
        far = f"{quoted(column)} < date '{_FIRST}' or {quoted(column)} >= date '{_AFTER}'"
        count = con.execute(f"select count(*) from {quoted(source)} where {far}").fetchall()[0][0]
        if count:
            raise ContractError(
                f"{source}.{column}: {count:,} times are before {_FIRST} or from {_AFTER} on, which ClickHouse has not",
                hint="Correct them at their source.",
            )


def _still_there(server: Server, shapes: Mapping[str, Shape]) -> dict[Key, str]:
    """Fingerprints of what was loaded into tables that are as they would be made now; others are made anew, empty."""
    there = columns_in(server, server.warehouse)
    fits = {source for source, shape in shapes.items() if there.get(source) == dict(shape.columns)}
    for source, shape in shapes.items():
        if shape.partition and source not in fits:
            drop(server, server.warehouse, source)
            create(server, server.warehouse, source, shape, comment=OURS)
    return {key: fingerprint for key, fingerprint in _noted(server).items() if key[0] in fits}


def _parts(con: duckdb.DuckDBPyConnection, source: str, shape: Shape) -> Iterator[Part]:
    """What the source is loaded in. A fingerprint is that of the rows, whatever their order, and of the types."""
    columns = ", ".join(map(quoted, shape.columns))
    day = f"coalesce(strftime({quoted(_DAY)}, '%Y%m%d'), '0')" if shape.partition else "''"
    rows = con.execute(
        f"select {day} as part, count(*), sum(hash({columns})) from {quoted(source)} group by part order by part"
    ).fetchall()
    for part, count, total in rows or ([] if shape.partition else [("", 0, 0)]):
        yield Part(source, part, count, f"{count} {total} {' '.join(shape.columns.values())}")


def _load(server: Server, con: duckdb.DuckDBPyConnection, part: Part, shape: Shape, folder: Path) -> None:
    """One part, beside and then in its place."""
    create(server, _beside(server), part.source, shape, comment=OURS)
    target, file = table(_beside(server), part.source), folder / f"{part.source}.parquet"
    con.execute(f"copy ({_rows_of(part, shape)}) to '{file}' (format parquet)")
    server.load(target, file)
    file.unlink()
    arrived = server.value(f"SELECT count() FROM {target}")
    if arrived != part.rows:
        raise EngineError(f"{part.source}: {part.rows:,} rows were sent and {arrived:,} arrived", hint=_KEPT)
    if shape.partition:
        home, fresh = (parts_of(server, each, part.source, shape) for each in (server.warehouse, _beside(server)))
        server.run(f"ALTER TABLE {home}{server.on_cluster} REPLACE PARTITION {part.part} FROM {fresh}")
        drop(server, _beside(server), part.source)
    else:
        exchange(server, _beside(server), server.warehouse, [part.source])
    _note(server, part.source, part.part, part.fingerprint)


def _rows_of(part: Part, shape: Shape) -> str:
    columns = ", ".join(map(quoted, shape.columns))
    rows = f"select {columns} from {quoted(part.source)}"
    if not shape.partition:
        return rows
    if part.part == "0":
        return f"{rows} where {quoted(_DAY)} is null"
    day = f"date '{part.part[:4]}-{part.part[4:6]}-{part.part[6:]}'"
    return f"{rows} where {quoted(_DAY)} >= {day} and {quoted(_DAY)} < {day} + 1"


def _noted(server: Server) -> dict[tuple[str, str], str]:
    rows = server.rows(
        f"SELECT source, part, argMax(fingerprint, loaded_at) FROM {table(server.warehouse, LOADED)}"
        " GROUP BY source, part"
    )
    return {(str(source), str(part)): str(fingerprint) for source, part, fingerprint in rows}


def _note(server: Server, source: str, part: str, fingerprint: str) -> None:
    values = ", ".join(map(literal, (source, part, fingerprint)))
    server.run(f"INSERT INTO {table(server.warehouse, LOADED)} SELECT {values}, now64(6, 'UTC')")


def _drop_gone(server: Server, shapes: Mapping[str, Shape], wanted: Sequence[Part], noted: Mapping[Key, str]) -> None:
    """Days that the local warehouse no longer has."""
    kept = {(part.source, part.part) for part in wanted}
    for (source, part), fingerprint in noted.items():
        if source in shapes and shapes[source].partition and fingerprint and (source, part) not in kept:
            home = parts_of(server, server.warehouse, source, shapes[source])
            server.run(f"ALTER TABLE {home}{server.on_cluster} DROP PARTITION {part}")
            _note(server, source, part, "")

"""Publishes the allowed assets, with only their allowed columns, into the file that queries open.

Built beside and renamed: readers see the old file or the new one, never half of one, and a failed publish leaves the
last good file where it was. What the contract does not allow is not in the file, so no query of it can reach that.
"""

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import duckdb

from gateway.errors import ContractError, EngineError, GatewayError
from gateway.marts.build import BUILD_INFO
from gateway.marts.warehouse import SEED_HINT, connect, explained, quoted, warehouse_session

if TYPE_CHECKING:
    from gateway.semantic.model import Asset, Contract

Progress = Callable[[str, int, int], None]
ALLOWED_ASSETS: Final = "dim_ai_allowed_assets"
"""The one table that comes from the contract instead of the warehouse."""

ALLOWED_COLUMNS: Final = MappingProxyType(
    {
        "asset_name": "varchar",
        "is_allowed_for_ai": "boolean",
        "grain": "varchar",
        "primary_keys": "varchar",
        "description": "varchar",
    }
)
"""Its columns, in the order of `allowed_assets_rows`."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was published."""

    gold: Path
    tables: tuple[tuple[str, int], ...]
    """Each table with its rows, in the contract's order."""
    built_at: datetime
    """When the marts were built, UTC."""
    published_at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Status:
    """Where the pipeline stands. None and empty mean that the file, or that step, is not there yet. Times are UTC."""

    warehouse: Path
    gold: Path
    built_at: datetime | None
    """When the warehouse's marts were built."""
    published_at: datetime | None
    gold_built_at: datetime | None
    """When the marts that are published now were built."""
    tables: tuple[tuple[str, int], ...]
    """Published tables with their rows."""
    damage: str = ""
    """Why the published file can't be read, where it is there and can't."""

    @property
    def has_sources(self) -> bool:
        """Whether there is a warehouse at all."""
        return self.warehouse.is_file()

    @property
    def is_stale(self) -> bool:
        """True when the warehouse holds marts that are newer than the published ones, or those can't be read."""
        if self.built_at is None:
            return False
        return bool(self.damage) or self.gold_built_at is None or self.gold_built_at < self.built_at


def publish(
    warehouse: Path,
    gold: Path,
    contract: "Contract",
    *,
    built_at: datetime | None = None,
    progress: Progress | None = None,
    memory_limit: str = "2GB",
) -> PublishReport:
    """Replace `gold` by what the contract allows of `warehouse`, atomically.

    `built_at` is for a file that something else built; our own builder leaves the time in the warehouse.
    """
    started = time.perf_counter()
    if not warehouse.is_file():
        raise ContractError(f"no warehouse at {warehouse}", hint=SEED_HINT)
    with _beside(gold) as beside:
        with _joined(beside, warehouse, memory_limit) as con:
            _require_columns_of(con, contract.assets)
            built_at = built_at or _built_at(con, "warehouse.main")
            if built_at is None:
                raise ContractError(f"{warehouse} holds no built marts", hint="Build them: gateway marts build")
            tables = []
            for position, (name, asset) in enumerate(contract.assets.items(), start=1):
                if progress:
                    progress(name, position, len(contract.assets))
                tables.append((name, _write(con, name, asset, contract)))
            published_at = _stamp(con, built_at)
            con.execute("force checkpoint")
        _durably(beside, gold)
    return PublishReport(gold, tuple(tables), built_at, published_at, time.perf_counter() - started)


def status(warehouse: Path, gold: Path) -> Status:
    """Where the pipeline stands, as plain values; a published file that isn't there, or is damaged, is not an error."""
    built_at = None
    if warehouse.is_file():
        with warehouse_session(warehouse, read_only=True) as con:
            built_at = _built_at(con, "main")
    try:
        return Status(warehouse, gold, built_at, *_published(gold))
    except GatewayError as error:  # publishing replaces the file, so this is a state to tell and no failure
        return Status(warehouse, gold, built_at, None, None, (), error.message)


def is_published(gold: Path) -> bool:
    """Whether the published file is there, can be read, and came out of a publish. Asks nothing of the warehouse."""
    try:
        return _published(gold)[0] is not None
    except GatewayError:
        return False


def _published(gold: Path) -> tuple[datetime | None, datetime | None, tuple[tuple[str, int], ...]]:
    """When the file was published, when its marts were built, and its tables."""
    if not gold.is_file():
        return None, None, ()
    with warehouse_session(gold, read_only=True, what="the published file") as con:
        return _built_at(con, "main", "published_at"), _built_at(con, "main"), tuple(_row_counts(con))


@contextmanager
def _beside(gold: Path) -> Iterator[Path]:
    """A name for the new file; whatever is left of it afterwards is removed, so a failure leaves no trace."""
    beside = gold.with_name(f".{gold.name}.{os.getpid()}.new")
    leftovers = (beside, beside.with_name(f"{beside.name}.wal"))
    try:
        gold.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield beside
        finally:
            for leftover in leftovers:
                leftover.unlink(missing_ok=True)
    except OSError as error:
        hint = "The last published marts are still in place."
        raise EngineError(f"{gold} cannot be written: {error.strerror}", hint=hint) from error


@contextmanager
def _joined(beside: Path, warehouse: Path, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the new file, with the warehouse attached for reading."""
    what = f"publishing {warehouse}"
    try:
        con = connect(beside, memory_limit, keep_order=True)
    except duckdb.Error as error:
        raise explained(error, what) from error
    try:
        source = str(warehouse).replace("'", "''")
        con.execute(f"attach '{source}' as warehouse (read_only)")
        yield con
    except duckdb.Error as error:
        raise explained(error, what) from error
    finally:
        con.close()


def _require_columns_of(con: duckdb.DuckDBPyConnection, assets: Mapping[str, "Asset"]) -> None:
    """Everything the contract allows exists in the warehouse, or nothing is published."""
    there: dict[str, set[str]] = {}
    for table, column in con.execute(
        "select table_name, column_name from duckdb_columns() where database_name = 'warehouse'"
    ).fetchall():
        there.setdefault(table, set()).add(column)
    require_columns(assets, there)


def require_columns(assets: Mapping[str, "Asset"], there: Mapping[str, Collection[str]]) -> None:
    """Raise ContractError that names all tables and columns which the contract allows and the warehouse has not."""
    problems = []
    for name, asset in assets.items():
        found = there.get(name, ()) if name != ALLOWED_ASSETS else ALLOWED_COLUMNS
        if not found:
            problems.append(f"{name}: no such table in the warehouse")
            continue
        problems += [f"{name}.{column}: no such column" for column in asset.visible() if column not in found]
    if problems:
        raise ContractError(
            "the contract allows what the warehouse does not have",
            problems=tuple(problems),
            hint="Build the marts, or correct the semantic layer. The last published marts are still in place.",
        )


def _write(con: duckdb.DuckDBPyConnection, name: str, asset: "Asset", contract: "Contract") -> int:
    """One asset into the new file, sorted by its grain, so that reads of few keys touch few blocks."""
    if name == ALLOWED_ASSETS:
        return _write_allowed_assets(con, asset, contract)
    visible = asset.visible()
    columns = ", ".join(quoted(column) for column in visible)
    keys = ", ".join(quoted(key) for key in asset.grain if key in visible)
    order = f" order by {keys}" if keys else ""
    made = con.execute(
        f"create table {quoted(name)} as select {columns} from warehouse.main.{quoted(name)}{order}"
    ).fetchone()
    return int(made[0]) if made else 0


def _write_allowed_assets(con: duckdb.DuckDBPyConnection, asset: "Asset", contract: "Contract") -> int:
    """dim_ai_allowed_assets: the contract itself as a table, with the columns that it allows of that too."""
    from gateway.semantic.publish import allowed_assets_rows

    rows = allowed_assets_rows(contract)
    visible = [column for column in ALLOWED_COLUMNS if column in asset.visible()]
    kinds = ", ".join(f"{column} {ALLOWED_COLUMNS[column]}" for column in ALLOWED_COLUMNS)
    con.execute(f"create temp table contract_rows ({kinds})")
    con.executemany(f"insert into contract_rows values ({', '.join('?' * len(ALLOWED_COLUMNS))})", rows)
    con.execute(f"create table {quoted(ALLOWED_ASSETS)} as select {', '.join(visible)} from contract_rows")
    return len(rows)


def _stamp(con: duckdb.DuckDBPyConnection, built_at: datetime) -> datetime:
    published_at = datetime.now(UTC).replace(tzinfo=None)
    con.execute(f"create table {BUILD_INFO} (built_at timestamp, published_at timestamp)")
    con.execute(f"insert into {BUILD_INFO} values (?, ?)", [built_at, published_at])
    return published_at


def _built_at(con: duckdb.DuckDBPyConnection, schema: str, column: str = "built_at") -> datetime | None:
    try:
        found = con.execute(f"select {column} from {schema}.{BUILD_INFO}").fetchone()
    except duckdb.CatalogException:
        return None
    return found[0] if found and isinstance(found[0], datetime) else None


def _row_counts(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    names = con.execute("select table_name from duckdb_tables() where not internal order by table_name").fetchall()
    for (name,) in names:
        if name != BUILD_INFO:
            counted = con.execute(f"select count(*) from {quoted(name)}").fetchone()
            yield name, int(counted[0]) if counted else 0


def _durably(beside: Path, gold: Path) -> None:
    """Onto the disk first, then into place: after a power cut there is the old file or the new one."""
    for path, flags in ((beside, os.O_RDWR), (gold.parent, os.O_RDONLY)):
        if path == gold.parent:
            beside.replace(gold)
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

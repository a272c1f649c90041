"""Opening the build side's files, and what DuckDB's failures mean for the person at the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from gateway.errors import ContractError, EngineError, GatewayError

SEED_HINT = "Make one: gateway marts seed, or gateway import FILE."
NOTHING_CHANGED = "The last good tables are as they were."


@contextmanager
def warehouse_session(
    warehouse: Path, *, read_only: bool = False, memory_limit: str = "2GB", what: str = "the warehouse"
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an existing warehouse; what does not fit into `memory_limit` spills into a folder beside it."""
    if not warehouse.is_file():
        raise ContractError(f"no warehouse at {warehouse}", hint=SEED_HINT)
    try:
        con = connect(warehouse, memory_limit, read_only=read_only)
    except duckdb.Error as error:
        raise explained(error, f"{what} {warehouse}") from error
    try:
        yield con
    except duckdb.Error as error:
        raise explained(error, f"{what} {warehouse}") from error
    finally:
        con.close()


def connect(
    database: Path, memory_limit: str, *, read_only: bool = False, keep_order: bool = False
) -> duckdb.DuckDBPyConnection:
    """A building connection. Order of insertion carries no meaning in the warehouse, and keeping it costs memory."""
    con = duckdb.connect(
        str(database),
        read_only=read_only,
        config={
            "memory_limit": memory_limit,
            "temp_directory": str(database.with_name(f"{database.name}.spill")),
            "preserve_insertion_order": keep_order,
        },
    )
    con.execute("set enable_progress_bar = false")  # stdout is data; progress goes through the caller's callback
    return con


def explained(error: duckdb.Error, what: str) -> GatewayError:
    """A failure in words: what happened to `what`, and what to do."""
    text = first_line(error)
    lowered = str(error).lower()
    if "conflicting lock" in lowered or "could not set lock" in lowered or "different configuration" in lowered:
        return EngineError(f"{what} is in use by another build, seed or import", hint="Wait for it, then try again.")
    if "not a valid duckdb database" in lowered or isinstance(error, duckdb.SerializationException):
        return ContractError(f"{what} is not a DuckDB database", hint="Move the file away and seed or import again.")
    if "no space left" in lowered or "max_temp_directory_size" in lowered or "disk full" in lowered:
        return EngineError(f"the disk is full ({what}): {text}", hint=f"Free some space. {NOTHING_CHANGED}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineError(f"{what} needs more memory: {text}", hint=f"Raise the memory limit. {NOTHING_CHANGED}")
    return EngineError(f"{what} failed: {text}", hint=NOTHING_CHANGED)


def first_line(error: Exception) -> str:
    """The part of DuckDB's message that says what happened."""
    return str(error).split("\n", 1)[0]


def quoted(name: str) -> str:
    """A name as DuckDB reads it verbatim."""
    return '"' + name.replace('"', '""') + '"'

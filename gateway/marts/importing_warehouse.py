"""One write to the warehouse, all of it or nothing. Seeds and imports write through here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from gateway.errors import EngineError
from gateway.marts.sources import ensure_sources
from gateway.marts.warehouse import explained


@contextmanager
def warehouse_write(warehouse: Path, *, memory_limit: str = "512MB") -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection inside a transaction, with every source table in place. Leaves the file as it was on any failure.

    Rows keep the order in which they are written: the same input gives the same warehouse.
    """
    existed = warehouse.exists()
    con = _connect(warehouse, memory_limit)
    done = False
    try:
        con.begin()
        ensure_sources(con)
        yield con
        con.commit()
        done = True
    except (duckdb.OperationalError, duckdb.FatalException) as error:
        raise explained(error, f"the warehouse {warehouse}") from error
    finally:
        con.close()  # rolls back what was not committed
        if not done and not existed:
            warehouse.unlink(missing_ok=True)
            warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)


def sql_text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def _connect(warehouse: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    spill = str(warehouse.with_name(f"{warehouse.name}.spill"))
    try:
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(str(warehouse), config={"memory_limit": memory_limit, "temp_directory": spill})
    except OSError as error:
        raise EngineError(
            f"the folder of the warehouse {warehouse} can't be used: {error.strerror}",
            hint="Choose another GATEWAY_HOME, or make this one writable.",
        ) from error
    except duckdb.Error as error:
        raise explained(error, f"the warehouse {warehouse}") from error
    con.execute("set enable_progress_bar = false")  # stdout is data: progress goes through the caller's callback
    con.execute("set timezone = 'UTC'")
    return con

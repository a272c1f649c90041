"""Runs approved statements on the published DuckDB file, under limits that hold."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import time as time_of_day
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from uuid import UUID

import _duckdb as duckdb  # the extension itself: the package around it takes as long again to load

from gateway.adapters.beside import Task
from gateway.adapters.duckdb_errors import BROKEN_DATABASE, translate
from gateway.adapters.duckdb_gold import Limits, PublishedFile
from gateway.audit.ids import run_id
from gateway.cancellation import current, interrupted
from gateway.errors import EngineError, EngineTimeout, GatewayError
from gateway.guard import Approved
from gateway.ports import Rows

if TYPE_CHECKING:
    from gateway.guard.referee import Named

_PYTHON_ALREADY: Final = frozenset({
    "boolean", "tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint",
    "uhugeint", "float", "double", "varchar", "enum", "date", "timestamp", "timestamp_s", "timestamp_ms",
    "timestamp_ns", "bit", "null",
})  # fmt: skip
"""Types whose values DuckDB hands over as the plain Python that `Rows` promises."""
_PARSED: Final = "SELECT json_serialize_sql(?::VARCHAR)"
"""The statement is a value here: its parse comes back, and nothing of it is bound or run."""


class DuckDBEngine:
    """One published file. Every statement runs on a connection of its own; safe to call from several threads.

    The file is opened by the first statement and kept open, so that the next ones do not pay for it; `close` lets go.
    """

    name: Final = "duckdb"

    def __init__(self, gold: Path, *, memory_limit: str = "1GB", threads: int = 2) -> None:
        self._file = PublishedFile(gold, Limits(memory_limit, threads))

    @classmethod
    def on(cls, file: PublishedFile) -> Self:
        """An engine on a file that may already be opening."""
        engine = cls(file.gold)
        engine._file = file
        return engine

    @property
    def gold(self) -> Path:
        """The published file that this engine reads."""
        return self._file.gold

    def run(self, approved: Approved) -> Rows:
        """Run one approved statement; see `gateway.ports.Engine.run`."""
        self._only_approved(approved)
        query_id = run_id()
        try:
            return self._run(approved, query_id)
        except GatewayError as error:
            error.query_id = query_id
            raise

    def _run(self, approved: Approved, query_id: str) -> Rows:
        with self.connection(approved.max_seconds) as connection:
            try:
                return _run(connection, approved, query_id)
            except duckdb.Error as error:
                if isinstance(error, BROKEN_DATABASE):
                    self._file.forget()
                raise translate(error, approved, connection, self._file.limits) from error

    def named(self, approved: Approved) -> "Named":
        """What DuckDB's parser reads in the rendering, without binding it; see `gateway.ports.Referee.named`."""
        self._only_approved(approved)
        with self.connection(approved.max_seconds) as connection:
            try:
                found = connection.execute(_PARSED, [approved.sql]).fetchone()
            except duckdb.Error as error:
                raise EngineError(f"the engine's parser could not be asked ({type(error).__name__})") from error
        from gateway.guard.referee import named_in_duckdb  # off by default

        return named_in_duckdb(json.loads(found[0]) if found else {"error": True})

    def _only_approved(self, approved: Approved) -> None:
        if type(approved) is not Approved:
            raise TypeError(f"the engine runs what gateway.guard.check approved, not {type(approved).__name__}")
        if approved.dialect != self.name:
            raise TypeError(f"approved for {approved.dialect!r}, and this engine speaks {self.name!r}")

    def connection(self, patience: float) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A locked connection exactly as `run` uses it. For the doctor's probes; data is read through `run` alone."""
        return self._file.connection(patience)

    def close(self) -> None:
        """Let go of the published file. The next statement opens it again."""
        self._file.close()


def _run(connection: duckdb.DuckDBPyConnection, approved: Approved, query_id: str) -> Rows:
    started = time.perf_counter()
    statement = only_select(connection, approved.sql)
    with Deadline(connection, approved.max_seconds) as deadline:
        try:
            # One row more than the caller may see, or a cut could not be told.
            columns, fetched = _interruptible(
                connection, lambda: _fetched(connection, statement, approved.max_rows + 1)
            )
        except duckdb.InterruptException as error:
            if deadline.called_off:
                raise interrupted() from error
            if deadline.passed:
                raise _too_slow(approved.max_seconds) from error
            raise
    seconds = time.perf_counter() - started
    if seconds > approved.max_seconds:  # DuckDB forgot the interrupt, and came to an end by itself
        raise _too_slow(approved.max_seconds)
    return Rows(
        columns=tuple(name for name, _ in columns),
        rows=_plain_rows(fetched[: approved.max_rows], [kind for _, kind in columns]),
        truncated=len(fetched) > approved.max_rows,
        seconds=seconds,
        query_id=query_id,
    )


def _fetched(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement, most: int
) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    connection.execute(statement)
    return _columns(connection), connection.fetchmany(most)


T = TypeVar("T")


def _interruptible(connection: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """Do the work beside the main thread, which then sees a Ctrl-C at once.

    While DuckDB's own threads are busy, the one that started a statement waits without looking for signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    task = Task(work)
    try:
        return task.result()
    except KeyboardInterrupt:
        while not task.wait(0):
            connection.interrupt()
            task.wait(0.05)
        raise


def only_select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The text as DuckDB's own parser reads it: one SELECT, or nothing runs.

    A second opinion on the guard's, by another parser. It also keeps out what a locked database still allows:
    temporary objects, variables, another schema, secrets, checkpoints.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise EngineError("the engine reads the approved text as something other than one SELECT, and did not run it")
    return statements[0]


def _too_slow(seconds: float) -> EngineTimeout:
    return EngineTimeout(
        f"the statement ran longer than its limit of {seconds:g} s and was stopped",
        hint="Filter more, or join and group less; the limit is set for the role in the semantic layer.",
    )


class Deadline:
    """Interrupts the connection when its time is up or its request is taken back, and again until it has let go.

    Once is not enough: an interrupt that arrives just before the statement starts is forgotten by DuckDB.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self.passed = False
        self.called_off = False
        self._connection = connection
        self._seconds = seconds
        self._stopping = current().stopping(self._call_off)
        self._ended = False
        self._news = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="gateway-deadline", daemon=True)

    def _watch(self) -> None:
        patience = self._seconds
        while True:
            self._news.wait(patience)
            self._news.clear()
            if self._ended:
                return
            self.passed |= not self.called_off
            self._connection.interrupt()
            patience = 0.05

    def _call_off(self) -> None:
        self.called_off = True
        self._news.set()

    def __enter__(self) -> Self:
        self._stopping.__enter__()
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.__exit__(None, None, None)
        self._ended = True
        self._news.set()
        self._watcher.join()


def _columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Name and type of each column of the result."""
    columns = [(str(column[0]), str(column[1].id)) for column in connection.description or ()]
    for name, kind in columns:
        if kind == "timestamp with time zone":  # DuckDB needs another library to hand these over
            raise EngineError(f"column {name!r} is a time with a time zone", hint="Cast it to timestamp.")
    return columns


def _plain_rows(rows: Sequence[tuple[Any, ...]], types: Sequence[str]) -> tuple[tuple[Any, ...], ...]:
    """Whole columns are left alone by their type: ten thousand rows rarely hold a value to convert."""
    foreign = [position for position, kind in enumerate(types) if kind not in _PYTHON_ALREADY]
    if not foreign:
        return tuple(rows)
    converted = []
    for row in rows:
        values = list(row)
        for position in foreign:
            values[position] = plain(values[position])
        converted.append(tuple(values))
    return tuple(converted)


def plain(value: Any) -> Any:
    """A value of any type as plain Python. NaN and infinity stay floats; the answer makes them null."""
    match value:
        case Decimal():
            return float(value)
        case UUID() | timedelta():
            return str(value)
        case time_of_day():
            return value.isoformat()
        case bytes():
            return value.hex()
        case list() | tuple():
            return [plain(item) for item in value]
        case dict():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case _:
            return value

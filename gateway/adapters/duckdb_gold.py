"""The published file, opened so that reading its own tables is all that is left: the second wall.

Opening costs about 15 ms, nearly all of it DuckDB building its catalogue of built-in functions; no setting makes it
cheaper. So the locked database is opened once and kept, and each statement gets a connection of its own to it, which
costs 0.02 ms. Schema, variables, temporary tables, views and macros live on the connection and end with it.

DuckDB 2.0 keeps one open database per path in a process. A file that replaces another at that path is therefore only
seen once every connection to the old one is closed: whoever comes after a publish waits for the statements still
running, then reads the new file.
"""

import re
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import _duckdb as duckdb  # the extension itself: the package around it takes as long again to load

from gateway.errors import ContractError, EngineError, EngineTimeout, GatewayError

PUBLISH_HINT = "Publish the marts: gateway marts publish"
NOTHING_YET_HINT = (
    "`gateway demo` makes a demo world, `gateway import` takes a file, `gateway marts publish` publishes what is built"
)

_LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_extension_repositories": "forbidden",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    # A reader writes nothing, anywhere: two processes would also share, and spoil, one spill folder beside the file.
    "temp_directory": "",
    "max_temp_directory_size": "0MB",
}

_Identity = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """What all statements of one process may use together."""

    memory: str = "1GB"
    threads: int = 2


def open_locked(gold: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    """Open the file read-only with nothing left to configure and no file system behind it.

    Switching external access off is not enough: DuckDB then still reads, attaches and even writes at the names of the
    database's own files (`COPY t TO 'gold.duckdb.wal'`). So the local file system is disabled as well, which is only
    possible once the database is open, and then the configuration is locked.
    """
    config = _LOCKED_DOWN | {"memory_limit": limits.memory, "threads": str(limits.threads)}
    try:
        connection = duckdb.connect(gold, read_only=True, config=config)
        if not _is_locked(connection):
            connection.execute("SET disabled_filesystems = 'LocalFileSystem'")
            connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        raise _not_opened(error, gold, limits) from error
    return connection


def _is_locked(connection: duckdb.DuckDBPyConnection) -> bool:
    """True where this process already has the file open: the settings are the database's, not the connection's."""
    return connection.execute("SELECT current_setting('lock_configuration')").fetchone() == (True,)


def _not_opened(error: duckdb.Error, gold: Path, limits: Limits) -> ContractError | EngineError:
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineError(f"{limits.memory} of memory is not enough to open {gold}", hint="Raise the memory limit.")
    if isinstance(error, duckdb.ConnectionException):
        return EngineError(
            f"{gold} is already open in this process, with other settings",
            hint="Close the other connection first; engines on one file must have the same limits.",
        )
    if isinstance(error, duckdb.IOException) and "lock" in text:
        holder = re.search(r"PID (\d+)", text)
        by = f" by process {holder[1]}" if holder else ""
        return EngineError(f"{gold} is locked{by}, which has it open for writing", hint="Try again when it is done.")
    if isinstance(error, duckdb.IOException) and "ermission denied" in text:
        return EngineError(f"{gold} may not be read by this user", hint="Check the file's permissions.")
    if isinstance(error, duckdb.ParserException | duckdb.SyntaxException | duckdb.InvalidInputException):
        return ContractError(
            f"memory limit {limits.memory!r} with {limits.threads!r} threads is not a setting DuckDB takes",
            hint="Memory is a text like '1GB', threads a whole number from 1.",
        )
    return ContractError(f"{gold} is not a DuckDB database that can be read", hint=PUBLISH_HINT)


def _identity(gold: Path) -> _Identity:
    """What tells one published file from the next at the same path."""
    try:
        found = gold.stat()
    except FileNotFoundError:
        raise ContractError(f"no published marts at {gold}", hint=NOTHING_YET_HINT) from None
    except OSError as error:
        raise EngineError(f"{gold} can't be reached: {error.strerror}") from error
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


class PublishedFile:
    """Hands out connections to whatever file stands at the path now. Safe to use from several threads."""

    def __init__(self, gold: Path, limits: Limits) -> None:
        self.gold = gold
        self.limits = limits
        self._database: duckdb.DuckDBPyConnection | None = None
        self._identity: _Identity | None = None
        # Weak, so that a connection lost between two bytecodes of a Ctrl-C never counts as running for ever.
        self._running: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
        self._changed = threading.Condition()
        self._opening: threading.Thread | None = None

    @contextmanager
    def connection(self, patience: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection nobody used before, closed afterwards. Waits up to `patience` seconds for a replaced file."""
        connection = self._lease(patience)
        try:
            yield connection
        finally:
            connection.close()
            with self._changed:
                self._running.discard(connection)
                self._changed.notify_all()

    def _lease(self, patience: float) -> duckdb.DuckDBPyConnection:
        with self._changed:
            connection = self._current(patience).cursor()
            self._running.add(connection)
            return connection

    def _current(self, patience: float) -> duckdb.DuckDBPyConnection:
        """The open database of the file that is at the path now."""
        if self._database is not None and _identity(self.gold) == self._identity:
            return self._database
        if not self._changed.wait_for(lambda: not self._running, timeout=patience):
            raise EngineTimeout(
                f"the marts were published anew, and statements on the old ones still ran after {patience:g} s",
                hint="Try again.",
            )
        identity = _identity(self.gold)
        if self._database is None or identity != self._identity:  # else another thread that waited was faster
            self._close()
            self._database = open_locked(self.gold, self.limits)
            self._identity = identity
        return self._database

    def open_early(self) -> None:
        """Begin to open the file beside whatever else the process has to load. What fails, the first statement says."""
        self._opening = threading.Thread(target=self._try_open, name="open published marts")
        self._opening.start()

    def _try_open(self) -> None:
        with suppress(GatewayError), self._changed:
            self._current(patience=0)

    def forget(self) -> None:
        """Open anew before the next statement: the open database may be broken."""
        with self._changed:
            self._identity = None

    def close(self) -> None:
        """Let go of the file. Statements still running keep it until they end; the next one opens it again."""
        if self._opening is not None:
            self._opening.join()
        with self._changed:
            self._close()

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database = None
        self._identity = None

"""The audit log's file: its table, the triggers that keep it append-only, and what to say when SQLite can't use it."""

import sqlite3
import time
from pathlib import Path
from typing import Final

from gateway.errors import ContractError, EngineError, GatewayError

VERSION: Final = 1
APPLICATION_ID: Final = 0x45474C31
"""Tells an audit log from any other SQLite file ("EGL1")."""

# `detail` stands last: filters and listings then never read past it. The triggers are SQLite's own word that
# nothing is changed later; the chain of hashes tells when somebody went around SQLite.
_TABLES: Final = (
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        at TEXT NOT NULL,
        channel TEXT NOT NULL,
        status TEXT NOT NULL,
        principal TEXT NOT NULL,
        role TEXT NOT NULL,
        engine TEXT NOT NULL,
        rows INTEGER NOT NULL,
        seconds REAL NOT NULL,
        fingerprint TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        question TEXT NOT NULL,
        detail TEXT NOT NULL
    )""",
    "CREATE INDEX events_by_status ON events (status)",
    "CREATE INDEX events_by_principal ON events (principal)",
)
TRIGGERS: Final = {
    "events_never_change": """BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END""",
    "events_never_go": """BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END""",
    "events_never_give_way": """BEFORE INSERT ON events
        WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id OR seq = NEW.seq)
        BEGIN SELECT RAISE(ABORT, 'audit events are never replaced'); END""",
    "events_follow_the_last": """BEFORE INSERT ON events
        WHEN NEW.previous_hash <> coalesce((SELECT hash FROM events ORDER BY seq DESC LIMIT 1), '')
        BEGIN SELECT RAISE(ABORT, 'an audit event follows the last one'); END""",
}
_HOME: Final = "make the file and its folder writable, or set another home"


def open_log(path: Path, patience: float) -> sqlite3.Connection:
    """The log at this path, made where there is none. Raises sqlite3.Error; ContractError for another kind of file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        if not _is_ours(connection, path):
            _create(connection, path, patience)
    except BaseException:
        connection.close()
        raise
    return connection


def keep_wal(path: Path) -> sqlite3.Connection:
    """A read-only connection that, when it is closed last, leaves the write-ahead log in place for the next process.

    The last writer to close would copy the log into the file and delete it: four waits for the disk, at every command,
    that SQLite otherwise spends once in a thousand pages. Nothing is less durable: the log is part of the database.
    """
    keeper = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    keeper.execute("SELECT 1 FROM sqlite_master").fetchone()  # only a connection that has read holds the file
    return keeper


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the log is there already; False for a new file. Raises ContractError for anything else.

    Tables are looked for first: another process may be making them, all at once, between two of these lines.
    """
    if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
        return False
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise ContractError(
            f"{path} is an SQLite database, but not an audit log", hint="Move it aside, or set another home."
        )
    if version != VERSION:
        raise ContractError(
            f"the audit log {path} has schema version {version}, and this gateway reads version {VERSION}",
            hint="Use the gateway that wrote it, or move it aside: a new log is started.",
        )
    return True


def _switch_to_wal(connection: sqlite3.Connection, patience: float) -> None:
    """The one step for which SQLite does not wait by itself while another process takes it."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _create(connection: sqlite3.Connection, path: Path, patience: float) -> None:
    """Make the log in one transaction. Of several processes that find none, one makes it and the others wait."""
    _switch_to_wal(connection, patience)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if not _is_ours(connection, path):
            for statement in _TABLES:
                connection.execute(statement)
            for name, body in TRIGGERS.items():
                connection.execute(f"CREATE TRIGGER {name} {body}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def explain(error: sqlite3.Error, path: Path, patience: float) -> GatewayError | None:
    """The gateway's error for SQLite's, or None for a mistake of ours, which is left to crash."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            message, hint = f"stayed locked for {patience:g} s", "Another process is writing; try again."
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            message, hint = "can't be written", f"Nothing is answered without a record: {_HOME}."
        case sqlite3.SQLITE_FULL:
            message, hint = "has no space left on its disk", "Nothing is answered without a record: free some space."
        case sqlite3.SQLITE_IOERR:
            message, hint = "could not be used: the disk failed", "Check the disk and its free space."
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return ContractError(
                f"{path} is not an SQLite database, or is damaged", hint="Move it aside, or set another home."
            )
        case _:
            return None
    return EngineError(f"the audit log {path} {message}", hint=hint)

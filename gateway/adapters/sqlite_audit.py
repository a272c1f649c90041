"""The audit log in one SQLite file: append-only, chained by hashes, written by several processes at once.

Write-ahead logging lets readers and a writer work side by side. `synchronous=FULL` makes every event survive a power
cut, for one wait for the disk each: an answer is shown only once its event is there, or the log would prove nothing.
The newest events live in `audit.sqlite-wal` beside the file: a copy of the log is a copy of both.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateway.adapters.sqlite_schema import TRIGGERS, explain, keep_wal, open_log
from gateway.audit.chain import GENESIS, Problem, canonical, hash_event, verify
from gateway.audit.event import AuditEvent
from gateway.audit.ids import next_id
from gateway.errors import EngineError, UsageError

SHORTEST_PREFIX: Final = 6

_COLUMNS: Final = (
    "id", "at", "channel", "status", "principal", "role", "engine", "rows", "seconds", "fingerprint",
    "previous_hash", "hash", "question",
)  # fmt: skip
"""Fields with a column of their own, to filter by; the others are JSON in `detail`. Nothing is kept twice."""
_IN_DETAIL: Final = tuple(f.name for f in fields(AuditEvent) if f.name not in _COLUMNS)
_NAMES: Final = ", ".join((*_COLUMNS, "detail"))
_INSERT: Final = f"INSERT INTO events ({_NAMES}) VALUES ({', '.join('?' * (len(_COLUMNS) + 1))})"  # noqa: S608 - own names
_PAGE: Final = 500

_Row = tuple[Any, ...]


class SqliteAudit:
    """One audit log. Opened by the first use; safe to call from several threads and processes."""

    def __init__(self, path: Path, *, patience: float = 10.0) -> None:
        """`patience` is how many seconds to wait for another process that is writing."""
        self.path = path
        self._patience = patience
        self._lock = threading.RLock()
        self._open: sqlite3.Connection | None = None
        self._keeper: sqlite3.Connection | None = None

    def append(self, event: AuditEvent) -> str:
        """Write one event durably, sealed to the one before it, and return its id."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")  # one writer at a time, from reading the last hash to the commit
            try:
                written = _sealed(event, _last(connection))
                connection.execute(_INSERT, _row(written))
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        return written.id

    def get(self, event_id: str) -> AuditEvent | None:
        """The event with this id or unique prefix, or None. Raises UsageError where a prefix is short or ambiguous."""
        wanted = event_id.strip().lower()
        if len(wanted) < SHORTEST_PREFIX:
            hint = f"Give {SHORTEST_PREFIX} characters or more."
            raise UsageError(f"{event_id!r} is too short for an audit id", hint=hint)
        found = self._events("WHERE id >= ? AND id < ? ORDER BY seq DESC LIMIT 4", (wanted, wanted + "~"))
        if len(found) > 1:
            some = ", ".join(event.id for event in found[:3])
            raise UsageError(f"more than one audit id starts with {event_id!r}", hint=f"Give more of it, as in {some}.")
        return found[0] if found else None

    def recent(
        self, limit: int = 50, *, status: str = "", principal: str = "", channel: str = ""
    ) -> Sequence[AuditEvent]:
        """Newest first, filtered by what is given."""
        given = {"status": status, "principal": principal, "channel": channel}
        wanted = {column: value for column, value in given.items() if value}
        where = "WHERE " + " AND ".join(f"{column} = ?" for column in wanted) if wanted else ""
        return self._events(f"{where} ORDER BY seq DESC LIMIT ?", (*wanted.values(), limit))

    def history(self) -> Iterator[AuditEvent]:
        """Every event as it was written, oldest first, a page at a time."""
        last = 0
        while page := self._rows("WHERE seq > ? ORDER BY seq LIMIT ?", (last, _PAGE)):
            yield from map(_event, page)
            last = page[-1][0]

    def verify(self) -> list[Problem]:
        """Every sign that the log is not as it was written, oldest event first. Empty means intact."""
        return [*verify(self.history()), *self._structure()]

    def close(self) -> None:
        """Let go of the file. The next use opens it again."""
        with self._lock:
            for connection in (self._open, self._keeper):  # in this order: see keep_wal
                if connection is not None:
                    connection.close()
            self._open = self._keeper = None

    def _structure(self) -> Iterator[Problem]:
        """What the chain can't show: the newest events cut off, and the triggers taken away."""
        if not self.path.exists():
            return
        with self._connection() as connection:
            last, count = connection.execute("SELECT coalesce(max(seq), 0), count(*) FROM events").fetchone()
            (ever,) = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchone()
            there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
        if ever != last:
            yield Problem("", f"{ever} events were written, and the last one there is number {last}")
        elif count != last:
            yield Problem("", f"{ever} events were written, and {count} are there")
        for name in sorted(TRIGGERS.keys() - there):
            yield Problem("", f"the trigger {name} is gone: events could be changed or deleted")

    def _events(self, clause: str, values: _Row) -> list[AuditEvent]:
        return [_event(row) for row in self._rows(clause, values)]

    def _rows(self, clause: str, values: _Row) -> list[_Row]:
        """Rows of the log, each led by its number. A log that does not exist has none, and reading does not make it."""
        if self._open is None and not self.path.exists():
            return []
        with self._connection() as connection:
            return connection.execute(f"SELECT seq, {_NAMES} FROM events {clause}", values).fetchall()  # noqa: S608 - own clauses

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """The one connection, for one thread at a time, with SQLite's errors told as the gateway's."""
        with self._lock:
            try:
                self._open = self._open or open_log(self.path, self._patience)
                self._keeper = self._keeper or keep_wal(self.path)
                yield self._open
            except sqlite3.Error as error:
                explained = explain(error, self.path, self._patience)
                if explained is None:
                    raise
                raise explained from error
            except OSError as error:
                raise EngineError(
                    f"the folder of the audit log {self.path} can't be made: {error.strerror}",
                    hint="Nothing is answered without a record: make it writable, or set another home.",
                ) from error


def _last(connection: sqlite3.Connection) -> tuple[str, str]:
    """Id and hash of the newest event."""
    found = connection.execute("SELECT id, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return (found[0], found[1]) if found else ("", GENESIS)


def _sealed(event: AuditEvent, last: tuple[str, str]) -> AuditEvent:
    """The event with id, time and hashes. The seal is over what will be read back, not over what was given."""
    last_id, last_hash = last
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    named = replace(event, id=next_id(last_id), at=at, previous_hash=last_hash, hash="")
    stored = _event((0, *_row(named)))
    return replace(stored, hash=hash_event(stored, last_hash))


def _row(event: AuditEvent) -> _Row:
    detail = canonical({name: getattr(event, name) for name in _IN_DETAIL})
    return (*(_storable(getattr(event, name)) for name in _COLUMNS), detail)


def _storable(value: Any) -> Any:
    """Text that SQLite takes: half a surrogate pair, as undecodable arguments bring, is spelt out."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


def _event(row: _Row) -> AuditEvent:
    columns = dict(zip(_COLUMNS, row[1:], strict=False))
    columns["seconds"] = float(columns["seconds"])
    return AuditEvent(**columns, **json.loads(row[-1]))

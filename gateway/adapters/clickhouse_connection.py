"""Connections to ClickHouse, opened so that only reading is left: over HTTP, or to the engine in this process.

Over HTTP a statement brings its settings along and no session exists, so one client serves all threads. The embedded
engine keeps settings on a session, and read-only is for ever there; a session therefore serves one statement at a time,
always under the same settings, and is kept for the next.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_connect.driver.httpclient import HttpClient
from urllib3 import Timeout

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_errors import OLDEST, failed_to_connect, no_database, too_old
from gateway.adapters.clickhouse_limits import MEANING, WHERE_KNOWN, Constraint, Settings, read_only_problem
from gateway.errors import ContractError, EngineError
from gateway.problems import did_you_mean

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_CONNECT_SECONDS: Final = 10
_GREETING_SECONDS: Final = 30
_SILENCE_SECONDS: Final = 3600
"""A statement's own limit ends it long before."""
_ENDING_SECONDS: Final = 5
"""How long closing waits for statements that still run, which were told to stop."""
_LIMITS: Final = (
    "max_execution_time", "max_memory_usage", "max_threads", "max_bytes_to_read", "max_result_rows",
    "timeout_overflow_mode", "read_overflow_mode", "result_overflow_mode", "readonly",
)  # fmt: skip

for _name in ("clickhouse_connect", "urllib3"):
    logging.getLogger(_name).addHandler(logging.NullHandler())  # what fails is told once, by us


class Lease(Protocol):
    """One statement's hold on a connection."""

    @property
    def client(self) -> "Client": ...

    @property
    def settings(self) -> Settings:
        """What has to be sent with the statement."""

    def marked(self, sql: str) -> str:
        """The text as it is sent."""

    def cancel(self) -> None:
        """Stop what runs on it. Safe to call from another thread, at any time; failing to is no failure."""


@dataclass(frozen=True, slots=True)
class HttpLease:
    """A statement on a server, known there by the id that we gave it."""

    client: "Client"
    settings: Settings
    query_id: str

    def marked(self, sql: str) -> str:
        return sql

    def cancel(self) -> None:
        with suppress(ClickHouseError):
            self.client.command(f"KILL QUERY WHERE query_id = '{self.query_id}' ASYNC")


class HttpServer:
    """A server or cluster behind HTTP(S)."""

    def __init__(self, address: Address) -> None:
        self.client = _open(address)
        self.constraints = _checked(self.client, address)

    @contextmanager
    def lease(self, query_id: str, settings: Settings) -> Iterator[Lease]:
        """The one client, with all that this statement brings along."""
        yield HttpLease(self.client, {"query_id": query_id} | settings, query_id)

    def close(self) -> None:
        self.client.close()


@dataclass(slots=True)
class EmbeddedLease:
    """A session of the engine in this process, its settings set once and for all."""

    client: "Client"
    query_id: str
    spare: "Client"
    settings: Settings
    is_cancelled: bool = False
    """Or was, when nothing ran: what a stopped statement had written would come with the session's next answer."""

    def marked(self, sql: str) -> str:
        """The embedded engine takes no ids: the statement bears its own, in front."""
        return f"/* {self.query_id} */ {sql}"

    def cancel(self) -> None:
        self.is_cancelled = True
        with suppress(ClickHouseError):
            self.spare.command(f"KILL QUERY WHERE startsWith(query, '/* {self.query_id} */') ASYNC")


class EmbeddedServer:
    """The engine in this process, on the folder of the address."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._spare = _open(address)
        self.constraints = _checked(self._spare, address)
        self._idle: dict[tuple[tuple[str, str], ...], list[Client]] = {}
        self._lock = threading.Condition()
        self._busy = 0
        self._closed = False

    @contextmanager
    def lease(self, query_id: str, settings: Settings) -> Iterator[Lease]:
        """A session under these settings, kept for the next statement unless one broke or was stopped on it."""
        key = tuple(settings.items())
        with self._lock:
            waiting = self._idle.get(key)
            client = waiting.pop() if waiting else None
            self._busy += 1
        try:
            if client is None:
                client = _open(self._address, settings)
            with self._kept(client, key, EmbeddedLease(client, query_id, self._spare, {})) as lease:
                yield lease
        finally:
            with self._lock:
                self._busy -= 1
                self._lock.notify_all()

    @contextmanager
    def _kept(self, client: "Client", key: tuple[tuple[str, str], ...], lease: EmbeddedLease) -> Iterator[Lease]:
        try:
            yield lease
        except BaseException:
            client.close()
            raise
        with self._lock:
            if not self._closed and not lease.is_cancelled:
                self._idle.setdefault(key, []).append(client)
                return
        client.close()

    def close(self) -> None:
        """Close every session, also those of statements that were stopped and are about to end.

        The last one stops the engine: one that is open when the process exits is torn down under its own threads,
        and may hang there.
        """
        with self._lock:
            self._closed = True
            self._lock.wait_for(lambda: self._busy == 0, _ENDING_SECONDS)
            idle = [client for clients in self._idle.values() for client in clients]
            self._idle.clear()
        for client in (*idle, self._spare):
            client.close()


def connect(address: Address) -> HttpServer | EmbeddedServer:
    """Open, and check that what is needed is there. Raises ContractError or EngineError that says what is not."""
    return EmbeddedServer(address) if address.is_embedded else HttpServer(address)


@contextmanager
def writing(address: Address) -> "Iterator[Client]":
    """A client that may write, for building and publishing. What it sends is never sent again by itself."""
    client = _open(replace(address, database=""))
    try:
        with _refused(address):
            _require_version(client, address)
            _require_cluster(client, address)
        yield client
    finally:
        client.close()


def _open(address: Address, settings: Settings | None = None) -> "Client":
    if address.ca_cert and not Path(address.ca_cert).is_file():
        raise ContractError(f"no file {address.ca_cert}, from which the server's certificate would be known")
    try:
        if address.is_embedded:
            return clickhouse_connect.get_client(
                interface="chdb",
                path=address.folder or ":memory:",
                database=address.database or None,
                settings=settings,
            )
        client = clickhouse_connect.get_client(
            interface="https" if address.secure else "http",
            host=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            database=address.database or None,
            ca_cert=address.ca_cert or None,
            connect_timeout=_CONNECT_SECONDS,
            send_receive_timeout=_GREETING_SECONDS,
            autogenerate_session_id=False,
            query_retries=1,
            dedicated_pool=True,
        )
        if isinstance(client, HttpClient):
            client.timeout = Timeout(connect=_CONNECT_SECONDS, read=_SILENCE_SECONDS)
        return client
    except ModuleNotFoundError as error:
        raise ContractError(
            "the embedded ClickHouse engine is not installed", hint="pip install 'experiment-gateway[clickhouse]'"
        ) from error
    except ClickHouseError as error:
        if address.is_embedded and "Unable to open the chdb engine" in str(error):
            raise EngineError(
                f"the ClickHouse engine can't be opened on {address.folder or 'memory'}",
                hint="Can the folder be written? A process has one folder of it, and a folder one process at a time.",
            ) from error
        raise failed_to_connect(error, address) from error
    except (OSError, ValueError, TypeError, IndexError, KeyError) as error:  # no server of ClickHouse answers like that
        if isinstance(error, OSError) and address.ca_cert:
            raise ContractError(f"the certificates in {address.ca_cert} can't be read") from error
        raise ContractError(f"what answers at {address} is not ClickHouse", hint="Check host and port.") from error


def _checked(client: "Client", address: Address) -> Mapping[str, Constraint]:
    """The server's constraints, after all that must hold of it. Closes the client where something doesn't."""
    try:
        with _refused(address):
            _require_version(client, address)
            constraints = _constraints(client)
            if address.database not in _names(client, "SELECT name FROM system.databases"):
                raise no_database(address)
            _require_cluster(client, address)
    except (ContractError, EngineError):
        client.close()
        raise
    problem = read_only_problem(constraints)
    if problem:
        client.close()
        raise ContractError(f"{address} can't be read safely: {problem}", hint="give the user a readonly=1 profile")
    return constraints


@contextmanager
def _refused(address: Address) -> Iterator[None]:
    try:
        yield
    except ClickHouseError as error:
        raise failed_to_connect(error, address) from error


def _require_version(client: "Client", address: Address) -> None:
    if _version(str(client.server_version)) < OLDEST:
        raise too_old(address, f"ClickHouse {client.server_version}")


def _require_cluster(client: "Client", address: Address) -> None:
    clusters = _names(client, "SELECT DISTINCT cluster FROM system.clusters") if address.cluster else ()
    if address.cluster and address.cluster not in clusters:
        hint = did_you_mean(address.cluster, clusters, otherwise="There are").strip()
        raise ContractError(f"{address} has no cluster {address.cluster!r}", hint=hint)


def _names(client: "Client", sql: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in client.query(sql).result_rows)


def _version(text: str) -> tuple[int, ...]:
    numbers = text.split(".")[:2]
    return tuple(int(number) if number.isdigit() else 0 for number in numbers)


def _constraints(client: "Client") -> dict[str, Constraint]:
    names = ", ".join(f"'{name}'" for name in (*_LIMITS, *MEANING, *WHERE_KNOWN))
    rows = client.query(
        f"SELECT name, value, min, max, readonly FROM system.settings WHERE name IN ({names})"  # noqa: S608  our own
    ).result_rows
    return {
        str(name): Constraint(str(value), _text(low), _text(high), bool(fixed))
        for name, value, low, high, fixed in rows
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)

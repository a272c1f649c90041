"""Runs approved statements on ClickHouse, read-only and under limits that hold on both ends of the connection."""

import threading
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

from clickhouse_connect.driver.exceptions import ClickHouseError

from gateway.adapters.beside import Task
from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import EmbeddedServer, HttpServer, Lease, connect
from gateway.adapters.clickhouse_errors import NOT_THERE, PUBLISH_HINT, code_of, is_lost_connection, too_slow, translate
from gateway.adapters.clickhouse_limits import Limits, Terms, terms, wanted
from gateway.adapters.clickhouse_reading import NO_SUCH_FUNCTION, SYNTAX_ERROR, Opinions, tree_lines, whole_tree
from gateway.adapters.clickhouse_values import plain_rows
from gateway.audit.ids import run_id
from gateway.cancellation import current, interrupted
from gateway.errors import ContractError, EngineError, EngineTimeout, GatewayError
from gateway.guard import Approved
from gateway.guard.referee import Named
from gateway.guard.referee_clickhouse import named_in_clickhouse, names_of_ctes
from gateway.ports import Rows

_TRIES: Final = 2
"""A read that lost its connection is tried once more; a statement that changed something would not be."""
_PARSING: Final = 5.0
"""Seconds that the parser gets at least, however short the statement's own limit is."""
_LETTING_GO: Final = 1.0
"""Seconds that a stopped statement gets to end, before its thread is left to itself."""


class ClickHouseEngine:
    """One server, or the engine in this process, connected by the first statement. Threads may share it."""

    name: Final = "clickhouse"

    def __init__(self, address: Address, limits: Limits | None = None) -> None:
        self.address = address
        self._limits = limits or Limits()
        self._server: HttpServer | EmbeddedServer | None = None
        self._opening = threading.Lock()
        self._opinions = Opinions()

    def run(self, approved: Approved) -> Rows:
        """Run one approved statement; see `gateway.ports.Engine.run`."""
        self._only_approved(approved)
        server = self.server()
        agreed = terms(wanted(approved, self._limits), server.constraints)
        started = time.monotonic()
        for tries_left in reversed(range(_TRIES)):
            query_id = run_id()
            statement = _Statement(server, approved, query_id, agreed, self._opinions)
            try:
                rows = statement.result(started + approved.max_seconds)
            except GatewayError as error:
                error.query_id = query_id
                raise
            except ClickHouseError as error:
                if tries_left and is_lost_connection(error) and time.monotonic() - started < approved.max_seconds:
                    continue
                failed = self._failed(error, approved, server)
                failed.query_id = query_id
                raise failed from error
            return _finished(rows, agreed, time.monotonic() - started, approved.max_seconds)
        raise AssertionError("the last try returns or raises")

    def named(self, approved: Approved) -> Named:
        """What ClickHouse's parser reads in the rendering, without binding it; see `gateway.ports.Referee.named`."""
        self._only_approved(approved)
        server = self.server()
        task = Task(lambda: self._named(approved.sql, approved.max_seconds))
        try:
            if not task.wait(max(approved.max_seconds, _PARSING)):
                raise EngineTimeout("the engine's parser gave no answer in time", hint="Try again.")
            return task.result()
        except ClickHouseError as error:
            if code_of(error) == SYNTAX_ERROR:
                return Named(frozenset(), frozenset(), frozenset({"an error"}))
            raise self._failed(error, approved, server) from error

    def _named(self, sql: str, seconds: float) -> Named:
        """By the whole tree, or by EXPLAIN AST where the server has nothing else."""
        try:
            with self.session(max(seconds, _PARSING)) as lease:
                return named_in_clickhouse(whole_tree(lease, sql))
        except ClickHouseError as error:
            if code_of(error) != NO_SUCH_FUNCTION:
                raise
        with self.session(max(seconds, _PARSING)) as lease:
            return named_in_clickhouse("\n".join(tree_lines(lease, sql)), names_of_ctes(sql))

    def _only_approved(self, approved: Approved) -> None:
        if type(approved) is not Approved:
            raise TypeError(f"the engine runs what gateway.guard.check approved, not {type(approved).__name__}")
        if approved.dialect != self.name:
            raise TypeError(f"approved for {approved.dialect!r}, and this engine speaks {self.name!r}")

    def server(self) -> HttpServer | EmbeddedServer:
        """The connection, opened at first use."""
        with self._opening:
            if self._server is None:
                self._server = connect(self.address)
            return self._server

    def session(self, seconds: float) -> AbstractContextManager[Lease]:
        """A read-only session exactly as `run` uses it. For the doctor's probes; data is read through `run` alone."""
        server = self.server()
        limits = {"max_execution_time": f"{seconds:g}", "timeout_overflow_mode": "throw"}
        return server.lease(run_id(), terms(limits, server.constraints).settings)

    def close(self) -> None:
        """Let go of the server. The next statement connects again."""
        with self._opening:
            if self._server is not None:
                self._server.close()
            self._server = None

    def _failed(self, error: ClickHouseError, approved: Approved, server: HttpServer | EmbeddedServer) -> GatewayError:
        if code_of(error) in NOT_THERE:
            return _not_there(approved, server, self.address)
        return translate(error, approved, self.address, self._limits.memory, self._limits.read)


class _Statement:
    """One run of an approved statement."""

    def __init__(
        self,
        server: HttpServer | EmbeddedServer,
        approved: Approved,
        query_id: str,
        agreed: Terms,
        opinions: Opinions,
    ) -> None:
        self._server = server
        self._approved = approved
        self._query_id = query_id
        self._agreed = agreed
        self._opinions = opinions
        self._lease: Lease | None = None
        self._stopped = False

    def result(self, deadline: float) -> Rows:
        """Its rows. Raises EngineTimeout past the deadline; `interrupted` or KeyboardInterrupt once it is stopped."""
        cancellation = current()
        task = Task(self._run)
        try:
            with cancellation.stopping(task.call_off):
                if task.wait_unless_called_off(deadline - time.monotonic()):
                    return task.result()
            raise interrupted() if cancellation.is_cancelled else too_slow(self._approved.max_seconds)
        except (KeyboardInterrupt, EngineError):
            self._stop(task)
            raise

    def _stop(self, task: Task[Rows]) -> None:
        """Cancel on the server, again until it has heard: a cancel that comes before the statement is not kept."""
        self._stopped = True
        patience = time.monotonic() + _LETTING_GO
        cancelling: Task[None] | None = None  # beside us too: a server that is silent is so to this as well
        while time.monotonic() < patience and not task.wait(0):
            if self._lease is not None and (cancelling is None or cancelling.wait(0)):
                cancelling = Task(self._lease.cancel)
            task.wait(0.05)

    def _run(self) -> Rows:
        with self._server.lease(self._query_id, self._agreed.settings) as lease:
            self._lease = lease
            self._opinions.require_one_select(lease, self._approved.sql)
            if self._stopped:
                raise too_slow(self._approved.max_seconds)
            return self._fetched(lease)

    def _fetched(self, lease: Lease) -> Rows:
        """The rows, block by block, and one more than the caller may see, or a cut could not be told."""
        most = min(self._approved.max_rows, self._agreed.max_rows or self._approved.max_rows)
        fetched: list[Any] = []
        with lease.client.query_row_block_stream(lease.marked(self._approved.sql), settings=lease.settings) as blocks:
            for block in blocks:
                fetched += block
                if len(fetched) > most:
                    lease.cancel()  # closing the stream would read all the rest
                    break
            source: Any = blocks.source
            names, types = tuple(source.column_names), tuple(kind.name for kind in source.column_types)
        if not names:
            names = self._opinions.columns(lease, self._approved.sql)
        rows = Rows(names, plain_rows(fetched[:most], names, types), len(fetched) > most, query_id=self._query_id)
        cut_by_server = rows.truncated and most < self._approved.max_rows
        return replace(rows, limit=most, limit_source="engine") if cut_by_server else rows


def _finished(rows: Rows, agreed: Terms, seconds: float, limit: float) -> Rows:
    if seconds > limit:
        error: EngineTimeout = too_slow(limit)
        error.query_id = rows.query_id
        raise error
    return replace(rows, seconds=seconds, warnings=agreed.notes)


def _not_there(approved: Approved, server: HttpServer | EmbeddedServer, address: Address) -> GatewayError:
    """The contract names something that the database does not have; or the statement itself does."""
    try:
        missing = _missing(approved, server)
    except ClickHouseError as error:
        return translate(error, approved, address, "", "")
    if missing:
        return ContractError("the contract and the published marts do not agree", problems=missing, hint=PUBLISH_HINT)
    return EngineError("the engine could not bind the statement: it names a column or table that is not there")


def _missing(approved: Approved, server: HttpServer | EmbeddedServer) -> tuple[str, ...]:
    """One line for each asset, or column of an asset, that was approved and is not in the database."""
    with server.lease(run_id(), {}) as lease:
        found = lease.client.query(
            "SELECT table, name FROM system.columns WHERE database = currentDatabase()"
        ).result_rows
    columns = {(str(table), str(name)) for table, name in found}
    tables = {table for table, _ in columns}
    lost = [f"{asset}: no such table" for asset in sorted(approved.assets) if asset not in tables]
    lost += [
        f"{asset}.{column}: no such column"
        for asset, column in sorted(approved.columns)
        if asset in tables and (asset, column) not in columns
    ]
    return tuple(lost)

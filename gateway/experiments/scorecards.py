"""Refreshing scorecards: compute, keep, show. What was computed last outlives a refresh that fails, and an experiment
that is over keeps its scorecard for good.

Every request is written to the audit log before anything of it is shown.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from gateway.audit.event import AuditEvent
from gateway.errors import GatewayError, UsageError
from gateway.marts.scorecard_compute import Scorecard, compute, stamp
from gateway.marts.scorecard_definition import Definition, Source, read_definition
from gateway.marts.scorecard_query import Asked
from gateway.ports import AuditLog

Population = Literal["itt", "exposed"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, and by whom."""

    experiment_id: str
    population: Population
    as_of: datetime | None = None
    """UTC, without an offset; None: up to where the experiment's data are known."""
    method: str = "fieller"
    timeseries: bool = False
    refresh: bool = False
    """Refuse a scorecard that can't change any more, instead of showing it."""
    principal: str = ""
    role: str = ""
    channel: str = "python"

    @property
    def kind(self) -> str:
        """Tells the scorecards of one experiment apart."""
        return ".".join([self.population, self.method, *(["timeseries"] if self.timeseries else [])])


@dataclass(frozen=True, slots=True)
class Kept:
    """A scorecard as it was computed, and what became of later attempts."""

    payload: dict[str, Any]
    as_of: datetime
    computed_at: datetime
    ended_at: datetime | None
    closes_at: datetime | None
    """When the last window of the experiment closes: from then on the scorecard is frozen. None while it runs on."""
    last_error: str = ""
    last_error_at: datetime | None = None

    @property
    def frozen(self) -> bool:
        """Whether nothing can change any more."""
        return self.closes_at is not None and self.as_of >= self.closes_at

    def answers(self, as_of: datetime | None) -> bool:
        """Whether a request for that moment gets this, without looking again."""
        if self.ended_at is None or (as_of is not None and as_of < self.ended_at):
            return False
        return self.frozen or (as_of == self.as_of and self.as_of >= self.ended_at)

    def document(self) -> dict[str, Any]:
        """What is shown: the payload as it was, and the state of it."""
        failed_at = self.last_error_at
        return self.payload | {
            "state": {
                "computed_at": stamp(self.computed_at),
                "frozen": self.frozen,
                "closes_at": None if self.closes_at is None else stamp(self.closes_at),
                "last_error": self.last_error or None,
                "last_error_at": None if failed_at is None else stamp(failed_at),
            }
        }


class Keeper(Protocol):
    """Where scorecards are kept."""

    def get(self, experiment_id: str, kind: str) -> Kept | None:
        """The last one, or None. Raises ContractError for one that can't be read."""

    def put(self, experiment_id: str, kind: str, kept: Kept) -> None:
        """Keep it in the place of the last one, whole or not at all. Raises EngineError when it can't be."""

    def place(self, experiment_id: str, kind: str) -> str:
        """Where it is, for people to read."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request comes to."""

    document: dict[str, Any]
    error: GatewayError | None = None
    """Why it could not be refreshed: the document is then an earlier one."""
    is_kept: bool = False
    """The document was computed before, and can't change any more."""
    audit_id: str = ""


@dataclass(frozen=True, slots=True)
class Scorecards:
    """Computes scorecards from the sources and keeps them."""

    sources: Callable[[], AbstractContextManager[Source]]
    keeper: Keeper
    audit: AuditLog
    marts_sql: Path
    engine: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None, microsecond=0)

    def show(self, request: Request) -> Shown:
        """The scorecard of a request. Raises what stood in the way, where there is none of before to show."""
        started = time.perf_counter()
        try:
            shown = self._shown(request)
        except GatewayError as error:
            self._record(request, started, None, error.message)
            raise
        except KeyboardInterrupt:
            self._record(request, started, None, "interrupted")
            raise
        told = "" if shown.error is None else shown.error.message
        return replace(shown, audit_id=self._record(request, started, shown, told))

    def _shown(self, request: Request) -> Shown:
        kept = self.keeper.get(request.experiment_id, request.kind)
        if kept is not None and kept.answers(request.as_of):
            return self._unchanged(request, kept)
        try:
            with self.sources() as source:
                return self._refreshed(request, kept, source)
        except UsageError:
            raise
        except GatewayError as error:
            if kept is None or (request.as_of is not None and request.as_of < kept.as_of):
                raise
            failed = replace(kept, last_error=error.message, last_error_at=self.now())
            self.keeper.put(request.experiment_id, request.kind, failed)
            return Shown(failed.document(), error)

    def _unchanged(self, request: Request, kept: Kept) -> Shown:
        if request.refresh:
            raise UsageError(
                f"{request.experiment_id} is over, and its scorecard is frozen as of {stamp(kept.as_of)}",
                hint=f"It is shown without --refresh. To compute it anew, move {self._place(request)} away.",
            )
        return Shown(kept.document(), is_kept=True)

    def _refreshed(self, request: Request, kept: Kept | None, source: Source) -> Shown:
        definition = read_definition(source, request.experiment_id)
        as_of = request.as_of or definition.as_of
        if as_of <= definition.started_at:
            raise UsageError(
                f"{request.experiment_id} started at {stamp(definition.started_at)}, and had nothing to show"
                f" as of {stamp(as_of)}",
                hint="--as-of a later time",
            )
        if kept is not None and kept.answers(as_of):
            return self._unchanged(request, kept)
        asked = Asked(definition, request.population, as_of)
        scorecard = compute(source, asked, self.marts_sql, method=request.method, timeseries=request.timeseries)
        found = self._kept(scorecard, definition)
        if kept is None or (found.as_of >= kept.as_of and not kept.frozen):
            self.keeper.put(request.experiment_id, request.kind, found)
        return Shown(found.document())

    def _kept(self, scorecard: Scorecard, definition: Definition) -> Kept:
        return Kept(scorecard.payload(), scorecard.asked.as_of, self.now(), definition.ended_at, definition.closes_at())

    def _place(self, request: Request) -> str:
        return self.keeper.place(request.experiment_id, request.kind)

    def _record(self, request: Request, started: float, shown: Shown | None, error: str) -> str:
        """Raises EngineError where the log can't be written: then nothing is shown."""
        arguments = {
            "experiment_id": request.experiment_id,
            "population": request.population,
            "as_of": None if request.as_of is None else stamp(request.as_of),
            "method": request.method,
            "timeseries": request.timeseries,
        }
        return self.audit.append(
            AuditEvent(
                channel=request.channel,
                status="answered" if shown is not None and shown.error is None else "error",
                principal=request.principal,
                role=request.role,
                question=f"scorecard of {request.experiment_id}",
                calls=[{"tool": "scorecard", "arguments": arguments}],
                engine=self.engine,
                seconds=time.perf_counter() - started,
                text="" if shown is None else _summary(shown),
                error=error,
            )
        )


def _summary(shown: Shown) -> str:
    """What was shown, in a line."""
    document, state = shown.document, shown.document["state"]
    origin = "frozen" if shown.is_kept else "the last one, after a refresh that failed" if shown.error else "computed"
    return (
        f"scorecard of {document['experiment_id']} as of {document['as_of']}, {document['analysis_population']}"
        f" population, {len(document['metrics'])} metrics: {origin}, of {state['computed_at']}"
    )

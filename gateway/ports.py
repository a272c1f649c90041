"""What the middle asks of the edge: the protocols that adapters implement, and the values they exchange."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from gateway.audit.event import AuditEvent
from gateway.errors import GatewayError
from gateway.guard import Approved, Refused

if TYPE_CHECKING:
    from gateway.guard.referee import Named


class RefusedError(GatewayError):
    """The guard refused a statement; `refused` says why, every reason of it."""

    exit_code = 3

    def __init__(self, refused: Refused) -> None:
        first = refused.violations[0]
        super().__init__(first.message, hint=first.hint)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Rows:
    """What an approved statement returned. Values are plain Python: str, int, float, bool, date, datetime, None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    """True when the statement had more rows than the role may see; `rows` then holds the first of them."""
    seconds: float = 0.0
    query_id: str = ""
    """What the engine's own records know the run by, beside the audit log."""
    limit: int | None = None
    """The most rows that could come; whoever runs the statement sets it, engines leave it."""
    limit_source: Literal["caller", "role"] | None = None
    """Who set the limit: the statement itself, or the role's cap."""
    warnings: tuple[str, ...] = ()
    """Limits that could not be kept as asked, in words."""

    def dicts(self) -> list[dict[str, Any]]:
        """Each row as a mapping from column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Engine(Protocol):
    """Runs approved statements, each on a connection of its own, read-only and under limits."""

    @property
    def name(self) -> str:
        """`duckdb` or `clickhouse`: also the dialect that `Approved.dialect` must be."""

    def run(self, approved: Approved) -> Rows:
        """Run it. Raises EngineTimeout past `approved.max_seconds`, EngineError on failure, ContractError
        when the published marts are missing. KeyboardInterrupt cancels the statement and is raised again; so does
        the `gateway.cancellation.current` one, as EngineError."""

    def close(self) -> None:
        """Give back what it holds. Safe to call twice."""


class Referee(Protocol):
    """A second opinion on approved statements, by an engine's own parser."""

    def named(self, approved: Approved) -> "Named":
        """What the parser reads in `approved.sql`: parsed only, nothing is bound and nothing runs. A text that it
        cannot read names nothing, and says so in `refused`. Raises EngineError when it cannot be asked."""


class AuditLog(Protocol):
    """An append-only record of every request."""

    def append(self, event: AuditEvent) -> str:
        """Write one event durably and return its id. Raises EngineError when it cannot: then nothing is shown."""

    def get(self, event_id: str) -> AuditEvent | None:
        """The event, or None. A unique prefix of at least six characters will do."""

    def recent(
        self, limit: int = 50, *, status: str = "", principal: str = "", channel: str = ""
    ) -> Sequence[AuditEvent]:
        """Newest first, filtered by what is given."""

    def close(self) -> None:
        """Give back what it holds."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a planner asks for: a tool of the registry and its arguments, the same whoever planned it."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A planner's reading of one question. Exactly one of `calls`, `question_back` and `refusal` says what to do."""

    interpretation: str = ""
    """What was understood, in a sentence the asker can check."""
    calls: tuple[ToolCall, ...] = ()
    question_back: str = ""
    """Asked when two readings are close, or something only the asker can say is missing."""
    choices: tuple[str, ...] = ()
    """Complete questions or values that would settle it, best first."""
    refusal: str = ""
    """Why this is not answered at all: personal data, a write, something outside the contract."""
    refusal_rule: str = ""
    focus: dict[str, Any] = field(default_factory=dict)
    """What the conversation is now about: experiment, metrics, variation, population, segment. Follow-ups keep it."""
    warnings: tuple[str, ...] = ()


class Planner(Protocol):
    """Turns a question into tool calls. Never touches data other than through the tools."""

    @property
    def name(self) -> str: ...

    def plan(self, question: str, focus: dict[str, Any]) -> Plan:
        """Read one question in the light of what the conversation is about. Invents nothing."""

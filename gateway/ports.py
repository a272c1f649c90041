"""What the middle asks of the edge: the protocols that adapters implement, and the values they exchange."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from gateway.answer import Answer
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
    """The most rows that could come. Engines leave it to whoever runs the statement, but for a limit of their own."""
    limit_source: Literal["caller", "role", "engine"] | None = None
    """Who set the limit: the statement itself, the role's cap, or the engine where that allows less and cut."""
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


Message = dict[str, Any]
"""One message of a chat, in the shape of OpenAI's chat completions."""

Ending = Literal["said", "asked_nothing", "steps", "seconds", "tokens", "length", "filtered", "declined", "refused",
                 "repeated", "faults"]  # fmt: skip
"""Why an agent stopped: it had said all; it had nothing to say; a bound was reached; its reply was cut short, or
withheld by its maker; the guard refused it once too often; it went round in circles; it made no sense."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What an agent starts from: the chat so far, which ends with the question, and the tools it may call."""

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...]
    """Function schemas, as OpenAI's `tools` parameter takes them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an agent did. Its prose is not in here: it went out by `say`, to be checked before anybody sees it."""

    ending: Ending
    steps: int
    """Replies of the model, the last one included."""
    tokens: int
    """Read and written by the model, as its server counted them; estimated where it did not."""


class Agent(Protocol):
    """Answers with the help of tools, call by call. It sees what its calls return, and nothing else."""

    @property
    def name(self) -> str:
        """The model's name, for the record."""

    def answer(self, brief: Brief, call: Callable[[ToolCall], Answer], say: Callable[[str], None]) -> Outcome:
        """Work until there is nothing more to call. `call` never raises for what a tool comes to: that is the answer.

        `say` takes the prose piece by piece, as it comes. Raises ModelError when the model can't be asked.
        KeyboardInterrupt cancels the request under way and is raised again.
        """

    def close(self) -> None:
        """Give back what it holds. Safe to call twice."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Something to show while an answer is still in the making."""

    kind: Literal["call", "alert", "prose"]
    """A tool that is being called; what no answer may leave out; text of the answer, checked, with the white space
    that sets it apart from the text before it."""
    text: str

"""The gateway from Python: `gateway.open()`.

    import gateway

    with gateway.open(population="itt") as gw:
        print(gw.ask("Did one-page checkout increase conversion?").text)
        print(gw.ask("and revenue?").evidence[0].verdict)

Asking returns a `Result` whatever became of it, since a refusal or a question back is something to read; `require()`
raises where it was not answered. Every method has an async twin, which works in a thread and stops the engine when it
is cancelled. Nothing here needs an event loop of its own, so that it works where one already runs.
"""

import asyncio
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar, cast
from uuid import uuid4

from gateway.answer import Answer, Evidence
from gateway.cancellation import Cancellation, cancellable
from gateway.errors import ChoiceNeeded, ContractError, EngineError, GatewayError, UsageError
from gateway.guard import Refused, Rule, Violation
from gateway.ports import RefusedError
from gateway.service import Caller, Gateway, Reply
from gateway.settings import load_settings
from gateway.tools import registry
from gateway.tools.agent import agent_payload
from gateway.tools.schema import openai_function
from gateway.wiring import build

Population = Literal["itt", "exposed"]
Dialect = Literal["duckdb", "clickhouse"]
T = TypeVar("T")

CHANNEL: Final = "python"


def open(  # noqa: A001 - called as gateway.open
    home: Path | str | None = None,
    *,
    config: Path | str | None = None,
    role: str | None = None,
    population: Population | None = None,
    planner: Literal["offline", "openai"] | None = None,
    principal: str | None = None,
) -> "Client":
    """Open a gateway; close it, or use it in a `with`.

    What is not given comes from `gateway.yaml` (or the file `config` names) and from GATEWAY_* variables, as for the
    command line. `principal` is who the audit log says has asked: the account of the process unless named. Raises
    ContractError when settings, contract or role don't hold together.
    """
    given = {
        "home": None if home is None else Path(home),
        "role": role,
        "population": population,
        "planner": planner,
        "principal": principal,
    }
    settings = load_settings(
        None if config is None else Path(config), {name: value for name, value in given.items() if value is not None}
    )
    caller = Caller(settings.principal, settings.role, CHANNEL, settings.population)
    return Client(_Door(build(settings)), caller)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request. Shows itself in a notebook."""

    answer: Answer
    """The wire shape, typed: status, text, evidence, table, queries, choices, warnings, looks, problems, audit_id."""
    focus: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the conversation is about after it."""
    exit_code: int = 0
    """What the command line would exit with: 0 answered, 2 usage, 3 refused, 4 needs a choice, 5 engine, 6 contract."""

    @property
    def status(self) -> str:
        """`answered`, `blocked`, `clarify` or `error`."""
        return self.answer.status

    @property
    def text(self) -> str:
        """The answer in words."""
        return self.answer.text

    @property
    def evidence(self) -> list[Evidence]:
        """What the text rests on."""
        return self.answer.evidence

    @property
    def payload(self) -> dict[str, Any]:
        """The answer as an agent gets it: plain JSON values within the space that an agent has."""
        return agent_payload(self.answer)

    def require(self) -> Self:
        """This result, if it is an answer.

        Raises RefusedError, ChoiceNeeded (with its choices), UsageError, ContractError or EngineError where it is not.
        """
        if self.answer.status != "answered":
            raise _error_of(self)
        return self

    def to_rows(self) -> list[dict[str, Any]]:
        """The table as one dict for each row; where there is no table, the evidence, one flat dict for each."""
        table = self.answer.table
        if table.columns:
            return [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        return [dict(_flat(item.model_dump())) for item in self.answer.evidence]

    def __str__(self) -> str:
        return self.answer.text

    def _repr_html_(self) -> str:
        from gateway.notebook import as_html

        return as_html(self.answer, self.focus)

    def _repr_markdown_(self) -> str:
        from gateway.notebook import as_markdown

        return as_markdown(self.answer, self.focus)


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Nested values under joined names: lift.ci_low is lift_ci_low."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}_")
        else:
            yield before + name, value


def _error_of(result: Result) -> GatewayError:
    answer = result.answer
    if answer.status == "blocked":
        return _refusal(answer)
    if answer.status == "clarify":
        return ChoiceNeeded(answer.text, choices=tuple(answer.choices))
    kinds: dict[int, type[GatewayError]] = {2: UsageError, 6: ContractError}
    return kinds.get(result.exit_code, EngineError)(answer.text)


def _refusal(answer: Answer) -> RefusedError:
    """The refusal that the answer tells of. Questions that are declined as such have rules of their own."""
    query = next(query for query in reversed(answer.queries) if query.verdict == "refused")
    reasons = tuple(
        Violation(cast("Rule", v.rule), v.message, v.hint, v.line, v.column, v.token, tuple(v.allowed))
        for v in query.violations
    )
    return RefusedError(Refused(reasons, query.proposed, role="", fingerprint=""))


class _Door:
    """The one gateway that a client, its tools and its conversations go through. Closes when the last is gone."""

    _gateway: Gateway | None = None

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @property
    def gateway(self) -> Gateway:
        """Raises UsageError once it is closed."""
        if self._gateway is None:
            raise UsageError("this gateway is closed", hint="open it again with gateway.open()")
        return self._gateway

    def close(self) -> None:
        gateway, self._gateway = self._gateway, None
        if gateway is not None:
            gateway.close()

    def __del__(self) -> None:
        """Whoever forgot to close is told, where warnings are shown, and nothing stays open."""
        if self._gateway is not None:
            with suppress(Exception):  # an interpreter that ends has little left to close with
                warnings.warn("a gateway was not closed", ResourceWarning, stacklevel=2, source=self)
                self.close()


class Conversation:
    """Questions that follow each other: what was talked about is kept, and looks are counted together.

    Safe to use from several threads; questions of one conversation wait for each other.
    """

    def __init__(self, door: _Door, caller: Caller) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._focus: Mapping[str, Any] = {}
        self._caller = replace(caller, conversation=uuid4().hex)

    def ask(self, question: str, *, population: Population | None = None) -> Result:
        """Answer a question, in the light of those before it. `population` is for this question alone."""
        caller = replace(self._caller, population=population or self._caller.population)
        with self._lock:
            focus = dict(self._focus)
            if population is not None:
                focus.pop("populations", None)
            reply = self._door.gateway.ask(question, caller, focus)
            self._focus = reply.focus or self._focus
        return _result(reply)

    def sql(self, statement: str, *, explain: bool = False, dialect: Dialect | None = None) -> Result:
        """Check a statement and run what is approved of it; with `explain`, only check.

        `dialect` is the one it is written in; without it the contract's, or the engine's.
        """
        return _result(self._door.gateway.run_sql(statement, self._caller, explain=explain, dialect=dialect or ""))

    def call(self, name: str, /, **arguments: Any) -> Result:
        """Call one tool. A population that is not given is the conversation's, where the tool takes one."""
        population = self._caller.population
        if population and name in registry.TOOLS and "population" in registry.TOOLS[name].arguments.model_fields:
            arguments = {"population": population, **arguments}
        return _result(self._door.gateway.call_tool(name, arguments, self._caller))

    async def aask(self, question: str, *, population: Population | None = None) -> Result:
        """`ask`, in a thread. Cancelling stops the statement in the engine."""
        return await _beside(lambda: self.ask(question, population=population))

    async def asql(self, statement: str, *, explain: bool = False, dialect: Dialect | None = None) -> Result:
        """`sql`, in a thread. Cancelling stops the statement in the engine."""
        return await _beside(lambda: self.sql(statement, explain=explain, dialect=dialect))

    def forget(self) -> None:
        """What was talked about is no longer assumed. What was examined stays examined."""
        with self._lock:
            self._focus = {}


class Tools(Mapping[str, Callable[..., Result]]):
    """The tools of the registry as callables: `gw.tools["list_metrics"](experiment_id="price_badges")`."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def call(self, name: str, /, **arguments: Any) -> Result:
        """Call one tool. A population that is not given is the client's, where the tool takes one."""
        return self._conversation.call(name, **arguments)

    async def acall(self, name: str, /, **arguments: Any) -> Result:
        """`call`, in a thread. Cancelling stops the statement in the engine."""
        return await _beside(lambda: self.call(name, **arguments))

    def openai(self) -> list[dict[str, Any]]:
        """Function schemas of all tools, as the `tools` of a chat completion."""
        return [openai_function(tool) for tool in registry.TOOLS.values()]

    def __getitem__(self, name: str) -> Callable[..., Result]:
        tool = registry.TOOLS[name]

        def call(**arguments: Any) -> Result:
            return self.call(name, **arguments)

        call.__name__, call.__doc__ = name, tool.run.__doc__
        return call

    def __iter__(self) -> Iterator[str]:
        return iter(registry.TOOLS)

    def __len__(self) -> int:
        return len(registry.TOOLS)


class Client:
    """An open gateway, and one conversation with it. Made by `gateway.open`; safe to close twice."""

    def __init__(self, door: _Door, caller: Caller) -> None:
        self._door, self._caller = door, caller
        self._conversation = Conversation(door, caller)
        self.tools = Tools(self._conversation)

    def conversation(self, *, population: Population | None = None) -> Conversation:
        """A conversation of its own, which knows nothing of the others."""
        return Conversation(self._door, replace(self._caller, population=population or self._caller.population))

    def ask(self, question: str, *, population: Population | None = None) -> Result:
        """Answer a question, in the light of those before it. `population` is for this question alone."""
        return self._conversation.ask(question, population=population)

    def sql(self, statement: str, *, explain: bool = False, dialect: Dialect | None = None) -> Result:
        """Check a statement and run what is approved of it; with `explain`, only check.

        `dialect` is the one it is written in; without it the contract's, or the engine's.
        """
        return self._conversation.sql(statement, explain=explain, dialect=dialect)

    async def aask(self, question: str, *, population: Population | None = None) -> Result:
        """`ask`, in a thread. Cancelling stops the statement in the engine."""
        return await self._conversation.aask(question, population=population)

    async def asql(self, statement: str, *, explain: bool = False, dialect: Dialect | None = None) -> Result:
        """`sql`, in a thread. Cancelling stops the statement in the engine."""
        return await self._conversation.asql(statement, explain=explain, dialect=dialect)

    def close(self) -> None:
        """Give back what was opened. Safe to call twice."""
        self._door.close()

    async def aclose(self) -> None:
        """`close`, in a thread."""
        await _beside(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _result(reply: Reply) -> Result:
    return Result(reply.answer, reply.focus, reply.exit_code)


async def _beside(work: Callable[[], T]) -> T:
    """What the work gives, from a thread. Cancelled, it takes the request back and waits until the thread has ended."""
    cancellation = Cancellation()

    def run() -> T:
        with cancellable(cancellation):
            return work()

    running = asyncio.ensure_future(asyncio.to_thread(run))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        cancellation.cancel()
        await asyncio.wait([running])
        raise

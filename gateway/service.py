"""The main path: a question or a statement comes in, an answer with its evidence goes out.

    question ─► plan ─► tool calls ─► (compile ─► guard ─► engine) ─► evidence ─► answer
    statement ──────────────────────► (guard ─► engine) ────────────────────────► answer

A model takes the place of the plan where the settings say so: it calls one tool after the other, each by this path and
on record before the model hears what came of it, and its prose is held against their evidence.

With `guard: {referee: true}`, the engine's own parser is asked between guard and engine, and nothing runs where it
disagrees.

Whatever happened is written to the audit log before it is returned. If it can't be written, nothing is returned.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from pydantic_core import from_json, to_json

from gateway.answer import Answer, QueryInfo, Table, ViolationInfo
from gateway.ask.compose import compose
from gateway.audit.event import AuditEvent
from gateway.errors import ChoiceNeeded, GatewayError, ModelError, UsageError
from gateway.experiments.ledger import Ledger, Ledgers, warned
from gateway.guard import Policy
from gateway.ports import Agent, AuditLog, Engine, Glimpse, Plan, Planner, Referee, RefusedError, ToolCall
from gateway.semantic.model import Contract
from gateway.tools import registry
from gateway.tools.base import QueryRecord, ToolContext, ToolResult

EXIT_CODES = {"answered": 0, "blocked": 3, "clarify": 4, "error": 5}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, through which door, in which role, and what they chose before asking."""

    principal: str
    role: str
    channel: str
    population: str | None = None
    conversation: str = ""
    """Requests of one conversation share a count of what was examined; without one, a request stands alone."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, what the conversation is now about, and the exit code of a command that stops here."""

    answer: Answer
    focus: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0


@dataclass(slots=True)
class _Request:
    """One request under way: however it ends, this is what the audit log gets to know of it."""

    question: str
    caller: Caller
    plan: Plan
    """Empty until there is one; it outlives whatever fails after it."""
    ledger: Ledger
    """What its conversation has examined."""
    ctx: ToolContext | None = None
    """None until the caller's role is known to exist."""
    model: dict[str, Any] = field(default_factory=dict)
    """What a model's part in it was."""
    started: float = field(default_factory=time.perf_counter)

    @property
    def queries(self) -> list[QueryRecord]:
        return [] if self.ctx is None else self.ctx.queries


@dataclass(frozen=True, slots=True)
class _Draft:
    """An answer in the making: what is known of it before the audit log gives it an id."""

    answer: Answer
    declined: tuple[QueryInfo, ...] = ()
    """Stands where a statement's verdict would, for a question that was refused before one was written."""
    exit_code: int | None = None
    error: str = ""
    days: Mapping[str, set[str]] = field(default_factory=dict)
    """Days whose results are shown, by experiment."""


class Gateway(AbstractContextManager["Gateway"]):
    """Everything that one process needs to answer. Made by `gateway.wiring.build`; close it, or use it in a `with`."""

    def __init__(
        self,
        *,
        engine: Engine,
        audit: AuditLog,
        contract: Contract,
        policy: Callable[[str], Policy],
        planner: Callable[[ToolContext, str | None], Planner],
        agent: Agent | None = None,
        referee: Referee | None = None,
    ) -> None:
        """With an `agent`, it answers the questions, and `planner` does where the agent can't."""
        self.engine = engine
        self.audit = audit
        self.contract = contract
        self._policy = policy
        self._planner = planner
        self._agent = agent
        self._referee = referee
        self._ledgers = Ledgers()

    def ask(
        self,
        question: str,
        caller: Caller,
        focus: Mapping[str, Any] | None = None,
        show: Callable[[Glimpse], None] | None = None,
    ) -> Reply:
        """Answer a question in plain words. `show` gets what a reader may see of it before it is complete."""
        request = _Request(question, caller, Plan(focus=dict(focus or {})), self._ledger(caller))
        agent = self._agent
        if agent is None:
            return self._reply(request, lambda ctx: self._planned(request, ctx))
        return self._reply(request, lambda ctx: self._conversed(agent, request, ctx, show or (lambda _: None)))

    def _planned(self, request: _Request, ctx: ToolContext) -> _Draft:
        """By plan: read the question as a whole, then make the calls that answer it."""
        planner = self._planner(ctx, request.caller.population)
        request.plan = planner.plan(request.question, request.plan.focus)
        return _carried_out(request.plan, ctx)

    def _conversed(self, agent: Agent, request: _Request, ctx: ToolContext, show: Callable[[Glimpse], None]) -> _Draft:
        """By conversation: a model calls one tool after the other. Where it can't be asked, by plan after all."""
        from gateway.ask.talk import Talk  # with a model only

        owner = (request.caller.principal, request.caller.role, ctx.policy.fingerprint)
        talk = Talk.about(request.question, request.caller.population, request.plan.focus, owner, ctx)
        talk.call, talk.show = self._called(request), show
        try:
            talk.outcome = agent.answer(talk.brief(), talk.called, talk.say)
            answer = talk.answer()
        except ModelError as error:
            draft = self._planned(request, ctx)
            request.plan = talk.after_failing(request.plan, draft.answer)
            return replace(draft, answer=_without_model(draft.answer, error), error=_sentence(error))
        finally:
            request.model = talk.record(agent.name)
        request.plan = talk.plan(answer)
        return _Draft(answer)

    def _called(self, request: _Request) -> Callable[[ToolCall, dict[str, Any]], Answer]:
        """Makes a model's calls, by the path of any other agent's: what it may not ask is refused."""
        caller = replace(request.caller, channel=f"{request.caller.channel}.model")

        def call(wanted: ToolCall, wording: dict[str, Any]) -> Answer:
            return self._call(Plan(calls=(wanted,), focus=wording), caller, request.question, request.ledger).answer

        return call

    def run_sql(self, statement: str, caller: Caller, *, explain: bool = False, dialect: str = "") -> Reply:
        """Check a statement and run what is approved of it; with `explain`, only check.

        `dialect` is the one it is written in; empty for the contract's, or the engine's where that says nothing.
        """
        more: dict[str, Any] = {"explain": True} if explain else {}
        arguments = {"statement": statement, **({"dialect": dialect} if dialect else {}), **more}
        return self.call_tool("run_sql", arguments, caller, question=statement)

    def call_tool(self, name: str, arguments: Mapping[str, Any], caller: Caller, *, question: str = "") -> Reply:
        """Call one tool of the registry."""
        plan = Plan(calls=(ToolCall(name, dict(arguments)),))
        return self._call(plan, caller, question, self._ledger(caller))

    def _call(self, plan: Plan, caller: Caller, question: str, ledger: Ledger) -> Reply:
        return self._reply(_Request(question, caller, plan, ledger), lambda ctx: _carried_out(plan, ctx))

    def _ledger(self, caller: Caller) -> Ledger:
        return self._ledgers.of(caller.principal, caller.conversation)

    def _reply(self, request: _Request, drafted: Callable[[ToolContext], _Draft]) -> Reply:
        """Do the work of one request, and write down what came of it before it is returned."""
        try:
            policy = self._policy(request.caller.role)
            request.ctx = ToolContext(self.engine, self.contract, policy, referee=self._referee)
            draft = _looked(drafted(request.ctx), request.ledger)
        except RefusedError as error:
            draft = _Draft(_blocked(error))
        except ChoiceNeeded as error:
            draft = _Draft(_failed(error, "clarify", list(error.choices)), exit_code=error.exit_code)
        except GatewayError as error:
            draft = _Draft(_failed(error, "error"), exit_code=error.exit_code, error=_sentence(error))
        except KeyboardInterrupt:
            interrupted = Answer(status="error", text="interrupted")
            self._record(request, _Draft(interrupted, error="interrupted"))
            raise
        told = {
            "question": request.question,
            "interpretation": request.plan.interpretation,
            "queries": [*draft.answer.queries, *(record.info for record in request.queries), *draft.declined],
            "audit_id": self._record(request, draft),
        }
        code = EXIT_CODES[draft.answer.status] if draft.exit_code is None else draft.exit_code
        return Reply(draft.answer.model_copy(update=told), request.plan.focus, code)

    def _record(self, request: _Request, draft: _Draft) -> str:
        answer, caller, plan = draft.answer, request.caller, request.plan
        event = AuditEvent(
            channel=caller.channel,
            status=answer.status,
            principal=caller.principal,
            role=caller.role,
            question=request.question,
            interpretation=plan.interpretation,
            calls=[{"tool": call.tool, "arguments": _as_json(call.arguments)} for call in plan.calls],
            queries=[
                *(record.as_event() for record in request.queries),
                *(info.model_dump() for info in draft.declined),
            ],
            engine=self.engine.name,
            rows=sum(record.rows for record in request.queries),
            seconds=time.perf_counter() - request.started,
            evidence=[item.model_dump() for item in answer.evidence],
            text=answer.text,
            error=draft.error,
            model=request.model,
            fingerprint="" if request.ctx is None else request.ctx.policy.fingerprint,
            conversation=caller.conversation,
            looks=[each.model_dump() for each in answer.looks],
        )
        return self.audit.append(event)

    def close(self) -> None:
        """Give back the engine's and the log's resources."""
        if self._agent is not None:
            self._agent.close()
        self.engine.close()
        self.audit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _as_json(arguments: dict[str, Any]) -> Any:
    """Arguments as the log can keep them, whatever a caller passed: a set, a date, a number that is none."""
    return from_json(to_json(arguments, inf_nan_mode="strings", fallback=str))


def _carried_out(plan: Plan, ctx: ToolContext) -> _Draft:
    """What a plan comes to: a refusal, a question back, or the answer that its calls give."""
    if plan.refusal:
        return _declined(plan)
    if plan.question_back:
        return _Draft(_asked_back(plan))
    results = [(call, registry.call(call.tool, call.arguments, ctx)) for call in plan.calls]
    return _Draft(_answered(plan, results), days=_days(results))


def _answered(plan: Plan, results: list[tuple[ToolCall, ToolResult]]) -> Answer:
    return Answer(
        status="answered",
        text=compose(plan, results),
        evidence=[item for _, result in results for item in result.evidence],
        table=_stacked([(call, result.table) for call, result in results if result.table.columns]),
        warnings=list(dict.fromkeys((*plan.warnings, *(note for _, result in results for note in result.warnings)))),
    )


def _looked(draft: _Draft, ledger: Ledger) -> _Draft:
    """The draft, with what it adds to what the conversation has examined, and what that makes of its p-values."""
    answer = draft.answer
    if not answer.evidence:
        return draft
    evidence, looks = ledger.look(answer.evidence, draft.days)
    told = {"evidence": evidence, "looks": looks, "warnings": warned(answer.warnings, evidence, looks)}
    return replace(draft, answer=answer.model_copy(update=told))


def _days(results: list[tuple[ToolCall, ToolResult]]) -> dict[str, set[str]]:
    """Days whose results were shown, by experiment."""
    days: dict[str, set[str]] = {}
    for _, result in results:
        for item in result.evidence:
            days.setdefault(item.experiment_id, set()).update(result.days)
    return days


def _stacked(tables: list[tuple[ToolCall, Table]]) -> Table:
    """One table: where several calls of a tool each gave one, led by the arguments in which the calls differ."""
    if not tables:
        return Table()
    first, columns = tables[0][0], tables[0][1].columns
    alike = [(call, table) for call, table in tables if call.tool == first.tool and table.columns == columns]
    told = [
        name
        for name, value in first.arguments.items()
        if name not in columns and any(call.arguments.get(name) != value for call, _ in alike)
    ]
    rows = [[*(str(call.arguments.get(name)) for name in told), *row] for call, table in alike for row in table.rows]
    bounding = next((table for _, table in alike if table.truncated), tables[0][1])
    return Table(
        columns=[*told, *columns],
        rows=rows,
        truncated=bounding.truncated,
        limit=bounding.limit,
        limit_source=bounding.limit_source,
    )


def _asked_back(plan: Plan) -> Answer:
    return Answer(status="clarify", text=plan.question_back, choices=list(plan.choices), warnings=list(plan.warnings))


def _declined(plan: Plan) -> _Draft:
    reason = ViolationInfo(rule=plan.refusal_rule, message=plan.refusal)
    answer = Answer(status="blocked", text=plan.refusal)
    return _Draft(answer, (QueryInfo(proposed="", verdict="refused", violations=[reason]),))


def _blocked(error: RefusedError) -> Answer:
    count = len(error.refused.violations)
    reasons = [f"{v.message}{f' ({v.hint})' if v.hint else ''}" for v in error.refused.violations]
    return Answer(
        status="blocked", text=f"Refused, for {count} reason{'s' if count > 1 else ''}: " + "; ".join(reasons)
    )


def _without_model(answer: Answer, error: ModelError) -> Answer:
    """An answer that the offline planner gave in the model's place, and says so."""
    said = f"answered without the model: {_sentence(error)}"
    return answer.model_copy(update={"warnings": [said, *answer.warnings]})


def _failed(error: GatewayError, status: Any, choices: list[str] | None = None) -> Answer:
    return Answer(status=status, text=_sentence(error), choices=choices or [], problems=problems_of(error))


def problems_of(error: GatewayError) -> list[ViolationInfo]:
    """What is wrong with the request, piece by piece; nothing where the request was not what failed."""
    if not isinstance(error, UsageError):
        return []
    misfits = [
        ViolationInfo(rule=m.rule, message=m.message, hint=error.hint, token=m.name, allowed=list(m.allowed))
        for m in error.misfits
    ]
    return misfits or [ViolationInfo(rule="bad_request", message=error.message, hint=error.hint)]


def _sentence(error: GatewayError) -> str:
    problems = "".join(f"\n  {problem}" for problem in getattr(error, "problems", ()))
    return f"{error.message}{problems}{f' ({error.hint})' if error.hint else ''}"

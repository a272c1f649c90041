"""The main path: a question or a statement comes in, an answer with its evidence goes out.

    question ─► plan ─► tool calls ─► (compile ─► guard ─► engine) ─► evidence ─► answer
    statement ──────────────────────► (guard ─► engine) ────────────────────────► answer

Whatever happened is written to the audit log before it is returned. If it can't be written, nothing is returned.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from gateway.answer import Answer, Evidence, QueryInfo, Table, ViolationInfo
from gateway.ask.compose import compose
from gateway.audit.event import AuditEvent
from gateway.errors import ChoiceNeeded, GatewayError
from gateway.guard import Policy
from gateway.ports import AuditLog, Engine, Plan, Planner, RefusedError, ToolCall
from gateway.semantic.model import Contract
from gateway.tools import registry
from gateway.tools.base import ToolContext, ToolResult

EXIT_CODES = {"answered": 0, "blocked": 3, "clarify": 4, "error": 5}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, through which door, in which role, and what they chose before asking."""

    principal: str
    role: str
    channel: str
    population: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, what the conversation is now about, and the exit code of a command that stops here."""

    answer: Answer
    focus: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class _Draft:
    """An answer in the making: what is known of it before the audit log gives it an id."""

    answer: Answer
    plan: Plan = field(default_factory=Plan)
    declined: tuple[QueryInfo, ...] = ()
    """Stands where a statement's verdict would, for a question that was refused before one was written."""
    exit_code: int | None = None
    error: str = ""


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
    ) -> None:
        self.engine = engine
        self.audit = audit
        self.contract = contract
        self._policy = policy
        self._planner = planner

    def ask(self, question: str, caller: Caller, focus: Mapping[str, Any] | None = None) -> Reply:
        """Answer a question in plain words."""

        def work(ctx: ToolContext) -> _Draft:
            plan = self._planner(ctx, caller.population).plan(question, dict(focus or {}))
            if plan.refusal:
                return _declined(plan)
            if plan.question_back:
                return _Draft(_ask_back(plan), plan)
            results = [(call, registry.call(call.tool, call.arguments, ctx)) for call in plan.calls]
            return _Draft(_answered(plan, results), plan)

        return self._request(question, caller, work)

    def run_sql(self, statement: str, caller: Caller, *, explain: bool = False) -> Reply:
        """Check a statement and run what is approved of it; with `explain`, only check."""
        return self.call_tool(
            "check_sql" if explain else "run_sql", {"statement": statement}, caller, question=statement
        )

    def call_tool(self, name: str, arguments: Mapping[str, Any], caller: Caller, *, question: str = "") -> Reply:
        """Call one tool of the registry."""
        plan = Plan(calls=(ToolCall(name, dict(arguments)),))

        def work(ctx: ToolContext) -> _Draft:
            return _Draft(_answered(plan, [(plan.calls[0], registry.call(name, arguments, ctx))]), plan)

        return self._request(question, caller, work)

    def _request(self, question: str, caller: Caller, work: Callable[[ToolContext], _Draft]) -> Reply:
        """Do the work of one request, and write down what came of it before it is returned."""
        started = time.perf_counter()
        ctx = ToolContext(self.engine, self.contract, self._policy(caller.role))
        try:
            draft = work(ctx)
        except RefusedError as error:
            draft = _Draft(_blocked(error))
        except ChoiceNeeded as error:
            draft = _Draft(_failed(error, "clarify", list(error.choices)), exit_code=error.exit_code)
        except GatewayError as error:
            draft = _Draft(_failed(error, "error"), exit_code=error.exit_code, error=_sentence(error))
        except KeyboardInterrupt:
            interrupted = Answer(status="error", text="interrupted")
            self._record(question, caller, ctx, _Draft(interrupted, error="interrupted"), started)
            raise
        queries = [*(record.info for record in ctx.queries), *draft.declined]
        draft = replace(draft, answer=draft.answer.model_copy(update={"question": question, "queries": queries}))
        audit_id = self._record(question, caller, ctx, draft, started)
        answer = draft.answer.model_copy(update={"audit_id": audit_id})
        code = EXIT_CODES[answer.status] if draft.exit_code is None else draft.exit_code
        return Reply(answer, draft.plan.focus, code)

    def _record(self, question: str, caller: Caller, ctx: ToolContext, draft: _Draft, started: float) -> str:
        answer = draft.answer
        event = AuditEvent(
            channel=caller.channel,
            status=answer.status,
            principal=caller.principal,
            role=caller.role,
            question=question,
            interpretation=answer.interpretation,
            calls=[{"tool": call.tool, "arguments": call.arguments} for call in draft.plan.calls],
            queries=[*(record.as_event() for record in ctx.queries), *(info.model_dump() for info in draft.declined)],
            engine=self.engine.name,
            rows=sum(record.rows for record in ctx.queries),
            seconds=time.perf_counter() - started,
            evidence=[item.model_dump() for item in answer.evidence],
            text=answer.text,
            error=draft.error,
            fingerprint=ctx.policy.fingerprint,
        )
        return self.audit.append(event)

    def close(self) -> None:
        """Give back the engine's and the log's resources."""
        self.engine.close()
        self.audit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _answered(plan: Plan, results: list[tuple[ToolCall, ToolResult]]) -> Answer:
    evidence: list[Evidence] = [item for _, result in results for item in result.evidence]
    tables = [result.table for _, result in results if result.table.columns]
    return Answer(
        status="answered",
        interpretation=plan.interpretation,
        text=compose(plan, results),
        evidence=evidence,
        table=tables[0] if tables else Table(),
        warnings=[*plan.warnings, *(warning for _, result in results for warning in result.warnings)],
    )


def _ask_back(plan: Plan) -> Answer:
    return Answer(
        status="clarify",
        interpretation=plan.interpretation,
        text=plan.question_back,
        choices=list(plan.choices),
        warnings=list(plan.warnings),
    )


def _declined(plan: Plan) -> _Draft:
    reason = ViolationInfo(rule=plan.refusal_rule, message=plan.refusal)
    answer = Answer(status="blocked", interpretation=plan.interpretation, text=plan.refusal)
    return _Draft(answer, plan, (QueryInfo(proposed="", verdict="refused", violations=[reason]),))


def _blocked(error: RefusedError) -> Answer:
    count = len(error.refused.violations)
    reasons = [f"{v.message}{f' ({v.hint})' if v.hint else ''}" for v in error.refused.violations]
    return Answer(
        status="blocked", text=f"Refused, for {count} reason{'s' if count > 1 else ''}: " + "; ".join(reasons)
    )


def _failed(error: GatewayError, status: Any, choices: list[str] | None = None) -> Answer:
    return Answer(status=status, text=_sentence(error), choices=choices or [])


def _sentence(error: GatewayError) -> str:
    problems = "".join(f"\n  {problem}" for problem in getattr(error, "problems", ()))
    return f"{error.message}{problems}{f' ({error.hint})' if error.hint else ''}"

"""What a tool is, and the context through which every tool reads.

A tool never talks to an engine. It hands a `SemanticRequest` (or, for the SQL tools, a statement) to its context,
which compiles it, puts it through the guard, runs what was approved and writes down what happened.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.answer import Evidence, QueryInfo, Table, ViolationInfo
from gateway.errors import ContractError, GatewayError, Misfit, UsageError
from gateway.guard import Approved, Policy, Refused, Violation, check
from gateway.ports import Engine, Referee, RefusedError, Rows
from gateway.semantic.compile import compile_request
from gateway.semantic.model import Contract
from gateway.semantic.request import SemanticRequest
from gateway.tools.permission import Action

if TYPE_CHECKING:
    from gateway.guard.expression import Expression, Use

Population = Literal["itt", "exposed"]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found. Numbers live in `evidence` and `table`; `text` holds facts in words beside them."""

    evidence: tuple[Evidence, ...] = ()
    table: Table = field(default_factory=Table)
    text: str = ""
    warnings: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    """Days of which a result of their own is in the table."""


@dataclass(slots=True)
class QueryRecord:
    """One statement that a tool proposed, as the answer shows it and as the audit log keeps it."""

    info: QueryInfo
    rows: int = 0
    seconds: float = 0.0
    query_id: str = ""

    def as_event(self) -> dict[str, Any]:
        """JSON-ready, with the run's figures beside the statement."""
        return {**self.info.model_dump(), "rows": self.rows, "seconds": self.seconds, "query_id": self.query_id}


def violation_info(violation: Violation) -> ViolationInfo:
    """A violation in the answer's wire shape."""
    return ViolationInfo(
        rule=str(violation.rule),
        message=violation.message,
        hint=violation.hint,
        line=violation.line,
        column=violation.column,
        token=violation.token,
        allowed=list(violation.allowed),
    )


def query_info(decision: Approved | Refused) -> QueryInfo:
    """A verdict in the answer's wire shape."""
    if isinstance(decision, Refused):
        reasons = [violation_info(violation) for violation in decision.violations]
        return QueryInfo(proposed=decision.proposed, verdict="refused", violations=reasons)
    warnings = [warning.message for warning in decision.warnings]
    return QueryInfo(proposed=decision.proposed, approved=decision.sql, verdict="approved", warnings=warnings)


@dataclass(slots=True)
class ToolContext:
    """What a tool may use for one request. `queries` fills up in the order in which statements were proposed."""

    engine: Engine
    contract: Contract
    policy: Policy
    queries: list[QueryRecord] = field(default_factory=list)
    referee: Referee | None = None
    """Asked about every approved statement before it runs; None where the settings do not want it."""
    may: frozenset[Action] = frozenset(Action)
    """What whoever holds this context may do with it."""

    def permitting(self, may: frozenset[Action]) -> "ToolContext":
        """The same context, and the same record of statements, for somebody who may do this and no more."""
        return replace(self, may=may)

    def query(self, request: SemanticRequest) -> Rows:
        """Compile, check and run a request of a tool's own. Raises RefusedError with every reason.

        Its names are ours and not the caller's: one that the contract lacks is the contract's fault.
        """
        try:
            return self.query_as_asked(request)
        except UsageError as error:
            raise ContractError(
                "the contract lacks what this answer is made from",
                problems=(error.message,),
                hint="gateway semantic lint",
            ) from error

    def query_as_asked(self, request: SemanticRequest) -> Rows:
        """The same with the caller's names. Raises UsageError with every one that does not fit.

        Compiled for the whole contract: what the role does not have is for the guard to refuse, on record.
        """
        self._needs(Action.QUERY)
        dialect = self._spoken if request.is_written else self.engine.name
        return self._run(compile_request(request, self.contract, dialect), dialect)

    def query_all(self, request: SemanticRequest) -> Rows:
        """The same, for answers that would be wrong from some of the rows. Raises UsageError where they were cut."""
        rows = self.query(request)
        if rows.truncated:
            who, other = self.limiter(rows)
            raise UsageError(
                f"{request.asset} has more rows for this than {who} may read ({len(rows.rows):,})",
                hint=f"name an experiment or a metric, or ask {other} with a higher row limit",
            )
        return rows

    def limiter(self, rows: Rows) -> tuple[str, str]:
        """Whose limit cut rows, and who else could be asked."""
        if rows.limit_source == "engine":
            return "the engine's user", "as a user"
        return f"role {self.policy.role!r}", "in a role"

    def run(self, statement: str, dialect: str = "") -> Rows:
        """Check and run a statement of the caller's. Raises RefusedError with every reason.

        `dialect` is the one it is written in; without it the contract's or, where that says nothing, the engine's.
        """
        self._needs(Action.STATEMENT)
        return self._run(statement, dialect or self._spoken)

    def check(self, statement: str, dialect: str = "") -> Approved | Refused:
        """The verdict on a statement of the caller's, written down; runs nothing."""
        self._needs(Action.STATEMENT)
        return self._check(statement, dialect or self._spoken)

    def expression(self, text: str, asset: str, use: "Use", **names: Any) -> "Expression | Refused":
        """An expression of the caller's over one asset, as the guard renders it; a refusal is written down.

        It is of the contract's dialect or, where that says nothing, of the engine's, as statements are.

        `names` are those of `check_expression`. Raises ContractError for an asset that the role does not have.
        """
        self._needs(Action.EXPRESSION)
        from gateway.guard.expression import check_expression  # few requests hold one

        known = self.policy.assets.get(asset.lower())
        if known is None:
            raise ContractError(f"role {self.policy.role!r} has no mart {asset!r}, which this answer is made from")
        found = check_expression(text, known, self.policy, use, dialect=self._spoken, **names)
        if isinstance(found, Refused):
            self.queries.append(QueryRecord(query_info(found)))
        return found

    @property
    def _spoken(self) -> str:
        """The dialect of what callers write, unless they say."""
        return self.contract.dialect or self.engine.name

    def _needs(self, action: Action) -> None:
        if action not in self.may:
            raise PermissionError(f"this tool may not {action}: its `may` does not name it")

    def _run(self, statement: str, written: str = "") -> Rows:
        decision = self._check(statement, written)
        if isinstance(decision, Refused):
            raise RefusedError(decision)
        record = self.queries[-1]
        try:
            rows = self.engine.run(decision)
        except GatewayError as error:
            record.query_id = error.query_id
            raise
        record.rows, record.seconds, record.query_id = len(rows.rows), rows.seconds, rows.query_id
        if rows.warnings:
            record.info = record.info.model_copy(update={"warnings": [*record.info.warnings, *rows.warnings]})
        if rows.limit_source == "engine":
            return rows
        own = decision.own_limit
        limit = decision.max_rows if own is None else own
        return replace(rows, limit=limit, limit_source="role" if own is None else "caller")

    def _check(self, statement: str, written: str = "") -> Approved | Refused:
        """The verdict of the guard and, where there is one, of the referee, written down; runs nothing."""
        decision = check(statement, self.policy, dialect=self.engine.name, written=written)
        if self.referee is not None and isinstance(decision, Approved):
            from gateway.guard.referee import refereed  # off by default

            decision = refereed(decision, self.referee.named(decision))
        self.queries.append(QueryRecord(query_info(decision)))
        return decision


class Arguments(BaseModel):
    """Base of every tool's arguments: unknown names are refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Tool(Generic[A]):
    """One verb: its name, what it is for, what it takes, and the function that does it."""

    name: str
    title: str
    arguments: type[A]
    run: Callable[[ToolContext, A], ToolResult]
    may: frozenset[Action] = frozenset({Action.QUERY})
    """All that it may do. Its context allows nothing else, and agents are told what follows from it."""

    def __call__(self, ctx: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        """Validate the arguments and run. Raises UsageError that names every argument that does not fit."""
        try:
            parsed = self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            misfits = misfits_of(error, self.arguments)
            raise UsageError(
                f"{self.name} can't take these arguments: {'; '.join(f'{m.name}: {m.message}' for m in misfits)}",
                hint=f"it takes {', '.join(self.arguments.model_fields) or 'none'}",
                misfits=misfits,
            ) from error
        return self.run(ctx.permitting(self.may), parsed)


def misfits_of(error: ValidationError, model: type[BaseModel]) -> tuple[Misfit, ...]:
    """Every argument that does not fit, with what it could be where that is a short list."""
    return tuple(_misfit(dict(item), model) for item in error.errors(include_url=False))


def _misfit(item: dict[str, Any], model: type[BaseModel]) -> Misfit:
    allowed: tuple[str, ...] = ()
    if item["type"] == "extra_forbidden" and len(item["loc"]) == 1:
        allowed = tuple(model.model_fields)
    elif item["type"] == "literal_error":
        allowed = tuple(re.findall(r"'([^']*)'", item["ctx"]["expected"]))
    return Misfit(".".join(map(str, item["loc"])) or "arguments", item["msg"], allowed)


def table_of(rows: Rows, *columns: str) -> Table:
    """Rows as a table of JSON-ready cells: dates and times become ISO texts. `columns` picks and orders them."""
    chosen = columns or rows.columns
    places = [rows.columns.index(name) for name in chosen]
    cells = [[cell(row[place]) for place in places] for row in rows.rows]
    return Table(
        columns=list(chosen),
        rows=cells,
        truncated=rows.truncated,
        limit=rows.limit,
        limit_source=rows.limit_source,
    )


def cell(value: Any) -> str | int | float | bool | None:
    """One value as JSON carries it."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)

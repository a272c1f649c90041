"""The semantic query: names of the contract, and conditions over them, compiled for the caller.

Three forms: rows of a mart as they are (`columns`), rows of a mart folded (`metrics` by `dimensions`), and the values
of metrics in every arm, for which no mart needs to be named. Expressions that the caller wrote pass the guard by
themselves, and again as parts of the statement that they end up in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from gateway.answer import Table
from gateway.errors import UsageError
from gateway.guard import Refused
from gateway.guard.expression import Expression, Use
from gateway.ports import RefusedError
from gateway.semantic.model import Asset
from gateway.semantic.request import Direction, Operator, SemanticRequest, Written
from gateway.tools.base import Arguments, Tool, ToolContext, ToolResult, table_of
from gateway.tools.permission import Action
from gateway.tools.reading import TOTAL, missing

ARMS: Final = "agg_experiment_metric_by_variant"
"""The mart that the values of metrics are read from."""
_KEYS: Final = ("experiment_id", "metric_id", "variation_id", "analysis_population")
_VALUE: Final = Written("CASE WHEN denominator_mean IS NULL THEN mean ELSE mean / NULLIF(denominator_mean, 0) END")
_MOST: Final = 50

Value = str | int | float | bool | None | list[str | int | float | bool]
Filter = tuple[str, Operator, Value]


def _form(given: object) -> str:
    """Text is an expression; anything else has to be its parts."""
    return "text" if isinstance(given, str) else "parts"


_TEXT_OR_PARTS = Discriminator(_form), WithJsonSchema({"type": ["string", "array"]})
Condition = Annotated[Annotated[str, Tag("text")] | Annotated[Filter, Tag("parts")], *_TEXT_OR_PARTS]
Order = Annotated[
    Annotated[str, Tag("text")] | Annotated[tuple[str, Literal["asc", "desc"]], Tag("parts")], *_TEXT_OR_PARTS
]


class QueryMartsArguments(Arguments):
    asset: str = Field(default="", description="mart; without one, metrics are metric_ids, told per arm")
    columns: tuple[str, ...] = Field(default=(), max_length=_MOST, description="rows as they are")
    metrics: tuple[str, ...] = Field(
        default=(), max_length=_MOST, description="a mart's measure, or 'sum(n_users) as users'"
    )
    dimensions: tuple[str, ...] = Field(default=(), max_length=_MOST, description="group by")
    filters: tuple[Condition, ...] = Field(
        default=(), max_length=_MOST, description="SQL: 'n_users > 100'; or [column, operator, value]"
    )
    order_by: tuple[Order, ...] = Field(default=(), max_length=_MOST, description="SQL: 'n_users desc'")
    limit: int | None = Field(default=None, ge=1)


@dataclass(slots=True)
class _Words:
    """What the caller's expressions may name beside the columns of the mart."""

    ctx: ToolContext
    asset: str
    synonyms: Mapping[str, str] = field(default_factory=dict)
    outputs: frozenset[str] = frozenset()
    grouped: tuple[str, ...] | None = None
    refused: list[Refused] = field(default_factory=list)

    def read(self, text: str, use: Use) -> Expression:
        """The expression as the guard renders it; a refused one is kept, and nothing stands in its place."""
        names: dict[str, Any] = {"synonyms": self.synonyms, "outputs": self.outputs, "grouped": self.grouped}
        found = self.ctx.expression(text, self.asset, use, **names)
        if isinstance(found, Refused):
            self.refused.append(found)
            return Expression("", frozenset())
        return found

    def conditions(self, given: Sequence[str | Filter]) -> tuple[Any, ...]:
        """Filters as a request takes them."""
        return tuple(
            Written(self.read(one, Use.CONDITION).sql) if isinstance(one, str) else self._filter(*one) for one in given
        )

    def _filter(self, column: str, operator: Operator, value: Value) -> tuple[str, Operator, Any]:
        return self.synonyms.get(column, column), operator, tuple(value) if isinstance(value, list) else value

    def order(self, given: Sequence[str | tuple[str, Direction]]) -> tuple[tuple[str | Written, Direction], ...]:
        """What to order by as a request takes it."""
        terms: list[tuple[str | Written, Direction]] = []
        for one in given:
            if isinstance(one, str):
                found = self.read(one, Use.ORDER)
                terms.append((Written(found.sql), "desc" if found.descending else "asc"))
            else:
                terms.append((self.synonyms.get(one[0], one[0]), one[1]))
        return tuple(terms)

    def settle(self) -> None:
        """Raises RefusedError with every reason of every expression that was refused."""
        if self.refused:
            reasons = tuple(reason for refused in self.refused for reason in refused.violations)
            raise RefusedError(replace(self.refused[0], violations=reasons))


def query_marts(ctx: ToolContext, arguments: QueryMartsArguments) -> ToolResult:
    """Rows of one mart, folded rows of one, or the values of metrics. A mart that the role does not have is not there.

    Raises RefusedError for an expression or a statement that the guard refuses, UsageError for names that do not fit.
    """
    if arguments.columns and (arguments.metrics or arguments.dimensions):
        raise UsageError("columns are rows as they are, and metrics fold rows", hint="give one or the other")
    if not arguments.asset:
        return _metric_values(ctx, arguments)
    visible = ctx.contract.visible_to(ctx.policy.role)
    if arguments.asset not in visible:
        raise missing("mart", arguments.asset, visible)
    if arguments.metrics or arguments.dimensions:
        request = _folded(ctx, arguments, visible[arguments.asset])
    elif arguments.columns:
        words = _Words(ctx, arguments.asset)
        request = SemanticRequest(arguments.asset, arguments.columns, *_narrowed(words, arguments), arguments.limit)
    else:
        raise UsageError("neither columns nor metrics", hint="name columns of the mart, or metrics by dimensions")
    return ToolResult(table=table_of(ctx.query_as_asked(request)))


def _narrowed(words: _Words, arguments: QueryMartsArguments) -> tuple[Any, Any]:
    """Filters and order, every refusal of which has been told."""
    narrowed = words.conditions(arguments.filters), words.order(arguments.order_by)
    words.settle()
    return narrowed


def _folded(ctx: ToolContext, arguments: QueryMartsArguments, asset: Asset) -> SemanticRequest:
    """Measures of a mart, grouped by its dimensions."""
    words = _Words(ctx, arguments.asset, grouped=arguments.dimensions)
    measures: dict[str, Written] = {}
    for text in arguments.metrics:
        column = asset.visible().get(text)
        plain = column is not None and column.role == "measure"
        found = words.read(f'sum("{text}")' if plain else text, Use.MEASURE)
        name = found.alias or _name(found.sql)
        measures[_free(name, {*measures, *arguments.dimensions})] = Written(found.sql)
    words.outputs = frozenset(measures)
    filters, order = _narrowed(words, arguments)
    return SemanticRequest(
        arguments.asset,
        filters=filters,
        order_by=order,
        limit=arguments.limit,
        group_by=arguments.dimensions,
        computed=tuple((measure, alias) for alias, measure in measures.items()),
    )


def _name(sql: str) -> str:
    """A name for a measure that was given none: sum(n_users) is sum_n_users."""
    word = re.sub(r"\W+", "_", sql.lower(), flags=re.ASCII).strip("_")[:50]
    return word if word and not word[0].isdigit() else f"measure_{word}"


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else next(f"{name}_{i}" for i in range(2, 1_000) if f"{name}_{i}" not in taken)


def _metric_values(ctx: ToolContext, arguments: QueryMartsArguments) -> ToolResult:
    """The value of each metric in every arm, control included; of one breakdown where a dimension that is none of the
    mart's keys is named."""
    if not arguments.metrics:
        raise UsageError("neither a mart nor metrics", hint="name a mart with its columns, or metric_ids")
    if ARMS not in ctx.contract.visible_to(ctx.policy.role):
        message = f"role {ctx.policy.role!r} has no mart that holds the values of metrics in every arm"
        raise UsageError(message, hint="call experiment_results, or name a mart with its columns")
    cuts = [name for name in arguments.dimensions if name not in _KEYS]
    if len(cuts) > 1:
        raise UsageError(f"segments are not crossed: {' and '.join(cuts)}", hint="one dimension at a time")
    cut = cuts[0] if cuts else ""
    synonyms = {"n_users": "n", **({cut: "dimension_value"} if cut else {})}
    words = _Words(ctx, ARMS, synonyms, frozenset({"value"}))
    filters, order = _narrowed(words, arguments)
    fixed: tuple[tuple[str, Operator, Any], ...] = (
        ("metric_id", "in", arguments.metrics),
        ("dimension", "=", cut or TOTAL),
    )
    shown = (*_KEYS, *(("dimension_value",) if cut else ()), "n")
    request = SemanticRequest(ARMS, shown, (*fixed, *filters), order, arguments.limit, computed=((_VALUE, "value"),))
    table = table_of(ctx.query_as_asked(request))
    _require_known(ctx, arguments.metrics, cut, table)
    names = [cut if name == "dimension_value" else "n_users" if name == "n" else name for name in table.columns]
    return ToolResult(table=table.model_copy(update={"columns": names}))


def _require_known(ctx: ToolContext, metrics: Sequence[str], cut: str, table: Table) -> None:
    """No row may mean that nothing matched; it must not mean that a name was wrong. Raises UsageError where one was."""
    place = table.columns.index("metric_id")
    if set(metrics) <= {row[place] for row in table.rows}:
        return
    keys = ("metric_id", "dimension")
    known = ctx.query(SemanticRequest(ARMS, keys, group_by=keys)).rows
    for metric in metrics:
        if metric not in {name for name, _ in known}:
            raise missing("metric", metric, (name for name, _ in known))
    if cut and cut not in {name for _, name in known}:
        raise missing("dimension", cut, (name for _, name in known if name != TOTAL))


TOOLS = (
    Tool(
        "query_marts",
        "Semantic query",
        QueryMartsArguments,
        query_marts,
        frozenset({Action.QUERY, Action.EXPRESSION}),
    ),
)

"""From a semantic request to SQL. Nothing here permits anything: the result goes through the guard like any statement.

Statements are built as expression trees from names that the contract has and values that became literals, so that no
value can turn into SQL.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlglot import exp

from gateway.errors import UsageError
from gateway.problems import did_you_mean, shown
from gateway.semantic.literals import identifier, literal
from gateway.semantic.model import Access, Asset, Column, Contract
from gateway.semantic.request import ROWS, SemanticRequest, Written

_COMPARISONS: Final[dict[str, type[exp.Binary]]] = {
    "=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "like": exp.Like,
}  # fmt: skip
_OPERATORS: Final = (*_COMPARISONS, "in", "not_in", "is_null", "not_null", "between")
_AGGREGATES: Final[dict[str, type[exp.AggFunc]]] = {
    "count": exp.Count, "count_distinct": exp.Count, "sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max,
}  # fmt: skip
_NUMERIC: Final = ("integer", "double")
_SHOWN: Final[tuple[Access, ...]] = ("select",)
_CONDITIONS: Final[tuple[Access, ...]] = ("select", "filter")
_AGGREGATED: Final[tuple[Access, ...]] = ("select", "aggregate")


def compile_request(
    request: SemanticRequest, contract: Contract, dialect: str = "duckdb", *, role: str | None = None
) -> str:
    """The request as one SELECT. Raises UsageError with every name and value that does not fit.

    With a `role`, what that role does not have is unknown, and no hint names it.
    """
    assets = contract.assets if role is None else contract.visible_to(role)
    asset = assets.get(request.asset)
    if asset is None:
        hint = did_you_mean(request.asset, assets, otherwise="There are")
        raise UsageError(f"no mart named {request.asset!r}.{hint}")
    compiler = _Compiler(request, asset, dialect)
    query = compiler.query()
    if compiler.problems:
        raise UsageError(f"{request.asset}: {'; '.join(dict.fromkeys(compiler.problems))}")
    return query.sql(dialect=dialect)


class _Compiler:
    """Builds the tree and keeps every problem. What it builds counts only when there is none."""

    def __init__(self, request: SemanticRequest, asset: Asset, dialect: str) -> None:
        self.request = request
        self.columns: Mapping[str, Column] = asset.visible()
        self.dialect = dialect
        self.problems: list[str] = []
        self.taken: set[str] = set(request.group_by)

    def query(self) -> exp.Select:
        request = self.request
        shown = [self.column(name, _SHOWN) for name in self.shown_names()]
        made = [*self.aggregates(), *self.computed()]
        query = exp.select(*shown, *made).from_(exp.Table(this=identifier(request.asset, self.dialect)))
        query = query.where(*self.conditions(), copy=False)
        if self.folds:
            query = query.group_by(*(self.column(name, _SHOWN) for name in request.group_by), copy=False)
        for term, direction in request.order_by:
            ordered = exp.Ordered(this=self.ordered(term), desc=self.is_descending(direction))
            query = query.order_by(ordered, copy=False)
        if request.limit is not None:
            query = query.limit(self.limit(request.limit), copy=False)
        return query

    @property
    def folds(self) -> bool:
        """Whether rows are folded, so that plain columns need grouping."""
        request = self.request
        return bool(request.aggregates or request.group_by or (request.computed and not request.columns))

    def shown_names(self) -> tuple[str, ...]:
        """The plain columns of the result; with aggregates, only what is grouped by can stand beside them."""
        request = self.request
        if not self.folds:
            return request.columns or tuple(name for name, column in self.columns.items() if column.access == "select")
        for name in request.columns:
            if name not in request.group_by:
                self.problems.append(f"column {name!r} stands beside aggregates, so it must be in group_by")
        return request.columns or request.group_by

    def column(self, name: str, access: tuple[Access, ...]) -> exp.Column:
        """The column, noted as a problem when it is not there or may not be used in this way."""
        known = self.columns.get(name)
        if known is None:
            self.problems.append(f"no column {name!r}." + did_you_mean(name, self.columns))
        elif known.access not in access:
            use = {"filter": "may only be filtered on", "aggregate": "may only be aggregated"}[known.access]
            self.problems.append(f"column {name!r} {use}")
        return exp.column(identifier(name, self.dialect))

    def aggregates(self) -> Iterator[exp.Expr]:
        for function, name, alias in self.request.aggregates:
            yield self.named(self.aggregate(function, name), alias)

    def computed(self) -> Iterator[exp.Expr]:
        for expression, alias in self.request.computed:
            yield self.named(self.written(expression), alias)

    def named(self, value: exp.Expr, alias: str) -> exp.Expr:
        """An output under its alias, which must be one that nothing else has."""
        if not alias.isidentifier() or not alias.isascii() or alias in self.taken:
            self.problems.append(f"alias {alias!r} is already taken, or not a plain name")
        self.taken.add(alias)
        return exp.alias_(value, identifier(alias, self.dialect), copy=False)

    def written(self, expression: Written) -> exp.Expr:
        """An expression as the guard rendered it, to the letter: reading it once more could only change it."""
        return exp.Var(this=expression.sql)

    def ordered(self, term: str | Written) -> exp.Expr:
        if isinstance(term, Written):
            return self.written(term)
        aliases = {alias for _, _, alias in self.request.aggregates} | {alias for _, alias in self.request.computed}
        return exp.column(identifier(term, self.dialect)) if term in aliases else self.column(term, _SHOWN)

    def aggregate(self, function: str, name: str) -> exp.Expr:
        kind = _AGGREGATES.get(function)
        if kind is None:
            self.problems.append(f"no aggregate {function!r}." + did_you_mean(function, _AGGREGATES, otherwise="Known"))
            return exp.null()
        if name == ROWS and function == "count":
            return exp.Count(this=exp.Star(), big_int=True)
        column = self.column(name, _AGGREGATED)
        known_column = self.columns.get(name)
        if function in {"sum", "avg"} and known_column and known_column.type not in _NUMERIC:
            self.problems.append(f"{function} needs a number, and column {name!r} is a {known_column.type}")
        return kind(this=exp.Distinct(expressions=[column]) if function == "count_distinct" else column)

    def conditions(self) -> Iterator[exp.Expr]:
        for condition in self.request.filters:
            if isinstance(condition, Written):
                yield exp.Paren(this=self.written(condition))
                continue
            name, operator, value = condition
            column = self.column(name, _CONDITIONS)
            known = self.columns.get(name)
            if operator not in _OPERATORS:
                hint = did_you_mean(operator, _OPERATORS, otherwise="Known")
                self.problems.append(f"no operator {operator!r}.{hint}")
            elif known is not None:
                try:
                    yield _condition(column, known, operator, value)
                except ValueError as error:
                    self.problems.append(f"{name} {operator}: {error}")

    def is_descending(self, direction: str) -> bool:
        if direction not in {"asc", "desc"}:
            self.problems.append(f"order is asc or desc, not {direction!r}")
        return direction == "desc"

    def limit(self, rows: object) -> int:
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
            self.problems.append(f"limit must be a whole number of at least 1, not {rows!r}")
            return 1
        return rows


def _condition(column: exp.Column, known: Column, operator: str, value: Any) -> exp.Expr:
    """One filter. Raises ValueError when the value does not fit the operator or the column's type."""
    if operator in {"is_null", "not_null"}:
        if value is not None:
            raise ValueError("takes no value")
        is_null = exp.Is(this=column, expression=exp.null())
        return exp.Not(this=is_null) if operator == "not_null" else is_null
    if operator in {"in", "not_in"}:
        choices = [literal(item, known.type) for item in _sequence(value, "a list of values")]
        if not choices:
            raise ValueError("needs at least one value")
        is_in = exp.In(this=column, expressions=choices)
        return exp.Not(this=is_in) if operator == "not_in" else is_in
    if operator == "between":
        ends = [literal(item, known.type) for item in _sequence(value, "a pair of values")]
        if len(ends) != 2:
            raise ValueError(f"needs two values, got {len(ends)}")
        return exp.Between(this=column, low=ends[0], high=ends[1])
    if operator == "like" and known.type != "string":
        raise ValueError(f"needs a text column, and this is a {known.type}")
    if value is None:
        raise ValueError("needs a value; for rows without one use is_null")
    return _COMPARISONS[operator](this=column, expression=literal(value, known.type))


def _sequence(value: Any, wanted: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError(f"needs {wanted}, got {shown(value)}")
    return tuple(sorted(value, key=repr)) if isinstance(value, set | frozenset) else tuple(value)

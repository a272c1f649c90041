"""Of a node that both dialects have: whether it stands where, and with what, it means the same in both.

Each function looks at one kind of node, and returns what differs and what to write instead, or None.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from sqlglot import exp

from gateway.guard.kinds import DOUBLE, INTEGER, NOTHING, Kinds, branches, kind_of

_NUMBERS: Final = frozenset({INTEGER, DOUBLE})
_COMMON: Final = _NUMBERS | {"string", "boolean"}
CONDITIONS: Final = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Like,
)  # fmt: skip
_COMPARISONS: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
_PARTS: Final = frozenset({"YEAR", "QUARTER", "MONTH", "DAY"})
_DATE: Final = re.compile(r"(19[7-9]\d|20\d\d|210[0-5])-\d\d-\d\d")
_TIME: Final = re.compile(_DATE.pattern + r" \d\d:\d\d:\d\d")
Reason = tuple[str, str]
"""What differs, and what to write instead."""


class Names(NamedTuple):
    """What is known of the names in a statement, without regard to where they stand."""

    columns: Mapping[str, frozenset[str]]
    """The columns of each relation of the contract that the statement may name."""
    kinds: Kinds
    """Of which kind the values are that a name stands for."""
    written: str = "duckdb"
    """The dialect that the statement is written in."""


def as_value(node: exp.Expr) -> Reason | None:
    """A condition is true or false in DuckDB, and 1 or 0 in ClickHouse: it must not be seen or counted with."""
    inner, holder = node, node.parent
    while isinstance(holder, exp.And | exp.Or | exp.Not | exp.Paren):
        inner, holder = holder, holder.parent
    if isinstance(holder, exp.Where | exp.Having) or holder is None:
        return None
    if (isinstance(holder, exp.Join) and inner.arg_key == "on") or (
        isinstance(holder, exp.If) and inner.arg_key == "this"
    ):
        return None
    return (
        "a condition as a value is true or false in DuckDB, and 1 or 0 in ClickHouse",
        "CASE WHEN … THEN 1 ELSE 0 END",
    )


def _division(node: exp.Expr, _: Names) -> Reason | None:
    by = node.expression.unnest()
    never_zero = isinstance(by, exp.Literal) and not by.is_string and float(by.this) != 0
    if never_zero or (isinstance(by, exp.Nullif) and by.expression.is_number and by.expression.name == "0"):
        return None
    what = "zero by zero, which is no number, is the largest of all in DuckDB, and compares with nothing in ClickHouse"
    return what, "a / nullif(b, 0)"


def _arithmetic(node: exp.Expr, names: Names) -> Reason | None:
    if kind_of(node, names.kinds) in _NUMBERS:
        return None
    return "what comes of dates and times in arithmetic is of different types", "numbers alone"


def _joined(node: exp.Expr, names: Names) -> Reason | None:
    if {kind_of(side, names.kinds) for side in (node.this, node.expression)} == {"string"}:
        return None
    return "what is not a text is written differently", "texts alone"


def _literal(node: exp.Expr, _: Names) -> Reason | None:
    if node.is_string or "." not in node.name or "e" in node.name.lower():
        return None
    holder = node.parent
    while isinstance(holder, exp.Neg | exp.Paren):
        holder = holder.parent
    if isinstance(holder, _COMPARISONS):
        return None
    return f"{node.name} is an exact decimal in DuckDB, and a float in ClickHouse", f"{node.name}e0"


def _in(node: exp.Expr, _: Names) -> Reason | None:
    query = node.args.get("query")
    if query is None:
        if all(isinstance(item.unnest(), exp.Literal | exp.Neg) for item in node.expressions):
            return None
        return "only values that are written out, none of them NULL, are looked up alike", "x IN (1, 2)"
    holder = node.parent
    while isinstance(holder, exp.And | exp.Paren):
        holder = holder.parent
    if not isinstance(holder, exp.Where | exp.Having):
        return "nulls in IN (SELECT …) differ where it is negated or is an alternative", "IN (SELECT …) AND …, in WHERE"
    return None


def _like(node: exp.Expr, _: Names) -> Reason | None:
    pattern = node.expression
    if pattern.is_string and "\\" not in pattern.name:
        return None
    return r"\ in a pattern escapes in ClickHouse alone", r"a pattern that is written out, without \ "


def _is(node: exp.Expr, _: Names) -> Reason | None:
    return None if isinstance(node.expression, exp.Null) else ("IS differs, but for NULL", "IS NULL, or =")


def _join(node: exp.Expr, _: Names) -> Reason | None:
    if node.args.get("side") not in (None, "", "LEFT") or node.args.get("kind") not in (None, "", "INNER", "OUTER"):
        return "only inner and left joins are the same", "JOIN or LEFT JOIN"
    on = node.args.get("on")
    equal = on is not None and all(map(_is_of_columns, _all_of(on)))
    if equal or node.args.get("using"):
        return None
    return "only joins on equal columns are the same", "JOIN … ON a.k = b.k"


def _all_of(condition: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.And | exp.Paren):
        for part in condition.iter_expressions():
            yield from _all_of(part)
    else:
        yield condition


def _is_of_columns(part: exp.Expr) -> bool:
    return isinstance(part, exp.EQ) and all(isinstance(side, exp.Column) for side in (part.this, part.expression))


def _distinct(node: exp.Expr, _: Names) -> Reason | None:
    if isinstance(node.parent, exp.Count) and len(node.expressions) != 1:
        return "several values are counted differently", "count(DISTINCT x)"
    return None


def _star(node: exp.Expr, _: Names) -> Reason | None:
    select = node.find_ancestor(exp.Select)
    if isinstance(node.parent, exp.Count) or select is None or not select.args.get("joins"):
        return None
    return "the columns of a star over a join differ", "the columns by name"


def _extract(node: exp.Expr, _: Names) -> Reason | None:
    if node.name.upper() in _PARTS:
        return None
    return f"{node.name.lower()} of a date is counted differently", "year, quarter, month or day"


def _cast(node: exp.Expr, _: Names) -> Reason | None:
    kind = node.args["to"].this
    if node.this.is_string and kind in (exp.DType.DATE, exp.DType.DATE32) and _DATE.fullmatch(node.this.name):
        return None
    times = (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME)
    if node.this.is_string and kind in times and _TIME.fullmatch(node.this.name):
        return None
    return "what can't be cast, and what comes of it, differs", "DATE '2026-01-31', TIMESTAMP '2026-01-31 10:00:00'"


def _window(node: exp.Expr, _: Names) -> Reason | None:
    kinds = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max)
    return None if isinstance(node.this, kinds) else ("this function over a window differs", "")


def _subquery(node: exp.Expr, names: Names) -> Reason | None:
    if isinstance(node.parent, exp.From | exp.Join | exp.CTE):
        return None
    query = node.this
    if isinstance(query, exp.Select) and not reaches_out(query, names):
        return None
    return "a subquery that reads the rows outside differs between versions", "a join, or a subquery of its own columns"


def reaches_out(query: exp.Select, names: Names) -> bool:
    """Whether a subquery names a column that may not be one of its own single relation's."""
    source = query.args.get("from_")
    table = source.this if source is not None else None
    if not isinstance(table, exp.Table) or query.args.get("joins") or query.find(exp.Subquery):
        return True
    own = names.columns.get(table.name.lower())
    if own is None:
        return True
    called = {table.alias_or_name.lower()}
    return any(
        (column.table and column.table.lower() not in called) or (not column.table and column.name.lower() not in own)
        for column in query.find_all(exp.Column)
    )


def _branches(node: exp.Expr, names: Names) -> Reason | None:
    kinds = {kind_of(branch, names.kinds) for branch in branches(node)} - {NOTHING}
    one = kinds <= {INTEGER, DOUBLE} if names.written == "duckdb" else len(kinds) < 2
    if None not in kinds and (one or len(kinds) == 1) and (kinds <= _COMMON or not node.find(exp.Cast)):
        return None
    return "values of several types are made one differently", "CASE or coalesce of values that are all of one type"


def _union(node: exp.Expr, names: Names) -> Reason | None:
    sides = [side.unnest() for side in (node.this, node.expression)]
    while any(isinstance(side, exp.Union) for side in sides):
        sides = [
            part
            for side in sides
            for part in ((side.this, side.expression) if isinstance(side, exp.Union) else (side,))
        ]
    if all(isinstance(side, exp.Select) and not side.is_star for side in sides):
        columns = zip(*(side.expressions for side in sides), strict=False)
        if all(_alike(outputs, names) for outputs in columns):
            return None
    return "columns of several types are made one differently", "UNION of columns that are of one type"


def _alike(outputs: tuple[exp.Expr, ...], names: Names) -> bool:
    """Columns of one type, or texts."""
    bare = [output.unalias() for output in outputs]
    kinds = {kind_of(output, names.kinds) for output in bare}
    return (
        len(kinds) == 1
        and None not in kinds
        and (kinds <= {"string", DOUBLE} or all(isinstance(output, exp.Column) for output in bare))
    )


LOOKS: Final[Mapping[type[exp.Expr], Callable[[exp.Expr, Names], Reason | None]]] = {
    exp.Div: _division,
    exp.Add: _arithmetic,
    exp.Sub: _arithmetic,
    exp.Mul: _arithmetic,
    exp.Neg: _arithmetic,
    exp.DPipe: _joined,
    exp.Literal: _literal,
    exp.In: _in,
    exp.Like: _like,
    exp.Is: _is,
    exp.Join: _join,
    exp.Distinct: _distinct,
    exp.Star: _star,
    exp.Extract: _extract,
    exp.Cast: _cast,
    exp.Window: _window,
    exp.Subquery: _subquery,
    exp.Case: _branches,
    exp.Coalesce: _branches,
    exp.Union: _union,
}

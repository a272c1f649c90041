"""Which outputs of an approved statement are values of the marts, rather than what the statement made of them.

`select 0.4 as lift from dim_experiments` is allowed, and 0.4 was measured by nobody. Who passes on numbers that a model
asked for has to know the two apart. Only the plainest form is followed; everything else counts as made.
"""

from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

ROWS: Final = "n_rows"
"""Stands for a count, which no column of a mart holds."""
_KEEPING: Final = (exp.Min, exp.Max, exp.AnyValue)
"""Aggregates whose result is of the kind of their column."""


def measured(approved: str, dialect: str) -> tuple[str, ...]:
    """For each output, the mart's column that it shows, `n_rows` for a count, or an empty text for what was computed.

    Empty altogether where the statement is not one plain SELECT over the marts themselves.
    """
    try:
        tree = sqlglot.parse_one(approved, dialect=dialect)
    except SqlglotError:
        return ()
    if not isinstance(tree, exp.Select) or not all(_is_mart(source) for source in _sources(tree)):
        return ()
    return tuple(_shown(output) for output in tree.expressions)


def _sources(select: exp.Select) -> list[exp.Expr]:
    """What a SELECT reads; a WITH in front of it makes it no plain one."""
    start = select.args.get("from_")
    if start is None or select.args.get("with_") is not None or select.args.get("laterals"):
        return [exp.Null()]
    return [start.this, *(join.this for join in select.args.get("joins") or ())]


def _is_mart(source: exp.Expr) -> bool:
    """A mart as the guard renders it: its columns, from a table, behind the role's filter if there is one."""
    inner = source.this if isinstance(source, exp.Subquery) else None
    if not isinstance(inner, exp.Select) or set(_given(inner)) - {"expressions", "from_", "where"}:
        return False
    table = inner.args["from_"].this if inner.args.get("from_") else None
    plain = isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier)
    return plain and all(isinstance(column, exp.Column) for column in inner.expressions)


def _given(node: exp.Expr) -> list[str]:
    return [name for name, value in node.args.items() if value]


def _shown(output: exp.Expr) -> str:
    inner = output.unalias()
    if isinstance(inner, exp.Column):
        return str(inner.name)
    if isinstance(inner, exp.Count):
        return ROWS
    if isinstance(inner, _KEEPING) and isinstance(inner.this, exp.Column):
        return str(inner.this.name)
    if isinstance(inner, exp.Sum) and isinstance(inner.this, exp.Column) and inner.this.name.startswith("n_"):
        return str(inner.this.name)
    return ""

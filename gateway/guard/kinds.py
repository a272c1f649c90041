"""Of which kind a value is, as far as the text and the contract tell: enough to see where two engines would part.

DuckDB makes one type of the branches of a CASE, whole numbers and fractions included. ClickHouse keeps them apart, in
a type that sorts and compares otherwise, or refuses them. So they are made one before it reads them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlglot import exp

INTEGER: Final = "integer"
DOUBLE: Final = "double"
NOTHING: Final = "null"
_NUMBERS: Final = frozenset({INTEGER, DOUBLE})
_COUNTED: Final = (
    exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Extract, exp.Year, exp.Quarter, exp.Month, exp.Day,
)  # fmt: skip
_OF_OPERAND: Final = (
    exp.Paren, exp.Neg, exp.Abs, exp.Floor, exp.Ceil, exp.Sum, exp.Min, exp.Max, exp.Filter, exp.Window, exp.Nullif,
    exp.Alias,
)  # fmt: skip
_CASTS: Final = {INTEGER: exp.DType.BIGINT, DOUBLE: exp.DType.DOUBLE}

Kinds = Mapping[str, str | None]
"""By lower-cased name; None where the name stands for values of several kinds."""


def kind_of(node: exp.Expr, kinds: Kinds) -> str | None:
    """The kind of an expression's values, or None where it can't be told."""
    if isinstance(node, exp.Literal):
        return "string" if node.is_string else INTEGER if node.name.isdigit() else DOUBLE
    if isinstance(node, exp.Column):
        return kinds.get(node.name.lower())
    if isinstance(node, exp.DPipe):
        return one_of([kind_of(node.this, kinds), kind_of(node.expression, kinds)])
    if isinstance(node, exp.Null):
        return NOTHING
    if isinstance(node, exp.Boolean):
        return "boolean"
    if isinstance(node, _COUNTED):
        return INTEGER
    if isinstance(node, exp.Avg | exp.Div):
        return DOUBLE
    if isinstance(node, _OF_OPERAND):
        return kind_of(node.this, kinds)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return one_of([kind_of(node.this, kinds), kind_of(node.expression, kinds)], only=_NUMBERS)
    if isinstance(node, exp.Case | exp.Coalesce):
        return one_of(kind_of(branch, kinds) for branch in branches(node))
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select) and len(node.this.expressions) == 1:
        return kind_of(node.this.expressions[0], kinds)
    return None


def one_of(found: Iterable[str | None], only: frozenset[str] | None = None) -> str | None:
    """The kind that values of these kinds have together: nulls are of any, and numbers of two kinds are fractions."""
    kinds = set(found) - {NOTHING}
    if None in kinds or (only is not None and not kinds <= only):
        return None
    if kinds == _NUMBERS:
        return DOUBLE
    return kinds.pop() if len(kinds) == 1 else None if kinds else NOTHING


def branches(node: exp.Expr) -> Iterator[exp.Expr]:
    """What a CASE or coalesce may return."""
    if isinstance(node, exp.Case):
        yield from (branch.args["true"] for branch in node.args["ifs"])
        if node.args.get("default") is not None:
            yield node.args["default"]
    else:
        yield node.this
        yield from node.expressions


def known_kinds(tree: exp.Expr, columns: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """The kind of each name in a statement: of the contract's (column, kind) pairs, and of the statement's outputs."""
    kinds: dict[str, str | None] = {}
    for name, kind in columns:
        kinds[name.lower()] = kind if kinds.get(name.lower(), kind) == kind else None
    aliases = list(tree.find_all(exp.Alias))
    for _ in range(len(aliases) + 1):  # each round settles one more step of names made of names
        found = dict(kinds)
        for alias in aliases:
            name, made_of = alias.alias.lower(), kind_of(alias.this, kinds)
            found[name] = made_of if name not in kinds or kinds[name] == made_of else None
        if found == kinds:
            break
        kinds = found
    return kinds


def made_one(tree: exp.Expr, kinds: Kinds) -> exp.Expr:
    """The tree with each CASE and coalesce of numbers cast to one type, as DuckDB does by itself."""
    for node in list(tree.find_all(exp.Case, exp.Coalesce)):
        kind = kind_of(node, kinds)
        parts = [branch for branch in branches(node) if not isinstance(branch, exp.Null)]
        if kind in _CASTS and not all(isinstance(branch, exp.Literal) for branch in parts):
            for branch in parts:
                branch.replace(cast(branch.copy(), _CASTS[kind]))
    for division in list(tree.find_all(exp.Div)):  # a decimal is divided as one there, and the rest cut off
        division.this.replace(cast(division.this.copy(), exp.DType.DOUBLE))
    return tree


def cast(node: exp.Expr, to: exp.DType) -> exp.Expr:
    """A cast that keeps nulls."""
    return exp.Cast(this=node, to=exp.DataType(this=to, nullable=True))

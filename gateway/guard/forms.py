"""Forms of one dialect that the other knows by another name: made into the form that both read, before anything is
compared. Each is the same in every case, empty groups and nulls included; what is only nearly the same stays."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlglot import exp

_PARTS: Final = {"toYear": "YEAR", "toQuarter": "QUARTER", "toMonth": "MONTH", "toDayOfMonth": "DAY"}
_CASTS: Final = {"toDate": exp.DType.DATE, "toDateTime": exp.DType.DATETIME}
_CONDITIONAL: Final[Mapping[str, type[exp.Expr]]] = {
    "sumIf": exp.Sum, "avgIf": exp.Avg, "minIf": exp.Min, "maxIf": exp.Max,
}  # fmt: skip


def common(tree: exp.Expr) -> exp.Expr:
    """The tree in the forms that both dialects have. Changes the one it is given."""
    for node in list(tree.walk()):
        form = _FORMS.get(type(node))
        made = form(node) if form else None
        if made is not None:
            node.replace(made)
    return tree


def _if(node: exp.Expr) -> exp.Expr | None:
    """`if(a, b, c)`, where it isn't part of a CASE."""
    if isinstance(node.parent, exp.Case) and node.arg_key == "ifs":
        return None
    otherwise = node.args.get("false")
    return exp.Case(ifs=[exp.If(this=node.this, true=node.args["true"])], default=otherwise)


def _count_if(node: exp.Expr) -> exp.Expr:
    return _filtered(exp.Count(this=exp.Star(), big_int=True), node.this)


def _combined(node: exp.Expr) -> exp.Expr | None:
    """`sumIf(x, a > 1)`."""
    kind = _CONDITIONAL.get(node.name)
    if kind is None or len(node.expressions) != 2:
        return None
    value, condition = node.expressions
    return _filtered(kind(this=value), condition)


def _filtered(aggregate: exp.Expr, condition: exp.Expr) -> exp.Expr:
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition))


def _counted(node: exp.Expr) -> exp.Expr | None:
    """`uniqExact(x)`."""
    if node.name != "uniqExact" or len(node.expressions) != 1:
        return None
    return exp.Count(this=exp.Distinct(expressions=node.expressions), big_int=True)


def _named(node: exp.Expr) -> exp.Expr | None:
    """`toYear(d)`, `toDate('2026-01-31')`."""
    if len(node.expressions) != 1:
        return None
    (value,) = node.expressions
    if node.name in _PARTS:
        return exp.Extract(this=exp.Var(this=_PARTS[node.name]), expression=value)
    if node.name in _CASTS and value.is_string:
        return exp.Cast(this=value, to=exp.DataType(this=_CASTS[node.name], nullable=True))
    return None


def _prewhere(node: exp.Expr) -> None:
    """PREWHERE filters as WHERE does, only sooner."""
    before = node.args.get("prewhere")
    if before is None:
        return
    where = node.args.get("where")
    condition = before.this if where is None else exp.And(this=exp.paren(before.this), expression=exp.paren(where.this))
    node.set("prewhere", None)
    node.set("where", exp.Where(this=condition))


def _type(node: exp.Expr) -> None:
    """A literal is never null: whether its type could be makes no difference."""
    if isinstance(node.parent, exp.Cast) and node.parent.this.is_string:
        node.set("nullable", True)


_FORMS: Final[Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr | None]]] = {
    exp.If: _if,
    exp.CountIf: _count_if,
    exp.CombinedAggFunc: _combined,
    exp.AnonymousAggFunc: _counted,
    exp.Anonymous: _named,
    exp.Select: _prewhere,
    exp.DataType: _type,
}

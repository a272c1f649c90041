"""ClickHouse's aggregates with suffixes: what `sumIf(x, c)` and `countDistinct(x)` fold, and under which condition."""

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from gateway.guard.relations import NOTHING, Scope, Value

if TYPE_CHECKING:
    from gateway.guard.columns import Expressions


class Combined(NamedTuple):
    """An aggregate call without its suffixes."""

    name: str
    distinct: bool
    """Whether it folds each value once."""
    condition: exp.Expr | None = None
    read: Value = NOTHING
    """What the condition reads. It may use what FILTER may use, and adds nothing up."""


def combined(reader: "Expressions", node: exp.Expr, name: str, scope: Scope, clause: str) -> Combined:
    """Take the suffixes off, and read the condition as FILTER's would be read."""
    if reader.fold_case or not isinstance(node.this, str):
        return Combined(name, distinct=False)
    base, suffixes = reader.functions.combined(node.this)
    distinct = "Distinct" in suffixes
    arguments = node.args.get("params") or node.expressions  # behind f(parameters) stand the arguments
    if "If" not in suffixes or not arguments:
        return Combined(base.lower(), distinct)
    condition: exp.Expr = arguments[-1]
    before, scope.clause = scope.clause, "filter" if clause == "select" else scope.clause
    inside, scope.inside = scope.inside, ""
    value = reader.value(condition, scope)
    scope.clause, scope.inside = before, inside
    return Combined(base.lower(), distinct, condition, Value(access=value.access, outer=value.outer))

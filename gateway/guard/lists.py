"""Lists: what a lambda over one may read, and the rows that unnest makes of one."""

from typing import TYPE_CHECKING

from sqlglot import exp

from gateway.guard.decision import Rule
from gateway.guard.policy import AGGREGATE, SELECT
from gateway.guard.relations import NOTHING, ROW, Field, Relation, Scope, Value
from gateway.guard.tables import bounded

if TYPE_CHECKING:
    from gateway.guard.columns import Expressions


def lambda_value(reader: "Expressions", node: exp.Expr, scope: Scope) -> Value:
    """What the body reads beside its parameters. These are bare names in the tree, and come from the list.

    A parameter that bears the name of anything else in sight is refused: parsers differ on which of them it hides.
    """
    for parameter in node.expressions:
        if _taken(reader.key(parameter.name), scope):
            message = f"parameter {parameter.name!r} has the name of something else here"
            reader.report.add(Rule.DUPLICATE_NAME, message, "give the parameter a name of its own", parameter)
    return reader.value(node.this, scope)


def _taken(key: str, scope: Scope | None) -> bool:
    while scope is not None:
        if key in scope.by_name or key in scope.aliases or any(key in s.relation.fields for s in scope.sources):
            return True
        scope = scope.outer
    return False


def unpicked(reader: "Expressions", node: exp.Expr, scope: Scope) -> Value:
    """A COLUMNS(…) that was not written out: another one stands beside it."""
    if not reader.fold_case or scope.clause != "select":
        return refused_already(reader, node, scope)
    hint = "use one COLUMNS(…) in an expression, or name the columns"
    reader.report.add(Rule.SYNTAX_NOT_ALLOWED, "COLUMNS(…) cannot be written out here", hint, node)
    return NOTHING


def refused_already(reader: "Expressions", node: exp.Expr, scope: Scope) -> Value:  # noqa: ARG001 - one signature for all handlers
    """A construct that the shape has refused, with names of its own in it."""
    reader.seen.update(id(part) for part in node.find_all(exp.Column, exp.Table))
    return NOTHING


def series_value(reader: "Expressions", node: exp.Expr, scope: Scope) -> Value:
    """A series in a select list of its own."""
    if isinstance(node.parent, exp.Explode):  # elsewhere the shape has refused it
        bounded(node, reader.report)
    for part in node.args.values():
        if isinstance(part, exp.Expr):
            reader.value(part, scope)
    return NOTHING


def unnested(reader: "Expressions", node: exp.Expr, scope: Scope) -> tuple[Relation, frozenset[int]] | None:
    """The elements of a list that a row beside it holds, and which sources that row is of. None for a list that is
    written out: that stands alone, and is nobody's element."""
    if not isinstance(node, exp.Unnest) or not any(node.find_all(exp.Column)):
        return None
    reader.seen.add(id(node))
    values = [reader.value(item, scope) for item in node.expressions]
    for value in values:
        if value.access != SELECT:
            rule = Rule.COLUMN_AGGREGATE_ONLY if value.access == AGGREGATE else Rule.COLUMN_FILTER_ONLY
            reader.report.add(rule, "a column of limited access cannot be unnested", "leave it out of the list", node)
    alias = node.args.get("alias")
    columns = (alias.args.get("columns") if alias is not None else None) or []
    name = reader.key(columns[0].name) if columns else "unnest"
    additive = values[0].additive if values else None
    once = len(node.expressions) == 1 and isinstance(node.expressions[0], exp.ArrayDistinct)
    made = Relation(
        {name: Field(columns[0].name if columns else name, additive=additive)}, (name, ROW) if once else None
    )
    made.elements = True
    return made, frozenset(index for value in values for index, _ in value.refs)


def is_one_tuple(query: exp.Expr) -> bool:
    """Whether a query gives one column that is several, as in `IN (SELECT (a, b) …)`."""
    inner = query.unnest()
    return isinstance(inner, exp.Select) and len(inner.expressions) == 1 and isinstance(inner.expressions[0], exp.Tuple)

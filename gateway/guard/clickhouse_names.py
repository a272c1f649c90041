"""Names in ClickHouse: an alias wins over a column, in every clause; a CTE sees those of the place where it is read.

The guard reads names as SQL does elsewhere. Where the two ways could differ, the statement is refused.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from gateway.guard.decision import Rule
from gateway.guard.relations import Relation, Scope

if TYPE_CHECKING:
    from gateway.guard.queries import Reader


def one_meaning(reader: "Reader", node: exp.Select, scope: Scope) -> None:
    """Refuse an output whose name is also a column's or a relation's, when that name is used."""
    uses: list[exp.Column] | None = None
    for item in node.expressions:
        if not isinstance(item, exp.Alias) or _is_itself(item, scope):
            continue
        name = item.alias
        column = any(name in source.relation.fields for source in scope.sources)
        if not column and name not in scope.by_name:
            continue
        uses = list(_uses(node)) if uses is None else uses
        for use in uses:
            named = use.table == name if name in scope.by_name else False
            if (named or (column and not use.table and use.name == name)) and not _inside(use, item, node):
                message = f"{name!r} is an output here and a column or relation too; ClickHouse takes the output"
                reader.report.add(Rule.COLUMN_AMBIGUOUS, message, f"name the output otherwise: AS {name}_out", item)
                break
    for name in reader.report.written_out & {key for source in scope.sources for key in source.relation.fields}:
        message = f"{name!r} is named in WITH, and is a column too"
        reader.report.add(Rule.COLUMN_AMBIGUOUS, message, "give the expression in WITH another name", node)


def _is_itself(item: exp.Alias, scope: Scope) -> bool:
    """`d.name AS name`, where d is a relation of this query: whichever it is, it is the same."""
    column = item.this
    return isinstance(column, exp.Column) and column.name == item.alias and column.table in ("", *scope.by_name)


def _uses(node: exp.Select) -> Iterator[exp.Column]:
    """Columns anywhere below, subqueries in expressions included: those look outside for what they do not have."""
    for part in node.iter_expressions():
        if part.arg_key not in ("with_", "from_"):
            yield from part.find_all(exp.Column)


def _inside(use: exp.Column, item: exp.Alias, node: exp.Select) -> bool:
    """Whether a column stands in the output's own expression, or orders by the output as everyone reads it."""
    at: exp.Expr | None = use
    while at is not None and at is not node:
        if at is item:
            return True
        if isinstance(at, exp.Ordered) and at.this is use and at.parent is node.args.get("order"):
            return True
        at = at.parent
    return False


def one_definition(reader: "Reader", alias: exp.Expr | None, key: str, ctes: dict[str, Relation]) -> None:
    """A CTE that bears the name of one outside would be read by others outside as well."""
    if key in ctes:
        message = f"{key!r} is the name of a CTE outside"
        reader.report.add(Rule.DUPLICATE_NAME, message, "give each CTE of the statement its own name", alias)


def capped_set(reader: "Reader", node: exp.Select) -> exp.Expr | None:
    """The set operation of `SELECT a, b FROM (… UNION ALL …) AS t LIMIT 5`, where that is all of it: brackets only."""
    clause = node.args.get("from_")
    inner = clause.this.this if clause is not None and isinstance(clause.this, exp.Subquery) else None
    if not isinstance(inner, exp.Union | exp.Except | exp.Intersect):
        return None
    if any(value for key, value in node.args.items() if key not in ("expressions", "from_", "limit")):
        return None
    first: exp.Expr = inner
    while isinstance(first, exp.Union | exp.Except | exp.Intersect | exp.Subquery):
        first = first.this
    given = [item.alias_or_name for item in first.expressions] if isinstance(first, exp.Select) else []
    bare = all(isinstance(item, exp.Column) and not item.table for item in node.expressions)
    if not bare or not all(given) or [item.name for item in node.expressions] != given:
        return None
    reader.seen.update(id(item) for item in node.expressions)
    reader.bounded_rows(node)
    return inner

"""LATERAL: a derived table that sees the relations before it. Held to the same rules as a join along the same keys.

What it equates with a column of an earlier relation becomes a key of its own that no statement can name. So the rules
of joins, fan-out, additivity and pins judge it as they judge `JOIN (SELECT key, … GROUP BY key) USING (key)`.
"""

from typing import TYPE_CHECKING

from sqlglot import exp

from gateway.guard.conditions import OUTER, ref_of
from gateway.guard.decision import Rule
from gateway.guard.policy import AGGREGATE, SELECT
from gateway.guard.relations import ROW, Field, OpenPin, Ref, Relation, Scope, Source

if TYPE_CHECKING:
    from gateway.guard.queries import Reader


def lateral_relation(reader: "Reader", node: exp.Expr, scope: Scope) -> tuple[Relation | None, dict[str, Ref]]:
    """What the query after LATERAL gives, and which of its keys equals which field of an earlier relation."""
    if not isinstance(node.this, exp.Subquery):
        reader.seen.update(id(part) for part in node.find_all(exp.Table, exp.Column))
        return None, {}  # the shape has refused it
    before = len(reader.outer_reads)
    relation = reader.renamed(reader.query(node.this, scope, scope.ctes), node.args.get("alias"))
    _open(reader, relation, node)
    equal: dict[str, Ref] = {}
    tied: set[int] = set()
    outer_reads = reader.outer_reads[before:]
    fields = dict(relation.fields)
    for item, column in reader.correlated.pop(id(node.this.this), ()):
        outer = ref_of(reader, column, scope)
        if outer is not None:
            key = f"\1{len(equal)}"
            fields[key], equal[key] = item, outer
            tied.add(id(column))
    grain = None if relation.grain is None else (*relation.grain, *equal)
    if grain is not None and any(id(column) not in tied and _around(at, scope) for at, column in outer_reads):
        grain = (*grain, ROW)
    made = Relation(fields, grain, (), {}, None, relation.constant, relation.unknown, relation.repeated)
    made.pins = relation.pins + _reopened(relation, fields)
    made.fixed = {pin: how for pin, how in relation.fixed.items() if how != OUTER}
    return made, equal


def _around(at: Scope, scope: Scope | None) -> bool:
    """Whether the scope that gave a column is this one, or one around it."""
    while scope is not None and scope is not at:
        scope = scope.outer
    return scope is at


def _open(reader: "Reader", relation: Relation, node: exp.Expr) -> None:
    for item in relation.fields.values():
        if item.access != SELECT:
            rule = Rule.COLUMN_AGGREGATE_ONLY if item.access == AGGREGATE else Rule.COLUMN_FILTER_ONLY
            message = f"column {item.name!r} of limited access cannot go through LATERAL"
            reader.report.add(rule, message, "use a join on the declared keys", node)


def _reopened(relation: Relation, fields: dict[str, Field]) -> tuple[OpenPin, ...]:
    """A pin that is the outer row's is open again here: it is fixed where the outer row's is."""
    return tuple(
        OpenPin(asset, column, frozenset(key for key, item in fields.items() if item.origin == (asset, column)))
        for (asset, column), how in relation.fixed.items()
        if how == OUTER
    )


def tie(source: Source, equal: dict[str, Ref], scope: Scope, side: str) -> None:
    """The keys of a LATERAL agree with what it was correlated with; after LEFT, where it gives a row."""
    if source.relation.grain is not None and ROW in source.relation.grain:
        source.beside = range(source.index)
    for key, outer in equal.items():
        own = (source.index, key)
        scope.equal.append((outer, own))
        scope.edges.append((outer, own))
        if not side:
            scope.edges.append((own, outer))

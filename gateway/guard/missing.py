"""A column or relation that is not there, or may not come out: what was most likely meant, and what to write."""

from typing import TYPE_CHECKING

from sqlglot import exp

from gateway.guard.decision import Rule
from gateway.guard.functions import aggregates_of
from gateway.guard.policy import AGGREGATE, FILTER
from gateway.guard.relations import UNNAMED, Relation, Scope, Source
from gateway.guard.report import PLAIN_TOKEN, Report, alternatives, closest, listed

if TYPE_CHECKING:
    from gateway.guard.columns import Expressions
    from gateway.guard.queries import Reader


def not_found(reader: "Expressions", name: str, source: Source | None, scope: Scope, node: exp.Expr) -> None:
    """Hidden and absent read the same: there is no such column for this role."""
    at: Scope | None = scope
    while at is not None:
        if at.unknown:
            return
        at = at.outer
    sources = [source] if source is not None else [s for s in scope.sources if s.visible]
    known = {item.name for s in sources for key, item in s.relation.fields.items() if key[:1] not in UNNAMED}
    asset = source.relation.asset if source is not None else None
    owner = asset.name if asset is not None else source.name if source is not None else ""
    where = f" in {owner!r}" if owner else ""
    close = closest(name, known)
    hint = _hint(reader, name, source, scope, node, known, close)
    allowed = alternatives(close, known)
    reader.report.add(Rule.COLUMN_NOT_FOUND, f"no column {name!r}{where}", hint, node, token=name, allowed=allowed)


def _hint(
    reader: "Expressions",
    name: str,
    source: Source | None,
    scope: Scope,
    node: exp.Expr,
    known: set[str],
    close: tuple[str, ...],
) -> str:
    table, outside = node.args.get("table"), node.args.get("db")
    if outside is not None and reader.key(outside.name) in scope.by_name:
        return f"a part of a struct is written {outside.name}.{table.name if table else ''}['{name}']"
    if outside is not None and table is not None:
        return f"leave the schema out: {table.name}.{name}"
    if source is None and table is not None:
        held = _holder(reader, table.name, scope)
        if held:
            return f"a part of a struct is written {table.name}['{name}']"
        return f"no relation is called {table.name!r} here; a derived table sees its neighbours only after LATERAL"
    if close:
        return f"did you mean {close[0]!r}?"
    others = _elsewhere(reader, name, scope) if source is not None and table is not None else []
    if others:
        return f"did you mean {others[0]}.{name}?"
    if table is None and reader.key(name) in scope.by_name:
        return f"{name!r} is a relation here: name a column of it, {listed(known)}"
    return listed(known) if known else "name a column of a relation in FROM"


def _holder(reader: "Expressions", name: str, scope: Scope) -> bool:
    """Whether what stands before the dot is a column, whose part was meant."""
    key = reader.key(name)
    return any(key in source.relation.fields for source in scope.sources)


def _elsewhere(reader: "Expressions", name: str, scope: Scope) -> list[str]:
    """Relations beside this one that do have the column."""
    key = reader.key(name)
    return [source.name for source in scope.sources if source.visible and key in source.relation.fields]


def no_table(reader: "Reader", name: str, scope: Scope, node: exp.Expr) -> None:
    """Outside the role, outside the contract and nowhere at all read the same."""
    known = [asset.name for asset in reader.policy.assets.values()] + list(scope.ctes)
    close = closest(name, known, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else listed(known)
    allowed = alternatives(close, known)
    called = repr(name) if PLAIN_TOKEN.fullmatch(name) else "of that name"  # a path or an address stays untold
    message = f"no asset {called} in the contract"
    reader.report.add(Rule.TABLE_NOT_ALLOWED, message, hint, node, token=name, allowed=allowed)


def limited_results(report: Report, relation: Relation) -> None:
    """Columns of a limited access mode that would come out of the whole statement as they are."""
    for item in relation.fields.values():
        if item.access == FILTER:
            message = f"column {item.name!r} may be used in conditions, not in the result"
            hint = "use it in WHERE, and leave it out of the select list"
            report.add(Rule.COLUMN_FILTER_ONLY, message, hint, token=item.name)
        elif item.access == AGGREGATE:
            allowed = aggregates_of(item.origin[1]) if item.origin is not None else ()
            message, hint = f"column {item.name!r} may only be aggregated", "use avg(…), sum(…) or count(…) of it"
            report.add(Rule.COLUMN_AGGREGATE_ONLY, message, hint, token=item.name, allowed=allowed)

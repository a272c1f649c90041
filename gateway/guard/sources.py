"""What a SELECT reads from: each relation of FROM and joins, resolved to an asset, a CTE, a query or written rows."""

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from gateway.guard.conditions import fixed_columns
from gateway.guard.decision import Rule
from gateway.guard.joins import no_method, using
from gateway.guard.lateral import lateral_relation, tie
from gateway.guard.lists import unnested
from gateway.guard.missing import no_table
from gateway.guard.policy import Asset, filter_tree
from gateway.guard.relations import Field, OpenPin, Ref, Relation, Scope, Source
from gateway.guard.tables import canonical_asset, constant_relation

if TYPE_CHECKING:
    from gateway.guard.queries import Reader


class AssetRead(NamedTuple):
    """A place in the tree that stands for an asset, to be replaced by its projection."""

    node: exp.Expr
    asset: Asset
    source: Source
    name: str


def read_sources(reader: "Reader", node: exp.Select, scope: Scope) -> None:
    clause = node.args.get("from_")
    if clause is not None and _source(reader, clause.this, scope) is None:
        scope.unknown = True
    for join in node.args.get("joins") or ():
        before = len(scope.sources)
        side, kind = (join.side or "").upper(), (join.kind or "").upper()
        if isinstance(join.this, exp.Lateral) and (side not in ("", "LEFT") or kind in ("SEMI", "ANTI")):
            hint = "use CROSS JOIN LATERAL or LEFT JOIN LATERAL … ON true"
            reader.report.add(Rule.SYNTAX_NOT_ALLOWED, "LATERAL is not allowed in this join", hint, join.this)
        source = _source(reader, join.this, scope, side)
        if source is None or no_method(reader, join, source, scope):
            scope.unknown = True
        if source is None:
            continue
        source.optional = side in ("LEFT", "FULL")
        if side in ("RIGHT", "FULL"):
            for other in scope.sources[:before]:
                other.optional = True
        for column in join.args.get("using") or ():
            using(reader, column, source, scope, side)
        if kind in ("SEMI", "ANTI"):
            source.visible = False


def _source(reader: "Reader", node: exp.Expr, scope: Scope, side: str = "") -> Source | None:
    equal: dict[str, Ref] = {}
    of_rows: frozenset[int] = frozenset()
    if isinstance(node, exp.Lateral):
        relation, equal = lateral_relation(reader, node, scope)
        alias, asset = node.alias, None
    elif (elements := unnested(reader, node, scope)) is not None:
        (relation, of_rows), alias, asset = elements, node.alias, None
    else:
        relation, alias, asset = _relation(reader, node, scope)
    if relation is None:
        return None
    scope.unknown = scope.unknown or relation.unknown
    key = reader.key(alias)
    if alias and key in scope.by_name:
        reader.report.add(Rule.DUPLICATE_NAME, f"two relations are called {alias!r}", "give one of them an alias", node)
        scope.unknown = True  # which of them is meant is nobody's second mistake
    source = Source(len(scope.sources), alias, relation, node, of_rows=of_rows)
    scope.sources.append(source)
    scope.by_name[key] = source
    tie(source, equal, scope, side)
    if asset is not None:
        reader.reads.append(AssetRead(node, asset, source, alias))
        _fixed_by_filter(reader, asset, source, scope)
    return source


def _relation(reader: "Reader", node: exp.Expr, scope: Scope) -> tuple[Relation | None, str, Asset | None]:
    alias = node.args.get("alias")
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return _table(reader, node, scope)
    if isinstance(node, exp.Subquery):
        if isinstance(node.this, exp.Table) and node.this.args.get("joins"):  # the shape has refused it
            reader.seen.update(id(part) for part in node.find_all(exp.Table, exp.Column))
            return None, "", None
        asset, names = canonical_asset(node, reader.policy, reader.functions.dialect)
        if asset is not None:
            reader.seen.update(id(part) for part in node.this.find_all(exp.Table, exp.Column))
            return _asset_relation(reader, asset, names), node.alias or asset.name, asset
        relation = reader.query(node.this, scope.outer, scope.ctes)
        return reader.renamed(relation, alias), node.alias, None
    return constant(reader, node, scope.ctes), node.alias, None


def constant(reader: "Reader", node: exp.Expr, ctes: dict[str, Relation]) -> Relation | None:
    """Rows written in the statement. Their expressions stand alone: no column of a neighbour is in reach."""
    reader.seen.add(id(node))
    made = constant_relation(node, reader.report, reader.key)
    if made is None:
        reader.seen.update(id(part) for part in node.find_all(exp.Table, exp.Column))
        return None  # refused by name: its arguments are nobody's second mistake
    inner = node.this if isinstance(node, exp.Table) else node
    for part in inner.args.values():
        for item in part if isinstance(part, list) else [part]:
            if isinstance(item, exp.Expr) and not isinstance(item, exp.TableAlias):
                reader.value(item, Scope(None, ctes))
    return made


def _table(reader: "Reader", node: exp.Table, scope: Scope) -> tuple[Relation | None, str, Asset | None]:
    reader.seen.add(id(node))
    name, key = node.name, reader.key(node.name)
    alias = node.args.get("alias")
    schema = node.args.get("db")
    if node.args.get("catalog") is not None or (
        schema is not None and (schema.name.lower() != "main" or not reader.fold_case)
    ):
        message = f"{exp.table_name(node)!r} is outside the contract's schema"
        reader.report.add(Rule.SCHEMA_NOT_ALLOWED, message, "name the asset alone, without catalog or schema", node)
        return None, "", None
    if schema is None and key in scope.ctes:
        return reader.renamed(scope.ctes[key], alias), node.alias or name, None
    asset = reader.policy.assets.get(key if reader.fold_case else name.lower())
    if asset is None or (not reader.fold_case and asset.name != name):
        no_table(reader, name, scope, node)
        return None, "", None
    if alias is not None and alias.args.get("columns"):
        message = f"columns of {asset.name!r} cannot be renamed in FROM"
        reader.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "rename them in the select list: column AS name", alias)
    return _asset_relation(reader, asset, None), node.alias or asset.name, asset


def _asset_relation(reader: "Reader", asset: Asset, names: tuple[str, ...] | None) -> Relation:
    reader.report.assets.add(asset.name)
    known = reader.policy.relations.get((asset.name, reader.fold_case)) if names is None else None
    if known is not None:
        return known
    fields = {
        reader.key(column.name): Field(column.name, column.access, (asset.name, key), column.additive)
        for key, column in asset.columns.items()
        if names is None or key in names
    }
    grain = tuple(reader.key(name) for name in asset.grain) or None
    pins = tuple(OpenPin(asset.name, pin.lower(), frozenset((reader.key(pin),))) for pin in asset.pins)
    made = Relation(fields, grain, pins, asset=asset)
    if names is None:
        reader.policy.relations[asset.name, reader.fold_case] = made
    return made


def _fixed_by_filter(reader: "Reader", asset: Asset, source: Source, scope: Scope) -> None:
    if asset.row_filter:
        tree = filter_tree(asset.row_filter, reader.functions.dialect)
        reader.report.columns.update((asset.name, c.name.lower()) for c in tree.find_all(exp.Column))
        for column, value in fixed_columns(tree):
            if (known := asset.columns.get(column.name.lower())) is not None:
                scope.fixed[source.index, reader.key(known.name)] = value

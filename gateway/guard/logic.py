"""What follows from the conditions of a scope: which fields are fixed, which are equal, which rows repeat."""

from collections.abc import Collection, Iterator, Mapping

from sqlglot import exp

from gateway.guard.policy import Asset
from gateway.guard.relations import ROW, Ref, Relation, Scope, Source


def conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of a condition that must all hold."""
    stack = [condition]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.And):
            stack += [node.expression, node.this]
        elif isinstance(node, exp.Paren):
            stack.append(node.this)
        else:
            yield node


def bare(node: exp.Expr | None) -> exp.Column | None:
    """The column, when brackets are all that is around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node if isinstance(node, exp.Column) else None


def name_of(node: exp.Expr) -> str:
    """The name that a column, table or identifier bears: `node.name`, without the detour for other nodes."""
    this = node.args.get("this")
    if isinstance(this, exp.Identifier):
        this = this.args["this"]
    return this if isinstance(this, str) else node.name


def closure(scope: Scope, known: Mapping[Ref, str], *, both_ways: bool = False) -> dict[Ref, str]:
    """Everything that has one value once `known` has: along equalities, from totals, and from a source's grain."""
    found = dict(known)
    edges = scope.edges + [(b, a) for a, b in scope.equal] + list(scope.equal) if both_ways else scope.edges
    while True:
        before = len(found)
        for a, b in edges:
            if a in found and b not in found:
                found[b] = found[a]
        for source in scope.sources:
            _within(source, found)
            if source.beside and all(_determined(scope.sources[i], found) for i in source.beside):
                found.setdefault((source.index, ROW), "beside one row")
        if len(found) == before:
            return found


def _within(source: Source, found: dict[Ref, str]) -> None:
    index, relation = source.index, source.relation
    for key, value in relation.breakdowns if relation.breakdowns is not None else _breakdowns(relation):
        if found.get((index, key)) == "= 'all'":
            found.setdefault((index, value), "= 'all'")
    if relation.grain is None:
        return
    for key in relation.grain:
        if (index, key) not in found:
            return
    for key in _keys(relation):
        found.setdefault((index, key), "one row")


def _breakdowns(relation: Relation) -> tuple[tuple[str, str], ...]:
    keys = _keys(relation)
    relation.breakdowns = tuple((key, f"{key}_value") for key in keys if f"{key}_value" in keys)
    return relation.breakdowns


def _keys(relation: Relation) -> Collection[str]:
    return _names(relation.asset) if relation.asset is not None else relation.fields.keys()


def is_one_row(scope: Scope, source: Source) -> bool:
    """Whether the conditions hold all of the source's grain to constants."""
    found = {ref: how for ref, how in scope.fixed.items() if ref[0] == source.index and ref not in scope.late}
    _within(source, found)
    return _determined(source, found)


def _names(asset: Asset) -> Collection[str]:
    """All its columns, as either engine goes by them: folded, or as they are written."""
    return asset.columns.keys() | {column.name for column in asset.columns.values()}


def multipliers(scope: Scope, source: Source, grouped: set[Ref], *, strict: bool = False) -> list[Source]:
    """Other sources that repeat rows of this one: several of their rows can meet one of its rows in one group.

    Rows written in the statement and compared with something are taken as a lookup, unless `strict`.
    """
    if len(scope.sources) == 1:
        return []
    start = dict(scope.fixed) | dict.fromkeys(grouped, "grouped")
    start |= {(source.index, key): "own" for key in source.relation.fields}
    start |= {(source.index, key): "own" for key in source.relation.grain or ()}
    for other in (scope.sources[i] for i in source.of_rows):
        start |= {(other.index, key): "own" for key in (*other.relation.fields, *(other.relation.grain or ()))}
    known = closure(scope, start, both_ways=True)
    return [
        other
        for other in scope.sources
        if other is not source and other.visible and not _harmless(scope, other, known, strict)
    ]


def _harmless(scope: Scope, other: Source, known: Mapping[Ref, str], strict: bool) -> bool:
    if not other.relation.constant:
        return _determined(other, known)
    if strict:
        return other.relation.grain == ()
    told_apart = all((other.index, key) in known for key in other.relation.fields)
    return other.index in scope.compared or told_apart or _determined(other, known)


def _determined(source: Source, known: Mapping[Ref, str]) -> bool:
    grain = source.relation.grain
    return grain is not None and all((source.index, key) in known for key in grain)


def classes(scope: Scope) -> dict[Ref, int]:
    """Fields that always agree share a number: equal to each other, or to the same constant."""
    number: dict[Ref, int] = {}
    parent: list[int] = []

    def find(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    def member(ref: Ref) -> int:
        if ref not in number:
            number[ref] = len(parent)
            parent.append(len(parent))
        return find(number[ref])

    for a, b in scope.equal:
        parent[member(a)] = member(b)
    same: dict[str, Ref] = {}
    for ref, value in scope.fixed.items():
        if value.startswith("= "):
            first = same.setdefault(f"{ref[1]} {value}", ref)
            parent[member(ref)] = member(first)
    return {ref: find(i) for ref, i in number.items()}


def case_condition(argument: exp.Expr | None) -> list[exp.Expr]:
    """The condition of `agg(CASE WHEN c THEN x END)`: the fold sees only rows where it holds."""
    case = _bare_case(argument)
    if case is None or case.this is not None or len(case.args.get("ifs") or ()) != 1:
        return []
    default = case.args.get("default")
    zero = isinstance(default, exp.Literal) and str(default.this) in ("0", "0.0")
    if default is None or zero or isinstance(default, exp.Null):
        return [case.args["ifs"][0].this]
    return []


def _bare_case(argument: exp.Expr | None) -> exp.Case | None:
    """The CASE that an aggregate folds, through brackets and DISTINCT."""
    while isinstance(argument, exp.Paren | exp.Distinct):
        argument = argument.this if isinstance(argument, exp.Paren) else next(iter(argument.expressions), None)
    return argument if isinstance(argument, exp.Case) else None

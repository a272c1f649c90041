"""How relations meet: along declared keys only, and without repeating rows that are then added up."""

from typing import TYPE_CHECKING

from sqlglot import exp

from gateway.guard.decision import Rule
from gateway.guard.functions import AVERAGES, DUPLICATE_SAFE, SUMS
from gateway.guard.logic import classes, is_one_row, multipliers
from gateway.guard.relations import ROW, Folding, Ref, Scope, Source
from gateway.guard.report import shown

if TYPE_CHECKING:
    from gateway.guard.queries import Reader


def using(reader: "Reader", column: exp.Identifier, source: Source, scope: Scope, side: str) -> None:
    """One column of USING: a read on each side, an equality, and one name for both."""
    key = reader.key(column.name)
    earlier = scope.merged.get(key) or [
        (s.index, key) for s in scope.sources if s is not source and s.visible and key in s.relation.fields
    ]
    if not earlier or key not in source.relation.fields:
        reader.not_found(column.name, source if earlier else None, scope, column)
        scope.unknown = True  # without its key, the join is nobody's second mistake
        return
    if len(earlier) > 1 and key not in scope.merged:
        reader.report.add(
            Rule.COLUMN_AMBIGUOUS, f"{column.name!r} is in several relations", "join with ON instead", column
        )
    for index, name in (*earlier, (source.index, key)):
        reader.note_read(scope.sources[index], name, scope, column, "on")
    left, right = earlier[0], (source.index, key)
    scope.equal.append((left, right))
    scope.compared.update((left[0], source.index))
    if side in ("", "LEFT"):
        scope.edges.append((left, right))
    if side in ("", "RIGHT"):
        scope.edges.append((right, left))
    scope.merged[key] = [*earlier, right]


def fan_out(reader: "Reader", folding: Folding, scope: Scope) -> None:
    strict = bool(folding.value.refs & scope.aggregate_only)
    if len(scope.sources) < 2 or (not strict and (folding.distinct or folding.name in DUPLICATE_SAFE)):
        return
    if folding.partition is not None and folding.name not in SUMS | AVERAGES | {"count"}:
        return
    groups = scope.grouped | set(folding.partition or ())
    read = sorted({index for index, _ in folding.value.refs})
    sources = [scope.sources[i] for i in read] or [s for s in scope.sources if s.visible]
    found = [(source, _repeating(scope, source, groups, strict)) for source in sources]
    if not read and any(not by for _, by in found):
        return
    for source, by in found:
        if by:
            names = " and ".join(repr(other.name) for other in by)
            message = f"{shown(folding.node)}: the join with {names} repeats rows of {source.name!r}"
            hint = "aggregate before joining (a CTE per relation), or join on the whole grain"
            if any(other.relation.elements for other in by):
                hint = "unnest list_distinct(…) and group by its elements, or aggregate before joining"
            reader.report.add(Rule.FAN_OUT, message, hint, folding.node)
            return


def _repeating(scope: Scope, source: Source, groups: set[Ref], strict: bool) -> list[Source]:
    """What repeats a source's rows in a group; worked out once for all the folds of a scope that ask the same."""
    asked = (source.index, frozenset(groups), strict)
    if asked not in scope.repeating:
        scope.repeating[asked] = multipliers(scope, source, groups, strict=strict)
    return scope.repeating[asked]


def joins(reader: "Reader", scope: Scope) -> None:
    """Every relation is tied to the others along keys that the contract declares."""
    if scope.unknown:
        return
    tied = [s for s in scope.sources if not (s.relation.constant or s.relation.elements)]
    bound = [s for s in tied if s.relation.grain not in ((), (ROW,))]
    bound = [s for s in bound if len(bound) > 1 and not is_one_row(scope, s)]
    if len(bound) < 2:
        return
    number = classes(scope)
    group = {source.index: source.index for source in bound}
    for i, left in enumerate(bound):
        for right in bound[i + 1 :]:
            if group[left.index] != group[right.index] and _declared(reader, left, right, number):
                old, new = group[right.index], group[left.index]
                group = {index: new if g == old else g for index, g in group.items()}
    for source in bound[1:]:
        if group[source.index] != group[bound[0].index]:
            group = {i: group[bound[0].index] if g == group[source.index] else g for i, g in group.items()}
            _refuse_join(reader, scope, source, bound, number)


def _declared(reader: "Reader", left: Source, right: Source, number: dict[Ref, int]) -> bool:
    pairs = set()
    for key, item in left.relation.fields.items():
        for other_key, other in right.relation.fields.items():
            here, there = number.get((left.index, key)), number.get((right.index, other_key))
            if here is not None and here == there and item.origin and other.origin:
                pairs.add((item.origin, other.origin))
    if not pairs:
        return False
    on: dict[tuple[str, str], set[str]] = {}
    for (asset, column), (other_asset, other_column) in pairs:
        if column == other_column:
            on.setdefault((asset, other_asset), set()).add(column)
    return any(_declared_on(reader, asset, other, columns) for (asset, other), columns in on.items())


def _declared_on(reader: "Reader", asset: str, other: str, columns: set[str]) -> bool:
    here, there = reader.policy.assets[asset.lower()], reader.policy.assets[other.lower()]
    if here is there:
        return bool(columns & {name.lower() for name in here.grain})
    return any(
        join.to == to.name.lower() and join.on <= columns
        for one, to in ((here, there), (there, here))
        for join in one.joins
    )


def no_method(reader: "Reader", join: exp.Expr, source: Source, scope: Scope) -> bool:
    """Refuse NATURAL, ASOF and POSITIONAL joins: the first would use hidden columns too, the others no key."""
    method = str(join.args.get("method") or "").upper()
    if not method:
        return False
    others = [other for other in scope.sources if other is not source]
    hint = f"write JOIN … USING; {_ways(reader, source, others)}"
    if method == "ASOF":
        hint = (
            "write LEFT JOIN LATERAL (SELECT … WHERE k = a.k AND day <= a.day ORDER BY day DESC LIMIT 1) AS x ON true"
        )
    reader.report.add(Rule.SYNTAX_NOT_ALLOWED, f"{method} JOIN is not allowed", hint, source.node)
    return True


def _refuse_join(reader: "Reader", scope: Scope, source: Source, bound: list[Source], number: dict[Ref, int]) -> None:
    others = [other for other in bound if other is not source]
    mine = {n for (index, _), n in number.items() if index == source.index}
    touched = any(n in mine for (index, _), n in number.items() if index != source.index)
    known = _ways(reader, source, others)
    if touched:
        message = f"{source.name!r} is joined on columns that the contract declares no join for"
        reader.report.add(Rule.JOIN_NOT_DECLARED, message, known, source.node)
    else:
        message = f"{source.name!r} is joined without a key: every row would meet every row"
        if source.index in scope.compared:
            message = f"{source.name!r} is joined on an expression, not on the bare columns that the contract declares"
            known = f"compare the columns themselves; {known}"
        reader.report.add(Rule.CROSS_JOIN, message, known, source.node)


def _ways(reader: "Reader", source: Source, others: list[Source]) -> str:
    """The declared joins between these relations' assets, as advice."""
    found = []
    mine, theirs = _assets(source), {asset for other in others for asset in _assets(other)}
    for asset in sorted(mine | theirs):
        for join in reader.policy.assets[asset].joins:
            pair = (asset in mine and join.to in theirs) or (asset in theirs and join.to in mine)
            if pair:
                found.append(f"{asset} to {join.to} using ({', '.join(sorted(join.on))})")
    return f"declared: {'; '.join(found)}" if found else "no join between them is declared; query them one by one"


def _assets(source: Source) -> set[str]:
    return {item.origin[0].lower() for item in source.relation.fields.values() if item.origin}

"""Whether the number would be right: pins, additivity, joins and fan-out, judged once a SELECT is complete."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from gateway.guard.columns import Expressions
from gateway.guard.decision import Rule
from gateway.guard.functions import AVERAGES, DUPLICATE_SAFE, SUMS
from gateway.guard.logic import bare, classes, closure, conjuncts, multipliers
from gateway.guard.relations import Field, Folding, OpenPin, Ref, Relation, Scope, Source, Value

if TYPE_CHECKING:
    from gateway.guard.queries import Reader

Output = tuple[str, str, Value]


# conditions


def fixed_columns(condition: exp.Expr) -> Iterator[tuple[exp.Column, str]]:
    """Columns that a condition holds to one constant, and how it says so."""
    for part in conjuncts(condition):
        if isinstance(part, exp.EQ | exp.NullSafeEQ):
            for left, right in ((part.this, part.expression), (part.expression, part.this)):
                column = bare(left)
                if column is not None and not _reads(right):
                    yield column, f"= {_text(right)}"
        elif isinstance(part, exp.In) and len(part.expressions) == 1 and bare(part.this) is not None:
            if not _reads(part.expressions[0]):
                yield bare(part.this), f"= {_text(part.expressions[0])}"  # type: ignore[misc]  # not None, above
        elif isinstance(part, exp.Is) and bare(part.this) is not None and not _reads(part.expression):
            yield bare(part.this), f"is {part.expression.sql(dialect='duckdb')}"  # type: ignore[misc]  # not None, above
        elif isinstance(part, exp.Column):
            yield part, "= true"
        elif isinstance(part, exp.Not) and bare(part.this) is not None:
            yield bare(part.this), "= false"  # type: ignore[misc]  # not None, above


def _reads(node: exp.Expr) -> bool:
    return type(node) is not exp.Literal and node.find(exp.Column, exp.Query) is not None


def _text(node: exp.Expr) -> str:
    """The constant as the verdict shows it."""
    if type(node) is exp.Literal and len(node.this) < 60 and "'" not in node.this:
        return f"'{node.this}'" if node.is_string else str(node.this)
    return node.sql(dialect="duckdb")[:80]


def read_conditions(reader: Expressions, node: exp.Select, scope: Scope) -> None:
    """WHERE and every ON: check what they use, and learn what they fix and equate."""
    for position, join in enumerate(node.args.get("joins") or ()):
        on = join.args.get("on")
        if on is not None and not isinstance(on, exp.Boolean):
            scope.clause = "on"
            reader.value(on, scope)
            side = (join.side or "").upper()
            _learn(reader, on, scope, side, position + 1)
    where = node.args.get("where")
    if where is not None:
        scope.clause = "where"
        reader.value(where.this, scope)
        _learn(reader, where.this, scope, "", -1)
    having = node.args.get("having")
    if having is not None and node.args.get("group") is not None:
        for column, text in fixed_columns(having.this):
            ref = _ref(reader, column, scope)
            if ref is not None:
                scope.fixed.setdefault(ref, text)


def _ref(reader: Expressions, column: exp.Expr, scope: Scope) -> Ref | None:
    """The field of this scope that a column node names, without reporting anything."""
    key, table = reader.key(column.name), column.args.get("table")
    if table is not None:
        source = scope.by_name.get(reader.key(table.name))
        return (source.index, key) if source is not None and key in source.relation.fields else None
    if key in scope.merged:
        return scope.merged[key][0]
    for source in scope.sources:
        if source.visible and key in source.relation.fields:
            return (source.index, key)
    value = scope.aliases.get(key)
    return value.ref if value is not None else None


def _outer(reader: Expressions, column: exp.Expr, scope: Scope) -> bool:
    return _ref(reader, column, scope) is None and scope.outer is not None


def _learn(reader: Expressions, condition: exp.Expr, scope: Scope, side: str, joined: int) -> None:
    for column, text in fixed_columns(condition):
        ref = _ref(reader, column, scope)
        if ref is not None and _holds(ref[0], side, joined):
            scope.fixed.setdefault(ref, text)
    for part in conjuncts(condition):
        if not isinstance(part, exp.EQ | exp.NullSafeEQ):
            continue
        for column in part.find_all(exp.Column) if len(scope.sources) > 1 else ():
            ref = _ref(reader, column, scope)
            if ref is not None:
                scope.compared.add(ref[0])
        left, right = bare(part.this), bare(part.expression)
        if left is not None and right is not None:
            _equate(reader, left, right, scope, side, joined)
        elif (left if left is not None else right) is not None:
            _fixed_by_query(reader, left if left is not None else right, part, scope, side, joined)


def _fixed_by_query(
    reader: Expressions, column: exp.Expr | None, part: exp.Expr, scope: Scope, side: str, joined: int
) -> None:
    """`date_day = (SELECT max(date_day) …)` is one value too, unless the subquery reads this scope's rows."""
    other = part.expression if bare(part.this) is column else part.this
    ref = _ref(reader, column, scope) if column is not None else None
    if ref is None or not isinstance(other, exp.Subquery) or not _holds(ref[0], side, joined):
        return
    inner = {reader.key(t.alias_or_name) for t in other.find_all(exp.Table, exp.Subquery)}
    if all(not c.table or reader.key(c.table) in inner for c in other.find_all(exp.Column)):
        scope.fixed.setdefault(ref, "= (subquery)")


def _holds(index: int, side: str, joined: int) -> bool:
    """Whether an ON condition of this join restricts that source: an outer join keeps the rows of its other side."""
    if not side:
        return True
    return (side == "LEFT" and index == joined) or (side == "RIGHT" and index != joined)


def _equate(reader: Expressions, left: exp.Expr, right: exp.Expr, scope: Scope, side: str, joined: int) -> None:
    a, b = _ref(reader, left, scope), _ref(reader, right, scope)
    if a is None or b is None:
        known = a if a is not None else b
        if known is not None and _outer(reader, right if known is a else left, scope) and _holds(known[0], side, joined):
            scope.fixed.setdefault(known, "= the outer row's")
        return
    scope.equal.append((a, b))
    if _holds(b[0], side, joined):
        scope.edges.append((a, b))
    if _holds(a[0], side, joined):
        scope.edges.append((b, a))


# judgement


def judge(reader: "Reader", node: exp.Select, scope: Scope, outputs: list[Output]) -> Relation:
    """Apply the rules of meaning to a complete scope, and say what relation it gives."""
    distinct = node.args.get("distinct") is not None
    _joins(reader, node, scope)
    known = closure(scope, scope.fixed)
    grouped = closure(scope, scope.fixed | dict.fromkeys(scope.grouped, "grouped"))
    folds = [folding for folding in scope.foldings if folding.partition is None]
    aggregated = bool(folds) or node.args.get("group") is not None
    if distinct and not aggregated:
        grouped = closure(scope, scope.fixed | dict.fromkeys(_distinct_refs(reader, node, scope, outputs), "grouped"))
    for folding in scope.foldings:
        _additivity(reader, folding, scope, grouped)
        _fan_out(reader, folding, scope)
    pins = []
    fixed: dict[tuple[str, str], str] = {}
    for source in scope.sources:
        fixed |= source.relation.fixed
        for pin in source.relation.pins:
            left = _pin(reader, node, pin, source, scope, outputs, known, grouped, aggregated or distinct, fixed)
            if left is not None:
                pins.append(left)
    fields, repeated = _fields(outputs)
    grain = _grain(node, scope, outputs, known, aggregated, distinct)
    constant = all(source.relation.constant for source in scope.sources)
    return Relation(fields, grain, tuple(pins), fixed, None, constant, scope.unknown, repeated)


def _fields(outputs: list[Output]) -> tuple[dict[str, Field], frozenset[str]]:
    fields: dict[str, Field] = {}
    repeated = set()
    for position, (key, name, value) in enumerate(outputs):
        made = Field(name, value.access, value.origin, value.additive)
        if key in fields:
            repeated.add(key)
            key = f"\0{position}"
        fields[key] = made
    return fields, frozenset(repeated)


def _distinct_refs(reader: Expressions, node: exp.Select, scope: Scope, outputs: list[Output]) -> set[Ref]:
    on = node.args["distinct"].args.get("on")
    if on is None:
        return {value.ref for _, _, value in outputs if value.ref is not None}
    items = on.expressions if isinstance(on, exp.Tuple) else [on]
    return {ref for item in items if (c := bare(item)) is not None and (ref := _ref(reader, c, scope)) is not None}


def _pin(
    reader: "Reader",
    node: exp.Select,
    pin: OpenPin,
    source: Source,
    scope: Scope,
    outputs: list[Output],
    known: dict[Ref, str],
    grouped: dict[Ref, str],
    folded: bool,
    fixed: dict[tuple[str, str], str],
) -> OpenPin | None:
    """Fixed, grouped by, or listed: which of them, or refuse. What is still open goes on to the query around."""
    refs = {(source.index, key) for key in pin.keys}
    hit = next((ref for ref in sorted(refs) if ref in known), None)
    if hit is not None:
        reader.report.pins[pin.asset, pin.column, known[hit]] = None
        fixed[pin.asset, pin.column] = known[hit]
        return None
    if folded and not refs & grouped.keys():
        if _fixed_in_each(reader, scope, refs):
            reader.report.pins[pin.asset, pin.column, "= in each aggregate"] = None
            return None
        _refuse_pin(reader, pin, source, node, "fix it in WHERE, or group by it and select it")
        return None
    shown = frozenset(key for key, _, value in outputs if value.ref in refs or _agrees(value.ref, refs, scope))
    if not shown and not folded:
        _refuse_pin(reader, pin, source, node, "fix it in WHERE, or select it")
        return None
    for folding in scope.foldings:
        if folding.partition is not None and not _fixed_in(reader, folding, scope, refs, known):
            _refuse_pin(reader, pin, source, folding.node, "fix it in WHERE, or add it to PARTITION BY")
            break
    reader.report.pins[pin.asset, pin.column, "grouped" if folded else "listed"] = None
    return OpenPin(pin.asset, pin.column, shown)


def _agrees(ref: Ref | None, refs: set[Ref], scope: Scope) -> bool:
    return ref is not None and any((ref, r) in scope.equal or (r, ref) in scope.equal for r in refs)


def _refuse_pin(reader: "Reader", pin: OpenPin, source: Source, node: exp.Expr, advice: str) -> None:
    message = f"{pin.asset}.{pin.column} is not fixed to one value, so different rows would be mixed"
    place = source.node if isinstance(node, exp.Select) else node
    reader.report.add(Rule.PIN_NOT_FIXED, message, f"{advice}: {pin.column} = '…'", place)


def _fixed_in_each(reader: "Reader", scope: Scope, refs: set[Ref]) -> bool:
    folds = [folding for folding in scope.foldings if folding.partition is None]
    return bool(folds) and all(_fixed_in(reader, folding, scope, refs, {}) for folding in folds)


def _fixed_in(reader: "Reader", folding: Folding, scope: Scope, refs: set[Ref], known: dict[Ref, str]) -> bool:
    """Whether the rows that this call folds agree on the pin, by its own FILTER, CASE or PARTITION BY."""
    own = dict(known)
    for condition in folding.own:
        for column, text in fixed_columns(condition):
            ref = _ref(reader, column, scope)
            if ref is not None:
                own[ref] = text
    own |= dict.fromkeys(folding.partition or (), "partition")
    return bool(refs & closure(scope, own).keys())


def _additivity(reader: "Reader", folding: Folding, scope: Scope, grouped: dict[Ref, str]) -> None:
    additive, node = folding.value.additive, folding.node
    if additive is None or not folding.value.restricted:
        return
    text = node.sql(dialect="duckdb")[:60]
    if folding.name in AVERAGES:
        if not additive:
            message = f"{text} averages rates or per-unit values, whatever the number of units behind each"
            hint = "weight by the units, or use experiment_results, which computes the value of the whole arm"
            reader.report.warn(Rule.AVERAGE_OF_RATES, message, hint, node)
        return
    if folding.name not in SUMS:
        return
    tool = "use experiment_results, which computes it from the arms' sufficient statistics"
    if not additive:
        reader.report.add(Rule.NOT_ADDITIVE, f"{text}: this measure does not add up", tool, node)
        return
    if folding.partition is not None:
        grouped = closure(scope, scope.fixed | dict.fromkeys(folding.partition, "partition"))
    for condition in folding.own:
        own = {r: t for c, t in fixed_columns(condition) if (r := _ref(reader, c, scope)) is not None}
        grouped = closure(scope, grouped | own)
    for index in sorted(folding.value.restricted):
        missing = _mixed_over(scope.sources[index], additive, grouped)
        if missing is None:
            reader.report.add(Rule.NOT_ADDITIVE, f"{text}: what one row stands for cannot be told", tool, node)
        elif missing:
            visible = [name for name in missing if name in scope.sources[index].relation.fields]
            message = f"{text} adds up over {', '.join(visible) or 'rows that overlap'}, over which it does not add up"
            hint = f"fix or group by {', '.join(visible)}; or {tool}" if visible else tool
            reader.report.add(Rule.NOT_ADDITIVE, message, hint, node)


def _mixed_over(source: Source, additive: frozenset[str], grouped: dict[Ref, str]) -> list[str] | None:
    """Grain columns that differ inside a group and over which the measure does not add up; None if unknown."""
    relation = source.relation
    if relation.grain is None:
        return None
    missing = []
    for key in relation.grain:
        item = relation.fields.get(key)
        column = item.origin[1] if item is not None and item.origin is not None else key
        if column not in additive and (source.index, key) not in grouped:
            missing.append(key)
    return missing


def _fan_out(reader: "Reader", folding: Folding, scope: Scope) -> None:
    strict = bool(folding.value.refs & scope.aggregate_only)
    if len(scope.sources) < 2 or (not strict and (folding.distinct or folding.name in DUPLICATE_SAFE)):
        return
    if folding.partition is not None and folding.name not in SUMS | AVERAGES | {"count"}:
        return
    groups = scope.grouped | set(folding.partition or ())
    read = sorted({index for index, _ in folding.value.refs})
    sources = [scope.sources[i] for i in read] or [s for s in scope.sources if s.visible]
    found = [(source, multipliers(scope, source, groups, strict=strict)) for source in sources]
    if not read and any(not by for _, by in found):
        return
    for source, by in found:
        if by:
            names = " and ".join(repr(other.name) for other in by)
            text = folding.node.sql(dialect="duckdb")[:60]
            message = f"{text}: the join with {names} repeats rows of {source.name!r}"
            hint = "aggregate before joining (a CTE per relation), or join on the whole grain"
            reader.report.add(Rule.FAN_OUT, message, hint, folding.node)
            return


# joins


def _joins(reader: "Reader", node: exp.Select, scope: Scope) -> None:
    """Every relation is tied to the others along keys that the contract declares."""
    if scope.unknown:
        return
    bound = [s for s in scope.sources if not s.relation.constant and s.relation.grain != ()]
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
            _refuse_join(reader, source, bound, number)


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
        join.to == to.name.lower() and join.on <= columns for one, to in ((here, there), (there, here)) for join in one.joins
    )


def _refuse_join(reader: "Reader", source: Source, bound: list[Source], number: dict[Ref, int]) -> None:
    others = [other for other in bound if other is not source]
    mine = {n for (index, _), n in number.items() if index == source.index}
    touched = any(n in mine for (index, _), n in number.items() if index != source.index)
    known = _ways(reader, source, others)
    if touched:
        message = f"{source.name!r} is joined on columns that the contract declares no join for"
        reader.report.add(Rule.JOIN_NOT_DECLARED, message, known, source.node)
    else:
        message = f"{source.name!r} is joined without a key: every row would meet every row"
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


def _grain(
    node: exp.Select, scope: Scope, outputs: list[Output], known: dict[Ref, str], aggregated: bool, distinct: bool
) -> tuple[str, ...] | None:
    """Output fields that are unique together, as far as can be told."""
    limit = node.args.get("limit")
    if limit is not None and str(getattr(limit.expression, "this", "")) in ("0", "1"):
        return ()
    shown = {value.ref: key for key, _, value in reversed(outputs) if value.ref is not None}
    group = node.args.get("group")
    if aggregated and group is None:
        return ()
    if distinct and node.args["distinct"].args.get("on") is None:
        return tuple(key for key, _, _ in outputs)
    if aggregated:
        return _group_grain(group, scope, outputs, shown, known)
    needed: list[str] = []
    have = dict(known)
    for source in scope.sources:
        if not source.visible:
            continue
        grain = source.relation.grain
        if grain is None:
            return None
        for key in grain:
            ref = (source.index, key)
            if ref in have:
                continue
            if ref not in shown:
                return None
            needed.append(shown[ref])
            have = closure(scope, have | {ref: "listed"})
    return tuple(needed) if scope.sources else ()


def _group_grain(
    group: exp.Expr | None, scope: Scope, outputs: list[Output], shown: dict[Ref, str], known: dict[Ref, str]
) -> tuple[str, ...] | None:
    if group is None or any(group.args.get(kind) for kind in ("cube", "rollup", "grouping_sets")):
        return None
    plain = [key for key, _, value in outputs if not value.aggregated]
    if group.args.get("all"):
        return tuple(plain)
    if len(scope.grouped) == len(group.expressions) and all(ref in shown or ref in known for ref in scope.grouped):
        return tuple(shown[ref] for ref in sorted(scope.grouped) if ref in shown)
    return tuple(plain) if len(plain) >= len(group.expressions) else None

"""Whether the number would be right: pins and additivity, judged once a SELECT is complete."""

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from gateway.guard.columns import Expressions
from gateway.guard.conditions import fixed_columns, ref_of
from gateway.guard.decision import Rule
from gateway.guard.functions import AVERAGES, DUPLICATE_SAFE, PICKS, POSITIONAL, SUMS
from gateway.guard.joins import fan_out, joins
from gateway.guard.logic import bare, closure
from gateway.guard.relations import UNNAMED, Field, Folding, OpenPin, Ref, Relation, Scope, Source, Value
from gateway.guard.report import shown

if TYPE_CHECKING:
    from gateway.guard.queries import Reader

Output = tuple[str, str, Value]


def judge(reader: "Reader", node: exp.Select, scope: Scope, outputs: list[Output]) -> Relation:
    """Apply the rules of meaning to a complete scope, and say what relation it gives."""
    distinct = node.args.get("distinct") is not None
    merged = distinct and node.args["distinct"].args.get("on") is None
    joins(reader, scope)
    known = closure(scope, scope.fixed)
    grouped = closure(scope, scope.fixed | dict.fromkeys(scope.grouped, "grouped")) if scope.grouped else known
    folds = [folding for folding in scope.foldings if folding.partition is None]
    aggregated = bool(folds) or node.args.get("group") is not None
    if distinct and not aggregated:
        grouped = closure(scope, scope.fixed | dict.fromkeys(_distinct_refs(reader, node, scope, outputs), "grouped"))
    for folding in scope.foldings:
        _additivity(reader, folding, scope, grouped)
        fan_out(reader, folding, scope)
    pins = []
    fixed: dict[tuple[str, str], str] = {}
    for source in scope.sources:
        fixed |= source.relation.fixed
        for pin in source.relation.pins:
            left = _pin(reader, node, pin, source, scope, outputs, known, grouped, aggregated or merged, fixed)
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
    return {ref for item in items if (c := bare(item)) is not None and (ref := ref_of(reader, c, scope)) is not None}


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
    if not refs & grouped.keys() and _keys_only(reader, node, pin, source, scope, folded):
        reader.report.pins[pin.asset, pin.column, "keys only"] = None
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
            ways = (
                "add it to PARTITION BY, or order the window by it first"
                if folding.name in POSITIONAL
                else "add it to PARTITION BY"
            )
            _refuse_pin(reader, pin, source, folding.node, f"fix it in WHERE, or {ways}")
            break
    reader.report.pins[pin.asset, pin.column, "grouped" if folded else "listed"] = None
    return OpenPin(pin.asset, pin.column, shown)


def _keys_only(reader: "Reader", node: exp.Select, pin: OpenPin, source: Source, scope: Scope, folded: bool) -> bool:
    """Only which keys there are: every population and segment has the same, and no row is counted twice."""
    asset = source.relation.asset
    if asset is None or not source.used <= {name.lower() for name in asset.grain} - {f"{pin.column}_value"}:
        return False
    if not source.visible:
        return True  # the far side of a semi or anti join
    once = folded or id(node) in reader.as_sets
    return once and all(
        folding.partition is None and (folding.distinct or folding.name in DUPLICATE_SAFE) for folding in scope.foldings
    )


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
    """Whether the rows that this call folds agree on the pin, by its own FILTER, CASE or PARTITION BY; or it takes the
    row at one end of the pin, or reads the pin alone."""
    if _by_the_pin(reader, folding, scope, refs):
        return True
    own = dict(known)
    for condition in folding.own:
        for column, text in fixed_columns(condition):
            ref = ref_of(reader, column, scope)
            if ref is not None:
                own[ref] = text
    own |= dict.fromkeys(folding.partition or (), "partition")
    return bool(refs & closure(scope, own).keys())


def _by_the_pin(reader: "Reader", folding: Folding, scope: Scope, refs: set[Ref]) -> bool:
    if folding.partition is not None and folding.name in POSITIONAL:
        return folding.first in refs
    if folding.name in PICKS and not folding.node.args.get("count"):
        by = bare(folding.node.args.get("expression"))
        return by is not None and ref_of(reader, by, scope) in refs
    once = folding.distinct or folding.name in DUPLICATE_SAFE
    return once and bool(folding.value.refs) and folding.value.refs <= refs


def _additivity(reader: "Reader", folding: Folding, scope: Scope, grouped: dict[Ref, str]) -> None:
    additive, node = folding.value.additive, folding.node
    if additive is None or not folding.value.restricted:
        return
    if folding.name in AVERAGES:
        if not additive:
            message = f"{shown(node)} averages rates or per-unit values, whatever the number of units behind each"
            hint = "weight by the units"
            if _RESULTS in reader.policy.assets:
                hint += ", or use experiment_results, which computes the value of the whole arm"
            reader.report.warn(Rule.AVERAGE_OF_RATES, message, hint, node)
        return
    if folding.name not in SUMS:
        return
    if not additive:
        reader.report.add(Rule.NOT_ADDITIVE, f"{shown(node)}: this measure does not add up", _way_out(reader), node)
        return
    if folding.partition is not None:
        grouped = closure(scope, scope.fixed | dict.fromkeys(folding.partition, "partition"))
    for condition in folding.own:
        own = {r: t for c, t in fixed_columns(condition) if (r := ref_of(reader, c, scope)) is not None}
        grouped = closure(scope, grouped | own)
    for index in sorted(folding.value.restricted):
        missing = _mixed_over(scope.sources[index], additive, grouped)
        if missing is None:
            message = f"{shown(node)}: what one row stands for cannot be told"
            reader.report.add(Rule.NOT_ADDITIVE, message, _way_out(reader), node)
        elif missing:
            _refuse_mixture(reader, folding, scope.sources[index], missing)


_RESULTS: Final = "fct_experiment_results"
"""What the tool of that name reads; a contract of one's own need not have it."""


def _way_out(reader: "Reader") -> str:
    if _RESULTS in reader.policy.assets:
        return "use experiment_results, which computes it from the arms' sufficient statistics"
    return "compute it from the sums of what it is made of"


def _refuse_mixture(reader: "Reader", folding: Folding, source: Source, missing: list[str]) -> None:
    names = ", ".join(name for name in missing if name in source.relation.fields and name[:1] not in UNNAMED)
    message = f"{shown(folding.node)} adds up over {names or 'rows that overlap'}, over which it does not add up"
    hint = f"fix or group by {names}; or {_way_out(reader)}" if names else _way_out(reader)
    reader.report.add(Rule.NOT_ADDITIVE, message, hint, folding.node)


def _mixed_over(source: Source, additive: frozenset[str], grouped: dict[Ref, str]) -> list[str] | None:
    """Grain columns that differ inside a group and over which the measure does not add up; None if unknown."""
    relation = source.relation
    if relation.grain is None:
        return None
    missing = []
    for key in relation.grain:
        item = relation.fields.get(key)
        column = item.origin[1] if item is not None and item.origin is not None else key.lower()
        if column not in additive and (source.index, key) not in grouped:
            missing.append(key)
    return missing


def _grain(
    node: exp.Select, scope: Scope, outputs: list[Output], known: dict[Ref, str], aggregated: bool, distinct: bool
) -> tuple[str, ...] | None:
    """Output fields that are unique together, as far as can be told."""
    if not scope.sources and any(isinstance(item.unalias(), exp.Explode) for item in node.expressions):
        return None
    limit = node.args.get("limit")
    if limit is not None and not limit.expressions and str(getattr(limit.expression, "this", "")) in ("0", "1"):
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

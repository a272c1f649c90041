"""What a set operation gives: columns and pins of both sides, held to the stricter of the two."""

from gateway.guard.decision import Rule
from gateway.guard.policy import AGGREGATE
from gateway.guard.relations import Field, OpenPin, Relation
from gateway.guard.report import Report


def merged_field(sides: list[Field], report: Report) -> Field:
    first = sides[0]
    if len(sides) == 1:
        return first
    second = sides[1]
    if AGGREGATE in (first.access, second.access):
        message = f"aggregate-only column {first.name!r} cannot go through a set operation"
        report.add(Rule.COLUMN_AGGREGATE_ONLY, message, "aggregate it on each side first")
    origin = first.origin if first.origin == second.origin else None
    additive = first.additive
    if second.additive is not None:
        additive = second.additive if additive is None else additive & second.additive
    return Field(first.name, max(first.access, second.access), origin, additive)


def merged_pins(left: Relation, right: Relation) -> tuple[OpenPin, ...]:
    """Open pins of both sides, and those that the sides fix to different values: nothing tells those apart."""
    names = list(left.fields)
    at = {key: names[i] for i, key in enumerate(right.fields) if i < len(names)}
    pins: dict[tuple[str, str], frozenset[str]] = {(p.asset, p.column): p.keys for p in left.pins}
    for p in right.pins:
        keys = frozenset(at[k] for k in p.keys if k in at)
        pins[p.asset, p.column] = pins.get((p.asset, p.column), keys) & keys
    for pin in left.fixed.keys() & right.fixed.keys():
        if left.fixed[pin] != right.fixed[pin]:
            pins.setdefault(pin, frozenset())
    return tuple(OpenPin(asset, column, keys) for (asset, column), keys in pins.items())

"""What a query reads from and what it gives: relations with their fields, and one scope per SELECT.

These live for one check and are never compared or shown, so no code is generated for that: it would cost at import.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from sqlglot import exp

from gateway.guard.policy import SELECT, Asset

Ref = tuple[int, str]
"""One field of one source of a scope: (index of the source, the field's key)."""
ROW = "\1row"
"""The key of a LATERAL whose rows depend on which row it stands beside."""
UNNAMED = ("\0", "\1")
"""What the keys of fields begin with that no statement can name: outputs without an alias, keys of a LATERAL."""


class Field(NamedTuple):
    """One column that a relation gives."""

    name: str
    access: int = SELECT
    origin: tuple[str, str] | None = None
    """(asset, column) when the value is that column's, unchanged."""
    additive: frozenset[str] | None = None
    """Columns of the asset over which it may be summed; None where nothing restricts it."""


class OpenPin(NamedTuple):
    """A pin that rows of a relation do not agree on, and the fields that tell them apart. None of them: unlabelled."""

    asset: str
    column: str
    keys: frozenset[str]


@dataclass(slots=True, eq=False, repr=False)
class Relation:
    """An asset, a CTE, a derived table or a list of values, as the query around it sees it."""

    fields: dict[str, Field]
    grain: tuple[str, ...] | None
    """Fields that are unique together; () for at most one row, None when unknown."""
    pins: tuple[OpenPin, ...] = ()
    fixed: dict[tuple[str, str], str] = field(default_factory=dict)
    """Pins of the assets inside that are fixed, and to what."""
    asset: Asset | None = None
    constant: bool = False
    """Its rows are written in the statement: no asset is behind it."""
    unknown: bool = False
    """Could not be resolved, or is made of what could not: its missing columns are nobody's second mistake."""
    repeated: frozenset[str] = frozenset()
    """Names that it gives more than once."""
    elements: bool = False
    """Elements of lists that rows beside it hold."""
    breakdowns: tuple[tuple[str, str], ...] | None = None
    """Its columns that come with a `…_value` of theirs, as pairs; worked out when first asked for."""


@dataclass(slots=True, eq=False, repr=False)
class Source:
    """One relation in the FROM of one scope."""

    index: int
    name: str
    relation: Relation
    node: exp.Expr
    optional: bool = False
    """On the side of an outer join that may be missing."""
    visible: bool = True
    """False for the right side of a semi or anti join."""
    used: set[str] = field(default_factory=set)
    beside: range = range(0)
    """Sources whose row it depends on, when its grain has ROW in it."""
    of_rows: frozenset[int] = frozenset()
    """Sources of whose rows it holds the elements: each element is of one row."""


class Value(NamedTuple):
    """What is known of an expression: enough to judge where its parts come from and whether it may be summed."""

    access: int = SELECT
    origin: tuple[str, str] | None = None
    ref: Ref | None = None
    """Set when the expression is one field of this scope and nothing else."""
    refs: frozenset[Ref] = frozenset()
    additive: frozenset[str] | None = None
    restricted: frozenset[int] = frozenset()
    """Sources whose restricted measures are in it."""
    aggregated: bool = False
    outer: bool = False
    """Reads a field of an enclosing query."""


NOTHING = Value()


def combine(values: list[Value]) -> Value:
    """The value of an expression made of these."""
    parts = [value for value in values if value is not NOTHING]
    if not parts:
        return NOTHING
    first = parts[0]
    if len(parts) == 1 and first.ref is None and first.origin is None:
        return first
    access, refs, additive, restricted = first.access, first.refs, first.additive, first.restricted
    aggregated, outer = first.aggregated, first.outer
    for part in parts[1:]:
        access = max(access, part.access)
        refs |= part.refs
        restricted |= part.restricted
        if part.additive is not None:
            additive = part.additive if additive is None else additive & part.additive
        aggregated, outer = aggregated or part.aggregated, outer or part.outer
    return Value(access, None, None, refs, additive, restricted, aggregated, outer)


class Folding(NamedTuple):
    """One aggregate or window call, judged when its scope is complete."""

    node: exp.Expr
    name: str
    value: Value
    distinct: bool
    own: list[exp.Expr]
    """Conditions under which it folds rows: its FILTER, or the one CASE it folds."""
    partition: frozenset[Ref] | None = None
    """None for a plain aggregate, the PARTITION BY fields for a window."""
    first: Ref | None = None
    """The field that a window orders by before any other."""


class Scope:
    """One SELECT while it is being read."""

    def __init__(self, outer: "Scope | None", ctes: dict[str, Relation], clause: str = "select") -> None:
        self.outer, self.ctes, self.clause = outer, ctes, clause
        self.sources: list[Source] = []
        self.by_name: dict[str, Source] = {}
        self.merged: dict[str, list[Ref]] = {}
        """USING columns: one name for a field of each side."""
        self.aliases: dict[str, Value] = {}
        self.windows: dict[str, tuple[frozenset[Ref], Ref | None]] = {}
        """Named windows: the fields they partition by, and the one they order by first."""
        self.foldings: list[Folding] = []
        self.edges: list[tuple[Ref, Ref]] = []
        """(a, b): where a is known, b is known."""
        self.equal: list[tuple[Ref, Ref]] = []
        self.compared: set[int] = set()
        """Sources with a column in an equality of ON or WHERE."""
        self.fixed: dict[Ref, str] = {}
        self.late: set[Ref] = set()
        """Fields that HAVING alone fixes: the rows before it are all there."""
        self.grouped: set[Ref] = set()
        self.aggregate_only: set[Ref] = set()
        """Aggregate-only columns that are folded here: their groups need a minimum size."""
        self.correlated: list[tuple[Ref, exp.Expr]] = []
        """Fields that equal a column of an enclosing query in every row."""
        self.repeating: dict[tuple[int, frozenset[Ref], bool], list[Source]] = {}
        """Answers of `joins.fan_out`, which asks when everything above is complete."""
        self.unknown = False
        """Has a relation that could not be resolved."""
        self.inside = ""
        """Name of the aggregate whose argument is being read."""

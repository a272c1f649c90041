"""A query in the contract's own words: no SQL, only names, operators and values."""

from dataclasses import dataclass
from typing import Any, Final, Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not_in", "is_null", "not_null", "like", "between"]
AggregateFunction = Literal["count", "count_distinct", "sum", "avg", "min", "max"]
Direction = Literal["asc", "desc"]

ROWS: Final = "*"
"""The column of a `count` that counts rows."""


@dataclass(frozen=True, slots=True)
class Written:
    """An expression over the asset's columns as SQL of one dialect: what the guard rendered, never a caller's own text.

    All of a request are of the same dialect, in which it is compiled.
    """

    sql: str


@dataclass(frozen=True, slots=True)
class SemanticRequest:
    """What to read from one asset."""

    asset: str
    columns: tuple[str, ...] = ()
    """In the order of the result. Empty: the grouping columns when it aggregates, otherwise every readable column."""
    filters: tuple[tuple[str, Operator, Any] | Written, ...] = ()
    """(column, operator, value) or conditions, all of which hold. `in` and `not_in` take a sequence, `between` a pair,
    both ends included; `is_null` and `not_null` take None."""
    order_by: tuple[tuple[str | Written, Direction], ...] = ()
    """By columns, by the aliases of aggregates and of what is computed, or by expressions."""
    limit: int | None = None
    aggregates: tuple[tuple[AggregateFunction, str, str], ...] = ()
    """(function, column, alias)."""
    group_by: tuple[str, ...] = ()
    computed: tuple[tuple[Written, str], ...] = ()
    """(expression, alias): of each row beside plain `columns`; of aggregates where it groups or has no columns."""

    @property
    def is_written(self) -> bool:
        """Whether some of it is SQL, and so of a dialect."""
        parts = (*self.filters, *(term for term, _ in self.order_by), *(made for made, _ in self.computed))
        return any(isinstance(part, Written) for part in parts)

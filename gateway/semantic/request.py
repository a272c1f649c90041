"""A query in the contract's own words: no SQL, only names, operators and values."""

from dataclasses import dataclass
from typing import Any, Final, Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not_in", "is_null", "not_null", "like", "between"]
AggregateFunction = Literal["count", "count_distinct", "sum", "avg", "min", "max"]
Direction = Literal["asc", "desc"]

ROWS: Final = "*"
"""The column of a `count` that counts rows."""


@dataclass(frozen=True, slots=True)
class SemanticRequest:
    """What to read from one asset."""

    asset: str
    columns: tuple[str, ...] = ()
    """In the order of the result. Empty: the grouping columns when it aggregates, otherwise every readable column."""
    filters: tuple[tuple[str, Operator, Any], ...] = ()
    """(column, operator, value), all of which hold. `in` and `not_in` take a sequence, `between` a pair, both ends
    included; `is_null` and `not_null` take None."""
    order_by: tuple[tuple[str, Direction], ...] = ()
    """By columns or by the aliases of aggregates."""
    limit: int | None = None
    aggregates: tuple[tuple[AggregateFunction, str, str], ...] = ()
    """(function, column, alias)."""
    group_by: tuple[str, ...] = ()

"""Values and names as SQL expressions. Values become literals of the tree, never text in a statement."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import sqlglot
from sqlglot import exp

from gateway.problems import shown
from gateway.semantic.model import ColumnType

_EXACT_DIGITS, _EXACT_LENGTH = 15, 20
"""Significant digits, and characters in all, up to which a decimal literal becomes the same double everywhere."""
_RESERVED: Final = frozenset(
    {
        "ANALYSE", "ASYMMETRIC", "AT", "AUTHORIZATION", "BOTH", "BY", "CAST", "CHECK", "COLLATION", "CONCURRENTLY",
        "DEFERRABLE", "DO", "FOREIGN", "FREEZE", "GROUP", "INITIALLY", "LAMBDA", "LEADING", "ORDER", "PIVOT_LONGER",
        "PLACING", "PRIMARY", "SIMILAR", "SYMMETRIC", "TO", "TRAILING", "UNPACK", "VARIADIC", "VERBOSE",
    }
)  # fmt: skip
"""Words that DuckDB reserves and sqlglot's tokenizer does not know as one word."""


@lru_cache(maxsize=1024)
def needs_quotes(name: str, dialect: str) -> bool:
    """Whether a plain name means something else to the engine or the parser when it stands bare."""
    known = sqlglot.Dialect.get_or_raise(dialect)
    functions = {token.name for token in known.parser_class.NO_PAREN_FUNCTIONS}
    return name.upper() in _RESERVED or name.upper() in known.tokenizer_class.KEYWORDS or name.upper() in functions


def identifier(name: str, dialect: str) -> exp.Identifier:
    """A name of the contract, quoted where it has to be."""
    return exp.to_identifier(name, quoted=needs_quotes(name, dialect))


def literal(value: Any, column_type: ColumnType) -> exp.Expr:
    """The value as a literal of the column's type. Raises ValueError when it is not one."""
    try:
        return _LITERALS[column_type](value)
    except OverflowError:
        raise ValueError(f"{shown(value)} is out of range") from None


def _string(value: Any) -> exp.Expr:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {shown(value)}")
    return exp.Literal.string(value)


def _number(value: Any) -> exp.Expr:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {shown(value)}")
    if isinstance(value, int):
        number = exp.Literal.number(str(abs(value)))
        return exp.Neg(this=number) if value < 0 else number
    return _double(value)


def _double(value: float) -> exp.Expr:
    """Exactly this float. DuckDB reads a plain literal as a decimal, and a long one then misses the nearest double; an
    exponent is avoided because sqlglot reads 1e3-1e2 as 1e3 minus a column's alias."""
    size = Decimal(repr(abs(value)))
    text = format(size, "f")
    if len(size.as_tuple().digits) > _EXACT_DIGITS or len(text) > _EXACT_LENGTH:
        return exp.cast(exp.Literal.string(repr(value)), "double")
    number = exp.Literal.number(text)
    return exp.Neg(this=number) if value < 0 else number


def _boolean(value: Any) -> exp.Expr:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {shown(value)}")
    return exp.Boolean(this=value)


def _date(value: Any) -> exp.Expr:
    day = value.date() if isinstance(value, datetime) else value
    if isinstance(day, str):
        day = _parsed(date.fromisoformat, day, "a date such as 2026-02-01")
    if not isinstance(day, date):
        raise ValueError(f"expected a date such as 2026-02-01, got {shown(value)}")
    return exp.cast(exp.Literal.string(day.isoformat()), "date")


def _timestamp(value: Any) -> exp.Expr:
    """Marts keep UTC without a zone, so a zone is converted and dropped."""
    moment = value
    if isinstance(moment, str):
        moment = _parsed(datetime.fromisoformat, moment, "a time such as 2026-02-01 10:30:00")
    elif isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    if not isinstance(moment, datetime):
        raise ValueError(f"expected a time such as 2026-02-01 10:30:00, got {shown(value)}")
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return exp.cast(exp.Literal.string(moment.isoformat(sep=" ")), "timestamp")


def _parsed(read: Callable[[str], Any], text: str, wanted: str) -> Any:
    try:
        return read(text)
    except ValueError:
        raise ValueError(f"expected {wanted}, got {shown(text)}") from None


_LITERALS: Final[dict[ColumnType, Callable[[Any], exp.Expr]]] = {
    "string": _string,
    "integer": _number,
    "double": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}

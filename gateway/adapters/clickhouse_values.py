"""ClickHouse's values as the same plain Python that DuckDB's come as."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final
from uuid import UUID

from gateway.errors import EngineError

_PYTHON_ALREADY: Final = ("Int", "UInt", "Float", "Bool", "Enum", "Nothing")
_TEXT: Final = ("String",)


def plain_rows(
    rows: Sequence[Sequence[Any]], names: Sequence[str], types: Sequence[str]
) -> tuple[tuple[Any, ...], ...]:
    """Rows as tuples of plain values. Whole columns are left alone by their type."""
    kinds = [_bare(kind) for kind in types]
    foreign = [place for place, kind in enumerate(kinds) if not kind.startswith((*_PYTHON_ALREADY, *_TEXT))]
    if not foreign:
        return tuple(map(tuple, rows))
    converters: list[tuple[int, Callable[[Any], Any]]] = [(place, _converter(names[place])) for place in foreign]
    converted = []
    for row in rows:
        values = list(row)
        for place, convert in converters:
            values[place] = convert(values[place])
        converted.append(tuple(values))
    return tuple(converted)


def _bare(kind: str) -> str:
    """The type without the wrappers that say how it is stored."""
    while kind.startswith(("Nullable(", "LowCardinality(")):
        kind = kind.partition("(")[2].removesuffix(")")
    return kind


def _converter(name: str) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            raise EngineError(f"column {name!r} is a time with a time zone", hint="Cast it to timestamp.")
        return plain(value)

    return convert


def plain(value: Any) -> Any:
    """A value of any type as plain Python. NaN and infinity stay floats; the answer makes them null."""
    match value:
        case None | bool() | int() | float() | str() | datetime() | date():
            return value
        case Decimal():
            return float(value)
        case UUID() | timedelta() | IPv4Address() | IPv6Address():
            return str(value)
        case time_of_day():
            return value.isoformat()
        case bytes():
            return _text(value)
        case dict():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple() | set():
            return [plain(item) for item in value]
        case _:
            return plain(value.tolist()) if hasattr(value, "tolist") else str(value)


def _text(value: bytes) -> str:
    """A FixedString: text without the zeros that fill it up, or the hexadecimal digits of a hash."""
    try:
        text = value.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() else value.hex()

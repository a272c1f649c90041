"""What is asked of ClickHouse with each statement: limits on what it may use, and what the SQL is to mean.

A server may forbid a change, or allow it only up to a point. Its own constraints are read first: a limit that may not
be set is left to the server's profile, and said; a meaning that may not be set and is another one there is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.errors import ContractError
from gateway.guard import Approved
from gateway.semantic.grants import Setting

MEANING: Final[Mapping[str, str]] = {
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "prefer_column_name_to_alias": "0",
    "cast_keep_nullable": "1",
    "session_timezone": "UTC",
    "count_distinct_implementation": "uniqExact",
    "transform_null_in": "0",
}
"""Under these a statement returns what it would on DuckDB. ClickHouse's own defaults fill joins with zeros, and make
the average of nothing NaN and its sum zero; a profile may have made counts approximate, and NULL a value in lists."""

WHERE_KNOWN: Final[Mapping[str, str]] = {"allow_lossy_numeric_supertype": "1"}
"""Sent to servers that have it, as newer ones do: a CASE of whole numbers and fractions is then of fractions, as on
DuckDB. Without it such a value can be neither summed nor ordered by, and the server says so."""

NOTHING_BESIDE_READING: Final[Mapping[str, str]] = {
    "allow_ddl": "0",
    "allow_introspection_functions": "0",
    "cancel_http_readonly_queries_on_client_close": "1",
}
"""Fixed in the profile of a gateway's user beside `readonly`: each holds where another one should fail."""

_UNITS: Final = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
                 "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}  # fmt: skip
_SHORTEST: Final = 0.001
"""Seconds. ClickHouse takes anything that rounds to zero for no limit at all."""

Settings = dict[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one statement may use, beyond the time and rows that its role has."""

    memory: str = "1GB"
    threads: int = 2
    read: str = "100GB"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What the server lets this user do about one setting."""

    value: str
    low: str | None = None
    high: str | None = None
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What is sent with a statement, and which limits are the server's own instead."""

    settings: Settings
    notes: tuple[str, ...] = ()
    max_rows: int | None = None
    """Rows after which the server sends no more; it ends a block of rows that has begun. None is without limit."""


def size(text: str) -> int:
    """Bytes of a size such as 512MB or 2GiB."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]?I?B)", text.strip(), re.IGNORECASE)
    if not found:
        raise ContractError(f"{text!r} is not a size", hint="A size is a text such as 512MB or 2GB.")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def wanted(approved: Approved, limits: Limits) -> Settings:
    """The limits of one statement as ClickHouse's settings.

    Rows are cut by the approved text itself; `break` only keeps a server from sending on where that is overrun.
    """
    return _asked(approved.max_rows, approved.max_seconds, limits)


def _asked(rows: int, seconds: float, limits: Limits) -> Settings:
    return {
        "max_execution_time": f"{max(seconds, _SHORTEST):g}",
        "timeout_overflow_mode": "throw",
        "max_memory_usage": str(size(limits.memory)),
        "max_threads": str(limits.threads),
        "max_bytes_to_read": str(size(limits.read)),
        "read_overflow_mode": "throw",
        "max_result_rows": str(rows + 1),
        "result_overflow_mode": "break",
    }


def profile(rows: int, seconds: float, limits: Limits) -> tuple[Setting, ...]:
    """The settings profile of a role's user: its limits as the most that a statement may set, and the rest fixed.

    Under it the gateway sends what it always does, a session that comes without it has the same limits, and neither
    can change what statements mean.
    """
    asked = _asked(rows, seconds, limits)
    lowest = {"max_execution_time": f"{_SHORTEST:g}"}
    limiting = tuple(
        Setting(name, value, lowest.get(name, "1") if name.startswith("max_") else "") for name, value in asked.items()
    )
    fixed = {"readonly": "1", **NOTHING_BESIDE_READING, **MEANING}
    return (*limiting, *(Setting(name, value) for name, value in fixed.items()))


def terms(limits: Mapping[str, str], constraints: Mapping[str, Constraint]) -> Terms:
    """What can be sent to this server. Raises ContractError where its profile would change what statements mean."""
    settings: Settings = {}
    notes = []
    for name, value in limits.items():
        allowed = constraints.get(name)
        if allowed is None or allowed.value == value:
            settings |= {name: value} if allowed is None or not allowed.is_fixed else {}
        elif allowed.is_fixed:
            notes += _left_to_the_server(name, value, allowed)
        else:
            settings[name] = _between(value, allowed)
    problems = tuple(_other_meanings(constraints))
    if problems:
        raise ContractError(
            "the server's profile makes statements mean something else, and does not let the gateway change it",
            problems=problems,
            hint="set these in the profile of the gateway's user",
        )
    settings |= {name: value for name, value in MEANING.items() if not _fixed(constraints, name)}
    known = {name: value for name, value in WHERE_KNOWN.items() if name in constraints}
    settings |= {name: value for name, value in known.items() if not _fixed(constraints, name)}
    if not _fixed(constraints, "readonly"):
        settings["readonly"] = "1"  # last: nothing can be set after it
    return Terms(settings, tuple(notes), _most_rows(settings, constraints))


def _most_rows(settings: Settings, constraints: Mapping[str, Constraint]) -> int | None:
    theirs = constraints.get("max_result_rows")
    value = settings.get("max_result_rows") or ("" if theirs is None else theirs.value)
    return int(value) or None if value.isdigit() else None


def read_only_problem(constraints: Mapping[str, Constraint]) -> str:
    """Why this user's sessions can't be made read-only; empty when they can or are."""
    found = constraints.get("readonly")
    if found is None or not found.is_fixed or found.value == "1":
        return ""
    if found.value == "2":
        return "the user's profile has readonly=2, which can't be tightened and still lets statements read files"
    return "the server does not let the gateway make its session read-only"


def _fixed(constraints: Mapping[str, Constraint], name: str) -> bool:
    found = constraints.get(name)
    return found is not None and found.is_fixed


def _other_meanings(constraints: Mapping[str, Constraint]) -> Iterator[str]:
    for name, value in MEANING.items():
        found = constraints.get(name)
        if found is not None and found.is_fixed and found.value != value:
            yield f"{name} is {found.value or 'empty'}, and must be {value}"


def _left_to_the_server(name: str, value: str, allowed: Constraint) -> list[str]:
    """Said only where the server's own limit is a looser one: a stricter one keeps the role's limit as well."""
    try:
        theirs, ours = float(allowed.value), float(value)
    except ValueError:
        return []
    if 0 < theirs <= ours:
        return []
    said = f"{allowed.value}" if theirs else "without limit"
    return [f"the server keeps {name} {said}: its profile does not let the gateway set {value}"]


def _between(value: str, allowed: Constraint) -> str:
    try:
        number = float(value)
        if allowed.high not in (None, "") and number > float(allowed.high or 0):
            return str(allowed.high)
        if allowed.low not in (None, "") and number < float(allowed.low or 0):
            return str(allowed.low)
    except ValueError:
        return value
    return value

"""ClickHouse's failures while something is made, in words. Its own texts are left out: they quote rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from gateway.errors import ContractError, EngineError, GatewayError

_NOT_ALLOWED: Final = frozenset({164, 497})
_SETTINGS: Final = frozenset({115, 452})
_MEMORY: Final = frozenset({173, 241})
_DISK: Final = frozenset({243, 425})
_TIME: Final = frozenset({159, 160})


@contextmanager
def explained(doing: str, last_good: str) -> Iterator[None]:
    """Turn what ClickHouse raises inside into one line: what was being done, why it failed, what is left."""
    try:
        yield
    except ClickHouseError as error:
        raise failed(error, doing, last_good) from error


def failed(error: ClickHouseError, doing: str, last_good: str) -> GatewayError:
    """One failure in words."""
    code = error.code if isinstance(error, Error) else None
    if code in _NOT_ALLOWED:
        return EngineError(
            f"{doing} failed: the gateway's user may not do that",
            hint=f"Use one that may create databases and tables, and write to them. {last_good}",
        )
    if code in _SETTINGS:
        return ContractError(
            f"{doing} failed: the profile of the gateway's user forbids settings that the marts need",
            hint=f"Allow them, or set them there as docs/clickhouse.md says. {last_good}",
        )
    why, hint = _why(code)
    return EngineError(f"{doing} failed: {why}", hint=f"{hint}{last_good}")


def _why(code: int | None) -> tuple[str, str]:
    if code is None:
        return "the connection broke", ""
    if code in _MEMORY:
        return "ClickHouse is out of memory", "Give its user more (max_memory_usage), or free some. "
    if code in _DISK:
        return "ClickHouse's disk is full", "Free some space. "
    if code in _TIME:
        return "it took longer than the server allows", "Raise max_execution_time of the gateway's user. "
    return f"ClickHouse error {code}", ""

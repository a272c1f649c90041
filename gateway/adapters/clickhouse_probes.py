"""Live proof of both walls on ClickHouse: statements that must never work, tried on each with the other out of the way.

The engine's probes run as they are in a session exactly as the engine opens it, behind ClickHouse's own reading of the
text: no guard has seen them. A probe counts as refused only by the refusal it expects.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from clickhouse_connect.driver.exceptions import ClickHouseError

from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.adapters.clickhouse_errors import code_of
from gateway.adapters.clickhouse_reading import Opinions
from gateway.adapters.probes import Probe, on_guard
from gateway.audit.ids import run_id
from gateway.errors import EngineError
from gateway.guard import Policy

_PATIENCE: Final = 5.0
_TIME_LIMIT: Final = 0.1
_READ_ONLY: Final = frozenset({164, 497})
_FIXED: Final = _READ_ONLY | {452}
"""Also where the profile sets bounds."""
_NOT_THERE: Final = frozenset({16, 47, 60, 81, 497})
_NO_TIME: Final = frozenset({159, 160})


@dataclass(frozen=True, slots=True)
class Attempt:
    """A statement that must not work, and the numbers of the errors that say so."""

    name: str
    what: str
    sql: str
    codes: frozenset[int]
    is_read: bool = True
    """Whether ClickHouse's own reading stands before it, as it does before every approved statement."""
    seconds: float = _PATIENCE


def attempts(contract: Mapping[str, Any]) -> tuple[Attempt, ...]:
    """Reaching out of the database, changing it or its limits, and what it must not hold."""
    return (*_reaching_out(), *_changing(next(iter(contract["assets"]))), *_peeking(contract))


def _reaching_out() -> Iterator[Attempt]:
    yield Attempt("file_read", "read a file", "SELECT file('/etc/hostname')", _READ_ONLY)
    yield Attempt(
        "file_table", "read a file as a table", "SELECT * FROM file('/etc/hostname', 'Raw')", _READ_ONLY, False
    )
    yield Attempt(
        "url", "fetch an address", "SELECT * FROM url('http://127.0.0.1:9/', 'CSV', 'a Int8')", _READ_ONLY, False
    )
    yield Attempt("catalogue", "read another database", "SELECT name FROM system.users", _NOT_THERE)


def _changing(asset: str) -> Iterator[Attempt]:
    yield Attempt("create", "create a table", "CREATE TABLE doctor_probe (i Int8) ENGINE = Memory", _READ_ONLY, False)
    yield Attempt("delete", "delete rows", f"TRUNCATE TABLE `{asset}`", _READ_ONLY, False)
    yield Attempt("setting", "lift the time limit", "SET max_execution_time = 0", _FIXED, False)
    yield Attempt("unlock", "make the session writable", "SET readonly = 0", _FIXED, False)
    endless = "SELECT sum(sqrt(a.number + b.number)) FROM numbers(10000000) AS a, numbers(1000000) AS b"
    yield Attempt("time_limit", f"run on after {_TIME_LIMIT:g} s", endless, _NO_TIME, seconds=_TIME_LIMIT)


def _peeking(contract: Mapping[str, Any]) -> Iterator[Attempt]:
    outside = "SELECT * FROM fct_events LIMIT 1"
    yield Attempt("table_outside", "read a table outside the contract", outside, _NOT_THERE)
    for asset, definition in contract["assets"].items():
        for column, properties in definition["columns"].items():
            if properties.get("access") == "hidden":
                sql = f"SELECT t.`{column}` FROM `{asset}` AS t LIMIT 1"  # noqa: S608  an attack on purpose
                yield Attempt(f"hidden_column:{asset}.{column}", "read a hidden column", sql, _NOT_THERE)


def engine_probes(engine: ClickHouseEngine, contract: Mapping[str, Any]) -> list[Probe]:
    """Try each on the engine alone. Raises ContractError or EngineError when ClickHouse can't be reached."""
    return [_on_engine(engine, attempt) for attempt in attempts(contract)]


def user_probes(engine: ClickHouseEngine, contract: Mapping[str, Any]) -> list[Probe]:
    """What whoever has the user's password could try, without the gateway: nothing here would change anything.

    Tried on the user alone, with none of what the gateway adds to its session.
    """
    direct = {"file_table", "url", "catalogue", "setting", "table_outside"}
    tried = [one for one in attempts(contract) if one.name in direct or one.name.startswith("hidden_column:")]
    return [_as_user(engine, _planned(one) if one.name == "url" else one) for one in tried]


def guard_probes(policy: Policy, contract: Mapping[str, Any]) -> list[Probe]:
    """Put each to the guard alone. Needs no server."""
    return [on_guard(policy, attempt.name, attempt.what, attempt.sql, "clickhouse") for attempt in attempts(contract)]


def _on_engine(engine: ClickHouseEngine, attempt: Attempt) -> Probe:
    most = engine.server().constraints.get("max_execution_time")
    if attempt.name == "time_limit" and most is not None and most.is_fixed and float(most.value) > 0:
        detail = f"the user's profile ends it after {most.value} s, and fixes that; not waited for"
        return Probe(attempt.name, "engine", attempt.what, refused=True, detail=detail)
    with _counting(attempt) as outcome, engine.session(attempt.seconds) as lease:
        if attempt.is_read:
            Opinions().require_one_select(lease, attempt.sql)
        lease.client.raw_query(attempt.sql, settings=lease.settings)
    return Probe(attempt.name, "engine", attempt.what, outcome.refused, outcome.detail)


def _planned(attempt: Attempt) -> Attempt:
    """Asked for its plan alone, which takes the same right: nothing is fetched where it is allowed."""
    return replace(attempt, sql=f"EXPLAIN {attempt.sql}")


def _as_user(engine: ClickHouseEngine, attempt: Attempt) -> Probe:
    with _counting(attempt) as outcome, engine.server().lease(run_id(), {}) as lease:
        lease.client.raw_query(attempt.sql, settings=lease.settings)
    what = f"{attempt.what}, without the gateway"
    return Probe(f"user:{attempt.name}", "engine", what, outcome.refused, outcome.detail)


@dataclass(slots=True)
class _Outcome:
    refused: bool = False
    detail: str = "it worked: this wall has a hole"


@contextmanager
def _counting(attempt: Attempt) -> Iterator[_Outcome]:
    """What came of an attempt that is made within."""
    outcome = _Outcome()
    try:
        yield outcome
    except EngineError as error:
        outcome.refused, outcome.detail = True, error.message
    except ClickHouseError as error:
        code = code_of(error)
        outcome.refused = code in attempt.codes
        told = "ClickHouse error" if outcome.refused else "failed for another reason: ClickHouse error"
        outcome.detail = f"{told} {code}"

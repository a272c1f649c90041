"""Whether the user who asks is a wall of its own: what ClickHouse lets it do, held against the contract.

The gateway's own session is stricter than the user's; these are about the user, whom a stolen password would be.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from clickhouse_connect.driver.exceptions import ClickHouseError

from gateway.adapters.clickhouse_connection import Lease
from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.adapters.clickhouse_errors import code_of, not_told
from gateway.adapters.clickhouse_limits import Constraint
from gateway.semantic.grants import name

HINT: Final = "gateway semantic grants prints what it needs"
_SECONDS: Final = 300.0
_DENIED: Final = frozenset({497})
_SYNTAX: Final = 62
_GRANT: Final = re.compile(r"GRANT (.+) ON (.+?) TO .+?( WITH GRANT OPTION)?")
_OF_ROLES: Final = re.compile(r"GRANT ((?:(?! ON ).)+) TO .+")
_COLUMNS: Final = re.compile(r"SELECT\((.+)\)")
_CEILINGS: Final = ("max_execution_time", "max_memory_usage", "max_bytes_to_read", "max_result_rows", "max_threads")
_SHOWN: Final = 5

Status = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about the user, and what it is."""

    name: str
    status: Status
    detail: str


def findings(
    engine: ClickHouseEngine, readable: Mapping[str, tuple[str, ...]], filters: Mapping[str, str]
) -> list[Finding]:
    """What the user may do beside what it needs. `readable` are the role's columns by table, `filters` its row filters.

    Raises EngineError or ContractError when ClickHouse can't be reached.
    """
    if engine.address.is_embedded:
        everything = "the embedded engine has one user, who may do anything: there, the guard is the only wall"
        return [Finding("user", "warning", everything)]
    with engine.session(_SECONDS) as lease:
        found = [_look("grants", lambda: _grants(lease, engine.address.database, readable))]
        constraints = engine.server().constraints
        found += [_profile(constraints), _ceilings(constraints)]
        found += [_look("row policies", lambda: _policies(lease, filters))] if filters else []
        found.append(_look("quota", lambda: _quota(lease)))
    return found


def _look(what: str, find: Callable[[], Finding]) -> Finding:
    try:
        return find()
    except ClickHouseError as error:
        return Finding(what, "failed", not_told("it can't be looked at", error).message)


def _grants(lease: Lease, database: str, readable: Mapping[str, tuple[str, ...]]) -> Finding:
    holes, loose = beyond(_granted(lease), database, readable, _columns(lease))
    if holes:
        return Finding("grants", "failed", f"more than the contract: {_some(holes)} ({HINT})")
    if loose:
        return Finding("grants", "warning", f"looser than need be: {_some(loose)} ({HINT})")
    columns = sum(map(len, readable.values()))
    return Finding("grants", "ok", f"nothing but the contract's {columns} columns of {len(readable)} marts")


def _granted(lease: Lease) -> list[str]:
    """All that the user has; its roles' grants too, where the server says that, and the roles by name elsewhere."""
    try:
        rows = lease.client.query("SHOW GRANTS FINAL", settings=_sent(lease)).result_rows
    except ClickHouseError as error:
        if code_of(error) != _SYNTAX:
            raise
        rows = lease.client.query("SHOW GRANTS", settings=_sent(lease)).result_rows
    return [str(row[0]) for row in rows]


def _columns(lease: Lease) -> dict[str, set[str]]:
    rows = lease.client.query(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase()", settings=_sent(lease)
    ).result_rows
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(str(table), set()).add(str(column))
    return found


def beyond(
    lines: Iterable[str],
    database: str,
    readable: Mapping[str, tuple[str, ...]],
    there: Mapping[str, set[str]],
) -> tuple[list[str], list[str]]:
    """What the lines of SHOW GRANTS open that the contract does not, and what they would open one day.

    `readable` are the contract's columns by table, `there` those that the database has now.
    """
    holes: list[str] = []
    loose: list[str] = []
    for line in lines:
        for privilege, target in _parts(line):
            hole, looseness = _of_one(privilege, target, database, readable, there)
            holes += hole
            loose += looseness
        if _OF_ROLES.fullmatch(line):
            loose.append(f"{line}: what roles add isn't told by this server")
        if line.endswith(" WITH GRANT OPTION"):
            holes.append(f"may pass on: {line}")
    return holes, loose


def _parts(line: str) -> Iterator[tuple[str, str]]:
    """Each privilege of one line of SHOW GRANTS, and what it is on."""
    found = _GRANT.fullmatch(line)
    if found:
        yield from ((privilege.strip(), found[2]) for privilege in re.split(r",(?![^(]*\))", found[1]))


def _of_one(
    privilege: str,
    target: str,
    database: str,
    readable: Mapping[str, tuple[str, ...]],
    there: Mapping[str, set[str]],
) -> tuple[list[str], list[str]]:
    """The same of one privilege on one target."""
    where, _, table = target.replace("`", "").partition(".")
    said = f"{privilege} on {target}"
    if privilege.startswith("SHOW ") and where == database:
        return [], []
    if where == "system" and privilege.startswith("SELECT"):
        is_needed = table in ("processes", "clusters") and privilege != "SELECT"
        return [], [] if is_needed else [said]
    if where != database or not privilege.startswith("SELECT"):
        return [said], []
    if columns := _COLUMNS.fullmatch(privilege):
        given = {column.strip(" `") for column in columns[1].split(",")}
        return _unknown(table, given, readable), []
    tables = there if table == "*" else {table: there.get(table, set())}
    hole = [item for each, columns_there in tables.items() for item in _unknown(each, columns_there, readable)]
    return hole, [] if hole else [f"{said}: what is added there later is granted with it"]


def _unknown(table: str, columns: Iterable[str], readable: Mapping[str, tuple[str, ...]]) -> list[str]:
    if table not in readable:
        return [f"table {table}"]
    return [f"{table}.{column}" for column in sorted(set(columns) - set(readable[table]))]


def _some(items: list[str]) -> str:
    more = len(items) - _SHOWN
    return "; ".join(items[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _profile(constraints: Mapping[str, Constraint]) -> Finding:
    found = constraints.get("readonly")
    if found is not None and found.value == "1":
        return Finding("profile", "ok", "the user's own profile is read-only")
    only = "the gateway makes each session read-only, the user's own profile does not"
    return Finding("profile", "warning", f"{only} ({HINT})")


def _ceilings(constraints: Mapping[str, Constraint]) -> Finding:
    without = [limit for limit in _CEILINGS if not _ceiling(constraints.get(limit))]
    if without:
        return Finding("ceilings", "warning", f"none in the user's profile for {', '.join(without)} ({HINT})")
    said = ", ".join(f"{limit} {_ceiling(constraints[limit])}" for limit in _CEILINGS)
    return Finding("ceilings", "ok", f"the user's profile allows at most {said}")


def _ceiling(constraint: Constraint | None) -> str:
    """The most that the user can have of it; empty where nothing bounds it."""
    if constraint is None:
        return ""
    most = constraint.value if constraint.is_fixed else constraint.high or ""
    return "" if most in ("0", "") or "auto" in most else most


def _policies(lease: Lease, filters: Mapping[str, str]) -> Finding:
    """Rows outside the role's filters that the server gives this user all the same."""
    shown = []
    for table, condition in filters.items():
        counting = f"SELECT count() FROM {name(table)} WHERE NOT ifNull(({condition}), false)"  # noqa: S608  the contract's
        outside = int(lease.client.query(counting, settings=_sent(lease)).result_rows[0][0])
        if outside:
            shown.append(f"{table} shows {outside:,} rows that the contract's row_filter does not")
    if shown:
        return Finding("row policies", "failed", f"{'; '.join(shown)} ({HINT})")
    return Finding("row policies", "ok", f"no row outside the row_filter comes out of {', '.join(filters)}")


def _quota(lease: Lease) -> Finding:
    try:
        rows = lease.client.query("SHOW CURRENT QUOTA", settings=_sent(lease)).result_rows
    except ClickHouseError as error:
        if code_of(error) not in _DENIED:
            raise
        return Finding("quota", "warning", "not for this user to see; an administrator can: SHOW CREATE QUOTA")
    if not rows:
        return Finding("quota", "warning", f"the user has none ({HINT})")
    return Finding("quota", "ok", f"{len(rows)} interval{'s' if len(rows) > 1 else ''} of quota {rows[0][0]}")


def _sent(lease: Lease) -> dict[str, Any]:
    return {setting: value for setting, value in lease.settings.items() if setting != "query_id"}

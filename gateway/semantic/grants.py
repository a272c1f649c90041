"""Wall two on ClickHouse: for each role of the contract the user, grants, row policies, profile and quota that hold it.

Each role of the contract becomes a role of ClickHouse, so that row policies follow it to every user it is given to, and
one user that has it. Nothing is ever open on the way: limits and row policies stand before the first grant, and the
grants are one statement that replaces all earlier ones. Printed, never run: whoever owns the server reads it first.

What ClickHouse can't tell apart stays with the guard alone: columns that may only be filtered on, or only be
aggregated, have to be granted like any other.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.semantic.model import Contract

SUFFIX: Final = "_role"
"""Tells the role's name from its user's, where both stand in one list."""
PASSWORD: Final = "<SHA-256 of the password, in hex>"  # noqa: S105  a place for one, which no server takes for one
OWN_PROCESSES: Final = ("query_id", "query", "user")
"""What KILL QUERY reads of the list of processes, as the user who asks."""
_NETWORK: Final = re.compile(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?")
_INDENT: Final = "\n    "


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the profile: fixed, or one that a statement may set between two values."""

    name: str
    value: str
    low: str = ""
    """Empty: the setting is fixed. A number otherwise, like `value` and `high`."""

    @property
    def is_number(self) -> bool:
        return re.fullmatch(r"[0-9]+(\.[0-9]+)?", self.value) is not None


@dataclass(frozen=True, slots=True)
class Quota:
    """What one user may use up in an hour, over all its statements."""

    queries: int = 20_000
    """Looking at a text before it runs counts as one as well."""
    seconds: int = 7_200


@dataclass(frozen=True, slots=True)
class Wall:
    """Where the wall stands, and how it is built."""

    database: str
    prefix: str = "gateway_"
    """Before the role's name, in the name of everything that is made."""
    cluster: str = ""
    owner: str = ""
    """Who publishes the marts, and must go on seeing all rows on a server where the rest would see none."""
    hosts: tuple[str, ...] = ()
    """Addresses or networks that the user may come from; empty for any."""
    quota: Quota = Quota()
    is_pinned: bool = False
    """Fix the limits too: for servers without `settings_constraints_replace_previous`."""

    def user(self, role: str) -> str:
        """Name of the role's user, and of its profile, quota and row policies."""
        return f"{self.prefix}{role}"

    def problems(self) -> Iterator[str]:
        """What can't be written into a statement."""
        for host in self.hosts:
            if not _NETWORK.fullmatch(host):
                yield f"{host!r} is no address or network, such as 10.0.0.7 or 10.0.0.0/8"


@dataclass(frozen=True, slots=True)
class RoleGrants:
    """All that one role of the contract needs on the server, in the order in which it is run."""

    role: str
    user: str
    statements: tuple[str, ...]
    """Each a statement of ClickHouse, without `;`."""


def readable(contract: Contract, role: str) -> dict[str, tuple[str, ...]]:
    """The columns that a role's user may read, by table: all that aren't hidden."""
    return {name: tuple(asset.visible()) for name, asset in contract.visible_to(role).items()}


def grants(
    contract: Contract,
    role: str,
    wall: Wall,
    settings: tuple[Setting, ...],
    filters: Mapping[str, Mapping[str, str]],
) -> RoleGrants:
    """The statements for one role. `filters` holds ClickHouse's text of each row filter, by role and table."""
    writer = _Writer(wall, role)
    statements = (
        *writer.profile(settings),
        *writer.role(),
        *writer.policies(contract, filters),
        writer.grant(readable(contract, role)),
        writer.quota(),
        *writer.user(),
    )
    return RoleGrants(role, wall.user(role), statements)


class _Writer:
    """Writes the statements of one role."""

    def __init__(self, wall: Wall, role: str) -> None:
        self.wall = wall
        self.role_of_contract = role
        self.name = name(wall.user(role))
        self.holder = name(wall.user(role) + SUFFIX)
        self.everywhere = f" ON CLUSTER {name(wall.cluster)}" if wall.cluster else ""

    def profile(self, settings: tuple[Setting, ...]) -> Iterator[str]:
        lines = f",{_INDENT}".join(self._setting(setting) for setting in settings)
        yield f"CREATE SETTINGS PROFILE IF NOT EXISTS {self.name}{self.everywhere}"
        yield f"ALTER SETTINGS PROFILE {self.name}{self.everywhere} SETTINGS{_INDENT}{lines}"

    def _setting(self, setting: Setting) -> str:
        value = setting.value if setting.is_number else text(setting.value)
        if self.wall.is_pinned or not setting.low:
            return f"{setting.name} = {value} CONST"
        return f"{setting.name} = {value} MIN {setting.low} MAX {value} CHANGEABLE_IN_READONLY"

    def role(self) -> Iterator[str]:
        yield f"CREATE ROLE IF NOT EXISTS {self.holder}{self.everywhere}"
        yield f"ALTER ROLE {self.holder}{self.everywhere} SETTINGS PROFILE {self.name}"

    def policies(self, contract: Contract, filters: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
        """Of tables that are filtered for any role: with a policy on it, a table may show nothing to whoever has none.

        The restrictive one holds whatever policies others add; the permissive one is what it restricts.
        """
        mine = filters.get(self.role_of_contract, {})
        filtered = [asset for asset in contract.assets if any(asset in theirs for theirs in filters.values())]
        may_read = contract.visible_to(self.role_of_contract)
        for asset in filtered:
            table = self._table(asset)
            if asset in mine:
                yield self._policy("_limit", table, "RESTRICTIVE", mine[asset], self.holder)
            if asset in may_read:
                yield self._policy("", table, "PERMISSIVE", mine.get(asset, "1"), self.holder)
            if self.wall.owner:
                yield self._policy("_owner", table, "PERMISSIVE", "1", name(self.wall.owner))
        yield from self._forgotten(contract, mine)
        mine_alone = "user = currentUser()"
        yield self._policy("_limit", "system.processes", "RESTRICTIVE", mine_alone, self.holder)
        yield self._policy("", "system.processes", "PERMISSIVE", mine_alone, self.holder)

    def _forgotten(self, contract: Contract, mine: Mapping[str, str]) -> Iterator[str]:
        """A filter that the contract had once."""
        tables = ", ".join(self._table(asset) for asset in contract.assets if asset not in mine)
        if tables:
            limit = name(self.wall.user(self.role_of_contract) + "_limit")
            yield f"DROP ROW POLICY IF EXISTS {limit} ON {tables}{self.everywhere}"

    def _policy(self, suffix: str, table: str, kind: str, condition: str, to: str) -> str:
        policy = name(self.wall.user(self.role_of_contract) + suffix)
        return (
            f"CREATE ROW POLICY OR REPLACE {policy}{self.everywhere} ON {table}"
            f"{_INDENT}FOR SELECT USING {condition} AS {kind} TO {to}"
        )

    def grant(self, columns: Mapping[str, tuple[str, ...]]) -> str:
        parts = [f"SHOW DATABASES ON {name(self.wall.database)}.*"]
        parts += [
            f"SELECT({', '.join(map(name, wanted))}) ON {self._table(asset)}" for asset, wanted in columns.items()
        ]
        parts.append(f"SELECT({', '.join(OWN_PROCESSES)}) ON system.processes")
        if self.wall.cluster:
            parts.append("SELECT(cluster) ON system.clusters")
        lines = f",{_INDENT}".join(parts)
        return f"GRANT{self.everywhere}{_INDENT}{lines}\nTO {self.holder} WITH REPLACE OPTION"

    def quota(self) -> str:
        most = self.wall.quota
        return (
            f"CREATE QUOTA OR REPLACE {self.name}{self.everywhere} KEYED BY user_name"
            f"{_INDENT}FOR INTERVAL 1 hour MAX queries = {most.queries}, execution_time = {most.seconds}"
            f"{_INDENT}TO {self.holder}"
        )

    def user(self) -> Iterator[str]:
        hosts = ", ".join(f"IP {text(host)}" for host in self.wall.hosts) or "ANY"
        yield f"CREATE USER IF NOT EXISTS {self.name}{self.everywhere} IDENTIFIED WITH sha256_hash BY {text(PASSWORD)}"
        yield f"REVOKE{self.everywhere} ALL ON *.* FROM {self.name}"
        yield f"GRANT{self.everywhere} {self.holder} TO {self.name} WITH REPLACE OPTION"
        yield (
            f"ALTER USER {self.name}{self.everywhere} HOST {hosts}"
            f"{_INDENT}DEFAULT ROLE {self.holder} DEFAULT DATABASE {name(self.wall.database)}"
            f"{_INDENT}SETTINGS PROFILE {self.name}"
        )

    def _table(self, asset: str) -> str:
        return f"{name(self.wall.database)}.{name(asset)}"


def name(identifier: str) -> str:
    """An identifier as ClickHouse reads it whatever it holds."""
    return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`"


def text(value: str) -> str:
    """A text literal of ClickHouse."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

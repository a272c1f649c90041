"""`gateway semantic grants`: the second wall on ClickHouse, as SQL for whoever owns the server to read and run."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.diagnostics import ExitCode
from gateway.cli.output import emit, emit_json
from gateway.cli.plain import plain
from gateway.cli.session import session
from gateway.errors import ContractError, UsageError

if TYPE_CHECKING:
    from gateway.semantic.grants import RoleGrants, Wall
    from gateway.semantic.model import Contract
    from gateway.settings import Settings


class GrantFormat(StrEnum):
    """How the statements are written."""

    SQL = "sql"
    JSON = "json"


Prefix = Annotated[str, typer.Option("--user-prefix", help="Before the role, in the name of all that is made.")]
Database = Annotated[
    str | None, typer.Option(help="Database of the marts; the address's without it.", metavar="DATABASE")
]
Owner = Annotated[
    str, typer.Option(help="User who publishes; keeps seeing all rows on a server where others see none.")
]
Hosts = Annotated[list[str] | None, typer.Option("--host", help="Address or network the users come from; repeatable.")]
Pinned = Annotated[bool, typer.Option("--pinned", help="Fix the limits too: no statement sets them.")]
Queries = Annotated[int, typer.Option("--hourly-queries", min=1, help="Quota of each user: queries in an hour.")]
Seconds = Annotated[int, typer.Option("--hourly-seconds", min=1, help="Quota of each user: seconds in an hour.")]


def grants(
    ctx: typer.Context,
    role: Annotated[str | None, typer.Option(help="One role of the contract; all without it.", metavar="ROLE")] = None,
    prefix: Prefix = "gateway_",
    database: Database = None,
    owner: Owner = "",
    hosts: Hosts = None,
    pinned: Pinned = False,
    queries: Queries = 20_000,
    seconds: Seconds = 7_200,
    fmt: Annotated[GrantFormat, typer.Option("--format", help="How to write them.")] = GrantFormat.SQL,
) -> int:
    """Print the ClickHouse SQL of the second wall.

    For each role: a user that reads the contract's columns and nothing else, its row policies, read-only profile and
    quota. Nothing is run, and no password is in it. On DuckDB the published file is this wall.
    """
    from gateway.semantic.grants import Quota, Wall
    from gateway.semantic.load import load_contract

    settings = session(ctx).settings()
    where = database or _database(settings)
    wall = Wall(where, prefix, settings.cluster or "", owner, tuple(hosts or ()), Quota(queries, seconds), pinned)
    problems = tuple(wall.problems())
    if problems:
        raise UsageError("; ".join(problems))
    contract = load_contract(settings.semantic)
    if role is not None and role not in contract.roles:
        raise ContractError(f"no role {role!r} in {settings.semantic}", hint=f"there is {', '.join(contract.roles)}")
    made = _made(settings, contract, wall, [role] if role else list(contract.roles))
    if fmt is GrantFormat.JSON:
        emit_json([{"role": one.role, "user": one.user, "statements": list(one.statements)} for one in made])
    else:
        emit("\n\n".join([_preface(wall), *(_script(one, wall) for one in made)]))
        session(ctx).note("printed, not run: read it, put in the passwords' hashes, and run it as an administrator")
    return ExitCode.ANSWERED


def _database(settings: "Settings") -> str:
    """The database that queries read. Raises ContractError on DuckDB, where there is no user to grant anything to."""
    if settings.engine == "duckdb":
        raise ContractError(
            "the engine is DuckDB, where the second wall is the published file: it has no users, and nothing to grant",
            hint="for ClickHouse set GATEWAY_ENGINE and GATEWAY_CLICKHOUSE_URL, or name its database: --database gold",
        )
    from gateway.wiring import clickhouse_address

    return clickhouse_address(settings).database


def _made(settings: "Settings", contract: "Contract", wall: "Wall", roles: Sequence[str]) -> "list[RoleGrants]":
    from gateway.adapters.clickhouse_limits import Limits, profile
    from gateway.guard.policy import filter_texts
    from gateway.semantic.grants import grants as grants_of
    from gateway.wiring import policy_for

    mapping = contract.mapping()
    limits = Limits(settings.limits.memory, settings.limits.threads, settings.limits.read)
    try:
        filters = {role: filter_texts(policy_for(mapping, role), "clickhouse") for role in contract.roles}
    except ValueError as error:
        raise ContractError(str(error), hint="write it so that both engines can say it") from error
    made = []
    for role in roles:
        policy = policy_for(mapping, role)
        settings_of_role = profile(policy.max_rows, policy.max_seconds, limits)
        made.append(grants_of(contract, role, wall, settings_of_role, filters))
    return made


def _preface(wall: "Wall") -> str:
    lines = [
        "-- The second wall on ClickHouse: what each role's user may do, and nothing else. Run it as an administrator;",
        "-- running it again, after a change of the contract, replaces what was granted before.",
        "-- Passwords are put in as hashes: printf %s 'the password' | sha256sum",
        "-- Columns that may only be filtered or aggregated are granted too: only the guard can tell these apart.",
    ]
    if not wall.is_pinned:
        lines.append("-- A server that refuses CHANGEABLE_IN_READONLY needs the same with --pinned.")
    if not wall.owner:
        lines.append("-- Where users_without_row_policies_can_read_rows is off, name whoever publishes: --owner USER.")
    return "\n".join(lines)


def _script(made: "RoleGrants", wall: "Wall") -> str:
    title = plain(f"-- Role {made.role} of the contract: user {made.user} on database {wall.database}.")
    return "\n".join([title, *(f"{statement};" for statement in made.statements)])

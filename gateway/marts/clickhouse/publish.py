"""Publishes the allowed assets, with only their allowed columns, into the database that queries read.

Each is copied beside, counted, and then all of them are exchanged in one statement. A failed publish leaves the last
good marts; what the contract does not allow is not in the database, so no query of it can reach that.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from gateway.errors import ContractError, EngineError
from gateway.marts.build import BUILD_INFO, Progress
from gateway.marts.clickhouse.failures import explained
from gateway.marts.clickhouse.server import Server, beside, literal, name, names, table
from gateway.marts.clickhouse.sources import columns_in
from gateway.marts.clickhouse.stamp import built_at, stamp
from gateway.marts.clickhouse.tables import (
    Shape,
    create,
    create_database,
    drop,
    exchange,
    fresh_database,
    in_database,
    is_nullable,
    not_nullable,
    type_of,
)
from gateway.marts.publish import ALLOWED_ASSETS, ALLOWED_COLUMNS, require_columns

if TYPE_CHECKING:
    from gateway.semantic.model import Asset, Contract

LAST_GOOD: Final = "The last published marts are still in place."


@dataclass(frozen=True, slots=True)
class Published:
    """What was published."""

    database: str
    tables: tuple[tuple[str, int], ...]
    """Each table with its rows, in the contract's order."""
    built_at: datetime
    """When the marts were built, UTC."""
    published_at: datetime
    seconds: float


def publish(server: Server, contract: "Contract", *, progress: Progress | None = None) -> Published:
    """Replace the published tables by what the contract allows of the built ones.

    Raises ContractError where the contract allows what isn't there, EngineError when the server fails; the last good
    tables stay.
    """
    started = time.perf_counter()
    with explained(f"publishing to database {server.published}", LAST_GOOD):
        when = built_at(server, server.warehouse)
        if when is None:
            raise ContractError(
                f"database {server.warehouse} holds no built marts", hint="Build them: gateway marts build"
            )
        there = columns_in(server, server.warehouse)
        require_columns(contract.assets, there)
        refuse_others(server)
        with fresh_database(server, beside(server.published)):
            tables = []
            for position, (called, asset) in enumerate(contract.assets.items(), start=1):
                if progress:
                    progress(called, position, len(contract.assets))
                tables.append((called, _copy(server, called, asset, contract, there.get(called, {}))))
            published = stamp(server, beside(server.published), when)
            put_in_place(server)
    return Published(server.published, tuple(tables), when, published, time.perf_counter() - started)


def refuse_others(server: Server) -> None:
    """Raise ContractError where the database has tables and was never published to: publishing would drop them."""
    create_database(server, server.published)
    there = in_database(server, server.published)
    if there and BUILD_INFO not in there:
        raise ContractError(
            f"database {server.published} holds tables that the gateway did not publish, such as {there[0]}",
            hint="Publishing replaces all that its database holds: name an empty one in the address.",
        )


def put_in_place(server: Server) -> None:
    """What was made beside, for what is read now. What the contract no longer allows goes."""
    made = in_database(server, beside(server.published))
    exchange(server, beside(server.published), server.published, made)
    for gone in set(in_database(server, server.published)) - set(made):
        drop(server, server.published, gone)


def _copy(server: Server, called: str, asset: "Asset", contract: "Contract", there: Mapping[str, str]) -> int:
    """One asset, sorted by its grain; its rows."""
    if called == ALLOWED_ASSETS:
        return _allowed_assets(server, asset, contract)
    source, target = table(server.warehouse, called), table(beside(server.published), called)
    columns = _without_idle_nulls(server, source, {column: there[column] for column in asset.visible()})
    create(server, beside(server.published), called, Shape(columns, _order(asset), everywhere=True))
    server.run(f"INSERT INTO {target} SELECT {names(columns)} FROM {source}")
    built, copied = (int(server.value(f"SELECT count() FROM {each}")) for each in (source, target))
    if built != copied:
        raise EngineError(f"{called}: of {built:,} built rows {copied:,} were copied", hint=LAST_GOOD)
    return copied


def _order(asset: "Asset") -> tuple[str, ...]:
    visible = asset.visible()
    return tuple(key for key in asset.grain if key in visible) or tuple(visible)[:1]


def _without_idle_nulls(server: Server, source: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Nullable only where a null is, which is smaller and faster to read."""
    asked = [column for column, kind in columns.items() if is_nullable(kind)]
    if not asked:
        return dict(columns)
    counts = ", ".join(f"countIf(isNull({name(column)}))" for column in asked)
    nulls = dict(zip(asked, server.rows(f"SELECT {counts} FROM {source}")[0], strict=True))
    return {column: kind if nulls.get(column, 1) else not_nullable(kind) for column, kind in columns.items()}


def _allowed_assets(server: Server, asset: "Asset", contract: "Contract") -> int:
    """dim_ai_allowed_assets: the contract itself as a table, with the columns that it allows of that too."""
    from gateway.semantic.publish import allowed_assets_rows

    rows = allowed_assets_rows(contract)
    visible = [column for column in ALLOWED_COLUMNS if column in asset.visible()]
    columns = {column: type_of(ALLOWED_COLUMNS[column].upper(), column) for column in visible}
    create(server, beside(server.published), called := ALLOWED_ASSETS, Shape(columns, _order(asset)))
    positions = [list(ALLOWED_COLUMNS).index(column) for column in visible]
    values = ", ".join(f"({', '.join(_literal(row[position]) for position in positions)})" for row in rows)
    server.run(f"INSERT INTO {table(beside(server.published), called)} VALUES {values}")
    return len(rows)


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else literal(str(value))

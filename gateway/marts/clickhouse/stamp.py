"""When the marts were built and published: a table of one row, as in the embedded warehouse."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from gateway.marts.build import BUILD_INFO
from gateway.marts.clickhouse.failures import explained
from gateway.marts.clickhouse.server import Server, table
from gateway.marts.clickhouse.tables import Shape, create, in_database

_NOT_THERE: Final = frozenset({60, 81})
_COLUMNS: Final = {"built_at": "DateTime64(6, 'UTC')", "published_at": "Nullable(DateTime64(6, 'UTC'))"}


def stamp(server: Server, database: str, built_at: datetime | None = None) -> datetime:
    """Note that the database's tables are built now; or, of tables built before, that they are published now."""
    now = datetime.now(UTC).replace(tzinfo=None)
    create(server, database, BUILD_INFO, Shape(_COLUMNS))
    built, published = (_moment(built_at or now), _moment(now) if built_at else "NULL")
    server.run(f"INSERT INTO {table(database, BUILD_INFO)} VALUES ({built}, {published})")
    return now


def built_at(server: Server, database: str) -> datetime | None:
    """When the marts in a database were built; None where there are none of ours."""
    return _read(server, database, "built_at")


def published_at(server: Server, database: str) -> datetime | None:
    """When a database was published to; None where it holds nothing of ours."""
    return _read(server, database, "published_at")


@dataclass(frozen=True, slots=True)
class ClickHouseStatus:
    """Where the pipeline stands on ClickHouse. None and empty mean that the step is not there yet. Times are UTC."""

    warehouse: str
    """Database of sources and built marts."""
    gold: str
    """Database of published marts."""
    built_at: datetime | None
    published_at: datetime | None
    gold_built_at: datetime | None
    """When the marts that are published now were built."""
    tables: tuple[tuple[str, int], ...]
    """Published tables with their rows."""
    has_sources: bool
    damage: str = ""

    @property
    def is_stale(self) -> bool:
        """True when there are built marts that are newer than the published ones."""
        return self.built_at is not None and self.built_at != self.gold_built_at


def status(server: Server) -> ClickHouseStatus:
    """Where the pipeline stands on this server."""
    with explained("asking for the state of the marts", ""):
        rows = server.rows(
            "SELECT name, total_rows FROM system.tables WHERE database = {database:String} ORDER BY name",
            database=server.published,
        )
        return ClickHouseStatus(
            server.warehouse,
            server.published,
            built_at(server, server.warehouse),
            published_at(server, server.published),
            built_at(server, server.published),
            tuple((str(called), int(count or 0)) for called, count in rows if called != BUILD_INFO),
            bool(in_database(server, server.warehouse)),
        )


def _read(server: Server, database: str, column: str) -> datetime | None:
    try:
        found = server.value(f"SELECT {column} FROM {table(database, BUILD_INFO)}")
    except ClickHouseError as error:
        if isinstance(error, Error) and error.code in _NOT_THERE:
            return None
        raise
    return found.replace(tzinfo=None) if isinstance(found, datetime) else None


def _moment(when: datetime) -> str:
    return f"'{when.isoformat(sep=' ', timespec='microseconds')}'"

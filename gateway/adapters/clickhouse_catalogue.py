"""A ClickHouse database as `semantic lint` and the doctor see it: tables, columns, and two counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError

from gateway.adapters.clickhouse_connection import Lease
from gateway.adapters.clickhouse_errors import not_told


class ClickHouseCatalogue:
    """Asks through a read-only session, which stays the caller's."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    def columns_of(self, asset: str) -> Mapping[str, str] | None:
        """Column names with ClickHouse's types, in the table's order; None when the database has no such table."""
        rows = self._rows(
            "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {asset:String} "
            "ORDER BY position",
            asset=asset,
        )
        return {str(name): str(kind) for name, kind in rows} or None

    def duplicate_count(self, asset: str, grain: Sequence[str]) -> int:
        """How many combinations of the grain occur in more than one row; nulls count as equal."""
        keys = ", ".join(map(_name, grain))
        repeated = f"SELECT 1 FROM {_name(asset)} GROUP BY {keys} HAVING count() > 1"  # noqa: S608  quoted names
        return int(self._rows(f"SELECT count() FROM ({repeated})")[0][0])  # noqa: S608  made above

    def null_count(self, asset: str, column: str) -> int:
        """How many rows have null in this column."""
        return int(self._rows(f"SELECT count() FROM {_name(asset)} WHERE {_name(column)} IS NULL")[0][0])  # noqa: S608

    def _rows(self, sql: str, **parameters: str) -> Sequence[Any]:
        settings = {name: value for name, value in self._lease.settings.items() if name != "query_id"}
        try:
            return self._lease.client.query(sql, parameters=parameters, settings=settings).result_rows
        except ClickHouseError as error:
            raise not_told("the database can't be looked at", error) from error


def _name(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

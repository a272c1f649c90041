"""A DuckDB file as `semantic lint` sees it: tables, columns, and the two counts that a contract depends on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import duckdb

from gateway.errors import ContractError, EngineError, GatewayError


class DuckDBCatalogue:
    """Opens the file read-only and asks it about itself. A context manager: the file is free again afterwards."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ContractError(f"no database at {path}", hint="`gateway demo` or `gateway import` makes one")
        try:
            self._connection = duckdb.connect(str(path), read_only=True)
        except duckdb.Error as error:
            raise _not_opened(error, path) from error

    def __enter__(self) -> "DuckDBCatalogue":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back. Safe to call twice."""
        self._connection.close()

    def columns_of(self, asset: str) -> Mapping[str, str] | None:
        """Column names with DuckDB's types, in the table's order; None when there is no such table in `main`."""
        rows = self._rows(
            "select column_name, data_type from information_schema.columns "
            "where table_catalog = current_database() and table_schema = 'main' and lower(table_name) = lower(?) "
            "order by ordinal_position",
            [asset],
        )
        return dict(rows) or None

    def duplicate_count(self, asset: str, grain: Sequence[str]) -> int:
        """How many combinations of the grain occur in more than one row; nulls count as equal."""
        keys = ", ".join(map(_quoted, grain))
        repeated = f"select 1 from {_quoted(asset)} group by {keys} having count(*) > 1"  # noqa: S608  quoted names
        return self._count(f"select count(*) from ({repeated})")  # noqa: S608  made above

    def null_count(self, asset: str, column: str) -> int:
        """How many rows have null in this column."""
        return self._count(f"select count(*) from {_quoted(asset)} where {_quoted(column)} is null")  # noqa: S608  quoted

    def _count(self, statement: str) -> int:
        return int(self._rows(statement, [])[0][0])

    def _rows(self, statement: str, parameters: list[str]) -> list[tuple[str, str]]:
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except duckdb.Error as error:
            raise EngineError(f"the database can't be read: {_first_line(error)}") from error


def _not_opened(error: duckdb.Error, path: Path) -> GatewayError:
    if isinstance(error, duckdb.IOException) and "lock" in str(error):
        return EngineError(f"{path} is locked by another process", hint="Try again when it is done.")
    hint = "`gateway marts build` and `gateway marts publish` make it anew"
    return ContractError(f"{path} is not a DuckDB database that can be read", hint=hint)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]

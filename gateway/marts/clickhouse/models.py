"""The model folder as ClickHouse gets it: columns and types that DuckDB finds on empty sources, and each table's grain.

DuckDB types every model in a moment, as there is nothing to read. So both engines have the same columns of the same
types, and a model that DuckDB refuses is refused here before anything is sent to a server.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from gateway.errors import ContractError
from gateway.marts.clickhouse.transpile import Columns
from gateway.marts.project import HINT, Project
from gateway.marts.sources import ensure_sources
from gateway.marts.warehouse import NOTHING_CHANGED, first_line, quoted


@contextmanager
def empty_marts(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every source and model as an empty table in memory. Raises ContractError for a model that does not run."""
    with duckdb.connect(config={"threads": 1}) as con:
        ensure_sources(con)
        for model in project.models:
            try:
                con.execute(f"create table {quoted(model.name)} as\n{model.sql}\nwith no data")
            except duckdb.Error as error:
                raise ContractError(
                    f"{model.file} does not run: {first_line(error)}", hint=f"{HINT} {NOTHING_CHANGED}"
                ) from error
        yield con


def columns_of(con: duckdb.DuckDBPyConnection) -> dict[str, Columns]:
    """Every table's columns in their order, with DuckDB's types."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in con.execute(
        "select table_name, column_name, data_type from duckdb_columns() where not internal"
        " order by table_name, column_index"
    ).fetchall():
        found.setdefault(str(table), {})[str(column)] = str(kind)
    return dict(found)


def grains(schema: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What tells a table's rows apart, as schema.yml promises it: a combination of columns, or a single one."""
    groups = (group.get("tables", ()) for group in schema.get("sources", ()))
    tables = [*schema.get("models", ()), *(table for group in groups for table in group)]
    return {table["name"]: grain for table in tables if (grain := _grain(table))}


def _grain(table: Mapping[str, Any]) -> tuple[str, ...]:
    for test in table.get("data_tests", ()):
        if isinstance(test, Mapping) and "unique_combination" in test:
            return tuple(test["unique_combination"]["arguments"]["columns"])
    for column in table.get("columns", ()):
        if "unique" in column.get("data_tests", ()):
            return (str(column["name"]),)
    return ()

"""The sources as models read them: the gateway's own tables, or somebody else's with the same columns.

A column of another type is cast where it is read, so a date column without time, an Enum or a narrower number will do.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import sqlglot
from sqlglot import exp

from gateway.errors import ContractError
from gateway.marts.clickhouse.server import Server, name, table
from gateway.marts.clickhouse.tables import Shape, create, nullable, type_of
from gateway.marts.clickhouse.transpile import Columns
from gateway.marts.sources import ADDED_COLUMNS
from gateway.problems import did_you_mean

_OPTIONAL: Final = "imp_"
"""Tables of imports begin like this: without imports they are empty."""
_LATER: Final = frozenset((table, column) for table, column, _ in ADDED_COLUMNS)


def readable(server: Server, needed: Iterable[str], schema: Mapping[str, Columns]) -> dict[str, exp.Expr]:
    """What stands for each source in a FROM. Raises ContractError with all that is missing in the warehouse."""
    there = columns_in(server, server.warehouse)
    relations: dict[str, exp.Expr] = {}
    problems: list[str] = []
    for source in needed:
        if source not in there and source.startswith(_OPTIONAL):
            create(server, server.warehouse, source, Shape(_as_expected(source, schema[source])))
            relations[source] = relation(server.warehouse, source)
        elif source not in there:
            problems.append(f"no table {source}.{did_you_mean(source, there)}")
        else:
            problems += _missing(source, schema[source], there[source])
            relations[source] = _relation(server, source, schema[source], there[source])
    if problems:
        raise ContractError(
            f"database {server.warehouse} does not hold the sources",
            problems=tuple(problems),
            hint="docs/clickhouse.md lists them; `gateway marts load` loads those of a local warehouse.",
        )
    return relations


def relation(database: str, called: str) -> exp.Table:
    """A table in a FROM."""
    return exp.table_(exp.to_identifier(called, quoted=True), db=exp.to_identifier(database, quoted=True))


def columns_in(server: Server, database: str) -> dict[str, dict[str, str]]:
    """Every table of a database with its columns and their types."""
    found: dict[str, dict[str, str]] = {}
    for called, column, kind in server.rows(
        "SELECT table, name, type FROM system.columns WHERE database = {database:String} ORDER BY table, position",
        database=database,
    ):
        found.setdefault(str(called), {})[str(column)] = str(kind)
    return found


def _as_expected(source: str, columns: Columns) -> dict[str, str]:
    return {column: nullable(type_of(kind, f"{source}.{column}")) for column, kind in columns.items()}


def _missing(source: str, wanted: Columns, there: Mapping[str, str]) -> Iterator[str]:
    for column in wanted:
        if column not in there and (source, column) not in _LATER:
            yield f"{source} has no column {column}.{did_you_mean(column, there)}"


def _relation(server: Server, source: str, wanted: Columns, there: Mapping[str, str]) -> exp.Expr:
    """The table itself where its types are as expected; otherwise its columns, each as expected."""
    read = [_read(source, column, kind, there.get(column)) for column, kind in wanted.items()]
    if all(text == name(column) for text, column in zip(read, wanted, strict=True)):
        return relation(server.warehouse, source)
    columns = ", ".join(f"{text} AS {name(column)}" for text, column in zip(read, wanted, strict=True))
    select = f"SELECT {columns} FROM {table(server.warehouse, source)}"
    return exp.Subquery(this=sqlglot.parse_one(select, dialect="clickhouse"))


def _read(source: str, column: str, wanted: str, there: str | None) -> str:
    kind = type_of(wanted, f"{source}.{column}")
    if there is None:
        return f"CAST(NULL AS {nullable(kind)})"
    base = there.replace("LowCardinality(", "").replace("Nullable(", "").rstrip(")")
    if base == kind.rstrip(")"):
        return name(column)
    return f"CAST({name(column)} AS {kind})"

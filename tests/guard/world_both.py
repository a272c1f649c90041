"""Two tables with what tells engines apart in them, on DuckDB and on ClickHouse: nulls, zeros, odd texts, old dates."""

import datetime as dt
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from gateway.adapters.clickhouse_limits import MEANING
from gateway.guard import Approved, Policy
from tests.clickhouse import Database

_TYPES = {
    "k": ("integer", "BIGINT", "Int64"),
    "n": ("integer", "BIGINT", "Nullable(Int64)"),
    "d": ("double", "DOUBLE", "Nullable(Float64)"),
    "s": ("string", "VARCHAR", "Nullable(String)"),
    "b": ("boolean", "BOOLEAN", "Nullable(Bool)"),
    "day": ("date", "DATE", "Nullable(Date32)"),
    "ts": ("timestamp", "TIMESTAMP", "Nullable(DateTime64(6))"),
}
ROWS: tuple[tuple[Any, ...], ...] = (
    (1, 5, 0.5, "abc", True, "2026-01-01", "2026-01-01 10:00:00"),
    (2, None, None, None, None, None, None),
    (3, -7, 0.0, "äbc_%", False, "2026-02-03", "2026-02-03 23:59:59.5"),
    (4, 0, -2.5, "ABC", True, "2026-01-01", "2026-01-01 00:00:00"),
    (5, 5, 1e300, "a\\b'c", False, "1999-12-31", "1999-12-31 00:00:00"),
    (6, 2, 0.25, "", None, "2026-03-31", "2026-03-31 12:30:00"),
    (7, None, 3.0, "a\\\\", True, None, "1971-06-01 01:00:00"),
)
OTHERS = ((1, 0.75), (3, None), (5, 0.5), (9, 2.0))
_COLUMNS = {name: {"type": kinds[0], "role": "attribute"} for name, kinds in _TYPES.items()}
_JOIN = {"on": ["k"], "cardinality": "one_to_one"}
CONTRACT: dict[str, Any] = {
    "version": 1,
    "assets": {
        "t": {"description": "T.", "grain": ["k"], "columns": _COLUMNS, "joins": [{"to": "u", **_JOIN}]},
        "u": {
            "description": "U.",
            "grain": ["k"],
            "columns": {"k": {"type": "integer", "role": "key"}, "v": {"type": "double"}},
            "joins": [{"to": "t", **_JOIN}],
        },
    },
    "roles": {"analyst": {"assets": "*"}, "few": {"assets": "*", "row_filter": {"t": "s like 'a%' and n is not null"}}},
}
POLICIES = {role: Policy.from_mapping(CONTRACT, role) for role in CONTRACT["roles"]}


@dataclass(frozen=True, slots=True)
class Both:
    """The same rows on both engines."""

    duck: duckdb.DuckDBPyConnection
    house: Database

    def rows(self, approved: Approved) -> list[tuple[Any, ...]]:
        """What an approved text returns on the engine it was approved for, in plain values."""
        if approved.dialect == "duckdb":
            return [tuple(map(_plain, row)) for row in self.duck.execute(approved.sql).fetchall()]
        found = self.house.run(approved.sql)
        return [
            tuple(_of_type(value, kind) for value, kind in zip(row, found.types, strict=True)) for row in found.rows
        ]

    def fill(self, rows: tuple[tuple[Any, ...], ...]) -> None:
        """Put other rows into `t`."""
        self.duck.execute("DELETE FROM t")
        self.house.execute("TRUNCATE TABLE t")
        self.duck.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self.house.execute(f"INSERT INTO t VALUES {', '.join(_values(row) for row in rows)}")


@contextmanager
def both() -> Iterator[Both]:
    duck, house = duckdb.connect(), Database("translated")
    for name, value in MEANING.items():
        house.execute(f"SET {name} = '{value}'")
    duck.execute(f"CREATE TABLE t ({', '.join(f'{name} {kinds[1]}' for name, kinds in _TYPES.items())})")
    duck.execute("CREATE TABLE u (k BIGINT, v DOUBLE)")
    duck.executemany("INSERT INTO u VALUES (?, ?)", OTHERS)
    columns = ", ".join(f"{name} {kinds[2]}" for name, kinds in _TYPES.items())
    house.execute(f"CREATE OR REPLACE TABLE t ({columns}) ENGINE = MergeTree ORDER BY k")
    house.execute("CREATE OR REPLACE TABLE u (k Int64, v Nullable(Float64)) ENGINE = MergeTree ORDER BY k")
    house.execute(f"INSERT INTO u VALUES {', '.join(_values(row) for row in OTHERS)}")
    world = Both(duck, house)
    world.fill(ROWS)
    yield world
    house.close()
    duck.close()


def _values(row: tuple[Any, ...]) -> str:
    return f"({', '.join(map(_value, row))})"


def _value(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, dt.date) else value


def _of_type(value: Any, kind: str) -> Any:
    """ClickHouse's JSON has one kind of number, and NaN as a text."""
    if isinstance(value, str) and "Float" in kind:
        return float(value)
    if isinstance(value, str) and "DateTime" in kind:
        return value if "." in value else f"{value}.000000"
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and "Float" in kind else value


def alike(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]], *, ordered: bool) -> bool:
    """Whether two results are the same rows: floats to 1e-12, and a true is no 1."""
    if not ordered:
        one, other = sorted(one, key=repr), sorted(other, key=repr)
    return len(one) == len(other) and all(
        len(a) == len(b) and all(map(_same, a, b)) for a, b in zip(one, other, strict=True)
    )


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-12) or a == b or (math.isnan(a) and math.isnan(b))
    return bool(a == b)

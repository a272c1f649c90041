"""Events standardised by day: only days whose events have changed are done again, with what they touch on other days.

A standardised event depends on the raw events of its own id and on nothing else that changes by itself (schema.yml says
so of a model, with `incremental_key`). An id may be on several days, since delivery is at least once and copies come
late; so what is done again is every id that is on a changed day, now or before, wherever else it is. All other rows are
kept: their parts are attached, not copied. Everything that is made from standardised events is always made anew.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlglot import exp

from gateway.marts.clickhouse.server import Server, literal, name, names, table
from gateway.marts.clickhouse.sources import columns_in, relation
from gateway.marts.clickhouse.tables import Shape, create, create_as, drop, in_database, is_nullable, parts_of
from gateway.marts.project import Model

STAGED: Final = "gateway_staged"
"""Of each such model: the fingerprint of the events of each day, and of all else that it rests on."""
_SHAPE: Final = Shape({"model": "String", "part": "String", "fingerprint": "String"}, ("model", "part"))
_BASIS: Final = "basis"
_IDS: Final = "gateway_changed_ids"
_RAW: Final = "gateway_changed_events"
_AGAIN: Final = "gateway_changed_rows"


@dataclass(frozen=True, slots=True)
class Increment:
    """How a model may be done by day, as schema.yml says in its `meta`."""

    key: str
    """Column of the source and of the model: a row of the model depends on the source's rows of the same key."""
    day: str
    """Column, of both, whose day a row belongs to."""

    @property
    def partition(self) -> str:
        """The day of a row as a number; 0 where it has none."""
        return f"ifNull(toYYYYMMDD({name(self.day)}), 0)"


@dataclass(frozen=True, slots=True)
class Staged:
    """What a model's table was made from."""

    basis: str
    days: Mapping[str, str]
    """Fingerprint of each day's events."""


@dataclass(frozen=True, slots=True)
class Redone:
    """Which days a build has standardised again, of how many."""

    days: int
    of: int


def increments(schema: Mapping[str, Any]) -> dict[str, Increment]:
    """The models that may be done by day."""
    found = {}
    for model in schema.get("models", ()):
        meta = model.get("config", {}).get("meta", {})
        if "incremental_key" in meta:
            found[model["name"]] = Increment(meta["incremental_key"], meta["day"])
    return found


def now(server: Server, model: Model, increment: Increment, relations: Mapping[str, exp.Expr], sql: str) -> Staged:
    """What the model would be made from now. Asked before it is made: what comes in between is seen the next time."""
    (source,) = model.sources
    columns = _described(server, _from(relations[source]))
    used = [column for column in columns if f".{column}" in sql]
    rows = server.rows(
        f"SELECT {increment.partition} AS day, count(), sum({_hash({one: columns[one] for one in used})})"
        f" FROM {_from(relations[source])} GROUP BY day"
    )
    basis = [sql, *(_content(server, relations[ref]) for ref in model.refs)]
    return Staged(
        hashlib.sha256("\0".join(basis).encode()).hexdigest(),
        {str(day): f"{count} {total}" for day, count, total in rows},
    )


def before(server: Server, model: str) -> Staged | None:
    """What the table in place was made from; None where it was not made like that."""
    if STAGED not in in_database(server, server.warehouse):
        return None
    rows = server.rows(
        f"SELECT part, fingerprint FROM {table(server.warehouse, STAGED)} WHERE model = {{model:String}}", model=model
    )
    parts = {str(part): str(fingerprint) for part, fingerprint in rows}
    return Staged(parts.pop(_BASIS), parts) if _BASIS in parts else None


def note(server: Server, database: str, model: str, staged: Staged) -> None:
    """Keep what the table was made from, beside it."""
    create(server, database, STAGED, _SHAPE, if_absent=True)
    rows = [(model, _BASIS, staged.basis), *((model, day, text) for day, text in staged.days.items())]
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    server.run(f"INSERT INTO {table(database, STAGED)} VALUES {values}")


def changed_days(old: Staged | None, new: Staged) -> set[str] | None:
    """Days whose events are not what they were; None where every day has to be done."""
    if old is None or old.basis != new.basis:
        return None
    return {day for day in old.days.keys() | new.days.keys() if old.days.get(day) != new.days.get(day)}


def redo(
    server: Server,
    target: str,
    model: Model,
    increment: Increment,
    shape: Shape,
    changed: set[str],
    source: exp.Expr,
    select: Callable[[exp.Expr], str],
) -> Redone | None:
    """Make the model's table in `target` from the one in place, with the changed days done again.

    `select` gives the model's SELECT for what stands for its source. None where the table in place has other columns;
    then nothing has been made.
    """
    if columns_in(server, server.warehouse).get(model.name) != dict(shape.columns):
        return None
    kept = table(server.warehouse, model.name)
    old, fresh = (parts_of(server, each, model.name, shape) for each in (server.warehouse, target))
    days, touched = _days(server, increment, kept), set[str]()
    create(server, target, model.name, shape)
    if changed:
        ids = _collect_ids(server, target, increment, source, kept, changed)
        create(server, target, _AGAIN, shape)
        again = table(target, _AGAIN)
        server.run(f"INSERT INTO {again} {select(_raw(server, target, source, increment, ids))}")
        touched = changed | _days(server, increment, again) | _days(server, increment, kept, f"IN ({ids})")
        server.run(
            f"INSERT INTO {again} SELECT * FROM {kept} WHERE {increment.partition} IN ({', '.join(sorted(touched))})"
            f" AND {name(increment.key)} NOT IN ({ids})"
        )
        _attach(server, fresh, parts_of(server, target, _AGAIN, shape), _days(server, increment, again))
        for each in (_AGAIN, _RAW, _IDS):
            drop(server, target, each)
    _attach(server, fresh, old, days - touched)
    return Redone(len(touched), len(days | touched))


def _collect_ids(
    server: Server, target: str, increment: Increment, source: exp.Expr, kept: str, changed: set[str]
) -> str:
    """Keys that are on a changed day, in the events of now or in the table of before; as a query."""
    key = name(increment.key)
    on_days = f"{increment.partition} IN ({', '.join(sorted(changed))}) AND isNotNull({key})"
    both = " UNION ALL ".join(f"SELECT {key} FROM {each} WHERE {on_days}" for each in (_from(source), kept))
    create_as(server, target, _IDS, f"SELECT DISTINCT assumeNotNull({key}) AS {key} FROM ({both})")
    return f"SELECT {key} FROM {table(target, _IDS)}"


def _raw(server: Server, target: str, source: exp.Expr, increment: Increment, ids: str) -> exp.Expr:
    """The source's rows of these keys, on whatever day."""
    columns = _described(server, _from(source))
    create(server, target, _RAW, Shape(columns))
    server.run(
        f"INSERT INTO {table(target, _RAW)} SELECT {names(columns)} FROM {_from(source)}"
        f" WHERE {name(increment.key)} IN ({ids})"
    )
    return relation(target, _RAW)


def _days(server: Server, increment: Increment, where: str, keys: str = "") -> set[str]:
    """Days of a table's rows; of those whose key is as told."""
    condition = f" WHERE {name(increment.key)} {keys}" if keys else ""
    return {str(row[0]) for row in server.rows(f"SELECT DISTINCT {increment.partition} FROM {where}{condition}")}


def _attach(server: Server, target: str, source: str, days: Iterable[str]) -> None:
    for day in sorted(days):
        server.run(f"ALTER TABLE {target}{server.on_cluster} ATTACH PARTITION {day} FROM {source}")


def _described(server: Server, where: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in server.rows(f"DESCRIBE TABLE (SELECT * FROM {where})")}


def _content(server: Server, stands_for: exp.Expr) -> str:
    """A fingerprint of a whole table: its rows, in whatever order."""
    where = _from(stands_for)
    return str(server.rows(f"SELECT count(), sum({_hash(_described(server, where))}) FROM {where}")[0])


def _hash(columns: Mapping[str, str]) -> str:
    """One number for a row. A null would make the whole of it null."""
    parts = []
    for column, kind in columns.items():
        parts.append(f"ifNull(toString({name(column)}), '')" if is_nullable(kind) else name(column))
        if is_nullable(kind):
            parts.append(f"isNull({name(column)})")
    return f"cityHash64({', '.join(parts)})"


def _from(stands_for: exp.Expr) -> str:
    return stands_for.sql(dialect="clickhouse")

"""Relations that are no plain name: an asset's own projection, and rows written in the statement."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlglot import exp

from gateway.guard.decision import Rule
from gateway.guard.policy import Asset, Policy, filter_tree
from gateway.guard.relations import Field, Relation
from gateway.guard.report import Report

MAX_RANGE: Final = 100_000
_PLAIN: Final = frozenset({"expressions", "from_", "where"})


def canonical_asset(node: exp.Subquery, policy: Policy, dialect: str) -> tuple[Asset | None, tuple[str, ...]]:
    """The asset that this derived table is the projection of, and the columns it projects; what the rewriting makes."""
    select = node.this
    if not isinstance(select, exp.Select) or any(v for k, v in select.args.items() if k not in _PLAIN):
        return None, ()
    source = select.args.get("from_")
    table = source.this if source is not None else None
    if not isinstance(table, exp.Table) or any(v for k, v in table.args.items() if k != "this"):
        return None, ()
    asset = policy.assets.get(table.name.lower()) if isinstance(table.this, exp.Identifier) else None
    if asset is None or asset.name != table.name or _columns_of(node):
        return None, ()
    where = select.args.get("where")
    if (where.this if where is not None else None) != (
        filter_tree(asset.row_filter, dialect) if asset.row_filter else None
    ):
        return None, ()
    names: list[str] = []
    for item in select.expressions:
        column = asset.columns.get(item.name.lower()) if isinstance(item, exp.Column) else None
        if column is None or item.table or column.name != item.name or column.name.lower() in names:
            return None, ()
        names.append(column.name.lower())
    return asset, tuple(names)


def _columns_of(node: exp.Expr) -> list[exp.Expr]:
    alias = node.args.get("alias")
    return list(alias.args.get("columns") or ()) if alias is not None else []


def constant_relation(node: exp.Expr, report: Report, key: Callable[[str], str]) -> Relation | None:
    """VALUES, a bounded series or an unnested list; None, with the reason reported, for anything else."""
    inner = node.this if isinstance(node, exp.Table) else node
    one_row = unique = False
    if isinstance(inner, exp.Values):
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in inner.expressions]
        names = [f"col{i}" for i in range(len(rows[0]) if rows else 0)]
        one_row = len(rows) == 1
    elif isinstance(inner, exp.Unnest):
        names = ["unnest"]
    elif isinstance(inner, exp.GenerateSeries):
        names = ["range" if inner.args.get("is_end_exclusive") else "generate_series"]
        unique = True
        bounded(inner, report)
    else:
        _refuse(inner, report)
        return None
    given = [column.name for column in _columns_of(node) or _columns_of(inner)]
    keys = {key(name): Field(name) for name in given + names[len(given) :]}
    return Relation(keys, () if one_row else tuple(keys) if unique else None, constant=True)


def _refuse(node: exp.Expr, report: Report) -> None:
    """Anything but a function has been refused by the shape, under its own name."""
    if isinstance(node, exp.Func):
        name = str(node.this) if isinstance(node, exp.Anonymous) else node.sql_name().lower()
        hint = "read an asset of the contract by its name"
        message = f"table function {name!r} is not allowed"
        report.add(Rule.TABLE_FUNCTION_NOT_ALLOWED, message, hint, node, token=name)


def bounded(series: exp.Expr, report: Report) -> None:
    """Refuse a series that is long, or whose length its text does not say."""
    start, end, step = series.args.get("start"), series.args.get("end"), series.args.get("step")
    count = _steps(start, end, step)
    if count is None:
        message = "the length of a series must be plain from its text"
        report.add(Rule.RANGE_TOO_LARGE, message, "write numbers or dates, and a step of whole days", series)
    elif count > MAX_RANGE:
        report.add(
            Rule.RANGE_TOO_LARGE, f"the series has {count} rows, more than {MAX_RANGE}", "make it shorter", series
        )


def _steps(start: exp.Expr | None, end: exp.Expr | None, step: exp.Expr | None) -> int | None:
    first, last = _number(start), _number(end)
    if first is not None and last is not None:
        by = 1.0 if step is None else _number(step)
        return None if not by else max(0, int((last - first) / by) + 1)
    first_day, last_day = _day(start), _day(end)
    if first_day is None or last_day is None or not isinstance(step, exp.Interval):
        return None
    seconds = _SECONDS.get(str(step.args["unit"].name).upper().rstrip("S")) if step.args.get("unit") else None
    by = _number(step.this)
    if not seconds or not by:
        return None
    return max(0, int((last_day - first_day).total_seconds() / (seconds * by)) + 1)


_SECONDS: Final = {
    "SECOND": 1,
    "MINUTE": 60,
    "HOUR": 3600,
    "DAY": 86_400,
    "WEEK": 604_800,
    "MONTH": 2_419_200,
    "QUARTER": 7_776_000,
    "YEAR": 31_536_000,
}


def _number(node: exp.Expr | None) -> float | None:
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return None if inner is None else -inner
    try:
        return float(node.this) if isinstance(node, exp.Literal) else None
    except ValueError:
        return None


def _day(node: exp.Expr | None) -> datetime | None:
    """A date or timestamp literal."""
    while isinstance(node, exp.Cast | exp.Paren | exp.Date):
        node = node.this
    if not isinstance(node, exp.Literal) or not node.is_string:
        return None
    try:
        return datetime.fromisoformat(node.this)
    except ValueError:
        return None

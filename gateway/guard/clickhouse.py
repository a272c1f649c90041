"""ClickHouse's own traps: second spellings made plain, and what its parser or its names would read otherwise.

Each was found by asking the engine. Nothing here is needed for DuckDB, whose statements do not pay for it.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

from sqlglot import exp

from gateway.guard.decision import Rule
from gateway.guard.functions import FunctionList, Kind
from gateway.guard.report import Report
from gateway.guard.syntax import UNITS

MAX_NAMED: Final = 50
"""Expressions that a WITH may name."""
MAX_WRITTEN_OUT: Final = 2_000
"""Nodes that the expressions of a WITH may come to, once they stand wherever their names did."""


# second spellings


def plain_clickhouse(tree: exp.Expr, report: Report) -> exp.Expr:
    """The tree with PREWHERE as a filter, WITH ROLLUP as a grouping and `WITH expression AS name` written out."""
    for select in list(tree.find_all(exp.Select)):
        _prewhere(select)
        _rollup(select.args.get("group"))
    clauses = list(tree.find_all(exp.With))
    if any(cte.args.get("scalar") for clause in clauses for cte in clause.expressions):
        taken = Counter(item.alias for item in tree.find_all(exp.Alias, exp.CTE))
        for clause in clauses:
            _written_out(clause, taken, report)
    return tree


def _prewhere(select: exp.Select) -> None:
    """PREWHERE says when a condition is looked at, not what it means; the projection inside could not carry it."""
    early = select.args.get("prewhere")
    if early is None:
        return
    select.set("prewhere", None)
    where = select.args.get("where")
    if where is None:
        select.set("where", exp.Where(this=early.this))
    else:
        both = exp.And(this=exp.Paren(this=early.this), expression=exp.Paren(this=where.this))
        select.set("where", exp.Where(this=both))


def _rollup(group: exp.Expr | None) -> None:
    """`GROUP BY a, b WITH ROLLUP` is `GROUP BY ROLLUP (a, b)`."""
    if group is None or not group.expressions:
        return
    for kind in ("rollup", "cube"):
        parts = group.args.get(kind) or []
        others = [k for k in ("rollup", "cube", "grouping_sets", "all", "totals") if k != kind and group.args.get(k)]
        if len(parts) == 1 and not parts[0].expressions and not others:
            parts[0].set("expressions", group.expressions)
            group.set("expressions", [])


def _written_out(clause: exp.With, taken: Counter[str], report: Report) -> None:
    """`WITH 0.05 AS alpha` is a name for an expression: the expression takes its place in the query below.

    Not where the name is given twice in the statement, for then the engine's rules of scope would decide.
    """
    holder, kept = clause.parent, []
    scalars = [cte for cte in clause.expressions if cte.args.get("scalar")]
    if not scalars or not isinstance(holder, exp.Select):
        return
    if len(scalars) > MAX_NAMED:
        report.add(Rule.TOO_DEEP, f"WITH names {len(scalars)} expressions, more than {MAX_NAMED}", "write them out")
        return
    if any(taken[cte.alias] > 1 for cte in scalars):
        return  # the shape refuses what is left
    for i, cte in enumerate(clause.expressions):
        if not cte.args.get("scalar"):
            kept.append(cte)
            continue
        below = [later.this for later in clause.expressions[i + 1 :]]
        below += [part for key, part in _parts(holder) if key != "with_"]
        places = [c for part in below for c in part.find_all(exp.Column) if not c.table and c.name == cte.alias]
        size = sum(1 for _ in cte.this.walk())
        if size * len(places) > MAX_WRITTEN_OUT:
            report.add(Rule.TOO_DEEP, f"{cte.alias!r} is used too often to be written out", "use a subquery", cte)
            return
        if not places and cte.this.find(exp.Table, exp.Column):
            kept.append(cte)  # nothing would look at it any more: the shape refuses it
            continue
        report.written_out.add(cte.alias)
        _replace(cte, places)
    clause.set("expressions", kept)
    if not kept:
        holder.set("with_", None)


def _parts(node: exp.Expr) -> list[tuple[str, exp.Expr]]:
    found = []
    for key, value in node.args.items():
        items = value if isinstance(value, list) else [value]
        found += [(key, item) for item in items if isinstance(item, exp.Expr)]
    return found


def _replace(cte: exp.Expr, places: list[exp.Column]) -> None:
    """Put the expression where its name stands."""
    for column in places:
        inner: exp.Expr = cte.this.copy()
        if not isinstance(inner, exp.Literal | exp.Subquery | exp.Paren):
            inner = exp.Paren(this=inner)
        if isinstance(column.parent, exp.Select) and column.arg_key == "expressions":
            inner = exp.Alias(this=inner, alias=exp.Identifier(this=cte.alias, quoted=True))
        column.replace(inner)


# traps


def traps(root: exp.Expr, functions: FunctionList, report: Report) -> None:
    """Refuse what ClickHouse would read otherwise than the tree says."""
    for node in root.walk():
        if isinstance(node, exp.Window) and not _folds(node.this, functions):
            report.add(Rule.SYNTAX_NOT_ALLOWED, "OVER stands behind aggregate and window functions only", "", node)
        look = _TRAPS.get(type(node))
        if look is not None and (found := look(node)) is not None:
            report.add(Rule.SYNTAX_NOT_ALLOWED, found[0], found[1], node)


def _folds(call: exp.Expr, functions: FunctionList) -> bool:
    """An aggregate or window call, or one that the shape refuses under its own name."""
    while isinstance(call, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        call = call.this
    function = functions.of(call)
    return function is None or function.kind is not Kind.SCALAR


Found = tuple[str, str] | None


def _alias(node: exp.Expr) -> Found:
    """An alias anywhere in a statement is a name for all of it, and wins over a column."""
    listed = isinstance(node.parent, exp.Select) and node.arg_key == "expressions"
    if listed or (isinstance(node.parent, exp.Star) and node.arg_key == "replace"):
        return None
    return "an alias inside an expression is not allowed", "name it in the select list of a subquery"


def _in(node: exp.Expr) -> Found:
    """`x IN (name)` reads the table of that name where no column has it."""
    listed = [item.unnest() for item in node.expressions]
    if len(listed) == 1 and isinstance(listed[0], exp.Column):
        return "IN with one name can be read as a table", "write x = name, or x IN (SELECT …)"
    return None


def _values(_: exp.Expr) -> Found:
    return "VALUES is not allowed", "write SELECT 1 AS a UNION ALL SELECT 2"


def _unnest(_: exp.Expr) -> Found:
    return "unnest is not allowed", "write SELECT arrayJoin([1, 2]) AS x, alone in a subquery"


def _join(node: exp.Expr) -> Found:
    side, kind = str(node.args.get("side") or "").upper(), str(node.args.get("kind") or "").upper()
    if side in ("RIGHT", "FULL") and kind in ("SEMI", "ANTI"):
        return "a RIGHT SEMI or ANTI join is not allowed", "turn it round: LEFT SEMI JOIN, or IN (SELECT …)"
    return None


def _set(node: exp.Expr) -> Found:
    """What follows a set operation belongs to its last SELECT, and may name columns of that alone."""
    if node.args.get("by_name"):
        return "UNION BY NAME is not allowed", "name the columns of both sides in the same order"
    if any(node.args.get(part) for part in ("order", "limit", "offset")):
        message = "ORDER BY or LIMIT after a set operation belongs to its last SELECT"
        return message, "write SELECT * FROM (… UNION ALL …) AS t ORDER BY …"
    return None


def _tuple(node: exp.Expr) -> Found:
    if len(node.expressions) == 1 and not isinstance(node.parent, exp.In | exp.Distinct):
        return "a tuple of one in brackets can be read as what is in it", "write tuple(x)"
    return None


def _series(node: exp.Expr) -> Found:
    bounds = [node.args.get(part) for part in ("start", "end", "step")]
    alias = node.parent.args.get("alias") if node.parent is not None else None
    if alias is not None and alias.args.get("columns"):
        return "columns of generate_series cannot be renamed", "its column is called generate_series"
    if any(isinstance(bound, exp.Expr) and not isinstance(bound, exp.Literal) for bound in bounds):
        return "generate_series counts in plain numbers", "write toDate('2026-01-01') + generate_series over it"
    return None


def _group(node: exp.Expr) -> Found:
    parts = [part for kind in ("rollup", "cube", "grouping_sets") for part in node.args.get(kind) or ()]
    listed = [part for part in node.expressions if isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets)]
    if parts + listed and len(parts) + len(node.expressions) > 1:
        return "a grouping beside ROLLUP, CUBE or GROUPING SETS is not allowed", "write GROUPING SETS ((a, b), (a))"
    return None


def _frame(node: exp.Expr) -> Found:
    if any(isinstance(node.args.get(end), exp.Interval) for end in ("start", "end")):
        return "a window's frame counts in plain numbers", "write RANGE BETWEEN 6 PRECEDING for days of a Date"
    return None


def _quantified(_: exp.Expr) -> Found:
    return "ANY and ALL of a subquery are not allowed", "write x IN (SELECT …), or compare with max(…)"


def _try_cast(_: exp.Expr) -> Found:
    return "TRY_CAST is not allowed", "write toInt64OrNull(x), toFloat64OrNull(x) or toDateOrNull(x)"


def _similar(_: exp.Expr) -> Found:
    return "SIMILAR TO is not allowed", "write match(x, 'pattern')"


def _nulls(node: exp.Expr) -> Found:
    if isinstance(node.parent, exp.Window | exp.Filter):
        return None
    return "IGNORE NULLS stands behind the call", "write first_value(x) IGNORE NULLS OVER (…)"


def _cte(node: exp.Expr) -> Found:
    if node.args.get("materialized") is False:
        return "NOT MATERIALIZED is not allowed", "leave it out"
    return None


def _unit(node: exp.Expr) -> Found:
    unit = node.args.get("unit")
    if unit is None:
        return "a unit is missing", "write dateDiff('day', a, b)"
    if isinstance(unit, exp.Literal) and str(unit.this).upper() not in UNITS:
        return f"{str(unit.this)[:40]!r} is not a unit", f"one of {', '.join(sorted(u.lower() for u in UNITS))[:120]}"
    return None


def _interval_function(node: exp.Expr) -> Found:
    """Two arguments need an interval; sqlglot reads three with the unit first."""
    if node.args.get("unit") is None and not isinstance(node.expression, exp.Interval):
        return "the second argument is no interval", "write dateAdd(day, 7, x) or x + INTERVAL 7 DAY"
    return None


_TRAPS: Final[dict[type[exp.Expr], Callable[[exp.Expr], Found]]] = {
    exp.Alias: _alias,
    exp.In: _in,
    exp.Values: _values,
    exp.Unnest: _unnest,
    exp.Join: _join,
    exp.Union: _set,
    exp.Except: _set,
    exp.Intersect: _set,
    exp.CTE: _cte,
    exp.GenerateSeries: _series,
    exp.Tuple: _tuple,
    exp.Group: _group,
    exp.WindowSpec: _frame,
    exp.Any: _quantified,
    exp.All: _quantified,
    exp.TryCast: _try_cast,
    exp.SimilarTo: _similar,
    exp.IgnoreNulls: _nulls,
    exp.RespectNulls: _nulls,
    exp.DateDiff: _unit,
    exp.DateAdd: _interval_function,
    exp.DateSub: _interval_function,
}

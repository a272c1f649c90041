"""What is looked at in single kinds of nodes, beyond their class and their arguments."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from gateway.guard import slots
from gateway.guard.decision import Rule
from gateway.guard.syntax import BARE_NAME, INTERVAL_COUNT, JSON_KEY, MAX_NAME, MAX_PAD, NUMBER, TYPES, VARS

if TYPE_CHECKING:
    from gateway.guard.shape import Shape

MAX_TYPE_PARAMETER: Final = 100


def _join(shape: "Shape", node: exp.Expr) -> None:
    shape.joins += 1
    if isinstance(node.this, exp.Unnest) and not any(node.args.get(part) for part in ("kind", "side", "on")):
        shape.refused(node.this, "a comma before unnest, and a join behind it", "write CROSS JOIN unnest(…)")


def _set(shape: "Shape", node: exp.Expr) -> None:
    shape.sets += 1
    for side in (node.this, node.expression):
        parts = ("order", "limit", "offset") if side is node.this else ("with_",)
        if not isinstance(side, exp.Subquery) and any(side.args.get(part) for part in parts):
            message = "a side of a set operation with its own WITH, ORDER BY or LIMIT needs brackets"
            shape.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write (SELECT … LIMIT 1) UNION ALL …", side)


def _place(shape: "Shape", node: exp.Expr) -> None:
    shape.places.append(node)


def _star(shape: "Shape", node: exp.Expr) -> None:
    holder = node.parent
    of_one = holder.parent if isinstance(holder, exp.Column) and holder.this is node else holder
    if shape.functions.dialect == "duckdb" and (isinstance(of_one, exp.Columns) or _like_star(node, holder)):
        return  # which columns it picks is written out; where that may stand is looked at there
    if isinstance(holder, exp.Column) and holder.this is node:
        holder = holder.parent
        listed = isinstance(holder, exp.Select)
    else:
        listed = isinstance(holder, exp.Select | exp.Count)
    if not listed:
        message = "* stands for columns only in a select list, and for rows in count(*)"
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "name the columns", node.parent)


def _series(shape: "Shape", node: exp.Expr) -> None:
    if not isinstance(node.parent, exp.Table | exp.Explode):
        message = "function 'range' is not allowed here"
        shape.report.add(Rule.FUNCTION_NOT_ALLOWED, message, "use it in FROM: FROM range(10) AS r(i)", node)


def _like(shape: "Shape", node: exp.Expr) -> None:
    if isinstance(node.expression, exp.Array | exp.Any | exp.All | exp.Tuple):
        message = "LIKE compares with one pattern"
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write x LIKE 'a%' OR x LIKE 'b%'", node)


def _identifier(shape: "Shape", node: exp.Expr) -> None:
    name = node.this
    bare = isinstance(name, str) and (node.args.get("quoted") or BARE_NAME.fullmatch(name))
    if not bare or len(name) > MAX_NAME:
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, f"{str(name)[:40]!r} is not a name", "quote it", node)


def _literal(shape: "Shape", node: exp.Expr) -> None:
    if not node.args.get("is_string") and not NUMBER.fullmatch(str(node.this)):
        message = f"{str(node.this)[:40]!r} is not a plain number"
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write it as digits, a point and an exponent", node)


def _var(shape: "Shape", node: exp.Expr) -> None:
    allowed = VARS.get((type(node.parent).__name__, node.arg_key or ""), frozenset())
    if str(node.this).upper() not in allowed:
        hint = f"one of {', '.join(sorted(u.lower() for u in allowed))[:160]}" if allowed else ""
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, f"{str(node.this)[:40]!r} is not allowed here", hint, node.parent)


def _type(shape: "Shape", node: exp.Expr) -> None:
    name = getattr(node.this, "value", "")
    in_cast = isinstance(node.parent, exp.Cast | exp.DataType)
    json = name == "JSON" and shape.functions.dialect == "duckdb"
    if (name not in TYPES and not json) or not in_cast:
        message = f"type {str(name or node.this)[:40].lower()!r} is not allowed here"
        shape.report.add(
            Rule.TYPE_NOT_ALLOWED,
            message,
            "use boolean, bigint, double, decimal, varchar, date or timestamp",
            node.parent,
        )


def _type_parameter(shape: "Shape", node: exp.Expr) -> None:
    size = node.this
    if not (
        isinstance(size, exp.Literal)
        and not size.is_string
        and size.this.isdigit()
        and int(size.this) <= MAX_TYPE_PARAMETER
    ):
        shape.report.add(Rule.TYPE_NOT_ALLOWED, "a type's size must be a small number", "", node.parent)


def _lateral(shape: "Shape", node: exp.Expr) -> None:
    if not isinstance(node.this, exp.Subquery) or shape.functions.dialect != "duckdb":
        shape.refused(node, "LATERAL stands before a query in brackets only", "use a join on the declared keys")


def _explode(shape: "Shape", node: exp.Expr) -> None:
    """In a select list, only where there are no rows that it could repeat."""
    holder = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    alone = isinstance(holder, exp.Select) and not holder.args.get("from_") and len(holder.expressions) == 1
    series = isinstance(node.this, exp.GenerateSeries) and shape.functions.dialect == "duckdb"
    if not alone or not (series or isinstance(node.this, exp.Array)):
        hint = "unnest the list in FROM instead: FROM …, unnest(list) AS u(x)"
        shape.refused(node, "unnest in a select list is not allowed", hint)


def _property(shape: "Shape", node: exp.Expr) -> None:
    name, in_struct = node.this, isinstance(node.parent, exp.Struct) and shape.functions.dialect == "duckdb"
    if not in_struct or not isinstance(name, exp.Identifier) or not BARE_NAME.fullmatch(str(name.this)):
        shape.refused(node, "a named argument is not allowed", "name the parts of a struct plainly: {'a': 1}")


def _count(shape: "Shape", node: exp.Expr) -> None:
    if isinstance(node.this, exp.Distinct) and len(node.this.expressions) > 1:
        message = "count(DISTINCT …) takes one expression"
        shape.refused(node, message, "write count(DISTINCT (a, b)), or count a SELECT DISTINCT")


def _rollup(shape: "Shape", node: exp.Expr) -> None:
    if not node.expressions:
        shape.refused(node, "WITH ROLLUP and WITH CUBE are not allowed", "write GROUP BY ROLLUP (a, b)")


def _interval(shape: "Shape", node: exp.Expr) -> None:
    count, unit = node.this, node.args.get("unit")
    if not isinstance(unit, exp.Var):
        message = "an interval needs a count and one unit"
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write interval '7' day", node.parent)
    elif isinstance(count, exp.Literal) and not INTERVAL_COUNT.fullmatch(str(count.this)):
        message = f"{str(count.this)[:40]!r} is not a plain count of {unit.name.lower()}"
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write interval '7' day", node.parent)


def _json_step(shape: "Shape", node: exp.Expr) -> None:
    step = node.this
    if not (isinstance(step, int) or (isinstance(step, str) and JSON_KEY.fullmatch(step))):
        message = f"{str(step)[:40]!r} is not allowed in a JSON path"
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "name keys and positions: '$.key[0]'", node.parent)


def _json(shape: "Shape", node: exp.Expr) -> None:
    if not isinstance(node.expression, exp.JSONPath):
        shape.report.add(
            Rule.SYNTAX_NOT_ALLOWED, "a JSON path is written out", "write json_extract_string(x, '$.key')", node
        )


def _pad(shape: "Shape", node: exp.Expr) -> None:
    width = node.expression
    if not (isinstance(width, exp.Literal) and str(width.this).isdigit() and int(width.this) <= MAX_PAD):
        shape.report.add(
            Rule.SYNTAX_NOT_ALLOWED, f"the width is a number up to {MAX_PAD}", "write lpad(x, 8, '0')", node
        )


def _in(shape: "Shape", node: exp.Expr) -> None:
    query, field = node.args.get("query"), node.args.get("field")
    if query is None and not node.args.get("expressions"):
        hint = "write list_contains(list, x)" if isinstance(field, exp.Func) else "write x IN (SELECT …)"
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, "IN needs a list or a subquery", hint, node)


def _in_quantifier(shape: "Shape", node: exp.Expr) -> None:
    if not isinstance(node.this, exp.Query | exp.Subquery | exp.Paren | exp.Tuple):
        shape.report.add(Rule.SYNTAX_NOT_ALLOWED, "ANY and ALL need a subquery", "write x IN (…)", node)


def _like_star(node: exp.Expr, holder: exp.Expr | None) -> bool:
    """`* LIKE '…'`, as an item of a select list."""
    like = isinstance(holder, exp.Like) and holder.this is node and not holder.args.get("negate")
    return like and holder is not None and isinstance(holder.parent, exp.Select) and holder.arg_key == "expressions"


LOOKS: Final[dict[type[exp.Expr], Callable[["Shape", exp.Expr], None]]] = {
    exp.Join: _join,
    exp.Union: _set,
    exp.Except: _set,
    exp.Intersect: _set,
    exp.Identifier: _identifier,
    exp.Literal: _literal,
    exp.Var: _var,
    exp.DataType: _type,
    exp.DataTypeParam: _type_parameter,
    exp.Interval: _interval,
    exp.In: _in,
    exp.Lateral: _lateral,
    exp.Explode: _explode,
    exp.PropertyEQ: _property,
    exp.Count: _count,
    exp.Rollup: _rollup,
    exp.Cube: _rollup,
    exp.JSONExtract: _json,
    exp.JSONExtractScalar: _json,
    exp.JSONPathKey: _json_step,
    exp.JSONPathSubscript: _json_step,
    exp.Pad: _pad,
    exp.Table: _place,
    exp.Column: _place,
    exp.Star: _star,
    exp.GenerateSeries: _series,
    exp.Like: _like,
    exp.ILike: _like,
    exp.Alias: slots.alias,
    exp.Columns: slots.columns,
    exp.Lambda: slots.list_lambda,
    exp.AtTimeZone: slots.zone,
    exp.Format: slots.template,
    exp.Anonymous: slots.named,
    exp.Any: _in_quantifier,
    exp.All: _in_quantifier,
} | dict.fromkeys(slots.COMPARISONS, slots.comparison)
"""By kind of node."""

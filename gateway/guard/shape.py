"""Default-deny over the tree: each node, each argument and each slot's content must have been allowed by name."""

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from gateway.guard import slots
from gateway.guard.advice import FUNCTIONS
from gateway.guard.bounds import MAX_JOINS
from gateway.guard.decision import Rule
from gateway.guard.functions import NAMED, FunctionList, Kind
from gateway.guard.report import Report
from gateway.guard.syntax import (
    ARGUMENT_HINTS,
    BARE_NAME,
    FRIENDLY,
    HINTS,
    INTERVAL_COUNT,
    JSON_KEY,
    MAX_PAD,
    NODES_OF,
    NUMBER,
    OPTIONS,
    STRINGS,
    TYPES,
    VARS,
)

MAX_DEPTH: Final = 200
MAX_SET_OPERATIONS: Final = 24
MAX_TYPE_PARAMETER: Final = 100
MAX_NAME: Final = 200

_SETS: Final = (exp.Union, exp.Except, exp.Intersect)


class Shape:
    """One walk over one tree."""

    def __init__(self, functions: FunctionList, report: Report) -> None:
        self.functions = functions
        self.report = report
        self.joins = self.sets = 0
        self.places: list[exp.Expr] = []
        """Every table and column node, for the reader to account for."""
        self.too_deep = False

    def check(self, root: exp.Expr) -> None:
        """Report whatever in the tree nobody allowed."""
        stack: list[tuple[exp.Expr, int]] = [(root, 1)]
        known = _KNOWN[self.functions.dialect]
        while stack:
            node, depth = stack.pop()
            allowed, look = known.get(type(node), _UNKNOWN)
            if allowed is None:
                allowed = self._call(node)
                if allowed is None:
                    continue
            if look is not None:
                look(self, node)
            if depth > MAX_DEPTH:
                self._deep(node)
            else:
                self._arguments(node, allowed, depth + 1, stack)
        self._counts()

    def _arguments(
        self, node: exp.Expr, allowed: frozenset[str], depth: int, stack: list[tuple[exp.Expr, int]]
    ) -> None:
        for name, value in node.args.items():
            if value is None or value is False or value == []:
                continue
            if name not in allowed:
                self._argument(node, name, value)
            elif isinstance(value, exp.Expr):
                if type(value) is not exp.Identifier or not _plain_name(value):
                    stack.append((value, depth))
            elif isinstance(value, list):
                self._children(node, name, value, depth, stack)
            elif value is not True:
                self._text(node, name, value)

    def _children(
        self, node: exp.Expr, name: str, value: list[object], depth: int, stack: list[tuple[exp.Expr, int]]
    ) -> None:
        for item in value:
            if isinstance(item, exp.Expr):
                stack.append((item, depth))
            else:
                self._argument(node, name, item)

    def _deep(self, node: exp.Expr) -> None:
        if not self.too_deep:
            self.too_deep = True
            self.report.add(
                Rule.TOO_DEEP, f"the statement is nested more than {MAX_DEPTH} deep", "use WITH to name the steps", node
            )

    def _counts(self) -> None:
        if self.joins > MAX_JOINS:
            message = f"the statement has {self.joins} joins, more than {MAX_JOINS}"
            self.report.add(Rule.TOO_MANY_JOINS, message, "split the question into smaller queries")
        if self.sets > MAX_SET_OPERATIONS:
            message = f"the statement has {self.sets} set operations, more than {MAX_SET_OPERATIONS}"
            self.report.add(Rule.TOO_MANY_SET_OPERATIONS, message, "split the question, or use IN (…)")

    def _call(self, node: exp.Expr) -> frozenset[str] | None:
        """A node of no listed class: an allowed function, or nothing that is allowed."""
        function = self.functions.of(node)
        if function is not None and (not isinstance(node, NAMED) or BARE_NAME.fullmatch(node.this)):
            self.report.functions.add(function.name)
            if function.kind is Kind.WINDOW:
                self._needs_over(node, function.name)
            return function.arguments
        name = type(node).__name__
        if isinstance(node, NAMED):
            self._function(node, node.this if isinstance(node.this, str) else "an expression as a function")
        elif isinstance(node, exp.Func) and name not in FRIENDLY:
            self._function(node, node.sql_name().lower())
        elif not isinstance(node.parent, exp.DataType):  # a refused type has been reported by its own name
            message = f"{FRIENDLY.get(name, name.upper())} is not allowed"
            sign = f"${node.this}" if node.args.get("this") else "?"
            place = self.report.only(sign) if isinstance(node, exp.Placeholder) else -1
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, slots.instead(node) or HINTS.get(name, ""), node, place)
        return None

    def _function(self, node: exp.Expr, name: str) -> None:
        if _names_a_relation(node):
            message = f"table function {name!r} is not allowed"
            hint = "read an asset of the contract by its name"
            self.report.add(Rule.TABLE_FUNCTION_NOT_ALLOWED, message, hint, node, token=name)
            return
        hint = FUNCTIONS.get(name.lower(), "") if self.functions.dialect == "duckdb" else ""
        close: tuple[str, ...] = ()
        if not hint:
            close = self.functions.closest(name)
            hint = f"did you mean {close[0]!r}?" if close else "use a plain scalar, aggregate or window function"
        message, offset = f"function {name!r} is not allowed", self.report.only(name)
        self.report.add(Rule.FUNCTION_NOT_ALLOWED, message, hint, node, offset, token=name, allowed=close)

    def _needs_over(self, node: exp.Expr, name: str) -> None:
        parent = node.parent
        while isinstance(parent, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            parent = parent.parent
        if not isinstance(parent, exp.Window):
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, f"{name} needs OVER (…)", "add OVER (ORDER BY …)", node)

    def _argument(self, node: exp.Expr, name: str, value: object) -> None:
        """An argument that is not listed for its class; what it holds is not looked at further."""
        owner = type(node).__name__
        what = FRIENDLY.get(type(value).__name__, name.rstrip("_").replace("_", " "))
        held = value[0] if isinstance(value, list) and value else value
        if isinstance(held, exp.Expr):
            what = FRIENDLY.get(type(held).__name__, what)
            hint = HINTS.get(type(held).__name__, "")
        else:
            hint = ""
        hint = hint or ARGUMENT_HINTS.get((owner, name), "")
        if owner == "With" and name == "recursive":
            message = "recursive queries are not allowed"
            hint = "for a list of days " + FUNCTIONS["sequence"]
            self.report.add(Rule.RECURSION_NOT_ALLOWED, message, hint, node)
        elif (owner, name) in _KNOWN_TO_THE_READER:
            pass  # the reader knows what they mean, and reports them
        elif self.functions.dialect == "duckdb" and (owner, name) in OPTIONS:
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, *OPTIONS[owner, name], node)
        elif owner == "In" and name == "field":
            pass  # a relation or a column beside IN, reported as an IN without list
        else:
            message = f"{what} is not allowed in {FRIENDLY.get(owner, owner.upper())}"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, hint, held if isinstance(held, exp.Expr) else node)

    def _text(self, node: exp.Expr, name: str, value: object) -> None:
        if type(node) in _LEAVES:
            return
        allowed = STRINGS.get((type(node).__name__, name), frozenset())
        if isinstance(node, NAMED) and name == "this":
            return
        if not isinstance(value, str) or value.lower() not in allowed:
            message = f"{str(value)[:40]!r} is not allowed as {name.replace('_', ' ')} of {type(node).__name__.upper()}"
            hint = ARGUMENT_HINTS.get((type(node).__name__, name), "")
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, hint, node)

    # What is looked at beyond class and arguments.

    def _join(self, node: exp.Expr) -> None:
        self.joins += 1
        if isinstance(node.this, exp.Unnest) and not any(node.args.get(part) for part in ("kind", "side", "on")):
            self.refused(node.this, "a comma before unnest, and a join behind it", "write CROSS JOIN unnest(…)")

    def _set(self, node: exp.Expr) -> None:
        self.sets += 1
        for side in (node.this, node.expression):
            parts = ("order", "limit", "offset") if side is node.this else ("with_",)
            if not isinstance(side, exp.Subquery) and any(side.args.get(part) for part in parts):
                message = "a side of a set operation with its own WITH, ORDER BY or LIMIT needs brackets"
                self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write (SELECT … LIMIT 1) UNION ALL …", side)

    def _place(self, node: exp.Expr) -> None:
        self.places.append(node)

    def _star(self, node: exp.Expr) -> None:
        holder = node.parent
        of_one = holder.parent if isinstance(holder, exp.Column) and holder.this is node else holder
        if self.functions.dialect == "duckdb" and (isinstance(of_one, exp.Columns) or _like_star(node, holder)):
            return  # which columns it picks is written out; where that may stand is looked at there
        if isinstance(holder, exp.Column) and holder.this is node:
            holder = holder.parent
            listed = isinstance(holder, exp.Select)
        else:
            listed = isinstance(holder, exp.Select | exp.Count)
        if not listed:
            message = "* stands for columns only in a select list, and for rows in count(*)"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "name the columns", node.parent)

    def _series(self, node: exp.Expr) -> None:
        if not isinstance(node.parent, exp.Table | exp.Explode):
            message = "function 'range' is not allowed here"
            self.report.add(Rule.FUNCTION_NOT_ALLOWED, message, "use it in FROM: FROM range(10) AS r(i)", node)

    def _like(self, node: exp.Expr) -> None:
        if isinstance(node.expression, exp.Array | exp.Any | exp.All | exp.Tuple):
            message = "LIKE compares with one pattern"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write x LIKE 'a%' OR x LIKE 'b%'", node)

    def _identifier(self, node: exp.Expr) -> None:
        name = node.this
        bare = isinstance(name, str) and (node.args.get("quoted") or BARE_NAME.fullmatch(name))
        if not bare or len(name) > MAX_NAME:
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, f"{str(name)[:40]!r} is not a name", "quote it", node)

    def _literal(self, node: exp.Expr) -> None:
        if not node.args.get("is_string") and not NUMBER.fullmatch(str(node.this)):
            message = f"{str(node.this)[:40]!r} is not a plain number"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write it as digits, a point and an exponent", node)

    def _var(self, node: exp.Expr) -> None:
        allowed = VARS.get((type(node.parent).__name__, node.arg_key or ""), frozenset())
        if str(node.this).upper() not in allowed:
            hint = f"one of {', '.join(sorted(u.lower() for u in allowed))[:160]}" if allowed else ""
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, f"{str(node.this)[:40]!r} is not allowed here", hint, node.parent)

    def _type(self, node: exp.Expr) -> None:
        name = getattr(node.this, "value", "")
        in_cast = isinstance(node.parent, exp.Cast | exp.DataType)
        json = name == "JSON" and self.functions.dialect == "duckdb"
        if (name not in TYPES and not json) or not in_cast:
            message = f"type {str(name or node.this)[:40].lower()!r} is not allowed here"
            self.report.add(
                Rule.TYPE_NOT_ALLOWED,
                message,
                "use boolean, bigint, double, decimal, varchar, date or timestamp",
                node.parent,
            )

    def _type_parameter(self, node: exp.Expr) -> None:
        size = node.this
        if not (
            isinstance(size, exp.Literal)
            and not size.is_string
            and size.this.isdigit()
            and int(size.this) <= MAX_TYPE_PARAMETER
        ):
            self.report.add(Rule.TYPE_NOT_ALLOWED, "a type's size must be a small number", "", node.parent)

    def _lateral(self, node: exp.Expr) -> None:
        if not isinstance(node.this, exp.Subquery) or self.functions.dialect != "duckdb":
            self.refused(node, "LATERAL stands before a query in brackets only", "use a join on the declared keys")

    def _explode(self, node: exp.Expr) -> None:
        """In a select list, only where there are no rows that it could repeat."""
        holder = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
        alone = isinstance(holder, exp.Select) and not holder.args.get("from_") and len(holder.expressions) == 1
        series = isinstance(node.this, exp.GenerateSeries) and self.functions.dialect == "duckdb"
        if not alone or not (series or isinstance(node.this, exp.Array)):
            hint = "unnest the list in FROM instead: FROM …, unnest(list) AS u(x)"
            self.refused(node, "unnest in a select list is not allowed", hint)

    def _property(self, node: exp.Expr) -> None:
        name, in_struct = node.this, isinstance(node.parent, exp.Struct) and self.functions.dialect == "duckdb"
        if not in_struct or not isinstance(name, exp.Identifier) or not BARE_NAME.fullmatch(str(name.this)):
            self.refused(node, "a named argument is not allowed", "name the parts of a struct plainly: {'a': 1}")

    def _count(self, node: exp.Expr) -> None:
        if isinstance(node.this, exp.Distinct) and len(node.this.expressions) > 1:
            message = "count(DISTINCT …) takes one expression"
            self.refused(node, message, "write count(DISTINCT (a, b)), or count a SELECT DISTINCT")

    def _rollup(self, node: exp.Expr) -> None:
        if not node.expressions:
            self.refused(node, "WITH ROLLUP and WITH CUBE are not allowed", "write GROUP BY ROLLUP (a, b)")

    def refused(self, node: exp.Expr, message: str, hint: str) -> None:
        """Report a construct that is not allowed as it stands."""
        self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, hint, node)

    def _interval(self, node: exp.Expr) -> None:
        count, unit = node.this, node.args.get("unit")
        if not isinstance(unit, exp.Var):
            message = "an interval needs a count and one unit"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write interval '7' day", node.parent)
        elif isinstance(count, exp.Literal) and not INTERVAL_COUNT.fullmatch(str(count.this)):
            message = f"{str(count.this)[:40]!r} is not a plain count of {unit.name.lower()}"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write interval '7' day", node.parent)

    def _json_step(self, node: exp.Expr) -> None:
        step = node.this
        if not (isinstance(step, int) or (isinstance(step, str) and JSON_KEY.fullmatch(step))):
            message = f"{str(step)[:40]!r} is not allowed in a JSON path"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "name keys and positions: '$.key[0]'", node.parent)

    def _json(self, node: exp.Expr) -> None:
        if not isinstance(node.expression, exp.JSONPath):
            self.report.add(
                Rule.SYNTAX_NOT_ALLOWED, "a JSON path is written out", "write json_extract_string(x, '$.key')", node
            )

    def _pad(self, node: exp.Expr) -> None:
        width = node.expression
        if not (isinstance(width, exp.Literal) and str(width.this).isdigit() and int(width.this) <= MAX_PAD):
            self.report.add(
                Rule.SYNTAX_NOT_ALLOWED, f"the width is a number up to {MAX_PAD}", "write lpad(x, 8, '0')", node
            )

    def _in(self, node: exp.Expr) -> None:
        query, field = node.args.get("query"), node.args.get("field")
        if query is None and not node.args.get("expressions"):
            hint = "write list_contains(list, x)" if isinstance(field, exp.Func) else "write x IN (SELECT …)"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, "IN needs a list or a subquery", hint, node)

    def _in_quantifier(self, node: exp.Expr) -> None:
        if not isinstance(node.this, exp.Query | exp.Subquery | exp.Paren | exp.Tuple):
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, "ANY and ALL need a subquery", "write x IN (…)", node)


def _like_star(node: exp.Expr, holder: exp.Expr | None) -> bool:
    """`* LIKE '…'`, as an item of a select list."""
    like = isinstance(holder, exp.Like) and holder.this is node and not holder.args.get("negate")
    return like and holder is not None and isinstance(holder.parent, exp.Select) and holder.arg_key == "expressions"


def _plain_name(node: exp.Expr) -> bool:
    """Whether an identifier is a short name and nothing else: the commonest node, which needs no look of its own."""
    args = node.args
    name = args.get("this")
    return (
        type(name) is str
        and len(args) == 2
        and type(args.get("quoted")) is bool
        and len(name) <= MAX_NAME
        and (args["quoted"] or BARE_NAME.fullmatch(name) is not None)
    )


def _names_a_relation(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.Table | exp.From | exp.Join)


_KNOWN_TO_THE_READER: Final = frozenset(
    {("Table", "db"), ("Table", "catalog"), ("Column", "db"), ("Column", "catalog"), ("Join", "method")}
)
_LEAVES: Final = frozenset(
    {exp.Identifier, exp.Literal, exp.Var, exp.DataType, exp.Boolean, exp.JSONPathKey, exp.JSONPathSubscript}
)

_SPECIAL: Final[dict[type[exp.Expr], Callable[[Shape, exp.Expr], None]]] = {
    exp.Join: Shape._join,
    exp.Union: Shape._set,
    exp.Except: Shape._set,
    exp.Intersect: Shape._set,
    exp.Identifier: Shape._identifier,
    exp.Literal: Shape._literal,
    exp.Var: Shape._var,
    exp.DataType: Shape._type,
    exp.DataTypeParam: Shape._type_parameter,
    exp.Interval: Shape._interval,
    exp.In: Shape._in,
    exp.Lateral: Shape._lateral,
    exp.Explode: Shape._explode,
    exp.PropertyEQ: Shape._property,
    exp.Count: Shape._count,
    exp.Rollup: Shape._rollup,
    exp.Cube: Shape._rollup,
    exp.JSONExtract: Shape._json,
    exp.JSONExtractScalar: Shape._json,
    exp.JSONPathKey: Shape._json_step,
    exp.JSONPathSubscript: Shape._json_step,
    exp.Pad: Shape._pad,
    exp.Table: Shape._place,
    exp.Column: Shape._place,
    exp.Star: Shape._star,
    exp.GenerateSeries: Shape._series,
    exp.Like: Shape._like,
    exp.ILike: Shape._like,
    exp.Alias: slots.alias,
    exp.Columns: slots.columns,
    exp.Lambda: slots.list_lambda,
    exp.AtTimeZone: slots.zone,
    exp.Format: slots.template,
    exp.Anonymous: slots.named,
    exp.Any: Shape._in_quantifier,
    exp.All: Shape._in_quantifier,
} | dict.fromkeys(slots.COMPARISONS, slots.comparison)

_UNKNOWN: Final = (None, None)
_KNOWN: Final = {
    dialect: {cls: (nodes.get(cls), _SPECIAL.get(cls)) for cls in nodes.keys() | _SPECIAL.keys()}
    for dialect, nodes in NODES_OF.items()
}
"""What a class may hold and how it is looked at, found at once, by dialect."""

"""Default-deny over the tree: each node, each argument and each slot's content must have been allowed by name."""

from typing import Final

from sqlglot import exp

from gateway.guard import slots
from gateway.guard.advice import FUNCTIONS, FUNCTIONS_CLICKHOUSE
from gateway.guard.bounds import MAX_JOINS
from gateway.guard.decision import Rule
from gateway.guard.functions import NAMED, FunctionList, Kind
from gateway.guard.looks import LOOKS
from gateway.guard.report import Report
from gateway.guard.syntax import ARGUMENT_HINTS, BARE_NAME, FRIENDLY, HINTS, MAX_NAME, NODES_OF, OPTIONS, STRINGS

MAX_DEPTH: Final = 200
MAX_SET_OPERATIONS: Final = 24

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
        advice = FUNCTIONS if self.functions.dialect == "duckdb" else FUNCTIONS_CLICKHOUSE
        if _names_a_relation(node):
            message = f"table function {name!r} is not allowed"
            hint = "read an asset of the contract by its name"
            self.report.add(Rule.TABLE_FUNCTION_NOT_ALLOWED, message, hint, node, token=name)
            return
        hint = advice.get(name.lower(), "")
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
            if isinstance(node, exp.Join) and value == "ARRAY":
                hint = "lists are not made rows of: use has(list, x), or a mart with a row for each element"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, hint, node)

    def refused(self, node: exp.Expr, message: str, hint: str) -> None:
        """Report a construct that is not allowed as it stands."""
        self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, hint, node)


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

_UNKNOWN: Final = (None, None)
_KNOWN: Final = {
    dialect: {cls: (nodes.get(cls), LOOKS.get(cls)) for cls in nodes.keys() | LOOKS.keys()}
    for dialect, nodes in NODES_OF.items()
}
"""What a class may hold and how it is looked at, found at once, by dialect."""

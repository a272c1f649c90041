"""What is held against every statement, in order. `check` goes through RULES from the top, and shows nothing else.

Each rule has the same signature: it looks at what the rules before it left of the statement, reports what it finds, and
says whether there is anything for the next one to look at. The last is one walk for several families of codes: which
columns a query reads, and whether its numbers are right, is known only together with what it reads from.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from gateway.guard.clickhouse import plain_clickhouse, traps
from gateway.guard.decision import Rule
from gateway.guard.functions import functions_of
from gateway.guard.growth import check_growth
from gateway.guard.parse import parse
from gateway.guard.plain import plain
from gateway.guard.policy import Policy
from gateway.guard.queries import Reader
from gateway.guard.report import Report
from gateway.guard.shape import Shape


class Statement:
    """One text under check, and what each rule leaves for the next."""

    def __init__(self, text: str, policy: Policy, dialect: str) -> None:
        self.text, self.policy, self.dialect = text, policy, dialect
        self.report = Report(text)
        self.parsed: exp.Expr | None = None
        """The tree as it was parsed, where that has been done before."""
        self.root: exp.Expr | None = None
        """The tree, as far as it is known to be one query."""
        self.places: list[exp.Expr] = []
        """Every table and column in it, which somebody must account for."""
        self.reader: Reader | None = None
        """What reading it through found out: set when it was read to its end."""


class Held(NamedTuple):
    """One rule, and the codes under which it may refuse or warn."""

    holds: Callable[[Statement], bool]
    codes: frozenset[Rule]


@lru_cache(maxsize=2)
def engine_of(dialect: str) -> Dialect:
    """sqlglot's dialect: settings only, so one serves all threads."""
    return Dialect.get_or_raise(dialect)


def one_text(statement: Statement) -> bool:
    """Within its bounds, readable in one way only, and one statement."""
    root = statement.parsed or parse(statement.text, engine_of(statement.dialect), statement.report)
    statement.root = None if root is None else plain(root, statement.text, statement.dialect)
    return root is not None


def one_query(statement: Statement) -> bool:
    """A SELECT or a set operation; anything else is refused by name."""
    root = statement.root
    if isinstance(root, exp.Select | exp.Union | exp.Except | exp.Intersect):
        return True
    name, hint = type(root).__name__.upper(), "write one SELECT; nothing else is run"
    if isinstance(root, exp.Values):
        hint = "write SELECT * FROM (VALUES …) AS v(a, b)"
    elif isinstance(root, exp.Subquery):
        name, hint = "a bounded query in brackets under another bound", "write SELECT * FROM (…) AS t ORDER BY …"
    statement.report.add(Rule.NOT_A_QUERY, f"{name} is not a query", hint, root)
    return False


def allowed_syntax(statement: Statement) -> bool:
    """Every node, argument and slot of the tree has been allowed by name; so has every function."""
    if statement.root is None:
        return False
    functions = functions_of(statement.dialect)
    if statement.dialect == "clickhouse":
        statement.root = plain_clickhouse(statement.root, statement.report)
        traps(statement.root, functions, statement.report)
    shape = Shape(functions, statement.report)
    shape.check(statement.root)
    statement.places = shape.places
    return not shape.too_deep


def bounded_values(statement: Statement) -> bool:
    """No value outgrows memory, which engines bound for rows and not for one text or list."""
    if statement.root is not None:
        check_growth(statement.root, statement.report)
    return True


def allowed_reading(statement: Statement) -> bool:
    """Every relation and column resolves to one that the role may use there, and every number is one that adds up."""
    if statement.root is None:
        return False
    functions = functions_of(statement.dialect)
    reader = Reader(statement.policy, functions, statement.report, fold_case=statement.dialect == "duckdb")
    reader.statement(statement.root, statement.places)
    statement.reader = reader
    return True


_BOUNDS: Final = {Rule.EMPTY_STATEMENT, Rule.STATEMENT_TOO_LONG, Rule.CHARACTER_NOT_ALLOWED, Rule.TOO_MANY_TOKENS}
_NAMES: Final = {
    Rule.TABLE_NOT_ALLOWED,
    Rule.SCHEMA_NOT_ALLOWED,
    Rule.TABLE_FUNCTION_NOT_ALLOWED,
    Rule.NAME_SHADOWS_ASSET,
    Rule.DUPLICATE_NAME,
    Rule.COLUMN_NOT_FOUND,
    Rule.COLUMN_AMBIGUOUS,
    Rule.COLUMN_FILTER_ONLY,
    Rule.COLUMN_AGGREGATE_ONLY,
}
_NUMBERS: Final = {
    Rule.PIN_NOT_FIXED,
    Rule.NOT_ADDITIVE,
    Rule.AVERAGE_OF_RATES,
    Rule.FAN_OUT,
    Rule.JOIN_NOT_DECLARED,
    Rule.CROSS_JOIN,
}
_SHAPES: Final = {Rule.SYNTAX_NOT_ALLOWED, Rule.TYPE_NOT_ALLOWED}
_SYNTAX: Final = {Rule.SYNTAX_NOT_ALLOWED, Rule.TYPE_NOT_ALLOWED, Rule.FUNCTION_NOT_ALLOWED}
_SIZES: Final = {Rule.TOO_DEEP, Rule.TOO_MANY_JOINS, Rule.TOO_MANY_SET_OPERATIONS, Rule.RECURSION_NOT_ALLOWED}

RULES: Final[tuple[Held, ...]] = (
    Held(
        one_text,
        frozenset(
            _BOUNDS
            | {Rule.PARSE_ERROR, Rule.MANY_STATEMENTS, Rule.NOT_A_QUERY, Rule.TOO_DEEP, Rule.TOO_MANY_JOINS}
            | {Rule.SYNTAX_NOT_ALLOWED}
        ),
    ),
    Held(one_query, frozenset({Rule.NOT_A_QUERY})),
    Held(allowed_syntax, frozenset(_SYNTAX | _SIZES | {Rule.TABLE_FUNCTION_NOT_ALLOWED})),
    Held(bounded_values, frozenset({Rule.RANGE_TOO_LARGE})),
    Held(
        allowed_reading,
        frozenset(_NAMES | _NUMBERS | {Rule.RANGE_TOO_LARGE, Rule.LIMIT_NOT_LITERAL} | _SHAPES),
    ),
)
"""Behind these, the rendering is held against the tree (`rendering_changed`), and by the referee, where it is asked."""

"""One expression that a caller wrote: a condition, an order, a measure. A second entrance for SQL, and guarded as one.

The text is read in brackets, in the place where it is to stand, under all the rules of form that hold for statements.
It must be one expression there and nothing more: no bracket that closes what it did not open, no comment, no query, no
relation, only the asset's columns by their bare names and functions of the allow-list. What comes back is rendered from
the tree. The statement that it becomes a part of is then guarded as a whole, like any other: which uses of a column are
allowed, and whether the number would be right, is decided there. This makes sure that the text stays in its place.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from gateway.guard.decision import Refused, Rule
from gateway.guard.functions import Function, Kind, functions_of
from gateway.guard.parse import tokens_of
from gateway.guard.policy import Asset, Policy
from gateway.guard.report import Enough, Report, alternatives, closest, listed
from gateway.guard.rules import Statement, allowed_syntax, bounded_values, engine_of, one_query, one_text
from gateway.guard.syntax import FRIENDLY, identifier

MAX_EXPRESSION: Final = 4_000
"""Characters of one expression."""
_BEFORE, _AFTER = "SELECT 1 FROM t WHERE (\n", "\n)"
_NO_SYNONYMS: Final[Mapping[str, str]] = MappingProxyType({})
_INSTEAD: Final = "write one expression over the mart's columns; for anything else call run_sql"
_OPENING: Final = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSING: Final = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)


class Use(StrEnum):
    """What an expression is for."""

    CONDITION = "a condition"
    ORDER = "something to order by"
    MEASURE = "a measure"


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that keeps to its place."""

    sql: str
    """Rendered from the checked tree."""
    columns: frozenset[str]
    """The asset's columns that it reads."""
    alias: str = ""
    """Of a measure, the name that was given to it; empty where none was."""
    descending: bool = False
    """Of an order."""


def check_expression(
    text: str,
    asset: Asset,
    policy: Policy,
    use: Use,
    *,
    dialect: str = "duckdb",
    outputs: Collection[str] = (),
    grouped: Collection[str] | None = None,
    synonyms: Mapping[str, str] = _NO_SYNONYMS,
) -> Expression | Refused:
    """Decide on one expression over one asset of the policy. Never raises for anything that the text may hold.

    An order may also name `outputs`, the query's own. `grouped` names what a query with measures groups by: an order
    may then hold aggregates. `synonyms` are other words for columns. Places in a refusal are places in `text`.
    """
    reading = _Reading(text, asset, use, dialect, frozenset(outputs), grouped, synonyms)
    found = reading.expression()
    if found is not None and not reading.report.violations:
        return found
    ordered = sorted(reading.report.violations, key=lambda v: (v.line == 0, v.line, v.column))
    return Refused(tuple(ordered), text, policy.role, policy.fingerprint)


class _Reading:
    """One expression under check."""

    def __init__(
        self,
        text: str,
        asset: Asset,
        use: Use,
        dialect: str,
        outputs: frozenset[str],
        grouped: Collection[str] | None,
        synonyms: Mapping[str, str],
    ) -> None:
        self.text, self.asset, self.use, self.dialect = text, asset, use, dialect
        self.outputs, self.synonyms, self.grouped = outputs, synonyms, frozenset(grouped or ())
        self.aggregates = use is Use.MEASURE or (use is Use.ORDER and grouped is not None)
        self.report = Report(text)

    def expression(self) -> Expression | None:
        """What the text says, or None with the reasons reported."""
        try:
            tail = self._tail(self._tokens())
            tree = None if tail is None else self._tree(self.text[: tail.start])
            if tail is None or tree is None:
                return None
            columns = frozenset(self._columns(tree))
            sql = engine_of(self.dialect).generate(tree, comments=False, unsupported_level=ErrorLevel.RAISE)
        except Enough:
            return None
        except SqlglotError as error:
            message = f"the expression cannot be rendered: {str(error).splitlines()[0][:160]}"
            self.report.add(Rule.RENDERING_CHANGED, message, "write it more plainly")
            return None
        return Expression(sql, columns, tail.alias, tail.descending)

    # the text

    def _tokens(self) -> list[Token]:
        """The words and signs of the text, which open and close their own brackets; none, with the reason reported."""
        if len(self.text) > MAX_EXPRESSION:
            message = f"the expression has {len(self.text)} characters, more than {MAX_EXPRESSION}"
            self.report.add(Rule.STATEMENT_TOO_LONG, message, "write a statement of its own instead")
            return []
        try:
            tokens = tokens_of(self.text, engine_of(self.dialect))
        except TokenError:
            self.report.add(Rule.PARSE_ERROR, "the expression cannot be read", "close every quote and bracket")
            return []
        if not tokens:
            self.report.add(Rule.EMPTY_STATEMENT, "there is no expression", f"write {self.use}")
        open_now = 0
        for token in tokens:
            open_now += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
            if token.comments:
                self._refuse("a comment is no part of an expression", "leave it out", token.start)
            elif token.token_type is TokenType.SEMICOLON:
                hint = f"write {self.use} only"
                self.report.add(Rule.MANY_STATEMENTS, "an expression has no `;`", hint, offset=token.start)
            elif open_now < 0:
                self._refuse("a bracket closes what the expression did not open", "remove it", token.start)
            else:
                continue
            return []
        return tokens

    def _refuse(self, message: str, hint: str, offset: int) -> None:
        self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, hint, offset=offset)

    def _tail(self, tokens: list[Token]) -> "_Tail | None":
        """What may stand behind the expression itself: a direction behind an order, a name behind a measure."""
        if not tokens:
            return None
        if self.use is Use.ORDER:
            return self._direction(tokens)
        last = tokens[-1]
        if self.use is not Use.MEASURE or len(tokens) < 3 or tokens[-2].token_type is not TokenType.ALIAS:
            return _Tail(len(self.text))
        if last.token_type is TokenType.VAR and last.text.isidentifier() and last.text.isascii():
            return _Tail(tokens[-2].start, alias=last.text)
        self._refuse("a measure's name is a plain word", "write sum(x) AS total", last.start)
        return None

    def _direction(self, tokens: list[Token]) -> "_Tail":
        end = len(self.text)
        if len(tokens) > 2 and [token.text.upper() for token in tokens[-2:]] == ["NULLS", "LAST"]:
            tokens, end = tokens[:-2], tokens[-2].start  # as both engines order anyway
        if len(tokens) > 1 and tokens[-1].token_type in (TokenType.ASC, TokenType.DESC):
            return _Tail(tokens[-1].start, descending=tokens[-1].token_type is TokenType.DESC)
        return _Tail(end)

    # the tree

    def _tree(self, body: str) -> exp.Expr | None:
        """The expression as a tree whose nodes are all allowed in statements, and which is all that the text holds."""
        statement = Statement(f"{_BEFORE}{body}{_AFTER}", _NOBODY, self.dialect)
        rules = (one_text, one_query, allowed_syntax, bounded_values)
        try:
            whole = all(rule(statement) for rule in rules) and not statement.report.violations
        except Enough:
            whole = False
        except RecursionError:
            statement.report.add(Rule.TOO_DEEP, "the expression is nested too deeply", "write it more plainly")
            whole = False
        for reason in statement.report.violations:
            offset = self._offset(reason.line, reason.column)
            message = reason.message.replace("the statement", "the expression", 1)
            self.report.add(
                reason.rule, message, reason.hint, offset=offset, token=reason.token, allowed=reason.allowed
            )
        if not whole or statement.root is None:
            return None
        tree = _in_its_place(statement.root)
        if tree is None:
            message = f"this is more than {self.use}"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write one expression over the mart's columns")
        return tree

    def _offset(self, line: int, column: int) -> int:
        """A place in the bracketed text as an offset into the caller's own; -1 for what is not the caller's."""
        lines = self.text.split("\n")
        if not 2 <= line <= len(lines) + 1:
            return -1
        before = sum(len(each) + 1 for each in lines[: line - 2])
        return before + min(column - 1, len(lines[line - 2]))

    def _columns(self, tree: exp.Expr) -> Iterator[str]:
        """The columns that the expression reads. Everything else that it holds is held against what it may."""
        functions = functions_of(self.dialect)
        folded = False
        stack = [tree]
        while stack:
            node = stack.pop()
            function = functions.of(node)
            folded = folded or (function is not None and function.kind is Kind.AGGREGATE)
            if isinstance(node, exp.Column):
                name = self._column(node)
                if name:
                    yield name
            elif self._allowed(node, function):
                stack += [child for child in node.iter_expressions() if type(child) is not exp.Identifier]
        if self.use is Use.MEASURE and not folded and not self.report.violations:
            self._say(Rule.SYNTAX_NOT_ALLOWED, "a measure folds rows", "write sum(x), avg(x) or count(*)", tree)

    def _allowed(self, node: exp.Expr, function: Function | None) -> bool:
        """Whether a node may be there; what is inside one that may not is nobody's second mistake."""
        if function is not None and (function.kind is Kind.SCALAR or self._may_fold(function)):
            return True
        if function is not None:
            message = f"{function.name} has no place in {self.use}"
            self._say(Rule.FUNCTION_NOT_ALLOWED, message, _INSTEAD, node, token=function.name)
        elif type(node) in _PLAIN or (self.aggregates and type(node) in _IN_AGGREGATES):
            return True
        else:
            name = FRIENDLY.get(type(node).__name__, type(node).__name__.upper())
            self._say(Rule.SYNTAX_NOT_ALLOWED, f"{name} has no place in {self.use}", _INSTEAD, node)
        return False

    def _may_fold(self, function: Function) -> bool:
        return self.aggregates and function.kind is Kind.AGGREGATE

    def _column(self, node: exp.Column) -> str:
        """The asset's name of a column; empty for an output of the query, and where it may not stand."""
        name = node.name
        if any(node.args.get(part) is not None for part in ("table", "db", "catalog")):
            message = f"{name!r} is written with a relation before it"
            self._say(Rule.SYNTAX_NOT_ALLOWED, message, f"write {name}", node)
            return ""
        if self.use is Use.ORDER and name in self.outputs:
            return ""
        if name in self.synonyms:
            name = self.synonyms[name]
            node.set("this", identifier(name))
        known = self.asset.columns.get(name.lower())
        if known is None or (self.dialect != "duckdb" and known.name != name):
            self._not_found(name, node)
            return ""
        if self.aggregates and known.name not in self.grouped and not self._is_folded(node):
            message = f"column {known.name!r} stands beside aggregates, and is not grouped by"
            hint = "fold it, or name it in dimensions"
            self._say(Rule.SYNTAX_NOT_ALLOWED, message, hint, node, token=known.name)
        return known.name

    def _not_found(self, name: str, node: exp.Expr) -> None:
        names = [*self.synonyms, *(column.name for column in self.asset.columns.values())]
        close = closest(name, names)
        hint = f"did you mean {close[0]!r}?" if close else listed(names)
        message = f"no column {name!r} in {self.asset.name!r}"
        self._say(Rule.COLUMN_NOT_FOUND, message, hint, node, token=name, allowed=alternatives(close, names))

    def _is_folded(self, node: exp.Expr) -> bool:
        functions = functions_of(self.dialect)
        at: exp.Expr | None = node.parent
        while at is not None:
            function = functions.of(at)
            if isinstance(at, exp.Filter) or (function is not None and function.kind is Kind.AGGREGATE):
                return True
            at = at.parent
        return False

    def _say(
        self, rule: Rule, message: str, hint: str, node: exp.Expr, *, token: str = "", allowed: Collection[str] = ()
    ) -> None:
        """Keep a reason, at its node's place in the caller's text."""
        offset = self.report.offset_of(node) - len(_BEFORE)
        self.report.add(rule, message, hint, offset=max(offset, -1), token=token, allowed=allowed)


@dataclass(frozen=True, slots=True)
class _Tail:
    """Where the expression itself ends, and what stands behind it."""

    start: int
    alias: str = ""
    descending: bool = False


def _in_its_place(root: exp.Expr) -> exp.Expr | None:
    """What stands in the brackets, when everything around them is as it was put there; None otherwise."""
    parts = {name: value for name, value in root.args.items() if value}
    if not isinstance(root, exp.Select) or parts.keys() != {"expressions", "from_", "where"}:
        return None
    table, where = parts["from_"].this, parts["where"].this
    around = isinstance(table, exp.Table) and {k for k, v in table.args.items() if v} == {"this"} and table.name == "t"
    ones = parts["expressions"] == [exp.Literal.number(1)]
    if not (around and ones and isinstance(where, exp.Paren)):
        return None
    inside: exp.Expr = where.this
    inside.pop()
    return inside


_NOBODY: Final = Policy(role="", assets={}, max_rows=1, max_seconds=1.0, min_group_size=1)
"""Rules of form ask no policy: what may be read is asked here, and of the whole statement later."""
_PLAIN: Final = frozenset({
    exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Var, exp.DataType, exp.DataTypeParam, exp.Interval,
    exp.Paren, exp.And, exp.Or, exp.Not, exp.Is, exp.Between, exp.In, exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ,
    exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.Escape, exp.SimilarTo, exp.RegexpLike, exp.Add, exp.Sub,
    exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe, exp.Cast, exp.TryCast, exp.Case, exp.If, exp.Date,
})  # fmt: skip
"""What an expression may hold beside columns and functions. Default-deny: a class that is not here is refused."""
_IN_AGGREGATES: Final = frozenset({exp.Star, exp.Distinct, exp.Filter, exp.Where})
"""And where it may fold rows: count(*), count(DISTINCT x), sum(x) FILTER (WHERE …)."""

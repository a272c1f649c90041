"""How deep a statement may go, told from its tokens: the parser recurses and backtracks, so it must not see more.

A Python parser that goes too deep raises RecursionError; the compiled one can run out of stack, which ends the process.
"""

from typing import Final

from sqlglot.parser import Parser
from sqlglot.tokenizer_core import TokenType

from gateway.guard.decision import Rule

MAX_NESTING: Final = 40
MAX_PENDING: Final = 120
"""Keywords and signs that still wait for what they apply to, as in NOT NOT NOT …: each is a level of the parser."""
MAX_ARROWS: Final = 64
"""sqlglot tries each arrow as a lambda first, at a cost that grows with the square of their number."""
MAX_ZONES: Final = 20
"""Uses of AT TIME ZONE, which is a level of the parser each."""
MAX_RETRIED: Final = 4
"""Brackets in brackets behind a type or LIMIT. sqlglot reads what is in them as one thing, then as another, so that the
cost doubles with every one."""
MAX_JOINS: Final = 12
MAX_BARE_JOINS: Final = 4
"""Joins without ON or USING. sqlglot reads what follows each of them twice, so the cost doubles with every one."""

Broken = tuple[Rule, str, str]

_ARROWS: Final = frozenset({TokenType.ARROW, TokenType.DARROW, TokenType.FARROW, TokenType.HASH_ARROW})
_OPEN: Final = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_RETRIED: Final = frozenset({*Parser.TYPE_TOKENS, TokenType.LIMIT, TokenType.OFFSET, TokenType.FETCH})
_CLOSE: Final = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
_CONDITIONS: Final = frozenset({TokenType.ON, TokenType.USING})
_NO_CONDITION: Final = frozenset({TokenType.CROSS, TokenType.ARRAY})
"""Joins that have no ON: sqlglot looks for none."""
_NAME_FOLLOWS: Final = frozenset({TokenType.ALIAS, TokenType.DOT})
OPERANDS: Final = frozenset(
    {TokenType.VAR, TokenType.IDENTIFIER, TokenType.COMMA, TokenType.DOT, TokenType.NUMBER, TokenType.STRING}
)
"""What ends a run of keywords and signs."""
STRUCTURE: Final = _OPEN | _CLOSE | _ARROWS | _CONDITIONS | {TokenType.JOIN, TokenType.TIME}
"""What the bounds count."""


class Bounds:
    """What is open so far. Fed with the tokens of STRUCTURE in order; `run` is kept up to date for all others too."""

    def __init__(self) -> None:
        self.run = 0
        """Keywords and signs since the last operand."""
        self.waiting = 0
        """Joins of this bracket whose ON has not come yet."""
        self.frames: list[tuple[int, int, bool]] = []
        """Of each bracket that is open: `run` and `waiting` before it, and whether what is in it may be read again."""
        self.pending = self.bare = self.retried = 0
        """Sums of what the frames hold, and of joins left bare in brackets that are closed."""
        self.arrows = self.joins = self.zones = 0

    def add(self, kind: TokenType, last: TokenType) -> Broken | None:
        """Count one token, which stands behind a `last` one; which bound it breaks, or None."""
        if kind in _CLOSE:
            self._close()
            return None
        if kind in _OPEN:
            self._open(last in _RETRIED)
        else:
            self.run += 1
            if kind in _ARROWS:
                self.arrows += 1
            elif kind is TokenType.TIME:
                self.zones += last is TokenType.VAR
            elif kind is TokenType.JOIN:
                self.joins += 1
                self.waiting += last not in _NO_CONDITION
            elif kind in _CONDITIONS and last not in _NAME_FOLLOWS:
                self.waiting = max(0, self.waiting - 1)
        return self._broken()

    def _open(self, retried: bool) -> None:
        self.frames.append((self.run, self.waiting, retried))
        self.retried += retried
        self.pending += self.run
        self.bare += self.waiting
        self.run = self.waiting = 0

    def _close(self) -> None:
        run, waiting, retried = self.frames.pop() if self.frames else (0, 0, False)
        self.retried -= retried
        self.pending -= run
        self.bare += self.waiting - waiting
        self.run, self.waiting = 0, waiting

    def _broken(self) -> Broken | None:
        if len(self.frames) > MAX_NESTING:
            return Rule.TOO_DEEP, f"brackets are nested more than {MAX_NESTING} deep", "use WITH to name the steps"
        if self.zones > MAX_ZONES:
            message = f"AT TIME ZONE is written more than {MAX_ZONES} times"
            return Rule.TOO_DEEP, message, "convert each time once, in a CTE, and name it"
        if self.retried > MAX_RETRIED:
            message = f"more than {MAX_RETRIED} brackets behind types or LIMIT are nested"
            return Rule.TOO_DEEP, message, "use WITH to name the steps"
        if self.pending + self.run > MAX_PENDING:
            message = f"more than {MAX_PENDING} keywords and signs wait for what they apply to"
            return Rule.TOO_DEEP, message, "write the expression in its shortest form"
        if self.arrows > MAX_ARROWS:
            message = f"the statement has more than {MAX_ARROWS} arrows"
            return Rule.TOO_DEEP, message, "write json_extract(x, '$.a.b')"
        if self.joins > MAX_JOINS:
            message = f"the statement has more than {MAX_JOINS} joins"
            return Rule.TOO_MANY_JOINS, message, "split the question into smaller queries"
        if self.bare + self.waiting > MAX_BARE_JOINS:
            message = f"more than {MAX_BARE_JOINS} joins stand without ON or USING behind them"
            return Rule.TOO_MANY_JOINS, message, "write JOIN … ON … for each relation in turn"
        return None

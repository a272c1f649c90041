"""Spellings that sqlglot and ClickHouse read differently, looked for among the tokens, where they can still be seen."""

from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from gateway.guard.decision import Rule
from gateway.guard.spelling import Misreading

_LITERALS: Final = frozenset(
    {TokenType.NUMBER, TokenType.STRING, TokenType.COMMA, TokenType.DASH, TokenType.NULL, TokenType.TRUE}
    | {TokenType.FALSE, TokenType.L_PAREN, TokenType.R_PAREN, TokenType.L_BRACKET, TokenType.R_BRACKET}
)
_OPENING: Final = frozenset({TokenType.SELECT, TokenType.DISTINCT, TokenType.COMMA, TokenType.L_PAREN})
_CLOSED: Final = {TokenType.R_PAREN: TokenType.L_PAREN, TokenType.R_BRACKET: TokenType.L_BRACKET}


def misread_clickhouse(tokens: list[Token]) -> tuple[Misreading, int] | None:
    """What is wrong, and at which offset; None for nothing."""
    for position, token in enumerate(tokens):
        if token.token_type == TokenType.ALIAS and position and tokens[position - 1].token_type in _OPENING:
            return (
                Rule.SYNTAX_NOT_ALLOWED,
                "AS without an expression before it",
                "write expression AS name",
            ), token.start
        if token.token_type == TokenType.XOR:
            return (Rule.SYNTAX_NOT_ALLOWED, "XOR is not allowed", "write a != b, or bitXor(a, b)"), token.start
        if token.token_type == TokenType.DCOLON and _literal_before(tokens, position - 1):
            message = "a literal before :: is read as a text by ClickHouse"
            return (Rule.SYNTAX_NOT_ALLOWED, message, "write CAST(1 AS Float64), or toFloat64(1)"), token.start
    return None


def _literal_before(tokens: list[Token], last: int) -> bool:
    """A number, or brackets around literals that are no arguments of a call. A text stays one."""
    kind = tokens[last].token_type if last >= 0 else None
    if kind == TokenType.NUMBER:
        return True
    if kind not in _CLOSED:
        return False
    depth, at = 0, last
    while at >= 0 and tokens[at].token_type in _LITERALS:
        depth += (tokens[at].token_type in _CLOSED) - (tokens[at].token_type in _CLOSED.values())
        if not depth:
            return not (at and tokens[at - 1].token_type in _NAMES)
        at -= 1
    return False


_NAMES: Final = frozenset({TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_PAREN})
"""What stands before brackets that hold arguments. A keyword that names a function is taken for a keyword: refused."""

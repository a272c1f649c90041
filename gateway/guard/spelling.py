"""Spellings that sqlglot and an engine read differently. Each was found by asking both, and is refused until one wins.

They are looked for among the tokens, because the tree no longer shows how a thing was written.
"""

import re
from collections.abc import Iterator
from typing import Final

from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType

from gateway.guard.decision import Rule

Misreading = tuple[Rule, str, str]

_INTERVAL: Final = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*([A-Za-z]+)?\s*")
_PATH_SIGNS: Final = re.compile(r"[.\[\]*]")
_JSON_CALLS: Final = frozenset({"json_extract", "json_extract_string", "json_extract_path", "json_extract_path_text"})
_JSON_ARROWS: Final = frozenset({TokenType.ARROW, TokenType.DARROW})
_QUANTIFIERS: Final = frozenset({TokenType.ANY, TokenType.ALL, TokenType.SOME})
_TYPE_WORDS: Final = frozenset({*Parser.TYPE_TOKENS, TokenType.VAR})
"""Words that can stand before a string to give it a type."""


def misread(tokens: list[Token], position: int) -> Misreading | None:
    """What is wrong with the token here, beside the one before it; None for nothing."""
    if not position:
        return None
    check = _CHECKS.get(tokens[position].token_type)
    return check(tokens, position) if check is not None else None


def _string(tokens: list[Token], position: int) -> Misreading | None:
    before, token = tokens[position - 1], tokens[position]
    if before.token_type == TokenType.STRING:
        return Rule.SYNTAX_NOT_ALLOWED, "two texts side by side", "join them with ||"
    if before.token_type == TokenType.INTERVAL and not _INTERVAL.fullmatch(token.text):
        message = f"interval {token.text[:30]!r} is not one count and unit"
        return Rule.SYNTAX_NOT_ALLOWED, message, "write interval '7' day"
    if before.token_type in _JSON_ARROWS:
        return _json_key(token.text)
    return None


def _json_key(text: str) -> Misreading | None:
    """Without a $ in front, the engine takes the text for one key, sqlglot for a path."""
    if text.startswith(("$", "/")) or not _PATH_SIGNS.search(text):
        return None
    return Rule.SYNTAX_NOT_ALLOWED, f"{text[:30]!r} can be read as a key or as a path", "write the path as '$.a.b'"


def _number_and_name(tokens: list[Token], position: int) -> Misreading | None:
    before, token = tokens[position - 1], tokens[position]
    if before.token_type != TokenType.NUMBER or token.start != before.end + 1:
        return None
    message = f"{before.text[:20]}{token.text[:20]} reads as a number and a name"
    return Rule.SYNTAX_NOT_ALLOWED, message, "put a blank after the number"


def _quantifier(tokens: list[Token], position: int) -> Misreading | None:
    if tokens[position - 1].token_type in (TokenType.LIKE, TokenType.ILIKE):
        return Rule.SYNTAX_NOT_ALLOWED, "LIKE compares with one pattern", "write x LIKE 'a%' OR x LIKE 'b%'"
    if tokens[position].token_type == TokenType.SOME and tokens[position - 1].token_type != TokenType.ALIAS:
        return Rule.SYNTAX_NOT_ALLOWED, "SOME is not allowed", "write ANY (SELECT …)"
    return None


def _list(tokens: list[Token], position: int) -> Misreading | None:
    """The engine asks whether the list contains it, which a NULL in the list does not turn into NULL."""
    if tokens[position - 1].token_type != TokenType.IN:
        return None
    return Rule.SYNTAX_NOT_ALLOWED, "IN takes round brackets", "write x IN (1, 2), or list_contains([1, 2], x)"


def _cast(tokens: list[Token], position: int) -> Misreading | None:
    before = [token.token_type for token in tokens[max(position - 2, 0) : position]]
    if len(before) == 2 and before[0] in _TYPE_WORDS and before[1] == TokenType.STRING:
        return Rule.SYNTAX_NOT_ALLOWED, "a typed literal before :: can be read in two ways", "write CAST(… AS …)"
    return None


def _call(tokens: list[Token], position: int) -> Misreading | None:
    name = tokens[position - 1].text.lower()
    if name == "log" and position + 2 < len(tokens):
        base, comma = tokens[position + 1], tokens[position + 2]
        if base.text == "2" and comma.token_type == TokenType.COMMA:
            return Rule.SYNTAX_NOT_ALLOWED, "log(2, x) and log2(x) round differently", "write log2(x)"
    if name in _JSON_CALLS:
        for text in _own_strings(tokens, position):
            if (found := _json_key(text)) is not None:
                return found
    return None


def _own_strings(tokens: list[Token], position: int) -> Iterator[str]:
    """The later arguments of a call that are plain texts."""
    depth = 0
    for i in range(position, len(tokens)):
        kind = tokens[i].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if not depth:
            return
        if depth == 1 and kind == TokenType.STRING and tokens[i - 1].token_type == TokenType.COMMA:
            yield tokens[i].text


_CHECKS: Final = {
    TokenType.STRING: _string,
    TokenType.VAR: _number_and_name,
    TokenType.L_BRACKET: _list,
    TokenType.L_PAREN: _call,
    TokenType.DCOLON: _cast,
} | dict.fromkeys(_QUANTIFIERS, _quantifier)

SIGNS: Final = frozenset(kind for kind, check in _CHECKS.items() if check is not _number_and_name)
"""Tokens to hand to `misread`, and with them whatever follows a number: that is all `_number_and_name` looks at."""

"""From text to one tree, inside bounds that are checked before the parser sees anything."""

import logging
import re
import threading
from typing import Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from gateway.guard.advice import STATEMENTS
from gateway.guard.bounds import MAX_PENDING, OPERANDS, STRUCTURE, Bounds
from gateway.guard.decision import Rule
from gateway.guard.functions_clickhouse import READ_AS_CLASSES
from gateway.guard.report import Report
from gateway.guard.spelling import SIGNS, misread
from gateway.guard.spelling_clickhouse import misread_clickhouse

MAX_LENGTH: Final = 50_000
MAX_TOKENS: Final = 4_000
MAX_NODES: Final = 40_000
"""Nodes that the parser may make, also of attempts that it gives up: ten for each token that a statement may have."""

_TOP: Final = re.compile(r"\s*select\s+top\s*\(?\s*(\d{1,9})\b", re.IGNORECASE)
_STRANGE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]"
)
"""Control and invisible characters: engines and parsers disagree on what they are, and no query needs them."""
_WATCHED: Final = SIGNS | STRUCTURE | {TokenType.SEMICOLON}
"""What is looked at by itself; of all other tokens only how many come in a row."""
_QUERY_WORDS: Final = {TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN}


class _Quiet(logging.Filter):
    """Keeps sqlglot's "falling back to a Command" off the caller's terminal: the guard says it in its own words."""

    def __init__(self) -> None:
        super().__init__()
        self.here = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop warnings that are logged while this thread is parsing for the guard."""
        return record.levelno > logging.WARNING or not getattr(self.here, "parsing", False)


_QUIET: Final = _Quiet()
logging.getLogger("sqlglot").addFilter(_QUIET)


_TOKENIZERS: Final = threading.local()


def _tokenizer(dialect: Dialect) -> Tokenizer:
    """sqlglot's tokenizer: it keeps what it reads in itself, so each thread has one, and making one takes its time."""
    name = type(dialect).__name__
    known: Tokenizer | None = getattr(_TOKENIZERS, name, None)
    if known is None:
        known = dialect.tokenizer()
        setattr(_TOKENIZERS, name, known)
    return known


def tokens_of(text: str, dialect: Dialect) -> list[Token]:
    """The words and signs of a text. Raises TokenError where it cannot be cut into any."""
    return _tokenizer(dialect).tokenize(text)


def parse(text: str, dialect: Dialect, report: Report) -> exp.Expr | None:
    """The one statement of the text, or None with the reasons in the report."""
    if not _plain(text, report):
        return None
    try:
        tokens = tokens_of(text, dialect)
    except TokenError as error:
        report.add(Rule.PARSE_ERROR, f"the text cannot be read: {_first_line(error)}", "close every quote and comment")
        return None
    tokens = _bounded(_without_trailing_semicolons(tokens), report)
    if not tokens:
        return None
    found = misread_clickhouse(tokens) if _is_clickhouse(dialect) else None
    if found is not None:
        report.add(*found[0], offset=found[1])
        return None
    return _tree(tokens, text, dialect, report)


def _is_clickhouse(dialect: Dialect) -> bool:
    return type(dialect).__name__ == "ClickHouse"


def _plain(text: str, report: Report) -> bool:
    if not text.strip():
        report.add(Rule.EMPTY_STATEMENT, "there is no statement", "write one SELECT")
    elif len(text) > MAX_LENGTH:
        message = f"the text has {len(text)} characters, more than {MAX_LENGTH}"
        report.add(Rule.STATEMENT_TOO_LONG, message, "split the question into smaller queries")
    elif match := _STRANGE.search(text):
        message = f"character U+{ord(match[0]):04X} is not allowed"
        report.add(
            Rule.CHARACTER_NOT_ALLOWED, message, "remove the control or invisible character", offset=match.start()
        )
    else:
        return True
    return False


def _without_trailing_semicolons(tokens: list[Token]) -> list[Token]:
    end = len(tokens)
    while end and tokens[end - 1].token_type == TokenType.SEMICOLON:
        end -= 1
    return tokens[:end]


def _bounded(tokens: list[Token], report: Report) -> list[Token]:
    """The tokens of the first statement, when they keep to the bounds; none otherwise, with the reasons reported."""
    if not tokens:
        report.add(Rule.EMPTY_STATEMENT, "there is no statement, only comments", "write one SELECT")
        return []
    if len(tokens) > MAX_TOKENS:
        message = f"the statement has {len(tokens)} words and signs, more than {MAX_TOKENS}"
        report.add(Rule.TOO_MANY_TOKENS, message, "split the question into smaller queries")
        return []
    bounds = Bounds()
    before = TokenType.SEMICOLON
    for position, token in enumerate(tokens):
        kind, last = token.token_type, before
        before = kind
        if kind not in _WATCHED and last is not TokenType.NUMBER:
            if kind in OPERANDS:
                bounds.run = 0
                continue
            bounds.run += 1
            if bounds.run <= MAX_PENDING:
                continue
        if (kind in SIGNS or last is TokenType.NUMBER) and (reason := misread(tokens, position)):
            report.add(*reason, offset=token.start)
            return []
        if kind in OPERANDS:
            bounds.run = 0
            continue
        if kind is TokenType.SEMICOLON:
            hint = "send one SELECT, without `;` inside"
            report.add(Rule.MANY_STATEMENTS, "there is more than one statement", hint, offset=token.start)
            return tokens[:position]
        if (broken := bounds.add(kind, last)) is not None:
            report.add(*broken, offset=token.start)
            return []
    return tokens


def _tree(tokens: list[Token], text: str, dialect: Dialect, report: Report) -> exp.Expr | None:
    first = tokens[0]
    if first.token_type not in _QUERY_WORDS:
        message = f"a statement that starts with {first.text[:30]!r} is not a query"
        hint = STATEMENTS.get(first.text.lower(), "write one SELECT; nothing else is run")
        report.add(Rule.NOT_A_QUERY, message, hint, offset=first.start)
        return None
    _QUIET.here.parsing = True
    try:
        as_written(tokens, dialect)
        trees = dialect.parser(error_level=ErrorLevel.IMMEDIATE, max_nodes=MAX_NODES).parse(tokens, text)
    except ParseError as error:
        where = error.errors[0] if error.errors else {}
        if str(where.get("description")).startswith("Maximum number of AST nodes"):
            report.add(Rule.TOO_DEEP, "the statement takes too long to read", "use WITH to name the steps")
            return None
        message = f"the statement cannot be read: {where.get('description') or _first_line(error)}"
        hint = f"look near {str(where.get('highlight'))[:40]!r}" if where.get("highlight") else ""
        if str(where.get("highlight")).lower() == "into" and _is_clickhouse(dialect):
            hint = "leave INTO OUTFILE out: the result comes back to whoever asks"
        if "multiple 'LIMIT'" in message:
            hint = "a bound on groups stands in a subquery: SELECT * FROM (… LIMIT 1 BY a) AS t LIMIT 5"
        if (top := _TOP.match(text)) is not None:
            hint = f"write LIMIT {top[1]} at the end instead of TOP"
        report.add(Rule.PARSE_ERROR, message, hint, offset=_offset(text, where.get("line"), where.get("col"), where))
        return None
    except RecursionError:
        report.add(Rule.TOO_DEEP, "the statement is nested too deeply", "use WITH to name the steps")
        return None
    except (SqlglotError, ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
        report.add(Rule.PARSE_ERROR, f"the statement cannot be read: {_first_line(error)}")
        return None
    finally:
        _QUIET.here.parsing = False
    if len(trees) != 1 or trees[0] is None:
        report.add(Rule.MANY_STATEMENTS, f"there are {len(trees)} statements", "send one SELECT")
        return None
    return trees[0]


def as_written(tokens: list[Token], dialect: Dialect) -> list[Token]:
    """Have ClickHouse's calls read as plain names, so that none is respelled and no argument is lost.

    sqlglot does that where a comment of its own behind the arguments asks for it; the comment is put there.
    """
    if not _is_clickhouse(dialect):
        return tokens
    calls: list[bool] = []
    known, kept = dialect.parser_class.FUNCTIONS, READ_AS_CLASSES
    for position, token in enumerate(tokens):
        if token.token_type == TokenType.L_PAREN:
            name = tokens[position - 1].text.upper() if position else ""
            calls.append(name in known and name not in kept)
        elif token.token_type == TokenType.R_PAREN and calls and calls.pop():
            token.comments = [*token.comments, exp.SQLGLOT_ANONYMOUS]
    return tokens


def _offset(text: str, line: int | None, column: int | None, where: dict[str, object]) -> int:
    """sqlglot names the line, and the column where the token ends."""
    if not line or not column:
        return -1
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return max(start, start + column - len(str(where.get("highlight") or "x")))


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]

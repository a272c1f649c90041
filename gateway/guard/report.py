"""What one check has found so far: reasons, warnings, and what the statement reads."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Final

from sqlglot import exp

from gateway.guard.decision import Rule, Violation

MAX_REASONS: Final = 50
"""Reasons that are told of one statement. Finding each one's place and nearest name takes time, which is bounded."""
MAX_PARTS: Final = 100_000
"""Nodes that are asked for their place, of all reasons together; after that a reason goes without one."""

MAX_ALLOWED: Final = 5
"""Alternatives that are named for one reason."""
PLAIN_TOKEN: Final = re.compile(r"[A-Za-z_]\w{0,62}(?!\w)|[^\w\s'\"`$]{1,3}")
"""A name, a keyword or a sign."""
MAX_SLIP: Final = 64
"""Letters of a name that others are compared with."""


class Enough(Exception):
    """There are as many reasons as are ever told: the rest of the statement need not be looked at."""


class Report:
    """Collects. One per statement; the rules write to it and nothing is decided until all have run."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = MAX_PARTS
        self.told: set[Violation] = set()
        self.violations: list[Violation] = []
        self.warnings: list[Violation] = []
        self.assets: set[str] = set()
        self.columns: set[tuple[str, str]] = set()
        self.functions: set[str] = set()
        self.pins: dict[tuple[str, str, str], None] = {}
        self.own_limit: int | None = None
        """The statement's own LIMIT, where it is within the role's cap."""
        self.written_out: set[str] = set()
        """Names that stood for expressions, as in ClickHouse's `WITH 0.05 AS alpha`."""

    def add(
        self,
        rule: Rule,
        message: str,
        hint: str = "",
        node: exp.Expr | None = None,
        offset: int = -1,
        *,
        token: str = "",
        allowed: Iterable[str] = (),
    ) -> None:
        """Keep one reason, with its place in the caller's text where it has one. Raises Enough with the last.

        `token` is what the reason is about; without one, the word at its place.
        """
        self._keep(self.violations, Violation(rule, message, hint, token=token, allowed=tuple(allowed)), node, offset)
        if len(self.violations) >= MAX_REASONS:
            raise Enough

    def warn(self, rule: Rule, message: str, hint: str = "", node: exp.Expr | None = None) -> None:
        """Keep one remark that refuses nothing."""
        self._keep(self.warnings, Violation(rule, message, hint), node, -1)

    def only(self, word: str) -> int:
        """Where a word stands that is in the text once; -1 for any other. For nodes that do not know their place."""
        found = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", self.text, re.IGNORECASE)]
        return found[0] if len(found) == 1 else -1

    def _keep(self, kept: list[Violation], found: Violation, node: exp.Expr | None, offset: int) -> None:
        if offset < 0 and node is not None:
            offset = self.offset_of(node)
        line, column = place(self.text, offset) if offset >= 0 else (0, 0)
        token = found.token if PLAIN_TOKEN.fullmatch(found.token) else word_at(self.text, offset)
        violation = replace(found, line=line, column=column, token=token)
        if violation not in self.told:
            self.told.add(violation)
            kept.append(violation)

    def offset_of(self, node: exp.Expr) -> int:
        """Where the first part of a node that knows its place stands; -1 if none does."""
        parts = list(islice(node.walk(), self.parts))
        self.parts -= len(parts)
        return min((part.meta["start"] for part in parts if part._meta and "start" in part._meta), default=-1)


def listed(names: Iterable[str], most: int = 15) -> str:
    """Names for a hint, in order; a long list is cut between names, and says how many more there are."""
    known = sorted(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"there are: {', '.join(known[:most])}{more}"


def closest(name: str, known: Iterable[str], cutoff: float = 0.6) -> tuple[str, ...]:
    """The known names closest to one that is not, best first; none for one too long to be anybody's slip."""
    if len(name) > MAX_SLIP:
        return ()
    import difflib  # for refusals alone

    return tuple(difflib.get_close_matches(name.lower(), known, n=MAX_ALLOWED, cutoff=cutoff))


def alternatives(close: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
    """What could have been written: the names that are close or, where none is, those there are; a handful."""
    return close or tuple(sorted(known)[:MAX_ALLOWED])


def word_at(text: str, offset: int) -> str:
    """The word or sign that stands at an offset; empty inside or in front of a quoted text, which may hold anything."""
    found = PLAIN_TOKEN.match(text, offset) if offset >= 0 else None
    return found[0] if found else ""


def shown(node: exp.Expr) -> str:
    """The start of an expression, for a message. Rendering is slow: ask when there is something to say."""
    return node.sql(dialect="duckdb", copy=False)[:60]


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset into the text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

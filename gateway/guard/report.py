"""What one check has found so far: reasons, warnings, and what the statement reads."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from sqlglot import exp

from gateway.guard.decision import Rule, Violation

MAX_REASONS: Final = 50
"""Reasons that are told of one statement. Finding each one's place and nearest name takes time, which is bounded."""
MAX_PARTS: Final = 100_000
"""Nodes that are asked for their place, of all reasons together; after that a reason goes without one."""

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
        self.written_out: set[str] = set()
        """Names that stood for expressions, as in ClickHouse's `WITH 0.05 AS alpha`."""

    def add(self, rule: Rule, message: str, hint: str = "", node: exp.Expr | None = None, offset: int = -1) -> None:
        """Keep one reason, with its place in the caller's text where it has one. Raises Enough with the last."""
        self._keep(self.violations, rule, message, hint, node, offset)
        if len(self.violations) >= MAX_REASONS:
            raise Enough

    def warn(self, rule: Rule, message: str, hint: str = "", node: exp.Expr | None = None) -> None:
        """Keep one remark that refuses nothing."""
        self._keep(self.warnings, rule, message, hint, node, -1)

    def only(self, word: str) -> int:
        """Where a word stands that is in the text once; -1 for any other. For nodes that do not know their place."""
        found = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", self.text, re.IGNORECASE)]
        return found[0] if len(found) == 1 else -1

    def _keep(
        self, kept: list[Violation], rule: Rule, message: str, hint: str, node: exp.Expr | None, offset: int
    ) -> None:
        if offset < 0 and node is not None:
            offset = self._offset_of(node)
        line, column = place(self.text, offset) if offset >= 0 else (0, 0)
        violation = Violation(rule, message, hint, line, column)
        if violation not in self.told:
            self.told.add(violation)
            kept.append(violation)

    def _offset_of(self, node: exp.Expr) -> int:
        """Where the first part of a node that knows its place stands; -1 if none does."""
        parts = list(islice(node.walk(), self.parts))
        self.parts -= len(parts)
        return min((part.meta["start"] for part in parts if part._meta and "start" in part._meta), default=-1)


def listed(names: Iterable[str], most: int = 15) -> str:
    """Names for a hint, in order; a long list is cut between names, and says how many more there are."""
    known = sorted(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"there are: {', '.join(known[:most])}{more}"


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known name closest to one that is not, or an empty string: also for one too long to be anybody's slip."""
    if len(name) > MAX_SLIP:
        return ""
    import difflib  # for refusals alone

    return next(iter(difflib.get_close_matches(name.lower(), known, n=1, cutoff=cutoff)), "")


def shown(node: exp.Expr) -> str:
    """The start of an expression, for a message. Rendering is slow: ask when there is something to say."""
    return node.sql(dialect="duckdb", copy=False)[:60]


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset into the text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

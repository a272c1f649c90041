"""One call with what it found, as the sentences of an answer are made of it."""

from dataclasses import dataclass
from typing import Any, Final

from gateway.answer import Table
from gateway.ask.effects import Words
from gateway.ask.text import plain
from gateway.ports import ToolCall
from gateway.tools.base import ToolResult

MOST: Final = 12
"""Sentences of one kind in a text; the evidence beside it holds them all."""


@dataclass(frozen=True, slots=True)
class Part:
    """One call with what it found, and how to speak of it."""

    call: ToolCall
    result: ToolResult
    words: Words
    intents: tuple[str, ...] = ()
    metric_ids: tuple[str, ...] = ()
    column: str = ""
    """The column of a mart that was asked about."""

    @property
    def text(self) -> str:
        """What the tool says in words; names in it come from the database."""
        return plain(self.result.text)


def dicts(table: Table) -> list[dict[str, Any]]:
    """Rows as mappings, texts fit to be shown."""
    return [
        {name: plain(cell) if isinstance(cell, str) else cell for name, cell in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]

"""What a model remembers of a conversation: questions, and the answers as they were shown. Plain JSON, in the focus.

It belongs to one person in one role under one contract: for anybody else there is nothing to remember.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from gateway.ask import messages
from gateway.ports import Message

KEY: Final = "model"
"""Of the focus."""
_TURNS: Final = 6
_LONGEST: Final = 4_000
_EVIDENCE: Final = 40


@dataclass(frozen=True, slots=True)
class Memory:
    """The turns so far, oldest first, and what was learned in them."""

    owner: tuple[str, ...]
    turns: tuple[tuple[str, str], ...] = ()
    """(question, text as shown)."""
    learned: tuple[dict[str, Any], ...] = ()
    """Answers of tools, as far as numbers may be quoted from them."""

    @classmethod
    def of(cls, focus: Mapping[str, Any], owner: tuple[str, ...]) -> Self:
        """The memory in a focus, or an empty one where that is somebody else's."""
        kept = focus.get(KEY)
        if not isinstance(kept, dict) or tuple(kept.get("owner", ())) != owner:
            return cls(owner)
        turns = tuple((str(question), str(text)) for question, text in kept.get("turns", ()))
        return cls(owner, turns, tuple(kept.get("learned", ())))

    def messages(self) -> list[Message]:
        """The chat so far."""
        told: list[Message] = []
        for question, text in self.turns:
            told += [messages.user(question), {"role": "assistant", "content": text}]
        return told

    def after(self, question: str, text: str, learned: list[dict[str, Any]]) -> dict[str, Any]:
        """As JSON, with one more turn; the oldest are forgotten."""
        turns = [*self.turns, (question[:_LONGEST], text[:_LONGEST])][-_TURNS:]
        return {
            "owner": list(self.owner),
            "turns": [list(turn) for turn in turns],
            "learned": [*self.learned, *learned][-_EVIDENCE:],
        }

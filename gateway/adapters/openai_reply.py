"""One reply of a model, put together from what its server streams, and trusted in nothing.

Servers that call themselves compatible leave out ids, send whole messages where deltas are due, or arguments that are
no JSON. What can be read is read; what can't is no reply.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tool call as the model wrote it: `arguments` is text that ought to be JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of the model."""

    text: str
    wanted: tuple[Wanted, ...]
    more: int
    """Calls beyond those that are kept."""
    finish: str
    """`stop`, `tool_calls`, `length`, `content_filter`: as the server said, or `cut` where it was stopped here."""
    declined: bool
    """The model's maker had it refuse."""
    tokens: int
    received: int
    """Characters, calls included."""


class NoReply(ValueError):
    """What came is no chat completion."""


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Assembly:
    """Takes pieces as they come, says the prose on, and gives the reply at the end."""

    def __init__(self, say: Say, most: int, most_calls: int) -> None:
        """`most` characters and `most_calls` calls are kept; past the characters `full` is true."""
        self._say, self._most, self._most_calls = say, most, most_calls
        self._text: list[str] = []
        self._calls: dict[int, _Call] = {}
        self._finish = ""
        self._declined = False
        self._tokens = 0
        self._received = 0
        self.began = False

    @property
    def full(self) -> bool:
        """More than a message may hold has come: the rest is not read."""
        return self._received > self._most

    @property
    def ended(self) -> bool:
        """The server said that this is all."""
        return bool(self._finish)

    def take(self, chunk: dict[str, Any]) -> None:
        """One chunk of a stream, or a whole completion. Raises NoReply for what is neither."""
        self._count(chunk.get("usage"))
        choices = chunk.get("choices")
        if choices is None and not chunk.get("usage"):
            raise NoReply("no choices")
        for choice in _dicts(choices):
            self.began = True
            if choice.get("index") in (0, None):
                self._delta(choice.get("delta") or choice.get("message") or {})
                self._finish = str(choice.get("finish_reason") or "") or self._finish

    def reply(self) -> Reply:
        """What it all comes to."""
        calls = [call for _, call in sorted(self._calls.items()) if call.name or call.arguments]
        kept = calls[: self._most_calls]
        wanted = [Wanted(call.id, call.name, "".join(call.arguments)) for call in kept]
        finish = "cut" if self.full else self._finish
        return Reply("".join(self._text), tuple(wanted), len(calls) - len(kept), finish, self._declined,
                     self._tokens, self._received)  # fmt: skip

    def _delta(self, delta: Any) -> None:
        if not isinstance(delta, dict):
            raise NoReply("a message that is none")
        text = delta.get("content")
        if isinstance(text, list):  # parts, as some servers write a whole message
            text = "".join(str(part.get("text") or "") for part in _dicts(text))
        if isinstance(text, str) and text:
            kept = text[: max(0, self._most - self._received)]
            self._received += len(text)
            self._text.append(kept)
            self._say(kept)
        self._declined = self._declined or bool(delta.get("refusal"))
        for place, call in enumerate(_dicts(delta.get("tool_calls"))):
            self._called(place, call)

    def _called(self, place: int, given: dict[str, Any]) -> None:
        index = given.get("index")
        call = self._calls.setdefault(index if isinstance(index, int) else place, _Call())
        function = given.get("function")
        function = function if isinstance(function, dict) else {}
        call.id = call.id or str(given.get("id") or "")
        call.name = call.name or str(function.get("name") or "")
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            call.arguments.append(arguments)
            self._received += len(arguments)
        self._received += 1

    def _count(self, usage: Any) -> None:
        total = usage.get("total_tokens") if isinstance(usage, dict) else None
        if isinstance(total, int) and total > 0:
            self._tokens = total


def _dicts(items: Any) -> Iterable[dict[str, Any]]:
    """The members of what ought to be a list of objects."""
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise NoReply("a list that is none")
    return items

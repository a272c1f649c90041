"""How far an agent may go: no model decides that. Counts what it does, and says when it is enough."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.answer import Answer
from gateway.ports import Ending, Message, ToolCall
from gateway.settings import ModelSettings

REPAIRS = 2
"""How often a refused statement may be mended: the next refusal is the answer."""
_MOST_REPEATS = 3
_MOST_FAULTS = 4
"""Calls in a row that made no sense: unknown tools, arguments that are no JSON or do not fit."""
_CHARACTERS_PER_TOKEN = 4
"""For servers that do not count."""


@dataclass(slots=True)
class Tally:
    """What one question has used so far."""

    bounds: ModelSettings
    clock: Callable[[], float] = time.monotonic
    steps: int = 0
    tokens: int = 0
    refusals: int = 0
    repeats: int = 0
    faults: int = 0
    started: float = 0.0
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def seconds_left(self) -> float:
        """Seconds until the question's time is up; never negative."""
        return max(0.0, self.started + self.bounds.seconds - self.clock())

    @property
    def is_last_step(self) -> bool:
        """The next reply is the last: it has to be an answer."""
        return self.steps + 1 >= self.bounds.steps

    def used(self, tokens: int, sent: int, received: int) -> None:
        """One reply came: `tokens` by the server's count, or 0; `sent` and `received` in characters."""
        self.steps += 1
        self.tokens += tokens or (sent + received) // _CHARACTERS_PER_TOKEN

    def before(self, characters: int) -> Ending | None:
        """Why no further reply may be asked for, if so; `characters` are those of the chat that would be sent."""
        if self.steps >= self.bounds.steps:
            return "steps"
        if self.seconds_left <= 0:
            return "seconds"
        if self.tokens + characters // _CHARACTERS_PER_TOKEN > self.bounds.tokens:
            return "tokens"
        return self._in_circles()

    def _in_circles(self) -> Ending | None:
        if self.refusals > REPAIRS:
            return "refused"
        if self.repeats >= _MOST_REPEATS:
            return "repeated"
        return "faults" if self.faults >= _MOST_FAULTS else None

    @property
    def enough(self) -> Ending | None:
        """Why no further tool may be called, if so."""
        return "seconds" if self.seconds_left <= 0 else self._in_circles()

    def is_repeat(self, call: ToolCall) -> bool:
        """Whether this very call was made before; counts it."""
        key = json.dumps([call.tool, call.arguments], sort_keys=True, default=str)
        if key in self.seen:
            self.repeats += 1
            return True
        self.seen.add(key)
        return False

    def came_to(self, answer: Answer) -> None:
        """Count what a call came to."""
        self.refusals += answer.status == "blocked"
        self.faults = self.faults + 1 if answer.status == "error" else 0


def size(messages: list[Message]) -> int:
    """Characters of a chat."""
    parts = (message.get(name) for message in messages for name in ("content", "tool_calls"))
    return sum(len(str(part)) for part in parts if part)

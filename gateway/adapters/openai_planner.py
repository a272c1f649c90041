"""The model behind `planner: openai`: asks it, makes the calls it wants, and stops it where a bound is reached.

It knows a chat and functions to call, and no engine, contract or evidence: each call goes out through the one path,
and the prose goes to who checks it before anybody reads it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.adapters.openai_client import ModelClient
from gateway.adapters.openai_reply import Reply, Wanted
from gateway.answer import Answer
from gateway.ask import messages as shape
from gateway.ask.bounds import Tally, size
from gateway.cancellation import current, interrupted
from gateway.ports import Brief, Ending, Message, Outcome, ToolCall
from gateway.settings import ModelSettings

Call = Callable[[ToolCall], Answer]
Say = Callable[[str], None]


@dataclass(slots=True)
class _Run:
    """One question under way."""

    tally: Tally
    messages: list[Message]
    calls: int = 0

    def outcome(self, ending: Ending) -> Outcome:
        return Outcome(ending, self.tally.steps, self.tally.tokens)


class OpenAIPlanner:
    """Answers through a model. Keeps nothing between questions: the chat so far comes with the brief."""

    def __init__(self, settings: ModelSettings, client: ModelClient | None = None) -> None:
        self._settings = settings
        self._client = client or ModelClient(settings)

    @property
    def name(self) -> str:
        return self._settings.name

    def answer(self, brief: Brief, call: Call, say: Say) -> Outcome:
        """See `gateway.ports.Agent`."""
        run = _Run(Tally(self._settings), list(brief.messages))
        while True:
            if current().is_cancelled:
                raise interrupted()
            sent = size(run.messages)
            ending = run.tally.before(sent)
            if ending is not None:
                return run.outcome(ending)
            reply = self._client.reply(
                run.messages, brief.tools, run.tally.seconds_left, say, last=run.tally.is_last_step
            )
            run.tally.used(reply.tokens, sent, reply.received)
            if not reply.wanted:
                return run.outcome(_ending(reply))
            if run.tally.steps >= self._settings.steps:
                return run.outcome("steps")
            say("\n")
            self._call_all(run, reply, call)

    def close(self) -> None:
        """Close the connections to the server."""
        self._client.close()

    def _call_all(self, run: _Run, reply: Reply, call: Call) -> None:
        """Make the calls of one reply, in order, and put them and what they came to behind the chat."""
        wanted = [_named(item, run.calls + place) for place, item in enumerate(reply.wanted, 1)]
        run.calls += len(wanted)
        run.messages.append(_assistant(reply.text, wanted))
        for item in wanted:
            answer = self._called(run, item, call)
            run.tally.came_to(answer)
            run.messages.append(shape.result(item.id, answer, self._settings.characters))
        if reply.more:
            run.messages[-1]["content"] += f"\n{reply.more} more calls were left out: {len(wanted)} at once at most."

    def _called(self, run: _Run, item: Wanted, call: Call) -> Answer:
        ending = run.tally.enough
        if ending is not None:
            return Answer(status="error", text="not called: the time or the number of attempts is used up")
        arguments = _arguments(item.arguments)
        if isinstance(arguments, str):
            return Answer(status="error", text=arguments)
        made = ToolCall(item.name, arguments)
        if run.tally.is_repeat(made):
            return Answer(status="error", text="this very call was made before: its result is above")
        return call(made)


def _ending(reply: Reply) -> Ending:
    """What a reply without calls means."""
    if reply.declined:
        return "declined"
    if reply.finish == "content_filter":
        return "filtered"
    if reply.finish in ("length", "cut"):
        return "length"
    return "said" if reply.text.strip() else "asked_nothing"


def _named(item: Wanted, place: int) -> Wanted:
    """The call under an id of ours: servers leave them out, or repeat them."""
    return Wanted(f"call_{place}", item.name[:64], item.arguments)


def _assistant(text: str, wanted: list[Wanted]) -> Message:
    """The reply as it goes back. Arguments that are no JSON object do not: some servers read them again, and fail."""
    calls = [
        {"id": item.id, "type": "function", "function": {"name": item.name, "arguments": _readable(item.arguments)}}
        for item in wanted
    ]
    return {"role": "assistant", "content": text or None, "tool_calls": calls}


def _readable(arguments: str) -> str:
    return "{}" if isinstance(_arguments(arguments), str) else arguments or "{}"


def _arguments(text: str) -> dict[str, Any] | str:
    """The arguments, or what is wrong with them."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return "the arguments are not JSON: write one JSON object"
    return found if isinstance(found, dict) else "the arguments are no JSON object"

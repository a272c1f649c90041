"""A conversation: what it is about, what it last said, and what a line typed into it means. Knows no terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from gateway.cli.diagnostics import ExitCode
from gateway.ports import Glimpse
from gateway.service import Caller, Gateway, Reply

POPULATIONS = ("itt", "exposed")
_FLAG = "--population "
"""Choices of a population are written as the flag that makes them; in a chat the value alone will do."""


@dataclass(slots=True)
class Conversation:
    """State of one chat. A question goes to the gateway with what was being talked about, so follow-ups make sense."""

    gateway: Gateway
    caller: Caller
    focus: Mapping[str, Any] = field(default_factory=dict)
    last: Reply | None = None
    failures: list[int] = field(default_factory=list)
    """Exit codes of the questions that were not answered, oldest first. A choice made later takes its own out."""

    def __post_init__(self) -> None:
        if not self.caller.conversation:
            self.caller = replace(self.caller, conversation=uuid4().hex)

    def ask(self, line: str, show: Callable[[Glimpse], None] | None = None) -> Reply:
        """Answer a question, a follow-up, or the choice that settles the last clarifying question.

        `show` gets what can be seen of the answer before it is complete.
        """
        choice = self._choice(line)
        reply = self.gateway.ask(line if choice is None else choice, self.caller, self.focus, show)
        if choice is not None:
            self.failures.pop()
        if reply.exit_code:
            self.failures.append(reply.exit_code)
        self.last, self.focus = reply, reply.focus or self.focus
        return reply

    def run(self, statement: str, dialect: str) -> Reply:
        """Run a statement, which leaves what is being talked about as it was. An empty dialect is the contract's."""
        reply = self.gateway.run_sql(statement, self.caller, dialect=dialect)
        if reply.exit_code:
            self.failures.append(reply.exit_code)
        self.last = replace(reply, focus=dict(self.focus))
        return self.last

    def use_population(self, population: str) -> None:
        """From now on, questions that don't name a population mean this one, whichever was named before."""
        self.caller = replace(self.caller, population=population)
        self.focus = {name: value for name, value in self.focus.items() if name != "populations"}

    def forget(self) -> None:
        """What was being talked about is no longer assumed."""
        self.focus, self.last = {}, None

    def exit_code(self) -> int:
        """The code of the first question that stayed unanswered, or 0."""
        return self.failures[0] if self.failures else ExitCode.ANSWERED

    def _choice(self, line: str) -> str | None:
        """The choice this line makes, by its number or its text, or None where it makes none."""
        answer = self.last.answer if self.last is not None else None
        choices = answer.choices if answer is not None and answer.status == "clarify" else []
        values = [choice.removeprefix(_FLAG) for choice in choices]
        typed = line.strip().removeprefix(_FLAG).casefold().rstrip(".")
        if typed.isdecimal() and 1 <= int(typed) <= len(values):
            return values[int(typed) - 1]
        return next((value for value in values if value.casefold() == typed), None)

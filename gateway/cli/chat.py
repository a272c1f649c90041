"""`gateway chat`: the same as `ask`, kept open.

On a terminal it has an editable line with history. A pipe works as input for scripts: each line is a question or a
slash command, stdout carries the replies and nothing else, and the exit code is that of the first question that stayed
unanswered (a clarifying question whose choice the next line makes does not count).
"""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import typer

from gateway.cli.diagnostics import ExitCode, narrate, report_error
from gateway.cli.options import AsJson, Planner, Population, Role
from gateway.cli.output import emit
from gateway.cli.session import caller, opened, session
from gateway.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.cli.conversation import Conversation
    from gateway.cli.show import View
    from gateway.settings import Settings


class HasFailures(Protocol):
    """The conversation, as far as the loop writes to it."""

    failures: list[int]


def chat(
    ctx: typer.Context,
    population: Population = None,
    as_json: AsJson = False,
    planner: Planner = None,
    role: Role = None,
) -> int:
    """Ask and follow up, in a loop.

    Slash commands: /population, /sql, /why, /audit, /clear, /help, /exit. A pipe works as input: a question each line.
    The exit code is then that of the first question that stayed unanswered.
    """
    from gateway.cli.conversation import Conversation
    from gateway.cli.show import view_for

    current = session(ctx)
    settings = current.settings(population=population, planner=planner, role=role)
    typed = sys.stdin.isatty()
    with opened(settings) as gateway:
        conversation = Conversation(gateway, caller(settings, "cli.chat"))
        if typed:
            current.note("Ask about your experiments in plain words. /help lists the commands, Ctrl-D leaves.")
        live = typed and sys.stdout.isatty() and settings.planner != "offline"
        show = _shower(conversation, view_for(current), as_json=as_json, live=live)
        converse(_lines(settings, conversation, typed=typed), conversation, show, typed=typed)
    return ExitCode.ANSWERED if typed else conversation.exit_code()


def _lines(settings: "Settings", conversation: "Conversation", *, typed: bool) -> "Iterator[str]":
    from gateway.cli.prompt import piped_lines, typed_lines
    from gateway.cli.slash import SLASH_COMMANDS

    if not typed:
        return piped_lines()
    return typed_lines(settings.home, lambda: f"{conversation.caller.population or 'ask'}> ", list(SLASH_COMMANDS))


def converse(lines: "Iterator[str]", talk: "HasFailures", show: "Callable[[str], bool]", *, typed: bool) -> None:
    """Reply to each line until one says to leave. At a prompt, Ctrl-C cancels the reply; it ends a script."""
    for line in lines:
        try:
            if line.strip() and not show(line.strip()):
                return
        except GatewayError as error:
            report_error(error)
            talk.failures.append(error.exit_code)
        except KeyboardInterrupt:
            if not typed:
                raise
            narrate("cancelled")


def _shower(conversation: "Conversation", view: "View", *, as_json: bool, live: bool) -> "Callable[[str], bool]":
    """Replies to one line; False when the line says to leave."""
    from gateway.cli.show import print_json, reply_text
    from gateway.cli.slash import run_slash

    def show(line: str) -> bool:
        if line.startswith("/"):
            text = run_slash(line, conversation, view)
            if text is not None:
                (narrate if as_json else _emit_block)(text)
            return text is not None
        if live and not as_json:
            _emit_block(_shown_live(line, conversation, view))
            return True
        reply = conversation.ask(line)
        if as_json:
            print_json(reply.answer, indent=None)
        else:
            _emit_block(reply_text(reply, view))
        return True

    return show


def _shown_live(line: str, conversation: "Conversation", view: "View") -> str:
    """Shows the reply while it is made, and returns the rest of it."""
    from gateway.cli.live import Live
    from gateway.cli.show import reply_text

    with Live(view.paint, prose=True, spin=True) as live:
        reply = conversation.ask(line, live.show)
    return reply_text(reply, replace(view, told=live.told(reply.answer)))


def _emit_block(text: str) -> None:
    emit(f"{text}\n\n")

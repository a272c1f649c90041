"""Where the chat's lines come from: an editable prompt with history on a terminal, or the lines of a pipe."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.diagnostics import narrate
from gateway.cli.plain import clean

if TYPE_CHECKING:
    from prompt_toolkit.history import History

HISTORY_FILE = "chat_history"


def piped_lines() -> Iterator[str]:
    """Each line of stdin, until it ends."""
    for line in sys.stdin:
        yield clean(line)


def typed_lines(home: Path, prompt: Callable[[], str], commands: list[str]) -> Iterator[str]:
    """Each line typed at the prompt, until Ctrl-D. Ctrl-C clears the line; on an empty line it says how to leave."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.output import create_output

    asking: PromptSession[str] = PromptSession(
        history=_history(home),
        completer=WordCompleter(commands, sentence=True),
        complete_while_typing=False,
        output=create_output(always_prefer_tty=True),  # a redirected stdout carries answers, not the prompt
    )
    while True:
        try:
            yield clean(asking.prompt(prompt()))
        except KeyboardInterrupt:
            if not asking.default_buffer.text:
                narrate("/exit or Ctrl-D leaves")
        except EOFError:
            return


def _history(home: Path) -> "History":
    """History saved between runs, readable only by its owner; kept in memory where the folder can't be written."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    path = home / HISTORY_FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("ab"):
            return FileHistory(path)
    except OSError as error:
        narrate(f"history is not saved: {path}: {error.strerror}")
        return InMemoryHistory()

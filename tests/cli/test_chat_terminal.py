"""`gateway chat` at a terminal: a prompt, history between runs, Ctrl-C and Ctrl-D."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Self

import pytest

from gateway.cli import chat
from gateway.errors import EngineError
from tests.cli.conftest import Cli

CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1b[A"
_PATIENCE = 30.0


class Terminal:
    """A process on a pseudo-terminal, and what it has shown so far."""

    def __init__(self, cli: Cli, *args: str, **variables: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway", *args],
            cwd=cli.folder,
            env=cli.environment(TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1", **variables),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._ours)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def press(self, key: str, pattern: str) -> str:
        """What was shown until the pattern came. A key that meets the prompt while it is put up is pressed again."""
        for _ in range(3):
            self.type(key)
            try:
                return self.wait_for(pattern, patience=_PATIENCE / 3)
            except AssertionError:
                continue
        return self.wait_for(pattern)

    def wait_for(self, pattern: str, *, patience: float = _PATIENCE) -> str:
        """What was shown until the pattern came, which is then taken off."""
        deadline = time.monotonic() + patience
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < deadline, self.shown
            if select.select([self._ours], [], [], 1)[0]:
                self.shown += re.sub(
                    r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(self._ours, 65536).decode("utf-8", "replace")
                )
        before, self.shown = self.shown[: found.end()], self.shown[found.end() :]
        return before

    def exit_code(self) -> int:
        deadline = time.monotonic() + _PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            if select.select([self._ours], [], [], 0.1)[0]:
                try:
                    os.read(self._ours, 65536)
                except OSError:  # the other side is closed
                    break
        return self.process.wait(timeout=5)


def test_history_survives_between_runs_and_ctrl_d_leaves(copy_of_world: Cli) -> None:
    question = "Did one-page checkout increase conversion?"
    with Terminal(copy_of_world, "chat", "--population", "itt") as first:
        first.wait_for("itt>")
        first.type(f"{question}\r")
        assert "one_page" in first.wait_for("audit: ")
        first.wait_for("itt>")
        first.type(CTRL_D)
        assert first.exit_code() == 0
    assert question in (copy_of_world.home / "chat_history").read_text("utf-8")
    with Terminal(copy_of_world, "chat", "--population", "itt") as second:
        second.wait_for("itt>")
        second.type(UP)
        second.wait_for(re.escape(question))
        second.type("\r")
        second.wait_for("audit: ")
        second.wait_for("itt>")
        second.type("/exit\r")
        assert second.exit_code() == 0


def test_ctrl_c_clears_the_line_and_on_an_empty_one_says_how_to_leave(copy_of_world: Cli) -> None:
    with Terminal(copy_of_world, "chat") as terminal:
        terminal.wait_for("ask>")
        terminal.type("half a quest")
        terminal.wait_for("quest")
        terminal.type(CTRL_C)
        assert "leaves" not in terminal.wait_for("ask>")
        terminal.press(CTRL_C, "/exit or Ctrl-D leaves")
        terminal.wait_for("ask>")
        terminal.type(CTRL_D)
        assert terminal.exit_code() == 0


def test_the_history_file_is_its_owners_alone(copy_of_world: Cli) -> None:
    with Terminal(copy_of_world, "chat") as terminal:
        terminal.wait_for("ask>")
        terminal.type(CTRL_D)
        terminal.exit_code()
    assert (copy_of_world.home / "chat_history").stat().st_mode & 0o077 == 0


class Shown:
    """Stands for the replying: interrupts on one line, fails on another."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: str) -> bool:
        self.lines.append(line)
        if line == "slow":
            raise KeyboardInterrupt
        if line == "broken":
            raise EngineError("the audit log can't be written")
        return line != "/exit"


class Talk:
    """Stands for the conversation, of which only the failures matter here."""

    def __init__(self) -> None:
        self.failures: list[int] = []


def lines(*typed: str) -> Iterator[str]:
    yield from typed


def test_ctrl_c_cancels_the_reply_and_the_chat_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Shown()
    chat.converse(lines("slow", "next"), Talk(), shown, typed=True)
    assert shown.lines == ["slow", "next"]
    assert capsys.readouterr().err == "cancelled\n"


def test_ctrl_c_ends_a_script() -> None:
    with pytest.raises(KeyboardInterrupt):
        chat.converse(lines("slow", "next"), Talk(), Shown(), typed=False)


def test_a_failure_is_said_and_the_chat_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    talk, shown = Talk(), Shown()
    chat.converse(lines("broken", " ", "next", "/exit", "never"), talk, shown, typed=True)
    assert shown.lines == ["broken", "next", "/exit"]
    assert talk.failures == [5]
    assert capsys.readouterr().err == "error: the audit log can't be written\n"

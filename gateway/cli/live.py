"""An answer in the making, on a terminal: a spinner while the model thinks, its calls in passing, its checked text.

What is shown here is not shown again: the rest of the answer follows it.
"""

import sys
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TextIO

from gateway.cli.paint import Paint
from gateway.cli.plain import plain, plain_lines

if TYPE_CHECKING:
    from rich.status import Status

    from gateway.answer import Answer
    from gateway.ports import Glimpse

_THINKING: Final = "thinking (Ctrl-C cancels)"


class Live(AbstractContextManager["Live"]):
    """What is shown of one answer before it is complete. Text goes to stdout, what happens meanwhile to stderr."""

    def __init__(self, paint: Paint, *, prose: bool, spin: bool) -> None:
        """`prose`: the text is shown as it comes; otherwise only the calls are."""
        self._paint, self._prose = paint, prose
        self._status: Status | None = _status() if spin else None
        self._shown = ""

    def __enter__(self) -> Self:
        self._spin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        if self._shown:
            _write(sys.stdout, "\n\n")

    def show(self, glimpse: "Glimpse") -> None:
        """Show one glimpse."""
        self._stop()
        if glimpse.kind == "call":
            _write(sys.stderr, f"{self._paint(f'· {plain(glimpse.text)}', 'quiet')}\n")
        elif self._prose:
            self._say(glimpse)
            return  # more of it follows at once
        self._spin()

    def told(self, answer: "Answer") -> bool:
        """Whether the text of an answer is what was shown, so that it need not be shown again."""
        return self._prose and bool(self._shown) and self._shown.split() == answer.text.split()

    def _say(self, glimpse: "Glimpse") -> None:
        alert = glimpse.kind == "alert"
        text = f"\n{glimpse.text}" if alert else glimpse.text
        text = text if self._shown else text.lstrip()
        self._shown += text
        safe = "\n".join(plain_lines(line) for line in text.split("\n"))
        _write(sys.stdout, self._paint(safe, "bad") if alert else safe)

    def _spin(self) -> None:
        if self._status is not None:
            self._status.start()

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()


def _status() -> "Status":
    from rich.console import Console

    return Console(stderr=True).status(_THINKING)


def _write(stream: TextIO, text: str) -> None:
    with suppress(BrokenPipeError):
        stream.write(text)
        stream.flush()

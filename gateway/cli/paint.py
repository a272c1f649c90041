"""Colour, sparingly: only on a terminal that wants it, and never the only carrier of a meaning."""

from dataclasses import dataclass
from typing import Final, Literal, TextIO

Tone = Literal["strong", "good", "bad", "caution", "quiet"]

_CODES: dict[Tone, str] = {"strong": "1", "good": "32", "bad": "31", "caution": "33", "quiet": "2"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Wraps text in ANSI codes, or leaves it as it is."""

    on: bool = False

    def __call__(self, text: str, tone: Tone) -> str:
        """The text in that tone."""
        return f"\x1b[{_CODES[tone]}m{text}\x1b[0m" if self.on and text else text


PLAIN_PAINT: Final = Paint()
"""No colour at all."""


def paint_for(stream: TextIO, *, wanted: bool) -> Paint:
    """Colour for a stream: where it is a terminal and nobody has said no."""
    return Paint(wanted and stream.isatty())

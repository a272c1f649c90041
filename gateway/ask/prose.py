"""A model's prose, piece by piece: whole sentences out of a stream, each made harmless before it is read any further.

What is checked is what is shown: everything that could make the two differ (invisible characters, look-alike digits,
markdown, markup) is taken away first.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 2_000
"""Characters of one sentence: what is longer is no sentence."""
_END: Final = re.compile(r"(?<![.!?…。！？])(?P<stop>[.!?…。！？]+[\"'’”)\]*_]*)(?P<gap>\s)(?=\S)|(?P<line>\n)(?=\S)")
"""White space has been squeezed to one character before."""
_RUNS: Final = re.compile(r"\s+|\S+")
_TAIL: Final = 64
"""Characters before the end of what has come in which an end of a sentence may not be whole yet."""
_ABBREVIATIONS: Final = frozenset(
    ("vs", "approx", "ca", "cf", "e.g", "i.e", "eg", "ie", "no", "fig", "resp", "incl", "p")
)
_WORD_END: Final = re.compile(r"[\s.,;:!?)]")
_ID: Final = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]+\b")
_LINK: Final = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.|mailto:|javascript:|data:[a-z])\S*")
_IMAGE_OR_LINK: Final = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\n]{0,500}\)")
_MARKS: Final = re.compile(r"\*+|~~+|`+|(?<![^\W_])_+(?=\S)|(?<=\S)_+(?![^\W_])")
_LEAD: Final = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|[-*•‣▪]\s+|\d{1,2}[.)]\s+)+")
_BULLET: Final = re.compile(r"^\s*(?:[-*•‣▪]|\d{1,2}[.)])\s")
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_INVISIBLE: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Me", "Zl", "Zp"))
_SELECTORS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence, and whether it begins a line."""

    text: str
    starts_line: bool = False


class Sentences:
    """Takes prose as it comes and gives sentences as they are complete."""

    def __init__(self) -> None:
        self._held = ""
        self._looked = 0
        """How far into what is held no sentence ends."""
        self._line = True
        self._skipping = False

    def take(self, text: str) -> Iterator[Piece]:
        """The sentences that this piece of text completes."""
        self._hold(text)
        start = 0
        for found in _END.finditer(self._held, self._looked):
            following = self._held[found.end() : found.end() + _TAIL]
            if found["stop"] and following[0].islower() and not _WORD_END.search(following) and len(following) < _TAIL:
                self._looked = found.start()
                break  # an id begins a sentence, another word in small letters does not: this one is not whole yet
            if found["stop"] and not _ends(self._held[start : found.start("gap")], following):
                continue
            yield from self._whole(self._held[start : found.end()], "\n" in found.group())
            start = found.end()
        else:
            self._looked = max(start, len(self._held) - _TAIL)
        self._held, self._looked = self._held[start:], self._looked - start
        if len(self._held) > LONGEST:
            self._skipping, self._held, self._looked = True, "", 0

    def _hold(self, text: str) -> None:
        """Take a piece in, runs of white space as one blank or one line break."""
        for run in _RUNS.findall(text):
            if not run.isspace():
                self._held += run
            elif self._held[-1:] in (" ", "\n"):
                self._held = self._held[:-1] + ("\n" if "\n" in run else self._held[-1])
            else:
                self._held += "\n" if "\n" in run else " "

    def rest(self) -> Iterator[Piece]:
        """What is left, when nothing more comes for now."""
        held, self._held, self._looked = self._held, "", 0
        yield from self._whole(held, True)

    def _whole(self, raw: str, breaks: bool) -> Iterator[Piece]:
        line, self._line = self._line, breaks
        if self._skipping:
            self._skipping = False
            yield Piece("", line)
            return
        bullet = _BULLET.match(raw) is not None
        text = harmless(raw)
        if text:
            yield Piece(f"- {text}" if bullet and line else text, line)


def harmless(text: str) -> str:
    """One line of plain text: no control or invisible characters, no markdown, no links, no markup."""
    text = unicodedata.normalize("NFKC", _powers(text.replace("\t", " ")))
    text = "".join(" " if char in "\n\r\v\f\u2028\u2029" else char for char in text)
    text = "".join(_digit(char) for char in text if not _is_hidden(char))
    text = _LEAD.sub("", text)
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _LINK.sub("[link]", text)
    text = _MARKS.sub("", text)
    text = _TAG.sub("‹", text)
    return " ".join(text.split())


_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_POWER: Final = re.compile(r"\s?[×x·*]\s?10\^?([⁻⁺−+-]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|\^[−+-]?\d+)")


def _powers(text: str) -> str:
    """Powers of ten as `e-9`. Any other raised digit stays what it is, and is refused later for what it is."""
    text = _POWER.sub(lambda found: "e" + found[1].lstrip("^").translate(_RAISED).replace("−", "-"), text)
    return "".join(f"^{unicodedata.digit(char)}" if char in "⁰¹²³⁴⁵⁶⁷⁸⁹" else char for char in text)


def _digit(char: str) -> str:
    """Digits of any script as those that are read."""
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _INVISIBLE or char in _SELECTORS


def _ends(before: str, following: str) -> bool:
    """Whether a full stop ends a sentence, by the word before it and what comes after it."""
    word = before.rstrip(".!?…\"'’”)]*_ ").rsplit(None, 1)[-1:] or [""]
    bare = word[0].strip("([").casefold()
    if bare in _ABBREVIATIONS or (before.strip().rstrip(".)").isdecimal() and len(before.strip()) <= 4):
        return False
    if _ID.match(following):
        return True
    return not (following[0].islower() or following[0].isdecimal() or following[0] == "%")

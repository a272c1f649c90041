"""Text that is safe to show and to store, whatever it came from: a shell, a pipe, a row of the database.

A name in a table can carry escape sequences that repaint a terminal, or marks that reverse the reading order.
Neither reaches the screen.
"""

import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_KEPT_FORMATS = frozenset({"\u200c", "\u200d"})
"""Joiners that some scripts need between letters; they move nothing."""


def plain(text: str) -> str:
    """The text on one line, without control, direction and other invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def plain_lines(text: str) -> str:
    """The same, with its line breaks and tabs kept: for statements and other text of several lines."""
    return "\n".join(plain(line.replace("\t", "    ")) for line in text.splitlines())


def json_plain(text: str) -> str:
    """JSON text in which the same characters are written as escapes: it moves no cursor, and says the same."""
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(_escaped(character) for character in text)


def clean(text: str) -> str:
    """Typed or piped text that can be encoded again: bytes that are not UTF-8 become a replacement mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def width(text: str) -> int:
    """Columns the text takes in a terminal: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character) or character in _KEPT_FORMATS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _escaped(character: str) -> str:
    if character == "\n" or character in _KEPT_FORMATS or unicodedata.category(character) not in _UNSAFE:
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _shown(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if unicodedata.category(character) in _UNSAFE and character not in _KEPT_FORMATS:
        return "\N{REPLACEMENT CHARACTER}"
    return character

"""Yes-or-no dimensions spoken of as people: "for newbies" is the units where `newbie` is 1, "non-newbies" those where
it is 0. "By newbie" stays a breakdown.
"""

from typing import Final

from gateway.ask.links import Links
from gateway.ask.text import Board
from gateway.ask.vocabulary import Dimension

_YES_AND_NO: Final = (("1", "0"), ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("1.0", "0.0"))
_AMONG: Final = frozenset(
    ("for", "among", "amongst", "only", "just", "on", "in", "with", "within", "from", "are", "is")
)
_NOT: Final = frozenset(("non", "not"))
_FILLERS: Final = frozenset(("the", "our", "all"))
_DIVIDING: Final = frozenset(
    ("by", "per", "across", "each", "every", "between", "which", "what", "split", "over", "different")
)
_DIVISIONS: Final = frozenset(
    ("breakdown", "split", "segment", "segments", "dimension", "group", "groups", "status", "flag")
)


def link_members(board: Board, links: Links, dimensions: tuple[Dimension, ...]) -> None:
    """Put the one cell that is meant in the place of the dimension, where that is plain."""
    for dimension in dimensions:
        place = links.places.get(("dimension", dimension.name))
        values = _yes_and_no(dimension)
        if dimension.name not in links.dimensions or place is None or not values:
            continue
        meant = _meant(board, place, dimension.name)
        if meant is None:
            continue
        links.dimensions.remove(dimension.name)
        links.segments.append((dimension.name, values[0] if meant else values[1]))
        board.marks[place] = "xseg"


def _yes_and_no(dimension: Dimension) -> tuple[str, str] | None:
    """The values that stand for yes and for no, as they are stored."""
    stored = {value.casefold(): value for value in dimension.values}
    return next(((stored[yes], stored[no]) for yes, no in _YES_AND_NO if set(stored) == {yes, no}), None)


def _meant(board: Board, place: int, name: str) -> bool | None:
    """True for the members, False for all others, None for a breakdown by both."""
    start = place
    while start and board.words[start - 1].text in _FILLERS:
        start -= 1
    before = board.words[start - 1].text if start else ""
    end = place + 1
    while end < len(board.words) and board.marks[end] == "+":
        end += 1
    following = board.words[end].text if end < len(board.words) else ""
    if before in _NOT and board.free(start - 1, start):
        board.claim(start - 1, start, "~")
        return False
    if before in _DIVIDING or following in _DIVISIONS:
        return None
    plural = board.words[end - 1].text.endswith("s") and not name.casefold().endswith("s")
    return True if plural or before in _AMONG else None

"""COLUMNS(…) and `* LIKE …`: which of the columns in sight they pick.

They are never left in the text that runs. What they pick is written out, from the columns that the role may select, so
that a pattern cannot reach further than a star.
"""

import re
from typing import Final

from sqlglot import exp

from gateway.guard.syntax import identifier

_PATTERN: Final = re.compile(r"\^?(?:[\w |]|\.[*+]?|\[[\w-]+\][*+]?|\((?:[\w|]|\.[*+]?)*\))*\$?")
"""A pattern that means the same to every engine of regular expressions, with no repetition inside another."""
_MOST_REPETITIONS: Final = 3
_MOST_CHARACTERS: Final = 200


def picks(items: list[exp.Expr], text: str) -> list[exp.Expr | None]:
    """For each item of a select list the COLUMNS(…) in it, or itself where it is `* LIKE '…'`; None for neither.

    The text tells whether it is worth looking for COLUMNS: every tree would have to be walked for it.
    """
    deep = "columns" in text.lower()
    return [_pick(item, deep=deep) for item in items]


def _pick(item: exp.Expr, *, deep: bool) -> exp.Expr | None:
    if isinstance(item, exp.Like) and isinstance(item.this, exp.Star):
        return item
    return item.find(exp.Columns) if deep else None


def all_of(pick: exp.Expr) -> exp.Expr:
    """The star among whose columns it picks."""
    inner = pick.this
    return inner if isinstance(inner, exp.Star | exp.Column) else exp.Star()


def chosen(pick: exp.Expr, names: list[str]) -> set[str] | None:
    """Which of the names it picks; None where that cannot be told for certain."""
    inner = pick.expression if isinstance(pick, exp.Like) else pick.this
    star = all_of(pick)
    star = star.this if isinstance(star, exp.Column) else star
    if star.args.get("replace") or star.args.get("rename"):
        return None
    if isinstance(pick, exp.Like):
        return _like(inner, names)
    if isinstance(inner, exp.Star) or (isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star)):
        return set(names)
    if isinstance(inner, exp.Array):
        return _listed(inner.expressions, names)
    return _matching(inner, names)


def _like(pattern: exp.Expr, names: list[str]) -> set[str] | None:
    text = _text(pattern)
    if text is None or "\\" in text or text.count("%") > _MOST_REPETITIONS:
        return None
    signs = {"%": ".*", "_": "."}
    wanted = re.compile("".join(signs.get(c, re.escape(c)) for c in text))
    return {name for name in names if wanted.fullmatch(name)}


def _listed(items: list[exp.Expr], names: list[str]) -> set[str] | None:
    wanted = [_text(item) for item in items]
    known = {name.lower(): name for name in names}
    if any(text is None or text.lower() not in known for text in wanted):
        return None
    return {known[text.lower()] for text in wanted if text is not None}


def _matching(pattern: exp.Expr, names: list[str]) -> set[str] | None:
    """A regular expression picks by any part of the name, and minds its case."""
    text = _text(pattern)
    if text is None or not _PATTERN.fullmatch(text) or sum(map(text.count, "*+")) > _MOST_REPETITIONS:
        return None
    try:
        wanted = re.compile(text)
    except re.error:
        return None
    return {name for name in names if wanted.search(name)}


def _text(node: exp.Expr) -> str | None:
    plain = isinstance(node, exp.Literal) and node.is_string and len(node.this) <= _MOST_CHARACTERS
    return str(node.this) if plain else None


def with_column(item: exp.Expr, pick: exp.Expr, column: exp.Expr) -> exp.Expr:
    """The item with this column in the place of every COLUMNS(…) that says the same."""
    if item is pick:
        return column.copy()
    made = item.copy()
    for place in list(made.find_all(exp.Columns)):
        if place == pick:
            place.replace(column.copy())
    named = isinstance(made, exp.Alias)
    return made if named else exp.Alias(this=made, alias=identifier(column.alias_or_name))

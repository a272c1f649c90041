"""How much longer than a stored value a text or list may grow: engines bound their memory for rows, not for one value.

Joining a text to itself thirty times, four steps of WITH in a row, makes a million copies of it in a statement of two
hundred words. Counted in stored values, roughly and from the tree alone: what joins adds, what replaces
multiplies, a column is as large as the largest that the relations in FROM may give.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sqlglot import exp

from gateway.guard.decision import Rule
from gateway.guard.report import Report

MAX_GROWTH: Final = 256
"""Stored values that one value may be made of."""
_LETTERS: Final = 64
"""Letters of a literal that count as one stored value."""

_PUT_IN: Final = 4
"""Times that a replacement which is no literal is taken to be put in."""

_ADD: Final = (
    exp.Concat, exp.ConcatWs, exp.DPipe, exp.Array, exp.ArrayConcat, exp.Struct, exp.Tuple, exp.JSONObject, exp.Format,
    exp.Anonymous, exp.AnonymousAggFunc,
)  # fmt: skip
"""What may hold all that it is given. A function that sqlglot has no class for is taken for one."""
_MAY_GROW: Final = re.compile(r"\|\||\[|\{|concat|replace|format|printf|array|list|agg|json", re.IGNORECASE)
"""Without any of these a text holds nothing that is counted here."""
_COLLECT: Final = {exp.GroupConcat: "string_agg", exp.ArrayAgg: "list", exp.ArrayUniqueAgg: "groupUniqArray"}
_COLLECT_NAMES: Final = frozenset({"string_agg", "listagg", "list", "array_agg", "grouparray", "groupuniqarray"})
_FRAMES: Final = (exp.IgnoreNulls, exp.RespectNulls, exp.Filter, exp.WithinGroup, exp.Order)
_SETS: Final = (exp.Union, exp.Except, exp.Intersect)

_ALIAS: Final = "."
"""Before the name of an output, to tell it from a CTE's."""

Sizes = Mapping[str, int]


def check_growth(root: exp.Expr, report: Report) -> None:
    """Refuse values that could outgrow memory: by joining, by replacing, or by collecting every row for every row."""
    if not _MAY_GROW.search(report.text):
        return
    for window in root.find_all(exp.Window):
        if call := _collected(window):
            message = f"{call} OVER (…) would collect all rows of its window again for each row"
            report.add(Rule.RANGE_TOO_LARGE, message, f"write {call} without OVER, under GROUP BY", window)
    size = _query(root, {}, 1)
    if size > MAX_GROWTH:
        message = f"a text or list may grow to {size:,} times what is stored, more than {MAX_GROWTH}"
        report.add(Rule.RANGE_TOO_LARGE, message, "join or replace fewer parts")


def _collected(window: exp.Expr) -> str:
    """The name of an aggregate that keeps every value, if this window is over one."""
    call = window.this
    while isinstance(call, _FRAMES):
        call = call.this
    if type(call) in _COLLECT:
        return _COLLECT[type(call)]
    name = call.name.lower() if isinstance(call, exp.Anonymous | exp.AnonymousAggFunc) else ""
    return name if name in _COLLECT_NAMES else ""


def _query(query: exp.Expr | None, ctes: Sizes, outer: int) -> int:
    """The size of the largest value that a query gives."""
    if query is None:
        return 1
    known = dict(ctes)
    clause = query.args.get("with_")
    for cte in clause.expressions if clause is not None else ():
        known[cte.alias.lower()] = _query(cte.this, known, outer)
    if isinstance(query, _SETS):
        return max(_query(query.this, known, outer), _query(query.expression, known, outer))
    if isinstance(query, exp.Subquery):
        return _query(query.this, known, outer)
    if not isinstance(query, exp.Select):
        return _expression(query, known, outer)
    base = max([outer, *(_relation(part, known, outer) for part in _sources(query))])
    return max([1, *(_named(part, known, base) for part in _parts(query))])


def _named(part: exp.Expr, known: dict[str, int], base: int) -> int:
    """The size of one part of a SELECT, kept under its alias: what follows may use it by that name."""
    size = _expression(part, known, base)
    if isinstance(part, exp.Alias):
        known[_ALIAS + part.alias.lower()] = size
    return size


def _sources(query: exp.Expr) -> Iterator[exp.Expr]:
    """What stands in FROM, joins and laterals."""
    for name in ("from_", "joins", "laterals"):
        found = query.args.get(name) or ()
        yield from (holder.this for holder in (found if isinstance(found, list) else [found]) if holder)


def _relation(node: exp.Expr, ctes: Sizes, outer: int) -> int:
    joined = max((_relation(join.this, ctes, outer) for join in node.args.get("joins") or ()), default=1)
    if isinstance(node, exp.Table):
        return max(joined, ctes.get(node.name.lower(), 1))
    if isinstance(node, exp.Subquery | exp.Lateral):
        return max(joined, _query(node.this, ctes, outer))
    return max(joined, _expression(node, ctes, outer))


def _parts(query: exp.Expr) -> Iterator[exp.Expr]:
    """Everything else in a SELECT: conditions and orders work on values too."""
    for name, value in query.args.items():
        if name not in {"with_", "from_", "joins", "laterals"}:
            yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, exp.Expr))
    for join in query.args.get("joins") or ():
        if (on := join.args.get("on")) is not None:
            yield on


def _expression(node: exp.Expr, ctes: Sizes, base: int) -> int:
    """The size of the largest value in an expression, in which a column is `base` large."""
    if isinstance(node, exp.Column | exp.Star):
        return max(base, ctes.get(_ALIAS + node.name.lower(), 1))
    if isinstance(node, exp.Literal):
        return 1 + len(node.name) // _LETTERS
    if isinstance(node, (exp.Select, exp.Subquery, *_SETS)):
        return _query(node, ctes, base)
    parts = list(node.iter_expressions())
    sizes = [_expression(part, ctes, base) for part in parts]
    if len(sizes) < 2:
        return sizes[0] if sizes else 1
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    if isinstance(node, exp.Format) or name == "printf":
        return max(1, _letters(parts[0], "{%")) * max(sizes)
    if isinstance(node, exp.Pad):
        return _padded(node, sizes)
    if len(sizes) > 2 and (isinstance(node, exp.Replace | exp.RegexpReplace) or "replace" in name):
        return sizes[0] * _times(node, parts[1], parts[2]) * sizes[2]
    if isinstance(node, exp.ArrayToString) or name == "arraystringconcat":
        return sizes[0] * (1 + _letters(parts[1])) * sizes[1]
    return sum(sizes) if isinstance(node, _ADD) else max(sizes)


def _times(node: exp.Expr, sought: exp.Expr, given: exp.Expr) -> int:
    """How much longer a text becomes by replacing all of it. A pattern may match nothing, or be put in again."""
    plain = isinstance(node, exp.Replace) and isinstance(sought, exp.Literal) and isinstance(given, exp.Literal)
    if plain:
        return max(1, -(-len(given.name) // max(1, len(sought.name))))
    return 1 + len(given.name) if isinstance(given, exp.Literal) else _PUT_IN


def _letters(text: exp.Expr, among: str = "") -> int:
    """The letters of a literal, or those of them asked for; of anything else, as many as count as one value."""
    if not isinstance(text, exp.Literal):
        return _LETTERS
    return sum(letter in among for letter in text.name) if among else len(text.name)


def _padded(node: exp.Expr, sizes: list[int]) -> int:
    """The width is a number, by the shape's rules."""
    width = node.args.get("expression")
    letters = int(width.name) if isinstance(width, exp.Literal) and width.name.isdigit() else 0
    return max(*sizes, 1 + letters // _LETTERS)

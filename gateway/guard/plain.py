"""Second spellings of one thing, made into the first: what they mean is certain, and one form is enough to check."""

import itertools
import re
from collections.abc import Callable
from typing import Final

from sqlglot import exp

_BOUNDS = ("order", "limit", "offset")


def plain(tree: exp.Expr, text: str, dialect: str) -> exp.Expr:
    """The tree, with each of its second spellings replaced. The text tells which of them can be in it."""
    words = text.lower()
    for told, kind, make_plain in _SPELLINGS[dialect]:
        if told.search(words):
            for node in list(tree.find_all(kind)):
                make_plain(node)
    return _unbracketed(tree) if isinstance(tree, exp.Subquery) else tree


def _fetch(node: exp.Expr) -> None:
    """`FETCH FIRST n ROWS ONLY` is `LIMIT n`; with ties or per cent it is something else, and stays."""
    options = node.args.get("limit_options")
    if options is None or not (options.args.get("percent") or options.args.get("with_ties")):
        count = node.args.get("count")
        node.replace(exp.Limit(expression=count if count is not None else exp.Literal.number(1)))


def _within_group(node: exp.Expr) -> None:
    """`percentile_cont(q) WITHIN GROUP (ORDER BY x)` is `quantile_cont(x, q)`."""
    quantile, order = node.this, node.args.get("expression")
    if not isinstance(quantile, exp.PercentileCont | exp.PercentileDisc) or not isinstance(order, exp.Order):
        return
    ordered = order.expressions
    if len(ordered) == 1 and not ordered[0].args.get("desc") and quantile.args.get("expression") is None:
        node.replace(type(quantile)(this=ordered[0].this, expression=quantile.this))


def _raw(node: exp.Expr) -> None:
    """`$$it's$$` is 'it''s'."""
    node.replace(exp.Literal.string(node.this))


def _elements(join: exp.Expr) -> None:
    """`, unnest(…)` and `JOIN LATERAL unnest(…)` are CROSS JOIN unnest(…): it sees the rows beside it anyway.

    A comma binds less than a join behind it, so it stays where there is one.
    """
    node = join.this
    if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Unnest) and node.args.get("alias") is not None:
        inner = node.this
        inner.set("alias", node.args["alias"])
        node.replace(inner)
    comma = isinstance(join.this, exp.Unnest) and not any(join.args.get(p) for p in ("kind", "side", "on", "using"))
    holder = join.parent.args.get("joins") if comma and join.parent is not None else None
    behind = itertools.dropwhile(lambda other: other is not join, holder or ())
    bound = [any(other.args.get(part) for part in ("kind", "side", "on", "using")) for other in behind]
    if bound and not any(bound):
        join.set("kind", "CROSS")


def _first_brackets(select: exp.Expr) -> None:
    """`FROM (a JOIN b USING (k)) …` is `FROM a JOIN b USING (k) …`: what stands first is joined first anyway."""
    clause = select.args.get("from_")
    held = clause.this if clause is not None else None
    if not isinstance(held, exp.Subquery) or not isinstance(held.this, exp.Table) or held.args.get("alias") is not None:
        return
    table = held.this
    inner = table.args.get("joins") or []
    if not inner or any(value for name, value in held.args.items() if name not in ("this", "joins")):
        return
    table.set("joins", None)
    held.replace(table)
    after = [*inner, *(held.args.get("joins") or []), *(select.args.get("joins") or [])]
    select.set("joins", after)


def _log2(node: exp.Expr) -> None:
    """sqlglot would write log2(x) as log(2, x), whose last digit differs."""
    if isinstance(node.this, exp.Literal) and node.this.this == "2" and node.expression is not None:
        node.replace(exp.Anonymous(this="log2", expressions=[node.expression]))


def _unbracketed(root: exp.Expr) -> exp.Expr:
    """`WITH a AS (…) (SELECT …) LIMIT 5` is the query inside, with what stands around its brackets."""
    if not isinstance(root, exp.Subquery) or root.args.get("alias") is not None:
        return root
    inner = _unbracketed(root.this)
    around = {name: value for name, value in root.args.items() if name != "this" and value}
    if not around:
        return inner
    own = {name for name, value in inner.args.items() if value}
    bounded = own & set(_BOUNDS) and around.keys() & set(_BOUNDS)
    if bounded or around.keys() - {"with_", *_BOUNDS} or ("with_" in around and "with_" in own):
        return root
    for name, value in around.items():
        inner.set(name, value)
    return inner


Spelling = tuple[re.Pattern[str], type[exp.Expr], Callable[[exp.Expr], None]]

_COMMON: Final[tuple[Spelling, ...]] = (
    (re.compile("fetch"), exp.Fetch, _fetch),
    (re.compile("within"), exp.WithinGroup, _within_group),
)
_SPELLINGS: Final[dict[str, tuple[Spelling, ...]]] = {
    "clickhouse": _COMMON,
    "duckdb": (
        *_COMMON,
        (re.compile("log2"), exp.Log, _log2),
        (re.compile("unnest"), exp.Join, _elements),
        (re.compile(r"\$"), exp.RawString, _raw),
        (re.compile(r"\bfrom\s*\(\s*(?!select\b|with\b|from\b|values\b)[\w\"]"), exp.Select, _first_brackets),
    ),
}
"""(what the text holds where the spelling is in it, its kind of node, how to make that plain), per dialect."""

"""Second spellings of one thing, made into the first: what they mean is certain, and one form is enough to check."""

from sqlglot import exp

_BOUNDS = ("order", "limit", "offset")


def plain(tree: exp.Expr, text: str, dialect: str) -> exp.Expr:
    """The tree, with each of its second spellings replaced. The text tells which of them can be in it."""
    words = text.lower()
    if "fetch" in words:
        for fetch in list(tree.find_all(exp.Fetch)):
            _fetch(fetch)
    if "within" in words:
        for within in list(tree.find_all(exp.WithinGroup)):
            _within_group(within)
    if "log2" in words and dialect == "duckdb":
        for log in list(tree.find_all(exp.Log)):
            _log2(log)
    return _unbracketed(tree) if isinstance(tree, exp.Subquery) else tree


def _fetch(node: exp.Fetch) -> None:
    """`FETCH FIRST n ROWS ONLY` is `LIMIT n`; with ties or per cent it is something else, and stays."""
    options = node.args.get("limit_options")
    if options is None or not (options.args.get("percent") or options.args.get("with_ties")):
        count = node.args.get("count")
        node.replace(exp.Limit(expression=count if count is not None else exp.Literal.number(1)))


def _within_group(node: exp.WithinGroup) -> None:
    """`percentile_cont(q) WITHIN GROUP (ORDER BY x)` is `quantile_cont(x, q)`."""
    quantile, order = node.this, node.args.get("expression")
    if not isinstance(quantile, exp.PercentileCont | exp.PercentileDisc) or not isinstance(order, exp.Order):
        return
    ordered = order.expressions
    if len(ordered) == 1 and not ordered[0].args.get("desc") and quantile.args.get("expression") is None:
        node.replace(type(quantile)(this=ordered[0].this, expression=quantile.this))


def _log2(node: exp.Log) -> None:
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

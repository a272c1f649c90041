"""What conditions say: which columns they hold to one value, and which they make equal."""

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from gateway.guard.columns import Expressions
from gateway.guard.logic import bare, conjuncts, name_of
from gateway.guard.relations import Ref, Scope

_EQUALS: Final = (exp.EQ, exp.NullSafeEQ)
OUTER: Final = "= the outer row's"
"""How a column is fixed that equals one of the enclosing query's row."""


def fixed_columns(condition: exp.Expr) -> Iterator[tuple[exp.Column, str]]:
    """Columns that a condition holds to one constant, and how it says so."""
    for part in conjuncts(condition):
        if isinstance(part, exp.Column):
            yield part, "= true"
        elif isinstance(part, exp.Not) and (negated := bare(part.this)) is not None:
            yield negated, "= false"
        for left, right, sign in _compared(part):
            column = bare(left)
            if column is not None and not _reads(right):
                yield column, f"{sign} {_text(right)}"


def _compared(part: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr, str]]:
    """What a condition says to be one thing: (side, other side, sign)."""
    if isinstance(part, exp.EQ) and isinstance(part.this, exp.Tuple) and isinstance(part.expression, exp.Tuple):
        for left, right in zip(part.this.expressions, part.expression.expressions, strict=False):
            yield left, right, "="
    elif isinstance(part, _EQUALS):
        yield part.this, part.expression, "="
        yield part.expression, part.this, "="
    elif isinstance(part, exp.In) and len(part.expressions) == 1:
        yield part.this, part.expressions[0], "="
    elif isinstance(part, exp.Is) and not part.args.get("negate"):
        yield part.this, part.expression, "is"


def _reads(node: exp.Expr) -> bool:
    kind = type(node)
    return kind is exp.Column or (kind is not exp.Literal and node.find(exp.Column, exp.Query) is not None)


def _text(node: exp.Expr) -> str:
    """The constant as the verdict shows it."""
    if type(node) is exp.Literal and len(node.this) < 60 and "'" not in node.this:
        return f"'{node.this}'" if node.is_string else str(node.this)
    return node.sql(dialect="duckdb")[:80]


def read_conditions(reader: Expressions, node: exp.Select, scope: Scope) -> None:
    """WHERE and every ON: check what they use, and learn what they fix and equate."""
    for position, join in enumerate(node.args.get("joins") or ()):
        on = join.args.get("on")
        if on is not None and not isinstance(on, exp.Boolean):
            scope.clause = "on"
            reader.value(on, scope)
            side = (join.side or "").upper()
            _learn(reader, on, scope, side, position + 1)
    where = node.args.get("where")
    if where is not None:
        scope.clause = "where"
        reader.value(where.this, scope)
        _learn(reader, where.this, scope, "", -1)
    having = node.args.get("having")
    if having is not None and node.args.get("group") is not None:
        for column, text in fixed_columns(having.this):
            ref = ref_of(reader, column, scope)
            if ref is not None and ref not in scope.fixed:
                scope.fixed[ref] = text
                scope.late.add(ref)


def ref_of(reader: Expressions, column: exp.Expr, scope: Scope) -> Ref | None:
    """The field of this scope that a column node names, without reporting anything."""
    key, table = reader.key(name_of(column)), column.args.get("table")
    if table is not None:
        source = scope.by_name.get(reader.key(name_of(table)))
        return (source.index, key) if source is not None and key in source.relation.fields else None
    if key in scope.merged:
        return scope.merged[key][0]
    for source in scope.sources:
        if source.visible and key in source.relation.fields:
            return (source.index, key)
    value = scope.aliases.get(key)
    return value.ref if value is not None else None


def _outer(reader: Expressions, column: exp.Expr, scope: Scope) -> bool:
    return ref_of(reader, column, scope) is None and scope.outer is not None


def _learn(reader: Expressions, condition: exp.Expr, scope: Scope, side: str, joined: int) -> None:
    for column, text in fixed_columns(condition):
        ref = ref_of(reader, column, scope)
        if ref is not None and _holds(ref[0], side, joined):
            scope.fixed.setdefault(ref, text)
    for part in conjuncts(condition):
        if not isinstance(part, _EQUALS):
            continue
        left, right = bare(part.this), bare(part.expression)
        if len(scope.sources) > 1:
            both = left is not None and right is not None
            refs = (ref_of(reader, c, scope) for c in ((left, right) if both else part.find_all(exp.Column)) if c)
            scope.compared.update(ref[0] for ref in refs if ref is not None)
        if left is not None and right is not None:
            _equate(reader, left, right, scope, side, joined)
        elif (left if left is not None else right) is not None:
            _fixed_by_query(reader, left if left is not None else right, part, scope, side, joined)


def _fixed_by_query(
    reader: Expressions, column: exp.Expr | None, part: exp.Expr, scope: Scope, side: str, joined: int
) -> None:
    """`date_day = (SELECT max(date_day) …)` is one value too, unless the subquery reads this scope's rows."""
    other = part.expression if bare(part.this) is column else part.this
    ref = ref_of(reader, column, scope) if column is not None else None
    if ref is None or not isinstance(other, exp.Subquery) or not _holds(ref[0], side, joined):
        return
    inner = {reader.key(t.alias_or_name) for t in other.find_all(exp.Table, exp.Subquery)}
    if all(not c.table or reader.key(c.table) in inner for c in other.find_all(exp.Column)):
        scope.fixed.setdefault(ref, "= (subquery)")


def _holds(index: int, side: str, joined: int) -> bool:
    """Whether an ON condition of this join restricts that source: an outer join keeps the rows of its other side."""
    if not side:
        return True
    return (side == "LEFT" and index == joined) or (side == "RIGHT" and index != joined)


def _equate(reader: Expressions, left: exp.Expr, right: exp.Expr, scope: Scope, side: str, joined: int) -> None:
    a, b = ref_of(reader, left, scope), ref_of(reader, right, scope)
    if a is None or b is None:
        known, other = (a, right) if a is not None else (b, left)
        if known is not None and _outer(reader, other, scope) and _holds(known[0], side, joined):
            scope.fixed.setdefault(known, OUTER)
            scope.correlated.append((known, other))
        return
    scope.equal.append((a, b))
    if _holds(b[0], side, joined):
        scope.edges.append((a, b))
    if _holds(a[0], side, joined):
        scope.edges.append((b, a))

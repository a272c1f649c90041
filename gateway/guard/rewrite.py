"""Turns a checked tree into the text that runs: assets behind projections, row filters inside, row cap at the end."""

from typing import Final

from sqlglot import exp

from gateway.guard.policy import Policy, filter_tree
from gateway.guard.queries import Reader
from gateway.guard.sources import AssetRead
from gateway.guard.syntax import identifier


def rewrite(root: exp.Expr, reader: Reader, policy: Policy, dialect: str) -> exp.Expr:
    """The tree to render. Changes the one it is given."""
    for read in reader.reads:
        reader.report.columns.update((read.asset.name, key) for key in _project(read, dialect))
    for select, column in reader.minimums:
        _minimum(select, column, policy.min_group_size)
    limit = root.args.get("limit")
    if dialect == "clickhouse" and (not isinstance(root, exp.Select) or (limit is not None and limit.expressions)):
        root = _wrapped(root, reader)
    reader.report.own_limit = _own_limit(root.args.get("limit"), policy.max_rows)
    _cap(root, policy.max_rows)
    return root


def _wrapped(root: exp.Expr, reader: Reader) -> exp.Expr:
    """In ClickHouse a LIMIT after a set operation belongs to its last SELECT, and one behind LIMIT BY is more than
    sqlglot reads: cap the whole of it from outside."""
    names = [item.name for key, item in reader.result.fields.items() if not key.startswith("\0")]
    if len(names) < len(reader.result.fields):
        raise ValueError("give every output a name of its own: expression AS name")
    columns = [exp.Column(this=identifier(name)) for name in names]
    inner = exp.Subquery(this=root, alias=exp.TableAlias(this=identifier("all_rows")))
    return exp.Select(expressions=columns, from_=exp.From(this=inner))


def same(one: exp.Expr, other: exp.Expr) -> bool:
    """Whether two trees are equal to the letter. (sqlglot's own `==` folds the case of some parts.)

    Absent, empty and false are one. Every node and argument of both is looked at: leaves hold nothing but plain values,
    which compare at once; what they do not settle, and all other nodes, go through argument by argument.
    """
    ours, theirs = [one], [other]
    for a, b in zip(ours, theirs, strict=True):  # both lists grow on the way
        kind = type(a)
        if kind is not type(b):
            return False
        mine, its = a.args, b.args
        if kind in _LEAVES and type(mine.get("this")) is str and mine == its:
            continue
        for key, value in mine.items():
            their = its.get(key)
            if isinstance(value, exp.Expr):
                if not isinstance(their, exp.Expr):
                    return False
                ours.append(value)
                theirs.append(their)
            elif isinstance(value, list):
                if not _paired(value, their, ours, theirs):
                    return False
            elif value is not their and value != their and (value or their):
                return False
        if mine.keys() != its.keys() and any(value and key not in mine for key, value in its.items()):
            return False
    for node in (*ours, *theirs):
        node.parent = None
    return True


_LEAVES: Final = frozenset({exp.Identifier, exp.Literal})
"""The commonest nodes: a text and a flag, which compare at once. (A node in the text's place goes the long way.)"""


def _paired(value: list[object], their: object, ours: list[exp.Expr], theirs: list[exp.Expr]) -> bool:
    """Whether two lists have as many items, and their plain ones agree; nodes are put aside for later."""
    others = their if isinstance(their, list) else [their] if their else []
    if len(value) != len(others):
        return False
    for item, other in zip(value, others, strict=True):
        if isinstance(item, exp.Expr):
            if type(item) is not type(other):
                return False
            ours.append(item)
            theirs.append(other)
        elif isinstance(item, list) or (item != other and (item or other)):
            return False
    return True


def _project(read: AssetRead, dialect: str) -> list[str]:
    """The asset becomes a derived table of the columns in use, or of its first where rows are only counted, with the
    role's row filter inside. Says which columns those are."""
    asset, used = read.asset, read.source.used
    keys = [key for key, column in asset.columns.items() if key in used or column.name in used] or [
        next(iter(asset.columns))
    ]
    columns = [exp.Column(this=identifier(asset.columns[key].name)) for key in keys]
    table = exp.Table(this=identifier(asset.name))
    select = exp.Select(expressions=columns, from_=exp.From(this=table))
    if asset.row_filter:
        select.set("where", exp.Where(this=filter_tree(asset.row_filter, dialect).copy()))
    alias = read.node.args.get("alias")
    name = alias.this if alias is not None and alias.this is not None else identifier(asset.name)
    read.node.replace(exp.Subquery(this=select, alias=exp.TableAlias(this=name)))
    return keys


def _minimum(select: exp.Expr, column: exp.Expr, size: int) -> None:
    """Groups of an aggregate-only column smaller than the minimum do not come out."""
    count = exp.Count(this=column, big_int=True)
    wanted = exp.GTE(this=count, expression=exp.Literal.number(size))
    having = select.args.get("having")
    if having is None:
        select.set("having", exp.Having(this=wanted))
    elif wanted not in list(_conjuncts(having.this)):
        select.set("having", exp.Having(this=exp.And(this=exp.Paren(this=having.this), expression=wanted)))


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.And):
        return _conjuncts(node.this) + _conjuncts(node.expression)
    return [node]


def _own_limit(limit: exp.Expr | None, max_rows: int) -> int | None:
    """The caller's own limit, where the cap does not come before it."""
    asked = None if limit is None else int(limit.args["expression"].this)
    return asked if asked is not None and asked <= max_rows else None


def _cap(root: exp.Expr, max_rows: int) -> None:
    """One row more than the cap, so that a cut can be told; a smaller limit of the caller's stays."""
    limit = root.args.get("limit")
    asked = int(limit.expression.this) if limit is not None else max_rows + 1
    root.set("limit", exp.Limit(expression=exp.Literal.number(min(asked, max_rows + 1))))

"""The guard's one door: text and policy in, Approved or Refused out."""

from collections import OrderedDict
from functools import lru_cache
from threading import Lock
from typing import Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from gateway.guard.clickhouse import plain_clickhouse, traps
from gateway.guard.decision import Approved, Refused, Rule, _mint
from gateway.guard.functions import functions_of
from gateway.guard.parse import parse
from gateway.guard.plain import plain
from gateway.guard.policy import Policy
from gateway.guard.queries import Reader
from gateway.guard.report import Enough, Report
from gateway.guard.rewrite import rewrite, same
from gateway.guard.shape import Shape

DIALECTS: Final = ("duckdb", "clickhouse")
CACHE_SIZE: Final = 1024
_BOUNDS: Final = frozenset({Rule.STATEMENT_TOO_LONG, Rule.TOO_MANY_TOKENS, Rule.TOO_DEEP, Rule.TOO_MANY_JOINS})
"""Rules that a statement can keep and its rendering break, which names every relation's columns."""

_cache: OrderedDict[tuple[str, str, str], Approved | Refused] = OrderedDict()
_cache_lock = Lock()


def check(sql: str, policy: Policy, *, dialect: str = "duckdb") -> Approved | Refused:
    """Decide on one statement. Never raises for anything that the text may hold; ValueError for an unknown dialect."""
    if dialect not in DIALECTS:
        raise ValueError(f"no dialect {dialect!r}; there are: {', '.join(DIALECTS)}")
    key = (sql, dialect, policy.fingerprint)
    with _cache_lock:
        known = _cache.get(key)
        if known is not None:
            _cache.move_to_end(key)
            return known
    verdict = _decide(sql, policy, dialect)
    with _cache_lock:
        _cache[key] = verdict
        while len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    return verdict


class _Pass:
    """One full look at one text."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.reader: Reader | None = None
        self.root: exp.Expr | None = None


def _decide(sql: str, policy: Policy, dialect: str) -> Approved | Refused:
    first = _look(sql, policy, dialect)
    report = first.report
    text = ""
    if not report.violations:
        text = _render(first, policy, dialect)
    if report.violations:
        ordered = sorted(report.violations, key=lambda v: (v.line == 0, v.line, v.column))
        return Refused(tuple(ordered), sql, policy.role, policy.fingerprint)
    return _mint(
        sql=text,
        proposed=sql,
        dialect=dialect,
        role=policy.role,
        fingerprint=policy.fingerprint,
        assets=frozenset(report.assets),
        columns=frozenset(report.columns),
        functions=frozenset(report.functions),
        pins=tuple(sorted(report.pins)),
        max_rows=policy.max_rows,
        max_seconds=policy.max_seconds,
        warnings=tuple(report.warnings),
    )


@lru_cache(maxsize=len(DIALECTS))
def _engine(dialect: str) -> Dialect:
    """sqlglot's dialect: settings only, so one serves all threads."""
    return Dialect.get_or_raise(dialect)


def _look(sql: str, policy: Policy, dialect: str) -> _Pass:
    """Parse, then hold the tree against every rule. The report says what was found."""
    found = _Pass(Report(sql))
    try:
        root = parse(sql, _engine(dialect), found.report)
        if root is not None:
            _hold(root, found, policy, dialect)
    except Enough:
        pass
    except RecursionError:
        found.report.add(Rule.TOO_DEEP, "the statement is nested too deeply", "use WITH to name the steps")
    return found


def _hold(root: exp.Expr, found: _Pass, policy: Policy, dialect: str) -> None:
    """Hold a parsed tree against every rule."""
    report = found.report
    root = plain(root, report.text, dialect)
    if not _is_query(root, report):
        return
    functions = functions_of(dialect)
    if dialect == "clickhouse":
        root = plain_clickhouse(root, report)
        traps(root, functions, report)
    shape = Shape(functions, report)
    shape.check(root)
    if shape.too_deep:
        return
    found.reader = Reader(policy, functions, report, fold_case=dialect == "duckdb")
    found.reader.statement(root, shape.places)
    found.root = root


def _is_query(root: exp.Expr, report: Report) -> bool:
    """Whether the statement is one; anything else is refused by name."""
    if isinstance(root, exp.Select | exp.Union | exp.Except | exp.Intersect):
        return True
    name, hint = type(root).__name__.upper(), "write one SELECT; nothing else is run"
    if isinstance(root, exp.Values):
        hint = "write SELECT * FROM (VALUES …) AS v(a, b)"
    elif isinstance(root, exp.Subquery):
        name, hint = "a bounded query in brackets under another bound", "write SELECT * FROM (…) AS t ORDER BY …"
    report.add(Rule.NOT_A_QUERY, f"{name} is not a query", hint, root)
    return False


def _render(first: _Pass, policy: Policy, dialect: str) -> str:
    """The text that runs, or an empty one with the reason reported."""
    report = first.report
    if first.root is None or first.reader is None:
        report.add(Rule.RENDERING_CHANGED, "the statement could not be rendered")
        return ""
    try:
        tree = rewrite(first.root, first.reader, policy, dialect)
        text = _text(tree, dialect)
        if _reads_as(text, tree, report, policy, dialect):
            return text
    except Enough:
        pass  # of the rendering, which has a report of its own
    except (SqlglotError, ValueError) as error:
        report.add(Rule.RENDERING_CHANGED, f"the statement cannot be rendered: {str(error).splitlines()[0][:160]}")
        return ""
    except RecursionError:
        report.add(Rule.TOO_DEEP, "the statement is nested too deeply", "use WITH to name the steps")
        return ""
    if not report.violations:
        message = "the rendered statement does not read as the checked one"
        report.add(Rule.RENDERING_CHANGED, message, "write it more plainly")
    return ""


def _text(tree: exp.Expr, dialect: str) -> str:
    return _engine(dialect).generate(tree, copy=False, comments=False, unsupported_level=ErrorLevel.RAISE)


def _reads_as(text: str, tree: exp.Expr, report: Report, policy: Policy, dialect: str) -> bool:
    """Whether the rendering reads as the tree that was checked, so that running it does what was approved.

    It is parsed again, under the same bounds and the same rules of spelling as any text. If that gives the checked tree
    to the letter, nothing is left to prove: the rules are functions of the tree, and have judged this one. sqlglot may
    write a thing differently from how it read it, though. Then the new tree is held against every rule from nothing,
    and must read the same assets and columns and be rendered as this very text: a fixed point, itself approved.
    """
    second = _Pass(Report(text))
    again = parse(text, _engine(dialect), second.report)
    if again is None:
        report.violations += [reason for reason in second.report.violations if reason.rule in _BOUNDS]
        return False
    if same(again, tree):
        return True
    _hold(again, second, policy, dialect)
    if second.reader is None or second.root is None or second.report.violations:
        return False
    rendered = _text(rewrite(second.root, second.reader, policy, dialect), dialect)
    return rendered == text and second.report.columns == report.columns and second.report.assets == report.assets

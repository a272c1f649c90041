"""The guard's one door: text and policy in, Approved or Refused out."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from gateway.guard.decision import Approved, Refused, Rule, _mint
from gateway.guard.parse import parse
from gateway.guard.policy import Policy
from gateway.guard.report import Enough, Report
from gateway.guard.rewrite import rewrite, same
from gateway.guard.rules import RULES, Statement, engine_of

DIALECTS: Final = ("duckdb", "clickhouse")
CACHE_SIZE: Final = 1024
_BOUNDS: Final = frozenset({Rule.STATEMENT_TOO_LONG, Rule.TOO_MANY_TOKENS, Rule.TOO_DEEP, Rule.TOO_MANY_JOINS})
"""Rules that a statement can keep and its rendering break, which names every relation's columns."""

_cache: OrderedDict[tuple[str, str, str, str], Approved | Refused] = OrderedDict()
_cache_lock = Lock()


def check(sql: str, policy: Policy, *, dialect: str = "duckdb", written: str = "") -> Approved | Refused:
    """Decide on one statement, for an engine that speaks `dialect`; it may be `written` in the other one.

    Never raises for anything that the text may hold; ValueError for an unknown dialect.
    """
    key = (sql, dialect, written, policy.fingerprint)
    with _cache_lock:
        known = _cache.get(key)
        if known is not None:
            _cache.move_to_end(key)
            return known
    for name in (dialect, written or dialect):
        if name not in DIALECTS:
            raise ValueError(f"no dialect {name!r}; there are: {', '.join(DIALECTS)}")
    verdict = _decide(sql, policy, dialect) if written in ("", dialect) else _other(sql, policy, dialect, written)
    with _cache_lock:
        _cache[key] = verdict
        while len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    return verdict


def _other(sql: str, policy: Policy, dialect: str, written: str) -> Approved | Refused:
    first = _decide(sql, policy, written)
    if isinstance(first, Refused):
        return first
    from gateway.guard.translate import translated  # few statements need it

    return translated(first, policy, dialect, lambda text, engine: _decide(text, policy, engine, of=first))


def _decide(sql: str, policy: Policy, dialect: str, of: Approved | None = None) -> Approved | Refused:
    """`of` is what the caller wrote in another dialect, approved there."""
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
        proposed=sql if of is None else of.proposed,
        dialect=dialect,
        role=policy.role,
        fingerprint=policy.fingerprint,
        assets=frozenset(report.assets),
        columns=frozenset(report.columns),
        functions=frozenset(report.functions),
        pins=tuple(sorted(report.pins)),
        max_rows=policy.max_rows,
        max_seconds=policy.max_seconds,
        warnings=tuple(report.warnings) if of is None else of.warnings,
        own_limit=report.own_limit,
    )


def _look(sql: str, policy: Policy, dialect: str) -> Statement:
    """Hold one text against every rule. The report says what was found; the tree is left where all rules came to it."""
    statement = Statement(sql, policy, dialect)
    try:
        _hold(statement)
    except Enough:
        statement.root = None
    except RecursionError:
        statement.root = None
        statement.report.add(Rule.TOO_DEEP, "the statement is nested too deeply", "use WITH to name the steps")
    except SqlglotError as error:
        statement.root = None
        message = f"the role's row filter cannot be written in this dialect: {str(error).splitlines()[0][:120]}"
        statement.report.add(Rule.RENDERING_CHANGED, message, "write the contract's row filter more plainly")
    return statement


def _hold(statement: Statement) -> None:
    if not all(rule.holds(statement) for rule in RULES):
        statement.root = None


def _render(first: Statement, policy: Policy, dialect: str) -> str:
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
    return engine_of(dialect).generate(tree, copy=False, comments=False, unsupported_level=ErrorLevel.RAISE)


def _reads_as(text: str, tree: exp.Expr, report: Report, policy: Policy, dialect: str) -> bool:
    """Whether the rendering reads as the tree that was checked, so that running it does what was approved.

    It is parsed again, under the same bounds and the same rules of spelling as any text. If that gives the checked tree
    to the letter, nothing is left to prove: the rules are functions of the tree, and have judged this one. sqlglot may
    write a thing differently from how it read it, though. Then the new tree is held against every rule from nothing,
    and must read the same assets and columns and be rendered as this very text: a fixed point, itself approved.
    """
    second = Statement(text, policy, dialect)
    again = second.parsed = parse(text, engine_of(dialect), second.report)
    if again is None:
        report.violations += [reason for reason in second.report.violations if reason.rule in _BOUNDS]
        return False
    if same(again, tree):
        return True
    _hold(second)
    if second.reader is None or second.root is None or second.report.violations:
        return False
    rendered = _text(rewrite(second.root, second.reader, policy, dialect), dialect)
    return rendered == text and second.report.columns == report.columns and second.report.assets == report.assets

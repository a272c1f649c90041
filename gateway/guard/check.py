"""The guard's one door: text and policy in, Approved or Refused out."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from gateway.guard.clickhouse import plain_clickhouse, traps
from gateway.guard.decision import Approved, Refused, Rule, _mint
from gateway.guard.functions import functions_of
from gateway.guard.parse import as_written, parse
from gateway.guard.plain import plain
from gateway.guard.policy import Policy
from gateway.guard.queries import Reader
from gateway.guard.report import Report
from gateway.guard.rewrite import rewrite, same
from gateway.guard.shape import Shape

DIALECTS: Final = ("duckdb", "clickhouse")
CACHE_SIZE: Final = 1024

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


def _look(sql: str, policy: Policy, dialect: str) -> _Pass:
    """Parse, then hold the tree against every rule. The report says what was found."""
    report = Report(sql)
    found = _Pass(report)
    try:
        engine = Dialect.get_or_raise(dialect)
        root = parse(sql, engine, report)
        if root is None:
            return found
        root = plain(root, sql, dialect)
        if not _is_query(root, report):
            return found
        functions = functions_of(dialect)
        if dialect == "clickhouse":
            root = plain_clickhouse(root, report)
            traps(root, functions, report)
        shape = Shape(functions, report)
        shape.check(root)
        if shape.too_deep:
            return found
        found.reader = Reader(policy, functions, report, fold_case=dialect == "duckdb")
        found.reader.statement(root, shape.places)
        found.root = root
    except RecursionError:
        report.add(Rule.TOO_DEEP, "the statement is nested too deeply", "use WITH to name the steps")
    return found


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
    """The text that runs. It is read again, and must be the tree that was checked; if sqlglot wrote it differently,
    then that reading is checked from nothing, and must come out as the same text."""
    report = first.report
    if first.root is None or first.reader is None:
        report.add(Rule.RENDERING_CHANGED, "the statement could not be rendered")
        return ""
    tree: exp.Expr
    try:
        tree = rewrite(first.root, first.reader, policy, dialect)
        text = tree.sql(dialect=dialect, comments=False, copy=False, unsupported_level=ErrorLevel.RAISE)
        engine = Dialect.get_or_raise(dialect)
        tokens = as_written(engine.tokenize(text), engine)
        again = engine.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
        if len(again) == 1 and again[0] is not None and same(again[0], tree):
            return text
        second = _look(text, policy, dialect)
        if second.reader is not None and second.root is not None and not second.report.violations:
            rendered = rewrite(second.root, second.reader, policy, dialect).sql(dialect=dialect, comments=False)
            alike = second.report.columns == report.columns and second.report.assets == report.assets
            if alike and rendered == text:
                return text
    except (SqlglotError, ValueError) as error:
        report.add(Rule.RENDERING_CHANGED, f"the statement cannot be rendered: {str(error).splitlines()[0][:160]}")
        return ""
    except RecursionError:
        report.add(Rule.TOO_DEEP, "the statement is nested too deeply", "use WITH to name the steps")
        return ""
    report.add(
        Rule.RENDERING_CHANGED, "the rendered statement does not read as the checked one", "write it more plainly"
    )
    return ""

"""A statement that is written in one dialect, for an engine that speaks the other.

It is checked in its own dialect, so that every reason points into the caller's text. What is approved is then held
against the list of what means the same in both (`portable`), written in the engine's dialect, and read back to see that
nothing was lost on the way. That text is nobody's yet: it is checked from nothing, like any other, before it may run.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from gateway.guard.decision import Approved, Refused, Rule, Violation
from gateway.guard.forms import common
from gateway.guard.kinds import known_kinds, made_one
from gateway.guard.parse import MAX_NODES, tokens_of
from gateway.guard.policy import Policy
from gateway.guard.portable import strangers
from gateway.guard.portable_parts import Names
from gateway.guard.report import Enough, Report, place
from gateway.guard.rewrite import same
from gateway.guard.rules import engine_of

NAMES: Final = {"duckdb": "DuckDB", "clickhouse": "ClickHouse"}

Decide = Callable[[str, str], Approved | Refused]
"""The whole check of a text in a dialect."""


def translated(first: Approved, policy: Policy, engine: str, decide: Decide) -> Approved | Refused:
    """What was approved in its own dialect, approved in the engine's; or every reason why it can't be."""
    report = Report(first.proposed)
    try:
        text = _text(first, policy, engine, report)
    except Enough:
        text = ""
    if report.violations:
        return _refused(first, sorted(report.violations, key=lambda v: (v.line == 0, v.line, v.column)))
    second = decide(text, engine)
    if isinstance(second, Refused):
        return _refused(first, [_ours(violation, report, engine) for violation in second.violations])
    return second


def _text(first: Approved, policy: Policy, engine: str, report: Report) -> str:
    """The statement in the engine's dialect, or an empty text with the reasons reported."""
    try:
        tree = common(_parsed(first.proposed, first.dialect))
        names = _names(tree, policy, first.dialect)
        for node, (what, instead) in strangers(tree, names):
            report.add(Rule.DIALECT_DIFFERS, what, _hint(instead, engine), node)
        if not report.violations:
            text = _written(_spelt(tree, policy, first.dialect), engine)
            back = _written(common(_parsed(text, engine)), first.dialect)
            if same(_bare(common(_parsed(back, first.dialect))), _bare(tree.copy())):
                return _written(made_one(tree, names.kinds), engine) if engine == "clickhouse" else text
            report.add(Rule.DIALECT_DIFFERS, f"it can't be said in {NAMES[engine]}'s dialect", _hint("", engine))
    except (SqlglotError, ValueError, RecursionError):
        report.add(Rule.DIALECT_DIFFERS, f"it can't be written in {NAMES[engine]}'s dialect", _hint("", engine))
    return ""


def _parsed(text: str, dialect: str) -> exp.Expr:
    speaks = engine_of(dialect)
    tokens = tokens_of(text.rstrip().rstrip(";"), speaks)
    trees = speaks.parser(error_level=ErrorLevel.IMMEDIATE, max_nodes=MAX_NODES).parse(tokens, text)
    if len(trees) != 1 or trees[0] is None:
        raise ValueError("not one statement")
    return trees[0]


def _written(tree: exp.Expr, dialect: str) -> str:
    return engine_of(dialect).generate(tree, comments=False, unsupported_level=ErrorLevel.RAISE)


def _bare(tree: exp.Expr) -> exp.Expr:
    """Without brackets, which a tree does not need."""
    for node in list(tree.find_all(exp.Paren)):
        node.replace(node.this)
    return tree


def _spelt(tree: exp.Expr, policy: Policy, dialect: str) -> exp.Expr:
    """DuckDB knows a name in any case, and ClickHouse as it is written: each name as the contract writes it, or as
    the statement does first."""
    if dialect != "duckdb":
        return tree
    spellings = {asset.name.lower(): asset.name for asset in policy.assets.values()}
    spellings |= {c.name.lower(): c.name for asset in policy.assets.values() for c in asset.columns.values()}
    for identifier in tree.find_all(exp.Identifier, bfs=False):
        identifier.set("this", spellings.setdefault(identifier.name.lower(), identifier.name))
    return tree


def _names(tree: exp.Expr, policy: Policy, written: str) -> Names:
    columns = {key: frozenset(asset.columns) for key, asset in policy.assets.items()}
    typed = ((key, column.type) for asset in policy.assets.values() for key, column in asset.columns.items())
    return Names(columns, known_kinds(tree, typed), written)


def _ours(violation: Violation, report: Report, engine: str) -> Violation:
    """A reason against the engine's text, told of the caller's: with a place only where its word stands once."""
    offset = report.only(violation.token) if violation.token else -1
    line, column = place(report.text, offset) if offset >= 0 else (0, 0)
    message = f"in {NAMES[engine]}'s dialect: {violation.message}"
    return replace(violation, message=message, line=line, column=column, token=violation.token if line else "")


def _refused(first: Approved, violations: list[Violation]) -> Refused:
    return Refused(tuple(violations), first.proposed, first.role, first.fingerprint)


def _hint(instead: str, engine: str) -> str:
    theirs = f"in {NAMES[engine]}'s dialect (dialect: {engine})"
    return f"{instead}; or write it {theirs}" if instead else f"write it {theirs}"

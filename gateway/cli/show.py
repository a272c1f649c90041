"""An answer as text: what was understood, what came out, what it rests on, and where it is recorded."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import Any

from gateway.answer import Answer, QueryInfo, Table
from gateway.cli.card import card, comparison, mismatches
from gateway.cli.diagnostics import narrate
from gateway.cli.output import Format, emit, show_table
from gateway.cli.paint import PLAIN_PAINT, Paint
from gateway.cli.plain import json_plain, plain, plain_lines
from gateway.cli.ranking import ranking, unranked
from gateway.cli.session import Session
from gateway.cli.views import level_of, looked, views_of
from gateway.service import Reply


@dataclass(frozen=True, slots=True)
class View:
    """How answers are to be shown."""

    paint: Paint = PLAIN_PAINT
    show_sql: bool = False
    columns: int = 0
    """Width of the terminal; 0 where the text goes elsewhere and may be as wide as it needs."""
    told: bool = False
    """The text of the answer was shown while it was made, and is left out here."""


def view_for(session: Session, *, show_sql: bool = False) -> View:
    """The view of one run: the colour and width of stdout."""
    columns = get_terminal_size().columns if sys.stdout.isatty() else 0
    return View(session.paint(), show_sql, columns)


def reply_text(reply: Reply, view: View) -> str:
    """Everything of one answer that a reader needs; the rest is in the wire shape."""
    return "\n\n".join(block for block in _blocks(reply, view) if block)


def _blocks(reply: Reply, view: View) -> Iterator[str]:
    answer = reply.answer
    if answer.status != "answered":
        yield from _unanswered(answer, view)
        return
    broken = [unranked(answer.evidence)] if _is_ranking(answer) else mismatches(answer.evidence)
    if not view.told:
        yield "\n".join(view.paint(line, "bad") for line in broken if line)
    yield _understood(answer, view)
    yield "" if view.told else plain_lines(answer.text)
    yield _evidence_text(reply, view)
    yield "\n".join(looked(answer))
    yield from _tables(answer)
    yield "\n".join(view.paint(f"warning: {plain(warning)}", "caution") for warning in answer.warnings)
    if view.show_sql:
        yield approved_sql(answer.queries)
    yield _recorded(answer, view)


def _tables(answer: Answer) -> Iterator[str]:
    """The table beside the text; rankings and arms handed in have their own, plans' scenarios read better crossed."""
    columns = answer.table.columns
    if "solved_for" in columns:
        yield from plans_of(answer)
    elif columns and not _is_ranking(answer) and not (answer.evidence and columns[0] == "arm"):
        yield _table_text(answer.table)


def _is_ranking(answer: Answer) -> bool:
    return "rank" in answer.table.columns


def plans_of(answer: Answer) -> Iterator[str]:
    """The scenarios of each plan in the answer, one per metric."""
    from gateway.cli.plan_view import scenarios  # most answers hold no plan

    by_metric: dict[str, list[dict[str, Any]]] = {}
    for cells in answer.table.rows:
        row: dict[str, Any] = dict(zip(answer.table.columns, cells, strict=True))
        by_metric.setdefault(str(row.get("metric_id", "")), []).append(row)
    for metric, rows in by_metric.items():
        table = scenarios(rows, Format.TABLE)
        yield f"{plain(metric)}: {table}" if metric and table else table


def _unanswered(answer: Answer, view: View) -> Iterator[str]:
    reasons = [reason for query in answer.queries if query.verdict == "refused" for reason in reasons_of(query)]
    if answer.status == "clarify":
        yield "" if view.told else plain_lines(answer.text)
    elif reasons:
        yield "\n".join([view.paint("refused:", "caution"), *reasons])
    else:
        yield f"{view.paint('error:', 'bad')} {plain_lines(answer.text)}"
    yield _understood(answer, view)
    yield "\n".join(f"  {place}. {plain(choice)}" for place, choice in enumerate(answer.choices, 1))
    yield "\n".join(f"warning: {plain(warning)}" for warning in answer.warnings)
    yield _recorded(answer, view)


def _understood(answer: Answer, view: View) -> str:
    return view.paint(f"understood: {plain(answer.interpretation)}", "quiet") if answer.interpretation else ""


def _recorded(answer: Answer, view: View) -> str:
    return view.paint(f"audit: {plain(answer.audit_id)}", "quiet") if answer.audit_id else ""


def _table_text(table: Table) -> str:
    """The table. Of health checks only the columns that one of them fills: each check has few of them."""
    shown = list(range(len(table.columns)))
    if "check" in table.columns:
        shown = [i for i in shown if any(row[i] is not None for row in table.rows)]
    return show_table([table.columns[i] for i in shown], [[row[i] for i in shown] for row in table.rows])


def _evidence_text(reply: Reply, view: View) -> str:
    evidence = reply.answer.evidence
    if _is_ranking(reply.answer):
        return ranking(reply.answer, views_of(reply.focus))
    if len(evidence) > 1:
        return comparison(evidence, views_of(reply.focus), view.paint, level_of(reply.focus), view.columns)
    return "\n\n".join(cards(reply, view))


def cards(reply: Reply, view: View) -> Iterator[str]:
    """The card of each evidence."""
    metrics, level = views_of(reply.focus), level_of(reply.focus)
    return (card(item, metrics(item), view.paint, level) for item in reply.answer.evidence)


def approved_sql(queries: list[QueryInfo]) -> str:
    """The statements that ran, in order."""
    return "\n\n".join(f"{plain_lines(query.approved)};" for query in queries if query.approved)


def reasons_of(query: QueryInfo) -> Iterator[str]:
    """Every reason of a refusal: its rule, its place in the caller's text, what it is and what to do instead."""
    for reason in query.violations:
        place = f" at {reason.line}:{reason.column}" if reason.line else ""
        yield f"  {plain(reason.rule)}{place}: {plain(reason.message)}"
        if reason.hint:
            yield f"      hint: {plain(reason.hint)}"


def narrate_reply(reply: Reply) -> None:
    """The same text to stderr, uncoloured: for a command whose stdout is data, and which has none to give."""
    narrate(reply_text(reply, View()))


def print_reply(reply: Reply, view: View) -> None:
    """An answer to stdout; what is not an answer to stderr."""
    if reply.answer.status == "answered":
        emit(reply_text(reply, view))
    else:
        narrate_reply(reply)


def print_json(answer: Answer, *, indent: int | None = 2) -> None:
    """The wire shape."""
    emit(json_plain(answer.model_dump_json(indent=indent)))

"""Text that came out of a database, a file or a model, wherever a command prints it: it moves no cursor."""

import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from typing import Any

import pytest

from gateway.answer import Answer
from gateway.audit.event import AuditEvent
from gateway.cli.audit import event_lines
from gateway.cli.output import Format, emit_json, show_table
from gateway.cli.show import View, cards, narrate_reply, print_json, print_reply, reply_text
from gateway.service import Reply
from gateway.tools.agent import agent_payload
from tests.test_python_api import hostile

HOSTILE = "a\x1b[2J\x1b]0;owned\x07b\x9b31mc\x7fd\u202ee\u2028f\rg"
MOVES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
FOCUS = {"wording": {"metrics": {HOSTILE: {"label": HOSTILE + "!", "aggregation": "sum", "desired": HOSTILE}}}}
STATUSES = ["answered", "blocked", "clarify", "error"]


def reply(status: Any) -> Reply:
    answer: Answer = hostile(HOSTILE).model_copy(update={"status": status})
    return Reply(answer, FOCUS)


@pytest.mark.parametrize("status", STATUSES)
def test_ask_and_chat_print_it_harmlessly(status: str) -> None:
    view = View(show_sql=True)
    for text in (reply_text(reply(status), view), *cards(reply(status), view)):
        assert text.strip()
        assert not MOVES.search(text)


@pytest.mark.parametrize("status", STATUSES)
def test_so_do_both_streams(status: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        print_reply(reply(status), View())
        narrate_reply(reply(status))
    assert err.getvalue().strip()
    assert not MOVES.search(out.getvalue() + err.getvalue())


@pytest.mark.parametrize("status", STATUSES)
def test_json_escapes_it_and_says_the_same(status: str) -> None:
    """`--json`, and what `gateway tools call` prints."""
    answer = reply(status).answer
    out = io.StringIO()
    with redirect_stdout(out):
        print_json(answer, indent=None)
        emit_json(agent_payload(answer))
    line, _, payload = out.getvalue().partition("\n")
    assert Answer.model_validate_json(line) == answer
    assert json.loads(payload) == agent_payload(answer)
    assert not MOVES.search(out.getvalue())


@pytest.mark.parametrize("fmt", [Format.TABLE, Format.MARKDOWN])
def test_tables_print_it_harmlessly_in_cells_and_in_their_head(fmt: Format) -> None:
    assert not MOVES.search(show_table([HOSTILE], [[HOSTILE], [None]], fmt))


def test_the_audit_record_prints_it_harmlessly() -> None:
    answer = hostile(HOSTILE)
    event = AuditEvent(
        channel="cli.ask",
        status="answered",
        question=HOSTILE,
        interpretation=HOSTILE,
        text=HOSTILE,
        calls=[{"tool": HOSTILE, "arguments": {HOSTILE: HOSTILE}}],
        queries=[query.model_dump() for query in answer.queries],
        evidence=[item.model_dump() for item in answer.evidence],
        looks=[{"experiment_id": HOSTILE}],
        conversation=HOSTILE,
    )
    text = "\n".join(event_lines(asdict(event)))
    assert "looks: " in text
    assert not MOVES.search(text)

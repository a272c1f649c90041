"""What reaches a model: the system prompt, the chat so far, and tool results, fenced so that data can't pass for more.

Everything a model gets to read is made here. A result is what any agent gets, less what is empty and what is not for a
model; texts in it come from a database, and are one line each, cut to a length, and unable to hold the fence.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from gateway.answer import Answer
from gateway.ask.text import plain
from gateway.ports import Message
from gateway.tools import registry
from gateway.tools.agent import agent_payload
from gateway.tools.schema import openai_function

OPEN: Final = "<data>"
CLOSE: Final = "</data>"
_LONGEST: Final = 600
"""Characters of one text in a result."""
_NOT_FOR_MODELS: Final = ("question", "interpretation", "queries", "audit_id")
"""Parts of an answer that are about the request, or are said again in others."""
_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""JSON spells these characters another way, so that no text in a result can open or close the fence."""


def system(population: str | None) -> Message:
    """The system prompt: what the model is for, and what its prose is held to."""
    chosen = f"The population is set to {population}." if population else "No population is set."
    text = _prompt().format(open=OPEN, close=CLOSE, population=chosen)
    return {"role": "system", "content": text}


def user(question: str) -> Message:
    return {"role": "user", "content": question}


@cache
def tools() -> tuple[dict[str, Any], ...]:
    """Every tool of the registry as a function schema. What a role may not see, the guard refuses or does not show."""
    return tuple(openai_function(tool) for tool in registry.TOOLS.values())


def result(call_id: str, answer: Answer, most: int, note: str = "") -> Message:
    """What a call came to, as the model reads it: at most about `most` characters."""
    content = fenced(answer, most)
    return {"role": "tool", "tool_call_id": call_id, "content": f"{content}\n{note}" if note else content}


def fenced(answer: Answer, most: int) -> str:
    """An answer between the fences. Where it is too long its table loses rows from the end, and says so."""
    payload = _payload(answer)
    for shrink in (None, *_SHRINKS):
        if shrink is not None:
            shrink(payload, most)
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
        if len(text) <= most:
            return f"{OPEN}\n{text}\n{CLOSE}"
    short = {"status": "error", "text": "the result is too long to be read: ask for less, such as one metric or arm"}
    return f"{OPEN}\n{json.dumps(short)}\n{CLOSE}"


def _payload(answer: Answer) -> dict[str, Any]:
    """The wire shape without its empty parts; of the statements only why one was refused."""
    whole = agent_payload(answer)
    reasons = [reason for query in whole["queries"] for reason in query["violations"]]
    kept = {name: value for name, value in whole.items() if name not in _NOT_FOR_MODELS}
    found: dict[str, Any] = _told(kept | {"violations": reasons})
    return found


def _told(value: Any) -> Any:
    """A value as a model reads it: one line for each text, cut to a length, and nothing that is empty."""
    if isinstance(value, str):
        text = plain(value)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if isinstance(value, dict):
        told = {plain(str(name)): _told(item) for name, item in value.items()}
        return {name: item for name, item in told.items() if item not in ("", None, [], {})}
    if isinstance(value, list):
        return [_told(item) for item in value]
    return value


def _fewer_rows(payload: dict[str, Any], most: int) -> None:
    """As many rows of the table as fit into half of the room; the model is told how many there were."""
    table = payload.get("table")
    if not isinstance(table, dict) or not table.get("rows"):
        return
    rows, room = table["rows"], most // 2
    kept = _fitting(rows, room)
    if kept < len(rows):
        payload["table"] = {**table, "rows": rows[:kept], "shown": f"the first {kept} of {len(rows)} rows"}


def _less_evidence(payload: dict[str, Any], most: int) -> None:
    found = payload.get("evidence") or []
    kept = _fitting(found, most // 3)
    if kept < len(found):
        payload["evidence"] = found[:kept]
        payload["shown"] = f"the first {kept} of {len(found)} results: ask for one metric or arm to see the others"


def _less_text(payload: dict[str, Any], _most: int) -> None:
    payload["text"] = str(payload.get("text", ""))[: _LONGEST // 2]


def _fitting(items: Sequence[Any], room: int) -> int:
    """How many of the items fit into so many characters."""
    for place, item in enumerate(items):
        room -= len(json.dumps(item, ensure_ascii=False)) + 1
        if room < 0:
            return place
    return len(items)


_SHRINKS: Final[Iterable[Callable[[dict[str, Any], int], None]]] = (_fewer_rows, _less_evidence, _less_text)


@cache
def _prompt() -> str:
    return files("gateway.ask").joinpath("prompts", "model.md").read_text("utf-8").strip()

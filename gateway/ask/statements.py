"""SQL typed as a question: run, or only checked. What it says is for the guard to judge, word for word as typed."""

import re
from dataclasses import replace
from typing import Any, Final

from gateway.ask import replies
from gateway.ask.forbidden import WRITE
from gateway.ask.text import Board, words_of
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan, ToolCall

_STATEMENT: Final = re.compile(
    r"(?is)\b(?:(?P<explain>explain)\s+)?(?P<sql>(?:select\b|with\s+(?:recursive\s+)?\w+(?:\s*\([^)]*\))?\s+as\s*"
    r"(?:not\s+)?(?:materialized\s*)?\(|from\s+\w+\s+select\b).*)"
)
_QUESTION_BEHIND: Final = re.compile(
    r"(?is)[\s;,.—–-]+(?:is (?:this|that|it) (?:sql |statement |query )?(?:allowed|ok|okay|valid|fine|permitted)"
    r"|would (?:this|that|it) (?:pass|run|work|be (?:allowed|refused)))\s*\?*\s*$"
)
_POLITE: Final = r"(?:(?:please|pls|now|ok|okay|and|then|can|could|would|you|i|we|may|just|me|for|hey|hi)[\s,]+)*"
_IT: Final = r"(?:[\s:]*\b(?:this|the|that|my|our|it|following|sql|query|statement|for me|first|please)\b)*[\s:,.?!-]*"
_RUN: Final = re.compile(rf"(?is){_POLITE}(?:run|execute|try|query|do|sql|answer)?{_IT}")
_MAY: Final = re.compile(r"(?i)\b(?:may|can|could|am) i\b")
_CHECK: Final = re.compile(
    rf"(?is){_POLITE}(?:check|validate|verify|lint|explain|dry[\s-]?run|is|would|will|may i run|can i run|"
    rf"what does the guard say (?:to|about))?{_IT}"
    r"(?:is|be|allowed|ok|okay|valid|fine|permitted|pass|run|work|accepted|refused|guard|the|[\s:,.?!-])*"
)


def read(question: str, focus: dict[str, Any], vocabulary: Vocabulary) -> Plan | None:
    """The plan for a question that holds a statement; None where it holds none. The conversation stays as it was."""
    found = _STATEMENT.search(question.replace("```sql", " ").replace("```", " "))
    if found is None or not _is_sql(found["sql"]):
        return None
    lead, statement = found.string[: found.start()], found["sql"].strip()
    asked = _QUESTION_BEHIND.search(statement)
    if asked:
        statement = statement[: asked.start()]
    if ";" in statement.rstrip("; \n") and Board(list(words_of(statement))).consume(WRITE):
        return replace(replies.refuse("write_request"), focus=focus)
    if _RUN.fullmatch(lead) and not (found["explain"] or asked or _MAY.search(lead)):
        return _plan("The statement, run if the guard lets it through", {"statement": statement}, focus)
    if _CHECK.fullmatch(lead) or _RUN.fullmatch(lead):
        checked = {"statement": statement, "explain": True}
        return _plan("The guard's verdict on the statement; nothing is run", checked, focus)
    why = "That looks like SQL with something before it: `gateway sql` and `/sql` take statements, and so do I, alone."
    return replace(replies.lost(vocabulary, why), focus=focus)


def _plan(said: str, arguments: dict[str, Any], focus: dict[str, Any]) -> Plan:
    return Plan(f"{said}.", (ToolCall("run_sql", arguments),), focus=focus)


def _is_sql(text: str) -> bool:
    """Whether it reads as a statement and not as a sentence: "select the best arm of price badges" selects nothing."""
    head = re.match(r"(?is)select\s+(?:distinct\s+)?(.*?)(?:\bfrom\b|$)", text)
    if head is None:
        return True
    listed = re.sub(r"\([^()]*\)|'[^']*'", " x", re.sub(r"\([^()]*\)", "x", head[1]))
    bare = [re.sub(r"(?i)\b(?:as|over|case|when|then|else|end|and|or|not|is|null)\b", " ", item).split()
            for item in listed.split(",")]  # fmt: skip
    has_source = re.search(r"(?i)\bfrom\b", text) is not None
    return all(len(item) <= 2 or re.search(r"[*/+<>=|-]", " ".join(item)) for item in bare) and (
        has_source or re.fullmatch(r"(?is)[\d\s+*/().;'-]+", head[1]) is not None
    )

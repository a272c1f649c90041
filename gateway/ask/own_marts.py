"""Questions in plain words over a contract of one's own, without this project's experiment marts.

What there is can be told from the contract alone: marts, their columns, metrics. What an experiment did can't, since
nobody knows here which column is an arm and which a value: those questions are answered with what to ask instead.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gateway.ask import replies, statements
from gateway.ask.understand import understand
from gateway.ask.vocabulary import Named, Vocabulary
from gateway.ports import Plan, ToolCall
from gateway.semantic.model import Asset

_MOST_CHOICES: Final = 5
_WHAT_IS_THERE: Final = frozenset({"marts", "help"})
_METRICS: Final = frozenset({"metrics", "meaning"})
_LISTING: Final = re.compile(r"\b(?:list|show|give|rows|sample|first)\b", re.IGNORECASE)
_OF_COLUMNS: Final = re.compile(r"\b(?:describe|columns?|fields?|grain|schema|about|mean)\b", re.IGNORECASE)
_ROWS: Final = 20
_INSTEAD: Final = (
    "This contract has marts of its own, so questions in plain words can ask what there is: marts, their columns and "
    "rows, metrics. For numbers use `gateway sql`; for an effect, hand its arms to `gateway tools call compare_arms`."
)


class OwnMartsPlanner:
    """Plans what can be answered from the contract; the same question always gives the same plan."""

    name = "offline"

    def __init__(self, contract: Named, marts: Mapping[str, Asset]) -> None:
        self._vocabulary = Vocabulary.without_experiments(contract)
        self._marts = marts

    def plan(self, question: str, focus: dict[str, Any]) -> Plan:
        """Read one question. Raises UsageError where there is none."""
        replies.readable(question)
        typed = statements.read(question, focus, self._vocabulary)
        return typed or replace(self._planned(question), focus=focus)

    def _planned(self, question: str) -> Plan:
        reading = understand(question, self._vocabulary, "")
        if reading.refusal:
            return replies.refuse(reading.refusal)
        if reading.sql:
            return self._ask_back("That looks like SQL: `gateway sql` and `/sql` take statements.")
        named = self._named(question)
        if len(named) == 1:
            return self._about(
                named[0], is_listing=bool(_LISTING.search(question) and not _OF_COLUMNS.search(question))
            )
        if len(named) > 1:
            return self._ask_back("Which mart?", named)
        if _WHAT_IS_THERE & set(reading.intents):
            return _told("Which marts there are", "describe_marts")
        if _METRICS & set(reading.intents):
            return _told("Which metrics the contract has", "list_metrics")
        return self._ask_back(_INSTEAD)

    def _about(self, name: str, *, is_listing: bool) -> Plan:
        """Its columns, or its first rows where the question asks for rows."""
        columns = [column for column, spec in self._marts[name].columns.items() if spec.access == "select"]
        if is_listing and columns:
            return _told(f"The first rows of {name}", "query_marts", asset=name, columns=columns, limit=_ROWS)
        return _told(f"What {name} holds", "describe_marts", asset=name)

    def _named(self, question: str) -> tuple[str, ...]:
        """The marts that the question names, as they are written or with blanks for `_`."""
        text = f" {' '.join(re.findall(r'[a-z0-9_]+', question.casefold()))} "
        spoken = text.replace("_", " ")
        return tuple(
            name
            for name in self._marts
            if f" {name.casefold()} " in text or ("_" in name and f" {name.casefold().replace('_', ' ')} " in spoken)
        )

    def _ask_back(self, text: str, marts: tuple[str, ...] = ()) -> Plan:
        described = tuple(f"Describe {name}" for name in marts or self._marts)[:_MOST_CHOICES]
        return Plan(question_back=text, choices=described if marts else ("Which marts are there?", *described))


def _told(interpretation: str, tool: str, **arguments: object) -> Plan:
    return Plan(interpretation=f"{interpretation}.", calls=(ToolCall(tool, dict(arguments)),))

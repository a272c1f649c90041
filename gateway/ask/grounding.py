"""Holds a model's sentences against what the tools of this conversation returned.

A sentence may be shown when every number in it is a value of the evidence, rounded to the digits that are shown, with
the unit and the sign that the value has; and when it claims no verdict, decision or direction that the evidence does
not bear out. What can't be read is not borne out.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from gateway.answer import Answer, Evidence, Table
from gateway.ask import facts, numerals
from gateway.ask.claims import CAVEAT, Known, borne_out, clause
from gateway.ask.facts import EFFECTS, Fact, Kind
from gateway.ask.languages import foreign
from gateway.ask.matches import Facts, Place, matches
from gateway.ask.mentions import Names
from gateway.ask.numerals import Day, Quantity
from gateway.guard.provenance import measured
from gateway.ports import ToolCall

NUMBER: Final = "a sentence with a number that isn't in the evidence"
CLAIM: Final = "a sentence that says more than the evidence does"
_TELLING_DAYS: Final = ("experiment_health", "experiment_trend")
_MOST_KEPT: Final = 200
"""Rows of a table that later questions may quote from."""
LANGUAGE: Final = "a sentence that can't be checked: it is not in English"
_MOST_NUMBERS: Final = 40
"""In one sentence: more of them is no prose."""
_YOURS: Final = re.compile(r"(?i)\byour?\b|\basked\b")


@dataclass(slots=True)
class Grounding:
    """What is known in one conversation, and whether a sentence keeps to it."""

    dialect: str = "duckdb"
    """Of the statements that were approved."""
    names: Names = field(default_factory=Names)
    evidence: list[Evidence] = field(default_factory=list)
    _facts: Facts = field(default_factory=Facts)
    _days: set[date] = field(default_factory=set)
    _calls: list[ToolCall] = field(default_factory=list)
    _users: set[tuple[str, str]] = field(default_factory=set)
    """(value, unit) of the numbers that the user wrote."""
    _given: set[float] = field(default_factory=set)
    """The same as bare numbers, percentages as fractions too."""
    _signs: set[int] = field(default_factory=set)
    _states: set[str] = field(default_factory=set)
    _mismatch: bool = False
    _looked: bool = False
    _kept: list[dict[str, Any]] = field(default_factory=list)

    def heard(self, question: str) -> None:
        """A question of the user's: its numbers are theirs, and its odd words are names."""
        read = numerals.read(self.names.masked(question))
        self._users |= {(str(item.value.normalize()), item.unit or item.inherits) for item in read.quantities}
        for value in (*numerals.bare(question), *(float(item.value) for item in read.quantities)):
            self._given |= {value, value / 100}
        for word in re.findall(r"(?=\w*\d)(?=\w*[A-Za-z])\w+", question):
            self.names.trust(word)

    def learn(self, call: ToolCall, answer: Answer) -> None:
        """What a call came to. Only an answer teaches anything, and of a statement only what it read."""
        if answer.status != "answered":
            return
        table = self._measured(answer) if _is_written(call) else answer.table
        self._calls.append(call)
        self._take(call.tool, answer.evidence, table, answer.text)
        table = table.model_copy(update={"rows": table.rows[:_MOST_KEPT]})
        told = Answer(status="answered", evidence=answer.evidence, table=table)
        self._kept.append({"tool": call.tool, "level": call.arguments.get("level"), "answer": told.model_dump()})

    def recall(self, learned: Iterable[Mapping[str, Any]]) -> None:
        """What earlier questions of the conversation came to."""
        for item in learned:
            answer = Answer.model_validate(item["answer"])
            self._calls.append(ToolCall(str(item["tool"]), {"level": item.get("level")}))
            self._take(str(item["tool"]), answer.evidence, answer.table, "")

    def kept(self) -> list[dict[str, Any]]:
        """What was learned, for `recall`."""
        return list(self._kept)

    def reason(self, sentence: str) -> str:
        """Why a sentence may not be shown; empty where it may."""
        masked = self.names.masked(sentence)
        read = numerals.read(masked)
        if read.unreadable or len(read.quantities) > _MOST_NUMBERS:
            return NUMBER
        if foreign(masked):
            return LANGUAGE
        if not all(self._is_known_day(day) for day in read.days):
            return NUMBER
        doubtful = False
        for item in read.quantities:
            found = self._facts_of(item, Place.of(masked, item), self._named(sentence, item))
            if not found and not self._is_users(item, sentence):
                return NUMBER
            doubtful = doubtful or (bool(found) and all(fact.doubtful for fact in found))
        if doubtful and not CAVEAT.search(sentence):
            return CLAIM
        about = self.names.about(sentence, self.evidence)
        unnamed = self.names.unclaimed(sentence)
        return "" if borne_out(sentence, unnamed, lambda part: self._known(self.names.about(part, about))) else CLAIM

    def marked(self, call: ToolCall, answer: Answer) -> Answer:
        """The answer as it may be shown: what the model's own statement computed is told apart from what it read."""
        if not _is_written(call) or not answer.table.columns:
            return answer
        sources = self._columns(answer) or ("",) * len(answer.table.columns)
        columns = [
            name if source else f"{name} (computed)" for name, source in zip(answer.table.columns, sources, strict=True)
        ]
        count = answer.table.row_count
        told = {"table": answer.table.model_copy(update={"columns": columns}), "text": _rows(count)}
        if not all(sources):
            note = "columns marked (computed) are what the model's own statement made, and no value of a mart"
            told["warnings"] = [*answer.warnings, note]
        return answer.model_copy(update=told)

    def holds(self, value: float) -> bool:
        """Whether a number is the user's, or a value that a tool returned: not one that a model made up."""
        return abs(value) in self._given or self._facts.hold(value)

    def _take(self, tool: str, evidence: Sequence[Evidence], table: Table, text: str) -> None:
        answer = Answer(status="answered", evidence=list(evidence), table=table)
        self.names.learn(answer)
        self.evidence += evidence
        self._looked = True
        for item in evidence:
            self._facts += facts.of_evidence(item)
        self._facts += facts.counts(self.evidence)
        self._facts += facts.levels(self._calls)
        found = list(facts.of_table(table, planned=tool == "plan_experiment"))
        self._facts += found
        self._days |= set(facts.days_of(table))
        self._facts += facts.of_words(self.names.blanked(_own_words(tool, table, text)))
        self._days |= set(facts.days_in(text)) if tool in _TELLING_DAYS else set()
        self._signs |= {1 if fact.value > 0 else -1 for fact in found if fact.kind in EFFECTS and fact.value}
        self._states |= facts.states(table)
        self._mismatch = self._mismatch or facts.is_broken(table)

    def _measured(self, answer: Answer) -> Table:
        """Of a statement's result, what it read from the marts, under the marts' own names."""
        columns = self._columns(answer)
        if not columns:
            return Table()
        kept = [place for place, name in enumerate(columns) if name]
        rows = [[row[place] for place in kept] for row in answer.table.rows]
        table = answer.table.model_copy(update={"columns": [columns[place] for place in kept]})
        return table.with_rows(rows)

    def _columns(self, answer: Answer) -> tuple[str, ...]:
        """For each column of a statement's result the mart's column that it shows; empty where that can't be told."""
        approved = [query.approved for query in answer.queries if query.approved]
        columns = measured(approved[-1], self.dialect) if approved else ()
        return columns if len(columns) == len(answer.table.columns) else ()

    def _named(self, sentence: str, item: Quantity) -> dict[str, set[str]]:
        """What the number is of, by the names beside it: those of its part of the sentence, else those of all of it."""
        named = self.names.named(clause(sentence, item.start, item.end)) or self.names.named(sentence)
        known = {attribute: self._facts.named(attribute) for attribute in named}
        return {attribute: ids for attribute, ids in named.items() if ids & known[attribute]}

    def _facts_of(self, item: Quantity, place: Place, named: dict[str, set[str]]) -> list[Fact]:
        found = [fact for fact in self._facts.near(item) if fact.fits(named) and matches(item, fact, place)]
        if not place.is_planning:
            found = [fact for fact in found if fact.kind is not Kind.PLANNED]
        return found or [Fact(float(item.value), Kind.DAYS)] * self._is_known_year(item)

    def _is_users(self, item: Quantity, sentence: str) -> bool:
        """A number of the user's may be said back to them, as theirs."""
        theirs = (str(item.value.normalize()), item.unit or item.inherits) in self._users
        return theirs and _YOURS.search(sentence) is not None

    def _is_known_day(self, day: Day) -> bool:
        return any(
            (known.month, known.day) == (day.month, day.day) and day.year in (None, known.year) for known in self._days
        )

    def _is_known_year(self, item: Quantity) -> bool:
        return (
            not item.unit and not item.sign and item.step == 1 and any(known.year == item.value for known in self._days)
        )

    def _known(self, about: Sequence[Evidence]) -> Known:
        return Known(about, frozenset(self._signs), frozenset(self._states), self._mismatch, self._looked)


def _own_words(tool: str, table: Table, text: str) -> str:
    """What a tool wrote itself and whose numbers stand nowhere else."""
    if tool == "plan_experiment":
        return text
    if tool == "experiment_health" and "detail" in table.columns:
        place = table.columns.index("detail")
        return "\n".join(str(row[place]) for row in table.rows)
    return ""


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}; see the table."


def _is_written(call: ToolCall) -> bool:
    """Whether the model wrote what a call computes, and not only what it reads."""
    return call.tool == "run_sql" or (call.tool == "query_marts" and bool(call.arguments.get("asset")))

"""One question to an agent: what it is told, which calls are let through, and what its answer comes to.

The evidence, the table and the alerts of the answer are those of the tools. Of the model there is only prose, and of
that only sentences that the evidence bears out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from gateway.answer import Answer, Evidence, Table
from gateway.ask import messages
from gateway.ask.effects import Words, integrity, mismatch
from gateway.ask.grounding import Grounding
from gateway.ask.made_up import made_up
from gateway.ask.memory import KEY, Memory
from gateway.ask.populations import Populations
from gateway.ask.subject import Subjects
from gateway.ask.telling import Teller
from gateway.ask.text import plain
from gateway.errors import ModelError
from gateway.ports import Brief, Ending, Glimpse, Outcome, Plan, ToolCall
from gateway.tools.base import ToolContext

_ENDINGS: Final[Mapping[Ending, str]] = {
    "asked_nothing": "the model gave no text",
    "steps": "the model was stopped: it took as many steps as it may (model.steps)",
    "seconds": "the model was stopped: its time was up (model.seconds)",
    "tokens": "the model was stopped: it used as many tokens as it may (model.tokens)",
    "length": "the model's text was cut short: it was too long",
    "filtered": "the model's text was withheld by its maker's content filter",
    "declined": "the model declined to answer",
    "repeated": "the model was stopped: it made the same calls again and again",
    "faults": "the model was stopped: its calls made no sense",
}
_LOOKING: Final = ("list_experiments", "list_metrics", "describe_marts", "experiment_health")
"""Tools by which a model finds its way: their tables are the answer only where nothing else is."""
_WHERE: Final = ("experiment_id", "population", "analysis_population")


@dataclass(slots=True)
class Talk:
    """One question under way."""

    question: str
    memory: Memory
    populations: Populations
    focus: Mapping[str, Any]
    grounding: Grounding
    subjects: Subjects
    call: Callable[[ToolCall, dict[str, Any]], Answer] = field(init=False)
    """Hands a tool call to the one path, with how its answer is to be worded, and returns what came of it."""
    show: Callable[[Glimpse], None] = field(init=False)
    heard: list[tuple[ToolCall, Answer]] = field(default_factory=list)
    turned_back: list[str] = field(default_factory=list)
    """Calls that were not made, and why."""
    outcome: Outcome | None = None
    """None until the agent has come to an end of its own."""
    teller: Teller = field(init=False)
    _alerts: list[str] = field(default_factory=list)
    _choice: Answer | None = None

    @classmethod
    def about(
        cls,
        question: str,
        population: str | None,
        focus: Mapping[str, Any],
        owner: tuple[str, ...],
        ctx: ToolContext,
    ) -> Self:
        """A question in the light of what the conversation holds; `owner` is whose conversation it is."""
        memory = Memory.of(focus, owner)
        grounding = Grounding(ctx.engine.name)
        for metric_id, metric in ctx.contract.metrics.items():
            for name in (metric_id, metric.label, *metric.synonyms):
                grounding.names.trust(name, "metric_id", metric_id)
        grounding.recall(memory.learned)
        for asked in (*(earlier for earlier, _ in memory.turns), question):
            grounding.heard(asked)
        populations = Populations.of(question, population, tuple(focus.get("populations", ())))
        return cls(question, memory, populations, focus, grounding, Subjects(ctx))

    def __post_init__(self) -> None:
        self.teller = Teller(self.grounding.reason, lambda text: self.show(Glimpse("prose", text)))

    def brief(self) -> Brief:
        """What the agent starts from."""
        told = [messages.system(self.populations.default), *self.memory.messages(), messages.user(self.question)]
        return Brief(tuple(told), messages.tools())

    def called(self, wanted: ToolCall) -> Answer:
        """Let a call through, or say what the user has to choose first; take in what came of it."""
        self.teller.stop()
        made = self.populations.settled(wanted)
        if isinstance(made, Answer):
            self._choice = made if made.status == "clarify" else self._choice
            return self._turned_back(wanted, made)
        invented = made_up(made, self.grounding.holds)
        if invented:
            return self._turned_back(wanted, Answer(status="error", text=invented))
        self.show(Glimpse("call", _shown(made)))
        wording = self.subjects.of([made], {})
        answer = self.call(made, wording)
        self.heard.append((made, answer))
        self.grounding.learn(made, answer)
        self._alert(answer, Words.of(wording))
        return answer

    def say(self, text: str) -> None:
        """A piece of the model's prose. Where it speaks from memory, what has to be said first is said of that."""
        if not self.heard:
            self._alert(Answer(status="answered", evidence=self.grounding.evidence), Words({}, {}, {}))
        self.teller.say(text)

    def answer(self) -> Answer:
        """What it all comes to. Raises ModelError where that is nothing."""
        self.teller.stop()
        if self._is_refused():
            return self._refused()
        found = [self.grounding.marked(call, answer) for call, answer in self.heard if answer.status == "answered"]
        if self._choice is not None and not found:
            return self._choice
        if not found and not self.teller.said:
            raise ModelError(self._ending or "the model gave no answer that can be shown")
        asks = self.teller.said and self.teller.text.rstrip().endswith("?")
        return Answer(
            status="clarify" if asks and not found else "answered",
            text="\n".join(filter(None, [*self._alerts, self._text(found)])),
            evidence=_once([item for answer in found for item in answer.evidence]),
            table=self._table(),
            queries=[query for _, answer in self.heard for query in answer.queries],
            warnings=self._warnings(found),
        )

    def plan(self, answer: Answer) -> Plan:
        """The calls as a plan, and what the conversation is about now."""
        calls = tuple(call for call, _ in self.heard)
        about = {**self.subjects.of(calls, self.focus), "populations": list(self.populations.spoken)}
        return Plan(self.interpretation, calls, focus={**about, KEY: self._remembered(answer)})

    @property
    def interpretation(self) -> str:
        """What was looked at, in the order of looking."""
        return "; ".join(dict.fromkeys(_shown(call) for call, _ in self.heard))

    def after_failing(self, plan: Plan, answer: Answer) -> Plan:
        """The plan that was carried out in the model's place, remembered as what was said."""
        return replace(plan, focus={**plan.focus, KEY: self._remembered(answer)})

    def _remembered(self, answer: Answer) -> dict[str, Any]:
        return self.memory.after(self.question, answer.text, self.grounding.kept())

    def record(self, name: str) -> dict[str, Any]:
        """What the audit log keeps of the model's part."""
        return {
            "name": name,
            "ending": self.outcome.ending if self.outcome else "failed",
            "steps": self.outcome.steps if self.outcome else 0,
            "tokens": self.outcome.tokens if self.outcome else 0,
            "calls": [answer.audit_id for _, answer in self.heard],
            "turned_back": list(self.turned_back),
            "said": self.teller.text,
            "withheld": list(self.teller.withheld),
        }

    @property
    def _ending(self) -> str:
        return _ENDINGS.get(self.outcome.ending, "") if self.outcome else ""

    def _turned_back(self, wanted: ToolCall, answer: Answer) -> Answer:
        self.turned_back.append(f"{_shown(wanted)}: {answer.text}")
        return answer

    def _text(self, found: list[Answer]) -> str:
        """The prose; where none of it could be shown, what the tools said themselves."""
        if self.teller.said:
            return self.teller.text
        known = [line for answer in found for line in answer.text.splitlines() if line not in self._alerts]
        return "\n".join(dict.fromkeys([*self.teller.shown, *known]))

    def _table(self) -> Table:
        """The table of the last call that was asked for one; where the model only looked things up, and found no
        evidence, the last of those."""
        found = [
            (call.tool in _LOOKING, self.grounding.marked(call, answer).table)
            for call, answer in self.heard
            if answer.status == "answered" and answer.table.columns
        ]
        asked = [table for looking, table in found if not looking]
        evidence = any(answer.evidence for _, answer in self.heard)
        looked = [table for looking, table in found if looking and not evidence]
        return [Table(), *looked, *asked][-1]

    def _warnings(self, found: list[Answer]) -> list[str]:
        count = len(self.teller.withheld)
        own = [self._ending]
        if count:
            some = f"{count} sentence{'s' if count > 1 else ''}"
            own.append(f"{some} of the model withheld: not borne out by the evidence")
        return list(dict.fromkeys(filter(None, (*own, *(note for answer in found for note in answer.warnings)))))

    def _is_refused(self) -> bool:
        """The last word was a refusal, and nothing was found beside it; or it was refused once too often."""
        refused = bool(self.heard) and self.heard[-1][1].status == "blocked"
        nothing = not any(answer.status == "answered" for _, answer in self.heard)
        stopped = self.outcome is not None and self.outcome.ending == "refused"
        return refused and (stopped or nothing)

    def _refused(self) -> Answer:
        last = self.heard[-1][1]
        return Answer(status="blocked", text=last.text, queries=last.queries, warnings=last.warnings)

    def _alert(self, answer: Answer, words: Words) -> None:
        """A broken split is said by the gateway, before any prose and whatever the model makes of it."""
        for line in (mismatch(answer.evidence, words), integrity(answer.evidence, words), *_broken(answer.table)):
            if line and line not in self._alerts:
                self._alerts.append(line)
                self.show(Glimpse("alert", line))


def _broken(table: Table) -> list[str]:
    """Sample ratio mismatches that stand in a table of checks, where there is no evidence to tell them."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    named = [
        plain(" ".join(str(row[name]) for name in _WHERE if row.get(name)))
        for row in rows
        if "mismatch" in (row.get("status"), row.get("srm_status"))
        and row.get("check", "sample_ratio") == "sample_ratio"
    ]
    if not named:
        return []
    which = f" ({', '.join(filter(None, dict.fromkeys(named)))})" if any(named) else ""
    return [f"Sample ratio mismatch{which}: effects there are not trustworthy and no launch is recommended."]


def _once(evidence: list[Evidence]) -> list[Evidence]:
    """Each evidence once, where several calls gave the same: what the conversation made of its p is the newest's."""
    return list({item.model_dump_json(exclude={"p_value_looks"}): item for item in evidence}.values())


def _shown(call: ToolCall) -> str:
    """A call on one line."""
    told = [_argument(value) for value in call.arguments.values() if value not in (None, "", [], {})]
    return plain(" ".join([call.tool, *told]))[:200]


def _argument(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    return str(value)

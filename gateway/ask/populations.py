"""Which population a model may use: the one that the user set or spoke of. It never chooses between them."""

from dataclasses import dataclass
from typing import Final, Self

from gateway.answer import Answer
from gateway.ask import lexicon
from gateway.ask.text import words_of
from gateway.ports import ToolCall
from gateway.tools import registry

CHOICES: Final = ("--population itt", "--population exposed")
QUESTION: Final = "Which population: itt or exposed?"


@dataclass(frozen=True, slots=True)
class Populations:
    """The populations of one question. `spoken` are those that its words name, or an earlier question's did."""

    default: str | None = None
    spoken: tuple[str, ...] = ()

    @classmethod
    def of(cls, question: str, default: str | None, earlier: tuple[str, ...] = ()) -> Self:
        """As a question says it; what it leaves open is as before, or as set."""
        return cls(default, said(question) or earlier)

    @property
    def allowed(self) -> tuple[str, ...]:
        """Those that may be used; none where the user has to be asked."""
        return self.spoken or ((self.default,) if self.default else ())

    def settled(self, call: ToolCall) -> ToolCall | Answer:
        """The call, its population filled in where there is but one; or the question that has to be put first."""
        needs = _need(call.tool)
        given = call.arguments.get("population")
        if needs == "none" or given in self.allowed:
            return call
        if needs == "optional":
            return ToolCall(call.tool, {name: value for name, value in call.arguments.items() if name != "population"})
        if given is None and len(self.allowed) == 1:
            return ToolCall(call.tool, {**call.arguments, "population": self.allowed[0]})
        if not self.allowed:
            return Answer(status="clarify", text=QUESTION, choices=list(CHOICES))
        text = f"the user asks about population {' and '.join(self.allowed)}: use that, or ask"
        return Answer(status="error", text=text)


def said(question: str) -> tuple[str, ...]:
    """The populations that a question names."""
    text = " ".join(word.text for word in words_of(question))
    return tuple(name for name, pattern in lexicon.POPULATION.items() if pattern.matches(text))


def _need(tool: str) -> str:
    """Whether a tool takes a population: `none`, `optional` or `required`."""
    if tool not in registry.TOOLS:
        return "none"
    field = registry.TOOLS[tool].arguments.model_fields.get("population")
    if field is None:
        return "none"
    return "required" if field.is_required() else "optional"

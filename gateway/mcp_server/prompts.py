"""Prompts for the questions that come back every week: what to call, in which order, and what not to claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, GetPromptResult, PromptArgument, PromptMessage, TextContent
from mcp_types import Prompt as Listed

_LONGEST: Final = 200
_UNSAID: Final = {
    "population": "not said: ask which one, itt (everyone assigned) or exposed (validly exposed)",
    "metric": "its primary metric",
    "effect": "not said: ask",
    "experiment": "no experiment",
}
"""What stands in the text for an argument that was not given."""
_ARGUMENTS: Final = {
    "experiment": "The experiment's id or name",
    "metric": "The metric's id or name",
    "population": "itt or exposed",
    "dimension": "What to split by, such as platform or country",
    "effect": "The smallest effect worth finding, such as 5 %",
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One recurring question. Its text is `texts/NAME.md`."""

    name: str
    title: str
    description: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def listed(self) -> Listed:
        """As clients list it."""
        arguments = [
            PromptArgument(name=name, description=_ARGUMENTS[name], required=name in self.required)
            for name in (*self.required, *self.optional)
        ]
        return Listed(name=self.name, title=self.title, description=self.description, arguments=arguments)

    def filled(self, given: Mapping[str, str]) -> GetPromptResult:
        """With its arguments in place. Raises MCPError that names every argument that is missing or unknown."""
        known = (*self.required, *self.optional)
        problems = [f"{name} is missing" for name in self.required if not given.get(name, "").strip()]
        problems += [f"{name!r} is no argument of it" for name in given if name not in known]
        problems += [f"{name} is not one line of up to {_LONGEST} characters" for name in given if _unfit(given[name])]
        if problems:
            raise MCPError(INVALID_PARAMS, f"{self.name}: {'; '.join(problems)}; it takes {', '.join(known)}")
        text = said(self.name)
        for name in known:
            text = text.replace("{" + name + "}", given.get(name, "").strip() or _UNSAID.get(name, "not said"))
        message = PromptMessage(role="user", content=TextContent(text=text))
        return GetPromptResult(description=self.description, messages=[message])


def _unfit(value: str) -> bool:
    return len(value) > _LONGEST or not value.isprintable()


PROMPTS: Final = (
    Prompt(
        "did_it_move",
        "Did it move the metric?",
        "The effect of one experiment on one metric, with its interval and verdict.",
        ("experiment",),
        ("metric", "population"),
    ),
    Prompt("health_check", "Can it be believed?", "Split, exposure and maturity of one experiment.", ("experiment",)),
    Prompt(
        "should_we_launch",
        "Should we launch?",
        "The decision for one experiment, its reasons, and what would change it.",
        ("experiment",),
        ("population",),
    ),
    Prompt(
        "plan_a_test",
        "Plan a test",
        "Units, days and power of a test that has not run.",
        ("metric",),
        ("effect", "experiment"),
    ),
    Prompt(
        "segment_deep_dive",
        "Where does it come from?",
        "The effect within each value of a dimension, corrected for the looks.",
        ("experiment", "dimension"),
        ("metric", "population"),
    ),
    Prompt("weekly_review", "Weekly review", "Health and decisions of all experiments.", (), ("population",)),
)


def prompt(name: str) -> Prompt:
    """The prompt of this name. Raises MCPError that names those there are."""
    for known in PROMPTS:
        if known.name == name:
            return known
    raise MCPError(
        INVALID_PARAMS, f"no prompt named {name[:_LONGEST]!r}; there is: {', '.join(p.name for p in PROMPTS)}"
    )


@cache
def said(name: str) -> str:
    """A text of this server's own: `texts/NAME.md`."""
    return files("gateway.mcp_server").joinpath("texts", f"{name}.md").read_text("utf-8").strip()

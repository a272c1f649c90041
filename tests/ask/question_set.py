"""The question set: every question of `questions/*.yaml`, with the readings of it that are right.

    - ask: a question, or a list of them: a conversation, of which the last one is judged
      population: what the asker has set before (itt unless said; null is nothing)
      calls: {tool: {argument: value}}, or a list of such calls
      asks_back: [what the question back or its choices must name]
      refuses: the rule
      or: a list of further right readings: calls, `[asks_back]`, `[refuses RULE]`

The halves are for whoever works on the planner: `tuned` may be looked at, and `held_out` is only measured.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.ports import ToolCall

FOLDER = Path(__file__).parent / "questions"
HALVES = ("tuned", "held_out")
LISTS = ("metric_ids", "variation_ids", "columns")
"""Arguments that may be written as one name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One right way to take a question: exactly one of the three is given."""

    calls: tuple[ToolCall, ...] = ()
    asks_back: tuple[str, ...] | None = None
    """What the question back, or one of its choices, has to name; empty: any question back is right."""
    refuses: str = ""

    @property
    def is_answer(self) -> bool:
        return bool(self.calls)


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what it should become, the first reading being the one that is wanted."""

    turns: tuple[str, ...]
    readings: tuple[Reading, ...]
    world: str
    group: str
    half: str
    population: str | None = "itt"

    @property
    def name(self) -> str:
        return " | ".join(self.turns)

    @property
    def is_clear(self) -> bool:
        """Whether an answer is wanted of it."""
        return self.readings[0].is_answer


def load(folder: Path = FOLDER) -> tuple[Case, ...]:
    """Every case, file by file. Raises ValueError for an entry with a key that is not known or without a reading."""
    return tuple(case for file in sorted(folder.glob("*.yaml")) for case in _file(file))


def _file(file: Path) -> list[Case]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [
        _case(entry, content["world"], content["group"], half) for half in HALVES for entry in content.get(half) or ()
    ]


def _case(entry: dict[str, Any], world: str, group: str, half: str) -> Case:
    asked = entry["ask"] if isinstance(entry["ask"], list) else [entry["ask"]]
    unknown = set(entry) - {"ask", "population", "calls", "asks_back", "refuses", "or"}
    first = [_reading(key, entry[key]) for key in ("calls", "asks_back", "refuses") if key in entry]
    if unknown or len(first) != 1:
        raise ValueError(f"{asked}: needs one of calls, asks_back, refuses, and nothing unknown: {sorted(unknown)}")
    others = [_alternative(item) for item in entry.get("or", ())]
    turns = tuple(str(turn) for turn in asked)
    return Case(turns, (*first, *others), world, group, half, entry.get("population", "itt"))


def _alternative(item: Any) -> Reading:
    if isinstance(item, str):
        item = [item]
    if isinstance(item, list) and isinstance(item[0], str):
        kind, _, rule = item[0].partition(" ")
        return _reading(kind, rule if kind == "refuses" else [])
    return _reading("calls", item)


def _reading(kind: str, value: Any) -> Reading:
    if kind == "asks_back":
        return Reading(asks_back=tuple(str(item) for item in value))
    if kind == "refuses":
        return Reading(refuses=value)
    items = value if isinstance(value, list) else [value]
    return Reading(calls=tuple(_call(item) for item in items))


def _call(item: dict[str, Any]) -> ToolCall:
    ((tool, arguments),) = item.items()
    listed = {name: [given] if name in LISTS and isinstance(given, str) else given for name, given in arguments.items()}
    return ToolCall(tool, listed)

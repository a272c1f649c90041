"""Numbers that a model hands to a tool: the user's, or a tool's own. Never its own, for a tool would hand them back.

Most tools only choose what is read. Two compute from numbers that they are given, and what comes back looks like a
measurement: there a number that nobody gave would come out as evidence.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gateway.ports import ToolCall

_COMPUTING: Final = ("compare_arms", "plan_experiment")
_CUSTOMARY: Final[Mapping[str, frozenset[float]]] = {
    "power": frozenset((0.8, 0.9, 0.95)),
    "level": frozenset((0.9, 0.95, 0.99)),
}
"""Settings that have a usual value, which a model may choose where the user chose none."""


def made_up(call: ToolCall, holds: Callable[[float], bool]) -> str:
    """What is wrong with the numbers of a call, to be told to the model; empty where nothing is.

    `holds` says whether a number is the user's, or was returned by a tool.
    """
    if call.tool not in _COMPUTING:
        return ""
    invented = [
        f"{name} {value:g}"
        for name, value in _numbers(call.arguments)
        if value not in _CUSTOMARY.get(name, ()) and not holds(value)
    ]
    if not invented:
        return ""
    listed = ", ".join(invented[:5])
    return f"not in the user's words and not in a result: {listed}. Leave it out, or ask the user for it."


def _numbers(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number in the arguments, by the nearest name above it."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _numbers(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item, name)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, float(value)
    elif isinstance(value, str) and name not in ("experiment_id", "metric_id", "name", "control", "metric"):
        try:
            yield name, float(value)
        except ValueError:
            return

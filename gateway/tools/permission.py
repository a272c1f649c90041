"""What a tool may do. The context that a tool works through enforces it, and what agents are told is derived from it.

There is no action that writes. One that did would be a member here, with what it means beside it: the hints of every
tool that may do it would change with it.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Self


class Action(StrEnum):
    """One thing that a tool's context can do for it, and what that means to whoever calls the tool."""

    changes: bool
    """It changes something that is not the gateway's own record of what was asked."""
    destroys: bool
    """What it changes cannot be had back."""
    repeatable: bool
    """Asking again, of the same data, gives the same and adds nothing."""
    reaches_out: bool
    """It touches something beyond the published marts."""

    def __new__(cls, value: str, changes: bool, destroys: bool, repeatable: bool, reaches_out: bool) -> Self:
        """A word that knows what it means."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.changes, member.destroys = changes, destroys
        member.repeatable, member.reaches_out = repeatable, reaches_out
        return member

    QUERY = "query the marts in the contract's words", False, False, True, False
    """Compile a request of names and values, and run what the guard approves of it."""
    EXPRESSION = "put an expression of the caller's into a query", False, False, True, False
    """Have the guard read a condition, an order or a measure that the caller wrote, and use what it renders."""
    STATEMENT = "run a statement of the caller's", False, False, True, False
    """Hand the caller's own SQL to the guard, and run what it approves."""


NOTHING: frozenset[Action] = frozenset()
"""For a tool that reads the contract, or what it was handed, and touches no data."""


def hints(may: Collection[Action]) -> dict[str, bool]:
    """The four hints of the Model Context Protocol for a tool that may do this and nothing else."""
    changes = any(action.changes for action in may)
    return {
        "readOnlyHint": not changes,
        "destructiveHint": changes and any(action.destroys for action in may),
        "idempotentHint": all(action.repeatable for action in may),
        "openWorldHint": any(action.reaches_out for action in may),
    }

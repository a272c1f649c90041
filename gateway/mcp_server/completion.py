"""What could stand in a prompt's argument or a resource's address, while it is being typed."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from mcp_types import CompleteRequestParams, Completion, PromptReference, ResourceTemplateReference

from gateway.mcp_server import resources
from gateway.semantic.model import Contract
from gateway.service import Caller, Gateway

_MOST: Final = 100
"""Values of one completion, by the protocol."""
_FRESH_SECONDS: Final = 30.0


class Experiments:
    """The ids of the experiments that a role may see, asked for as any listing is, and kept for a moment."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}

    def ids(self, gateway: Gateway, caller: Caller) -> tuple[str, ...]:
        """Read on the caller's behalf, and on record; nothing where that fails."""
        asked_at, known = self._known.get(caller.role, (0.0, ()))
        if known and time.monotonic() - asked_at < _FRESH_SECONDS:
            return known
        answer = gateway.call_tool("list_experiments", {}, caller).answer
        if answer.status != "answered":
            return ()
        place = answer.table.columns.index("experiment_id")
        known = tuple(str(row[place]) for row in answer.table.rows)
        self._known[caller.role] = (time.monotonic(), known)
        return known


def completed(
    params: CompleteRequestParams, contract: Contract, role: str, experiments: Callable[[], Sequence[str]]
) -> Completion:
    """The values that go on from what is typed: those that begin with it first, then those that contain it."""
    typed = params.argument.value.casefold()
    known = _known(params.ref, params.argument.name, contract, role, experiments)
    leading = [value for value in known if value.casefold().startswith(typed)]
    found = leading + [value for value in known if typed in value.casefold() and value not in leading]
    return Completion(values=found[:_MOST], total=len(found), has_more=len(found) > _MOST)


def _known(
    ref: PromptReference | ResourceTemplateReference,
    argument: str,
    contract: Contract,
    role: str,
    experiments: Callable[[], Sequence[str]],
) -> Sequence[str]:
    if isinstance(ref, ResourceTemplateReference):
        return {
            f"{resources.METRICS}/{{id}}": list(contract.metrics),
            f"{resources.MARTS}/{{asset}}": list(contract.visible_to(role)),
        }.get(ref.uri, [])
    if argument == "experiment":
        return experiments()
    return {"metric": list(contract.metrics), "population": ["itt", "exposed"]}.get(argument, [])

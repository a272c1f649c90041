"""What `gateway doctor` asks of the model's server: whether it is there, and has the model. Sends no data."""

from typing import Final

from gateway.errors import ContractError
from gateway.settings import Settings
from gateway.wiring import model_client, refuse_incomplete

_PATIENCE: Final = 10.0
"""Seconds."""


def look_at_model(settings: Settings) -> tuple[str, str]:
    """Ask the server which models it has. Raises ContractError where ours is not among them, ModelError without one."""
    refuse_incomplete(settings.model)
    client = model_client(settings.model)
    try:
        models = client.models(_PATIENCE)
    finally:
        client.close()
    wanted, used = settings.model.name, "" if settings.planner == "openai" else " (not used: planner is offline)"
    if models and wanted not in models:
        hint = f"there are: {', '.join(sorted(models)[:20])}"
        raise ContractError(f"{client.server} has no model {wanted!r}", hint=hint)
    return wanted, f"{wanted} at {client.server}{used}"

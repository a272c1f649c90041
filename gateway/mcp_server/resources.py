"""The contract as resources, as one role sees it. What a role does not have reads as what does not exist."""

import json
from collections.abc import Mapping
from typing import Any, Final

from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from gateway.semantic.model import Asset, Contract, Join, Metric
from gateway.semantic.publish import model_context

CONTRACT: Final = "gateway://contract"
METRICS: Final = "gateway://metrics"
MARTS: Final = "gateway://marts"
_JSON: Final = "application/json"
_MARKDOWN: Final = "text/markdown"
_LONGEST: Final = 200


def listed(contract: Contract, role: str) -> ListResourcesResult:
    """Everything that this role can read."""
    marts = contract.visible_to(role)
    return ListResourcesResult(
        resources=[
            Resource(
                uri=CONTRACT,
                name="contract",
                title="The contract",
                description="Marts, columns, rules and metrics, as this role may ask them.",
                mime_type=_MARKDOWN,
            ),
            Resource(
                uri=METRICS,
                name="metrics",
                title="Metric definitions",
                description="Every metric of the contract: what it measures, and which direction is better.",
                mime_type=_JSON,
            ),
            *(
                Resource(uri=f"{MARTS}/{name}", name=name, title=name, description=mart.description, mime_type=_JSON)
                for name, mart in marts.items()
            ),
        ]
    )


def templates() -> ListResourceTemplatesResult:
    """What can be read by name."""
    return ListResourceTemplatesResult(
        resource_templates=[
            ResourceTemplate(
                uri_template=f"{METRICS}/{{id}}",
                name="metric",
                title="One metric's definition",
                mime_type=_JSON,
            ),
            ResourceTemplate(
                uri_template=f"{MARTS}/{{asset}}",
                name="mart",
                title="One mart",
                description="Its grain, columns, pins and joins.",
                mime_type=_JSON,
            ),
        ]
    )


def read(uri: str, contract: Contract, role: str) -> ReadResourceResult:
    """One resource. Raises MCPError for one that is not there, or not for this role, in the same words."""
    if uri == CONTRACT:
        return _contents(uri, model_context(contract, role), _MARKDOWN)
    if uri == METRICS:
        return _contents(uri, _json([_metric(name, metric) for name, metric in contract.metrics.items()]))
    folder, _, name = uri.rpartition("/")
    if folder == METRICS and name in contract.metrics:
        return _contents(uri, _json(_metric(name, contract.metrics[name])))
    marts = contract.visible_to(role)
    if folder == MARTS and name in marts:
        return _contents(uri, _json(_mart(name, marts[name], marts)))
    raise MCPError(INVALID_PARAMS, f"Unknown resource: {uri[:_LONGEST]}")


def _contents(uri: str, text: str, kind: str = _JSON) -> ReadResourceResult:
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=kind, text=text)])


def _metric(name: str, metric: Metric) -> dict[str, Any]:
    return {"id": name, **metric.model_dump(mode="json")}


def _mart(name: str, mart: Asset, marts: Mapping[str, Asset]) -> dict[str, Any]:
    """Without its hidden columns, and without joins over what this role does not have."""
    visible = mart.visible()
    return {
        "asset": name,
        "description": mart.description,
        "grain": [column for column in mart.grain if column in visible],
        "pins": [column for column in mart.pins if column in visible],
        "columns": [
            {"name": column, **_column(spec.model_dump(mode="json"), visible)} for column, spec in visible.items()
        ],
        "joins": [join.model_dump(mode="json") for join in mart.joins if _known(join, visible, marts)],
    }


def _column(spec: dict[str, Any], visible: Mapping[str, Any]) -> dict[str, Any]:
    additive = spec["additive"]
    if isinstance(additive, list):
        additive = [column for column in additive if column in visible] or "none"
    return {**spec, "additive": additive}


def _known(join: Join, visible: Mapping[str, Any], marts: Mapping[str, Asset]) -> bool:
    return join.to in marts and set(join.on) <= set(visible) & set(marts[join.to].visible())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)

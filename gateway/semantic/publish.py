"""What others read of the contract: the published list of assets, a model's prompt, an editor's schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import UsageError
from gateway.problems import did_you_mean
from gateway.semantic.model import Asset, Column, Contract, Dialect, Role

AllowedAsset = tuple[str, bool, str, str, str]
"""asset_name, is_allowed_for_ai, grain, primary_keys, description: a row of dim_ai_allowed_assets."""


def allowed_assets_rows(contract: Contract) -> list[AllowedAsset]:
    """The rows of dim_ai_allowed_assets, in the contract's order. Hidden columns are not named."""
    return [
        (name, True, grain_in_words(asset), ", ".join(_visible_grain(asset)), asset.description)
        for name, asset in contract.assets.items()
    ]


def model_context(contract: Contract, role: str) -> str:
    """The contract for a model's prompt, as compact markdown: only what this role may see. Raises UsageError."""
    if role not in contract.roles:
        raise UsageError(f"no role named {role!r}." + did_you_mean(role, contract.roles, otherwise="There are"))
    spec, assets = contract.roles[role], contract.visible_to(role)
    parts = ["# Marts", *_rules(spec, contract.dialect)]
    for name, asset in assets.items():
        parts += ["", f"## {name}", *_asset_lines(name, asset, assets, spec)]
    if contract.metrics:
        parts += ["", "# Metrics", *_metric_lines(contract)]
    return "\n".join(parts) + "\n"


def json_schema() -> dict[str, Any]:
    """A JSON Schema of the semantic layer's file, for editors."""
    schema = Contract.model_json_schema(mode="validation")
    _close(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Semantic layer"}


def _close(schema: Any) -> None:
    """Where names follow a pattern, a name that does not is a mistake too."""
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _close(inner)
    if isinstance(schema, dict) and "patternProperties" in schema:
        schema["additionalProperties"] = False


def _visible_grain(asset: Asset) -> list[str]:
    return [column for column in asset.grain if column in asset.visible()]


def grain_in_words(asset: Asset) -> str:
    """The grain in words; a hidden part is said to exist, not named."""
    visible = _visible_grain(asset)
    hidden = len(asset.grain) - len(visible)
    return "one row per " + " × ".join([*visible, *(["hidden key"] if hidden else [])])


def _rules(role: Role, dialect: Dialect | None) -> Iterator[str]:
    which = {"duckdb": " in DuckDB's dialect", "clickhouse": " in ClickHouse's dialect"}.get(dialect or "", "")
    yield f"Only the marts and columns below exist. Write one SELECT{which}, and nothing else."
    yield "- A pinned column is fixed to one value (= 'x') or grouped by, wherever its mart is read."
    yield "- A measure is summed only over the columns after `sum over`; a measure without them is never summed."
    yield "- Columns marked `filter` stand only in conditions, those marked `aggregate` only inside aggregates."
    yield "- Join only as listed, on all listed columns."
    yield f"- At most {role.limits.rows:,} rows and {role.limits.seconds:g} seconds per statement."


def _asset_lines(name: str, asset: Asset, assets: Mapping[str, Asset], role: Role) -> Iterator[str]:
    yield asset.description
    yield f"Grain: {grain_in_words(asset)}."
    if asset.pins:
        yield f"Pins: {', '.join(asset.pins)}."
    if name in role.row_filter:
        yield "Only the rows that your role may see are returned."
    visible = asset.visible()
    for column, spec in visible.items():
        yield f"- {column}: {_column_text(spec, visible)}"
    joins = [f"{join.to} on {', '.join(join.on)} ({join.cardinality})" for join in asset.joins if join.to in assets]
    if joins:
        yield f"Joins: {'; '.join(joins)}."


def _column_text(column: Column, visible: Mapping[str, Column]) -> str:
    facts = [column.type, *([column.unit] if column.unit else [])]
    if column.access != "select":
        facts.append(column.access)
    over = [name for name in column.additive or () if name in visible]
    if over:
        facts.append(f"sum over {' and '.join(over)}")
    return f"{', '.join(facts)}. {column.description}".rstrip()


def _metric_lines(contract: Contract) -> Iterator[str]:
    for name, metric in contract.metrics.items():
        words = f" Also called: {', '.join(metric.synonyms)}." if metric.synonyms else ""
        better = "higher" if metric.desired == "increase" else "lower"
        text = f"- {name} ({metric.label}): {metric.aggregation}, {better} is better. {metric.description}"
        yield text.rstrip() + words

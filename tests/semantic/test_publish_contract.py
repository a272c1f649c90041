"""What others read of the contract."""

import re
from typing import Any

import pytest

from gateway.errors import UsageError
from gateway.semantic.load import load_contract, parse_contract
from gateway.semantic.model import NAME_PATTERN
from gateway.semantic.publish import allowed_assets_rows, json_schema, model_context
from gateway.settings import resource

CONTRACT = parse_contract(
    """\
version: 1
assets:
  dim_shops:
    description: One row per shop.
    grain: [shop]
    columns: {shop: {type: string, role: key, description: The shop.}}
  fct_sales:
    description: One row per shop, clerk and kind.
    grain: [shop, clerk, kind]
    pins: [kind]
    columns:
      shop: {type: string, role: key, description: The shop.}
      clerk: {type: string, role: key, access: hidden, description: A person.}
      kind: {type: string, role: key, description: "'shop' or 'web'."}
      revenue: {type: double, role: measure, additive: [shop, clerk], unit: euro, description: Money taken.}
      margin: {type: double, role: measure, additive: none, description: Share kept.}
      region: {type: string, access: filter, description: Where it is.}
    joins:
      - {to: dim_shops, on: [shop], cardinality: many_to_one}
      - {to: dim_secret, on: [shop], cardinality: many_to_one}
  dim_secret:
    description: One row per shop, for few.
    grain: [shop]
    columns: {shop: {type: string, role: key}}
metrics:
  revenue: {label: Revenue, synonyms: [sales, turnover], aggregation: sum, desired: increase, description: Money.}
  latency: {label: Latency, aggregation: mean, desired: decrease}
roles:
  analyst: {assets: "*"}
  partner:
    assets: [dim_shops, fct_sales]
    limits: {rows: 1500, seconds: 2.5}
    row_filter: {fct_sales: "clerk = 'c1'"}
""",
    "test",
)


def test_the_list_of_allowed_assets_names_no_hidden_column() -> None:
    assert allowed_assets_rows(CONTRACT) == [
        ("dim_shops", True, "one row per shop", "shop", "One row per shop."),
        ("fct_sales", True, "one row per shop × kind × hidden key", "shop, kind", "One row per shop, clerk and kind."),
        ("dim_secret", True, "one row per shop", "shop", "One row per shop, for few."),
    ]


def test_a_models_prompt_holds_what_the_role_may_see() -> None:
    assert (
        model_context(CONTRACT, "partner")
        == """\
# Marts
Only the marts and columns below exist. Write one SELECT, and nothing else.
- A pinned column is fixed to one value (= 'x') or grouped by, wherever its mart is read.
- A measure is summed only over the columns after `sum over`; a measure without them is never summed.
- Columns marked `filter` stand only in conditions, those marked `aggregate` only inside aggregates.
- Join only as listed, on all listed columns.
- At most 1,500 rows and 2.5 seconds per statement.

## dim_shops
One row per shop.
Grain: one row per shop.
- shop: string. The shop.

## fct_sales
One row per shop, clerk and kind.
Grain: one row per shop × kind × hidden key.
Pins: kind.
Only the rows that your role may see are returned.
- shop: string. The shop.
- kind: string. 'shop' or 'web'.
- revenue: double, euro, sum over shop. Money taken.
- margin: double. Share kept.
- region: string, filter. Where it is.
Joins: dim_shops on shop (many_to_one).

# Metrics
- revenue (Revenue): sum, higher is better. Money. Also called: sales, turnover.
- latency (Latency): mean, lower is better.
"""
    )


def test_an_unknown_role_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"^no role named 'analist'\. Did you mean 'analyst'\?$"):
        model_context(CONTRACT, "analist")


@pytest.mark.parametrize("role", ["analyst", "viewer"])
def test_the_default_contracts_prompt_is_small_and_keeps_secrets(role: str) -> None:
    text = model_context(load_contract(resource("marts_sql") / "semantic_layer.yaml"), role)
    assert len(text) < 28_000
    assert "unit_id" not in text
    assert "- owner" not in text
    assert ("fct_experiment_cohort" in text) is (role == "analyst")


def rules_for(key: str, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas that the value of a key must meet one of; none where the key is not known."""
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    patterns = [rule for pattern, rule in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
    return ([known[key]] if key in known else []) + patterns + ([rest] if isinstance(rest, dict) else [])


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """As much of JSON Schema as the exported schema uses."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in schema:
        return any(fits(value, choice, root) for choice in schema["anyOf"])
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "object":
        return (
            isinstance(value, dict)
            and set(schema.get("required", [])) <= set(value)
            and all(any(fits(item, rule, root) for rule in rules_for(key, schema)) for key, item in value.items())
        )
    if schema["type"] == "array":
        return isinstance(value, list) and all(fits(item, schema["items"], root) for item in value)
    kinds: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float)}
    return isinstance(value, kinds[schema["type"]])


def given_keys(value: Any) -> Any:
    """Without the defaults that are null: what a file that leaves them out holds."""
    if isinstance(value, dict):
        return {key: given_keys(inner) for key, inner in value.items() if inner is not None}
    return value


def test_the_schema_for_editors_accepts_the_default_file_and_refuses_what_the_loader_refuses() -> None:
    schema = json_schema()
    data = given_keys(load_contract(resource("marts_sql") / "semantic_layer.yaml").mapping())
    assert fits(data, schema, schema)
    for path, value in [
        (("version",), 2),
        (("assets", "dim_metrics", "grian"), []),
        (("assets", "dim metrics"), {}),
        (("roles", "viewer", "assets"), "all"),
        (("metrics", "refund_rate", "desired"), "down"),
    ]:
        holder = data
        for step in path[:-1]:
            holder = holder[step]
        before = holder.get(path[-1])
        holder[path[-1]] = value
        assert not fits(data, schema, schema), path
        if before is None:
            del holder[path[-1]]
        else:
            holder[path[-1]] = before
    assert fits(data, schema, schema)


def test_the_schema_says_what_every_key_is_for() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert NAME_PATTERN in str(schema)
    undescribed = [
        (name, key)
        for name, definition in {"Contract": schema, **schema["$defs"]}.items()
        for key, spec in definition.get("properties", {}).items()
        if "description" not in spec
    ]
    assert undescribed == []

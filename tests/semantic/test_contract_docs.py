"""docs/semantic-layer.md is true and complete."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.semantic.load import parse_contract
from gateway.semantic.model import Asset, Column, Contract, Join, Metric, Role, RoleLimits
from gateway.settings import GuardSettings, LimitSettings, ModelSettings, Settings

DOCS = Path(__file__).parents[2] / "docs" / "semantic-layer.md"
TEXT = DOCS.read_text(encoding="utf-8")


def test_its_example_is_a_contract() -> None:
    example = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
    assert len(example) == 1
    contract = parse_contract(example[0], "docs")
    assert list(contract.visible_to("partner")) == ["fct_sales"]


@pytest.mark.parametrize("model", [Contract, Asset, Column, Join, Metric, Role, RoleLimits])
def test_it_names_every_key_of_the_file(model: type[BaseModel]) -> None:
    assert [key for key in model.model_fields if f"`{key}`" not in TEXT and f"\n{key}:" not in TEXT] == []


def test_it_names_every_setting_and_its_variable() -> None:
    groups: dict[str, type[BaseModel]] = {"model": ModelSettings, "limits": LimitSettings, "guard": GuardSettings}
    places: list[tuple[str, ...]] = [(name,) for name in Settings.model_fields if name not in groups]
    places += [(group, key) for group, model in groups.items() for key in model.model_fields if key != "api_key"]
    rows = [line.split("|")[1:3] for line in TEXT.splitlines() if "`GATEWAY_" in line and line.startswith("|")]
    documented = {key.strip(): variable for key, variable in rows if key.strip()}
    assert set(documented) == {f"`{'.'.join(place)}`" for place in places}
    for place in places:
        assert f"`GATEWAY_{'_'.join(place).upper()}`" in documented[f"`{'.'.join(place)}`"]

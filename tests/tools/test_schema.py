"""What an agent is told of each tool: few tokens, and nothing that the arguments' model would refuse."""

import json
import re

import pytest

from gateway.tools import registry
from gateway.tools.schema import description, openai_function, parameters

MOST_TOKENS = 2_500
NAMES = list(registry.TOOLS)


def pieces(text: str) -> int:
    """An upper bound of a text's tokens: every run of up to four letters, and every other character by itself."""
    return len(re.findall(r"[A-Za-z]{1,4}|\d{1,3}|[^\sA-Za-z\d]", text))


def test_all_schemas_together_stay_within_what_an_agent_should_pay_for() -> None:
    schemas = [openai_function(tool) for tool in registry.TOOLS.values()]
    told = json.dumps(schemas, separators=(",", ":"))
    assert len(told) / 4 < MOST_TOKENS
    assert pieces(told) < 2 * MOST_TOKENS


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_requires_what_the_tool_requires_and_nothing_else(name: str) -> None:
    tool = registry.TOOLS[name]
    schema = parameters(tool)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(tool.arguments.model_fields)
    assert set(schema.get("required", [])) == {
        name for name, field in tool.arguments.model_fields.items() if field.is_required()
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_nothing_idle_and_refers_to_nothing_outside_it(name: str) -> None:
    told = json.dumps(parameters(registry.TOOLS[name]))
    assert not re.search(r'"(title|default|\$ref|\$defs)":', told)


@pytest.mark.parametrize("name", NAMES)
def test_a_description_is_one_line_of_whole_sentences(name: str) -> None:
    text = description(registry.TOOLS[name])
    assert "\n" not in text
    assert text.endswith(".")
    assert len(text) <= 260


def test_what_is_optional_is_what_it_is_when_given() -> None:
    schema = parameters(registry.TOOLS["list_experiments"])
    assert schema["properties"]["status"] == {"enum": ["running", "ended"], "type": "string"}


def test_the_openai_shape_is_name_description_and_parameters() -> None:
    assert openai_function(registry.TOOLS["run_sql"]) == {
        "type": "function",
        "function": {
            "name": "run_sql",
            "description": description(registry.TOOLS["run_sql"]),
            "parameters": {
                "type": "object",
                "properties": {"statement": {"type": "string"}},
                "additionalProperties": False,
                "required": ["statement"],
            },
        },
    }

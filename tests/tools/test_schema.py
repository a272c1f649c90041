"""What an agent is told of each tool: few tokens, and nothing that the arguments' model would refuse."""

import json
import math
import re
from collections.abc import Callable

import pytest

from gateway.tools import registry
from gateway.tools.schema import description, openai_function, parameters
from tests.tools.contract import SNAPSHOT, contract

MOST_TOKENS = 2_500
NAMES = list(registry.TOOLS)


def tokens_by_length(text: str) -> float:
    """Schemas are JSON, whose tokens are short: about three and a half characters, where prose has more than four."""
    return len(text) / 3.5


def tokens_by_words(text: str) -> int:
    """Words of up to six letters as one token, longer ones as two or more; three digits, or signs in a row, as one."""
    found = re.findall(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]+", text)
    return sum(math.ceil(len(each) / (6 if each.isalpha() else 3)) for each in found)


@pytest.mark.parametrize("tokens", [tokens_by_length, tokens_by_words])
def test_all_schemas_together_stay_within_what_an_agent_should_pay_for(tokens: Callable[[str], float]) -> None:
    """In the longest of the forms that agents get: OpenAI's, with a wrapper around each tool."""
    schemas = [openai_function(tool) for tool in registry.TOOLS.values()]
    assert tokens(json.dumps(schemas, separators=(",", ":"))) < MOST_TOKENS * 0.97


def test_what_agents_are_told_is_what_was_agreed_on() -> None:
    """After a change on purpose: `python -m tests.tools.contract`."""
    assert json.loads(SNAPSHOT.read_text("utf-8")) == json.loads(contract())
    assert SNAPSHOT.read_text("utf-8") == contract()


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_requires_what_the_tool_requires_and_nothing_else(name: str) -> None:
    tool = registry.TOOLS[name]
    schema = parameters(tool)
    assert schema["type"] == "object"
    assert set(schema["properties"]) == set(tool.arguments.model_fields)
    assert set(schema.get("required", [])) == {
        name for name, field in tool.arguments.model_fields.items() if field.is_required()
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_nothing_idle_and_refers_to_nothing_outside_it(name: str) -> None:
    told = json.dumps(parameters(registry.TOOLS[name]))
    assert not re.search(r'"(title|default|additionalProperties|\$ref|\$defs)":', told)


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
                "properties": {
                    "statement": {"type": "string"},
                    "dialect": {"enum": ["duckdb", "clickhouse"], "type": "string"},
                    "explain": {"description": "only check, run nothing", "type": "boolean"},
                },
                "required": ["statement"],
            },
        },
    }

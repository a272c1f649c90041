"""docs/mcp.md is true: the flags, commands, prompts, resources and numbers that it names are those there are."""

import re
from pathlib import Path

import pytest

from gateway.mcp_server.calls import _EACH, AT_ONCE
from gateway.mcp_server.http import LARGEST_BODY
from gateway.mcp_server.prompts import PROMPTS
from gateway.mcp_server.resources import CONTRACT, MARTS, METRICS
from tests.cli.conftest import Cli, succeed

TEXT = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text("utf-8")


def test_every_flag_it_names_is_one_of_the_commands(tmp_path: Path) -> None:
    cli = Cli(tmp_path)
    helps = [succeed(cli("mcp", *args, "--help")).out for args in ((), ("token", "add"), ("config",))]
    named = set(re.findall(r"--[a-z][a-z-]*", TEXT))
    assert named
    assert {flag for flag in named if not any(flag in text for text in helps)} == set()


def test_every_prompt_and_resource_is_named() -> None:
    listed = re.search(r"\*\*Prompts\*\*.*?:(.*?)\. Experiments", TEXT, flags=re.S)
    assert listed is not None
    assert re.findall(r"`(\w+)`", listed[1]) == [prompt.name for prompt in PROMPTS]
    for address in (CONTRACT, METRICS, f"{METRICS}/{{id}}", f"{MARTS}/{{asset}}"):
        assert f"`{address}`" in TEXT


@pytest.mark.parametrize("words", ["a body over 1 MiB", "Sixteen calls run at once, eight of one principal's"])
def test_its_numbers_are_those_of_the_code(words: str) -> None:
    assert words in TEXT
    assert (LARGEST_BODY, AT_ONCE, _EACH) == (2**20, 16, 8)

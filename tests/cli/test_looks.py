"""Looks in the terminal: told from the second comparison on, by ask and by chat, beside the evidence."""

import json
import re

from tests.cli.conftest import Cli

ONE = "Did one-page checkout increase conversion?"


def told(text: str) -> list[str]:
    return re.findall(r"^.*comparisons so far in this conversation.*$", text, re.MULTILINE)


def test_one_comparison_is_not_worth_a_line(world: Cli) -> None:
    assert told(world("ask", ONE, "--population", "itt").out) == []


def test_a_question_with_several_comparisons_counts_its_own(world: Cli) -> None:
    (line,) = told(world("ask", "mobile paywall conversion by platform", "--population", "itt").out)
    assert re.fullmatch(
        r"\d comparisons so far in this conversation: \d segments; p corrected for them \S+ to \S+", line
    )


def test_a_chat_adds_up_and_its_json_has_the_same_numbers(world: Cli) -> None:
    lines = f"{ONE}\nand revenue?\nonly iOS?\n"
    shown = told(world("chat", "--population", "itt", stdin=lines).out)
    answers = [
        json.loads(line) for line in world("chat", "--population", "itt", "--json", stdin=lines).out.splitlines()
    ]
    counted = [answer["looks"][0]["comparisons"] for answer in answers]
    assert counted == [1, 2, 3]
    assert [line.split()[0] for line in shown] == ["2", "3"]
    assert all(item["p_value_looks"] >= item["p_value"] for answer in answers for item in answer["evidence"])
    assert shown[1].startswith("3 comparisons so far in this conversation: 2 metrics, 1 segment; p corrected for them")


def test_two_chats_are_two_conversations(world: Cli) -> None:
    for _ in range(2):
        answer = json.loads(world("chat", "--population", "itt", "--json", stdin=f"{ONE}\n").out)
        assert answer["looks"][0]["comparisons"] == 1

"""Text from anywhere, made safe to show."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.plain import clean, json_plain, plain, plain_lines, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("one_page_checkout", "one_page_checkout", id="a name"),
        pytest.param("\x1b[2Jgone", "\N{REPLACEMENT CHARACTER}[2Jgone", id="an escape sequence"),
        pytest.param("a\u202eb", "a\N{REPLACEMENT CHARACTER}b", id="a reversed reading order"),
        pytest.param("a\x9b31mb", "a\N{REPLACEMENT CHARACTER}31mb", id="an eight-bit escape"),
        pytest.param("two\nlines\tand", "two lines and", id="line breaks"),
        pytest.param("größer 実験", "größer 実験", id="other scripts"),
    ],
)
def test_plain_keeps_words_and_drops_what_moves_the_cursor(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text())
def test_plain_text_is_one_line_without_control_characters(text: str) -> None:
    shown = plain(text)
    assert shown.splitlines() in ([], [shown])
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown)


@given(st.text(alphabet=st.characters(codec=None)))
def test_escaped_json_says_the_same_and_moves_nothing(text: str) -> None:
    written = json_plain(json.dumps({text: [text, 1]}, ensure_ascii=False, indent=1))
    assert json.loads(written) == {text: [text, 1]}
    assert plain_lines(written) == written


def test_plain_lines_keeps_the_lines_of_a_statement() -> None:
    assert plain_lines("select 1\n\tfrom t\x07") == "select 1\n    from t\N{REPLACEMENT CHARACTER}"


@given(st.text(alphabet=st.characters(codec=None)))
def test_cleaned_text_can_be_encoded(text: str) -> None:
    clean(text).encode("utf-8")


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("実験", 4), ("e\u0301", 1), ("größer", 6)])
def test_width_counts_the_columns_of_a_terminal(text: str, columns: int) -> None:
    assert width(text) == columns

"""A model's prose becomes whole, harmless sentences, however it is cut into pieces; and what fails leaves a mark."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ask.prose import LONGEST, Sentences, harmless
from gateway.ask.telling import Teller


def sentences(*pieces: str) -> list[str]:
    splitter = Sentences()
    found = [piece for text in pieces for piece in splitter.take(text)]
    return [piece.text for piece in [*found, *splitter.rest()]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("It rose. It fell.", ["It rose.", "It fell."], id="two"),
        pytest.param("It rose by 12.65 %. It fell.", ["It rose by 12.65 %.", "It fell."], id="a decimal point"),
        pytest.param("one vs. other, e.g. this one", ["one vs. other, e.g. this one"], id="abbreviations"),
        pytest.param("So? Yes! Well…  Fine", ["So?", "Yes!", "Well...", "Fine"], id="other ends"),
        pytest.param('He said "no." Then left.', ['He said "no."', "Then left."], id="quoted"),
        pytest.param("One\nTwo\n\nThree", ["One", "Two", "Three"], id="lines"),
        pytest.param("## Title\n- first\n* second\n1. third", ["Title", "- first", "- second", "- third"], id="lists"),
        pytest.param("It is **18.9** % `up`.", ["It is 18.9 % up."], id="emphasis"),
        pytest.param("It is better. one_page is best.", ["It is better.", "one_page is best."], id="an id begins one"),
        pytest.param("It is 12. 65 %", ["It is 12. 65 %"], id="a digit begins none"),
        pytest.param("badge_percent and _x_", ["badge_percent and x"], id="underscores of ids stay"),
        pytest.param("   \n \t ", [], id="nothing"),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


_PROSE = st.text(alphabet="abc XY_19.,!?%\n*-()\u200b“", max_size=120)


@given(_PROSE, st.lists(st.integers(1, 9), max_size=40))
@settings(max_examples=300)
def test_how_the_text_was_cut_into_pieces_makes_no_difference(text: str, sizes: list[int]) -> None:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(text[start : start + size])
        start += size
    assert sentences(*pieces, text[start:]) == sentences(text)


@given(st.text(max_size=120))
@settings(max_examples=300)
def test_harmless_text_is_one_line_and_stays_what_it_is(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once
    assert not any(char in once for char in "\n\r\x1b\x07\u202e\u200b`")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a link](http://evil.example/x)", "a link"),
        ("![image](http://evil.example/x.png)", "image"),
        ("see http://evil.example/?q=1 now", "see [link] now"),
        ("<b>bold</b>", "‹b>bold‹/b>"),
        ("p < 0.001 and n > 5", "p < 0.001 and n > 5"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("2.0 × 10⁻⁹", "2.0e-9"),
        ("10²", "10^2"),
        ("４٢𝟑", "423"),
        ("a\u00a0b\u2009c", "a b c"),
    ],
)
def test_what_could_mislead_is_taken_out_or_spelt_out(text: str, expected: str) -> None:
    assert harmless(text) == expected


def test_a_sentence_without_an_end_is_not_kept() -> None:
    splitter = Sentences()
    assert [list(splitter.take("x" * 500)) for _ in range(2 * LONGEST // 500)] == [[]] * (2 * LONGEST // 500)
    assert [piece.text for piece in splitter.take(". Then it goes on. ")] == [""]
    assert [piece.text for piece in splitter.rest()] == ["Then it goes on."]


def told(*pieces: str) -> tuple[Teller, str]:
    """A teller that withholds what holds a digit, and everything that it showed."""
    shown: list[str] = []
    teller = Teller(lambda text: "a digit" if any(map(str.isdigit, text)) else "", shown.append)
    for piece in pieces:
        teller.say(piece)
    teller.stop()
    return teller, "".join(shown)


def test_what_is_withheld_leaves_a_mark_in_its_place() -> None:
    teller, shown = told("Good. It is 4", "2. Fine. ")
    assert teller.text == "Good. [withheld: a digit] Fine."
    assert shown.split() == teller.text.split()
    assert teller.withheld == ["It is 42."]


def test_a_run_of_withheld_sentences_leaves_one_mark() -> None:
    teller, _ = told("It is 1. It is 2. It is 3.\nFine.")
    assert (teller.text, len(teller.withheld)) == ("[withheld: a digit]\nFine.", 3)


def test_a_sentence_is_said_once() -> None:
    assert told("Round and round. " * 50)[0].text == "Round and round."


def test_only_marks_is_nothing_said() -> None:
    teller, _ = told("It is 42.")
    assert (teller.said, teller.text) == (False, "[withheld: a digit]")

"""The words of questions, read off the patterns."""

from gateway.ask import lexical


def test_every_word_of_the_patterns_begins_as_some_pattern_says() -> None:
    words, prefixes = lexical._lexical()
    source = lexical._source()
    assert [word for word in (*words, *prefixes) if word[:3] not in source and not word.startswith("x")] == []


def test_names_are_not_the_language_of_questions() -> None:
    assert not any(map(lexical.is_lexical, ("checkout", "badges", "library", "hillstrom", "zxcv")))
    assert all(map(lexical.is_lexical, ("increase", "increased", "launch", "guardrail", "goes", "improving")))

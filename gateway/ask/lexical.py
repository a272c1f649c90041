"""Which words belong to the language of questions: read off the patterns themselves, so that no list is kept twice."""

import re
from functools import cache

from gateway.ask import beyond, catalogue, intents, lexicon, planning_words
from gateway.ask.patterns import Cued


@cache
def _source() -> str:
    """What all patterns say."""
    modules = (lexicon, beyond, intents, catalogue, planning_words)
    patterns = [item for module in modules for item in vars(module).values() if isinstance(item, Cued)]
    return " ".join(pattern.source for pattern in [*patterns, *lexicon.POPULATION.values()])


@cache
def _lexical() -> tuple[frozenset[str], tuple[str, ...]]:
    """Words and beginnings of words that some pattern knows, read off the patterns themselves."""
    source = re.sub(r"\\b|\(\?[=!][^)]*\)", " ", _source())
    words = set(re.findall(r"[a-z]{2,}", source))
    for core, endings in re.findall(r"([a-z]+)\(\?:([a-z|]+)\)", source):
        words.update(core + ending for ending in endings.split("|"))
    for plural in re.findall(r"([a-z]{3,})\?", source):
        words.add(plural[:-1])
    prefixes = set(re.findall(r"([a-z]{4,})\\w\*", source))
    for group in re.findall(r"\(\?:([a-z|]+)\)\\w\*", source):
        prefixes.update(group.split("|"))
    return frozenset(words), tuple(sorted(prefix for prefix in prefixes if len(prefix) > 2))


def is_lexical(word: str) -> bool:
    """Whether a word belongs to the language of questions rather than to a name."""
    if word[:3] not in _source():  # no pattern begins like it: most names are told by that alone
        return False
    words, prefixes = _lexical()
    return word in words or word.startswith(prefixes)

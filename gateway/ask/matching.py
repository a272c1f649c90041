"""Finds names in a question: exactly, by part of a name, or one slip of the keyboard away. Never by likeness alone.

A name is matched with its words run together, so that "onepage check-out" is the same as "One-page checkout".
Numbers, versions and single letters must agree exactly: "v3" is not a misspelling of "v2".
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.ask.text import NUMBER_WORDS, Board, words_of

K = TypeVar("K", bound=Hashable)
_LONGEST = 9
_FUZZY_WORDS = 40
"""Beyond this many unread words a text is not a question with a slip in it."""


@dataclass(frozen=True, slots=True)
class Hit(Generic[K]):
    """Words [start, end) of the question read as one of `keys`; more than one key means the name is shared."""

    start: int
    end: int
    keys: tuple[K, ...]
    phrase: str = ""
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """A name as its stems, and how directly it names its key: 0 its own name, then synonyms, then shortened forms."""

    stems: tuple[str, ...]
    tier: int

    def agrees(self, hard: list[str], joined: str) -> bool:
        """Whether the numbers, versions and single letters of a misspelling are those of the name."""
        own = [stem for stem in self.stems if _is_hard(stem)]
        return set(hard) <= set(own) and all(stem in hard or (stem in NUMBER_WORDS and stem in joined) for stem in own)


def _is_hard(stem: str) -> bool:
    return len(stem) == 1 or stem in NUMBER_WORDS or any(char.isdigit() for char in stem)


class Index(Generic[K]):
    """Names and what they stand for."""

    def __init__(self) -> None:
        self._exact: dict[str, dict[K, int]] = {}
        self._phrases: dict[str, Phrase] = {}
        self._by_key: dict[K, list[Phrase]] = {}

    def add(self, key: K, name: str | tuple[str, ...], tier: int = 0) -> None:
        """Let `name` stand for `key`; the most direct tier wins where it is added twice."""
        stems = tuple(word.stem for word in words_of(name)) if isinstance(name, str) else name
        joined = "".join(stems)
        if not joined:
            return
        keys = self._exact.setdefault(joined, {})
        keys[key] = min(tier, keys.get(key, tier))
        phrase = Phrase(stems, tier)
        self._phrases.setdefault(joined, phrase)
        self._by_key.setdefault(key, []).append(phrase)

    def keys(self, phrase: Phrase) -> tuple[K, ...]:
        """What a name stands for most directly."""
        return self._best("".join(phrase.stems))

    def exact(self, board: Board, allowed: Callable[[int, int, Phrase], bool]) -> Iterator[Hit[K]]:
        """Names in the unread words, longest first; yields one at a time, so that the caller can claim its words."""
        count = len(board.words)
        for length in range(min(_LONGEST, count), 0, -1):
            for start in range(count - length + 1):
                end = start + length
                if not board.free(start, end):
                    continue
                joined = "".join(word.stem for word in board.words[start:end])
                if joined in self._exact and allowed(start, end, self._phrases[joined]):
                    yield Hit(start, end, self._best(joined), joined)

    def _best(self, joined: str) -> tuple[K, ...]:
        keys = self._exact[joined]
        nearest = min(keys.values())
        return tuple(key for key, tier in keys.items() if tier == nearest)

    def sharing(self, joined: str, tier: int) -> tuple[K, ...]:
        """Every key that the run-together name stands for, up to a tier."""
        return tuple(key for key, found in self._exact.get(joined, {}).items() if found <= tier)

    def misspelled(self, board: Board, places: list[int]) -> Hit[K] | None:
        """The name that some run of unread words around `places` is one clear slip away from; keys tie when two are."""
        from rapidfuzz.distance import OSA  # loads in 25 ms: only for a question with an unread word

        best: Hit[K] | None = None
        for start, end in _windows(board, places[:_FUZZY_WORDS]):
            stems = [word.stem for word in board.words[start:end]]
            joined, hard = "".join(stems), [stem for stem in stems if _is_hard(stem)]
            for name, phrase in self._phrases.items():
                slack = slips(name)
                if not slack or abs(len(name) - len(joined)) > slack or not phrase.agrees(hard, joined):
                    continue
                distance = int(OSA.distance(name, joined, score_cutoff=slack))
                if distance > slack:
                    continue
                best = _nearer(best, Hit(start, end, self._best(name), name, distance))
        return best

    def partial(self, words: set[str]) -> dict[K, int]:
        """For each key, how many of these stems its fullest matching name holds. Keys without any are left out."""
        scores = {key: max(len(words.intersection(p.stems)) for p in phrases) for key, phrases in self._by_key.items()}
        return {key: score for key, score in scores.items() if score}

    def names(self, key: K) -> list[Phrase]:
        return self._by_key.get(key, [])


def slips(name: str) -> int:
    """How many slips of the keyboard a name of this length can bear and still be told apart."""
    return 0 if len(name) < 5 else 1 if len(name) < 12 else 2


def _nearer(best: Hit[K] | None, found: Hit[K]) -> Hit[K]:
    """The nearer of two hits; equally near ones for different keys are kept together, to be asked about."""
    if best is None or (found.distance, best.end - best.start) < (best.distance, found.end - found.start):
        return found
    if (
        found.distance == best.distance
        and set(found.keys) != set(best.keys)
        and found.end - found.start == best.end - best.start
    ):
        return Hit(best.start, best.end, tuple(dict.fromkeys((*best.keys, *found.keys))), best.phrase, best.distance)
    return best


def _windows(board: Board, places: list[int]) -> Iterator[tuple[int, int]]:
    """Runs of unclaimed words that hold at least one of the unread places."""
    seen: set[tuple[int, int]] = set()
    for place in places:
        for start in range(max(0, place - 5), place + 1):
            for end in range(place + 1, min(len(board.words), start + 7) + 1):
                if (start, end) not in seen and board.free(start, end):
                    seen.add((start, end))
                    yield start, end

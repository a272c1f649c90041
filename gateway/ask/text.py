"""A question as words: one spelling for dashes, quotes, accents, plurals and numbers, and which words are still unread.

Names from the vocabulary go through the same function, so that "One-page checkout", "one_page_checkout" and
"one page check-out" meet in the middle.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?\s?%|\d+\.\d+|[^\W_]+|;")
_CONTRACTIONS = (
    (re.compile(r"\b(ca)n't\b", re.IGNORECASE), "can not"),
    (re.compile(r"\b(wo)n't\b", re.IGNORECASE), "will not"),
    (re.compile(r"n't\b", re.IGNORECASE), " not"),
    (re.compile(r"\b(what|how|it|that|there|which|who|where)'s\b", re.IGNORECASE), r"\1 is"),
    (re.compile(r"'(?:s|re|ve|ll|d|m)\b", re.IGNORECASE), " "),
    (re.compile(r"(?<=\d)\s*per\s?cent\b", re.IGNORECASE), "%"),
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),
    (re.compile(r"(?<![^\W_])e[\s_-]mail", re.IGNORECASE), "email"),
    (re.compile(r"\bv(?:er|ersion)?\.?\s?(\d+)\b", re.IGNORECASE), r"v\1"),
    (re.compile(r"\b(\d+)[\s-]?(?:d|days?)\b", re.IGNORECASE), r"\1 day"),
)
NUMBER_WORDS = frozenset(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve"]
)
_IRREGULAR = {"children": "child", "women": "woman", "men": "man", "people": "person"}
_NO_PLURALS = frozenset(("news", "means", "goods", "odds", "perhaps", "always", "besides"))
_INVARIANT_ENDINGS = ("ss", "us", "is")
_ARM_NOUNS = frozenset(("arm", "variant", "variation", "version", "treatment", "group", "option", "cell"))
_NEVER_AFTER_AN_ARTICLE = frozenset(
    ("do", "does", "did", "is", "are", "was", "has", "have", "had", "and", "or", "in", "on", "of", "for", "vs",
     "versus", "against", "to", "with", "than", "over", "at", "as", "by")
)  # fmt: skip
_QUOTES = "\"'“”„«»"
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as typed (for messages and upper-case codes), folded, and without its plural ending."""

    raw: str
    text: str
    stem: str
    glued: bool = False
    """Typed to the word before it with an underscore, as in an id."""
    opens: bool = False
    closes: bool = False
    """Has a quotation mark right before it, or right behind it."""

    @property
    def is_hard(self) -> bool:
        """Numbers, versions and single letters tell things apart: they are matched exactly or not at all."""
        return any(char.isdigit() for char in self.text) or len(self.text) == 1 or self.text in NUMBER_WORDS


def stem(word: str) -> str:
    """The word without a plural ending, the same for a question and for a name."""
    if word.removesuffix("s") in _IRREGULAR:
        return _IRREGULAR[word.removesuffix("s")]
    kept = word in _NO_PLURALS or word.endswith(_INVARIANT_ENDINGS) or any(char.isdigit() for char in word)
    if len(word) <= 3 or kept:
        return word
    if len(word) > 4 and word.endswith(("ies", "ie")):
        return word.removesuffix("s")[:-2] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of a question or a name."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'").replace("`", "'")
    for pattern, replacement in _CONTRACTIONS:
        plain = pattern.sub(replacement, plain)
    return tuple(_word(plain, found) for found in _TOKEN.finditer(plain))


def _word(plain: str, found: re.Match[str]) -> Word:
    raw, before, behind = found.group(), plain[: found.start()][-2:], plain[found.end() :][:1]
    decomposed = unicodedata.normalize("NFKD", raw.casefold())
    text = "".join(char for char in decomposed if not unicodedata.combining(char)).replace(" ", "").replace(",", ".")
    opens = before[-1:] in _QUOTES and bool(before) and not before[:-1].isalnum()
    return Word(raw.strip(), text, stem(text), before.endswith("_"), opens, behind != "" and behind in _QUOTES)


def is_letter(words: Sequence[Word], place: int) -> bool:
    """Whether an "a" is the letter that names something ("variant A", "trial a"), not the article."""
    word = words[place]
    if word.text != "a":
        return False
    following = words[place + 1] if place + 1 < len(words) else None
    if following is None or following.text in _NEVER_AFTER_AN_ARTICLE:
        return place > 0
    return word.raw == "A" and place > 0 and not following.raw[:1].isupper()


def plain(text: str) -> str:
    """A name or label as one line of text: whatever could steer a terminal or turn the reading round is left out."""
    if text.isprintable():  # as nearly all are
        return text
    kept = (" " if unicodedata.category(char) in ("Zl", "Zp") or char in "\t\n\r" else char for char in text)
    return "".join(char for char in kept if char in _JOINERS or unicodedata.category(char) not in _UNSEEN)


def flat(text: str) -> str:
    """A question as one line of lower case without punctuation, for forms that are matched as a whole."""
    return " ".join(re.sub(r"[?!.,;:()\"“”‘’'`]+(?=\s|$)|(?<!\w)[(\"“”‘’'`]+", " ", text.casefold()).split())


def stems_of(text: str) -> tuple[str, ...]:
    """The stems of a name: how the vocabulary is indexed."""
    return tuple(word.stem for word in words_of(text))


_UNSEEN = frozenset(("Cc", "Cf", "Cs"))


class Matcher(Protocol):
    """A pattern over masked questions."""

    def matches(self, masked: str) -> list[re.Match[str]]: ...


@dataclass(slots=True)
class Board:
    """The words of one question, and what each was read as. A word that nobody claims is a word not understood."""

    words: list[Word]
    marks: list[str] = field(default_factory=list)
    """Per word: '' while unread, otherwise the placeholder that stands for it in `masked`."""

    def __post_init__(self) -> None:
        self.marks = [""] * len(self.words)

    def copy(self) -> "Board":
        """A board of its own, read as far as this one."""
        made = Board(self.words)
        made.marks = list(self.marks)
        return made

    def free(self, start: int, end: int) -> bool:
        """True when none of the words in [start, end) has been read."""
        return not any(self.marks[start:end])

    def claim(self, start: int, end: int, mark: str) -> None:
        """Mark the words in [start, end) as read."""
        for place in range(start, end):
            self.marks[place] = mark if place == start else "+"

    def masked(self) -> tuple[str, list[int]]:
        """The question with a placeholder for each thing already read, and for each character its word's place."""
        parts: list[str] = []
        places: list[int] = []
        for place, (word, mark) in enumerate(zip(self.words, self.marks, strict=True)):
            if mark == "+":
                continue
            shown = mark or word.text
            parts.append(shown)
            places.extend([place] * (len(shown) + 1))
        return " ".join(parts), places

    def consume(self, pattern: Matcher, mark: str = "~") -> list[re.Match[str]]:
        """Claim the unread words of every match of `pattern` in the masked question."""
        text, places = self.masked()
        found = pattern.matches(text)
        for match in found:
            for place in {places[at] for at in range(match.start(), match.end()) if text[at] != " "}:
                if not self.marks[place]:
                    self.marks[place] = mark
        return found

    def places_of(self, pattern: Matcher) -> set[int]:
        """Places of the words in every match of `pattern`, claiming none."""
        text, places = self.masked()
        return {places[at] for match in pattern.matches(text) for at in range(match.start(), match.end())}

    def unread(self, harmless: frozenset[str]) -> list[int]:
        """Places of the words that nobody claimed and that are not harmless."""
        return [
            place
            for place, word in enumerate(self.words)
            if not self.marks[place]
            and (
                (word.text not in harmless and word.stem not in harmless)
                or self._names_an_arm(place)
                or self._is_a_code(place)
            )
        ]

    def _is_a_code(self, place: int) -> bool:
        """ "US" is no "us": two capitals among small letters, or a pronoun behind "the", stand for something."""
        word, before = self.words[place], self.words[place - 1].text if place else ""
        capitals = len(word.raw) == 2 and word.raw.isupper() and not all(other.raw.isupper() for other in self.words)
        return (capitals and word.raw not in ("OK", "IS", "DO")) or (word.text in ("us", "it") and before == "the")

    def _names_an_arm(self, place: int) -> bool:
        """ "Variant A" of an experiment that has none is not to be answered as if the letter weren't there."""
        introduced = place > 0 and self.words[place - 1].stem in _ARM_NOUNS
        return is_letter(self.words, place) and (introduced or self.words[place].raw == "A")

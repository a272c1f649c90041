"""Numbers written as English words: "twenty-five", "two hundred and five", "one point five", "a third", "doubled"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_SCALES: Final = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_PARTS: Final = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
    "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8, "eighths": 8,
    "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10, "hundredth": 100, "hundredths": 100,
}  # fmt: skip
_MULTIPLES: Final[dict[str, int | Decimal]] = {
    "double": 2, "doubled": 2, "doubles": 2, "doubling": 2, "twice": 2, "twofold": 2, "triple": 3, "tripled": 3,
    "triples": 3, "tripling": 3, "thrice": 3, "threefold": 3, "treble": 3, "trebled": 3, "quadruple": 4,
    "quadrupled": 4, "fourfold": 4, "fivefold": 5, "tenfold": 10, "hundredfold": 100, "halve": Decimal("0.5"),
    "halved": Decimal("0.5"), "halves": Decimal("0.5"), "halving": Decimal("0.5"),
}  # fmt: skip
VAGUE: Final = frozenset(
    ("dozens", "hundreds", "thousands", "millions", "billions", "trillions", "zillion", "umpteen", "myriad", "score",
     "scores", "prozent", "pourcent", "procent", "ciento", "cento", "porcento", "percentile", "percentiles",
     "permille", "gross", "googol", "nought", "nil")
)  # fmt: skip
"""Words for amounts that no rounding explains, or in a language that is not read here."""
ENGLISH: Final = frozenset((*_UNITS, *_TENS, *_SCALES))
"""The words that whole numbers are made of."""
_WHOLE: Final = "|".join((*_UNITS, *_TENS, *_SCALES))
_DIGIT: Final = "|".join(list(_UNITS)[:10])
_RUN: Final = re.compile(
    rf"(?i)\b(?:(?:a|an)\s+(?=(?:{'|'.join(_SCALES)})\b))?(?:{_WHOLE})\b"
    rf"(?:(?:\s*-\s*|\s+(?:and\s+(?:a\s+)?)?)(?:{_WHOLE})\b)*(?:\s+point(?:\s+(?:{_DIGIT})\b)+)?"
)
_FRACTION: Final = re.compile(
    rf"(?i)\b(?:(?P<count>a|an|{'|'.join(list(_UNITS)[1:11])})[\s-]+)?(?P<part>{'|'.join(_PARTS)})\b"
)
_MULTIPLE: Final = re.compile(rf"(?i)\b(?:{'|'.join(_MULTIPLES)})\b")
_COMPOUND: Final = re.compile(r"-(?!fold\b)[A-Za-z]")
_SIDED: Final = re.compile(r"(?i)-(?:sided|tailed|sample|proportion|way|sidedness)\b")


@dataclass(frozen=True, slots=True)
class Spelt:
    """A number in words, from `start` to `end` of the text. `kind`: whole, fraction or multiple; `value` None where
    the words make no number."""

    start: int
    end: int
    value: Decimal | None
    kind: str = "whole"


def spelt(text: str) -> Iterator[Spelt]:
    """Every number that is written in words."""
    taken: list[tuple[int, int]] = []
    for found in _fractions(text):
        taken.append((found.start, found.end))
        yield found
    for match in _MULTIPLE.finditer(text):
        if not _overlaps(match.span(), taken):
            taken.append(match.span())
            yield Spelt(*match.span(), Decimal(_MULTIPLES[match.group().casefold()]), "multiple")
    for match in _RUN.finditer(text):
        if _overlaps(match.span(), taken) or _SIDED.match(text, match.end()):
            continue
        words = re.split(r"[\s-]+", match.group().casefold())
        if words == ["one"] and _COMPOUND.match(text, match.end()):
            continue  # one-page
        yield Spelt(*match.span(), whole(words))


def whole(words: Sequence[str]) -> Decimal | None:
    """The number that these words make, or None: "two three" is none."""
    if "point" in words:
        place = list(words).index("point")
        before, digits = whole(words[:place]), [_UNITS[word] for word in words[place + 1 :]]
        return None if before is None else before + Decimal("0." + "".join(map(str, digits)))
    total = group = 0
    last = 10**15
    ceiling = 10**15
    for word in words:
        if word in ("and", "a", "an"):
            continue
        if word in _SCALES:
            scale = _SCALES[word]
            if scale <= 100:
                group, last = (group or 1) * scale, scale
            elif scale < ceiling:
                total, group, ceiling, last = total + (group or 1) * scale, 0, scale, scale
            else:
                return None
            continue
        value = _UNITS.get(word, _TENS.get(word))
        if value is None or not _follows(value, last):
            return None
        group, last = group + value, value
    return Decimal(total + group)


def _follows(value: int, last: int) -> bool:
    """Whether a number below a hundred may stand behind what was last read: units behind tens, anything behind a
    scale."""
    return last >= 100 or last == 12 or (20 <= last < 100 and last % 10 == 0 and 0 < value < 10)


def _fractions(text: str) -> Iterator[Spelt]:
    """ "a third", "two thirds", "half"; but "the third" and "the last quarter" name a place in an order."""
    for found in _FRACTION.finditer(text):
        part, count = found["part"].casefold(), (found["count"] or "").casefold()
        if not count and not part.startswith("hal"):
            continue
        if part == "halves" and not count:
            continue  # the verb
        number = Decimal(_UNITS.get(count, 1))
        yield Spelt(found.start(), found.end(), number / _PARTS[part], "fraction")


def _overlaps(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)

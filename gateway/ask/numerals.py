"""Reads every number out of a sentence, however it is written, with its unit and sign; what can't be read is named.

Nothing numeric is skipped: a digit, a percent sign or a number word that is no part of something read makes the
sentence unreadable, since it could say anything.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from gateway.ask.number_words import VAGUE, Spelt, spelt

MASK: Final = "\ue000"
"""Stands where a name was, which is no number whatever digits it holds."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the text. `value` is as written, less its sign: 15.04 for "15.04 %", 15000 for "15k"."""

    start: int
    end: int
    value: Decimal
    step: Decimal
    """What the last digit counts: 0.01 for 15.04."""
    unit: str = ""
    """"", %, points, bps, times, ratio, days, months, currency, p."""
    sign: int = 0
    """-1 or 1 where it is written, else 0."""
    bound: str = ""
    """`<` or `>` where the text says under or over."""
    inherits: str = ""
    """The unit of the number after it, where the two are a range."""
    spelt: bool = False

    @property
    def decimals(self) -> bool:
        """Whether digits after a decimal point are shown."""
        return self.step < 1


@dataclass(frozen=True, slots=True)
class Day:
    """A date of the text; the year may be left out."""

    start: int
    end: int
    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """Everything numeric in one text."""

    quantities: tuple[Quantity, ...]
    days: tuple[Day, ...]
    unreadable: str = ""
    """Something that is or may be a number and can't be read; empty where everything could."""


_MONTHS: Final = {
    name[:size]: place
    for place, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december"), 1)
    for size in (3, 4, len(name))
}  # fmt: skip
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO: Final = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2})?)?(?![\w-]*\d)")
_DAY_MONTH: Final = re.compile(
    rf"(?i)(?<!\w)(\d{{1,2}})(?:st|nd|rd"
    rf"|th)?\s+(?:of\s+)?({_MONTH})\b\.?(?:,?\s+(\d{{4}})(?!\d))?"
)
_MONTH_DAY: Final = re.compile(
    rf"(?i)\b({_MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd"
    rf"|th)?(?![\d.%])(?:,?\s+(\d{{4}})(?!\d))?"
)
_LITERAL: Final = re.compile(
    r"(?P<currency>[$€£¥]\s?)?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]*\d)|\d{1,3}(?: \d{3})+(?:\.\d+)?(?!\d)|\d+(?:[.,]\d+)?|\.\d+)"
    r"(?P<exponent>[eE][+−-]?\d{1,3})?"
    r"(?P<scale>\s?(?:k|K|M|mn|bn|B)(?![\w])|\s(?:thousand|million|billion|hundred)\b)?"
)
_UNIT: Final = re.compile(
    r"(?i)[\s-]?(?:"
    r"(?P<points>%[\s-]?(?:points?|pts?)\b|percent(?:age)?[\s-]points?\b|pct[\s-]?pts?\b|p\.p\.|pp\b|ppts?\b|ppt\b|"
    r"pts?\b|points?\b)"
    r"|(?P<bps>basis[\s-]points?\b|bps?\b)"
    r"|(?P<percent>%|per\s?cents?\b|pct\b)"
    r"|(?P<times>x\b|×|times\b|fold\b)"
    r"|(?P<weeks>weeks?\b|wks?\b)|(?P<days>days?\b|d\b)|(?P<months>months?\b|quarters?\b|years?\b|yrs?\b)"
    r"|(?P<ordinal>(?:st|nd|rd|th)\b)"
    r"|(?P<plain>ms\b|msec\b|s\b|secs?\b|seconds?\b|min\b|minutes?\b|h\b|hours?\b|usd\b|eur\b|gbp\b|dollars?\b|"
    r"euros?\b)"
    r")"
)
_SIGNS: Final = {"+": 1, "-": -1, "−": -1, "–": -1}
_SIGN_WORDS: Final = re.compile(r"(?i)\b(?:(minus|negative)|plus|positive)\s+$")
_BOUNDS: Final = re.compile(
    r"(?i)(?:(?P<under>[<≤]=?|\b(?:under|below|less than|fewer than|lower than|at most|up to|no more than))"
    r"|(?P<over>[>≥]=?|\b(?:over|above|more than|greater than|higher than|at least|exceed(?:s|ed|ing)?)))\s*$"
)
_RANGE: Final = re.compile(
    r"(?i)^\s*(?:–|—|-|to|and|through|or|,|;|\.\.\.?|…|/|vs\.?|versus"
    r"|against)\s*[\[(]?[+−-]?\s*$"
)
_RATIO: Final = re.compile(r"(?i)^\s*(?:in(?: every)?|out of(?: every)?|of every|/|:|⁄|∶)\s*$")
_IN_WORDS: Final = re.compile(r"(?i)\bper\s?cents?\b|\bpct\b")
_MIXED: Final = re.compile(r"[A-Za-z_]+\d\w*|\d+[A-Za-z_]\w*")
_WORD: Final = re.compile(r"[^\W\d_]+")


def read(text: str) -> Read:
    """Every number of a text. Names that may hold digits are to be masked with `MASK` before."""
    days = tuple(_days(text))
    left = _without(text, days)
    spelt_out = list(spelt(left))
    odd = next((left[item.start : item.end] for item in spelt_out if item.value is None), "")
    found = sorted([*_literals(left), *_from_words(left, spelt_out)], key=lambda item: item.start)
    found = _ratios(left, [replace(item, sign=_sign(left, item), bound=_bound(left, item)) for item in found])
    found = _with_units_of_ranges(left, found)
    found = [item for item in found if not (item.spelt and item.value == 1 and not item.unit and not item.inherits)]
    return Read(tuple(found), days, odd or _leftover(_without(left, found)))


def bare(text: str) -> list[float]:
    """Every number in digits by itself, whatever stands around it: what a user may have meant by it is open."""
    return [float(_literal(found).value) for found in _LITERAL.finditer(text)]


def _days(text: str) -> Iterator[Day]:
    spans: list[tuple[int, int]] = []
    for pattern, order in ((_ISO, (1, 2, 3)), (_DAY_MONTH, (3, 2, 1)), (_MONTH_DAY, (3, 1, 2))):
        for found in pattern.finditer(text):
            year, month, day = (found[place] for place in order)
            number = int(month) if month.isdecimal() else _MONTHS[month.casefold()]
            if any(found.start() < end and start < found.end() for start, end in spans):
                continue
            if _is_day(int(year or 2024), number, int(day)):
                spans.append(found.span())
                yield Day(*found.span(), number, int(day), int(year) if year else None)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _literals(text: str) -> Iterator[Quantity]:
    """Numbers in digits, each with its unit."""
    place = 0
    while found := _LITERAL.search(text, place):
        place = found.end()
        before = text[found.start() - 1 : found.start()]
        if (
            before.isalnum()
            or before == "_"
            or (before == "." and text[found.start() - 2 : found.start() - 1].isdigit())
        ):
            place = found.start() + len(found.group().split(" ")[0])
            continue  # the rest of a word
        made = _literal(found)
        unit = _UNIT.match(text, found.end())
        if unit:
            made, place = _united(made, unit, text), unit.end()
        after = text[place : place + 1]
        if after.isalnum() or after == "_" or (after in (".", ",") and text[place + 1 : place + 2].isdigit()):
            continue  # not a number but a word that begins with one
        yield replace(made, end=place)


def _literal(found: re.Match[str]) -> Quantity:
    digits = found["digits"].replace(" ", "")
    if re.fullmatch(r"\d+,\d+", digits) and not re.fullmatch(r"\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(",", ".")  # a decimal comma
    digits = digits.replace(",", "")
    exponent = int((found["exponent"] or "e0")[1:].replace("−", "-"))
    scale = _scale((found["scale"] or "").strip())
    try:
        value = Decimal(digits).scaleb(exponent) * scale
    except InvalidOperation:  # pragma: no cover - the pattern admits nothing else
        value = Decimal(0)
    decimals = len(digits.partition(".")[2])
    step = Decimal(1).scaleb(exponent - decimals) * scale
    return Quantity(found.start(), found.end(), value, step, "currency" if found["currency"] else "")


def _scale(word: str) -> int:
    return {"k": 10**3, "K": 10**3, "thousand": 10**3, "M": 10**6, "mn": 10**6, "million": 10**6, "bn": 10**9,
            "B": 10**9, "billion": 10**9, "hundred": 100}.get(word, 1)  # fmt: skip


def _united(made: Quantity, unit: re.Match[str], text: str) -> Quantity:
    """A number with the unit behind it."""
    name = unit.lastgroup or ""
    if name == "weeks":
        return replace(made, value=made.value * 7, step=made.step * 7, unit="days")
    if name == "ordinal" and text[unit.start() : unit.start() + 1] in " -":
        return replace(made, unit="")
    return replace(made, unit={"percent": "%", "ordinal": "", "plain": made.unit}.get(name, name))


def _from_words(text: str, found: Sequence[Spelt]) -> Iterator[Quantity]:
    for item in found:
        if item.value is None:
            continue
        if item.kind != "whole":
            unit = "ratio" if item.kind == "fraction" else "times"
            yield Quantity(item.start, item.end, item.value, Decimal(0), unit, spelt=True)
            continue
        step = Decimal(1) if item.value == item.value.to_integral_value() else Decimal(1).scaleb(_exponent(item.value))
        made = Quantity(item.start, item.end, item.value, step, spelt=True)
        unit_found = _UNIT.match(text, item.end)
        if unit_found and unit_found.lastgroup not in ("ordinal", "plain"):
            made = replace(_united(made, unit_found, text), end=unit_found.end())
        yield made


def _exponent(value: Decimal) -> int:
    found = value.as_tuple().exponent
    return found if isinstance(found, int) else 0


def _sign(text: str, item: Quantity) -> int:
    before = text[: item.start]
    words = _SIGN_WORDS.search(before)
    if words:
        return -1 if words[1] else 1
    sign = _SIGNS.get(before[-1:], 0)
    earlier = before[-2:-1]
    return 0 if earlier.isalnum() or earlier in ("%", ")") or earlier == MASK else sign


def _bound(text: str, item: Quantity) -> str:
    before = text[: item.start].rstrip("+−-– ") if item.sign else text[: item.start]
    found = _BOUNDS.search(before)
    return "" if found is None else "<" if found["under"] else ">"


def _ratios(text: str, found: list[Quantity]) -> list[Quantity]:
    """ "one in eight", "3 out of 4", "1/8": two numbers that are one."""
    made: list[Quantity] = []
    for item in found:
        last = made[-1] if made else None
        joined = last is not None and _RATIO.match(text[last.end : item.start])
        if last is not None and joined and not last.unit and not item.unit and item.value:
            if last.value + item.value == 100 and text[last.end : item.start].strip() in ("/", ":"):
                made[-1:] = [replace(last, unit="%"), replace(item, unit="%")]  # a split
            else:
                made[-1] = Quantity(last.start, item.end, last.value / item.value, Decimal(0), "ratio", spelt=False)
        else:
            made.append(item)
    return made


def _with_units_of_ranges(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """Numbers with the unit that a range says once, at its end."""
    made: list[Quantity] = []
    for item in reversed(found):
        after = made[-1] if made else None
        unit = (after.unit or after.inherits) if after is not None else ""
        if after is not None and unit and not item.unit and _RANGE.match(text[item.end : after.start]):
            item = replace(item, inherits=unit)
        made.append(item)
    return made[::-1]


def _without(text: str, taken: Sequence[Quantity | Day]) -> str:
    for item in taken:
        text = text[: item.start] + MASK * (item.end - item.start) + text[item.end :]
    return text


def _leftover(text: str) -> str:
    """The first thing that could be a number and was not read as one."""
    found = _MIXED.search(text) or re.search(r"[%‰‱±^]|\d|&#|&\w+;", text) or _IN_WORDS.search(text)
    if found:
        return found.group()
    for char in text:
        if not char.isascii() and char != MASK and unicodedata.numeric(char, None) is not None:
            return char
    for word in _WORD.findall(text):
        if word.casefold() in VAGUE or not _is_latin(word):
            return str(word)
    return ""


def _is_latin(word: str) -> bool:
    """Other scripts have number words of their own, and letters that pass for Latin ones."""
    return word.isascii() or all(char == MASK or "LATIN" in unicodedata.name(char, "") for char in word)

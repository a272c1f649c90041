"""Prose in another language: its number words and its judgements are not read here, so that it can't be checked.

Two nets, both coarse: words for numbers in the languages that models answer in most, and sentences of some length
without a single one of the small words that no English sentence does without.
"""

import re
from typing import Final

from gateway.ask.number_words import ENGLISH

_NUMBERS: Final = frozenset(
    """
    zwei drei vier fünf sechs sieben acht neun zehn zwölf hälfte doppelt verdoppelt halbiert drittel viertel
    deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante
    soixante mille moitié doublé triplé
    dos tres cuatro cinco seis siete ocho nueve diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa
    cien mitad doble duplicó
    quattro cinque sette otto nove dieci venti trenta quaranta cinquanta sessanta settanta ottanta novanta metà
    dois três quatro oito vinte trinta quarenta cinquenta metade
    twee drie vijf zes zeven negen tien twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd
    duizend helft verdubbeld
    """.split()  # noqa: SIM905 - a list of words
)
_GERMAN: Final = re.compile(
    r"(?i)\w*(?:zwanzig|drei(?:ß|ss)ig|(?:vier|fünf|fuenf|sech|sieb|acht|neun)zig|hundert|tausend)\w*"
)
"""Written as one word: dreiundsiebzig."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_SMALL: Final = frozenset(
    """
    about after and are be because been before but by can did does for from had has have into it its more not only other
    out same some than that the their then there these they this those to up were what when where which while who why
    will with within without you your per both each users units rate lift better worse higher lower interval chance
    sample mismatch exposed table rows arms shows
    """.split()  # noqa: SIM905 - a list of words
)
"""Small words, and the commonest of the field; without those that other languages share: in, was, so, no, on."""
_MOST: Final = 7
"""Words that may stand together without a small one: a heading, an item of a list."""


def foreign(text: str) -> str:
    """The first sign that a text is not English, or nothing."""
    words = [word.casefold() for word in _WORD.findall(text)]
    found = next((word for word in words if word in _NUMBERS), "")
    german = _GERMAN.search(text)
    if found or german:
        return found or (german.group() if german else "")
    counted = [word for word in words if word not in ENGLISH]
    return text if len(counted) > _MOST and not _SMALL & set(counted) else ""

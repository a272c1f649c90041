"""Ids of audit events: short, unique without asking anyone, and sorted as the events are."""

import secrets
import time
from typing import Final

PREFIX: Final = "q-"
RUN_PREFIX: Final = "run-"
LENGTH: Final = 20
_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: ascending, and none is mistaken for another
_BODY: Final = LENGTH - len(PREFIX)
_RANDOM_BITS: Final = 40


def next_id(previous: str = "") -> str:
    """An id from the clock and 40 random bits, later than the one before even if the clock stood still or went back."""
    milliseconds = time.time_ns() // 1_000_000
    fresh = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    return _encode(max(fresh, _decode(previous) + 1) if previous else fresh)


def run_id() -> str:
    """An id for one run of a statement: what the engine's own records and the audit log both know it by."""
    return RUN_PREFIX + next_id().removeprefix(PREFIX)


def _encode(number: int) -> str:
    digits = []
    for _ in range(_BODY):
        number, digit = divmod(number, 32)
        digits.append(_DIGITS[digit])
    return PREFIX + "".join(reversed(digits))


def _decode(text: str) -> int:
    number = 0
    for digit in text.removeprefix(PREFIX):
        number = number * 32 + _DIGITS.index(digit)
    return number

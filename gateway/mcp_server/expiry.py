"""When a token stops being good, as people write it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from gateway.errors import UsageError

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST_DAYS: Final = 36_500


def moment(text: str) -> datetime:
    """The moment that a text such as `90d`, `12h` or `2026-12-31` means; a date lasts until it ends, in UTC.

    Raises UsageError for what is neither.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,5})([mhdw])", text.strip())
    try:
        if found:
            span = timedelta(**{_UNITS[found[2]]: int(found[1])})
            if span <= timedelta(days=_LONGEST_DAYS):
                return datetime.now(UTC) + span
        else:
            return datetime.combine(date.fromisoformat(text.strip()) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        pass
    raise UsageError(f"{text!r} is no time to expire at", hint="such as 90d, 12h, or 2026-12-31")

"""Days in plain words, and what is no day."""

from datetime import date

import pytest

from gateway.ask.dates import Days, YearNeeded, days_in


def _days(start: str | None, end: str | None) -> Days:
    return Days(date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("in february 2026", _days("2026-02-01", "2026-03-01")),
        ("in december 2025", _days("2025-12-01", "2026-01-01")),
        ("in feb", _days("2026-02-01", "2026-03-01")),
        ("on 5 february 2026", _days("2026-02-05", "2026-02-06")),
        ("on the 5th of february", _days("2026-02-05", "2026-02-06")),
        ("february 3rd", _days("2026-02-03", "2026-02-04")),
        ("on 2026-02-28", _days("2026-02-28", "2026-03-01")),
        ("after 2026-02-03", _days("2026-02-04", None)),
        ("since 2026-02-03", _days("2026-02-03", None)),
        ("from march on", _days("2026-03-01", None)),
        ("before 3 feb 2026", _days(None, "2026-02-03")),
        ("until 3 feb", _days(None, "2026-02-04")),
        ("by may", _days(None, "2026-06-01")),
        ("in 2025", _days("2025-01-01", "2026-01-01")),
        ("in q1 2026", _days("2026-01-01", "2026-04-01")),
        ("in q4", _days("2026-10-01", "2027-01-01")),
        ("between 2 and 4 feb", _days("2026-02-02", "2026-02-05")),
        ("between 30 january and 2 february", _days("2026-01-30", "2026-02-03")),
        ("from 20 december 2025 to 2 january 2026", _days("2025-12-20", "2026-01-03")),
    ],
)
def test_days_are_half_open(text: str, days: Days) -> None:
    assert days_in(text, {2026}) == days


@pytest.mark.parametrize(
    "text",
    ["last week", "yesterday", "recently", "on monday", "31 february", "between 4 and 2 feb", "in 5", "february maybe",
     "2026-13-01", ""],
)  # fmt: skip
def test_what_names_no_days_is_none(text: str) -> None:
    assert days_in(text, {2026}) is None


def test_a_missing_year_is_asked_for_where_several_would_do() -> None:
    assert days_in("in february", {2026, 2025}) == YearNeeded((2025, 2026))
    assert days_in("in february", set()) == YearNeeded(())
    assert days_in("in february 2024", {2026, 2025}) == _days("2024-02-01", "2024-03-01")


def test_days_are_told_with_their_last_day() -> None:
    assert _days("2026-02-01", "2026-03-01").in_words() == "from 2026-02-01 to 2026-02-28"
    assert _days("2026-02-05", "2026-02-06").in_words() == "on 2026-02-05"
    assert _days("2026-02-05", None).in_words() == "from 2026-02-05 on"
    assert _days(None, "2026-02-05").in_words() == "before 2026-02-05"

"""The chain of hashes: it holds for what was written, and breaks where anything was changed, removed or moved."""

import hashlib
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.chain import GENESIS, Problem, canonical, hash_event, verify
from gateway.audit.event import AuditEvent
from gateway.audit.ids import LENGTH, next_id


def _chain(count: int) -> list[AuditEvent]:
    events: list[AuditEvent] = []
    previous, last = GENESIS, ""
    for number in range(count):
        last = next_id(last)
        event = AuditEvent("cli.ask", "answered", question=f"question {number}", id=last, previous_hash=previous)
        events.append(replace(event, hash=hash_event(event, previous)))
        previous = events[-1].hash
    return events


def test_a_chain_as_written_has_no_problems() -> None:
    assert verify(_chain(5)) == []
    assert verify([]) == []


def test_a_changed_event_is_found_where_it_is() -> None:
    events = _chain(4)
    events[2] = replace(events[2], question="something else")
    assert verify(events) == [Problem(events[2].id, "its content is not what was written")]


def test_a_changed_event_that_was_sealed_anew_is_found_at_the_next() -> None:
    events = _chain(4)
    forged = replace(events[1], question="something else")
    events[1] = replace(forged, hash=hash_event(forged, forged.previous_hash))
    assert [problem.event_id for problem in verify(events)] == [events[2].id]


def test_a_removed_event_is_found_at_the_next() -> None:
    events = _chain(4)
    first, *_, last = events
    assert [problem.event_id for problem in verify([first, last])] == [last.id]
    assert [problem.event_id for problem in verify(events[1:])] == [events[1].id]


def test_swapped_events_are_found() -> None:
    events = _chain(4)
    events[1], events[2] = events[2], events[1]
    assert {problem.event_id for problem in verify(events)} == {event.id for event in events[1:]}


@given(
    field=st.sampled_from([f.name for f in fields(AuditEvent) if f.name not in {"hash", "previous_hash"}]),
    text=st.text(min_size=1).filter(str.strip),
    number=st.integers(1, 10**6),
)
def test_every_field_is_sealed(field: str, text: str, number: int) -> None:
    event = AuditEvent("cli.ask", "answered", seconds=0.5, rows=0)
    kind = type(getattr(event, field))
    value = {str: text, int: number, float: number + 0.25, list: [{"text": text}], dict: {"text": text}}[kind]
    assert hash_event(replace(event, **{field: value}), GENESIS) != hash_event(event, GENESIS)  # type: ignore[arg-type]


def test_the_previous_hash_is_sealed() -> None:
    event = AuditEvent("cli.ask", "answered")
    assert hash_event(event, "a" * 64) != hash_event(event, GENESIS)


def test_the_seal_of_an_event_is_pinned() -> None:
    """Logs are verified years later: if this changes, old logs no longer verify."""
    event = AuditEvent("cli.ask", "answered", question="größer?", rows=2, seconds=0.25, id="q-1", calls=[{"tool": "t"}])
    text = (
        '["",{"calls":[{"tool":"t"}],"channel":"cli.ask","id":"q-1","question":"gr\\u00f6\\u00dfer?",'
        '"rows":2,"seconds":0.25,"status":"answered"}]'
    )
    assert hash_event(event, GENESIS) == hashlib.sha256(text.encode()).hexdigest()


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"value": float("nan")})


@given(st.integers(0, 2**88 - 2))
def test_the_next_id_comes_after_the_one_before_whatever_the_clock_says(number: int) -> None:
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    previous = "q-" + "".join(digits[number >> shift & 31] for shift in range(85, -1, -5))
    following = next_id(previous)
    assert following > previous
    assert len(following) == LENGTH


def test_ids_do_not_repeat() -> None:
    assert len({next_id() for _ in range(1000)}) == 1000

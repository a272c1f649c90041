"""The hash chain of the audit log: each event seals the one before it, so that no past event changes unseen.

Pure functions over events. Whoever holds the last hash elsewhere can also tell that the newest events were cut off.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

from gateway.audit.event import AuditEvent

GENESIS: Final = ""
"""What the first event carries as its previous hash."""

_SEALED_FIELDS: Final = tuple(sorted(f.name for f in fields(AuditEvent) if f.name not in {"hash", "previous_hash"}))


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where the log is not what was written."""

    event_id: str
    message: str


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, ASCII, no spaces. NaN is not JSON and is refused with ValueError."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hash_event(event: AuditEvent, previous_hash: str) -> str:
    """SHA-256 over every field of the event and the hash of the event before it."""
    content = {name: getattr(event, name) for name in _SEALED_FIELDS}
    # A field without a value is left out, so that a field added later does not break the seals of older events.
    present = {name: value for name, value in content.items() if value not in ("", 0, [], {}, None)}
    return hashlib.sha256(canonical([previous_hash, present]).encode("ascii")).hexdigest()


def verify(events: Iterable[AuditEvent]) -> list[Problem]:
    """Every break of the chain, oldest event first. Empty means that all events are as they were written."""
    return list(_breaks(events))


def _breaks(events: Iterable[AuditEvent]) -> Iterator[Problem]:
    previous_hash, previous_id = GENESIS, ""
    for event in events:
        if event.previous_hash != previous_hash:
            after = f"after {previous_id}" if previous_id else "as the first event"
            yield Problem(event.id, f"does not follow {after}: an event was removed, added or changed before it")
        if event.hash != hash_event(event, event.previous_hash):
            yield Problem(event.id, "its content is not what was written")
        if event.id <= previous_id:
            yield Problem(event.id, f"its id does not come after {previous_id}")
        previous_hash, previous_id = event.hash, event.id

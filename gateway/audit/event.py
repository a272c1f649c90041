"""What is remembered of a request: who asked what, what was proposed, what ran, and what came back."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One request, approved or refused. Everything is JSON-ready; `id`, `at` and `hash` are set when it is written."""

    channel: str
    """cli.ask, cli.chat, cli.sql, cli.guard, mcp, python …"""
    status: str
    """The answer's status: answered, blocked, clarify, error."""
    principal: str = ""
    role: str = ""
    question: str = ""
    interpretation: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Tool calls in order: {"tool", "arguments"}."""
    queries: list[dict[str, Any]] = field(default_factory=list)
    """As in the answer: proposed, approved, verdict, warnings, violations; and row_count, seconds, query_id."""
    engine: str = ""
    rows: int = 0
    seconds: float = 0.0
    evidence: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    error: str = ""
    model: dict[str, Any] = field(default_factory=dict)
    """Of an answer that a model had a part in: its name, how it ended, steps, tokens, the ids under which its calls
    are on record, the calls that were turned back, and the sentences that were withheld."""
    fingerprint: str = ""
    """Of the contract as the role saw it."""
    conversation: str = ""
    """What the request belongs to; empty where it stands alone."""
    looks: list[dict[str, Any]] = field(default_factory=list)
    """As in the answer: what the conversation had examined of each experiment, this request included."""
    id: str = ""
    at: str = ""
    """UTC, ISO 8601 with microseconds."""
    previous_hash: str = ""
    hash: str = ""
